//! Streams of providers into events, and events into bytes for clients.

use super::super::super::hub::{
    Citation, Delta, Event, Finish, HubUsage, Image, PartKind, Place, Source, StreamError,
    TroubleKind,
};
use super::super::super::names::{Bounds, ToolName};
use super::super::super::reply::Reply;
use super::super::{StreamIn, StreamOut};
use super::*;

fn read(frames: &[&str]) -> Vec<Event> {
    let (mut stream, mut events) = (StreamIn::new(), Vec::new());
    for frame in frames {
        stream.frame("", frame, &mut events).unwrap();
    }
    stream.end(&mut events);
    events
}

pub(super) fn delta(index: usize, delta: Delta) -> Event {
    Event::PartDelta { index, delta }
}

pub(super) fn words(index: usize, text: &str) -> Event {
    delta(index, Delta::Text(text.to_owned()))
}

pub(super) fn begins(index: usize, kind: PartKind) -> Event {
    Event::PartStart { index, kind }
}

pub(super) fn ends(index: usize) -> Event {
    Event::PartEnd { index }
}

pub(super) fn calls(index: usize, id: &str, name: &str) -> Event {
    let (id, name) = (id.to_owned(), name.to_owned());
    let kind = PartKind::Call { id, name, kind: CallKind::Function, namespace: None };
    Event::PartStart { index, kind }
}

fn thinks(index: usize) -> Event {
    begins(index, PartKind::Thinking { redacted: false })
}

fn frame(parts: &str, more: &str) -> String {
    format!(
        r#"{{"candidates":[{{"content":{{"parts":[{parts}],"role":"model"}},"index":0{more}}}],"modelVersion":"m","responseId":"g1"}}"#
    )
}

