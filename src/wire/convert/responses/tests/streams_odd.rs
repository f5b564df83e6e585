//! Providers' streams that fail, or are not quite as they should be.

use serde_json::json;

use super::super::super::hub::{Finish, PartKind, TroubleKind};
use super::streams_in::{
    added, args, begin, calling, completed, created, done, end, frame, more, start,
};
use super::*;

#[test]
fn an_end_that_contradicts_what_came_is_an_error() {
    let item = |args: &str| json!({"type": "function_call", "call_id": "c", "name": "f", "arguments": args});
    let came = frame(
        "response.function_call_arguments.delta",
        json!({"output_index": 0, "delta": "{\"a\":1}"}),
    );
    let (mut stream, mut out) = (StreamIn::new(), Vec::new());
    for frame in [created(), added(0, &item("")), came] {
        stream.frame("", &frame.to_string(), &mut out).unwrap();
    }
    let same = done(0, &item("{ \"a\": 1 }")).to_string();
    let other = done(0, &item("{\"a\":2}")).to_string();
    let broken = stream.frame("", &other, &mut out).unwrap_err();
    assert!(broken.0.contains("contradict"), "{broken}");
    stream.frame("", &same, &mut out).unwrap();
}

#[test]
fn items_that_are_numbered_alike_are_told_apart() {
    let message = |id: &str, text: &str| json!({"id": id, "type": "message", "content": [{"type": "output_text", "text": text}]});
    let said =
        |text: &str| frame("response.output_text.delta", json!({"output_index": 0, "delta": text}));
    let events = streamed(&[
        created(),
        added(0, &message("a", "")),
        said("One"),
        done(0, &message("a", "One")),
        added(0, &message("b", "")),
        said("Two"),
        done(0, &message("b", "Two")),
        completed(),
    ]);
    assert_eq!(folded(events).unwrap().unwrap().parts, [text("One"), text("Two")]);
}

#[test]
fn errors_of_all_forms_are_told() {
    let error = |events: Vec<Event>| match events.as_slice() {
        [Event::Error(error)] => error.clone(),
        other => panic!("{other:?}"),
    };
    let overloaded = json!({"code": "server_is_overloaded", "message": "Later."});
    for (frame, kind, message) in [
        (
            frame(
                "response.failed",
                json!({"response": {"status": "failed", "error": overloaded}}),
            ),
            TroubleKind::Overloaded,
            "Later.",
        ),
        (
            frame(
                "error",
                json!({"code": "rate_limit_exceeded", "message": "Slow.", "param": null}),
            ),
            TroubleKind::RateLimit,
            "Slow.",
        ),
        (
            frame("error", json!({"error": {"code": "insufficient_quota", "message": "Pay."}})),
            TroubleKind::Quota,
            "Pay.",
        ),
        (
            json!({"error": {"type": "invalid_request_error", "message": "Bad."}}),
            TroubleKind::BadRequest,
            "Bad.",
        ),
        (
            frame("response.cancelled", json!({"response": {"status": "cancelled"}})),
            TroubleKind::Upstream,
            "the upstream ended the answer as `cancelled`",
        ),
    ] {
        let told = error(streamed(&[frame]));
        assert_eq!((told.kind, told.message.as_str()), (kind, message));
    }
    let later = frame(
        "response.failed",
        json!({"response": {"error": {"code": "rate_limit_exceeded",
            "message": "Please try again in 2.5s."}}}),
    );
    assert_eq!(error(streamed(&[later])).retry_after_s, Some(3));
}

#[test]
fn nothing_comes_behind_the_end_and_strange_frames_are_skipped() {
    let (mut stream, mut out) = (StreamIn::new(), Vec::new());
    for data in ["", "[DONE]", "{\"type\":\"keepalive\"}", "{\"type\":\"response.new\",\"x\":1}"] {
        stream.frame("message", data, &mut out).unwrap();
    }
    assert!(out.is_empty());
    assert!(stream.frame("x", "<html>", &mut out).unwrap_err().0.contains("`x`"));
    stream.frame("", &completed().to_string(), &mut out).unwrap();
    let length = out.len();
    stream.frame("", &completed().to_string(), &mut out).unwrap();
    stream.frame("", "not even JSON", &mut out).unwrap();
    stream.end(&mut out);
    assert_eq!(out.len(), length);
}

#[test]
fn arguments_have_a_bound() {
    let (mut stream, mut out) = (StreamIn::new(), Vec::new());
    let piece = "x".repeat(9 << 20);
    let delta =
        frame("response.function_call_arguments.delta", json!({"output_index": 0, "delta": piece}))
            .to_string();
    stream.frame("", &delta, &mut out).unwrap();
    assert!(stream.frame("", &delta, &mut out).is_err());
}

#[test]
fn a_call_begins_when_its_id_and_name_are_known() {
    let events = streamed(&[
        created(),
        added(0, &json!({"type": "function_call", "call_id": "", "name": ""})),
        frame("response.function_call_arguments.delta", json!({"output_index": 0, "delta": "{}"})),
        done(0, &json!({"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"})),
        completed(),
    ]);
    assert_eq!(
        events[1..4],
        [begin(0, calling("c", "f", CallKind::Function)), args(0, "{}"), end(0)]
    );
}

#[test]
fn what_the_last_event_alone_tells_is_read() {
    let item = json!({"type": "message", "content": [{"type": "output_text", "text": "Hi"}]});
    let last = frame(
        "response.completed",
        json!({"response": {"id": "resp_1", "model": "gpt-5", "output": [item]}}),
    );
    let wanted =
        [start(), begin(0, PartKind::Text), more(0, "Hi"), end(0), Event::Finish(Finish::End)];
    assert_eq!(streamed(&[last]), wanted);
}
