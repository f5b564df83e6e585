//! Streams for clients, written.

use super::*;
use crate::wire::convert::hub::{
    Citation, Delta, Finish, HubUsage, Image, PartKind, Place, Source, StreamError, TroubleKind,
};
use crate::wire::convert::names::{Bounds, ToolName};

fn reply() -> Reply {
    let (id, model) = ("r1".into(), "asked".into());
    Reply { id, model, show_thinking: true, ..Reply::default() }
}

fn start() -> Event {
    Event::Start { id: None, model: Some("m".into()), usage: None }
}

fn part(index: usize, kind: PartKind, deltas: Vec<Delta>) -> Vec<Event> {
    let mut events = vec![Event::PartStart { index, kind }];
    events.extend(deltas.into_iter().map(|delta| Event::PartDelta { index, delta }));
    events.push(Event::PartEnd { index });
    events
}

fn call_kind(id: &str, name: &str) -> PartKind {
    let (id, name) = (id.into(), name.into());
    PartKind::Call { id, name, kind: CallKind::Function, namespace: None }
}

/// Returns the frames between the start and the end.
fn middle(parts: Vec<Event>, reply: &Reply) -> Vec<String> {
    let events = [vec![start()], parts, vec![Event::Finish(Finish::End)]].concat();
    let (stream, _) = write_stream(&events, reply);
    let frames = frames(&stream);
    frames[1..frames.len() - 2].iter().map(|(_, data)| (*data).to_owned()).collect()
}

#[test]
fn a_whole_stream_to_the_byte() {
    let usage = HubUsage {
        fresh: 9,
        tool_input: 1,
        cache_read: 5,
        cache_write_1h: 2,
        output: 30,
        reasoning: Some(20),
        ..HubUsage::default()
    };
    let signed = Seal { family: Family::OpenAi, blob: "gAAAA".into() };
    let mut events = vec![start()];
    events.extend(part(
        0,
        PartKind::Thinking { redacted: false },
        vec![Delta::Text("so".into()), Delta::Seal(signed)],
    ));
    events.extend(part(1, PartKind::Text, vec![Delta::Text("Hi".into())]));
    events.extend(part(
        2,
        call_kind("call_1", "f"),
        vec![Delta::Args("{\"a\"".into()), Delta::Args(":1}".into())],
    ));
    events.extend([Event::Usage(usage), Event::Finish(Finish::ToolCalls)]);
    let wanted = r#"event: message_start
data: {"type":"message_start","message":{"id":"msg_r1","type":"message","role":"assistant","model":"asked","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":0}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"so"}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"gAAAA"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: content_block_start
data: {"type":"content_block_start","index":1,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"Hi"}}

event: content_block_stop
data: {"type":"content_block_stop","index":1}

event: content_block_start
data: {"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"call_1","name":"f","input":{}}}

event: content_block_delta
data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":"{\"a\""}}

event: content_block_delta
data: {"type":"content_block_delta","index":2,"delta":{"type":"input_json_delta","partial_json":":1}"}}

event: content_block_stop
data: {"type":"content_block_stop","index":2}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":10,"cache_creation_input_tokens":2,"cache_read_input_tokens":5,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":2},"output_tokens":30}}

event: message_stop
data: {"type":"message_stop"}

"#;
    let (stream, losses) = write_stream(&events, &reply());
    assert_eq!(stream, wanted);
    assert_eq!(tokens(&losses), [Token::DropReasoningCount]);
}

