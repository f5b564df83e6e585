//! Streams from any format into any other.

use std::collections::BTreeMap;

use proptest::prelude::*;
use switchyard_actors::domain::dialect::Dialect;

use super::{dialects, gathered, words};
use crate::wire::convert::codec::{StreamIn, StreamOut, decode_answer, encode_answer};
use crate::wire::convert::fold::unfold;
use crate::wire::convert::hub::{
    Answer, Call, CallKind, Delta, Event, Finish, HubUsage, Part, PartKind, Place, Text,
};
use crate::wire::convert::loss::Losses;
use crate::wire::convert::reply::Reply;
use crate::wire::convert::stream::{Converter, Ended};

pub(super) fn reply() -> Reply {
    Reply {
        id: "abc".to_owned(),
        model: "asked".to_owned(),
        created: 1_700_000_000,
        want_usage: true,
        show_thinking: true,
        ..Reply::default()
    }
}

pub(super) fn answers() -> impl Strategy<Value = Answer> {
    let calls = prop::collection::vec((words(), any::<bool>()), 0..3);
    (prop::option::of(words()), calls, 1..900_u64, 1..900_u64).prop_map(
        |(text, calls, fresh, output)| {
            let mut parts: Vec<Part> =
                text.map(|text| Part::Text(Text::plain(text))).into_iter().collect();
            let called = !calls.is_empty();
            for (number, (value, empty)) in calls.into_iter().enumerate() {
                // Models break lines within arguments; in a frame a break would end the data.
                let args =
                    if empty { "{}".to_owned() } else { format!("{{\n  \"path\":\"{value}\"\n}}") };
                parts.push(Part::Call(Call {
                    at: Place::default(),
                    id: format!("call_{number}"),
                    name: "read".to_owned(),
                    args,
                    kind: CallKind::Function,
                    namespace: None,
                    seal: None,
                    cache: None,
                }));
            }
            Answer {
                id: Some("up_1".to_owned()),
                model: Some("answers".to_owned()),
                parts,
                usage: Some(HubUsage { fresh, output, ..HubUsage::default() }),
                lacks_call: false,
                finish: if called { Finish::ToolCalls } else { Finish::End },
            }
        },
    )
}

/// Returns the frames of a stream of our own, as event and data.
pub(super) fn frames(bytes: &[u8]) -> Vec<(String, String)> {
    let text = String::from_utf8(bytes.to_vec()).expect("text");
    text.split("\n\n")
        .filter(|frame| !frame.is_empty())
        .map(|frame| {
            let field = |name: &str| {
                frame
                    .lines()
                    .find_map(|line| line.strip_prefix(name))
                    .unwrap_or_default()
                    .to_owned()
            };
            (field("event: "), field("data: "))
        })
        .collect()
}

fn streamed(dialect: Dialect, answer: &Answer) -> Vec<(String, String)> {
    let (mut to, mut out) = (StreamOut::new(dialect, reply()), Vec::new());
    for event in unfold(answer) {
        to.event(&event, &mut Losses::default(), &mut out);
    }
    frames(&out)
}

pub(super) fn read(dialect: Dialect, frames: &[(String, String)]) -> Vec<Event> {
    let (mut from, mut events) = (StreamIn::new(dialect), Vec::new());
    for (event, data) in frames {
        from.frame(event, data, &mut events).expect("a frame");
    }
    from.end(&mut events);
    events
}

/// What the calls whose ends were said are called with.
fn ended_calls(events: &[Event]) -> Vec<serde_json::Value> {
    let mut open: BTreeMap<usize, String> = BTreeMap::new();
    let mut ended = Vec::new();
    for event in events {
        match event {
            Event::PartStart { index, kind: PartKind::Call { .. } } => {
                open.insert(*index, String::new());
            }
            Event::PartDelta { index, delta: Delta::Args(more) } => {
                open.entry(*index).and_modify(|args| args.push_str(more));
            }
            Event::PartEnd { index } => ended.extend(open.remove(index)),
            _ => {}
        }
    }
    let read = |args: String| match args.trim() {
        "" => serde_json::json!({}),
        text => serde_json::from_str(text).unwrap_or(serde_json::Value::String(args)),
    };
    ended.into_iter().map(read).collect()
}

