//! Laws that hold for every request, answer and stream of the format.

use std::collections::HashSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::super::fold::unfold;
use super::super::super::hub::{Delta, HubUsage, PartKind};
use super::super::super::tests::is_cut_in_call;
use super::super::{decode_answer, encode_answer};
use super::generated::{any_answer, any_items, any_usage, strange, word};
use super::*;

/// What must not be lost of a conversation: every piece with its kind, in order, results by their calls.
fn essence(request: &Request) -> Vec<String> {
    let system = request.system.iter().map(|system| format!("system {}", system.text));
    let parts = request.turns.iter().flat_map(|turn| {
        turn.parts.iter().map(move |part| match (turn.role, part) {
            (Role::System, Part::Text(text)) => format!("system {}", text.text),
            (role, part) => format!("{role:?} {part:?}"),
        })
    });
    system.chain(parts).collect()
}

/// Tells whether starts, ends and numbers are as the law of streams has them, with one end of all.
fn is_lawful(events: &[Event]) -> bool {
    let (mut next, mut open) = (0, HashSet::new());
    let ends = events.iter().filter(|event| matches!(event, Event::Finish(_) | Event::Error(_)));
    let fits = events.iter().all(|event| match event {
        Event::PartStart { index, .. } => {
            next += 1;
            open.insert(*index) && *index + 1 == next
        }
        Event::PartDelta { index, .. } => open.contains(index),
        Event::PartEnd { index } | Event::PartCut { index } => open.remove(index),
        Event::Finish(_) => open.is_empty(),
        Event::Start { .. } | Event::Usage(_) | Event::Error(_) => true,
    });
    let is_end = |event: &Event| matches!(event, Event::Finish(_) | Event::Error(_));
    fits && ends.count() == 1 && events.last().is_some_and(is_end)
}

