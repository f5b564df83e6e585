//! What comes out in which order, and what an end cuts.

use proptest::prelude::*;

use super::*;
use crate::wire::convert::fold::Fold;
use crate::wire::convert::hub::{Answer, CallKind, Family, Seal};

fn call(number: usize) -> PartKind {
    let (id, name) = (format!("call_{number}"), "f".to_owned());
    PartKind::Call { id, name, kind: CallKind::Function, namespace: None }
}

fn fold(events: &[Event]) -> Option<Answer> {
    let mut fold = Fold::default();
    events.iter().cloned().for_each(|event| fold.push(event));
    fold.finish().and_then(Result::ok)
}

/// Tells whether the parts come one after the other and are numbered without gaps.
fn is_in_order(events: &[Event]) -> bool {
    let (mut next, mut open) = (0, None);
    events.iter().all(|event| match event {
        Event::PartStart { index, .. } => {
            let right = open.is_none() && *index == next;
            (open, next) = (Some(*index), next + 1);
            right
        }
        Event::PartDelta { index, .. } => open == Some(*index),
        Event::PartEnd { index } | Event::PartCut { index } => open.take() == Some(*index),
        Event::Finish(_) => open.is_none(),
        _ => true,
    })
}

proptest! {
    #[test]
    fn parts_come_one_after_the_other_and_nothing_is_lost(
        steps in prop::collection::vec((0..4_usize, any::<bool>()), 0..60),
    ) {
        let mut events = Vec::new();
        for number in 0..4 {
            events.push(Event::PartStart { index: number, kind: call(number) });
        }
        let mut ended = [false; 4];
        for (number, (index, ends)) in steps.into_iter().enumerate() {
            if ended[index] { continue }
            let delta = Delta::Args(format!("{number},"));
            events.push(Event::PartDelta { index, delta });
            if ends {
                ended[index] = true;
                events.push(Event::PartEnd { index });
            }
        }
        events.push(Event::Finish(Finish::ToolCalls));
        let (mut sequencer, mut out) = (Sequencer::default(), Vec::new());
        for event in events.clone() {
            sequencer.push(event, &mut out).unwrap();
        }
        prop_assert!(is_in_order(&out), "{out:?}");
        prop_assert_eq!(fold(&out), fold(&events));
    }
}

#[test]
fn no_two_calls_have_one_id() {
    let (mut sequencer, mut out) = (Sequencer::default(), Vec::new());
    for index in 0..2 {
        sequencer.push(Event::PartStart { index, kind: call(7) }, &mut out).unwrap();
        sequencer.push(Event::PartEnd { index }, &mut out).unwrap();
    }
    let ids = out.iter().filter_map(|event| match event {
        Event::PartStart { kind: PartKind::Call { id, .. }, .. } => Some(id.as_str()),
        _ => None,
    });
    assert_eq!(ids.collect::<Vec<_>>(), ["call_7", "call_7_2"]);
}

/// What becomes of calls with such arguments, each begun and ended, and of a part behind them, at an end.
fn ends(
    calls: &[&str],
    behind: Option<(PartKind, Option<Delta>)>,
    finish: Finish,
) -> (String, Finish) {
    let (mut sequencer, mut out) = (Sequencer::default(), Vec::new());
    let mut events = Vec::new();
    for (index, args) in calls.iter().enumerate() {
        events.push(Event::PartStart { index, kind: call(index) });
        let delta = Delta::Args((*args).to_owned());
        events.push(Event::PartDelta { index, delta });
        events.push(Event::PartEnd { index });
    }
    let index = calls.len();
    if let Some((kind, delta)) = behind {
        events.push(Event::PartStart { index, kind });
        events.extend(delta.map(|delta| Event::PartDelta { index, delta }));
    }
    events.push(Event::Finish(finish));
    for event in events {
        sequencer.push(event, &mut out).unwrap();
    }
    assert!(is_in_order(&out), "{out:?}");
    let Some(Event::Finish(finish)) = out.pop() else { panic!("no end: {out:?}") };
    let ends = out.iter().filter_map(|event| match event {
        Event::PartEnd { .. } => Some('.'),
        Event::PartCut { .. } => Some('!'),
        _ => None,
    });
    (ends.collect(), finish)
}

