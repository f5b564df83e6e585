//! The verdict: may a request go on? Check and hold in one call, so that nobody gets in between.

use crate::domain::check::{Check, Side};
use crate::domain::counters::{Books, Load, Opening};
use crate::domain::ids::{KeyId, SessionId};
use crate::domain::instant::Micros;
use crate::domain::limits::Refusal;
use crate::domain::money::Nano;
use crate::domain::verdict::{Strictness, Used, Want, judge};

/// What is asked of the policy.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The key.
    pub key: KeyId,
    /// The session.
    pub session: &'a SessionId,
    /// What the request may come to.
    pub estimate: Load,
    /// It costs money and takes a seat.
    pub counts: bool,
    /// Everybody it is charged to.
    pub sides: &'a [Side<'a>],
    /// Every limit it is under, in the order in which they are checked.
    pub checks: &'a [Check],
    /// Money that was spent here and that other nodes have not heard of, when what is left is divided.
    pub unheard: &'a dyn Fn(&Check) -> Nano,
    /// The arrival.
    pub now: Micros,
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may; its place is held.
    Admitted,
    /// It may not; nothing was counted.
    Refused(Refusal),
}

/// Decides, and when the answer is yes, counts and holds: for everybody, or for nobody.
pub fn reserve(question: &Question<'_>, books: &mut Books<'_>, how: Strictness) -> Verdict {
    let Question { session, now, .. } = *question;
    books.roll(question.sides, now);
    let want = Want { load: question.estimate, counts: question.counts, now };
    let used = |check: &Check| Used {
        own: (question.unheard)(check).0,
        ..books.used(check, session, now)
    };
    if let Some(refusal) = judge(question.checks, used, &want, how) {
        return Verdict::Refused(refusal);
    }
    let opening = Opening {
        key: question.key,
        session: question.counts.then_some(session),
        hold: question.estimate,
        now,
    };
    books.open(question.sides, &opening);
    Verdict::Admitted
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
