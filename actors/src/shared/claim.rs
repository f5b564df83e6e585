//! What one request holds of counters that nodes share: what it is under, what the common counter is
//! asked, and what it is told of each change. Guards have one, and know what it means to them.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use super::counters::Counters;
use super::outbox::{Asking, Outbox, Telling};
use crate::domain::check::{Check, Dimension};
use crate::domain::counters::{Borders, Load};
use crate::domain::flying::Flying;
use crate::domain::ids::{SessionId, UserId};
use crate::domain::instant::Micros;
use crate::domain::limits::{LimitKind, Refusal};
use crate::domain::money::Nano;
use crate::domain::sharing::{
    Charge, Happened, Horizon, Movement, SharedAsk, WindowSums, is_kept, kept_in_common,
};
use crate::domain::verdict::{Strictness, Want};

/// What a claim is under, and what is asked.
#[derive(Clone, Debug)]
pub struct Under {
    /// The user whose keys are among the owners; `None` when everybody shares all of them.
    pub user: Option<UserId>,
    /// The session that takes a seat, if one does.
    pub session: Option<SessionId>,
    /// What is held at first, and when it was asked.
    pub want: Want,
    /// Every limit that holds, in its order.
    pub limits: Vec<Check>,
    /// Everybody who is charged, with the windows around the instant.
    pub borders: Vec<(Dimension, Borders)>,
    /// How strictly it was judged.
    pub how: Strictness,
}

/// What is held, as the common counter sees it.
#[derive(Debug)]
pub struct Claim {
    counters: Arc<Counters>,
    under: Under,
    hold: Cell<Load>,
    /// The question to the common counter that is not answered yet.
    asking: Option<Asking>,
    /// Those of whom the common counter holds it as well.
    common: Option<Arc<[Dimension]>>,
}

/// How something is let in here: by these limits, for this session.
#[derive(Clone, Copy, Debug)]
pub struct Letting<'a> {
    /// Every limit that holds.
    pub limits: &'a [Check],
    /// The session that takes a seat, if one does.
    pub session: Option<&'a SessionId>,
    /// It has a part in limits of what is spent, and of sessions.
    pub counts: bool,
    /// How strictly it is judged.
    pub how: Strictness,
}

/// A guard of something that this node has let in. Dropping it gives back what it holds.
pub trait Claimed {
    /// Returns what it holds.
    fn claim(&self) -> &Claim;

    /// Returns what it holds, to change it.
    fn claim_mut(&mut self) -> &mut Claim;
}

impl Letting<'_> {
    /// Has `decide` let something in and hold it, and has the question that the common counter is to
    /// be asked for it fly in the same step. `decide` is given what an owner has spent that no other node
    /// has heard of, while nodes cannot ask each other; it returns what it holds.
    ///
    /// # Errors
    /// The limit in the way.
    pub fn let_in(
        &self,
        counters: &Counters,
        decide: impl FnOnce(&dyn Fn(&Dimension) -> Nano) -> Result<Load, Refusal>,
    ) -> Result<(Load, Option<Asking>), Refusal> {
        let asked = counters.outbox().map(|outbox| (outbox, self.asked_about()));
        let alone = self.how.share > 1;
        let Some((outbox, owners)) = asked.filter(|(_, owners)| alone || !owners.is_empty()) else {
            return Ok((decide(&|_| Nano::ZERO)?, None));
        };
        let mut held = Load::default();
        let asking = outbox.let_in(|telling| {
            held = decide(&|owner| if alone { telling.unheard(owner) } else { Nano::ZERO })?;
            Ok(Flying {
                owners: owners.into(),
                money: held.money.0,
                tokens: i64::try_from(held.tokens).unwrap_or(i64::MAX),
                running: 1,
                session: self.session.cloned(),
                ..Flying::default()
            })
        })?;
        Ok((held, asking))
    }

    /// Returns those whose limits the common counter keeps, and is asked about.
    fn asked_about(&self) -> Vec<Dimension> {
        kept_in_common(self.limits.iter().filter(|check| self.has_part_in(check)))
    }

    fn has_part_in(&self, check: &Check) -> bool {
        self.how.enforce && (self.counts || !check.kind.is_spent())
    }
}

impl Claim {
    /// Notes what was just held, and the question that flies. Limits that a request has no part in are
    /// left out.
    #[must_use]
    pub fn new(counters: &Arc<Counters>, mut under: Under, asking: Option<Asking>) -> Self {
        let (how, counts) = (under.how, under.want.counts);
        let letting = Letting { limits: &[], session: None, counts, how };
        under.limits.retain(|check| letting.has_part_in(check));
        let hold = Cell::new(under.want.load);
        Self { counters: Arc::clone(counters), under, hold, asking, common: None }
    }

    /// Returns the counters.
    #[must_use]
    pub const fn counters(&self) -> &Arc<Counters> {
        &self.counters
    }

    /// Returns the limits that hold for it.
    #[must_use]
    pub fn limits(&self) -> &[Check] {
        &self.under.limits
    }

    /// Returns everybody who is charged.
    pub fn owners(&self) -> impl Iterator<Item = &Dimension> {
        self.under.borders.iter().map(|(owner, _)| owner)
    }

    /// Returns how strictly it was judged.
    #[must_use]
    pub const fn how(&self) -> Strictness {
        self.under.how
    }

    /// Returns when it was asked.
    #[must_use]
    pub const fn arrival(&self) -> Micros {
        self.under.want.now
    }

