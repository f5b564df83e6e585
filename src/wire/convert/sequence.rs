//! One open part at a time: chat and Responses may interleave parts, Anthropic's clients take one after
//! the other. The first open part flows; what comes of others meanwhile waits for its end. Which calls an
//! end has cut is decided here alone.

use std::collections::VecDeque;

use super::Broken;
use super::hub::{Delta, Event, Finish, PartKind};
use super::names::Distinct;
use super::whole::Args;

/// What may wait, in bytes.
const MOST_WAITING: usize = 8 << 20;
/// Parts of one answer, at most.
const MOST_PARTS: usize = 4_096;

/// Puts events into one order. Parts are numbered anew, in the order of their beginning, and no two calls
/// have one id.
///
/// Vendors end a call in which an answer was cut off as any other, and say only behind it why they stopped.
/// So a call that has ended and is not whole waits for what comes next. Behind something that is no call
/// it is what the model wrote. At an end that cuts, of the calls that the answer ends with those are cut which
/// are not whole; one that says nothing may be without arguments, and is cut only where it is the last.
#[derive(Debug, Default)]
pub struct Sequencer {
    open: VecDeque<Open>,
    /// How many of them say something and are no calls, and how many say nothing.
    others: usize,
    silent: usize,
    /// Parts that have begun outside.
    begun: usize,
    waiting: usize,
    ids: Distinct,
    over: bool,
}

#[derive(Debug)]
struct Open {
    /// Its number inside.
    index: usize,
    /// What it is, until it has begun outside.
    kind: Option<PartKind>,
    waits: Vec<Delta>,
    ended: bool,
    cut: bool,
    what: What,
}

/// What a part says of the calls before it.
#[derive(Clone, Copy, Debug)]
enum What {
    /// A call, with what it is called with, as far as that has come.
    Call(Args),
    /// Nothing, so far or for good: hidden state may stand alone, or on a text without words, at the end of all.
    Nothing,
    /// That the model has gone on.
    Other,
}

impl Open {
    fn new(index: usize, kind: PartKind) -> Self {
        let what = match &kind {
            PartKind::Call { kind, .. } => What::Call(Args::new(*kind)),
            PartKind::Thinking { .. } | PartKind::Text => What::Nothing,
            _ => What::Other,
        };
        Self { index, kind: Some(kind), waits: Vec::new(), ended: false, cut: false, what }
    }

    /// Takes what is added; tells whether it had said nothing before, and does now.
    fn add(&mut self, delta: Delta) -> bool {
        let has_words = match &delta {
            Delta::Text(text) => !text.is_empty(),
            Delta::Citation(_) => true,
            Delta::Args(_) | Delta::Seal(_) => false,
        };
        let speaks = has_words && matches!(self.what, What::Nothing);
        if speaks {
            self.what = What::Other;
        }
        if let (What::Call(args), Delta::Args(more)) = (&mut self.what, &delta) {
            args.push(more);
        }
        self.waits.push(delta);
        speaks
    }
}

impl Sequencer {
    /// Returns how many bytes wait.
    #[must_use]
    pub const fn waiting(&self) -> usize {
        self.waiting
    }

    /// Takes the next event, and puts out what may go now.
    ///
    /// # Errors
    /// More waits, or there are more parts, than any answer has.
    pub fn push(&mut self, event: Event, out: &mut Vec<Event>) -> Result<(), Broken> {
        if self.over {
            return Ok(());
        }
        match event {
            Event::PartStart { index, mut kind } => {
                if let PartKind::Call { id, .. } = &mut kind {
                    self.ids.take(id);
                }
                if self.begun.saturating_add(self.open.len()) >= MOST_PARTS {
                    return Err(Broken(format!("more than {MOST_PARTS} parts in one answer")));
                }
                let open = Open::new(index, kind);
                self.others += usize::from(matches!(open.what, What::Other));
                self.silent += usize::from(matches!(open.what, What::Nothing));
                self.open.push_back(open);
                self.flow(out);
            }
            // What goes on with the first one flows at once: there is no call before it.
            Event::PartDelta { index, delta: Delta::Text(text) } if self.flows(index) => {
                out.push(Event::PartDelta { index: self.begun, delta: Delta::Text(text) });
            }
            Event::PartDelta { index, delta } => {
                let Some(open) = self.open.iter_mut().find(|open| open.index == index) else {
                    return Ok(());
                };
                self.waiting = self.waiting.saturating_add(length(&delta));
                if open.add(delta) {
                    self.silent -= 1;
                    self.others += 1;
                }
                self.flow(out);
                if self.waiting > MOST_WAITING {
                    return Err(Broken("too much of several parts came at once".to_owned()));
                }
            }
            Event::PartEnd { index } => self.end(index, false, out),
            Event::PartCut { index } => self.end(index, true, out),
            Event::Finish(finish) => self.finish(finish, out),
            Event::Error(error) => {
                // Nothing is closed: what is cut must not look whole.
                self.over = true;
                out.push(Event::Error(error));
            }
            other => out.push(other),
        }
        Ok(())
    }

