//! Streams of providers into events, and events into the bytes for a client.

use super::*;

fn start(id: &str) -> Event {
    Event::Start { id: Some(id.into()), model: Some("m".into()), usage: None }
}

fn part(index: usize, kind: PartKind) -> Event {
    Event::PartStart { index, kind }
}

fn more(index: usize, text: &str) -> Event {
    Event::PartDelta { index, delta: Delta::Text(text.into()) }
}

fn args(index: usize, text: &str) -> Event {
    Event::PartDelta { index, delta: Delta::Args(text.into()) }
}

fn end(index: usize) -> Event {
    Event::PartEnd { index }
}

fn calls(id: &str, name: &str) -> PartKind {
    let (id, name) = (id.to_owned(), name.to_owned());
    PartKind::Call { id, name, kind: CallKind::Function, namespace: None }
}

#[test]
fn a_whole_stream_is_read() {
    let frames = [
        chunk(r#"{"role":"assistant","content":"","refusal":null}"#, "null"),
        chunk(r#"{"reasoning_content":"Hm"}"#, "null"),
        chunk(r#"{"reasoning_content":"m."}"#, "null"),
        chunk(r#"{"content":"Let me "}"#, "null"),
        chunk(r#"{"content":"see."}"#, "null"),
        chunk(r#"{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"read","arguments":""}}]}"#, "null"),
        chunk(r#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\""}}]}"#, "null"),
        chunk(r#"{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}"#, "null"),
        chunk(r#"{"tool_calls":[{"index":1,"id":"call_2","type":"function","function":{"name":"list","arguments":""}}]}"#, "null"),
        chunk("{}", r#""tool_calls""#),
        r#"{"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13,"prompt_tokens_details":{"cached_tokens":5},"completion_tokens_details":{"reasoning_tokens":2}}}"#.to_owned(),
        "[DONE]".to_owned(),
    ];
    let usage =
        HubUsage { fresh: 4, cache_read: 5, output: 4, reasoning: Some(2), ..HubUsage::default() };
    let wanted = [
        start("c1"),
        part(0, PartKind::Thinking { redacted: false }),
        more(0, "Hm"),
        more(0, "m."),
        end(0),
        part(1, PartKind::Text),
        more(1, "Let me "),
        more(1, "see."),
        end(1),
        part(2, calls("call_1", "read")),
        args(2, "{\"a\""),
        args(2, ":1}"),
        // It is whole, so that the next one may flow.
        end(2),
        part(3, calls("call_2", "list")),
        end(3),
        Event::Usage(usage),
        Event::Finish(Finish::ToolCalls),
    ];
    assert_eq!(events_of(StreamIn::new(), &frames), wanted);
}

#[test]
fn calls_that_come_at_once_stay_apart() {
    let begin = |index: usize| {
        format!(
            r#"{{"tool_calls":[{{"index":{index},"id":"c{index}","function":{{"name":"f{index}"}}}}]}}"#
        )
    };
    let go_on = |index: usize, args: &str| {
        format!(r#"{{"tool_calls":[{{"index":{index},"function":{{"arguments":{args}}}}}]}}"#)
    };
    let frames = [
        chunk(&begin(0), "null"),
        chunk(&begin(1), "null"),
        chunk(&go_on(0, r#""{\"a\":""#), "null"),
        chunk(&go_on(1, r#""{}""#), "null"),
        chunk(&go_on(0, r#""1}""#), "null"),
        chunk("{}", r#""tool_calls""#),
    ];
    let answer = folded(&events_of(StreamIn::new(), &frames)).unwrap().unwrap();
    let wanted = [Part::Call(call("c0", "f0", "{\"a\":1}")), Part::Call(call("c1", "f1", "{}"))];
    assert_eq!(answer.parts, wanted);
}

#[test]
fn text_behind_a_whole_call_flows() {
    let delta = r#"{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}]}"#;
    let frames = [chunk(delta, "null"), chunk(r#"{"content":"x"}"#, r#""stop""#)];
    let wanted = [
        start("c1"),
        part(0, calls("a", "f")),
        args(0, "{}"),
        end(0),
        part(1, PartKind::Text),
        more(1, "x"),
        end(1),
        Event::Finish(Finish::ToolCalls),
    ];
    assert_eq!(events_of(StreamIn::new(), &frames), wanted);
}

#[test]
fn a_source_of_the_text_is_read() {
    let frames = [
        chunk(r#"{"content":"It rains."}"#, "null"),
        chunk(
            r#"{"annotations":[{"type":"url_citation","url_citation":{"start_index":3,"end_index":8,"url":"https://w.example","title":"W"}}]}"#,
            r#""stop""#,
        ),
    ];
    let answer = folded(&events_of(StreamIn::new(), &frames)).unwrap().unwrap();
    let raw = r#"{"type":"url_citation","start_index":3,"end_index":8,"url":"https://w.example","title":"W"}"#;
    let citation = Citation {
        family: Family::OpenAi,
        title: Some("W".into()),
        url: Some("https://w.example".into()),
        raw: Json::parse(raw).unwrap(),
    };
    let citations = vec![citation];
    assert_eq!(answer.parts, [Part::Text(Text { citations, ..Text::plain("It rains.") })]);
    let body = encode_answer(&answer, &reply(), &mut Losses::default());
    assert_eq!(decode_answer(&body).unwrap().parts, answer.parts);
}

/// A stream with one of everything.
fn everything() -> Vec<Event> {
    let usage =
        HubUsage { fresh: 3, cache_read: 2, cache_write_5m: 1, output: 4, ..HubUsage::default() };
    vec![
        Event::Start { id: Some("msg_1".into()), model: Some("up".into()), usage: None },
        part(0, PartKind::Thinking { redacted: false }),
        more(0, "Hm"),
        end(0),
        part(1, PartKind::Text),
        more(1, "Hi"),
        end(1),
        part(2, calls("toolu_1", "read")),
        args(2, "{\"a\""),
        args(2, ":1}"),
        end(2),
        part(3, calls("toolu_2", "list")),
        end(3),
        Event::Usage(usage),
        Event::Finish(Finish::ToolCalls),
    ]
}

/// The chunk that a client gets.
fn got(delta: &str, finish: &str) -> String {
    format!(
        "data: {{\"id\":\"msg_1\",\"object\":\"chat.completion.chunk\",\"created\":7,\"model\":\"asked\",\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":{finish}}}]}}\n\n"
    )
}

#[test]
fn a_whole_stream_is_written() {
    let (out, losses) = written(&everything(), reply());
    let wanted = [
        got(r#"{"role":"assistant","content":""}"#, "null"),
        got(r#"{"reasoning_content":"Hm"}"#, "null"),
        got(r#"{"content":"Hi"}"#, "null"),
        got(r#"{"tool_calls":[{"index":0,"id":"toolu_1","type":"function","function":{"name":"read","arguments":""}}]}"#, "null"),
        got(r#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\""}}]}"#, "null"),
        got(r#"{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}"#, "null"),
        got(r#"{"tool_calls":[{"index":1,"id":"toolu_2","type":"function","function":{"name":"list","arguments":""}}]}"#, "null"),
        got(r#"{"tool_calls":[{"index":1,"function":{"arguments":"{}"}}]}"#, "null"),
        got("{}", r#""tool_calls""#),
        "data: {\"id\":\"msg_1\",\"object\":\"chat.completion.chunk\",\"created\":7,\"model\":\"asked\",\"choices\":[],\"usage\":{\"prompt_tokens\":6,\"completion_tokens\":4,\"total_tokens\":10,\"prompt_tokens_details\":{\"cached_tokens\":2,\"cache_write_tokens\":1}}}\n\n".to_owned(),
        "data: [DONE]\n\n".to_owned(),
    ];
    assert_eq!(out, wanted.concat());
    assert_eq!(tokens(&losses), [Token::ApproxCacheWriteInPrompt]);
}

#[test]
fn a_client_sees_what_it_asked_for() {
    let plain = Reply { want_usage: false, show_thinking: false, ..reply() };
    let (out, _) = written(&everything(), plain);
    assert!(!out.contains("usage") && !out.contains("reasoning_content"), "{out}");
    assert!(out.ends_with("data: [DONE]\n\n"));
}

#[test]
fn an_id_of_our_own_is_prefixed() {
    let (out, _) = written(&[Event::Start { id: None, model: None, usage: None }], reply());
    assert!(out.starts_with("data: {\"id\":\"chatcmpl-r1\","), "{out}");
}

#[test]
fn names_and_ids_come_back_as_the_client_knows_them() {
    let mut reply = reply();
    let long = "n".repeat(80);
    let name = ToolName { namespace: None, name: long.clone(), kind: CallKind::Function };
    let short = reply.names.tool(name, Bounds::OPENAI_NAME);
    let id = "i".repeat(300);
    let short_id = reply.names.call(&id, Bounds::CALL_ID);
    let events = [start("x"), part(0, calls(&short_id, &short)), end(0)];
    let (out, _) = written(&events, reply);
    assert!(out.contains(&format!("\"{long}\"")) && out.contains(&format!("\"{id}\"")), "{out}");
}

#[test]
fn a_tool_of_text_is_called_with_text() {
    let mut reply = reply();
    let name = ToolName { namespace: None, name: "patch".into(), kind: CallKind::Custom };
    reply.names.tool(name, Bounds::OPENAI_NAME);
    let events = [
        start("x"),
        part(0, calls("c", "patch")),
        args(0, "{\"input\":\"*** "),
        args(0, "Begin\"}"),
        end(0),
        Event::Finish(Finish::ToolCalls),
    ];
    let (out, _) = written(&events, reply);
    assert!(out.contains(r#""tool_calls":[{"index":0,"id":"c","type":"custom","custom":{"name":"patch","input":""}}]"#), "{out}");
    assert!(out.contains(r#""tool_calls":[{"index":0,"custom":{"input":"*** Begin"}}]"#), "{out}");
}

#[test]
fn text_that_a_vendor_gave_a_tool_of_text_is_not_unwrapped() {
    let mut reply = reply();
    let name = ToolName { namespace: None, name: "patch".into(), kind: CallKind::Custom };
    reply.names.tool(name, Bounds::OPENAI_NAME);
    let (id, name) = ("c".to_owned(), "patch".to_owned());
    let kind = PartKind::Call { id, name, kind: CallKind::Custom, namespace: None };
    let events = [start("x"), part(0, kind), args(0, r#"{"input":"x"}"#), end(0)];
    let (out, _) = written(&events, reply);
    assert!(out.contains(r#""custom":{"input":"{\"input\":\"x\"}"}"#), "{out}");
}

#[test]
fn gemini_signature_parallel() {
    let seal = Seal { family: Family::Google, blob: "c2ln".into() };
    let events = [
        start("g"),
        part(0, calls("a", "f")),
        args(0, "{}"),
        Event::PartDelta { index: 0, delta: Delta::Seal(seal) },
        end(0),
        part(1, calls("b", "f")),
        args(1, "{}"),
        end(1),
        Event::Finish(Finish::ToolCalls),
    ];
    let (out, losses) = written(&events, reply());
    assert!(out.contains(r#"{"index":0,"function":{"arguments":""},"extra_content":{"google":{"thought_signature":"c2ln"}}}"#), "{out}");
    assert!(losses.is_empty());
    let mut seal = None;
    for event in events_of(StreamIn::new(), &frames(&out)) {
        if let Event::PartDelta { index: 0, delta: Delta::Seal(read) } = event {
            seal = Some(read);
        }
    }
    assert_eq!(seal.unwrap().blob, "c2ln");
}

#[test]
fn what_has_no_place_is_said() {
    let raw = Json::empty_object();
    let server = PartKind::Server { family: Family::OpenAi, kind: "web_search_call".into(), raw };
    let seal = Seal { family: Family::Anthropic, blob: "secret".into() };
    let events = [
        start("x"),
        part(0, server),
        end(0),
        part(1, PartKind::Thinking { redacted: true }),
        Event::PartDelta { index: 1, delta: Delta::Seal(seal) },
        end(1),
        Event::Finish(Finish::End),
    ];
    let (out, losses) = written(&events, reply());
    assert!(!out.contains("secret"));
    assert_eq!(tokens(&losses), [Token::DropHostedTool, Token::DropThinkingSealed]);
}

#[test]
fn what_is_cut_is_not_closed() {
    let kind = TroubleKind::Upstream;
    let error = StreamError { kind, message: "cut".into(), retry_after_s: None };
    let events = [start("x"), part(0, calls("c", "f"))];
    let (before, _) = written(&events, reply());
    let mut all = events.to_vec();
    all.extend([Event::Error(error), end(0), Event::Finish(Finish::End)]);
    let (out, _) = written(&all, reply());
    assert_eq!(out, before);
}

#[test]
fn life_is_shown_between_start_and_finish() {
    let (mut stream, mut losses, mut out) =
        (StreamOut::new(reply()), Losses::default(), Vec::new());
    stream.keep_alive(&mut out);
    assert!(out.is_empty());
    stream.event(&start("x"), &mut losses, &mut out);
    out.clear();
    stream.keep_alive(&mut out);
    assert_eq!(out, b": ka\n\n");
    stream.event(&Event::Finish(Finish::End), &mut losses, &mut out);
    out.clear();
    stream.keep_alive(&mut out);
    assert!(out.is_empty());
}
