//! The limits of one catalogue by their owners: everybody who pays is found by name, also where no
//! request has brought the caller along.

use std::sync::Arc;

use super::caller::Caller;
use super::catalogue::{Catalogue, Group};
use super::check::Dimension;
use super::ids::{KeyId, ProviderId, UserId};
use super::limits::Limits;
use super::map::Map;
use super::provider::Provider;

/// Finds limits by their owner. It keeps the sections of its catalogue alive, and copies none.
#[derive(Debug, Default)]
pub struct LimitBook {
    keys: Map<KeyId, Arc<Caller>>,
    users: Map<UserId, Arc<Caller>>,
    providers: Map<ProviderId, Arc<Provider>>,
    groups: Arc<Map<Arc<str>, Group>>,
    tags: Arc<Map<Arc<str>, Limits>>,
}

impl LimitBook {
    /// Knows everybody of a catalogue.
    #[must_use]
    pub fn of(catalogue: &Catalogue) -> Self {
        let callers = || catalogue.callers.values().map(Arc::clone);
        let providers = catalogue.providers.iter().map(Arc::clone);
        Self {
            keys: callers().map(|caller| (caller.key, caller)).collect(),
            users: callers().map(|caller| (caller.user, caller)).collect(),
            providers: providers.map(|provider| (provider.id, provider)).collect(),
            groups: Arc::clone(&catalogue.groups),
            tags: Arc::clone(&catalogue.tags),
        }
    }

    /// Returns an owner's limits; who is not known has none.
    #[must_use]
    pub fn limits(&self, owner: &Dimension) -> &Limits {
        let known = match owner {
            Dimension::Key(key) => self.keys.get(key).map(|caller| &caller.key_limits),
            Dimension::User(user) => self.users.get(user).map(|caller| &caller.user_limits),
            Dimension::Group(name) => self.groups.get(name).map(|group| &group.limits),
            Dimension::Tag(name) => self.tags.get(name),
            Dimension::Provider(id) => self.providers.get(id).map(|provider| &provider.limits),
        };
        known.unwrap_or(&Limits::NONE)
    }

    /// Returns the caller of a key that there still is.
    #[must_use]
    pub fn caller(&self, key: KeyId) -> Option<&Arc<Caller>> {
        self.keys.get(&key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::routing::fallback::Fallbacks;
    use crate::testing::{caller, provider};

    #[test]
    fn everybody_is_found_and_who_is_gone_has_no_limits() {
        let of = |requests| Limits { rpm: Some(requests), ..Limits::NONE };
        let anna = caller(7, 3, of(1), of(2));
        let team = Group { factor: None, limits: of(3), fallbacks: Fallbacks::default() };
        let catalogue = Catalogue {
            callers: Arc::new([([1; 32], Arc::clone(&anna))].into_iter().collect()),
            providers: Arc::from([Arc::new(Provider { limits: of(5), ..provider(9) })]),
            groups: Arc::new([(Arc::from("team"), team)].into_iter().collect()),
            tags: Arc::new([(Arc::from("blue"), of(4))].into_iter().collect()),
            ..Catalogue::default()
        };
        let book = LimitBook::of(&catalogue);
        let owners = [
            Dimension::User(UserId(7)),
            Dimension::Key(KeyId(3)),
            Dimension::Group(Arc::from("team")),
            Dimension::Tag(Arc::from("blue")),
            Dimension::Provider(ProviderId(9)),
        ];
        assert_eq!(
            owners.each_ref().map(|owner| book.limits(owner).rpm),
            [1, 2, 3, 4, 5].map(Some)
        );
        for gone in [Dimension::User(UserId(3)), Dimension::Tag(Arc::from("team"))] {
            assert!(book.limits(&gone).is_unlimited(), "{gone:?}");
        }
        assert_eq!(book.caller(KeyId(3)).map(|caller| caller.user), Some(UserId(7)));
    }
}
