//! One open part at a time: chat and Responses may interleave parts, Anthropic's clients take one after
//! the other. The first open part flows; what comes of others meanwhile waits for its end.

use std::collections::VecDeque;

use super::Broken;
use super::hub::{CallKind, Delta, Event, PartKind};
use super::names::Distinct;
use super::whole::Shape;

/// What may wait, in bytes.
const MOST_WAITING: usize = 8 << 20;
/// Parts of one answer, at most.
const MOST_PARTS: usize = 4_096;

/// Puts events into one order. Parts are numbered anew, in the order of their beginning, and no two calls
/// have one id. A call in which the answer was cut off is the last part and has no end: vendors end it as
/// any other, and say only behind it why they stopped.
#[derive(Debug, Default)]
pub struct Sequencer {
    open: VecDeque<Open>,
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
    /// What a call is called with, as far as it has come; `None` for what is no call.
    args: Option<Args>,
}

/// Arguments of a call.
#[derive(Debug)]
enum Args {
    /// Of a function: they are an object.
    Object(Shape),
    /// Plain text: nobody can tell where it ends.
    Text,
}

impl Args {
    fn of(kind: &PartKind) -> Option<Self> {
        let PartKind::Call { kind, .. } = kind else { return None };
        Some(match kind {
            CallKind::Custom => Self::Text,
            _ => Self::Object(Shape::default()),
        })
    }
}

impl Open {
    /// Tells whether only what comes next can show that it was not cut off.
    fn may_be_cut(&self) -> bool {
        match &self.args {
            Some(Args::Object(shape)) => !shape.is_whole(),
            Some(Args::Text) => true,
            None => false,
        }
    }
}

impl Sequencer {
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
                let args = Args::of(&kind);
                let open = Open { index, kind: Some(kind), waits: Vec::new(), ended: false, args };
                self.open.push_back(open);
                self.flow(out);
            }
            // What goes on with the first one flows at once.
            Event::PartDelta { index, delta: Delta::Text(text) } if self.flows(index) => {
                out.push(Event::PartDelta { index: self.begun, delta: Delta::Text(text) });
            }
            Event::PartDelta { index, delta } => {
                let Some(open) = self.open.iter_mut().find(|open| open.index == index) else {
                    return Ok(());
                };
                self.waiting = self.waiting.saturating_add(length(&delta));
                if let (Some(Args::Object(shape)), Delta::Args(args)) = (&mut open.args, &delta) {
                    shape.push(args);
                }
                open.waits.push(delta);
                self.flow(out);
                if self.waiting > MOST_WAITING {
                    return Err(Broken("too much of several parts came at once".to_owned()));
                }
            }
            Event::PartEnd { index } => {
                if let Some(open) = self.open.iter_mut().find(|open| open.index == index) {
                    open.ended = true;
                }
                self.flow(out);
            }
            Event::Finish(finish) => {
                // The upstream ended in order, so all that is open is whole, but for a call that it cut.
                self.open.iter_mut().for_each(|open| open.ended = true);
                self.flow(out);
                if self.open.pop_front().is_some() && !finish.cuts() {
                    out.push(Event::PartEnd { index: self.begun });
                }
                self.over = true;
                out.push(Event::Finish(finish));
            }
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
            if !first.ended {
                return;
            }
            let waits_for_next = first.may_be_cut();
            if waits_for_next && self.open.len() < 2 {
                return;
            }
            out.push(Event::PartEnd { index });
            self.open.pop_front();
            self.begun += 1;
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
    use crate::wire::convert::hub::{Answer, CallKind, Finish};

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
            Event::PartEnd { index } => open.take() == Some(*index),
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

    #[test]
    fn a_call_that_was_cut_off_has_no_end() {
        for (args, finish, ends) in [
            ("{\"path\":\"a", Finish::MaxOutput, false),
            ("", Finish::MaxOutput, false),
            ("{}", Finish::MaxOutput, true),
            ("", Finish::ToolCalls, true),
        ] {
            let (mut sequencer, mut out) = (Sequencer::default(), Vec::new());
            let delta = Delta::Args(args.to_owned());
            for event in [
                Event::PartStart { index: 0, kind: call(0) },
                Event::PartDelta { index: 0, delta },
                Event::PartEnd { index: 0 },
                Event::Finish(finish),
            ] {
                sequencer.push(event, &mut out).unwrap();
            }
            assert_eq!(out.contains(&Event::PartEnd { index: 0 }), ends, "{args}");
        }
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