#[test]
fn a_whole_stream_of_thoughts_text_and_signed_calls() {
    let frames = [
        r#"{"candidates":[{"content":{"parts":[{"text":"Let","thought":true}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":9,"totalTokenCount":9},"modelVersion":"m","responseId":"g1"}"#,
        &frame(r#"{"text":" me","thought":true}"#, ""),
        &frame(r#"{"text":"I "}"#, ""),
        &frame(r#"{"text":"read."}"#, ""),
        &frame(
            r#"{"functionCall":{"id":"x1","name":"read","args":{"n":1.50}},"thoughtSignature":"c2ln"},{"functionCall":{"id":"x2","name":"list"}}"#,
            "",
        ),
        r#"{"candidates":[{"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":9,"cachedContentTokenCount":4,"candidatesTokenCount":5,"thoughtsTokenCount":2,"toolUsePromptTokenCount":1,"totalTokenCount":17},"modelVersion":"m","responseId":"g1"}"#,
    ];
    let usage = HubUsage {
        fresh: 5,
        cache_read: 4,
        tool_input: 1,
        output: 7,
        reasoning: Some(2),
        ..HubUsage::default()
    };
    let early = HubUsage { fresh: 9, ..HubUsage::default() };
    let (id, model) = (Some("g1".to_owned()), Some("m".to_owned()));
    let wanted = [
        Event::Start { id, model, usage: Some(early) },
        thinks(0),
        words(0, "Let"),
        words(0, " me"),
        ends(0),
        begins(1, PartKind::Text),
        words(1, "I "),
        words(1, "read."),
        ends(1),
        calls(2, "x1", "read"),
        delta(2, Delta::Args("{\"n\":1.50}".to_owned())),
        delta(2, Delta::Seal(google("c2ln"))),
        ends(2),
        calls(3, "x2", "list"),
        ends(3),
        Event::Usage(usage),
        Event::Finish(Finish::ToolCalls),
    ];
    assert_eq!(read(&frames), wanted);
}

#[test]
fn calls_without_ids_get_ones_that_last() {
    let id_of = |response: &str, text: &str| {
        let frame = format!(
            r#"{{"candidates":[{{"content":{{"parts":[{{"text":"{text}"}},{{"functionCall":{{"name":"f"}}}},{{"functionCall":{{"name":"f"}}}}]}},"finishReason":"STOP"}}]{response}}}"#
        );
        let ids: Vec<String> = read(&[&frame])
            .into_iter()
            .filter_map(|event| match event {
                Event::PartStart { kind: PartKind::Call { id, .. }, .. } => Some(id),
                _ => None,
            })
            .collect();
        ids
    };
    let one = id_of(r#","responseId":"a""#, "x");
    assert_eq!(one, id_of(r#","responseId":"a""#, "x"));
    assert!(one[0] != one[1] && Bounds::SHORT_CALL_ID.fits(&one[0]), "{one:?}");
    assert_ne!(one, id_of(r#","responseId":"b""#, "x"));
    let without = id_of("", "x");
    assert_ne!(without, id_of("", "y"));
    assert_ne!(without, id_of(r#","usageMetadata":{"promptTokenCount":9}"#, "x"));
}

#[test]
fn a_seal_comes_last_and_behind_it_another_part_begins() {
    let frames = [
        &frame(r#"{"text":"a"}"#, ""),
        &frame(r#"{"text":"","thoughtSignature":"c2ln"}"#, ""),
        &frame(r#"{"text":"b","thoughtSignature":"c2lnMg=="}"#, r#","finishReason":"STOP""#),
    ];
    let frames: Vec<&str> = frames.iter().map(|frame| frame.as_str()).collect();
    let events = read(&frames);
    let wanted = [
        begins(0, PartKind::Text),
        words(0, "a"),
        delta(0, Delta::Seal(google("c2ln"))),
        ends(0),
        begins(1, PartKind::Text),
        words(1, "b"),
        delta(1, Delta::Seal(google("c2lnMg=="))),
        ends(1),
        Event::Finish(Finish::End),
    ];
    assert_eq!(events[1..], wanted);
}

#[test]
fn a_reason_on_every_chunk_ends_nothing() {
    let stop = r#","finishReason":"STOP""#;
    let (one, two) = (frame(r#"{"text":"a"}"#, stop), frame(r#"{"text":"b"}"#, stop));
    let events = read(&[&one, &two, "[DONE]", ""]);
    let wanted = [
        begins(0, PartKind::Text),
        words(0, "a"),
        words(0, "b"),
        ends(0),
        Event::Finish(Finish::End),
    ];
    assert_eq!(events[1..], wanted);
}

#[test]
fn pictures_code_and_sources() {
    let grounding = r#","groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a.org","title":"A"}},{"web":{"uri":"https://a.org","title":"A"}}]},"finishReason":"STOP""#;
    let frames = [
        frame(
            r#"{"executableCode":{"code":"1"}},{"inlineData":{"mimeType":"image/png","data":"aQ=="}},{"thoughtSignature":""}"#,
            "",
        ),
        frame(r#"{"text":"a"}"#, grounding),
    ];
    let events = read(&[&frames[0], &frames[1]]);
    let source = Source::Base64 { mime: "image/png".to_owned(), data: "aQ==".to_owned() };
    let citation = Citation {
        family: Family::Google,
        title: Some("A".to_owned()),
        url: Some("https://a.org".to_owned()),
        raw: json(r#"{"web":{"uri":"https://a.org","title":"A"}}"#),
    };
    let server = PartKind::Server {
        family: Family::Google,
        kind: "executableCode".to_owned(),
        raw: json(r#"{"executableCode":{"code":"1"}}"#),
    };
    let wanted = [
        begins(0, server),
        ends(0),
        begins(
            1,
            PartKind::Image(Image { at: Place::default(), source, detail: None, cache: None }),
        ),
        ends(1),
        begins(2, PartKind::Text),
        words(2, "a"),
        delta(2, Delta::Citation(citation)),
        ends(2),
        Event::Finish(Finish::End),
    ];
    assert_eq!(events[1..], wanted);
}

#[test]
fn a_blocked_prompt_is_filtered() {
    let events = read(&[
        r#"{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":3}}"#,
    ]);
    let finish = Finish::Filtered(Some("PROHIBITED_CONTENT".to_owned()));
    assert_eq!(events.last(), Some(&Event::Finish(finish)));
}

#[test]
fn error_matrix() {
    use TroubleKind::{BadRequest, ContextLength, Overloaded, Quota, RateLimit, Timeout, Upstream};
    for (code, status, message, kind) in [
        (400, "INVALID_ARGUMENT", "bad", BadRequest),
        (
            400,
            "INVALID_ARGUMENT",
            "The input token count (9) exceeds the maximum number of tokens allowed (1).",
            ContextLength,
        ),
        (429, "RESOURCE_EXHAUSTED", "slow down", RateLimit),
        (429, "RESOURCE_EXHAUSTED", "You exceeded your current quota, please check", Quota),
        (500, "INTERNAL", "oops", Upstream),
        (503, "UNAVAILABLE", "busy", Overloaded),
        (504, "DEADLINE_EXCEEDED", "late", Timeout),
        (403, "PERMISSION_DENIED", "no", Upstream),
    ] {
        let error = format!(
            r#"{{"error":{{"code":{code},"message":"{message}","status":"{status}","details":[{{"@type":"x"}},{{"retryDelay":"3.2s"}}]}}}}"#
        );
        let begun = frame(r#"{"text":"a"}"#, "");
        let message = message.to_owned();
        let wanted = StreamError { kind, message, retry_after_s: Some(4) };
        assert_eq!(read(&[&begun, &error, &begun]).last(), Some(&Event::Error(wanted)), "{error}");
    }
}

#[test]
fn what_is_no_chunk_is_broken() {
    for data in ["<html>", "[1]", "{\"candidates\":5}", "{", &frame(r#"{"functionCall":{}}"#, "")] {
        assert!(StreamIn::new().frame("", data, &mut Vec::new()).is_err(), "{data}");
    }
}

pub(super) fn reply() -> Reply {
    Reply {
        id: "r1".to_owned(),
        model: "asked".to_owned(),
        show_thinking: true,
        ..Reply::default()
    }
}

pub(super) fn write(mut stream: StreamOut, events: &[Event]) -> (String, Vec<Token>) {
    let (mut losses, mut out) = (Losses::default(), Vec::new());
    for event in events {
        stream.event(event, &mut losses, &mut out);
        stream.keep_alive(&mut out);
    }
    let tokens = losses.iter().map(|loss| loss.token).collect();
    (String::from_utf8(out).unwrap(), tokens)
}

pub(super) fn start() -> Event {
    Event::Start { id: None, model: Some("upstream".to_owned()), usage: None }
}

const HEAD: &str = r#"{"candidates":[{"content":{"role":"model","parts":["#;
const TAIL: &str = r#"]},"index":0}],"modelVersion":"asked","responseId":"r1"}"#;

fn sse(part: &str) -> String {
    format!("data: {HEAD}{part}{TAIL}\n\n")
}

#[test]
fn events_become_chunks() {
    let long = "mcp__a_very_long_name".repeat(4);
    let mut reply = reply();
    let kind = CallKind::Function;
    let tool = ToolName { namespace: None, name: long.clone(), kind };
    let short = reply.names.tool(tool, Bounds::OPENAI_NAME);
    let id = reply.names.call("call:1", Bounds::CALL_ID);
    let seal = Seal { family: Family::OpenAi, blob: "gAAAAB".to_owned() };
    let usage = HubUsage {
        fresh: 1,
        cache_read: 2,
        cache_write_5m: 4,
        tool_input: 8,
        output: 20,
        reasoning: Some(5),
        ..HubUsage::default()
    };
    let events = [
        start(),
        thinks(0),
        words(0, "hm"),
        delta(0, Delta::Seal(seal)),
        ends(0),
        begins(1, PartKind::Text),
        words(1, "Hi"),
        words(1, ""),
        ends(1),
        calls(2, &id, &short),
        delta(2, Delta::Args("{\"a\":".to_owned())),
        delta(2, Delta::Args("1.50}".to_owned())),
        ends(2),
        calls(3, "c2", "g"),
        ends(3),
        Event::Usage(usage),
        Event::Finish(Finish::ToolCalls),
    ];
    let (bytes, tokens) = write(StreamOut::new(reply), &events);
    let last = r#"]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":7,"cachedContentTokenCount":2,"candidatesTokenCount":15,"thoughtsTokenCount":5,"toolUsePromptTokenCount":8,"totalTokenCount":35},"modelVersion":"asked","responseId":"r1"}"#;
    let wanted = [
        sse(r#"{"thought":true,"text":"hm"}"#),
        sse(r#"{"thought":true,"text":"","thoughtSignature":"gAAAAB"}"#),
        sse(r#"{"text":"Hi"}"#),
        sse(&format!(
            r#"{{"functionCall":{{"id":"call:1","name":"{long}","args":{{"a":1.50}}}}}}"#
        )),
        sse(r#"{"functionCall":{"id":"c2","name":"g","args":{}}}"#),
        format!("data: {HEAD}{{\"text\":\"\"}}{last}\n\n"),
    ];
    assert_eq!(bytes, wanted.concat());
    assert_eq!(tokens, [Token::ApproxCacheWriteInPrompt]);
}

#[test]
fn without_sse_it_is_one_list() {
    let events = [
        start(),
        begins(0, PartKind::Text),
        words(0, "a"),
        ends(0),
        Event::Finish(Finish::End),
        words(0, "never"),
    ];
    let (bytes, _) = write(StreamOut::list(reply()), &events);
    let wanted = format!(
        "[{HEAD}{{\"text\":\"a\"}}{TAIL}\n,\n{HEAD}{{\"text\":\"\"}}{}\n]\n",
        TAIL.replace(r#"]},"index""#, r#"]},"finishReason":"STOP","index""#)
    );
    assert_eq!(bytes, wanted);
    assert!(serde_json::from_str::<Vec<serde_json::Value>>(&bytes).is_ok());
}

#[test]
fn what_is_cut_never_looks_whole() {
    let kind = TroubleKind::Upstream;
    let error = Event::Error(StreamError { kind, message: "m".to_owned(), retry_after_s: None });
    let events = [
        start(),
        calls(0, "c", "f"),
        delta(0, Delta::Args("{\"a\":".to_owned())),
        error,
        ends(0),
        Event::Finish(Finish::End),
    ];
    assert_eq!(write(StreamOut::new(reply()), &events).0, "");
}

#[test]
fn thoughts_are_kept_from_those_that_did_not_ask() {
    let hidden = Reply { show_thinking: false, ..reply() };
    let events =
        [start(), thinks(0), words(0, "hm"), delta(0, Delta::Seal(google("c2ln"))), ends(0)];
    assert_eq!(write(StreamOut::new(hidden), &events).0, "");
}

#[test]
fn refusals_pictures_and_what_others_ran() {
    let source = Source::Base64 { mime: "image/png".to_owned(), data: "aQ==".to_owned() };
    let server = |family| PartKind::Server {
        family,
        kind: "k".to_owned(),
        raw: json(r#"{"executableCode":{"code":"1"}}"#),
    };
    let events = [
        start(),
        begins(0, PartKind::Refusal),
        words(0, "No."),
        ends(0),
        begins(
            1,
            PartKind::Image(Image { at: Place::default(), source, detail: None, cache: None }),
        ),
        ends(1),
        begins(2, server(Family::Anthropic)),
        ends(2),
        begins(3, server(Family::Google)),
        ends(3),
    ];
    let (bytes, tokens) = write(StreamOut::new(reply()), &events);
    let wanted = [
        sse(r#"{"text":"No."}"#),
        sse(r#"{"inlineData":{"mimeType":"image/png","data":"aQ=="}}"#),
        sse(r#"{"executableCode":{"code":"1"}}"#),
    ];
    assert_eq!(bytes, wanted.concat());
    assert_eq!(tokens, [Token::DropHostedTool, Token::ApproxRefusalAsText]);
}
