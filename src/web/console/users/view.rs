//! What several pages say of users and keys.

use serde::Serialize;
use switchyard_actors::domain::instant::Micros;

use crate::app::users::UserWithKeys;
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

/// What the table of users and the page of one say alike.
#[derive(Clone, Debug, Serialize)]
pub struct UserHead {
    /// The id.
    pub id: i64,
    /// The name.
    pub name: String,
    /// A note.
    pub note: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// Whether they may send requests.
    pub state: StateView,
    /// The groups whose providers they may use; empty is the default one.
    pub groups: Vec<String>,
    /// Today's requests.
    pub requests: i64,
    /// Today's cost.
    pub cost: i64,
    /// The last request.
    pub last: Option<Micros>,
}

impl UserHead {
    /// Looks at a user.
    #[must_use]
    pub fn of(found: &UserWithKeys, now: Micros) -> Self {
        let (fields, keys) = (&found.user.fields, &found.keys);
        Self {
            id: found.user.id.0,
            name: fields.name.clone(),
            note: fields.note.clone(),
            tags: fields.tags.clone(),
            state: user_state(fields, now),
            groups: groups(fields.provider_group.as_deref()),
            requests: keys.iter().map(|(_, today)| today.requests()).sum(),
            cost: keys.iter().map(|(_, today)| today.cost().0).sum(),
            last: keys.iter().filter_map(|(_, today)| Some(today.last.as_ref()?.at)).max(),
        }
    }
}

/// Splits a text of groups.
pub fn groups(text: Option<&str>) -> Vec<String> {
    let names = text.unwrap_or_default().split([',', '，', '\n']).map(str::trim);
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
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
