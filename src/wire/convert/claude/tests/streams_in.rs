//! Streams of providers, read.

use serde_json::json;

use super::*;
use crate::wire::convert::hub::{
    Citation, Delta, Finish, HubUsage, PartKind, StreamError, TroubleKind,
};

/// A stream as the vendor sends it: thinking, text with a source, a search it ran, and a call.
const WHOLE: &str = r#"event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":9,"cache_creation_input_tokens":7,"cache_read_input_tokens":5,"cache_creation":{"ephemeral_5m_input_tokens":4,"ephemeral_1h_input_tokens":2},"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

event: ping
data: {"type":"ping"}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"so"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"newer_delta","x":1}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"server_tool_use","id":"s1","name":"web_search","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"query\""}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":":\"q\"}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: content_block_start
data: {"type":"content_block_start","index":2,"content_block":{"type":"newest","data":7}}

event: content_block_stop
data: {"type":"content_block_stop","index":2}

event: content_block_start
data: {"type":"content_block_start","index":3,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":3,"delta":{"type":"text_delta","text":"Hi"}}

event: content_block_delta
data: {"type":"content_block_delta","index":3,"delta":{"type":"citations_delta","citation":{"type":"web_search_result_location","url":"https://a","title":"A"}}}

event: content_block_stop
data: {"type":"content_block_stop","index":3}

event: content_block_start
data: {"type":"content_block_start","index":4,"content_block":{"type":"tool_use","id":"toolu_1","name":"f","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":"{\"n\":1.50}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":4}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":9,"cache_creation_input_tokens":7,"cache_read_input_tokens":5,"output_tokens":30}}

event: message_stop
data: {"type":"message_stop"}

"#;

fn usage(output: u64) -> HubUsage {
    HubUsage {
        fresh: 9,
        cache_read: 5,
        cache_write_5m: 4,
        cache_write_1h: 2,
        cache_write_other: 1,
        output,
        ..HubUsage::default()
    }
}

#[test]
fn a_whole_stream() {
    let search =
        r#"{"type":"server_tool_use","id":"s1","name":"web_search","input":{"query":"q"}}"#;
    let source = r#"{"type":"web_search_result_location","url":"https://a","title":"A"}"#;
    let start = |index, kind| Event::PartStart { index, kind };
    let delta = |index, delta| Event::PartDelta { index, delta };
    let citation = Citation {
        family: Family::Anthropic,
        title: Some("A".into()),
        url: Some("https://a".into()),
        raw: Json::parse(source).unwrap(),
    };
    let call = PartKind::Call {
        id: "toolu_1".into(),
        name: "f".into(),
        kind: CallKind::Function,
        namespace: None,
    };
    let server = PartKind::Server {
        family: Family::Anthropic,
        kind: "server_tool_use".into(),
        raw: Json::parse(search).unwrap(),
    };
    let (id, model) = (Some("msg_1".to_owned()), Some("m".to_owned()));
    let seal = Seal { family: Family::Anthropic, blob: "c2ln".into() };
    let wanted = [
        Event::Start { id, model, usage: Some(usage(1)) },
        start(0, PartKind::Thinking { redacted: false }),
        delta(0, Delta::Text("so".into())),
        delta(0, Delta::Seal(seal)),
        Event::PartEnd { index: 0 },
        start(1, server),
        Event::PartEnd { index: 1 },
        start(2, PartKind::Text),
        delta(2, Delta::Text("Hi".into())),
        delta(2, Delta::Citation(citation)),
        Event::PartEnd { index: 2 },
        start(3, call),
        delta(3, Delta::Args("{\"n\":1.50}".into())),
        Event::PartEnd { index: 3 },
        Event::Usage(usage(30)),
        Event::Finish(Finish::ToolCalls),
    ];
    assert_eq!(read_stream(WHOLE), wanted);
}

#[test]
fn a_stream_that_is_cut_has_no_end() {
    let frames = frames(WHOLE);
    for cut in 0..frames.len() {
        let (mut reader, mut out) = (StreamIn::new(), Vec::new());
        for (event, data) in frames.iter().take(cut) {
            reader.frame(event, data, &mut out).unwrap();
        }
        assert!(!out.iter().any(|event| matches!(event, Event::Finish(_) | Event::Error(_))));
        reader.end(&mut out);
        let Some(Event::Error(error)) = out.last() else { panic!("{out:?}") };
        assert_eq!(error.kind, TroubleKind::Upstream);
        reader.end(&mut out);
        let errors = out.iter().filter(|event| matches!(event, Event::Error(_)));
        assert_eq!(errors.count(), 1);
    }
}

/// Reads frames that are written as values, between a start and an end.
fn read(frames: &[Value], reason: &str) -> Vec<Event> {
    let (mut reader, mut out) = (StreamIn::new(), Vec::new());
    let start = json!({"type": "message_start", "message": {"id": "msg_1", "model": "m"}});
    let delta = json!({"type": "message_delta", "delta": {"stop_reason": reason}});
    let stop = json!({"type": "message_stop"});
    for frame in [&[start][..], frames, &[delta, stop][..]].concat() {
        reader.frame("", &frame.to_string(), &mut out).unwrap();
    }
    out
}

fn begin(index: u64, block: &Value) -> Value {
    json!({"type": "content_block_start", "index": index, "content_block": block})
}

fn end(index: u64) -> Value {
    json!({"type": "content_block_stop", "index": index})
}

#[test]
fn tool_no_args() {
    let block = |input: Value| json!({"type": "tool_use", "id": "a", "name": "f", "input": input});
    for (input, wanted) in [(json!({}), "{}"), (Value::Null, "{}"), (json!({"a": 1}), "{\"a\":1}")]
    {
        let events = read(&[begin(0, &block(input)), end(0)], "tool_use");
        let wanted = call("a", "f", wanted);
        assert_eq!(fold(&events).unwrap().parts, [Part::Call(wanted)]);
    }
}

#[test]
fn a_call_without_an_id_is_given_one() {
    let events = read(&[begin(0, &json!({"type": "tool_use", "name": "f"})), end(0)], "tool_use");
    let Event::PartStart { kind: PartKind::Call { id, .. }, .. } = &events[1] else {
        panic!("{events:?}");
    };
    assert_eq!(id, "toolu_msg_1_0");
}

#[test]
fn blocks_that_nobody_ended_are_whole_at_the_end_and_empty_text_is_nothing() {
    let text = json!({"type": "text", "text": ""});
    let thinking = json!({"type": "redacted_thinking", "data": "hid"});
    let events = read(&[begin(0, &text), end(0), begin(1, &thinking)], "end_turn");
    let answer = fold(&events).unwrap();
    let [Part::Thinking(thinking)] = answer.parts.as_slice() else { panic!("{answer:?}") };
    assert!(thinking.redacted);
    assert_eq!(thinking.seal, seal(Family::Anthropic, "hid"));
}

#[test]
fn finish_matrix() {
    let block = json!({"type": "tool_use", "id": "a", "name": "f", "input": {}});
    let called = [begin(0, &block), end(0)];
    for (reason, frames, wanted) in [
        ("end_turn", &[][..], Finish::End),
        ("max_tokens", &[], Finish::MaxOutput),
        ("stop_sequence", &[], Finish::Stop(None)),
        ("tool_use", &called, Finish::ToolCalls),
        ("tool_use", &[], Finish::End),
        ("end_turn", &called, Finish::ToolCalls),
        ("max_tokens", &called, Finish::MaxOutput),
        ("pause_turn", &[], Finish::Pause),
        ("refusal", &[], Finish::Refusal),
        ("model_context_window_exceeded", &[], Finish::ContextFull),
        ("compaction", &[], Finish::Other("compaction".into())),
    ] {
        assert_eq!(read(frames, reason).last(), Some(&Event::Finish(wanted)), "{reason}");
    }
}

#[test]
fn error_matrix() {
    for (kind, message, wanted) in [
        ("invalid_request_error", "no", TroubleKind::BadRequest),
        (
            "invalid_request_error",
            "prompt is too long: 213462 tokens > 200000 maximum",
            TroubleKind::ContextLength,
        ),
        ("request_too_large", "no", TroubleKind::BadRequest),
        ("rate_limit_error", "no", TroubleKind::RateLimit),
        ("billing_error", "no", TroubleKind::Quota),
        ("overloaded_error", "Overloaded", TroubleKind::Overloaded),
        ("timeout_error", "no", TroubleKind::Timeout),
        ("api_error", "no", TroubleKind::Upstream),
        ("authentication_error", "no", TroubleKind::Upstream),
    ] {
        let frame = json!({"type": "error", "error": {"type": kind, "message": message}});
        let (mut reader, mut out) = (StreamIn::new(), Vec::new());
        reader.frame("error", &frame.to_string(), &mut out).unwrap();
        reader.frame("message_stop", "{\"type\":\"message_stop\"}", &mut out).unwrap();
        reader.end(&mut out);
        let error = StreamError { kind: wanted, message: message.into(), retry_after_s: None };
        assert_eq!(out, [Event::Error(error)]);
    }
}

#[test]
fn usage_of_the_end_counts_and_noughts_take_nothing_back() {
    let (mut reader, mut out) = (StreamIn::new(), Vec::new());
    for frame in [
        json!({"type": "message_start", "message": {"usage": {"input_tokens": 0, "output_tokens": 1}}}),
        json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"},
               "usage": {"input_tokens": 12, "cache_read_input_tokens": 3, "output_tokens": 4}}),
        json!({"type": "message_delta", "delta": {},
               "usage": {"input_tokens": 0, "cache_creation_input_tokens": 2, "output_tokens": 5}}),
        json!({"type": "message_delta", "delta": {}, "usage": {"output_tokens": "many"}}),
    ] {
        reader.frame("", &frame.to_string(), &mut out).unwrap();
    }
    let all = HubUsage {
        fresh: 12,
        cache_read: 3,
        cache_write_other: 2,
        output: 5,
        ..HubUsage::default()
    };
    assert_eq!(out.last(), Some(&Event::Usage(all)));
}