/// Returns a call that a client takes for whole although the provider has not ended it.
pub(super) fn made_up(sent: &[Event], came: &[Event]) -> Option<serde_json::Value> {
    let mut whole = ended_calls(sent);
    ended_calls(came).into_iter().find(|args| {
        let place = whole.iter().position(|whole| whole == args);
        place.map(|place| whole.remove(place)).is_none()
    })
}

pub(super) fn folded(events: Vec<Event>) -> Answer {
    gathered(events).expect("it ended").expect("in order")
}

type Essence = (String, Vec<(String, serde_json::Value)>, Option<(u64, u64)>, Finish);

/// What must come through: text, calls with their arguments, tokens, and how it ended.
fn essence(answer: &Answer) -> Essence {
    let texts = answer.parts.iter().filter_map(|part| match part {
        Part::Text(text) => Some(text.text.as_str()),
        _ => None,
    });
    let calls = answer.parts.iter().filter_map(|part| match part {
        Part::Call(call) => Some((call.name.clone(), serde_json::from_str(&call.args).unwrap())),
        _ => None,
    });
    let usage = answer.usage.map(|usage| (usage.input(), usage.output));
    (texts.collect(), calls.collect(), usage, answer.finish.clone())
}

proptest! {
    #[test]
    fn an_answer_comes_through_any_two_formats_streamed_and_whole(
        answer in answers(), from in dialects(), to in dialects(),
    ) {
        let mut converter = Converter::new(from, StreamOut::new(to, reply()));
        let mut out = Vec::new();
        for (event, data) in streamed(from, &answer) {
            converter.frame(&event, &data, &mut out);
        }
        converter.end(&mut out);
        prop_assert_eq!(converter.ended(), Some(&Ended::Well(answer.finish.clone())));
        let came = folded(read(to, &frames(&out)));
        prop_assert_eq!(essence(&came), essence(&answer), "{} to {}", from, to);

        let mut losses = Losses::default();
        let whole = decode_answer(from, &encode_answer(from, &answer, &reply(), &mut losses)).unwrap();
        let whole = decode_answer(to, &encode_answer(to, &whole, &reply(), &mut losses)).unwrap();
        prop_assert_eq!(essence(&whole), essence(&answer), "{} to {}", from, to);
    }

    #[test]
    fn what_is_cut_never_ends_well_and_closes_no_call(
        answer in answers(), from in dialects(), to in dialects(), cut in 0.0..1.0_f64,
    ) {
        let all = streamed(from, &answer);
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss,
            reason = "a place in a short list")]
        let kept = (all.len() as f64 * cut) as usize;
        // What comes behind the provider's own end may be missing.
        let is_whole = matches!(
            read(from, &all[..kept]).last(), Some(Event::Finish(_))
        );
        prop_assume!(!is_whole);
        let mut converter = Converter::new(from, StreamOut::new(to, reply()));
        let mut out = Vec::new();
        for (event, data) in &all[..kept] {
            converter.frame(event, data, &mut out);
        }
        converter.end(&mut out);
        prop_assert!(matches!(converter.ended(), Some(Ended::Badly(_))));
        let came = read(to, &frames(&out));
        prop_assert!(!came.iter().any(|event| matches!(event, Event::Finish(_))), "{:?}", came);
        prop_assert_eq!(made_up(&read(from, &all[..kept]), &came), None, "{} to {}", from, to);
        let before = out.len();
        converter.frame("", "{}", &mut out);
        converter.keep_alive(&mut out);
        converter.end(&mut out);
        prop_assert_eq!(out.len(), before, "nothing comes behind an error");
    }
}
