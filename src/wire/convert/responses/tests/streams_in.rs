//! Providers' streams, read.

use serde_json::{Value, json};

use super::super::super::hub::{Delta, Family, Finish, HubUsage, PartKind, Seal, Thinking};
use super::*;

pub(super) fn frame(kind: &str, fields: Value) -> Value {
    let mut frame = fields;
    frame["type"] = json!(kind);
    frame
}

pub(super) fn added(index: u64, item: &Value) -> Value {
    frame("response.output_item.added", json!({"output_index": index, "item": item}))
}

pub(super) fn done(index: u64, item: &Value) -> Value {
    frame("response.output_item.done", json!({"output_index": index, "item": item}))
}

pub(super) fn created() -> Value {
    frame("response.created", json!({"response": {"id": "resp_1", "model": "gpt-5", "output": []}}))
}

pub(super) fn completed() -> Value {
    let usage = json!({"input_tokens": 9, "input_tokens_details": {"cached_tokens": 4},
        "output_tokens": 5, "output_tokens_details": {"reasoning_tokens": 2}, "total_tokens": 14});
    frame(
        "response.completed",
        json!({"response": {"id": "resp_1", "status": "completed", "output": [], "usage": usage}}),
    )
}

pub(super) fn start() -> Event {
    let (id, model) = (Some("resp_1".to_owned()), Some("gpt-5".to_owned()));
    Event::Start { id, model, usage: None }
}

fn usage() -> Event {
    Event::Usage(HubUsage {
        fresh: 5,
        cache_read: 4,
        output: 5,
        reasoning: Some(2),
        ..HubUsage::default()
    })
}

pub(super) fn begin(index: usize, kind: PartKind) -> Event {
    Event::PartStart { index, kind }
}

pub(super) fn more(index: usize, text: &str) -> Event {
    Event::PartDelta { index, delta: Delta::Text(text.to_owned()) }
}

pub(super) fn args(index: usize, text: &str) -> Event {
    Event::PartDelta { index, delta: Delta::Args(text.to_owned()) }
}

pub(super) fn end(index: usize) -> Event {
    Event::PartEnd { index }
}

pub(super) fn calling(id: &str, name: &str, kind: CallKind) -> PartKind {
    PartKind::Call { id: id.to_owned(), name: name.to_owned(), kind, namespace: None }
}

/// A turn with thinking, text and a call, in all events that a vendor sends.
fn whole_turn() -> Vec<Value> {
    let in_progress = frame("response.in_progress", json!({"response": {"id": "resp_1"}}));
    [vec![created(), in_progress], thinking(), message(), calls(), vec![completed()]].concat()
}

fn thinking() -> Vec<Value> {
    let whole = json!({"id": "rs_1", "type": "reasoning", "encrypted_content": "gAAAAx",
        "summary": [{"type": "summary_text", "text": "First."},
                    {"type": "summary_text", "text": "Then."}]});
    let summary = |kind: &str, number: u64, field: &str, value: Value| {
        let mut fields = json!({"item_id": "rs_1", "output_index": 0, "summary_index": number});
        fields[field] = value;
        frame(&format!("response.reasoning_summary_{kind}"), fields)
    };
    let part = || json!({"type": "summary_text", "text": ""});
    vec![
        added(0, &json!({"id": "rs_1", "type": "reasoning", "summary": []})),
        summary("part.added", 0, "part", part()),
        summary("text.delta", 0, "delta", json!("First.")),
        summary("text.done", 0, "text", json!("First.")),
        summary("part.added", 1, "part", part()),
        summary("text.delta", 1, "delta", json!("Then.")),
        done(0, &whole),
    ]
}

fn message() -> Vec<Value> {
    let content = |text: &str| json!({"type": "output_text", "text": text, "annotations": []});
    let whole = json!({"id": "msg_1", "type": "message", "role": "assistant",
        "status": "completed", "content": [content("Hi there")]});
    let of = |kind: &str, field: &str, value: Value| {
        let mut fields = json!({"item_id": "msg_1", "output_index": 1, "content_index": 0});
        fields[field] = value;
        frame(&format!("response.{kind}"), fields)
    };
    vec![
        added(1, &json!({"id": "msg_1", "type": "message", "role": "assistant", "content": []})),
        of("content_part.added", "part", content("")),
        of("output_text.delta", "delta", json!("Hi ")),
        of("output_text.delta", "delta", json!("there")),
        of("output_text.done", "text", json!("Hi there")),
        of("content_part.done", "part", content("Hi there")),
        done(1, &whole),
    ]
}

fn calls() -> Vec<Value> {
    let item = |status: &str, args: &str| {
        json!({"id": "fc_1", "type": "function_call", "status": status, "call_id": "call_1",
            "name": "read", "arguments": args})
    };
    let of = |kind: &str, field: &str, value: &str| {
        let mut fields = json!({"item_id": "fc_1", "output_index": 2});
        fields[field] = json!(value);
        frame(&format!("response.function_call_arguments.{kind}"), fields)
    };
    vec![
        added(2, &item("in_progress", "")),
        of("delta", "delta", "{\"a\""),
        of("delta", "delta", ":1}"),
        of("done", "arguments", "{\"a\":1}"),
        done(2, &item("completed", "{\"a\":1}")),
    ]
}

