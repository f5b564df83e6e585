//! Calls in which an answer was cut off: nobody is shown one that could be run.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::streams::reply;
use crate::wire::convert::codec::{StreamOut, decode_answer, encode_answer};
use crate::wire::convert::hub::{Event, Finish, Part};
use crate::wire::convert::loss::{Losses, Token};
use crate::wire::convert::stream::{Converter, Ended};

const ALL: [Dialect; 4] =
    [Dialect::Anthropic, Dialect::OpenaiChat, Dialect::Responses, Dialect::Gemini];

/// Converts a stream: what the client gets, how it ended, what was lost.
fn streamed(from: Dialect, frames: &[Value], to: Dialect) -> (String, Ended, Losses) {
    let (mut converter, mut out) = (Converter::new(from, StreamOut::new(to, reply())), Vec::new());
    for frame in frames {
        let event = frame["type"].as_str().unwrap_or_default();
        converter.frame(event, &frame.to_string(), &mut out);
    }
    converter.end(&mut out);
    let ended = converter.ended().cloned().expect("an end");
    (String::from_utf8(out).unwrap(), ended, converter.losses().clone())
}

/// An answer of chat: calls with such arguments, and an end.
fn chat(calls: &[&str], reason: &str) -> Vec<Value> {
    let chunk = |delta: Value, reason: Value| json!({"id": "c", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]});
    let call = |(place, args): (usize, &&str)| {
        let function = json!({"name": format!("tool_{place}"), "arguments": args});
        let call = json!({"index": place, "id": format!("c{place}"), "function": function});
        chunk(json!({"tool_calls": [call]}), Value::Null)
    };
    let mut frames: Vec<Value> = calls.iter().enumerate().map(call).collect();
    frames.push(chunk(json!({}), json!(reason)));
    frames
}

/// An answer of Responses that its vendor calls incomplete.
fn incomplete(args: &str, details: &Value) -> Vec<Value> {
    let item = |args: &str| json!({"type": "function_call", "id": "f", "call_id": "c0", "name": "tool_0", "arguments": args});
    vec![
        json!({"type": "response.created", "response": {"id": "r", "status": "in_progress"}}),
        json!({"type": "response.output_item.added", "output_index": 0, "item": item("")}),
        json!({"type": "response.function_call_arguments.delta", "output_index": 0, "delta": args}),
        json!({"type": "response.output_item.done", "output_index": 0, "item": item(args)}),
        json!({"type": "response.incomplete", "response": {"id": "r", "status": "incomplete",
            "incomplete_details": details, "output": [item(args)]}}),
    ]
}

/// The whole answer that the last frame of such a stream has.
fn whole_of(frames: &[Value]) -> Vec<u8> {
    frames[frames.len() - 1]["response"].to_string().into_bytes()
}

/// Asserts that no client could run the call of this number, and that every one hears that it was cut off.
fn assert_cut(to: Dialect, text: &str, losses: &Losses, number: usize) {
    assert!(losses.has(Token::DropCallCut), "{to}: {text}");
    let name = format!("tool_{number}");
    let ends = match to {
        Dialect::Anthropic => {
            assert!(text.contains("\"stop_reason\":\"max_tokens\""), "{text}");
            false
        }
        Dialect::OpenaiChat => {
            assert!(text.contains("\"finish_reason\":\"length\""), "{text}");
            false
        }
        Dialect::Responses => {
            assert!(!text.contains("response.completed"), "{text}");
            assert!(text.contains("\"reason\":\"max_output_tokens\""), "{text}");
            let done = |frame: &&str| frame.contains("output_item.done") && frame.contains(&name);
            text.split("\n\n").any(|frame| done(&frame))
        }
        _ => {
            assert!(text.contains("\"finishReason\":\"MAX_TOKENS\""), "{text}");
            text.contains(&name)
        }
    };
    assert!(!ends, "{to}: {text}");
    assert!(!text.contains("\"{}\""), "{to}: nothing is made up: {text}");
}

