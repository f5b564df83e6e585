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
mod tests;
