//! Answers that break off, before and after the client has seen something: never an end that was none,
//! never a call that looks whole.

use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use super::read::events;
use super::stand::{Kinds, pairs};
use super::talk::{answer, question, says, sent};
use crate::support::client::{Answer, End};
use crate::support::prices::MODEL;
use crate::support::upstream::Script;
use crate::support::upstream::answers::{self, error_body, error_event, truncated};

/// Asserts that a stream ends as its client's format says "this went wrong".
fn assert_error_end(client: Dialect, what: &str, answer: &Answer) {
    let text = answer.text();
    assert_eq!((answer.status, answer.end), (200, End::Clean), "{what}: {text}");
    let last = text.trim_end().rsplit("\n\n").next().unwrap_or_default();
    let told = match client {
        Dialect::Anthropic => last.starts_with("event: error\ndata: {\"type\":\"error\""),
        Dialect::Responses => last.starts_with("event: response.failed\ndata: {"),
        _ => last.starts_with("data: {\"error\":{"),
    };
    assert!(told, "{what}: the last frame is the error: {text}");
    for terminal in
        ["[DONE]", "message_stop", "response.completed", "\"STOP\"", "response.incomplete"]
    {
        assert!(!text.contains(terminal), "{what}: no false success: {text}");
    }
    let read = events(client, &answer.body).finish();
    assert!(!matches!(read, Some(Ok(_))), "{what}: nobody can read it as whole");
}

#[tokio::test]
async fn a_stream_that_breaks_off_ends_with_the_clients_error_and_a_502_row() {
    let kinds = Kinds::new().await;
    let mut done = 0;
    for (client, kind) in pairs() {
        let provider = kind.dialect();
        let begun = || truncated(provider, MODEL, 3);
        let cases = [
            ("reset", begun().reset()),
            ("clean end without a terminal", begun().end()),
            ("within a frame", begun().cut_chunk(answers::middle_frame(provider, MODEL), 9)),
            ("error event", begun().chunk(error_event(provider, 529, "Overloaded now")).end()),
        ];
        for (what, script) in cases {
            let what = format!("{client} at {kind}: {what}");
            kinds.upstream.reset();
            kinds.upstream.always(script);
            let answer = kinds.ask(client, kind, true).await;
            assert!(answer.text().contains("piece 2"), "{what}: what came is passed on");
            assert_error_end(client, &what, &answer);
            if what.ends_with("error event") {
                assert!(answer.text().contains("Overloaded now"), "{what}: {}", answer.text());
            }
            assert_eq!(kinds.upstream.count(), 1, "{what}: too late for another try");
            done += 1;
            let row = kinds.switchyard.rows_when(done).await.remove(0);
            assert_eq!(row["statusCode"], 502, "{what}: {row:#}");
            assert!(row["errorMessage"].is_string(), "{what}: {row:#}");
        }
    }
}

#[tokio::test]
async fn a_chat_that_breaks_behind_its_finish_reason_has_every_clients_end() {
    let kinds = Kinds::new().await;
    let mut done = 0;
    for (client, kind) in pairs().filter(|(_, kind)| kind.dialect() == Dialect::OpenaiChat) {
        let mut frames = answers::frames(Dialect::OpenaiChat, MODEL, 3, &answers::PLAIN);
        assert!(frames.pop().is_some_and(|mark| mark.contains("[DONE]")));
        for usage_came in [true, false] {
            kinds.upstream.reset();
            kinds.upstream.always(Script::stream().chunks(frames.clone()).reset());
            let answer = kinds.ask(client, kind, true).await;
            let text = answer.text();
            assert_eq!((answer.status, answer.end), (200, End::Clean), "{client}: {text}");
            let read = events(client, &answer.body).finish();
            assert!(matches!(read, Some(Ok(_))), "{client}: it is whole: {text}");
            done += 1;
            let row = kinds.switchyard.rows_when(done).await.remove(0);
            assert_eq!(row["outcome"], "success", "{client}: {row:#}");
            assert_eq!(row["costUsd"].is_string(), usage_came, "unknown is not zero: {row:#}");
            frames.pop();
        }
    }
    assert_eq!(done, 8);
}

#[tokio::test]
async fn a_call_that_was_cut_never_looks_whole() {
    let kinds = Kinds::new().await;
    for (client, kind) in pairs() {
        let provider = kind.dialect();
        kinds.upstream.reset();
        let whole = says(provider, true, &answer());
        let frames: Vec<_> = whole.steps().to_vec();
        let most = frames.len();
        for kept in 2..most.saturating_sub(2) {
            let what = format!("{client} at {kind}, {kept} of {most}");
            kinds.upstream.reset();
            kinds.upstream.always(whole.clone().only(kept).end());
            let sent = sent(client, kinds.key(kind), &question(true));
            let answer = kinds.switchyard.send(&sent).await;
            if answer.status != 200 {
                // Nothing had been shown yet.
                assert_eq!(answer.status, 503, "{what}: {}", answer.text());
                continue;
            }
            assert_error_end(client, &what, &answer);
        }
    }
}

