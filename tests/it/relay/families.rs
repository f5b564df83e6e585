//! Pictures, sound, files and batches: as they came to providers of the same family, and to nobody else.

use bytes::Bytes;
use serde_json::json;

use super::stand::assert_unknown_cost;
use crate::support::client::Request;
use crate::support::prices::MODEL;
use crate::support::switchyard::Switchyard;
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
        let mut request = Request::get(path).header("content-type", &kind).bearer(&user.key);
        "POST".clone_into(&mut request.method);
        let request = request.body(form());
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
    let nowhere = switchyard.send(&Request::get("/v3/images").bearer(&user.key)).await;
    assert_eq!(nowhere.status, 404);
}