#[test]
fn what_is_not_of_this_format_is_broken() {
    for (data, place) in [
        ("<html>", "not of this format"),
        (r#"{"type":"message_start"}"#, "no message"),
        (r#"{"type":"content_block_start","index":0}"#, "no content_block"),
        (r#"{"type":"content_block_delta","delta":{}}"#, "no index"),
        (r#"{"type":"content_block_stop","index":"a"}"#, "index"),
        (
            r#"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a"}}"#,
            "no name",
        ),
    ] {
        let broken = StreamIn::new().frame("", data, &mut Vec::new()).unwrap_err();
        assert!(broken.0.contains(place), "{broken} lacks {place}");
    }
    let mut out = Vec::new();
    StreamIn::new().frame("newer", r#"{"type":"newer","index":"x","delta":3}"#, &mut out).unwrap();
    assert!(out.is_empty());
}

#[test]
fn arguments_have_an_end() {
    let (mut reader, mut out) = (StreamIn::new(), Vec::new());
    let block = json!({"type": "tool_use", "id": "a", "name": "f", "input": {}});
    reader.frame("", &begin(0, &block).to_string(), &mut out).unwrap();
    let delta = json!({"type": "input_json_delta", "partial_json": "x".repeat(1 << 20)});
    let frame = json!({"type": "content_block_delta", "index": 0, "delta": delta}).to_string();
    for _ in 0..16 {
        reader.frame("", &frame, &mut out).unwrap();
    }
    assert!(reader.frame("", &frame, &mut out).is_err());
}
