//! Whole answers, read and written.

use serde_json::json;

use super::*;
use crate::wire::convert::hub::{Finish, HubUsage, Place, Thinking};

#[test]
fn a_whole_answer_is_read() {
    let body = r#"{"id":"msg_1","type":"message","role":"assistant","model":"m",
        "content":[{"type":"thinking","thinking":"so","signature":"c2ln"},
                   {"type":"text","text":""},{"type":"newest"},
                   {"type":"text","text":"Hi"},
                   {"type":"tool_use","id":"a","name":"f","input":{"n": 1.50}}],
        "stop_reason":"tool_use","stop_sequence":null,
        "usage":{"input_tokens":3,"output_tokens":4,"server_tool_use":{"web_search_requests":1}}}"#;
    let seal = seal(Family::Anthropic, "c2ln");
    let wanted = Answer {
        id: Some("msg_1".into()),
        model: Some("m".into()),
        parts: vec![
            Part::Thinking(Thinking {
                at: Place::default(),
                text: "so".into(),
                redacted: false,
                seal,
            }),
            say("Hi"),
            Part::Call(call("a", "f", "{\"n\": 1.50}")),
        ],
        usage: Some(HubUsage { fresh: 3, output: 4, ..HubUsage::default() }),
        lacks_call: false,
        finish: Finish::ToolCalls,
    };
    assert_eq!(decode_answer(body.as_bytes()).unwrap(), wanted);
}

#[test]
fn what_is_no_answer_is_broken() {
    for (body, place) in [
        ("<html>", "not of this format"),
        ("{}", "no content"),
        (r#"{"type":"error","error":{"type":"api_error","message":"down"}}"#, "down"),
        (r#"{"content":[{"text":"Hi"}]}"#, "type"),
    ] {
        let broken = decode_answer(body.as_bytes()).unwrap_err();
        assert!(broken.0.contains(place), "{broken} lacks {place}");
    }
}

#[test]
fn a_whole_answer_is_written_to_the_byte() {
    let signed = Call { seal: seal(Family::Google, "Z29v"), ..call("c0", "f", "{\"n\":1.50}") };
    let answer = Answer {
        id: Some("resp_1".into()),
        model: Some("m".into()),
        parts: vec![say("Hi"), Part::Refusal("No.".into()), Part::Call(signed)],
        usage: None,
        lacks_call: false,
        finish: Finish::Stop(Some("END".into())),
    };
    let wanted = concat!(
        r#"{"id":"msg_resp_1","type":"message","role":"assistant","model":"m","content":["#,
        r#"{"type":"text","text":"Hi"},{"type":"text","text":"No."},"#,
        r#"{"type":"thinking","thinking":"","signature":"sy1.g.Z29v"},"#,
        r#"{"type":"tool_use","id":"c0","name":"f","input":{"n":1.50}}],"#,
        r#""stop_reason":"stop_sequence","stop_sequence":"END","#,
        r#""usage":{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"#,
        r#""cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"#,
        r#""output_tokens":0}}"#,
    );
    let mut losses = Losses::default();
    let body = encode_answer(&answer, &Reply::default(), &mut losses);
    assert_eq!(String::from_utf8(body).unwrap(), wanted);
    assert_eq!(tokens(&losses), [Token::ApproxRefusalAsText]);
}

#[test]
fn usage_cache_matrix() {
    let usage = json!({"input_tokens": 10, "cache_creation_input_tokens": 9,
        "cache_read_input_tokens": 8, "output_tokens": 7,
        "cache_creation": {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 4}});
    let body = json!({"content": [], "stop_reason": "end_turn", "usage": usage});
    let answer = decode_answer(body.to_string().as_bytes()).unwrap();
    let wanted = HubUsage {
        fresh: 10,
        cache_read: 8,
        cache_write_5m: 3,
        cache_write_1h: 4,
        cache_write_other: 2,
        output: 7,
        ..HubUsage::default()
    };
    assert_eq!(answer.usage, Some(wanted));
    let body = encode_answer(&answer, &Reply::default(), &mut Losses::default());
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["usage"], usage);
    let bare = json!({"content": [], "usage": {"cache_creation_input_tokens": 9}}).to_string();
    let usage = decode_answer(bare.as_bytes()).unwrap().usage.unwrap();
    assert_eq!((usage.cache_write_other, usage.cache_write_5m), (9, 0));
}

#[test]
fn a_call_that_nobody_can_read_is_an_error() {
    let answer = Answer { finish: Finish::BadToolCall, ..Answer::default() };
    let body = encode_answer(&answer, &Reply::default(), &mut Losses::default());
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!((&body["type"], &body["error"]["type"]), (&json!("error"), &json!("api_error")));
}

#[test]
fn thinking_that_is_not_to_be_shown_is_its_seal_alone() {
    let thinking = |seal| {
        Part::Thinking(Thinking { at: Place::default(), text: "so".into(), redacted: false, seal })
    };
    let parts = vec![thinking(None), thinking(seal(Family::OpenAi, "gAAAA"))];
    let answer = Answer { parts, ..Answer::default() };
    let content = |show_thinking| {
        let reply = Reply { show_thinking, ..Reply::default() };
        let body = encode_answer(&answer, &reply, &mut Losses::default());
        serde_json::from_slice::<Value>(&body).unwrap()["content"].clone()
    };
    let block = |text: &str, signature: &str| json!({"type": "thinking", "thinking": text, "signature": signature});
    assert_eq!(content(true), json!([block("so", ""), block("so", "gAAAA")]));
    assert_eq!(content(false), json!([block("", "gAAAA")]));
}