#[test]
fn finish_matrix() {
    for (finish, reason, sequence, approx) in [
        (Finish::End, "end_turn", "null", false),
        (Finish::Stop(Some("X".into())), "stop_sequence", "\"X\"", false),
        (Finish::Stop(None), "stop_sequence", "null", false),
        (Finish::ToolCalls, "tool_use", "null", false),
        (Finish::MaxOutput, "max_tokens", "null", false),
        (Finish::ContextFull, "model_context_window_exceeded", "null", false),
        (Finish::Refusal, "refusal", "null", false),
        (Finish::Filtered(Some("SPII".into())), "refusal", "null", true),
        (Finish::Pause, "pause_turn", "null", false),
        (Finish::Other("odd".into()), "end_turn", "null", true),
    ] {
        let (stream, losses) = write_stream(&[start(), Event::Finish(finish)], &reply());
        let delta = format!(r#""delta":{{"stop_reason":"{reason}","stop_sequence":{sequence}}}"#);
        assert!(stream.contains(&delta), "{stream} lacks {delta}");
        assert_eq!(losses.has(Token::ApproxFinish), approx);
    }
    let (stream, _) = write_stream(&[start(), Event::Finish(Finish::BadToolCall)], &reply());
    let last = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\",\"message\":\"the model wrote a tool call that cannot be read\"}}\n\n";
    assert!(stream.ends_with(last) && !stream.contains("message_stop"));
}

#[test]
fn an_error_writes_nothing_and_closes_nothing() {
    let mut writer = StreamOut::new(reply());
    let (mut losses, mut out) = (Losses::default(), Vec::new());
    writer.keep_alive(&mut out);
    assert!(out.is_empty(), "nothing before the start");
    for event in [
        start(),
        Event::PartStart { index: 0, kind: call_kind("a", "f") },
        Event::PartDelta { index: 0, delta: Delta::Args("{".into()) },
        Event::PartDelta { index: 0, delta: Delta::Args("\"a\":".into()) },
    ] {
        writer.event(&event, &mut losses, &mut out);
    }
    let before = out.len();
    writer.keep_alive(&mut out);
    assert_eq!(&out[before..], b"event: ping\ndata: {\"type\":\"ping\"}\n\n");
    let before = out.len();
    let error =
        StreamError { kind: TroubleKind::Upstream, message: "cut".into(), retry_after_s: None };
    for event in [Event::Error(error), Event::PartEnd { index: 0 }, Event::Finish(Finish::End)] {
        writer.event(&event, &mut losses, &mut out);
    }
    writer.keep_alive(&mut out);
    assert_eq!(out.len(), before);
}

#[test]
fn thinking_is_kept_from_a_client_that_does_not_want_it() {
    let thinking = |seal: Option<&str>| {
        let seal = seal.map(|blob| Seal { family: Family::Anthropic, blob: blob.into() });
        let deltas = [Some(Delta::Text("so".into())), seal.map(Delta::Seal)];
        part(0, PartKind::Thinking { redacted: false }, deltas.into_iter().flatten().collect())
    };
    let hidden = Reply { show_thinking: false, ..reply() };
    let parts = [thinking(None), part(1, PartKind::Text, vec![Delta::Text("Hi".into())])].concat();
    let frames = middle(parts, &hidden);
    assert_eq!(frames.len(), 3);
    assert!(frames[0].contains(r#""index":0,"content_block":{"type":"text""#), "no gap");
    let frames = middle(thinking(Some("c2ln")), &hidden).concat();
    assert!(frames.contains("c2ln") && !frames.contains("\"so\""), "the seal is carried");
    let frames = middle(thinking(None), &reply()).concat();
    assert!(frames.contains("\"so\"") && !frames.contains("signature_delta"));
}

#[test]
fn hidden_thinking_is_only_its_seal() {
    let hid = Delta::Seal(Seal { family: Family::Anthropic, blob: "hid".into() });
    let frames = middle(part(0, PartKind::Thinking { redacted: true }, vec![hid]), &reply());
    let block = r#"{"type":"content_block_start","index":0,"content_block":{"type":"redacted_thinking","data":"hid"}}"#;
    assert_eq!(frames, [block, r#"{"type":"content_block_stop","index":0}"#]);
    assert!(middle(part(0, PartKind::Thinking { redacted: true }, vec![]), &reply()).is_empty());
    let empty = part(0, PartKind::Text, vec![Delta::Text(String::new())]);
    assert!(middle(empty, &reply()).is_empty(), "clients give empty text back, which is refused");
}

#[test]
fn gemini_signature_goes_before_its_call_and_comes_back() {
    let sign = Delta::Seal(Seal { family: Family::Google, blob: google_signature() });
    let parts = [
        part(0, call_kind("c0", "f"), vec![Delta::Args("{}".into()), sign]),
        part(1, call_kind("c1", "f"), vec![Delta::Args("{}".into())]),
    ];
    let frames = middle(parts.concat(), &reply());
    let kinds: Vec<bool> = frames.iter().map(|frame| frame.contains("thinking")).collect();
    assert!(kinds[0] && kinds.iter().filter(|is| **is).count() == 1, "{frames:?}");
    assert!(frames[1].contains(&google_signature()));
    assert!(frames[3].contains(r#""index":1,"content_block":{"type":"tool_use","id":"c0""#));
}

#[test]
fn a_call_of_plain_text_is_an_object_in_the_making() {
    let (id, name) = ("a".to_owned(), "apply_patch".to_owned());
    let kind = PartKind::Call { id, name, kind: CallKind::Custom, namespace: None };
    let text = |text: &str| Delta::Args(text.into());
    let frames = middle(part(0, kind.clone(), vec![text("*** \""), text("\n+é")]), &reply());
    let args = |frames: &[String]| -> String {
        let part = |frame: &String| {
            let frame: Value = serde_json::from_str(frame).unwrap();
            frame["delta"]["partial_json"].as_str().map(str::to_owned)
        };
        frames.iter().filter_map(part).collect()
    };
    assert_eq!(args(&frames), "{\"input\":\"*** \\\"\\n+é\"}");
    assert_eq!(args(&middle(part(0, kind, vec![]), &reply())), "{\"input\":\"\"}");
}

#[test]
fn a_count_of_reasoning_is_lost_where_there_was_some() {
    let lost = |reasoning| {
        let usage = HubUsage { output: 9, reasoning, ..HubUsage::default() };
        let events = [start(), Event::Usage(usage), Event::Finish(Finish::End)];
        tokens(&write_stream(&events, &reply()).1)
    };
    assert_eq!(lost(Some(2)), [Token::DropReasoningCount]);
    assert_eq!(lost(Some(0)), []);
    assert_eq!(lost(None), []);
}

#[test]
fn arguments_that_are_no_object_are_wrapped_where_they_came_whole_and_else_said() {
    let written = |pieces: &[&str]| {
        let deltas = pieces.iter().map(|piece| Delta::Args((*piece).into())).collect();
        let parts = part(0, call_kind("call_1", "f"), deltas);
        let events = [vec![start()], parts, vec![Event::Finish(Finish::ToolCalls)]].concat();
        let (stream, losses) = write_stream(&events, &reply());
        let json = |data: &str| serde_json::from_str::<Value>(data).unwrap();
        let args = frames(&stream).into_iter().filter_map(|(_, data)| {
            json(data)["delta"]["partial_json"].as_str().map(str::to_owned)
        });
        (args.collect::<String>(), tokens(&losses))
    };
    for (pieces, args, token) in [
        (&["", r#"{"a": A}"#][..], r#"{"input":"{\"a\": A}"}"#, Some(Token::ApproxArgsWrapped)),
        (&["[1.50]"], r#"{"input":[1.50]}"#, Some(Token::ApproxArgsWrapped)),
        (&["\"x\""], r#"{"input":"x"}"#, Some(Token::ApproxArgsWrapped)),
        (&["{}", "{\"a\":1}"], "{}{\"a\":1}", Some(Token::ApproxArgsRaw)),
        (&["[1", "]"], "[1]", Some(Token::ApproxArgsRaw)),
        (&["{\"a\"", ":1.50}"], "{\"a\":1.50}", None),
        (&["{\"a\" :1.50}"], "{\"a\" :1.50}", None),
        (&[], "", None),
    ] {
        let wanted = (args.to_owned(), token.into_iter().collect::<Vec<_>>());
        assert_eq!(written(pieces), wanted, "{pieces:?}");
    }
}

#[test]
fn names_and_ids_come_back_as_the_client_knows_them() {
    let long = "mcp__server__".repeat(10);
    let mut reply = reply();
    let tool = ToolName { namespace: None, name: long.clone(), kind: CallKind::Function };
    let short = reply.names.tool(tool, Bounds::OPENAI_NAME);
    let frames = middle(part(0, call_kind("functions.read:0", &short), vec![]), &reply).concat();
    assert!(frames.contains(&long));
    assert!(!frames.contains("functions.read:0"), "ids keep to the letters of this format");
    let events = [
        Event::Start { id: Some("chatcmpl-7".into()), model: None, usage: None },
        Event::Finish(Finish::End),
    ];
    assert!(write_stream(&events, &reply).0.contains(r#""id":"msg_chatcmpl-7""#));
}

#[test]
fn what_has_no_place_here_is_said() {
    let source = Source::Base64 { mime: "image/png".into(), data: "aGk=".into() };
    let image = PartKind::Image(Image { at: Place::default(), source, detail: None, cache: None });
    let raw = |kind: &str| Json::parse(&format!("{{\"type\":\"{kind}\"}}")).unwrap();
    let server =
        |family, kind: &str| PartKind::Server { family, kind: kind.into(), raw: raw(kind) };
    let citation = |family| {
        Delta::Citation(Citation { family, title: None, url: None, raw: raw("somewhere") })
    };
    let mut events = vec![start()];
    events.extend(part(0, image, vec![]));
    events.extend(part(1, server(Family::OpenAi, "web_search_call"), vec![]));
    events.extend(part(2, server(Family::Anthropic, "web_search_tool_result"), vec![]));
    events.extend(part(3, PartKind::Refusal, vec![Delta::Text("No.".into())]));
    let sources = vec![citation(Family::OpenAi), citation(Family::Anthropic)];
    events.extend(part(4, PartKind::Text, sources));
    events.push(Event::Finish(Finish::Refusal));
    let (stream, losses) = write_stream(&events, &reply());
    assert!(!stream.contains("aGk=") && !stream.contains("web_search_call"));
    assert!(stream.contains(r#""index":1,"content_block":{"type":"web_search_tool_result"}"#));
    assert!(stream.contains(r#"{"type":"text_delta","text":"No."}"#));
    assert_eq!(stream.matches("citations_delta").count(), 1);
    let lost = [
        Token::DropCitations,
        Token::DropHostedTool,
        Token::DropModalities,
        Token::ApproxRefusalAsText,
    ];
    assert_eq!(tokens(&losses), lost);
}