#[tokio::test]
async fn a_refusal_before_the_answer_is_told_in_the_clients_form() {
    let kinds = Kinds::new().await;
    for (client, kind) in pairs() {
        let provider = kind.dialect();
        let what = format!("{client} at {kind}");
        kinds.upstream.reset();
        kinds.upstream.always(Script::json(400, error_body(provider, 400, "no such thing as x")));
        let answer = kinds.ask(client, kind, true).await;
        assert_eq!(answer.status, 400, "{what}: {}", answer.text());
        let body = answer.json();
        assert_eq!(body["error"]["message"], "no such thing as x", "{what}: {body}");
        match client {
            Dialect::Anthropic => {
                assert_eq!(body["type"], "error", "{what}");
                assert_eq!(body["error"]["type"], "invalid_request_error", "{what}");
            }
            Dialect::OpenaiChat | Dialect::Responses => {
                assert_eq!(body["error"]["type"], "invalid_request_error", "{what}");
            }
            Dialect::Gemini | Dialect::GeminiCli => {
                assert_eq!(body["error"]["code"], 400, "{what}");
                assert_eq!(body["error"]["status"], "INVALID_ARGUMENT", "{what}");
            }
        }
        assert_eq!(kinds.upstream.count(), 1, "{what}: the client's own fault");
        for (status, expected) in [(429, 429), (401, 503), (404, 404)] {
            kinds.upstream.reset();
            let script = Script::status(status)
                .header("content-type", "application/json")
                .header("retry-after", "7")
                .body(error_body(provider, status, "the model is away"));
            kinds.upstream.always(script);
            let answer = kinds.ask(client, kind, false).await;
            assert_eq!(answer.status, expected, "{what}, {status}: {}", answer.text());
            assert!(answer.json()["error"]["message"].is_string(), "{what}");
            let reset = json!({ "providerId": kinds.id(kind) });
            kinds.switchyard.admin("providers/resetProviderCircuit", reset).await;
        }
    }
}

#[tokio::test]
async fn a_conversation_that_is_too_long_is_told_by_the_code_that_clients_act_on() {
    let kinds = Kinds::new().await;
    let kind = switchyard_actors::domain::dialect::ProviderKind::Claude;
    let text = "prompt is too long: 210000 tokens > 200000 maximum";
    kinds.upstream.always(Script::json(400, error_body(Dialect::Anthropic, 400, text)));
    let answer = kinds.ask(Dialect::OpenaiChat, kind, true).await;
    assert_eq!(answer.json()["error"]["code"], "context_length_exceeded", "{}", answer.text());
}

#[tokio::test]
async fn a_conversation_that_is_too_long_elsewhere_is_told_in_the_words_that_claude_code_looks_for()
{
    use switchyard_actors::domain::dialect::ProviderKind;
    let openai = "Your input exceeds the context window of this model. Please adjust your input.";
    let openai = json!({ "error": { "message": openai, "type": "invalid_request_error",
        "param": "input", "code": "context_length_exceeded" } });
    let google =
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).";
    let google =
        json!({ "error": { "code": 400, "message": google, "status": "INVALID_ARGUMENT" } });
    let kinds = Kinds::new().await;
    for (kind, said) in [
        (ProviderKind::OpenaiCompatible, &openai),
        (ProviderKind::Codex, &openai),
        (ProviderKind::Gemini, &google),
        (ProviderKind::GeminiCli, &google),
    ] {
        for stream in [true, false] {
            kinds.upstream.reset();
            kinds.upstream.always(Script::json(400, said.to_string()));
            let answer = kinds.ask(Dialect::Anthropic, kind, stream).await;
            assert_eq!(answer.status, 400, "{kind}: {}", answer.text());
            let error = &answer.json()["error"];
            assert_eq!(error["type"], "invalid_request_error", "{kind}");
            let words = said["error"]["message"].as_str().unwrap();
            assert_eq!(error["message"], format!("prompt is too long: {words}"), "{kind}");
            let chat = kinds.ask(Dialect::OpenaiChat, kind, stream).await;
            assert_eq!(chat.json()["error"]["message"], words, "{kind}: others hear it as it is");
        }
    }
}
