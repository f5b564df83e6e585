//! Which sessions were ended by hand, or with a change of their provider, and when: what was bound
//! by a request that came before is not bound any more, neither now nor after a restart.

use crate::domain::ids::{KeyId, ProviderId, SessionId, UserId};
use crate::domain::instant::Micros;
use crate::domain::map::Map;

/// Which sessions end.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum EndScope {
    /// One.
    Session(SessionId),
    /// All of a user.
    User(UserId),
    /// All of a key.
    Key(KeyId),
    /// All are freed from a provider; they live on.
    Provider(ProviderId),
}

/// An end of sessions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SessionEnd {
    /// Which.
    pub scope: EndScope,
    /// When: requests that came later are not meant.
    pub at: Micros,
}

/// What a request would bind: its session, to a provider.
#[derive(Clone, Copy, Debug)]
pub struct Bond<'a> {
    /// The user.
    pub user: UserId,
    /// The key.
    pub key: KeyId,
    /// The session.
    pub session: &'a SessionId,
    /// The provider.
    pub provider: ProviderId,
    /// When the request came.
    pub arrived: Micros,
}

/// The ends that still matter.
#[derive(Debug, Default)]
pub struct Ends(Map<EndScope, Micros>);

impl Ends {
    /// Notes an end; tells whether it is news.
    pub fn note(&mut self, end: &SessionEnd) -> bool {
        let known = self.0.get(&end.scope).is_some_and(|at| *at >= end.at);
        if !known {
            self.0.insert(end.scope.clone(), end.at);
        }
        !known
    }

    /// Tells whether a request came before the end of what it would bind.
    #[must_use]
    pub fn forbid(&self, bond: &Bond<'_>) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let scopes = [
            EndScope::Session(bond.session.clone()),
            EndScope::User(bond.user),
            EndScope::Key(bond.key),
            EndScope::Provider(bond.provider),
        ];
        scopes.iter().any(|scope| self.0.get(scope).is_some_and(|at| bond.arrived <= *at))
    }

    /// Forgets what happened before an instant.
    pub fn forget(&mut self, before: Micros) {
        self.0.retain(|_, at| *at >= before);
    }

    /// Returns how many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Tells whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn what_came_before_an_end_is_not_bound_and_what_came_later_is() {
        let (session, other) = (SessionId(Arc::from("s_1")), SessionId(Arc::from("s_2")));
        let scopes = [
            (EndScope::Session(session.clone()), [true, false, true, true]),
            (EndScope::User(UserId(1)), [true, true, true, true]),
            (EndScope::Key(KeyId(2)), [true, true, false, true]),
            (EndScope::Provider(ProviderId(3)), [true, true, true, false]),
        ];
        let bond = |session, key, provider, arrived| Bond {
            user: UserId(1),
            key: KeyId(key),
            session,
            provider: ProviderId(provider),
            arrived: Micros(arrived),
        };
        for (scope, forbidden) in scopes {
            let mut ends = Ends::default();
            assert!(ends.note(&SessionEnd { scope: scope.clone(), at: Micros(10) }));
            assert!(!ends.note(&SessionEnd { scope: scope.clone(), at: Micros(10) }));
            assert!(!ends.note(&SessionEnd { scope: scope.clone(), at: Micros(5) }));
            let bonds = [(&session, 2, 3), (&other, 2, 3), (&session, 4, 3), (&session, 2, 4)];
            for ((session, key, provider), expected) in bonds.into_iter().zip(forbidden) {
                let before = bond(session, key, provider, 10);
                assert_eq!(ends.forbid(&before), expected, "{scope:?} and {before:?}");
                assert!(!ends.forbid(&bond(session, key, provider, 11)), "{scope:?}");
            }
            ends.forget(Micros(11));
            assert!(ends.is_empty());
        }
    }
}
