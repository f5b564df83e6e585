//! What was spent before these counters were there: restored at the start, and booked late.

use super::counters::Counters;
use crate::domain::check::Dimension;
use crate::domain::counters::{Borders, Meter};
use crate::domain::ids::{KeyId, ProviderId, UserId};
use crate::domain::instant::Micros;
use crate::domain::limits::Costs;
use crate::domain::map::Map;
use crate::domain::money::Nano;
use crate::domain::sharing::{Charge, Happened, Reset};

/// Who spent money, and at whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Spender {
    /// The user.
    pub user: UserId,
    /// The key.
    pub key: KeyId,
    /// The provider that served; `None` when nobody did.
    pub provider: Option<ProviderId>,
}

/// Money that was spent before anybody here counted it: before this process began, or at a price
/// that came later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormerSpend {
    /// Who spent it.
    pub by: Spender,
    /// The arrival, or the start of the minute or roll-up slot.
    pub at: Micros,
    /// The end of what is booked late, at which a cut looks. A seed has done so before: `at` again.
    pub ended: Micros,
    /// What it cost.
    pub costs: Costs,
}

/// Everybody who pays for somebody's requests, with the calendar windows around the present.
pub type Paying = Vec<(Dimension, Borders)>;

/// What is restored at the start: spend back to the first of the month (or the Monday before it),
/// and totals, which include that spend.
#[derive(Clone, Debug, Default)]
pub struct Seed {
    /// Spend by slot, in any order.
    pub spent: Vec<FormerSpend>,
    /// All money ever spent.
    pub totals: Vec<(Spender, Costs)>,
    /// Owners of whom the sums above say more than counts.
    pub resets: Vec<SinceReset>,
}

/// What an owner has spent since its spend was reset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinceReset {
    /// Who, and when.
    pub reset: Reset,
    /// Spend in slots and minutes from here on counts whole.
    pub from: Micros,
    /// Of earlier arrivals this counts: what ended after the reset.
    pub spent: Vec<FormerSpend>,
    /// All of both.
    pub total: Costs,
}

impl Counters {
    /// Restores spent money at the start, in place of what was counted; what runs is kept.
    /// `paying` must name everybody who pays, with their own windows around the present.
    pub fn seed(&self, seed: Seed, mut paying: impl FnMut(Spender) -> Paying) {
        self.each(|_, tenant| tenant.forget_spent());
        self.common(|common| common.values_mut().for_each(|one| one.meter.forget_spent()));
        for one in &seed.resets {
            self.forget(&one.reset);
        }
        let from: Map<Dimension, Micros> =
            seed.resets.iter().map(|one| (one.reset.owner.clone(), one.from)).collect();
        let mut all: Vec<(Option<&Dimension>, FormerSpend)> = Vec::new();
        all.extend(seed.spent.iter().map(|spent| (None, *spent)));
        for one in &seed.resets {
            all.extend(one.spent.iter().map(|spent| (Some(&one.reset.owner), *spent)));
        }
        // The five-hour window starts at the first charge, so the order matters.
        all.sort_by_key(|(_, spent)| spent.at);
        for (only, spent) in all {
            let cost = self.counted().of(spent.costs);
            self.with_meters(spent.by, paying(spent.by), |owner, meter, borders| {
                let counts = match only {
                    Some(only) if only != owner => return,
                    Some(_) => true,
                    None => from.get(owner).is_none_or(|from| spent.at >= *from),
                };
                meter.roll(&borders);
                if counts {
                    meter.charge_windows(spent.at, cost);
                } else if cost != Nano::ZERO {
                    // What counts no longer still has begun the five hours.
                    meter.begin(spent.at);
                }
            });
        }
        for (by, costs) in seed.totals {
            let total = self.counted().of(costs);
            self.with_meters(by, paying(by), |owner, meter, _| {
                if !from.contains_key(owner) {
                    meter.add_total(total);
                }
            });
        }
        for SinceReset { reset, total, .. } in &seed.resets {
            let total = self.counted().of(*total);
            self.meter(reset.user, &reset.owner, |meter| meter.add_total(total));
        }
    }

    /// Counts money of requests that had ended without a cost, each at its own time. What the seed
    /// brought must not come again: a caller names only what it booked itself.
    /// `paying` must name everybody who pays, with their own windows around the present, `now`.
    pub fn book(
        &self,
        mut spent: Vec<FormerSpend>,
        now: Micros,
        mut paying: impl FnMut(Spender) -> Paying,
    ) {
        spent.sort_unstable_by_key(|spent| spent.at);
        for spent in spent {
            let (cost, paying) = (self.counted().of(spent.costs), paying(spent.by));
            let book = || {
                let mut owners: Vec<Dimension> = Vec::new();
                self.with_meters(spent.by, paying, |owner, meter, borders| {
                    meter.roll(&borders);
                    if meter.counts(spent.ended) {
                        meter.charge(spent.at, cost);
                        owners.push(owner.clone());
                    }
                });
                owners
            };
            self.telling(book, |owners| {
                [Happened::Charged(Charge::late(&spent, owners.clone(), cost, now))]
            });
        }
    }

    fn with_meters(
        &self,
        by: Spender,
        paying: Paying,
        mut work: impl FnMut(&Dimension, &mut Meter, Borders),
    ) {
        self.books(by.user, |books| {
            for (dimension, borders) in paying {
                work(&dimension, books.meter_mut(&dimension), borders);
            }
        });
    }
}