    /// Returns the session that has a seat, if one has.
    #[must_use]
    pub const fn session(&self) -> Option<&SessionId> {
        self.under.session.as_ref()
    }

    /// Returns all that is held.
    #[must_use]
    pub fn load(&self) -> Load {
        self.hold.get()
    }

    /// Returns what it wants.
    #[must_use]
    pub fn want(&self) -> Want {
        Want { load: self.hold.get(), ..self.under.want }
    }

    /// Returns what the common counter is asked, by the number of the announcement.
    #[must_use]
    pub fn shared_ask(&self, number: u64) -> SharedAsk {
        SharedAsk {
            checks: self.under.limits.clone(),
            load: self.hold.get(),
            session: self.under.session.clone(),
            strict: self.under.how.strict,
            number,
        }
    }

    /// Returns the windows of one of its owners, as this node knows them, and up to where.
    #[must_use]
    pub fn sums(&self, owner: &Dimension) -> Option<(WindowSums, Horizon)> {
        let (_, borders) = self.under.borders.iter().find(|(known, _)| known == owner)?;
        Some(self.counters.sums(self.under.user, owner, borders))
    }

    /// Has every beat say what is held of those whose limits the common counter keeps. It comes before
    /// the question: what is held there without an answer that got through is corrected by the beat.
    /// Returns the number of the question; `None` when there is nothing to ask.
    pub fn announce(&self, outbox: &Outbox) -> Option<u64> {
        let asking = self.asking.as_ref()?;
        let kept = self.under.limits.iter().filter(|check| is_kept(check));
        let seats = |check: &Check| check.kind == LimitKind::ConcurrentSessions;
        outbox.note_held(self.under.user, kept.map(|check| (&check.dimension, seats(check))));
        Some(asking.number())
    }

    /// Notes that the common counter holds it as well: it hears of each change from now on.
    pub fn is_common(&mut self) {
        // From the moment in which the question flies no more, beats say it.
        self.common = self.asking.take().map(|asking| Arc::clone(asking.owners()));
    }

    /// Notes that this node alone has decided: the common counter hears of it by beats.
    pub fn is_alone(&mut self) {
        self.asking = None;
    }

    /// Takes the request out of the logs of arrivals, as if it had never been let in.
    pub fn unlog(&self) {
        let owners: Vec<Dimension> = self.owners().cloned().collect();
        self.counters.unlog(self.under.user, &owners, self.arrival());
    }

    /// Holds at least so much money; `raise` changes the counters by what is missing.
    pub fn raise(&self, to: Nano, raise: impl FnOnce(Load)) {
        let hold = self.hold.get();
        let by = to.minus(hold.money);
        if by > Nano::ZERO {
            self.hold.set(Load { money: to, ..hold });
            let raise = || raise(Load::of_money(by));
            self.moving(raise, |()| Movement { money: by.0, ..Movement::default() });
        }
    }

    /// Ends running. `leave` changes the counters, and tells whether the session has nothing else
    /// that runs there: its seat rests for the grace then.
    pub fn leave(&self, grace: Duration, leave: impl FnOnce() -> bool) {
        self.moving(leave, |rests| {
            let session = self.under.session.as_ref().filter(|_| *rests);
            let leaves = session.map(|session| (session.clone(), grace));
            Movement { running: -1, leaves, ..Movement::default() }
        });
    }

    /// Gives back what is held; `release` changes the counters.
    pub fn release(&self, release: impl FnOnce(Load)) {
        let hold = self.hold.take();
        self.moving(|| release(hold), |()| freed(hold));
    }

    /// Gives back what is held and charges in its place; `pay` changes the counters, and returns the
    /// last cut of those who pay. Other nodes hear of what was spent.
    pub fn pay(&self, mut charge: Charge, pay: impl FnOnce(Load) -> Micros) {
        let hold = self.hold.take();
        let Some(outbox) = self.counters.outbox() else {
            pay(hold);
            return;
        };
        outbox.change(|telling| {
            // It counts here, and so it does everywhere: clocks of nodes differ.
            charge.ended = charge.ended.max(pay(hold));
            if charge.is_something() {
                telling.tell(Happened::Charged(charge));
            }
            self.moves(telling, freed(hold));
        });
    }

    /// Changes counters, and tells the common counter the difference when it holds this as well.
    fn moving<R>(&self, change: impl FnOnce() -> R, by: impl FnOnce(&R) -> Movement) {
        let is_seen = self.common.is_some() || self.asking.is_some();
        let Some(outbox) = self.counters.outbox().filter(|_| is_seen) else {
            change();
            return;
        };
        outbox.change(|telling| {
            let done = change();
            self.moves(telling, by(&done));
        });
    }

    /// Tells the common counter a difference when it holds this as well. What is only asked for is
    /// known here alone.
    fn moves(&self, telling: &mut Telling<'_>, by: Movement) {
        match (&self.common, &self.asking) {
            (Some(owners), _) => telling.moved(Movement { owners: Arc::clone(owners), ..by }),
            (None, Some(asking)) => telling.flies(asking, &by),
            (None, None) => {}
        }
    }
}

/// The difference that giving money and tokens back makes.
fn freed(hold: Load) -> Movement {
    Movement {
        money: -hold.money.0,
        tokens: -i64::try_from(hold.tokens).unwrap_or(i64::MAX),
        ..Movement::default()
    }
}
