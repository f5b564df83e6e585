//! The calls of an answer, put together from their pieces. Vendors number them, or all with 0, or not at
//! all; they name them once, or again and again.

use super::message::Piece;
use super::{CALL_ID, MOST_ARGS};
use crate::wire::convert::Broken;
use crate::wire::convert::hub::{CallKind, Delta, Event, PartKind, Seal};
use crate::wire::convert::whole::Args;

/// Calls of one answer, at most.
const MOST_CALLS: usize = 1_024;

/// The calls so far.
#[derive(Debug, Default)]
pub(super) struct Calls(Vec<Open>);

#[derive(Debug)]
struct Open {
    /// Its number among the parts, once it has begun.
    part: Option<usize>,
    /// Its number in the upstream's words.
    wire: Option<usize>,
    id: String,
    /// The id is our own.
    minted: bool,
    name: String,
    kind: CallKind,
    /// Arguments that came before its name.
    waits: String,
    length: usize,
    follows: Args,
    seal: Option<Seal>,
    ended: bool,
}

impl Calls {
    /// Tells whether there is any.
    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes a piece. `next` is the number of the next part, `answer` the id of the answer.
    ///
    /// # Errors
    /// It makes a call, or their number, longer than any answer has, or goes on with one that is whole.
    pub(super) fn take(
        &mut self,
        piece: Piece,
        next: &mut usize,
        answer: &str,
        out: &mut Vec<Event>,
    ) -> Result<(), Broken> {
        let says_nothing = piece.id.is_empty() && piece.name.is_empty() && piece.args.is_empty();
        let place = match self.place_of(&piece) {
            Some(place) => place,
            None if says_nothing => return Ok(()),
            None => self.add(&piece, out)?,
        };
        let Some(call) = self.0.get_mut(place) else { return Ok(()) };
        if call.id.is_empty() {
            call.id = piece.id;
        }
        if call.name.is_empty() {
            call.name = piece.name;
        }
        call.seal = piece.seal.or(call.seal.take());
        if call.part.is_none() && !call.name.is_empty() {
            if call.id.is_empty() {
                call.id = CALL_ID.fit(&format!("call_{answer}_{place}"));
                call.minted = true;
            }
            call.begin(*next, out);
            *next += 1;
        }
        call.add(&piece.args, out)
    }

    /// Returns the call that a piece belongs to; `None` when it begins one.
    fn place_of(&self, piece: &Piece) -> Option<usize> {
        if !piece.id.is_empty()
            && let Some(place) = self.0.iter().rposition(|call| call.id == piece.id)
        {
            return Some(place);
        }
        let place = match piece.index {
            Some(_) => self.0.iter().rposition(|call| call.wire == piece.index)?,
            None => self.0.len().checked_sub(1)?,
        };
        let call = self.0.get(place)?;
        let no_id = piece.id.is_empty();
        let other = !no_id && !call.id.is_empty() && !call.minted;
        let again = !piece.name.is_empty() && !piece.args.is_empty() && call.follows.are_whole();
        let begins = if no_id { again } else { other };
        (!begins).then_some(place)
    }

    fn add(&mut self, piece: &Piece, out: &mut Vec<Event>) -> Result<usize, Broken> {
        if self.0.len() >= MOST_CALLS {
            return Err(Broken(format!("more than {MOST_CALLS} calls in one answer")));
        }
        self.end_whole(out);
        self.0.push(Open {
            part: None,
            wire: piece.index,
            id: String::new(),
            minted: false,
            name: String::new(),
            kind: piece.kind,
            waits: String::new(),
            length: 0,
            follows: Args::new(piece.kind),
            seal: None,
            ended: false,
        });
        Ok(self.0.len() - 1)
    }

    /// Ends the calls to which nothing can be added, so that what comes behind them may flow.
    pub(super) fn end_whole(&mut self, out: &mut Vec<Event>) {
        let whole = |call: &&mut Open| call.follows.are_whole();
        self.0.iter_mut().filter(whole).for_each(|call| call.end(out));
    }

    /// Tells whether each call says by itself that it is whole: its arguments are a whole object. Of other
    /// kinds' text, and of a call without arguments, nobody can tell.
    pub(super) fn are_whole(&self) -> bool {
        self.0.iter().all(|call| call.follows.are_whole())
    }

    /// Ends all calls.
    ///
    /// # Errors
    /// One of them has no name: nobody can say what was called.
    pub(super) fn end_all(&mut self, out: &mut Vec<Event>) -> Result<(), Broken> {
        for call in &mut self.0 {
            if call.part.is_none() {
                return Err(Broken(format!("the call {:?} has no name", call.id)));
            }
            call.end(out);
        }
        Ok(())
    }
}

impl Open {
    fn begin(&mut self, index: usize, out: &mut Vec<Event>) {
        self.part = Some(index);
        let (id, name, kind) = (self.id.clone(), self.name.clone(), self.kind);
        let kind = PartKind::Call { id, name, kind, namespace: None };
        out.push(Event::PartStart { index, kind });
        let waits = std::mem::take(&mut self.waits);
        if !waits.is_empty() {
            out.push(Event::PartDelta { index, delta: Delta::Args(waits) });
        }
    }

    fn add(&mut self, args: &str, out: &mut Vec<Event>) -> Result<(), Broken> {
        if args.is_empty() {
            return Ok(());
        }
        if self.ended {
            let nothing = args.trim().is_empty();
            let behind = || Broken(format!("arguments behind the end of the call {:?}", self.id));
            return if nothing { Ok(()) } else { Err(behind()) };
        }
        self.length = self.length.saturating_add(args.len());
        if self.length > MOST_ARGS {
            return Err(Broken(format!("the arguments of {:?} are too long", self.name)));
        }
        self.follows.push(args);
        match self.part {
            Some(index) => {
                out.push(Event::PartDelta { index, delta: Delta::Args(args.to_owned()) });
            }
            None => self.waits.push_str(args),
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<Event>) {
        let Some(index) = self.part.filter(|_| !self.ended) else { return };
        self.ended = true;
        let seal = self.seal.take().map(Delta::Seal);
        out.extend(seal.map(|delta| Event::PartDelta { index, delta }));
        out.push(Event::PartEnd { index });
    }
}
