//! `finish_matrix`, `usage_cache_matrix`, `error_matrix`.

use serde_json::json;

use super::*;

/// Reads the finish of an answer.
fn read(message: &str, reason: &str) -> Finish {
    let body = format!(r#"{{"choices":[{{"message":{message},"finish_reason":{reason}}}]}}"#);
    decode_answer(body.as_bytes()).unwrap().finish
}

/// Writes a finish behind parts.
fn write(parts: Vec<Part>, finish: Finish) -> (Value, Vec<Token>) {
    let answer = Answer { parts, finish, ..Answer::default() };
    let mut losses = Losses::default();
    let body = encode_answer(&answer, &reply(), &mut losses);
    (serde_json::from_slice(&body).unwrap(), tokens(&losses))
}

#[test]
fn finishes_are_read() {
    let plain = r#"{"content":"x"}"#;
    let calls = r#"{"tool_calls":[{"id":"a","function":{"name":"f","arguments":"{}"}}]}"#;
    let refusal = r#"{"refusal":"No."}"#;
    for (message, reason, wanted) in [
        (plain, r#""stop""#, Finish::End),
        (plain, r#""length""#, Finish::MaxOutput),
        (plain, r#""content_filter""#, Finish::Filtered(None)),
        (plain, r#""tool_calls""#, Finish::End),
        (plain, r#""eos""#, Finish::Other("eos".into())),
        (plain, "null", Finish::End),
        (plain, r#""""#, Finish::End),
        (calls, r#""tool_calls""#, Finish::ToolCalls),
        (calls, r#""function_call""#, Finish::ToolCalls),
        (calls, r#""stop""#, Finish::ToolCalls),
        (calls, "null", Finish::ToolCalls),
        (calls, r#""length""#, Finish::MaxOutput),
        (refusal, r#""stop""#, Finish::Refusal),
    ] {
        assert_eq!(read(message, reason), wanted, "{message} {reason}");
    }
}

#[test]
fn finishes_are_written() {
    use Token::{ApproxFinish, DropStopText};
    for (finish, wanted, lost) in [
        (Finish::End, "stop", vec![]),
        (Finish::Stop(Some("END".into())), "stop", vec![DropStopText]),
        (Finish::Stop(None), "stop", vec![]),
        (Finish::ToolCalls, "tool_calls", vec![]),
        (Finish::MaxOutput, "length", vec![]),
        (Finish::ContextFull, "length", vec![ApproxFinish]),
        (Finish::Refusal, "content_filter", vec![]),
        (Finish::Filtered(Some("SPII".into())), "content_filter", vec![]),
        (Finish::Pause, "stop", vec![ApproxFinish]),
        (Finish::Other("x".into()), "stop", vec![ApproxFinish]),
    ] {
        let (body, tokens) = write(vec![text("x")], finish.clone());
        assert_eq!(body["choices"][0]["finish_reason"], wanted, "{finish:?}");
        assert_eq!(tokens, lost, "{finish:?}");
        let events = [Event::Start { id: None, model: None, usage: None }, Event::Finish(finish)];
        let (out, losses) = written(&events, reply());
        assert!(out.contains(&format!("\"finish_reason\":\"{wanted}\"")), "{out}");
        assert_eq!(super::tokens(&losses), lost);
    }
    let (body, _) = write(vec![Part::Refusal("No.".into())], Finish::Refusal);
    assert_eq!(body["choices"][0]["finish_reason"], "stop");
    assert_eq!(body["choices"][0]["message"]["refusal"], "No.");
}

#[test]
fn a_call_that_nobody_can_read_is_an_error() {
    let (body, _) = write(vec![], Finish::BadToolCall);
    assert_eq!(body["error"]["type"], "server_error");
    let events =
        [Event::Start { id: None, model: None, usage: None }, Event::Finish(Finish::BadToolCall)];
    let (out, _) = written(&events, reply());
    assert!(out.contains("data: {\"error\":{") && !out.contains("[DONE]"), "{out}");
}

#[test]
fn usage_is_read() {
    let read = |usage: Value| {
        let body = json!({"choices": [{"message": {"content": "x"}}], "usage": usage});
        decode_answer(body.to_string().as_bytes()).unwrap().usage
    };
    let none = HubUsage::default();
    for (usage, wanted) in [
        (
            json!({"prompt_tokens": 9, "completion_tokens": 4}),
            HubUsage { fresh: 9, output: 4, ..none },
        ),
        (
            json!({"prompt_tokens": 9, "completion_tokens": 4,
                "prompt_tokens_details": {"cached_tokens": 5, "cache_write_tokens": 3},
                "completion_tokens_details": {"reasoning_tokens": 2}}),
            HubUsage {
                fresh: 1,
                cache_read: 5,
                cache_write_other: 3,
                output: 4,
                reasoning: Some(2),
                ..none
            },
        ),
        (
            json!({"prompt_tokens": 9, "completion_tokens": 4, "prompt_cache_hit_tokens": 6,
                "prompt_tokens_details": null}),
            HubUsage { fresh: 3, cache_read: 6, output: 4, ..none },
        ),
        // Some count what the cache had apart: nothing may become negative.
        (
            json!({"prompt_tokens": 2, "completion_tokens": 1,
                "prompt_tokens_details": {"cached_tokens": 50, "cache_write_tokens": 7}}),
            HubUsage { cache_read: 2, output: 1, ..none },
        ),
    ] {
        assert_eq!(read(usage), Some(wanted));
    }
    assert_eq!(read(json!({})), None);
    assert_eq!(read(json!(null)), None);
}

#[test]
fn usage_is_written() {
    let usage = HubUsage {
        fresh: 1,
        cache_read: 2,
        cache_write_5m: 4,
        cache_write_1h: 8,
        cache_write_other: 16,
        tool_input: 32,
        output: 64,
        reasoning: Some(3),
    };
    let answer = Answer { usage: Some(usage), ..Answer::default() };
    let mut losses = Losses::default();
    let body: Value =
        serde_json::from_slice(&encode_answer(&answer, &reply(), &mut losses)).unwrap();
    assert_eq!(
        body["usage"],
        json!({"prompt_tokens": 63, "completion_tokens": 64, "total_tokens": 127,
            "prompt_tokens_details": {"cached_tokens": 2, "cache_write_tokens": 28},
            "completion_tokens_details": {"reasoning_tokens": 3}})
    );
    assert_eq!(tokens(&losses), [Token::ApproxCacheWriteInPrompt]);
}

#[test]
fn errors_are_read() {
    use TroubleKind::{BadRequest, ContextLength, Overloaded, Quota, RateLimit, Timeout, Upstream};
    for (error, wanted) in [
        (json!({"message": "m", "type": "invalid_request_error"}), BadRequest),
        (
            json!({"message": "m", "type": "invalid_request_error", "code": "context_length_exceeded"}),
            ContextLength,
        ),
        (
            json!({"message": "m", "type": "rate_limit_error", "code": "rate_limit_exceeded"}),
            RateLimit,
        ),
        (json!({"message": "m", "code": "insufficient_quota"}), Quota),
        (
            json!({"message": "m", "type": "server_error", "code": "server_is_overloaded"}),
            Overloaded,
        ),
        (json!({"message": "m", "code": 429}), RateLimit),
        (json!({"message": "m", "type": "server_error", "code": "timeout"}), Timeout),
        (json!({"message": "m", "type": "server_error", "code": null}), Upstream),
        (json!("m"), Upstream),
    ] {
        let frames = [chunk(r#"{"content":"x"}"#, "null"), json!({"error": error}).to_string()];
        let failed = folded(&events_of(StreamIn::new(), &frames)).unwrap().unwrap_err();
        let wanted = StreamError { kind: wanted, message: "m".into(), retry_after_s: None };
        assert_eq!(failed, wanted);
        let body = json!({"error": error}).to_string();
        assert_eq!(decode_answer(body.as_bytes()), Err(Broken("m".into())));
    }
    let mut events = Vec::new();
    let data = r#"{"message":"m","type":"overloaded_error"}"#;
    StreamIn::new().frame("error", data, &mut events).unwrap();
    let wanted = StreamError { kind: Overloaded, message: "m".into(), retry_after_s: None };
    assert_eq!(events, [Event::Error(wanted)], "an error before all else has no start");
}
