//! Pictures, sound, files and batches: as they came to providers of the same family, and to nobody else.

use bytes::Bytes;
use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::stand::{Stand, assert_row, assert_unknown_cost};
use crate::support::client::Request;
use crate::support::prices::MODEL;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::PLAIN;
use crate::support::upstream::{Script, Upstream};

const BOUNDARY: &str = "----a boundary of ours";

/// A form with a name, and a file of bytes that are no text.
fn form() -> Bytes {
    let mut body = format!(
        "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"model\"\r\n\r\n{MODEL}\r\n\
         --{BOUNDARY}\r\ncontent-disposition: form-data; name=\"image\"; filename=\"a.png\"\r\n\
         content-type: image/png\r\n\r\n"
    )
    .into_bytes();
    body.extend((0..=255_u8).cycle().take(70_000));
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
    body.into()
}

#[tokio::test]
async fn forms_with_pictures_and_sound_go_out_and_come_back_byte_for_byte() {
    let upstream = Upstream::start();
    let switchyard = Switchyard::start().await;
    switchyard.add_provider("openai-compatible", &upstream.url(), json!({})).await;
    let user = switchyard.add_user(json!({})).await;
    let sound: Vec<u8> = (0..=255_u8).cycle().take(100_000).collect();
    for (done, path) in
        ["/v1/images/edits", "/v1/images/variations", "/v1/audio/transcriptions", "/v1/files"]
            .into_iter()
            .enumerate()
    {
        upstream.reset();
        upstream.forget();
        upstream
            .always(Script::status(200).header("content-type", "audio/mpeg").body(sound.clone()));
        let kind = format!("multipart/form-data; boundary=\"{BOUNDARY}\"");
        let request = post_form(path, &user.key);
        let answer = switchyard.send(&request).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert_eq!(answer.body[..], sound[..], "{path}");
        assert_eq!(answer.header("content-type"), Some("audio/mpeg"));
        let seen = upstream.only_request();
        assert_eq!((seen.path.as_str(), seen.header("content-type")), (path, Some(kind.as_str())));
        assert_eq!(seen.body, form(), "{path}");
        let row = switchyard.rows_when(done + 1).await.remove(0);
        assert_unknown_cost(&row);
        assert_eq!(row["edits"], json!([]), "{row:#}");
    }
}

fn post_form(path: &str, key: &str) -> Request {
    let kind = format!("multipart/form-data; boundary=\"{BOUNDARY}\"");
    let mut request = Request::get(path).header("content-type", &kind).bearer(key);
    "POST".clone_into(&mut request.method);
    request.body(form())
}

