//! The stream gate on the wire: what opens it, what it takes for a failure, and what it charges.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::stand::{Pair, assert_row};
use crate::support::client::{End, Request};
use crate::support::prices::{DIALECTS, MODEL};
use crate::support::upstream::Script;
use crate::support::upstream::answers::{self, PLAIN, Tokens, frames};

/// More requests than failures a breaker allows.
const OFTEN: usize = 6;
const PING: &str = ": ping\n\n";

fn gemini_usage() -> Value {
    json!({ "promptTokenCount": PLAIN.input, "candidatesTokenCount": 0 })
}

/// Streams and bodies that end well and hold nothing: what they are, and the tokens they tell.
fn empty_answers() -> Vec<(Dialect, &'static str, String, Tokens)> {
    let nothing = Tokens { output: 0, ..PLAIN };
    let safety = json!({ "candidates": [{ "index": 0, "finishReason": "SAFETY" }],
        "usageMetadata": gemini_usage() })
    .to_string();
    let blocked = json!({ "promptFeedback": { "blockReason": "PROHIBITED_CONTENT" },
        "usageMetadata": gemini_usage() })
    .to_string();
    let wrapped = |answer: &String| format!(r#"{{"response":{answer}}}"#);
    let responses = json!({ "id": "resp_1", "object": "response", "status": "completed",
        "model": MODEL, "output": [], "usage": { "input_tokens": PLAIN.input, "output_tokens": 4 } })
    .to_string();
    vec![
        (Dialect::GeminiCli, "safety", wrapped(&safety), nothing),
        (Dialect::GeminiCli, "blocked", wrapped(&blocked), nothing),
        (Dialect::Gemini, "safety", safety, nothing),
        (Dialect::Gemini, "blocked", blocked, nothing),
        (Dialect::Responses, "no output", responses, Tokens { output: 4, ..PLAIN }),
    ]
}

fn as_stream(dialect: Dialect, body: &str) -> String {
    match dialect {
        Dialect::Responses => format!(
            "event: response.completed\ndata: {{\"type\":\"response.completed\",\"response\":{body}}}\n\n"
        ),
        _ => format!("data: {body}\r\n\r\n"),
    }
}

#[tokio::test]
async fn a_legal_answer_that_holds_nothing_passes_and_charges_nobody() {
    for (dialect, what, body, tokens) in empty_answers() {
        let pair = Pair::new(dialect).await;
        let mut done = 0;
        for stream in [true, false] {
            let expected = if stream { as_stream(dialect, &body) } else { body.clone() };
            let script = if stream {
                Script::frames([expected.clone()])
            } else {
                Script::json(200, expected.clone())
            };
            pair.first.reset();
            pair.first.always(script);
            for _ in 0..OFTEN {
                let answer = pair.ask(dialect, stream).await;
                assert_eq!((answer.status, answer.text()), (200, expected.clone()), "{what}");
                done += 1;
            }
            let rows = pair.switchyard.rows_when(done).await;
            assert_row(&rows[0], 200, &tokens);
        }
        assert_eq!(pair.second.count(), 0, "{dialect}, {what}");
        assert_eq!(pair.switchyard.failures(pair.first_id).await, 0, "{dialect}, {what}");
    }
}

#[tokio::test]
async fn an_end_mark_alone_is_no_answer() {
    let dialect = Dialect::OpenaiChat;
    let pair = Pair::new(dialect).await;
    for begin in ["data: [DONE]\n\n", ": hi\n\ndata: [DONE]\n\n"] {
        pair.first.reset();
        pair.first.always(Script::frames([begin]));
        let answer = pair.ask(dialect, true).await;
        assert_eq!(answer.text(), frames(dialect, MODEL, 3, &PLAIN).concat());
    }
    assert!(pair.switchyard.failures(pair.first_id).await >= 1);
}

#[tokio::test]
async fn a_whole_document_is_no_answer_to_who_asked_for_a_stream() {
    for dialect in DIALECTS {
        let pair = Pair::new(dialect).await;
        let long = "long ".repeat(100_000);
        for (done, text) in ["Hello.", &long].into_iter().enumerate() {
            let reset = json!({ "providerId": pair.first_id });
            pair.switchyard.admin("providers/resetProviderCircuit", reset).await;
            pair.first.reset();
            pair.first.always(Script::json(200, answers::answer(dialect, MODEL, text, &PLAIN)));
            let answer = pair.ask(dialect, true).await;
            assert_eq!(answer.text(), frames(dialect, MODEL, 3, &PLAIN).concat(), "{dialect}");
            assert_eq!(pair.first.count(), 1, "{dialect}: it would say the same again");
            let row = pair.switchyard.rows_when(done + 1).await.remove(0);
            assert_row(&row, 200, &PLAIN);
            assert_eq!(Pair::chain(&row), [pair.first_id, pair.second_id], "{dialect}");
            assert_eq!(pair.switchyard.failures(pair.first_id).await, 1, "{dialect}");
        }
    }
}

#[tokio::test]
async fn a_client_error_behind_a_long_echo_keeps_its_nature() {
    let dialect = Dialect::Responses;
    let instructions = "be kind ".repeat(50_000);
    let echo = |event: &str| {
        format!(
            "{event}data: {{\"type\":\"response.created\",\"response\":{{\"id\":\"resp_1\",\"instructions\":\"{instructions}\",\"output\":[]}}}}\n\n"
        )
    };
    for event in ["event: response.created\n", ""] {
        for code in ["cyber_policy", "context_length_exceeded"] {
            let pair = Pair::new(dialect).await;
            let echo = echo(event);
            let pieces = echo.as_bytes().chunks(30_000).map(<[u8]>::to_vec);
            let error = format!(
                "data: {{\"type\":\"error\",\"code\":\"{code}\",\"message\":\"not this\"}}\n\n"
            );
            pair.first.always(Script::stream().chunks(pieces).chunk(error).end());
            let answer = pair.ask(dialect, true).await;
            assert_eq!(answer.status, 400, "{code}");
            assert_eq!(answer.json()["error"]["code"], code);
            assert_eq!(answer.json()["error"]["message"], "not this");
            assert_eq!(pair.second.count(), 0, "{code}");
            assert_eq!(pair.switchyard.failures(pair.first_id).await, 0, "{code}");
            assert_eq!(pair.switchyard.only_row().await["statusCode"], 400, "{code}");
        }
    }
}

#[tokio::test]
async fn a_slow_beginning_is_let_through_when_the_hold_is_over() {
    for (dialect, hold) in [
        (Dialect::Anthropic, "SWITCHYARD_GATE_HOLD_SECONDS"),
        (Dialect::Gemini, "SWITCHYARD_GATE_HOLD_GEMINI_SECONDS"),
    ] {
        // With both limits alike, as they are by default, letting through goes before giving up.
        for first_content in ["2", "60"] {
            let limits = [(hold, "2"), ("SWITCHYARD_FIRST_CONTENT_SECONDS", first_content)];
            let pair = Pair::with(dialect, &limits).await;
            // The head comes late, so that the try's own time is over before the gate's.
            let head = Script::status(200).header("content-type", "text/event-stream");
            let begun = head.sleep(Duration::from_millis(500)).chunked();
            let pings = (0..16)
                .fold(begun, |script, _| script.chunk(PING).sleep(Duration::from_millis(200)));
            let all = frames(dialect, MODEL, 3, &PLAIN);
            pair.first.always(pings.chunks(all.clone()).end());
            let start = Instant::now();
            let request = Request::model(dialect, &pair.user.key, MODEL, true);
            let mut live = pair.switchyard.client().open(&request).await.unwrap();
            assert_eq!(live.next_frame().await.as_deref(), Some(PING));
            let opened = start.elapsed();
            assert!((1_900..3_500).contains(&opened.as_millis()), "{dialect}: after {opened:?}");
            let answer = live.finish().await.unwrap();
            assert!(answer.text().ends_with(&all.concat()), "{}", answer.text());
            assert_eq!((pair.first.count(), pair.second.count()), (1, 0), "{dialect}");
            let row = pair.switchyard.only_row().await;
            assert_row(&row, 200, &PLAIN);
            assert_eq!(row["notes"], json!(["gate: slow"]), "{row:#}");
        }
    }
}

#[tokio::test]
async fn a_limit_for_the_first_content_below_the_hold_asks_another_provider() {
    let dialect = Dialect::Anthropic;
    let limits = [("SWITCHYARD_GATE_HOLD_SECONDS", "3"), ("SWITCHYARD_FIRST_CONTENT_SECONDS", "2")];
    let pair = Pair::with(dialect, &limits).await;
    pair.first.always(Script::stream().endless(PING, Duration::from_millis(200)));
    let answer = pair.ask(dialect, true).await;
    assert_eq!(answer.text(), frames(dialect, MODEL, 3, &PLAIN).concat());
    assert_eq!(pair.first.count(), 1);
}

#[tokio::test]
async fn a_full_gate_lets_everything_through() {
    let dialect = Dialect::Anthropic;
    let ping = format!(": {}\n\n", "x".repeat(100));
    let cases = [
        ("STREAM_GATE_PREBUFFER_BYTE_CAP", "1 KiB", 12),
        ("STREAM_GATE_PREBUFFER_EVENT_CAP", "4", 6),
    ];
    for (variable, limit, pings) in cases {
        let pair = Pair::with(dialect, &[(variable, limit)]).await;
        let begun = Script::stream().chunks(vec![ping.clone(); pings]);
        let all = frames(dialect, MODEL, 3, &PLAIN);
        pair.first.always(begun.sleep(Duration::from_millis(500)).chunks(all.clone()).end());
        let answer = pair.ask(dialect, true).await;
        let expected = format!("{}{}", ping.repeat(pings), all.concat());
        assert_eq!((answer.text(), answer.end), (expected, End::Clean), "{variable}");
        let row = pair.switchyard.only_row().await;
        assert_row(&row, 200, &PLAIN);
        assert_eq!(row["notes"], json!(["gate: overflow"]), "{row:#}");
    }
}

#[tokio::test]
async fn pings_for_a_while_and_then_content_reach_every_client() {
    let dialect = Dialect::Anthropic;
    let pair = Pair::new(dialect).await;
    let pings = (0..8)
        .fold(Script::stream(), |script, _| script.chunk(PING).sleep(Duration::from_millis(200)));
    let all = frames(dialect, MODEL, 3, &PLAIN);
    pair.first.always(pings.chunks(all.clone()).end());
    let client = pair.switchyard.client();
    let asking = (0..32).map(|number| {
        let text = format!("Say hello {number}.");
        let request = Request::saying(dialect, &pair.user.key, MODEL, true, &text);
        tokio::spawn(async move { client.send(&request).await })
    });
    let asking: Vec<_> = asking.collect();
    for answer in asking {
        let answer = answer.await.unwrap();
        assert_eq!((answer.status, answer.end), (200, End::Clean));
        assert_eq!(answer.text(), format!("{}{}", PING.repeat(8), all.concat()));
    }
    assert_eq!(pair.second.count(), 0);
}
