//! The counters as one of several nodes: what it tells of itself, and what it hears of others.

use super::counters::{Counters, FormerSpend};
use super::outbox::Held;
use crate::domain::check::Dimension;
use crate::domain::counters::{Binding, Bindings, Bond, Books, Borders, Meter, Tenant};
use crate::domain::flying::{Wanted, Weighing};
use crate::domain::ids::UserId;
use crate::domain::instant::Micros;
use crate::domain::money::Nano;
use crate::domain::sharing::{
    Charge, Happened, Horizon, Rebound, SharedBinding, Standing, WindowSums,
};

impl Charge {
    /// Makes the charge of a bill that came, at `booked`, after its request had ended.
    #[must_use]
    pub fn late(spent: &FormerSpend, owners: Vec<Dimension>, cost: Nano, booked: Micros) -> Self {
        let (user, booked) = (Some(spent.by.user), Some(booked));
        let FormerSpend { at, ended, .. } = *spent;
        Self { request: None, user, owners, at, ended, booked, cost, tokens: 0 }
    }
}

impl Counters {
    /// Changes counters, and puts what that is for other nodes into the outbox in the same step.
    pub fn telling<R, I: IntoIterator<Item = Happened>>(
        &self,
        change: impl FnOnce() -> R,
        news: impl FnOnce(&R) -> I,
    ) -> R {
        let Some(outbox) = self.outbox() else { return change() };
        outbox.change(|telling| {
            let done = change();
            for happened in news(&done) {
                telling.tell(happened);
            }
            done
        })
    }

    /// Returns among how many nodes what is left of these owners' limits is divided: one unless nodes
    /// share their counters and this one has to decide alone.
    pub fn share<'a>(&self, owners: impl IntoIterator<Item = &'a Dimension>) -> u32 {
        self.outbox().and_then(|outbox| outbox.alone_on(owners)).unwrap_or(1)
    }

    /// Opens the counters of a user, or, without one, only those that all users share.
    fn open<R>(&self, user: Option<UserId>, work: impl FnOnce(&mut Books<'_>) -> R) -> R {
        match user {
            Some(user) => self.books(user, work),
            None => {
                self.common(|common| work(&mut Books { tenant: &mut Tenant::default(), common }))
            }
        }
    }

    /// Looks at what this node holds, for a beat to say it. Nothing when no other node may be there.
    #[must_use]
    pub fn weigh(&self) -> Weighing {
        let look = |owner: &_, held: &_, wanted: &_| self.standing(owner, held, wanted);
        self.outbox().map_or_else(Weighing::default, |outbox| outbox.weigh(look))
    }

    /// Returns what this node holds of an owner, with its sessions where their seats are limited, but
    /// for what is only asked for.
    fn standing(&self, owner: &Dimension, held: &Held, wanted: &Wanted) -> Standing {
        self.open(held.user, |books| {
            let open = if held.seats { books.open_sessions(owner) } else { Vec::new() };
            let stays = |(session, open): &(_, u32)| wanted.leaves_some(session, *open);
            let sessions = open.into_iter().filter(stays).map(|(session, _)| session).collect();
            let meter = books.meter(owner);
            Standing {
                dimension: owner.clone(),
                money: meter.map_or(0, |meter| meter.held().0) - wanted.money,
                tokens: meter
                    .map_or(0, |meter| i64::try_from(meter.held_tokens()).unwrap_or(i64::MAX))
                    - wanted.tokens,
                running: meter.map_or(0, |meter| i64::from(meter.in_flight())) - wanted.running,
                sessions,
            }
        })
    }

    /// Returns the windows of an owner as this node knows them, without what the common counter has
    /// not taken from it yet: that will come to it anyhow. Tells up to where both know the same.
    #[must_use]
    pub fn sums(
        &self,
        user: Option<UserId>,
        owner: &Dimension,
        borders: &Borders,
    ) -> (WindowSums, Horizon) {
        let sums = || {
            self.open(user, |books| {
                let unused = Meter::default();
                books.meter(owner).unwrap_or(&unused).sums(owner, borders)
            })
        };
        let Some(outbox) = self.outbox() else { return (sums(), Horizon::default()) };
        outbox.known(owner, sums)
    }

    /// Books what another node has charged: tokens always, money where no cut came behind it. `borders`
    /// gives each owner's windows around the present.
    pub fn hear(&self, charge: &Charge, mut borders: impl FnMut(&Dimension) -> Borders) {
        let owners: Vec<(&Dimension, Borders)> =
            charge.owners.iter().map(|owner| (owner, borders(owner))).collect();
        let book = |meter: &mut Meter, borders: &Borders| {
            meter.roll(borders);
            if meter.counts(charge.ended) {
                meter.charge(charge.at, charge.cost);
            } else if charge.cost != Nano::ZERO {
                // What counts no longer still has begun the five hours.
                meter.begin(charge.at);
            }
            if charge.tokens > 0 {
                meter.add_tokens(charge.at, charge.tokens);
            }
        };
        self.open(charge.user, |books| {
            for (owner, borders) in &owners {
                book(books.meter_mut(owner), borders);
            }
        });
    }

    /// Binds and frees a session as another node has done.
    pub fn hear_bound(&self, told: &SharedBinding) {
        let SharedBinding { user, key, session, model, place, arrived, at, .. } = told;
        let free = |bindings: &mut Bindings| {
            if let Some(provider) = told.dropped {
                bindings.free(provider);
            }
            if told.change == Rebound::Freed {
                bindings.free_model(model.as_deref());
            }
        };
        self.known(*user, |tenant| tenant.sessions.rebind(session, *at, free));
        let Rebound::Bound(provider) = told.change else { return };
        let bond = Bond { user: *user, key: *key, session, provider, arrived: *arrived };
        let ttl = self.lifetimes().session_ttl;
        self.tenant(*user, |tenant| {
            // Under the lock: an end is noted first and takes bindings away then.
            if self.has_ended(&bond) {
                return;
            }
            if !tenant.sessions.lives(session, *at, ttl) {
                tenant.sessions.register(session, *key, *place, *at);
            }
            tenant.sessions.bind(session, Binding::new(model.clone(), provider), *at);
        });
    }

    /// Takes a request out of the log that counts how many come in a minute.
    pub fn unlog(&self, user: Option<UserId>, owners: &[Dimension], arrival: Micros) {
        self.open(user, |books| {
            for owner in owners {
                books.meter_mut(owner).unlog_start(arrival);
            }
        });
    }
}
