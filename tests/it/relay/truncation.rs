//! An upstream that breaks off after the answer began: never a clean short end, never a 200 row.

use std::time::Instant;

use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use super::stand::{Pair, Stand, assert_row, assert_unknown_cost};
use crate::support::client::{Answer, End, Request};
use crate::support::prices::{DIALECTS, MODEL};
use crate::support::upstream::Script;
use crate::support::upstream::answers::{self, error_event, truncated};
use crate::support::waiting::{self, SOON};

/// Asserts that the stream ends as its dialect says "this went wrong", and cleanly for HTTP.
pub(super) fn assert_error_end(dialect: Dialect, what: &str, answer: &Answer) {
    let text = answer.text();
    assert!(text.contains("piece 2"), "{dialect}, {what}: what came is passed on: {text}");
    assert_eq!(answer.end, End::Clean, "{dialect}, {what}");
    let lines = text.replace("\r\n", "\n");
    let last = lines.trim_end().rsplit("\n\n").next().unwrap_or_default();
    // Behind half a frame it would be read as a part of it.
    let told = match dialect {
        Dialect::Anthropic => {
            last.starts_with("event: error\ndata: {") && last.contains("\"error\"")
        }
        Dialect::Responses => {
            last.starts_with("event: response.failed\n") || last.starts_with("event: error\n")
        }
        _ => last.starts_with("data: {\"error\""),
    };
    assert!(told, "{dialect}, {what}: the last frame is the error: {last}");
    for terminal in ["[DONE]", "message_stop", "response.completed", "finishReason\":\"STOP"] {
        assert!(!text.contains(terminal), "{dialect}, {what}: no false success: {text}");
    }
}

#[tokio::test]
async fn a_cut_stream_ends_with_the_dialects_error_and_a_502_row() {
    for dialect in DIALECTS {
        let pair = Pair::new(dialect).await;
        let begun = || truncated(dialect, MODEL, 3);
        let cases = [
            ("reset", begun().reset()),
            ("close without the last chunk", begun().fin()),
            ("close within a chunk", begun().cut_chunk(answers::middle_frame(dialect, MODEL), 9)),
            ("clean end without the terminal event", begun().end()),
            ("error event", begun().chunk(error_event(dialect, 529, "Overloaded")).end()),
            (
                "error event and an end mark",
                begun().chunk(error_event(dialect, 529, "Overloaded") + "data: [DONE]\n\n").end(),
            ),
        ];
        for (done, (what, script)) in cases.into_iter().enumerate() {
            pair.first.reset();
            pair.first.always(script);
            let reset = json!({ "providerId": pair.first_id });
            pair.switchyard.admin("providers/resetProviderCircuit", reset).await;
            let answer = pair.ask(dialect, true).await;
            assert_eq!(answer.status, 200, "{dialect}, {what}: the head had gone out");
            assert_error_end(dialect, what, &answer);
            assert_eq!(pair.second.count(), 0, "{dialect}, {what}: too late for another");
            let row = pair.switchyard.rows_when(done + 1).await.remove(0);
            assert_eq!(row["statusCode"], 502, "{dialect}, {what}: {row:#}");
            assert!(row["errorMessage"].is_string(), "{dialect}, {what}: {row:#}");
            let failures = pair.switchyard.failures(pair.first_id).await;
            assert_eq!(failures, 1, "{dialect}, {what}: charged once");
        }
    }
}

#[tokio::test]
async fn a_stop_reason_without_the_last_event_is_no_end() {
    for dialect in [Dialect::Anthropic, Dialect::Responses] {
        let stand = Stand::new().await;
        let mut all = answers::frames(dialect, MODEL, 3, &answers::PLAIN);
        all.pop();
        stand.upstream.always(Script::stream().chunks(all).end());
        let answer = stand.ask(dialect, true).await;
        assert_error_end(dialect, "no last event", &answer);
        assert_eq!(stand.switchyard.only_row().await["statusCode"], 502, "{dialect}");
    }
}

/// The frames of a chat, told apart: the answer with its finish reason, usage, the end mark.
fn chat() -> (Vec<String>, String, String) {
    let mut all = answers::frames(Dialect::OpenaiChat, MODEL, 3, &answers::PLAIN);
    let (mark, usage) = (all.pop().unwrap(), all.pop().unwrap());
    assert!(mark.contains("[DONE]") && usage.contains("prompt_tokens"));
    (all, usage, mark)
}

