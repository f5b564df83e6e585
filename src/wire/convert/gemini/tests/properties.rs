//! What holds for every answer and stream.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::super::fold::unfold;
use super::super::super::hub::{Answer, Citation, Delta, Event, Finish, HubUsage};
use super::super::super::reply::Reply;
use super::super::super::sequence::Sequencer;
use super::super::super::tests::gathered;
use super::super::{StreamIn, StreamOut, decode_answer, encode_answer};
use super::{Losses, Part, decode_request};

pub(super) fn words() -> impl Strategy<Value = String> {
    "[a-zäß \n\"\\\\]{1,12}"
}

fn blob() -> impl Strategy<Value = Option<String>> {
    prop::option::of("[A-D][a-z0-9]{3}([A-Za-z0-9]{4}){0,2}")
}

/// A part of an answer as Google sends it.
pub(super) fn answer_part() -> impl Strategy<Value = Value> {
    let signed = |mut part: Value, sign: Option<String>| {
        if let Some(sign) = sign {
            part["thoughtSignature"] = json!(sign);
        }
        part
    };
    let args =
        prop_oneof![Just(json!({})), words().prop_map(|word| json!({"a": word, "n": [1, 2.5]}))];
    prop_oneof![
        3 => (words(), blob()).prop_map(move |(text, sign)| signed(json!({"text": text}), sign)),
        1 => words().prop_map(|text| json!({"text": text, "thought": true})),
        3 => ("[a-z]{1,6}", args, any::<Option<u16>>(), blob()).prop_map(move |(name, args, id, sign)| {
            let mut call = json!({"name": name, "args": args});
            if let Some(id) = id {
                call["id"] = json!(format!("id{id}"));
            }
            signed(json!({"functionCall": call}), sign)
        }),
        1 => Just(json!({"inlineData": {"mimeType": "image/png", "data": "aQ=="}})),
        1 => Just(json!({"executableCode": {"code": "1"}})),
        1 => Just(json!({"somethingNew": 1})),
    ]
}

fn usage() -> impl Strategy<Value = Value> {
    (0..999_u32, 0..999_u32, prop::option::of(0..999_u32), 0..9_u32).prop_map(
        |(prompt, answer, thoughts, tool)| {
            let mut usage = json!({
                "promptTokenCount": prompt, "cachedContentTokenCount": prompt / 3,
                "candidatesTokenCount": answer, "toolUsePromptTokenCount": tool,
            });
            if let Some(thoughts) = thoughts {
                usage["thoughtsTokenCount"] = json!(thoughts);
            }
            usage
        },
    )
}

/// A whole answer as Google sends it.
fn answers() -> impl Strategy<Value = Value> {
    let reason = prop_oneof![Just("STOP"), Just("MAX_TOKENS"), Just("SAFETY"), Just("NEW")];
    let sources = prop::collection::vec("[a-z]{3}", 0..2);
    (prop::collection::vec(answer_part(), 0..6), reason, usage(), sources).prop_map(
        |(parts, reason, usage, sources)| {
            let sources: Vec<Value> = sources
                .iter()
                .map(|name| json!({"web": {"uri": format!("https://{name}.org")}}))
                .collect();
            json!({
                "candidates": [{
                    "content": {"role": "model", "parts": parts}, "finishReason": reason,
                    "groundingMetadata": {"groundingChunks": sources},
                }],
                "usageMetadata": usage, "modelVersion": "m", "responseId": "g1",
            })
        },
    )
}

/// Cuts an answer into chunks as a stream has them: text in pieces, the end in the last.
fn chunks(answer: &Value, piece: usize) -> Vec<String> {
    let whole = &answer["candidates"][0];
    let mut chunks: Vec<Value> = Vec::new();
    let mut push = |part: Value| {
        chunks.push(json!({
            "candidates": [{"content": {"role": "model", "parts": [part]}, "index": 0}],
            "usageMetadata": {"promptTokenCount": answer["usageMetadata"]["promptTokenCount"]},
            "modelVersion": "m", "responseId": "g1",
        }));
    };
    for part in whole["content"]["parts"].as_array().unwrap() {
        let Some(text) = part["text"].as_str() else {
            push(part.clone());
            continue;
        };
        let chars: Vec<char> = text.chars().collect();
        for chars in chars.chunks(piece) {
            let mut cut = json!({"text": chars.iter().collect::<String>()});
            if part["thought"] == true {
                cut["thought"] = json!(true);
            }
            push(cut);
        }
        if !part["thoughtSignature"].is_null() {
            push(json!({"text": "", "thoughtSignature": part["thoughtSignature"]}));
        }
    }
    let mut last = answer.clone();
    last["candidates"][0]["content"]["parts"] = json!([{"text": ""}]);
    chunks.push(last);
    chunks.iter().map(ToString::to_string).collect()
}

