//! What holds of every answer and every stream.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::wire::convert::fold::unfold;
use crate::wire::convert::tests::is_cut_in_call;

/// Text with what JSON and SSE must escape.
fn words() -> impl Strategy<Value = String> {
    "[a-zäß€😀\"\\\\{}\n: ]{1,24}"
}

fn arguments() -> impl Strategy<Value = String> {
    prop::collection::btree_map("[a-z\"]{1,6}", words(), 0..3)
        .prop_map(|object| json!(object).to_string())
}

/// Calls with ids that are apart.
fn some_calls() -> impl Strategy<Value = Vec<Call>> {
    let seal = prop::option::of("[a-zA-Z0-9+/]{4,12}");
    let one = ("[a-zA-Z_][a-zA-Z0-9_-]{0,63}", arguments(), any::<bool>(), seal);
    prop::collection::vec(one, 0..4).prop_map(|calls| {
        let calls = calls.into_iter().enumerate();
        let calls = calls.map(|(place, (name, args, custom, blob))| {
            let kind = if custom { CallKind::Custom } else { CallKind::Function };
            let seal = blob.filter(|_| !custom);
            let seal = seal.map(|blob| Seal { family: Family::Google, blob });
            Call { kind, seal, ..call(&format!("call_{place}"), &name, &args) }
        });
        calls.collect()
    })
}

fn some_usage() -> impl Strategy<Value = HubUsage> {
    let numbers = (0..9_u64, 0..9_u64, 0..9_u64, prop::option::of(0..9_u64));
    numbers.prop_map(|(fresh, cache_read, output, reasoning)| HubUsage {
        fresh,
        cache_read,
        output,
        reasoning,
        ..HubUsage::default()
    })
}

prop_compose! {
    /// An answer as this format has it: thinking, text, refusal, calls.
    fn some_answer()(
        thought in prop::option::of((words(), prop::option::of(words()))),
        said in prop::option::of(words()),
        refusal in prop::option::of(words()),
        calls in some_calls(),
        usage in prop::option::of(some_usage()),
        is_long in any::<bool>(),
        id in "[a-z0-9]{1,9}",
    ) -> Answer {
        let finish = match (is_long, calls.is_empty(), &refusal) {
            (true, ..) => Finish::MaxOutput,
            (_, false, _) => Finish::ToolCalls,
            (.., Some(_)) => Finish::Refusal,
            _ => Finish::End,
        };
        let mut parts = Vec::new();
        parts.extend(thought.map(|(text, detail)| {
            let seal = detail.map(|data| Seal {
                family: Family::Other,
                blob: json!([{"data": data}]).to_string(),
            });
            Part::Thinking(Thinking { at: Place::default(), text, redacted: false, seal })
        }));
        parts.extend(said.map(|said| text(&said)));
        parts.extend(refusal.map(|words| Part::Refusal(words.into())));
        parts.extend(calls.into_iter().map(Part::Call));
        Answer { id: Some(id), model: Some("m".into()), parts, usage, finish, lacks_call: false }
    }
}

/// What a client is told when nothing was renamed and it wants to see all.
fn open_reply() -> Reply {
    Reply { model: String::new(), ..reply() }
}