#[tokio::test]
async fn lists_of_models_words_and_redirects_hold_for_forms_and_batches() {
    let upstream = Upstream::start();
    let switchyard = Switchyard::start().await;
    let redirect = json!({ "model_redirects": { MODEL: "theirs" } });
    switchyard.add_provider("openai-compatible", &upstream.url(), redirect).await;
    switchyard.add_provider("claude", &upstream.url(), json!({})).await;
    let user = switchyard.add_user(json!({})).await;
    let blocked = switchyard.add_user(json!({ "name": "Bob", "blockedModels": [MODEL] })).await;

    assert_eq!(switchyard.send(&post_form("/v1/images/edits", &user.key)).await.status, 200);
    let sent = String::from_utf8_lossy(&upstream.only_request().body).into_owned();
    assert!(sent.contains("name=\"model\"\r\n\r\ntheirs\r\n--"), "{}", &sent[..200]);
    let row = switchyard.only_row().await;
    assert_eq!(
        (&row["originalModel"], &row["model"]),
        (&json!(MODEL), &json!("theirs")),
        "{row:#}"
    );

    let batch = json!({ "model": "another", "requests": [
        { "custom_id": "1", "params": { "model": "another", "messages": [] } },
        { "custom_id": "2", "params": { "model": MODEL, "messages": [{ "role": "user", "content": "VERBOTEN" }] } } ] });
    let batch = |key: &str| Request::post("/v1/messages/batches", batch.to_string()).bearer(key);
    let hidden = format!("\u{feff}{{\"model\":\"{MODEL}\",\"prompt\":\"x\"}}");
    let hidden = Request::post("/v1/images/generations", hidden).bearer(&blocked.key);
    for (request, words) in [
        (post_form("/v1/audio/transcriptions", &blocked.key), "may not use"),
        (batch(&blocked.key), "may not use"),
        (hidden, "not valid JSON"),
    ] {
        let answer = switchyard.send(&request).await;
        assert!(answer.status == 400 && answer.text().contains(words), "{}", answer.text());
    }
    let smuggled =
        json!({ "model": MODEL, "max_tokens": 9, "messages": [{ "role": "user", "content": "x" }],
        "requests": [{ "params": { "model": "another" } }] })
        .to_string();
    let answer =
        switchyard.send(&Request::post("/v1/messages", smuggled).bearer(&blocked.key)).await;
    assert!(answer.text().contains("may not use"), "{}", answer.text());
    assert_eq!(switchyard.send(&batch(&user.key)).await.status, 200);
    for word in ["verboten", "test-model"] {
        let word = json!({ "word": word, "matchType": "contains" });
        switchyard.admin("sensitive-words/createSensitiveWordAction", word).await;
    }
    for request in [batch(&user.key), post_form("/v1/images/edits", &user.key)] {
        let answer = switchyard.send(&request).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
    }
    assert_eq!(upstream.count(), 2);
}

#[tokio::test]
async fn an_error_with_a_good_status_is_one_where_something_was_to_be_made() {
    let (first, second) = (Upstream::start(), Upstream::start());
    let switchyard = Switchyard::start().await;
    switchyard.serve_at(Dialect::OpenaiChat, &first, 0).await;
    switchyard.serve_at(Dialect::OpenaiChat, &second, 1).await;
    let user = switchyard.add_user(json!({})).await;
    let page = Script::status(200).header("content-type", "text/html").body("<html>no</html>");
    let error = Script::json(200, json!({ "error": { "message": "no" } }).to_string());
    second.always(Script::json(200, json!({ "data": [{ "b64_json": "QQ==" }] }).to_string()));
    for (done, script) in [page, error.clone()].into_iter().enumerate() {
        first.reset();
        first.always(script);
        let body = json!({ "model": MODEL, "prompt": "x" }).to_string();
        let request = Request::post("/v1/images/generations", body).bearer(&user.key);
        let answer = switchyard.send(&request).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!((answer.text().contains("b64_json"), second.count()), (true, done + 1));
    }
    // What lies there may look as it does.
    first.reset();
    first.always(error);
    let file = Request::get("/v1/files/file-1/content").bearer(&user.key);
    let answer = switchyard.send(&file).await;
    assert!(answer.status == 200 && answer.text().contains("error"), "{}", answer.text());
}

#[tokio::test]
async fn an_answer_without_a_body_is_whole() {
    let upstream = Upstream::start();
    let switchyard = Switchyard::start().await;
    switchyard.serve(Dialect::OpenaiChat, &upstream).await;
    let user = switchyard.add_user(json!({})).await;
    let empty = Script::status(200).header("content-type", "application/json").body("");
    let head = Script::status(200).header("content-length", "5").head();
    for (done, (method, script)) in
        [("GET", empty.clone()), ("DELETE", empty), ("HEAD", head)].into_iter().enumerate()
    {
        upstream.reset();
        upstream.always(script);
        let mut request = Request::get("/v1/files/file-1").bearer(&user.key);
        method.clone_into(&mut request.method);
        let answer = switchyard.client().open(&request).await.expect("an answer's head");
        assert_eq!(answer.status, 200, "{method}");
        let row = switchyard.rows_when(done + 1).await.remove(0);
        assert_eq!(
            (&row["statusCode"], &row["errorMessage"]),
            (&json!(200), &Value::Null),
            "{method}: {row:#}"
        );
    }
}

