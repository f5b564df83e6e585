//! What an owner has spent counts no longer: here, and at the nodes that share their counters.

use super::counters::Counters;
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
            let is_news = self.forget(reset);
            if is_news {
                telling.forget_spent(&reset.owner);
                telling.tell(Happened::Reset(reset.clone()));
            }
            is_news
        })
    }

    /// Forgets what an owner has spent, as another node has done.
    pub fn hear_reset(&self, reset: &Reset) {
        let Some(outbox) = self.outbox() else {
            self.forget(reset);
            return;
        };
        outbox.change(|telling| {
            if self.forget(reset) {
                telling.forget_spent(&reset.owner);
            }
        });
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