/// A frame of a provider who does as it likes.
fn any_frame() -> impl Strategy<Value = String> {
    let number = prop::sample::select(vec!["null", "0", "1", "2"]);
    let id = prop::sample::select(vec!["null", "\"\"", "\"a\"", "\"b\""]);
    let name = prop::sample::select(vec!["null", "\"\"", "\"f\""]);
    let args = prop::sample::select(vec![
        "null",
        "\"\"",
        "\"{}\"",
        "\"{\\\"a\\\"\"",
        "\":1}\"",
        "{\"a\":1}",
        "\"x\"",
    ]);
    let piece = (number, id, name, args).prop_map(|(index, id, name, args)| {
        format!(
            r#"{{"tool_calls":[{{"index":{index},"id":{id},"function":{{"name":{name},"arguments":{args}}}}}]}}"#
        )
    });
    let delta = prop_oneof![
        Just("{}".to_owned()),
        Just("null".to_owned()),
        Just(r#"{"content":"x"}"#.to_owned()),
        Just(r#"{"content":[{"type":"text","text":"x"},{"type":"image_url","image_url":"data:image/png;base64,QQ=="}]}"#.to_owned()),
        Just(r#"{"reasoning_content":"x"}"#.to_owned()),
        Just(r#"{"reasoning_details":[{"data":"x"}]}"#.to_owned()),
        Just(r#"{"refusal":"x"}"#.to_owned()),
        Just(r#"{"function_call":{"name":"f","arguments":"{}"}}"#.to_owned()),
        piece,
    ];
    prop_oneof![
        8 => delta.prop_map(|delta| chunk(&delta, "null")),
        1 => Just(chunk("{}", "\"stop\"")),
        1 => Just("[DONE]".to_owned()),
        1 => Just(r#"{"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":1}}"#.to_owned()),
        1 => Just("{\"error\":{\"message\":\"no\"}}".to_owned()),
        1 => Just("{".to_owned()),
    ]
}

/// Checks the law of streams; returns whether it came to a finish.
fn is_lawful(events: &[Event]) -> Result<bool, TestCaseError> {
    let (mut next, mut open, mut started) = (0, Vec::new(), false);
    let (last, before) = events.split_last().unwrap();
    let finished = matches!(last, Event::Finish(_));
    prop_assert!(finished || matches!(last, Event::Error(_)), "{:?}", events);
    for event in before {
        prop_assert!(started || matches!(event, Event::Start { .. }), "{:?}", events);
        match event {
            Event::Start { .. } => {
                prop_assert!(!started);
                started = true;
            }
            Event::PartStart { index, .. } => {
                prop_assert_eq!(*index, next, "{:?}", events);
                open.push(*index);
                next += 1;
            }
            Event::PartDelta { index, .. } => prop_assert!(open.contains(index), "{:?}", events),
            Event::PartEnd { index } | Event::PartCut { index } => {
                prop_assert!(open.contains(index), "{:?}", events);
                open.retain(|one| one != index);
            }
            Event::Usage(_) => {}
            Event::Finish(_) | Event::Error(_) => prop_assert!(false, "{:?}", events),
        }
    }
    prop_assert!(!finished || open.is_empty(), "{:?}", events);
    Ok(finished)
}

proptest! {
    #[test]
    fn an_answer_comes_back_whole_or_as_a_stream(answer in some_answer()) {
        // Where an answer was cut off in a call, the call is not told as whole.
        prop_assume!(!is_cut_in_call(&answer));
        let mut losses = Losses::default();
        let body = encode_answer(&answer, &open_reply(), &mut losses);
        prop_assert_eq!(decode_answer(&body), Ok(answer.clone()));
        let (out, other) = written(&unfold(&answer), open_reply());
        let events = events_of(StreamIn::new(), &frames(&out));
        prop_assert!(is_lawful(&events)?);
        prop_assert_eq!(folded(&events), Some(Ok(answer)));
        prop_assert!(losses.is_empty() && other.is_empty());
    }

    #[test]
    fn no_cut_stream_is_finished(answer in some_answer(), cut in any::<prop::sample::Index>()) {
        let (out, _) = written(&unfold(&answer), open_reply());
        let frames = frames(&out);
        let finish = frames.iter().position(|frame| frame.contains("\"finish_reason\":\""));
        let frames = &frames[..cut.index(finish.unwrap() + 1)];
        prop_assert!(!is_lawful(&events_of(StreamIn::new(), frames))?);
        prop_assert!(!is_lawful(&events_of(StreamIn::lenient(), frames))?);
    }

    #[test]
    fn streams_of_any_vendor_become_lawful_events(
        frames in prop::collection::vec(any_frame(), 0..14),
        lenient in any::<bool>(),
    ) {
        let stream = if lenient { StreamIn::lenient() } else { StreamIn::new() };
        let events = events_of(stream, &frames);
        let finished = is_lawful(&events)?;
        let reason = frames.iter().any(|frame| frame.contains("\"stop\""));
        prop_assert!(!finished || reason || lenient);
        // Whatever it was, a client's bytes come of it in order.
        let mut sequencer = crate::wire::convert::sequence::Sequencer::default();
        let mut ordered = Vec::new();
        for event in events {
            sequencer.push(event, &mut ordered).unwrap();
        }
        let (out, _) = written(&ordered, open_reply());
        prop_assert_eq!(out.ends_with("data: [DONE]\n\n"), finished);
    }

    #[test]
    fn pieces_of_arguments_make_the_whole(
        args in prop::collection::vec(arguments(), 1..4),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 1..7_usize), 0..40),
    ) {
        let begin = |(place, _): (usize, &String)| {
            let call = json!({"index": place, "id": format!("c{place}"), "function": {"name": "f"}});
            chunk(&json!({"tool_calls": [call]}).to_string(), "null")
        };
        let mut frames: Vec<String> = args.iter().enumerate().map(begin).collect();
        let mut rest: Vec<Vec<char>> = args.iter().map(|args| args.chars().collect()).collect();
        let ends = (0..args.len()).map(|place| (place, usize::MAX));
        let steps = cuts.into_iter().map(|(place, length)| (place.index(args.len()), length));
        for (place, length) in steps.chain(ends) {
            let length = length.min(rest[place].len());
            let piece: String = rest[place].drain(..length).collect();
            let call = json!({"index": place, "function": {"arguments": piece}});
            frames.push(chunk(&json!({"tool_calls": [call]}).to_string(), "null"));
        }
        frames.push(chunk("{}", "\"tool_calls\""));
        let answer = folded(&events_of(StreamIn::new(), &frames)).unwrap().unwrap();
        let got: Vec<String> = answer.parts.into_iter().map(|part| match part {
            Part::Call(call) => call.args,
            other => format!("{other:?}"),
        }).collect();
        prop_assert_eq!(got, args);
    }

    #[test]
    fn tokens_are_counted_once(
        prompt in 0..99_u64, cached in 0..99_u64, wrote in 0..99_u64, output in 0..99_u64,
    ) {
        let usage = json!({"prompt_tokens": prompt, "completion_tokens": output,
            "prompt_tokens_details": {"cached_tokens": cached, "cache_write_tokens": wrote}});
        let body = json!({"choices": [{"message": {"content": "x"}}], "usage": usage});
        let answer = decode_answer(body.to_string().as_bytes()).unwrap();
        let read = answer.usage.unwrap();
        prop_assert_eq!((read.input(), read.output), (prompt, output));
        let body = encode_answer(&answer, &open_reply(), &mut Losses::default());
        let body: Value = serde_json::from_slice(&body).unwrap();
        prop_assert_eq!(&body["usage"]["prompt_tokens"], prompt);
        prop_assert_eq!(&body["usage"]["total_tokens"], prompt + output);
    }
}
