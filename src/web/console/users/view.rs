//! What several pages say of users and keys.

use serde::Serialize;
use switchyard_actors::domain::instant::Micros;

use crate::store::{KeyFields, UserFields};
use crate::web::console::frame::Text;

/// A state: a colour and the word for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StateView {
    /// `good`, `warn`, `bad` or `unknown`.
    pub state: &'static str,
    /// The word.
    pub word: Text,
}

/// Says whether a user may send requests.
#[must_use]
pub fn user_state(user: &UserFields, now: Micros) -> StateView {
    state(user.is_enabled, user.expires_at, now)
}

/// Says whether a key works, its user aside.
#[must_use]
pub fn key_state(key: &KeyFields, now: Micros) -> StateView {
    state(key.is_enabled, key.expires_at, now)
}

fn state(is_enabled: bool, expires_at: Option<Micros>, now: Micros) -> StateView {
    let (state, word) = match (is_enabled, expires_at) {
        (false, _) => ("unknown", "users-state-off"),
        (true, Some(end)) if end <= now => ("warn", "users-state-expired"),
        (true, _) => ("good", "users-state-active"),
    };
    StateView { state, word: Text::of(word) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn off_goes_before_expired_and_an_end_is_over_at_its_instant() {
        let word = |enabled, end: Option<i64>| state(enabled, end.map(Micros), Micros(10)).word.id;
        assert_eq!(word(true, None), "users-state-active");
        assert_eq!(word(true, Some(11)), "users-state-active");
        assert_eq!(word(true, Some(10)), "users-state-expired");
        assert_eq!(word(false, Some(10)), "users-state-off");
    }
}
