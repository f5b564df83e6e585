//! Where an answer ends when its protocol does not say so itself: Gemini's streams and lists, long
//! documents, and streams of operations that are passed on unjudged.

use std::time::Duration;

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::stand::{Pair, Stand, assert_row};
use crate::support::client::{End, Request};
use crate::support::prices::MODEL;
use crate::support::upstream::Script;
use crate::support::upstream::answers::{self, PLAIN, Tokens, frames, truncated};

const GEMINIS: [Dialect; 2] = [Dialect::Gemini, Dialect::GeminiCli];
/// Longer than the time a stream has to end after a last frame.
const BEYOND_TAIL: Duration = Duration::from_millis(1_400);

/// A chunk with text, a finish reason and usage, as vendors send it that repeat both.
fn finishing(dialect: Dialect, text: &str, tokens: &Tokens) -> String {
    let last = frames(dialect, MODEL, 1, tokens).pop().unwrap();
    last.replace("\"end\"", &json!(text).to_string())
}

fn usage_alone(dialect: Dialect, tokens: &Tokens) -> String {
    let usage = json!({ "usageMetadata": { "promptTokenCount": tokens.context(),
        "candidatesTokenCount": tokens.output } })
    .to_string();
    let usage = match dialect {
        Dialect::GeminiCli => format!(r#"{{"response":{usage}}}"#),
        _ => usage,
    };
    format!("data: {usage}\r\n\r\n")
}

#[tokio::test]
async fn a_gemini_stream_goes_on_behind_a_finish_reason() {
    let stand = Stand::new().await;
    let mut done = 0;
    for dialect in GEMINIS {
        let repeated = vec![
            finishing(dialect, "one", &Tokens { output: 1, ..PLAIN }),
            finishing(dialect, "two", &Tokens { output: 2, ..PLAIN }),
            finishing(dialect, "three", &PLAIN),
        ];
        let second = finishing(dialect, "two", &PLAIN).replace("\"index\":0", "\"index\":1");
        let candidates = vec![finishing(dialect, "one", &Tokens { output: 1, ..PLAIN }), second];
        let bare = finishing(dialect, "all", &PLAIN).replace("usageMetadata", "other");
        let late_usage = vec![bare, usage_alone(dialect, &PLAIN)];
        for chunks in [repeated, candidates, late_usage] {
            let script = chunks.iter().fold(Script::stream(), |script, chunk| {
                script.chunk(chunk.clone()).sleep(BEYOND_TAIL)
            });
            stand.upstream.reset();
            stand.upstream.always(script.end());
            let answer = stand.ask(dialect, true).await;
            assert_eq!((answer.text(), answer.end), (chunks.concat(), End::Clean), "{dialect}");
            done += 1;
            assert_row(&stand.switchyard.rows_when(done).await[0], 200, &PLAIN);
        }
    }
}

#[tokio::test]
async fn a_client_that_leaves_between_finish_reasons_did_not_have_it_all() {
    for dialect in GEMINIS {
        let stand = Stand::new().await;
        let first = finishing(dialect, "one", &Tokens { output: 1, ..PLAIN });
        let script = Script::stream().chunk(first).sleep(Duration::from_millis(700));
        stand.upstream.always(script.chunk(finishing(dialect, "two", &PLAIN)).end());
        let mut live = stand.open(dialect).await;
        live.frame_with("one").await;
        live.leave();
        assert_row(&stand.switchyard.only_row().await, 499, &PLAIN);
    }
}

#[tokio::test]
async fn a_gemini_stream_that_hangs_behind_its_finish_is_whole_only_with_usage() {
    for dialect in GEMINIS {
        let stand = Stand::with(&[("SWITCHYARD_STREAM_IDLE_SECONDS", "2")]).await;
        let all = frames(dialect, MODEL, 2, &PLAIN).concat();
        stand.upstream.once(Script::stream().chunk(all.clone()).stall());
        let answer = stand.ask(dialect, true).await;
        assert_eq!((answer.text(), answer.end), (all.clone(), End::Clean), "{dialect}");
        assert_row(&stand.switchyard.only_row().await, 200, &PLAIN);
        let bare = all.replace("usageMetadata", "other");
        stand.upstream.once(Script::stream().chunk(bare).stall());
        let answer = stand.ask(dialect, true).await;
        assert!(answer.text().contains("\"error\""), "{dialect}: {}", answer.text());
        assert_eq!(stand.switchyard.rows_when(2).await[0]["statusCode"], 524, "{dialect}");
    }
}

/// An answer that is too long to be held whole.
fn long_answer(dialect: Dialect) -> String {
    answers::answer(dialect, MODEL, &"long ".repeat(100_000), &PLAIN)
}

fn json_head() -> Script {
    Script::status(200).header("content-type", "application/json")
}

#[tokio::test]
async fn a_long_document_is_given_to_its_last_byte_when_only_the_end_of_http_is_missing() {
    let stand = Stand::new().await;
    let whole = long_answer(Dialect::Anthropic);
    stand.upstream.always(json_head().chunked().chunk(whole.clone()).stall());
    let answer = stand.ask(Dialect::Anthropic, false).await;
    assert_eq!(answer.end, End::Clean);
    assert_eq!(answer.body.len(), whole.len(), "nothing is kept back for ever");
    assert_eq!(answer.text(), whole);
    assert_row(&stand.switchyard.only_row().await, 200, &PLAIN);
}

#[tokio::test]
async fn a_long_document_that_is_shorter_than_promised_is_cut() {
    let stand = Stand::new().await;
    let whole = long_answer(Dialect::Anthropic);
    let promised = whole.len() + 10;
    stand.upstream.always(json_head().body_claiming(whole, promised).fin());
    let answer = stand.ask(Dialect::Anthropic, false).await;
    assert_eq!(answer.end, End::Cut);
    assert_eq!(stand.switchyard.only_row().await["statusCode"], 502);
}

#[tokio::test]
async fn a_long_document_with_something_behind_it_is_whole_for_nobody() {
    let stand = Stand::new().await;
    let whole = long_answer(Dialect::Anthropic);
    let tail = "\n{\"another\":1}";
    let at_once = json_head().chunked().chunk(format!("{whole}{tail}")).end();
    let later = json_head().chunked().chunk(whole.clone());
    let later = later.sleep(Duration::from_millis(200)).chunk(tail);
    let scripts = [(at_once, 502), (later.clone().end(), 502), (later.stall(), 524)];
    for (done, (script, status)) in scripts.into_iter().enumerate() {
        stand.upstream.reset();
        stand.upstream.always(script);
        assert_eq!(stand.ask(Dialect::Anthropic, false).await.end, End::Cut);
        let row = stand.switchyard.rows_when(done + 1).await.remove(0);
        assert_eq!(
            (&row["statusCode"], &row["inputTokens"]),
            (&json!(status), &json!(PLAIN.input))
        );
    }
}

#[tokio::test]
async fn a_long_document_that_ends_in_an_error_reaches_its_client_whole() {
    let stand = Stand::new().await;
    let mut whole = long_answer(Dialect::OpenaiChat);
    whole.truncate(whole.len() - 1);
    whole.push_str(r#","error":{"type":"server_error","message":"half way"}}"#);
    let chunked = json_head().chunked().chunk(whole.clone()).end();
    for (done, script) in [json_head().body(whole.clone()), chunked].into_iter().enumerate() {
        stand.upstream.reset();
        stand.upstream.always(script);
        let answer = stand.ask(Dialect::OpenaiChat, false).await;
        assert_eq!((answer.body.len(), answer.end), (whole.len(), End::Clean));
        let rows = stand.switchyard.rows_when(done + 1).await;
        assert_eq!(rows[0]["statusCode"], 502, "{:#}", rows[0]);
    }
}

const IMAGE_EVENTS: &str = "event: image_generation.partial_image\ndata: {\"type\":\
    \"image_generation.partial_image\",\"b64_json\":\"iVBOR\"}\n\n";

impl Stand {
    async fn ask_for_image(&self) -> crate::support::client::Answer {
        let body = json!({ "model": MODEL, "prompt": "a yard", "stream": true }).to_string();
        let request = Request::post("/v1/images/generations", body).bearer(&self.user.key);
        self.switchyard.send(&request).await
    }
}

#[tokio::test]
async fn a_stream_of_an_unjudged_operation_ends_with_http_alone() {
    let stand = Stand::new().await;
    stand.upstream.always(Script::frames([IMAGE_EVENTS, IMAGE_EVENTS]));
    let answer = stand.ask_for_image().await;
    assert_eq!((answer.text(), answer.end), (IMAGE_EVENTS.repeat(2), End::Clean));
    assert_eq!(stand.switchyard.only_row().await["statusCode"], 200);
}

#[tokio::test]
async fn a_stream_of_an_unjudged_operation_that_breaks_is_cut_without_foreign_words() {
    let stand = Stand::new().await;
    stand.upstream.always(Script::stream().chunk(IMAGE_EVENTS).fin());
    let answer = stand.ask_for_image().await;
    assert_eq!((answer.text().as_str(), answer.end), (IMAGE_EVENTS, End::Cut));
    assert_eq!(stand.switchyard.only_row().await["statusCode"], 502);
}

/// Elements of a list as Google sends it, each with what stands before it.
fn element(text: &str, last: bool) -> String {
    let frame = if last { finishing(Dialect::Gemini, text, &PLAIN) } else { truncated_text(text) };
    frame.trim_start_matches("data: ").trim_end().to_owned()
}

fn truncated_text(text: &str) -> String {
    let frame = answers::middle_frame(Dialect::Gemini, MODEL);
    frame.replace("piece 1 ", text)
}

impl Stand {
    async fn ask_for_list(&self) -> crate::support::client::Answer {
        let target = format!("/v1beta/models/{MODEL}:streamGenerateContent");
        let body = answers::request(Dialect::Gemini, MODEL, true, "Say hello.");
        let request = Request::post(&target, body).header("x-goog-api-key", &self.user.key);
        self.switchyard.send(&request).await
    }
}

#[tokio::test]
async fn a_growing_list_passes_as_it_is() {
    let stand = Stand::new().await;
    let chunks =
        [format!("[{}\n", element("one", false)), format!(",\r\n{}\n", element("two", true))];
    stand.upstream.always(json_head().chunked().chunks(chunks.clone()).chunk("]\n").end());
    let answer = stand.ask_for_list().await;
    assert_eq!((answer.text(), answer.end), (format!("{}]\n", chunks.concat()), End::Clean));
    assert_row(&stand.switchyard.only_row().await, 200, &PLAIN);
}

#[tokio::test]
async fn a_growing_list_that_breaks_between_elements_ends_with_an_error_element() {
    let stand = Stand::new().await;
    let begun = || json_head().chunked().chunk(format!("[{}\n", element("one", false)));
    let cases = [begun().fin(), begun().end(), begun().chunk(",\r\n").reset()];
    for (done, script) in cases.into_iter().enumerate() {
        stand.upstream.reset();
        stand.upstream.always(script);
        let answer = stand.ask_for_list().await;
        assert_eq!(answer.end, End::Clean, "{done}: {}", answer.text());
        let elements = answer.json();
        assert_eq!(elements.as_array().map(Vec::len), Some(2), "{elements:#}");
        assert!(elements[1]["error"]["message"].is_string(), "{elements:#}");
        let rows = stand.switchyard.rows_when(done + 1).await;
        assert_eq!(rows[0]["statusCode"], 502);
    }
}

#[tokio::test]
async fn a_growing_list_that_breaks_inside_an_element_is_cut() {
    let stand = Stand::new().await;
    let half = format!("[{}\n,\r\n{{\"candidates\":[{{\"con", element("one", false));
    stand.upstream.always(json_head().chunked().chunk(half.clone()).fin());
    let answer = stand.ask_for_list().await;
    assert_eq!((answer.text(), answer.end), (half, End::Cut));
    assert_eq!(stand.switchyard.only_row().await["statusCode"], 502);
}

#[tokio::test]
async fn a_list_whose_upstream_says_an_error_is_closed_behind_it() {
    let stand = Stand::new().await;
    let error: Value = json!({ "error": { "code": 503, "status": "UNAVAILABLE", "message": "m" } });
    let begun = json_head().chunked().chunk(format!("[{}\n", element("one", false)));
    stand.upstream.always(begun.chunk(format!(",\r\n{error}\n")).chunk("]\n").end());
    let answer = stand.ask_for_list().await;
    assert_eq!(answer.end, End::Clean);
    assert_eq!(answer.json()[1], error);
    assert_eq!(stand.switchyard.only_row().await["statusCode"], 502);
}

#[tokio::test]
async fn leaving_in_the_middle_of_a_gemini_stream_is_no_success_without_a_drain() {
    let stand = Stand::with(&[("SWITCHYARD_DRAIN", "false")]).await;
    stand.upstream.always(truncated(Dialect::Gemini, MODEL, 2).stall());
    let mut live = stand.open(Dialect::Gemini).await;
    live.frame_with("piece 1").await;
    live.leave();
    assert_eq!(stand.switchyard.only_row().await["statusCode"], 499);
}

/// An answer as some small servers give it: its end is that of the connection.
fn unframed(version: &str, kind: &str, body: &str) -> Script {
    let head = format!("{version} 200 OK\r\ncontent-type: {kind}\r\n\r\n");
    Script::default().raw(head).raw(body.to_owned()).fin()
}

#[tokio::test]
async fn an_old_answer_that_ends_with_its_connection_is_judged_by_what_is_in_it() {
    let stand = Stand::new().await;
    let dialect = Dialect::Anthropic;
    let whole = answers::answer(dialect, MODEL, "Hello.", &PLAIN);
    stand.upstream.once(unframed("HTTP/1.0", "application/json", &whole));
    let answer = stand.ask(dialect, false).await;
    assert_eq!((answer.status, answer.text()), (200, whole.clone()));
    let stream = frames(dialect, MODEL, 3, &PLAIN).concat();
    stand.upstream.once(unframed("HTTP/1.0", "text/event-stream", &stream));
    let answer = stand.ask(dialect, true).await;
    assert_eq!((answer.status, answer.text()), (200, stream.clone()));
    stand.upstream.always(unframed("HTTP/1.0", "application/json", &whole[..whole.len() / 2]));
    assert_eq!(stand.ask(dialect, false).await.status, 503, "it is not whole");
    let half = frames(dialect, MODEL, 3, &PLAIN)[..3].concat();
    stand.upstream.reset();
    stand.upstream.always(unframed("HTTP/1.0", "text/event-stream", &half));
    let answer = stand.ask(dialect, true).await;
    assert!(answer.text().contains("event: error"), "it is not whole: {}", answer.text());
}

#[tokio::test]
async fn an_answer_without_any_frame_is_the_providers_fault_and_says_so() {
    let pair = Pair::new(Dialect::Anthropic).await;
    let dialect = Dialect::Anthropic;
    let whole = answers::answer(dialect, MODEL, "Hello.", &PLAIN);
    let stream = frames(dialect, MODEL, 3, &PLAIN).concat();
    for (streams, kind, body) in
        [(false, "application/json", whole), (true, "text/event-stream", stream)]
    {
        pair.first.reset();
        pair.first.always(unframed("HTTP/1.1", kind, &body));
        let answer = pair.ask(dialect, streams).await;
        assert_eq!(answer.status, 200, "another provider serves it: {}", answer.text());
        let row = pair.switchyard.rows_when(1 + usize::from(streams)).await.remove(0);
        assert_eq!(row["providerChain"][0]["statusCode"], 502, "{row:#}");
        let said = row["providerChain"][0]["errorMessage"].as_str().unwrap();
        assert!(said.contains("neither its length nor chunks"), "{said}");
    }
    assert!(pair.switchyard.failures(pair.first_id).await > 0, "it is charged");
}
