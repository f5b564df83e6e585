//! What must not be lost until the common counter has it: charges, and the news beside them, in their
//! order.

use std::collections::VecDeque;

use crate::domain::check::Dimension;
use crate::domain::instant::Micros;
use crate::domain::map::Map;
use crate::domain::money::Nano;
use crate::domain::sharing::{Charge, Happened};

/// What waits at most. An hour of a hundred requests a second fits; what is beyond is counted as
/// lost and is in the ledger, from where the next start reads it.
pub(super) const MOST: usize = 400_000;

/// Charges and news that the common counter has not confirmed.
#[derive(Debug, Default)]
pub(super) struct Charges {
    waiting: VecDeque<Happened>,
    /// Charges that were taken out, in their order.
    flying: VecDeque<Charge>,
    /// How many things were ever added.
    added: u64,
    /// Nodes cannot ask each other: what arrives is not known to all of them yet.
    divided: bool,
    /// The money of those and of what waits, by who pays; while divided, of what has arrived since too.
    unheard: Map<Dimension, Nano>,
    /// Whose spend was reset while charges waited or flew, and the last cut.
    cuts: Map<Dimension, Micros>,
    lost: u64,
}

impl Charges {
    /// Returns the charges that fly and wait, in their order.
    pub(super) fn all(&self) -> impl Iterator<Item = &Charge> {
        let waits = self.waiting.iter().filter_map(|one| match one {
            Happened::Charged(charge) => Some(charge),
            _ => None,
        });
        self.flying.iter().chain(waits)
    }

    /// Returns how much waits or flies.
    pub(super) fn len(&self) -> usize {
        self.waiting.len() + self.flying.len()
    }

    /// Returns how much waits.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Returns how many things were ever added.
    pub(super) const fn added(&self) -> u64 {
        self.added
    }

    /// Returns how many of those wait no longer.
    pub(super) fn taken(&self) -> u64 {
        self.added.saturating_sub(self.waiting.len() as u64)
    }

    /// Tells whether the first so many of those were taken and have arrived.
    pub(super) fn has_told(&self, first: u64) -> bool {
        self.taken() >= first && self.flying.is_empty()
    }

    /// Keeps the money of what arrives from now on among what others do not know.
    pub(super) const fn divide(&mut self) {
        self.divided = true;
    }

    /// Ends that: what has arrived is known.
    pub(super) fn unite(&mut self) {
        if std::mem::take(&mut self.divided) {
            self.unheard.clear();
            let charges: Vec<Charge> = self.all().cloned().collect();
            for charge in &charges {
                self.note(charge);
            }
        }
    }

    /// Returns how much was lost because too much waited.
    pub(super) const fn lost(&self) -> u64 {
        self.lost
    }

    /// Returns the money of an owner that others do not know yet, as far as it counts.
    pub(super) fn unheard(&self, owner: &Dimension) -> Nano {
        self.unheard.get(owner).copied().unwrap_or_default()
    }

    /// Adds something; too much that waits loses the oldest.
    pub(super) fn push(&mut self, happened: Happened) {
        if self.waiting.len() >= MOST
            && let Some(oldest) = self.waiting.pop_front()
        {
            self.lost = self.lost.saturating_add(1);
            if let Happened::Charged(charge) = oldest {
                self.forget(&charge);
            }
        }
        if let Happened::Charged(charge) = &happened {
            self.note(charge);
        }
        self.waiting.push_back(happened);
        self.added += 1;
    }

    /// Takes the oldest of what waits, no further than to resets and with them.
    pub(super) fn take(&mut self, most: usize) -> Vec<Happened> {
        let count = up_to_a_reset(&self.waiting, most);
        let happened: Vec<Happened> = self.waiting.drain(..count).collect();
        let charges = happened.iter().filter_map(|one| match one {
            Happened::Charged(charge) => Some(charge.clone()),
            _ => None,
        });
        self.flying.extend(charges);
        happened
    }

    /// Notes that so many of those that were taken have arrived.
    pub(super) fn arrived(&mut self, count: usize) {
        let count = count.min(self.flying.len());
        let taken: Vec<Charge> = self.flying.drain(..count).collect();
        if !self.divided {
            for charge in &taken {
                self.forget(charge);
            }
        }
        if self.len() == 0 {
            self.cuts.clear();
        }
    }

    /// Notes a cut of what an owner has spent: money of before it counts no longer. Returns arrivals and
    /// money of what ended later.
    pub(super) fn cut(&mut self, owner: &Dimension, cut: Micros) -> Vec<(Micros, Nano)> {
        self.cuts.insert(owner.clone(), cut);
        let later = self.all().filter(|one| one.ended >= cut && one.owners.contains(owner));
        let later: Vec<(Micros, Nano)> = later.map(|one| (one.at, one.cost)).collect();
        let unheard: Nano = later.iter().map(|(_, cost)| *cost).sum();
        self.unheard.remove(owner);
        if unheard != Nano::ZERO {
            self.unheard.insert(owner.clone(), unheard);
        }
        later
    }

    /// Tells whether the money of a charge that waits or flies counts for an owner.
    fn counts(&self, charge: &Charge, owner: &Dimension) -> bool {
        self.cuts.get(owner).is_none_or(|cut| charge.ended >= *cut)
    }

    fn note(&mut self, charge: &Charge) {
        for owner in &charge.owners {
            if self.counts(charge, owner) {
                let sum = self.unheard.entry(owner.clone()).or_default();
                *sum = sum.plus(charge.cost);
            }
        }
    }

    fn forget(&mut self, charge: &Charge) {
        for owner in &charge.owners {
            if !self.counts(charge, owner) {
                continue;
            }
            let Some(sum) = self.unheard.get_mut(owner) else { continue };
            *sum = sum.minus(charge.cost);
            if *sum == Nano::ZERO {
                self.unheard.remove(owner);
            }
        }
    }
}

/// Counts what waits up to the first resets, with them, and no further than `most`.
fn up_to_a_reset(waiting: &VecDeque<Happened>, most: usize) -> usize {
    let is_reset = |one: &Happened| matches!(one, Happened::Reset(_));
    let first = || waiting.iter().take(most);
    let before = first().take_while(|one| !is_reset(one)).count();
    before + first().skip(before).take_while(|one| is_reset(one)).count()
}