#[test]
fn an_end_that_nobody_knows_ends_no_call() {
    for args in ["{\"path\":\"/e", ""] {
        for reason in ["model_length", "max_tokens", "quite_new"] {
            let frames = chat(&[args], reason);
            for to in ALL.into_iter().filter(|to| *to != Dialect::OpenaiChat) {
                let (text, _, losses) = streamed(Dialect::OpenaiChat, &frames, to);
                assert_cut(to, &text, &losses, 0);
                assert_eq!(losses.has(Token::ApproxFinish), reason == "quite_new", "{to}");
            }
        }
        for details in [Value::Null, json!({"reason": "max_tokens"}), json!({"reason": "new"})] {
            let frames = incomplete(args, &details);
            for to in ALL.into_iter().filter(|to| *to != Dialect::Responses) {
                let (text, _, losses) = streamed(Dialect::Responses, &frames, to);
                assert_cut(to, &text, &losses, 0);
                let whole = decode_answer(Dialect::Responses, &whole_of(&frames)).unwrap();
                assert!(whole.parts.is_empty() && whole.lacks_call, "{whole:?}");
                let mut losses = Losses::default();
                let text = encode_answer(to, &whole, &reply(), &mut losses);
                assert_cut(to, &String::from_utf8(text).unwrap(), &losses, 0);
            }
        }
    }
}

#[test]
fn a_vendor_without_machines_has_failed() {
    let frames = chat(&["{\"path\":\"/e"], "insufficient_system_resource");
    for to in ALL {
        let (text, ended, _) = streamed(Dialect::OpenaiChat, &frames, to);
        assert!(matches!(ended, Ended::Badly(_)), "{to}: {text}");
    }
    let whole = json!({"choices": [{"index": 0, "message": {"content": "Hi"},
        "finish_reason": "insufficient_system_resource"}]});
    assert!(decode_answer(Dialect::OpenaiChat, whole.to_string().as_bytes()).is_err());
}

#[test]
fn a_call_that_was_cut_before_another_is_not_ended() {
    let frames = chat(&["{\"path\":\"/e", "{\"a\":1}"], "length");
    for to in ALL.into_iter().filter(|to| *to != Dialect::OpenaiChat) {
        let (text, _, losses) = streamed(Dialect::OpenaiChat, &frames, to);
        assert_cut(to, &text, &losses, 0);
        let has_args = text.contains("a\\\":1") || text.contains("\"a\":1");
        assert!(text.contains("tool_1") && has_args, "{to}: {text}");
    }
}

#[test]
fn an_object_of_nothing_behind_a_cut_is_one_call_streamed_and_whole() {
    let message = json!({"tool_calls": [{"id": "c0", "type": "function",
        "function": {"name": "tool_0", "arguments": "{}"}}]});
    let whole = json!({"choices": [{"index": 0, "message": message, "finish_reason": "length"}]});
    let answer = decode_answer(Dialect::OpenaiChat, whole.to_string().as_bytes()).unwrap();
    assert_eq!(answer.finish, Finish::MaxOutput);
    let [Part::Call(call)] = answer.parts.as_slice() else { panic!("{answer:?}") };
    assert_eq!(call.args, "{}");
    for to in ALL.into_iter().filter(|to| *to != Dialect::OpenaiChat) {
        let (text, _, losses) = streamed(Dialect::OpenaiChat, &chat(&["{}"], "length"), to);
        assert!(text.contains("tool_0") && !losses.has(Token::DropCallCut), "{to}: {text}");
        let done = to != Dialect::Responses || text.contains("arguments.done");
        assert!(done, "{text}");
    }
}