    /// Tells whether a part is the first open one, has begun outside, and nothing of it waits.
    fn flows(&self, index: usize) -> bool {
        let first = self.open.front();
        first
            .is_some_and(|open| open.index == index && open.kind.is_none() && open.waits.is_empty())
    }

    fn end(&mut self, index: usize, cut: bool, out: &mut Vec<Event>) {
        if let Some(open) = self.open.iter_mut().find(|open| open.index == index) {
            open.ended = true;
            open.cut |= cut;
        }
        self.flow(out);
    }

    /// Ends all that is open: the upstream ended in order, so that is whole, but for the calls that it cut.
    fn finish(&mut self, finish: Finish, out: &mut Vec<Event>) {
        self.over = true;
        let mut is_last = true;
        for open in self.open.iter_mut().rev().take_while(|_| finish.cuts()) {
            match open.what {
                What::Call(args) => {
                    open.cut |= !args.are_whole() && (is_last || !args.say_nothing());
                    is_last = false;
                }
                What::Nothing => {}
                What::Other => break,
            }
        }
        let cut = self.open.iter().any(|open| open.cut);
        self.open.iter_mut().for_each(|open| open.ended = true);
        self.flow(out);
        out.push(Event::Finish(match finish {
            // Of a call that was cut nobody may hear that all went well.
            Finish::Other(reason) if cut => Finish::Cut(reason),
            finish => finish,
        }));
    }

    /// Puts out all that the first open part, and those behind it once it has ended, have.
    fn flow(&mut self, out: &mut Vec<Event>) {
        while let Some(first) = self.open.front_mut() {
            let index = self.begun;
            if let Some(kind) = first.kind.take() {
                out.push(Event::PartStart { index, kind });
            }
            for delta in first.waits.drain(..) {
                self.waiting = self.waiting.saturating_sub(length(&delta));
                out.push(Event::PartDelta { index, delta });
            }
            let (ended, cut, what) = (first.ended, first.cut, first.what);
            if !ended || (!cut && self.waits_for_more(what)) {
                return;
            }
            out.push(if cut { Event::PartCut { index } } else { Event::PartEnd { index } });
            self.open.pop_front();
            self.others -= usize::from(matches!(what, What::Other));
            self.silent -= usize::from(matches!(what, What::Nothing));
            self.begun += 1;
        }
    }

    /// Tells whether only what comes next can show that the first open part was not cut off.
    fn waits_for_more(&self, first: What) -> bool {
        match first {
            What::Call(args) if !self.over && !args.are_whole() => {
                let is_last = self.open.len() - self.silent < 2;
                if args.say_nothing() { is_last } else { self.others == 0 }
            }
            _ => false,
        }
    }
}

/// Returns how many bytes a piece has.
pub(super) fn length(delta: &Delta) -> usize {
    match delta {
        Delta::Text(text) | Delta::Args(text) => text.len(),
        Delta::Seal(seal) => seal.blob.len(),
        Delta::Citation(citation) => citation.raw.text().len(),
    }
}

#[cfg(test)]
mod tests {
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
            let wanted = if wanted.contains('!') {
                Finish::Cut("model_length".to_owned())
            } else {
                unknown()
            };
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
}
