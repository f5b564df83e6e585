//! The sample providers and users, made through the same use cases as everybody's.

mod providers;
mod users;

use std::sync::Arc;

use switchyard_actors::domain::ids::{KeyId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::secret::Secret;

pub use providers::add as add_providers;
#[cfg(test)]
pub use users::PERSONAS;
pub use users::{Persona, add as add_users, settle as settle_users};

/// A sample user with the keys that requests came with.
#[derive(Clone, Debug)]
pub struct Member {
    /// Who it is.
    pub persona: &'static Persona,
    /// The user.
    pub user: UserId,
    /// The keys, those that end first of all.
    pub keys: Arc<[SampleKey]>,
}

/// A key that requests came, or come, with.
#[derive(Clone, Debug)]
pub struct SampleKey {
    /// The key.
    pub id: KeyId,
    /// Its text.
    pub text: Secret,
    /// When it ended, or ends.
    pub ends: Option<Micros>,
}

impl Member {
    /// Returns the key that the member used at an instant; `None` when they did not work (any more).
    #[must_use]
    pub fn key_at(&self, at: Micros, now: Micros) -> Option<&SampleKey> {
        let gone = self.persona.left_days_ago.map(|days| now.minus(super::history::days(days)));
        if gone.is_some_and(|gone| at >= gone) {
            return None;
        }
        self.keys.iter().find(|key| key.ends.is_none_or(|ends| at < ends))
    }
}