#[test]
fn a_whole_turn_is_read() {
    let seal = Seal { family: Family::OpenAi, blob: "gAAAAx".into() };
    let wanted = [
        start(),
        begin(0, PartKind::Thinking { redacted: false }),
        more(0, "First."),
        more(0, "\n\nThen."),
        Event::PartDelta { index: 0, delta: Delta::Seal(seal) },
        end(0),
        begin(1, PartKind::Text),
        more(1, "Hi "),
        more(1, "there"),
        end(1),
        begin(2, calling("call_1", "read", CallKind::Function)),
        args(2, "{\"a\""),
        args(2, ":1}"),
        end(2),
        usage(),
        Event::Finish(Finish::ToolCalls),
    ];
    assert_eq!(streamed(&whole_turn()), wanted);
}

#[test]
fn wherever_a_stream_is_cut_it_has_not_ended_well() {
    let whole = whole_turn();
    for cut in 0..whole.len() {
        let events = streamed(&whole[..cut]);
        assert!(!events.iter().any(|event| matches!(event, Event::Finish(_))), "at {cut}");
        assert!(matches!(events.last(), Some(Event::Error(_))), "at {cut}");
    }
}

#[test]
fn what_was_not_streamed_is_filled_in_from_the_ends() {
    let message = json!({"id": "msg_1", "type": "message", "role": "assistant", "content": [
        {"type": "output_text", "text": "Hi", "annotations": [{"type": "url_citation",
            "url": "https://example.org"}]},
        {"type": "refusal", "refusal": "No."}]});
    let noted = json!({"type": "custom_tool_call", "call_id": "c", "name": "note", "input": "x"});
    let blob = json!({"type": "reasoning", "summary": [], "encrypted_content": "gAAAAx"});
    let nothing = json!({"type": "reasoning", "summary": []});
    let events = streamed(&[
        created(),
        done(0, &nothing),
        done(1, &blob),
        done(2, &message),
        done(3, &noted),
        completed(),
    ]);
    let answer = folded(events).unwrap().unwrap();
    let Part::Thinking(thinking) = &answer.parts[0] else { panic!("{answer:?}") };
    assert!(thinking.text.is_empty() && !thinking.redacted && thinking.seal.is_some());
    let Part::Text(said) = &answer.parts[1] else { panic!("{answer:?}") };
    assert_eq!((said.text.as_str(), said.citations.len()), ("Hi", 1));
    assert_eq!(answer.parts[2], Part::Refusal("No.".into()));
    let wanted = Call { kind: CallKind::Custom, ..call("c", "note", "x") };
    assert_eq!(answer.parts[3], Part::Call(wanted));
    assert_eq!(answer.parts.len(), 4);
}

#[test]
fn tool_no_args() {
    let item = |status: &str| {
        json!({"type": "function_call", "call_id": "c", "name": "f", "arguments": "",
            "status": status})
    };
    let events = streamed(&[
        created(),
        added(0, &item("in_progress")),
        done(0, &item("completed")),
        completed(),
    ]);
    let wanted = [begin(0, calling("c", "f", CallKind::Function)), end(0)];
    assert_eq!(events[1..3], wanted);
    let answer = folded(events).unwrap().unwrap();
    assert_eq!(answer.parts, [Part::Call(call("c", "f", "{}"))]);
    // What was cut by the end of the answer stays as it is.
    let cut = frame(
        "response.incomplete",
        json!({"response": {"incomplete_details": {"reason": "max_output_tokens"}}}),
    );
    let events =
        streamed(&[created(), added(0, &item("in_progress")), done(0, &item("incomplete")), cut]);
    let wanted = [begin(0, calling("c", "f", CallKind::Function)), Event::PartCut { index: 0 }];
    assert_eq!(events[1..3], wanted);
    assert_eq!(events.last(), Some(&Event::Finish(Finish::MaxOutput)));
    // One that lacks its end is ended as it is.
    let cut = frame("response.incomplete", json!({"response": {}}));
    let events = streamed(&[created(), added(0, &item("in_progress")), cut]);
    assert_eq!(events[1..3], [begin(0, calling("c", "f", CallKind::Function)), end(0)]);
}