fn read<'a>(frames: impl IntoIterator<Item = &'a String>) -> Vec<Event> {
    let (mut stream, mut events) = (StreamIn::new(), Vec::new());
    for frame in frames {
        stream.frame("", frame, &mut events).unwrap();
    }
    stream.end(&mut events);
    events
}

fn fold(events: &[Event]) -> Option<Answer> {
    gathered(events.iter().cloned()).and_then(Result::ok)
}

/// Tells what is wrong with the order of events.
fn disorder(events: &[Event]) -> Option<&'static str> {
    let (mut next, mut open, mut over) = (0, None, false);
    for (place, event) in events.iter().enumerate() {
        match event {
            _ if over => return Some("something behind the end"),
            Event::Start { .. } if place > 0 => return Some("a late start"),
            Event::PartStart { index, .. } => {
                if open.is_some() || *index != next {
                    return Some("a gap, or two open parts");
                }
                (open, next) = (Some(*index), next + 1);
            }
            Event::PartDelta { index, .. } if open != Some(*index) => return Some("a stray delta"),
            Event::PartEnd { index } if open.take() != Some(*index) => return Some("a stray end"),
            Event::Finish(_) | Event::Error(_) => over = true,
            _ => {}
        }
    }
    (!over).then_some("no end")
}

fn reply() -> Reply {
    Reply { id: "r".to_owned(), model: "m".to_owned(), show_thinking: true, ..Reply::default() }
}

/// What a client gets, as frames.
fn sent(events: &[Event]) -> Vec<String> {
    let (mut stream, mut out) = (StreamOut::new(reply()), Vec::new());
    for event in events {
        stream.event(event, &mut Losses::default(), &mut out);
    }
    let text = String::from_utf8(out).unwrap();
    text.split_terminator("\n\n")
        .map(|frame| frame.strip_prefix("data: ").unwrap().to_owned())
        .inspect(|frame| assert!(!frame.contains('\n')))
        .collect()
}