#[test]
fn a_call_of_gemini_without_arguments_behind_a_cut_is_none() {
    let said = json!({"candidates": [{"content": {"parts": [{"functionCall": {"name": "tool_0"}}]},
        "finishReason": "MAX_TOKENS"}]});
    for to in ALL.into_iter().filter(|to| *to != Dialect::Gemini) {
        let (text, _, losses) = streamed(Dialect::Gemini, std::slice::from_ref(&said), to);
        assert_cut(to, &text, &losses, 0);
    }
    let answer = decode_answer(Dialect::Gemini, said.to_string().as_bytes()).unwrap();
    assert!(answer.parts.is_empty() && answer.lacks_call);
}

#[test]
fn a_signature_on_an_empty_text_behind_a_call_is_no_word_of_the_models() {
    let parts = json!([{"functionCall": {"name": "tool_0"}},
        {"text": "", "thoughtSignature": "EgUKAwHR7g=="}]);
    let said = json!({"candidates": [{"content": {"parts": parts}, "finishReason": "MAX_TOKENS"}]});
    for to in ALL.into_iter().filter(|to| *to != Dialect::Gemini) {
        let (text, _, losses) = streamed(Dialect::Gemini, std::slice::from_ref(&said), to);
        assert_cut(to, &text, &losses, 0);
        // Without an end of its own nothing shows that the call was whole.
        let cut = json!({"candidates": [{"content": {"parts": parts}}]});
        let (text, ended, _) = streamed(Dialect::Gemini, &[cut], to);
        assert!(matches!(ended, Ended::Badly(_)), "{to}: {text}");
        let stopped = ["content_block_stop", "arguments.done", "\"finish_reason\":\"tool_calls\""];
        assert!(!stopped.iter().any(|word| text.contains(word)), "{to}: {text}");
    }
    let answer = decode_answer(Dialect::Gemini, said.to_string().as_bytes()).unwrap();
    let has_call = answer.parts.iter().any(|part| matches!(part, Part::Call(_)));
    assert!(!has_call && answer.lacks_call, "{answer:?}");
}

#[test]
fn a_call_that_was_cut_is_followed_by_the_next_for_every_writer() {
    use crate::wire::convert::hub::{CallKind, Delta, PartKind};
    let mut events = vec![Event::Start { id: None, model: None, usage: None }];
    for (index, args) in ["{\"a\":\"x", "{\"a\":\"x", "{\"b\":2}"].into_iter().enumerate() {
        let (id, name) = (format!("c{index}"), format!("tool_{index}"));
        let kind = PartKind::Call { id, name, kind: CallKind::Function, namespace: None };
        events.push(Event::PartStart { index, kind });
        // The second comes in two pieces.
        let (first, rest) = args.split_at(if index == 1 { 2 } else { args.len() });
        for piece in [first, rest].into_iter().filter(|piece| !piece.is_empty()) {
            events.push(Event::PartDelta { index, delta: Delta::Args(piece.to_owned()) });
        }
        events.push(if index < 2 { Event::PartCut { index } } else { Event::PartEnd { index } });
    }
    events.push(Event::Finish(Finish::MaxOutput));
    for to in Dialect::ALL {
        let (mut writer, mut out) = (StreamOut::new(to, reply()), Vec::new());
        for event in &events {
            writer.event(event, &mut Losses::default(), &mut out);
        }
        let text = String::from_utf8(out).unwrap();
        let shown = |number: usize| text.contains(&format!("tool_{number}"));
        assert!(shown(2), "{to}: {text}");
        let begun = match to {
            Dialect::Anthropic => (false, true),
            Dialect::OpenaiChat | Dialect::Responses => (true, true),
            Dialect::Gemini | Dialect::GeminiCli => (false, false),
        };
        assert_eq!((shown(0), shown(1)), begun, "{to}: {text}");
        let done = text.matches("event: response.output_item.done").count();
        assert_eq!(done, usize::from(to == Dialect::Responses), "{text}");
        let stops = text.matches("event: content_block_stop").count();
        assert_eq!(stops, if to == Dialect::Anthropic { 2 } else { 0 }, "{text}");
    }
}
