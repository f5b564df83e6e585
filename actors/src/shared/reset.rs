//! What an owner has spent counts no longer: here, and at the nodes that share their counters.

use super::counters::Counters;
use super::outbox::Telling;
use crate::domain::check::Dimension;
use crate::domain::counters::Meter;
use crate::domain::ids::UserId;
use crate::domain::sharing::{Happened, Reset};

impl Counters {
    /// Forgets what an owner has spent, unless that is done already; tells whether it was. Other
    /// nodes are told in the same step, behind all that was charged before it.
    pub fn reset(&self, reset: &Reset) -> bool {
        let Some(outbox) = self.outbox() else { return self.forget(reset) };
        outbox.change(|telling| {
            let is_news = self.cut(reset, telling);
            if is_news {
                telling.tell(Happened::Reset(reset.clone()));
            }
            is_news
        })
    }

    /// Forgets what an owner has spent, as another node has done.
    pub fn hear_reset(&self, reset: &Reset) {
        match self.outbox() {
            Some(outbox) => outbox.change(|telling| self.cut(reset, telling)),
            None => self.forget(reset),
        };
    }

    /// Forgets what an owner has spent but for what ended behind the cut and is still to be told:
    /// whoever hears of it counts it as well.
    fn cut(&self, reset: &Reset, telling: &mut Telling<'_>) -> bool {
        self.meter(reset.user, &reset.owner, |meter| {
            let is_news = meter.reset(reset.at);
            if is_news {
                for (arrival, cost) in telling.cut(&reset.owner, reset.at) {
                    meter.charge(arrival, cost);
                }
            }
            is_news
        })
    }

    pub(super) fn forget(&self, reset: &Reset) -> bool {
        self.meter(reset.user, &reset.owner, |meter| meter.reset(reset.at))
    }

    /// Works on an owner's meter; only a user's and a key's are among the counters of `user`.
    pub(super) fn meter<R>(
        &self,
        user: UserId,
        owner: &Dimension,
        work: impl FnOnce(&mut Meter) -> R,
    ) -> R {
        match owner {
            Dimension::Key(_) | Dimension::User(_) => {
                self.books(user, |books| work(books.meter_mut(owner)))
            }
            shared => {
                self.common(|common| work(&mut common.entry(shared.clone()).or_default().meter))
            }
        }
    }
}

#[cfg(test)]
#[path = "reset_tests.rs"]
mod tests;
