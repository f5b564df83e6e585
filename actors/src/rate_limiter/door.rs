//! One decision on the shared counters, synchronously: what the actor does, and what the handle does
//! itself when the actor has ended.

use std::sync::Arc;

use super::estimate::{estimate, tokens};
use super::messages::Reserve;
use super::policy::{self, Question, Verdict};
use super::reservation::Reservation;
use crate::domain::check::{Check, checks, sides};
use crate::domain::counters::{Calendar, Load, Tenant};
use crate::domain::instant::Micros;
use crate::domain::limits::{CountedPrice, Refusal};
use crate::domain::verdict::{Strictness, Want};
use crate::shared::claim::{Claim, Letting, Under};
use crate::shared::counters::Counters;

/// How limits are kept in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// `ENABLE_RATE_LIMIT`: without it everything is counted and nothing refused.
    pub enforce: bool,
    /// `limits.strict`: what is booked never exceeds a limit.
    pub strict: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self { enforce: true, strict: false }
    }
}

/// Estimates, judges and holds in one locked call.
pub fn decide(
    counters: &Arc<Counters>,
    rules: Rules,
    calendar: &mut Calendar,
    reserve: &Reserve,
) -> Result<Reservation, Refusal> {
    decide_at(counters, rules, calendar, reserve, reserve.now)
}

/// Decides later than at the arrival; what is charged counts at the arrival all the same.
pub fn decide_at(
    counters: &Arc<Counters>,
    rules: Rules,
    calendar: &mut Calendar,
    reserve: &Reserve,
    now: Micros,
) -> Result<Reservation, Refusal> {
    let (caller, ask) = (&reserve.caller, &reserve.ask);
    let sides = sides(caller, &reserve.catalogue, calendar, now);
    let checks = checks(&sides);
    let seat_grace = counters.lifetimes().seat_grace;
    let (enforce, strict) = (rules.enforce, rules.strict);
    let share = counters.share(sides.iter().map(|side| &side.dimension));
    let how = Strictness { enforce, strict, seat_grace, share };
    let counted = counters.counted();
    let session = ask.counts.then_some(&reserve.session);
    let letting = Letting { limits: &checks, session, counts: ask.counts, how };
    // What nodes have spent since they cannot ask each other is looked up in the same step.
    let (load, asking) = letting.let_in(counters, |unheard| {
        counters.books(caller.user, |books| {
            let question = Question {
                key: caller.key,
                session: &reserve.session,
                estimate: load(reserve, books.tenant, (counted, rules.strict)),
                counts: ask.counts,
                sides: &sides,
                checks: &checks,
                unheard: &|check: &Check| unheard(&check.dimension),
                now,
            };
            match policy::reserve(&question, books, how) {
                Verdict::Admitted => Ok(question.estimate),
                Verdict::Refused(refusal) => Err(refusal),
            }
        })
    })?;
    let session = session.cloned();
    let borders = sides.into_iter().map(|side| (side.dimension, side.borders)).collect();
    let under = Under {
        user: Some(caller.user),
        session,
        want: Want { load, counts: ask.counts, now: reserve.now },
        limits: checks,
        borders,
        how,
    };
    Ok(Reservation::held(Claim::new(counters, under, asking), reserve))
}

/// Estimates what a request may come to; one that does not count comes to nothing.
fn load(reserve: &Reserve, tenant: &Tenant, (counted, strict): (CountedPrice, bool)) -> Load {
    let ask = &reserve.ask;
    if !ask.counts {
        return Load::default();
    }
    let factor = counted.factor(ask.factor);
    let size = ask.size(factor);
    let lesson = ask.model.as_deref().and_then(|model| tenant.lesson(reserve.caller.key, model));
    let price = ask.price.as_deref();
    Load {
        money: estimate(size, price, lesson, strict),
        tokens: tokens(size, price, lesson, strict),
    }
}