#[test]
fn an_answer_of_too_many_items_is_broken_whether_they_are_streamed_or_stand_at_its_end() {
    let item = |number: usize| {
        json!({"type": "function_call", "id": format!("fc_{number}"), "call_id": format!("c{number}"),
            "name": "f", "arguments": "{}", "status": "completed"})
    };
    let last = |items: usize| {
        let output: Vec<Value> = (0..items).map(item).collect();
        frame("response.completed", json!({"response": {"status": "completed", "output": output}}))
    };
    let broken = |frames: &[Value]| {
        let (mut stream, mut out) = (StreamIn::new(), Vec::new());
        frames.iter().find_map(|frame| {
            let event = frame["type"].as_str().unwrap_or_default();
            stream.frame(event, &frame.to_string(), &mut out).err()
        })
    };
    let most = 4_096;
    assert_eq!(broken(&[created(), last(most)]), None);
    let long = broken(&[created(), last(most + 1)]).expect("one more");
    assert!(long.0.contains("more than 4096 items"), "{long:?}");
    let mut frames = vec![created()];
    frames.extend((0..most).map(|number| done(number as u64, &item(number))));
    let told = [frames.as_slice(), &[last(most)]].concat();
    assert_eq!(broken(&told), None, "all of them were told before");
    let told = [frames.as_slice(), &[last(3 * most)]].concat();
    assert!(broken(&told).is_some());
    // Each takes the place of the one before, and is remembered by its id.
    let again = (0..most + 3).flat_map(|number| [added(0, &item(number)), done(0, &item(number))]);
    let again: Vec<Value> = [created()].into_iter().chain(again).collect();
    assert!(broken(&again).is_some());
}

#[test]
fn shells_and_what_the_vendor_ran_come_whole() {
    let ran = json!({"type": "web_search_call", "id": "ws_1", "status": "completed",
        "action": {"type": "search", "query": "q"}});
    let drawn = json!({"type": "image_generation_call", "id": "ig_1", "result": "aGk=",
        "output_format": "webp"});
    let shell = json!({"type": "local_shell_call", "call_id": "c", "status": "completed",
        "action": {"type": "exec", "command": ["ls"], "env": {}}});
    let events = streamed(&[
        created(),
        added(0, &ran.clone()),
        frame("response.web_search_call.searching", json!({"output_index": 0})),
        done(0, &ran.clone()),
        done(1, &drawn),
        added(2, &shell.clone()),
        done(2, &shell),
        done(3, &json!({"type": "something_new", "id": "x"})),
        completed(),
    ]);
    let answer = folded(events).unwrap().unwrap();
    let Part::Server(server) = &answer.parts[0] else { panic!("{answer:?}") };
    assert_eq!((server.kind.as_str(), server.raw.tree()), ("web_search_call", ran));
    assert!(matches!(answer.parts[1], Part::Image(_)));
    let wanted = call("c", "local_shell", "{\"command\":[\"ls\"]}");
    assert_eq!(answer.parts[2], Part::Call(Call { kind: CallKind::LocalShell, ..wanted }));
    assert_eq!(answer.parts.len(), 3);
}

#[test]
fn texts_of_open_models_are_thinking() {
    let said = |delta: &str| {
        frame("response.reasoning_text.delta", json!({"output_index": 0, "delta": delta}))
    };
    let item = json!({"type": "reasoning", "summary": [], "content": [
        {"type": "reasoning_text", "text": "so so"}]});
    let streamed = streamed(&[created(), said("so "), said("so"), done(0, &item), completed()]);
    let Part::Thinking(thinking) = &folded(streamed).unwrap().unwrap().parts[0] else {
        panic!("no thinking")
    };
    assert_eq!((thinking.text.as_str(), &thinking.seal), ("so so", &None));
}

#[test]
fn thinking_that_comes_twice_is_told_once() {
    let of = |kind: &str, delta: &str| {
        frame(&format!("response.{kind}.delta"), json!({"output_index": 0, "delta": delta}))
    };
    let item = json!({"type": "reasoning", "summary": [{"type": "summary_text", "text": "so"}],
        "content": [{"type": "reasoning_text", "text": "so so"}]});
    let (summary, whole) = (of("reasoning_summary_text", "so"), of("reasoning_text", "so so"));
    for (frames, told) in [([summary.clone(), whole.clone()], "so"), ([whole, summary], "so so")] {
        let [one, other] = frames;
        let events = streamed(&[created(), one, other, done(0, &item), completed()]);
        let wanted = Thinking { text: told.into(), ..Thinking::default() };
        assert_eq!(folded(events).unwrap().unwrap().parts, [Part::Thinking(wanted)]);
    }
}

#[test]
fn a_source_is_told_once() {
    let source = json!({"type": "url_citation", "url": "https://example.org"});
    let item = json!({"type": "message", "content": [
        {"type": "output_text", "text": "Hi", "annotations": [source]}]});
    let told = frame(
        "response.output_text.annotation.added",
        json!({"output_index": 0, "content_index": 0, "annotation": source}),
    );
    let answer = folded(streamed(&[created(), told, done(0, &item), completed()]));
    let Part::Text(said) = &answer.unwrap().unwrap().parts[0] else { panic!("no text") };
    assert_eq!((said.text.as_str(), said.citations.len()), ("Hi", 1));
}
