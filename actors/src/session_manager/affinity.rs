//! Which session a claim leads to, on one user's sessions. Pure; run under the user's lock.

use std::time::Duration;

use super::identity::Claim;
use crate::domain::counters::Sessions;
use crate::domain::ids::{KeyId, ProviderId, SessionId};
use crate::domain::instant::Micros;

/// Requests with more messages than this are turns of a conversation, whatever else runs.
const SHORT: u32 = 2;

/// The session of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The session.
    pub session: SessionId,
    /// The provider that should be asked first, if there is one: that of the model, else that of
    /// another model of the session.
    pub bound: Option<ProviderId>,
    /// The provider that exactly this model is bound to.
    pub held: Option<ProviderId>,
    /// It is a short request beside one that runs (a title, a sub-agent): it follows the session and
    /// moves nothing.
    pub beside: bool,
    /// The session was not known before.
    pub fresh: bool,
}

/// What a request asks of the sessions.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The key.
    pub key: KeyId,
    /// The model, when one is named.
    pub model: Option<&'a str>,
    /// How many messages it carries.
    pub messages: Option<u32>,
    /// The arrival.
    pub now: Micros,
}

/// Finds the session or begins it.
pub fn resolve(
    claim: &Claim,
    asked: Asked<'_>,
    sessions: &mut Sessions,
    ttl: Duration,
) -> Resolved {
    let Asked { key, now, .. } = asked;
    match claim {
        Claim::Named(session) if sessions.lives(session, now, ttl) => {
            known(session, asked, sessions)
        }
        Claim::Named(session) => {
            sessions.register(session, key, None, now);
            begun(session)
        }
        Claim::Found { place, new } => {
            if let Some(session) = sessions.at(key, *place, now, ttl).cloned() {
                return known(&session, asked, sessions);
            }
            sessions.register(new, key, Some(*place), now);
            begun(new)
        }
        Claim::Single(session) => begun(session),
    }
}

fn known(session: &SessionId, asked: Asked<'_>, sessions: &mut Sessions) -> Resolved {
    sessions.touch(session, asked.now);
    let is_short = asked.messages.is_some_and(|messages| messages <= SHORT);
    Resolved {
        session: session.clone(),
        bound: sessions.bound(session, asked.model),
        held: sessions.binding(session, asked.model).map(|binding| binding.provider),
        beside: is_short && sessions.open(session) > 0,
        fresh: false,
    }
}

fn begun(session: &SessionId) -> Resolved {
    Resolved { session: session.clone(), bound: None, held: None, beside: false, fresh: true }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::super::identity::{Owner, claim};
    use super::*;
    use crate::domain::counters::Binding;
    use crate::domain::ids::{RequestId, UserId};
    use crate::domain::map::Map;
    use crate::domain::session::SessionHints;

    const TTL: Duration = Duration::from_mins(5);

    proptest! {
        /// Whatever users and keys say at the same time, in the same words: everybody finds only
        /// providers that served their own key, for their own text. Each key has its own provider.
        #[test]
        fn nobody_is_led_to_another_s_provider(
            asks in prop::collection::vec(
                (1_i64..4, 1_i64..4, prop::option::of(0_u8..3), 0_u8..3, 1_u32..4, 0_u64..200),
                1..120,
            ),
        ) {
            let mut users: Map<UserId, Sessions> = Map::default();
            let mut now = Micros(1_000_000_000);
            for (number, (user, key, client, content, messages, seconds)) in asks.into_iter().enumerate() {
                now = now.plus(Duration::from_secs(seconds));
                let owner = Owner { user: UserId(user), key: KeyId(10 * user + key) };
                let hints = SessionHints {
                    client: client.map(|byte| byte.to_string()),
                    content: Some([content; 32]),
                    messages: Some(messages),
                };
                let request = RequestId([u8::try_from(number).unwrap_or(u8::MAX); 16]);
                let claim = claim(owner, &hints, &request);
                let sessions = users.entry(owner.user).or_default();
                let asked = Asked { key: owner.key, model: Some("m"), messages: Some(messages), now };
                let resolved = resolve(&claim, asked, sessions, TTL);
                let text = client.map_or(100 + i64::from(content), i64::from);
                let own = ProviderId(owner.key.0 * 1_000 + text);
                prop_assert!(resolved.bound.is_none_or(|bound| bound == own));
                prop_assert_eq!(resolved.bound, resolved.held);
                let model = Some(Arc::from("m"));
                sessions.bind(&resolved.session, Binding::new(model, own), now);
            }
        }
    }
}
