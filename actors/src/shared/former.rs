//! What was spent before these counters were there: restored at the start, and booked late.

use super::counters::Counters;
use crate::domain::check::Dimension;
use crate::domain::counters::{Borders, Meter};
use crate::domain::ids::{KeyId, ProviderId, UserId};
use crate::domain::instant::Micros;
use crate::domain::limits::Costs;
use crate::domain::sharing::{Charge, Happened};

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
    /// The start of the minute or roll-up slot.
    pub at: Micros,
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
}

impl Counters {
    /// Restores spent money at the start, in place of what was counted; what runs is kept.
    /// `paying` must name everybody who pays, with their own windows around the present.
    pub fn seed(&self, mut seed: Seed, mut paying: impl FnMut(Spender) -> Paying) {
        self.each(|_, tenant| tenant.forget_spent());
        self.common(|common| common.values_mut().for_each(|one| one.meter.forget_spent()));
        // The five-hour window starts at the first charge, so the order matters.
        seed.spent.sort_unstable_by_key(|spent| spent.at);
        for spent in &seed.spent {
            let cost = self.counted().of(spent.costs);
            self.with_meters(spent.by, paying(spent.by), |meter, borders| {
                meter.roll(&borders);
                meter.charge_windows(spent.at, cost);
            });
        }
        for (by, costs) in seed.totals {
            let total = self.counted().of(costs);
            self.with_meters(by, paying(by), |meter, _| meter.add_total(total));
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
            let owners: Vec<Dimension> = paying.iter().map(|(owner, _)| owner.clone()).collect();
            let book = || {
                self.with_meters(spent.by, paying, |meter, borders| {
                    meter.roll(&borders);
                    meter.charge(spent.at, cost);
                });
            };
            self.telling(book, |()| [Happened::Charged(Charge::late(&spent, owners, cost, now))]);
        }
    }

    fn with_meters(&self, by: Spender, paying: Paying, mut work: impl FnMut(&mut Meter, Borders)) {
        self.books(by.user, |books| {
            for (dimension, borders) in paying {
                match dimension {
                    Dimension::Key(key) => work(books.tenant.key_mut(key), borders),
                    Dimension::User(_) => work(&mut books.tenant.user, borders),
                    shared => work(&mut books.common.entry(shared).or_default().meter, borders),
                }
            }
        });
    }
}