#[test]
fn calls_that_an_end_has_cut_are_not_ended() {
    let cut = "{\"path\":\"a";
    for (calls, wanted) in [
        (&[cut][..], "!"),
        (&[""], "!"),
        (&[" "], "!"),
        (&["{}"], "."),
        (&[cut, "{}"], "!."),
        (&[cut, cut], "!!"),
        (&["", cut], ".!"),
        (&["", "{}"], ".."),
        (&["{\"a\":1}", ""], ".!"),
        (&["", ""], ".!"),
    ] {
        let unknown = || Finish::Other("model_length".to_owned());
        for finish in [Finish::MaxOutput, Finish::Filtered(None), Finish::Refusal, unknown()] {
            assert_eq!(ends(calls, None, finish.clone()).0, wanted, "{calls:?} {finish:?}");
            for kind in [
                PartKind::Thinking { redacted: true },
                PartKind::Thinking { redacted: false },
                PartKind::Text,
            ] {
                let seal = Seal { family: Family::Google, blob: "c2ln".to_owned() };
                let nothing = Delta::Text(String::new());
                for delta in [None, Some(Delta::Seal(seal)), Some(nothing)] {
                    let with_seal = ends(calls, Some((kind.clone(), delta)), finish.clone()).0;
                    assert_eq!(with_seal, format!("{wanted}."), "a seal behind: {calls:?}");
                }
            }
            let all = ".".repeat(calls.len() + 1);
            let words = (PartKind::Text, Some(Delta::Text("So".to_owned())));
            let with_words = ends(calls, Some(words), finish).0;
            assert_eq!(with_words, all, "with words behind: {calls:?}");
        }
        for finish in [Finish::ToolCalls, Finish::End, Finish::Stop(None), Finish::Pause] {
            let all = ".".repeat(calls.len());
            assert_eq!(ends(calls, None, finish.clone()), (all, finish), "{calls:?}");
        }
        let wanted =
            if wanted.contains('!') { Finish::Cut("model_length".to_owned()) } else { unknown() };
        assert_eq!(ends(calls, None, unknown()).1, wanted, "{calls:?}");
    }
}

#[test]
fn a_call_that_may_be_cut_holds_those_behind_it_until_words_come() {
    let (mut sequencer, mut out) = (Sequencer::default(), Vec::new());
    let mut say = |event| {
        out.clear();
        sequencer.push(event, &mut out).unwrap();
        out.len()
    };
    say(Event::PartStart { index: 0, kind: call(0) });
    let delta = Delta::Args("{\"a".to_owned());
    assert_eq!(say(Event::PartDelta { index: 0, delta }), 1);
    assert_eq!(say(Event::PartEnd { index: 0 }), 0);
    assert_eq!(say(Event::PartStart { index: 1, kind: call(1) }), 0);
    assert_eq!(say(Event::PartEnd { index: 1 }), 0);
    assert_eq!(say(Event::PartStart { index: 2, kind: PartKind::Text }), 0);
    let delta = Delta::Text("So".to_owned());
    assert_eq!(say(Event::PartDelta { index: 2, delta }), 5);
}

#[test]
fn what_is_cut_is_not_closed() {
    let (mut sequencer, mut out) = (Sequencer::default(), Vec::new());
    sequencer.push(Event::PartStart { index: 0, kind: call(0) }, &mut out).unwrap();
    let error = super::super::hub::StreamError {
        kind: super::super::hub::TroubleKind::Upstream,
        message: String::new(),
        retry_after_s: None,
    };
    sequencer.push(Event::Error(error), &mut out).unwrap();
    sequencer.push(Event::PartEnd { index: 0 }, &mut out).unwrap();
    sequencer.push(Event::Finish(Finish::End), &mut out).unwrap();
    assert!(matches!(out.as_slice(), [Event::PartStart { .. }, Event::Error(_)]), "{out:?}");
}