proptest! {
    #[test]
    fn a_stream_is_its_answer(answer in answers(), piece in 1..5_usize) {
        let frames = chunks(&answer, piece);
        let events = read(&frames);
        prop_assert_eq!(disorder(&events), None, "{:?}", events);
        let whole = decode_answer(answer.to_string().as_bytes()).unwrap();
        prop_assert_eq!(fold(&events), Some(whole));
        // The sequencer has nothing to do.
        let (mut sequencer, mut out) = (Sequencer::default(), Vec::new());
        for event in events.clone() {
            sequencer.push(event, &mut out).unwrap();
        }
        // Tokens may come before the end of a call that waits for what comes next.
        let parts = |events: Vec<Event>| -> Vec<Event> {
            events.into_iter().filter(|event| !matches!(event, Event::Usage(_))).collect()
        };
        prop_assume!(!out.iter().any(|event| matches!(event, Event::PartCut { .. })));
        prop_assert_eq!(parts(out), parts(events));
    }

    #[test]
    fn an_answer_comes_back_from_what_is_written(answer in answers()) {
        let answer = decode_answer(answer.to_string().as_bytes()).unwrap();
        let answer = Answer { lacks_call: false, ..answer };
        let mut losses = Losses::default();
        let body = encode_answer(&answer, &reply(), &mut losses);
        let mut wanted = answer.clone();
        if wanted.finish == Finish::Other("NEW".to_owned()) {
            wanted.finish = Finish::Other("OTHER".to_owned());
        }
        prop_assert_eq!(&decode_answer(&body).unwrap(), &wanted);
        let frames = sent(&unfold(&answer));
        let events = read(&frames);
        prop_assert_eq!(disorder(&events), None);
        // Sources come with the end, so they are of the last text.
        let (mut back, mut wanted) = (fold(&events).unwrap(), wanted);
        prop_assert_eq!(sources(&mut back), sources(&mut wanted));
        prop_assert_eq!(back, wanted);
    }

    #[test]
    fn a_cut_is_no_end(answer in answers(), piece in 1..5_usize, cut in any::<prop::sample::Index>()) {
        let frames = chunks(&answer, piece);
        let cut = cut.index(frames.len());
        let events = read(&frames[..cut]);
        prop_assert!(matches!(events.last(), Some(Event::Error(_))));
        prop_assert!(!events.iter().any(|event| matches!(event, Event::Finish(_))));
        let sent = sent(&events).concat();
        prop_assert!(!sent.contains("finishReason"), "{sent}");
    }

    #[test]
    fn any_text_is_read_or_broken(frames in prop::collection::vec(".{0,40}", 0..4), text in "[\\[\\]{}:,\"a-z0-9]{0,40}") {
        let (mut stream, mut events) = (StreamIn::new(), Vec::new());
        for frame in frames.iter().chain([&text]) {
            let _ = stream.frame("", frame, &mut events);
        }
        stream.end(&mut events);
        prop_assert!(matches!(events.last(), Some(Event::Finish(_) | Event::Error(_))));
        let _ = decode_answer(text.as_bytes());
        let _ = decode_request(text.as_bytes(), "m", false, &mut Losses::default());
    }

    #[test]
    fn tokens_are_in_one_bucket_each(counts in prop::array::uniform8(0..99_999_u64), known in any::<bool>()) {
        let [fresh, cache_read, cache_write_5m, cache_write_1h, cache_write_other, tool_input, answer, thoughts] = counts;
        let usage = HubUsage {
            fresh, cache_read, cache_write_5m, cache_write_1h, cache_write_other, tool_input,
            output: answer + thoughts,
            reasoning: known.then_some(thoughts),
        };
        let answer = Answer { usage: Some(usage), ..Answer::default() };
        let body = encode_answer(&answer, &reply(), &mut Losses::default());
        let tree: Value = serde_json::from_slice(&body).unwrap();
        let count = |key: &str| tree["usageMetadata"][key].as_u64().unwrap_or(0);
        let prompt = count("promptTokenCount");
        prop_assert_eq!(prompt + count("toolUsePromptTokenCount"), usage.input());
        let all = prompt + count("toolUsePromptTokenCount") + count("candidatesTokenCount") + count("thoughtsTokenCount");
        prop_assert_eq!(count("totalTokenCount"), all);
        let back = decode_answer(&body).unwrap().usage.unwrap();
        prop_assert_eq!((back.input(), back.total(), back.cache_read, back.tool_input, back.reasoning),
            (usage.input(), usage.total(), usage.cache_read, usage.tool_input, usage.reasoning));
    }
}

fn sources(answer: &mut Answer) -> Option<Vec<Citation>> {
    let texts = answer.parts.iter_mut().filter_map(|part| match part {
        Part::Text(text) => Some(std::mem::take(&mut text.citations)),
        _ => None,
    });
    let all: Vec<Citation> = texts.flatten().collect();
    // A part that is no text behind the last text leaves them without one.
    matches!(answer.parts.last(), Some(Part::Text(_))).then_some(all)
}

#[test]
fn deltas_of_arguments_are_joined() {
    let events = [
        Event::PartStart {
            index: 0,
            kind: super::super::super::hub::PartKind::Call {
                id: "c".to_owned(),
                name: "f".to_owned(),
                kind: super::CallKind::Function,
                namespace: None,
            },
        },
        Event::PartDelta { index: 0, delta: Delta::Args("[1".to_owned()) },
        Event::PartDelta { index: 0, delta: Delta::Args("]".to_owned()) },
        Event::PartEnd { index: 0 },
        Event::Finish(Finish::ToolCalls),
    ];
    assert!(sent(&events).concat().contains(r#""args":{"input":[1]}"#));
}