#[tokio::test]
async fn a_chat_that_breaks_behind_its_finish_reason_is_whole() {
    let dialect = Dialect::OpenaiChat;
    let pair = Pair::with(dialect, &[("SWITCHYARD_STREAM_IDLE_SECONDS", "2")]).await;
    let (answer, usage, mark) = chat();
    let begun = || Script::stream().chunks(answer.clone());
    let finished = || begun().chunk(usage.clone());
    let cases = [
        ("reset", finished().reset(), true),
        ("close", finished().fin(), true),
        ("close inside the mark", finished().cut_chunk(mark.clone(), 9), true),
        ("silence", finished().stall(), true),
        ("reset before the usage", begun().reset(), false),
        ("close inside the usage", begun().cut_chunk(usage.clone(), 20), false),
    ];
    for (done, (what, script, knows_usage)) in cases.into_iter().enumerate() {
        pair.first.reset();
        pair.first.always(script);
        let said = pair.ask(dialect, true).await;
        let text = said.text();
        assert_eq!((said.status, said.end), (200, End::Clean), "{what}");
        let came = if knows_usage { &usage } else { "" };
        assert_eq!(text, answer.concat() + came + &mark, "{what}");
        let row = pair.switchyard.rows_when(done + 1).await.remove(0);
        assert_eq!(
            (&row["statusCode"], &row["outcome"]),
            (&json!(200), &json!("success")),
            "{what}"
        );
        if knows_usage {
            assert_row(&row, 200, &answers::PLAIN);
        } else {
            assert_unknown_cost(&row);
            assert_eq!(row["inputTokens"], json!(null), "{what}: {row:#}");
        }
        assert_eq!(row["usageComplete"], knows_usage, "{what}: {row:#}");
        assert_eq!(pair.switchyard.failures(pair.first_id).await, 0, "{what}");
    }
}

#[tokio::test]
async fn a_chat_of_which_one_choice_is_not_at_its_end_is_not_whole() {
    let stand = Stand::new().await;
    let other = r#"data: {"id":"c","choices":[{"index":1,"delta":{"content":"half a"}}]}"#;
    let (answer, usage, _) = chat();
    let script = Script::stream().chunk(format!("{other}\n\n")).chunks(answer).chunk(usage);
    stand.upstream.always(script.reset());
    let said = stand.ask(Dialect::OpenaiChat, true).await;
    assert!(
        said.text().contains("\"error\"") && !said.text().contains("[DONE]"),
        "{}",
        said.text()
    );
    assert_eq!(stand.switchyard.only_row().await["statusCode"], 502);
}

#[tokio::test]
async fn an_open_tool_call_gets_no_closing_event() {
    let stand = Stand::new().await;
    let frames = answers::tool_frames(Dialect::Anthropic, MODEL, &answers::PLAIN);
    let open = frames.into_iter().take_while(|frame| !frame.contains("content_block_stop"));
    stand.upstream.always(Script::stream().chunks(open).fin());
    let answer = stand.ask(Dialect::Anthropic, true).await;
    assert!(!answer.text().contains("content_block_stop"), "{}", answer.text());
    assert!(answer.text().contains("event: error"), "{}", answer.text());
}

#[tokio::test]
async fn a_long_whole_answer_that_is_cut_is_cut_for_the_client_too() {
    let stand = Stand::new().await;
    let text = "long ".repeat(200_000);
    let whole = answers::answer(Dialect::Anthropic, MODEL, &text, &answers::PLAIN);
    let half = whole[..whole.len() / 2].to_owned();
    let script = Script::status(200).header("content-type", "application/json");
    stand.upstream.always(script.body_claiming(half, whole.len()).fin());
    let answer = stand.ask(Dialect::Anthropic, false).await;
    let refused = answer.status >= 500;
    assert!(refused || answer.end == End::Cut, "never a clean short body: {}", answer.status);
    assert_eq!(stand.switchyard.only_row().await["statusCode"], 502);
}

#[tokio::test]
async fn silence_after_the_commit_ends_at_the_idle_limit() {
    for dialect in DIALECTS {
        let stand = Stand::with(&[("SWITCHYARD_STREAM_IDLE_SECONDS", "2")]).await;
        stand.upstream.always(truncated(dialect, MODEL, 3).stall());
        let start = Instant::now();
        let answer = stand.ask(dialect, true).await;
        let took = start.elapsed();
        assert!((2..6).contains(&took.as_secs()), "{dialect}: ended after {took:?}");
        assert_error_end(dialect, "silence", &answer);
        assert_eq!(stand.switchyard.only_row().await["statusCode"], 524, "{dialect}");
        waiting::until_true("the silent upstream is left", SOON, || {
            stand.upstream.open_connections() == 0
        })
        .await;
    }
}

#[tokio::test]
async fn the_repeat_of_an_answer_that_broke_off_goes_to_others_first() {
    for dialect in DIALECTS {
        let pair = Pair::new(dialect).await;
        pair.first.always(truncated(dialect, MODEL, 1).fin());
        let request = |text: &str| Request::saying(dialect, &pair.user.key, MODEL, true, text);
        let broken = pair.switchyard.send(&request("Say hello.")).await;
        assert!(broken.text().contains("error"), "{dialect}: {}", broken.text());
        let repeat = pair.switchyard.send(&request("Say hello.")).await;
        assert_eq!(repeat.status, 200, "{dialect}: {}", repeat.text());
        assert_eq!((pair.first.count(), pair.second.count()), (1, 1), "{dialect}");
        // Other conversations are where they were.
        pair.switchyard.send(&request("Say something else.")).await;
        assert_eq!((pair.first.count(), pair.second.count()), (2, 1), "{dialect}");
    }
}