#[tokio::test]
async fn old_completions_are_counted_and_billed() {
    let stand = Stand::new().await;
    let body = json!({ "model": MODEL, "prompt": "Say", "stream": true }).to_string();
    let request = || Request::post("/v1/completions", body.clone()).bearer(&stand.user.key);
    let usage = json!({ "prompt_tokens": PLAIN.input, "completion_tokens": PLAIN.output });
    let frame = |text: &str, finish: Value, usage: Value| {
        let choices = if usage.is_null() {
            json!([{ "index": 0, "text": text, "finish_reason": finish }])
        } else {
            json!([])
        };
        let chunk = json!({ "object": "text_completion", "choices": choices, "usage": usage });
        format!("data: {chunk}\n\n")
    };
    let frames = [
        frame("Hel", Value::Null, Value::Null),
        frame("lo.", json!("stop"), Value::Null),
        frame("", Value::Null, usage.clone()),
        "data: [DONE]\n\n".to_owned(),
    ];
    stand.upstream.once(Script::frames(frames));
    let answer = stand.switchyard.send(&request()).await;
    assert!(answer.status == 200 && !answer.text().contains("usage\":{"), "{}", answer.text());
    assert_eq!(stand.upstream.only_request().json()["stream_options"]["include_usage"], true);
    assert_row(&stand.switchyard.only_row().await, 200, &PLAIN);
    // A bad answer is one.
    let whole = json!({ "object": "text_completion", "usage": usage,
        "choices": [{ "index": 0, "text": "Hello.", "finish_reason": "stop" }] });
    stand.upstream.once(Script::json(200, json!({ "error": { "message": "no" } }).to_string()));
    stand.upstream.once(Script::json(200, whole.to_string()));
    let body = json!({ "model": MODEL, "prompt": "Say" }).to_string();
    let request = Request::post("/v1/completions", body).bearer(&stand.user.key);
    let answer = stand.switchyard.send(&request).await;
    assert_eq!((answer.status, answer.text()), (200, whole.to_string()));
    assert_row(&stand.switchyard.rows_when(2).await[0], 200, &PLAIN);
}

#[tokio::test]
async fn each_family_has_its_own_providers_and_no_others() {
    let upstream = Upstream::start();
    let switchyard = Switchyard::start().await;
    for kind in ["claude", "gemini"] {
        switchyard.add_provider(kind, &upstream.url(), json!({})).await;
    }
    let user = switchyard.add_user(json!({})).await;
    let openai = [
        "/v1/images/generations",
        "/v1/audio/speech",
        "/v1/moderations",
        "/v1/files",
        "/v1/batches",
        "/v1/fine_tuning/jobs",
    ];
    for path in openai {
        let body = json!({ "model": MODEL, "input": "x", "prompt": "x" }).to_string();
        let answer = switchyard.send(&Request::post(path, body).bearer(&user.key)).await;
        assert_eq!((answer.status, upstream.count()), (503, 0), "{path}: {}", answer.text());
    }
    switchyard.add_provider("codex", &upstream.url(), json!({})).await;
    for (asked, path) in openai.into_iter().enumerate() {
        let body = json!({ "model": MODEL, "input": "x", "prompt": "x" }).to_string();
        let answer = switchyard.send(&Request::post(path, body).bearer(&user.key)).await;
        assert_eq!((answer.status, upstream.count()), (200, asked + 1), "{path}");
    }
    for (asked, path) in ["/v1/messages/batches", "/v1beta/files"].into_iter().enumerate() {
        let answer = switchyard.send(&Request::get(path).bearer(&user.key)).await;
        assert_eq!((answer.status, upstream.count()), (200, openai.len() + asked + 1), "{path}");
    }
    for nowhere in ["/v3/images", "/v1/organization/usage"] {
        let answer = switchyard.send(&Request::get(nowhere).bearer(&user.key)).await;
        assert_eq!(answer.status, 404, "{nowhere}");
    }
}
