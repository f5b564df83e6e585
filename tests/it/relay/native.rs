//! Every dialect through its native provider: the answer as the vendor gave it, one exact row.

use std::time::Duration;

use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use super::stand::{Stand, assert_row, assert_unknown_cost};
use crate::support::client::{End, Request};
use crate::support::prices::{DIALECTS, MODEL, UNPRICED};
use crate::support::upstream::answers::{self, Tokens};
use crate::support::upstream::{Match, Rule, Script};

#[tokio::test]
async fn each_dialect_answers_whole_with_an_exact_row() {
    let stand = Stand::new().await;
    for (done, dialect) in DIALECTS.into_iter().enumerate() {
        let tokens = Tokens::rich(dialect);
        stand.upstream.reset();
        stand
            .upstream
            .script(Rule::made(Match::any(), move |seen| answers::good_with(seen, &tokens)));
        let answer = stand.ask(dialect, false).await;
        assert_eq!(answer.status, 200, "{dialect}: {}", answer.text());
        assert_eq!(answer.text(), answers::answer(dialect, MODEL, "Hello.", &tokens), "{dialect}");
        assert!(answer.header("x-switchyard-request-id").is_some(), "{dialect}");
        let rows = stand.switchyard.rows_when(done + 1).await;
        assert_row(&rows[0], 200, &tokens);
    }
}

#[tokio::test]
async fn each_dialect_streams_every_frame_with_an_exact_row() {
    let stand = Stand::new().await;
    for (done, dialect) in DIALECTS.into_iter().enumerate() {
        let tokens = Tokens::rich(dialect);
        let frames = answers::frames(dialect, MODEL, 20, &tokens);
        stand.upstream.reset();
        stand.upstream.always(Script::frames(frames.clone()));
        let answer = stand.ask(dialect, true).await;
        assert_eq!(answer.status, 200, "{dialect}: {}", answer.text());
        assert_eq!(answer.text(), frames.concat(), "{dialect}");
        assert_eq!(answer.end, End::Clean, "{dialect}");
        let rows = stand.switchyard.rows_when(done + 1).await;
        assert_row(&rows[0], 200, &tokens);
    }
}

#[tokio::test]
async fn a_stream_that_only_calls_a_tool_passes_unchanged() {
    let stand = Stand::new().await;
    for (done, dialect) in DIALECTS.into_iter().enumerate() {
        let tokens = Tokens::rich(dialect);
        let frames = answers::tool_frames(dialect, MODEL, &tokens);
        stand.upstream.reset();
        stand.upstream.always(Script::frames(frames.clone()));
        let answer = stand.ask(dialect, true).await;
        assert_eq!(answer.text(), frames.concat(), "{dialect}");
        let rows = stand.switchyard.rows_when(done + 1).await;
        assert_row(&rows[0], 200, &tokens);
    }
}

#[tokio::test]
async fn frames_pass_while_the_stream_goes_on() {
    let stand = Stand::new().await;
    for dialect in DIALECTS {
        stand.upstream.reset();
        stand.upstream.always(answers::truncated(dialect, MODEL, 2).stall());
        let mut live = stand.open(dialect).await;
        // The upstream says nothing more: the frame is here only if nothing waits for the end.
        live.frame_with("piece 1").await;
        live.leave();
    }
}

#[tokio::test]
async fn usage_is_exact_however_the_network_splits_the_bytes() {
    let stand = Stand::new().await;
    for (done, dialect) in DIALECTS.into_iter().enumerate() {
        let tokens = Tokens::rich(dialect);
        let text = answers::frames(dialect, MODEL, 2, &tokens).concat();
        stand.upstream.reset();
        stand.upstream.always(Script::stream().trickle(text.as_bytes(), Duration::ZERO).end());
        let answer = stand.ask(dialect, true).await;
        assert_eq!(answer.text(), text, "{dialect}");
        let rows = stand.switchyard.rows_when(done + 1).await;
        assert_row(&rows[0], 200, &tokens);
    }
}

#[tokio::test]
async fn a_model_without_a_price_is_served_and_its_cost_stays_unknown() {
    let stand = Stand::new().await;
    let request = Request::model(Dialect::Anthropic, &stand.user.key, UNPRICED, false);
    assert_eq!(stand.switchyard.send(&request).await.status, 200);
    let row = stand.switchyard.only_row().await;
    assert_eq!(row["inputTokens"], answers::PLAIN.input);
    assert_unknown_cost(&row);
}

#[tokio::test]
async fn an_answer_without_usage_has_an_unknown_cost() {
    let stand = Stand::new().await;
    let body = json!({ "id": "m", "type": "message", "role": "assistant", "model": MODEL,
        "content": [{ "type": "text", "text": "hi" }], "stop_reason": "end_turn" });
    stand.upstream.always(Script::json(200, body.to_string()));
    assert_eq!(stand.ask(Dialect::Anthropic, false).await.status, 200);
    let row = stand.switchyard.only_row().await;
    assert_eq!(row["inputTokens"], serde_json::Value::Null);
    assert_unknown_cost(&row);
}

#[tokio::test]
async fn an_answer_that_does_not_tell_its_output_is_billed_as_far_as_it_is_told_and_says_so() {
    let stand = Stand::new().await;
    for (done, (output, read)) in
        [("", 0), (r#", "completion_tokens": 12.5"#, 0), (r#", "completion_tokens": "7""#, 7)]
            .into_iter()
            .enumerate()
    {
        let usage = format!(r#"{{ "prompt_tokens": 100{output}, "total_tokens": 100 }}"#);
        let body = format!(
            r#"{{ "id": "c", "object": "chat.completion", "model": "{MODEL}", "usage": {usage},
            "choices": [{{ "index": 0, "finish_reason": "stop",
                "message": {{ "role": "assistant", "content": "hi" }} }}] }}"#
        );
        stand.upstream.reset();
        stand.upstream.always(Script::json(200, body));
        assert_eq!(stand.ask(Dialect::OpenaiChat, false).await.status, 200);
        let row = &stand.switchyard.rows_when(done + 1).await[0];
        assert_eq!((&row["inputTokens"], &row["outputTokens"]), (&json!(100), &json!(read)));
        assert_eq!(row["usageComplete"], read > 0, "{row:#}");
    }
}

#[tokio::test]
async fn embeddings_are_billed_and_counting_tokens_is_free() {
    let stand = Stand::new().await;
    let key = &stand.user.key;
    let embed = json!({ "model": MODEL, "input": "text" }).to_string();
    let embed = Request::post("/v1/embeddings", embed).bearer(key);
    assert_eq!(stand.switchyard.send(&embed).await.status, 200);
    let row = stand.switchyard.only_row().await;
    assert_row(&row, 200, &Tokens { output: 0, ..answers::PLAIN });

    let body = answers::request(Dialect::Anthropic, MODEL, false, "count me");
    let count = Request::post("/v1/messages/count_tokens", body).header("x-api-key", key);
    let answer = stand.switchyard.send(&count).await;
    assert_eq!(answer.json()["input_tokens"], answers::PLAIN.input);
    for row in stand.switchyard.all_rows().await {
        let counting = row["endpoint"].as_str().is_some_and(|path| path.ends_with("count_tokens"));
        assert!(!counting || row["costUsd"].is_null(), "counting is never billed: {row:#}");
    }
}