proptest! {
    /// P2.
    #[test]
    fn a_request_comes_back_from_the_model_in_the_middle(items in any_items()) {
        let (request, _) = decoded(&json!({"model": "m", "input": items}));
        let (body, _, losses) = encoded(&request, &thinker());
        prop_assert!(losses.is_empty(), "{:?}", losses);
        let (again, _) = decoded(&body);
        prop_assert_eq!(essence(&again), essence(&request));
    }

    /// P9: each call has one result, of its kind, and there is no other.
    #[test]
    fn every_call_is_answered_whatever_a_client_leaves_out(
        items in any_items(),
        gone in prop::collection::vec(any::<bool>(), 20),
    ) {
        let items: Vec<Value> =
            items.into_iter().zip(gone).filter(|(_, gone)| !gone).map(|(item, _)| item).collect();
        let (request, _) = decoded(&json!({"model": "m", "input": items}));
        let (body, _, _) = encoded(&request, &thinker());
        let input = body["input"].as_array().unwrap();
        let of = |end: &str| -> Vec<(String, String)> {
            input
                .iter()
                .filter_map(|item| {
                    let kind = item["type"].as_str()?.strip_suffix(end)?;
                    Some((kind.to_owned(), item["call_id"].as_str()?.to_owned()))
                })
                .collect()
        };
        let (calls, results) = (of("_call"), of("_call_output"));
        prop_assert_eq!(calls.iter().collect::<HashSet<_>>().len(), calls.len());
        prop_assert_eq!(&calls, &results, "{:?}", input);
    }

    /// P12.
    #[test]
    fn no_json_is_too_strange(bytes in ".{0,80}", items in prop::collection::vec(strange(), 0..6)) {
        let _ = decode_request(bytes.as_bytes(), &mut Losses::default());
        let _ = decode_answer(bytes.as_bytes());
        let body = json!({"model": "m", "input": items, "tools": items});
        let mut losses = Losses::default();
        if let Ok(request) = decode_request(body.to_string().as_bytes(), &mut losses) {
            let _ = encode_request(&request, &thinker(), &mut Names::default(), &mut losses);
        }
        let _ = decode_answer(json!({"status": "completed", "output": items}).to_string().as_bytes());
        let (mut stream, mut events) = (StreamIn::new(), Vec::new());
        for item in items {
            let added = json!({"type": "response.output_item.added", "output_index": 0, "item": item});
            let _ = stream.frame("", &added.to_string(), &mut events);
            let _ = stream.frame("", &item.to_string(), &mut events);
        }
        stream.end(&mut events);
        prop_assert!(is_lawful(&in_sequence(events)));
    }

    /// P7 and P8: what is written as a stream, or whole, is read as the answer it was.
    #[test]
    fn an_answer_comes_back_from_its_stream_and_its_body(answer in any_answer()) {
        // Where an answer was cut off in a call, the call is not told as whole.
        prop_assume!(!is_cut_in_call(&answer));
        let (bytes, _) = written(&unfold(&answer), reply());
        let data: Vec<Value> = frames(&bytes).into_iter().map(|(_, data)| data).collect();
        let events = streamed(&data);
        prop_assert!(is_lawful(&events), "{:?}", events);
        prop_assert_eq!(folded(events), Some(Ok(answer.clone())));
        let body = encode_answer(&answer, &reply(), &mut Losses::default());
        prop_assert_eq!(decode_answer(&body), Ok(answer));
        // The last event is the body.
        let last = &data[data.len() - 1]["response"];
        prop_assert_eq!(last, &serde_json::from_slice::<Value>(&body).unwrap());
    }

    /// P4 and P5: a stream that is cut anywhere ends in an error, and is lawful up to there.
    #[test]
    fn a_cut_stream_never_ends_well(answer in any_answer(), at in any::<prop::sample::Index>()) {
        let (bytes, _) = written(&unfold(&answer), reply());
        let data: Vec<Value> = frames(&bytes).into_iter().map(|(_, data)| data).collect();
        let events = streamed(&data[..at.index(data.len())]);
        prop_assert!(is_lawful(&events), "{:?}", events);
        prop_assert!(matches!(events.last(), Some(Event::Error(_))));
        prop_assert_eq!(is_lawful(&in_sequence(events)), true);
    }

    /// P5 for interleaved items, and P7 with the body of the same answer.
    #[test]
    fn items_may_come_all_at_once(
        texts in prop::collection::vec(prop::collection::vec(word(), 1..4), 1..4),
        order in prop::collection::vec(any::<prop::sample::Index>(), 12),
    ) {
        let mut left: Vec<Vec<String>> = texts.clone();
        let mut data = Vec::new();
        for order in order.into_iter().cycle().take(200) {
            let number = order.index(left.len());
            if !left[number].is_empty() {
                let delta = left[number].remove(0);
                data.push(json!({"type": "response.output_text.delta", "output_index": number,
                    "content_index": 0, "delta": delta}));
            }
        }
        let output: Vec<Value> = texts.iter().map(|pieces| {
            json!({"type": "message", "content": [{"type": "output_text", "text": pieces.concat()}]})
        }).collect();
        let whole = json!({"status": "completed", "output": output});
        data.extend(output.iter().enumerate().map(|(number, item)| {
            json!({"type": "response.output_item.done", "output_index": number, "item": item})
        }));
        data.push(json!({"type": "response.completed", "response": whole}));
        let events = streamed(&data);
        prop_assert!(is_lawful(&events));
        let mut streamed: Vec<Part> = folded(in_sequence(events)).unwrap().unwrap().parts;
        let mut read = decode_answer(whole.to_string().as_bytes()).unwrap().parts;
        // Parts are numbered as they begin.
        let said = |part: &Part| format!("{part:?}");
        streamed.sort_by_key(said);
        read.sort_by_key(said);
        prop_assert_eq!(streamed, read);
    }

    /// P6.
    #[test]
    fn no_token_is_counted_twice_or_lost(usage in any_usage(), written_5m in 0..99_u64, tool in 0..99_u64) {
        let usage = HubUsage { cache_write_5m: written_5m, tool_input: tool, ..usage };
        let answer = Answer { usage: Some(usage), ..Answer::default() };
        let body = encode_answer(&answer, &reply(), &mut Losses::default());
        let tree: Value = serde_json::from_slice(&body).unwrap();
        prop_assert_eq!(tree["usage"]["input_tokens"].as_u64(), Some(usage.input()));
        let read = decode_answer(&body).unwrap().usage.unwrap();
        prop_assert_eq!((read.input(), read.output), (usage.input(), usage.output));
    }

    /// The pieces of a call's arguments are its arguments, however they were cut.
    #[test]
    fn pieces_of_arguments_are_the_arguments(answer in any_answer(), width in 1..5_usize) {
        prop_assume!(!is_cut_in_call(&answer));
        let cut = |event: Event| -> Vec<Event> {
            let Event::PartDelta { index, delta: Delta::Args(args) } = event else { return vec![event] };
            let chars: Vec<char> = args.chars().collect();
            let pieces = chars.chunks(width).map(|piece| Delta::Args(piece.iter().collect()));
            pieces.map(|delta| Event::PartDelta { index, delta }).collect()
        };
        let events: Vec<Event> = unfold(&answer).into_iter().flat_map(cut).collect();
        let (bytes, _) = written(&events, reply());
        let data: Vec<Value> = frames(&bytes).into_iter().map(|(_, data)| data).collect();
        prop_assert_eq!(folded(streamed(&data)), Some(Ok(answer)));
        let starts = events.iter().filter(|event| {
            matches!(event, Event::PartStart { kind: PartKind::Call { .. }, .. })
        });
        let calls = kept(&bytes).iter().filter(|item| item.get("call_id").is_some()).count();
        prop_assert_eq!(starts.count(), calls);
    }
}
