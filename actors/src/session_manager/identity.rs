//! How sessions are named. Pure: user, key, kind and text in, id out.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::domain::counters::Place;
use crate::domain::ids::{KeyId, RequestId, SessionId, UserId};
use crate::domain::session::SessionHints;

/// Hexadecimal digits of an id, and those of them that are the content's place.
const DIGITS: usize = 24;
const PLACE_DIGITS: usize = 16;

/// Whose session it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The user.
    pub user: UserId,
    /// The key.
    pub key: KeyId,
}

/// What a request claims to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The client names its session.
    Named(SessionId),
    /// The content says where to look; `new` is the id if nobody is there.
    Found {
        /// Where.
        place: Place,
        /// The id of a session that begins here.
        new: SessionId,
    },
    /// Nothing is known: the request is a session of its own.
    Single(SessionId),
}

/// Reads the hints in order: the client's own id, the content, nothing.
#[must_use]
pub fn claim(owner: Owner, hints: &SessionHints, fallback: &RequestId) -> Claim {
    let client = hints.client.as_deref().map(str::trim).filter(|text| !text.is_empty());
    if let Some(client) = client {
        return Claim::Named(id(&hash(owner, "client", client.as_bytes())));
    }
    let single = hash(owner, "request", &fallback.0);
    let Some(content) = hints.content else { return Claim::Single(id(&single)) };
    let content = hash(owner, "content", &content);
    let under_way = hints.messages.is_some_and(|messages| messages > 1);
    let [p0, p1, p2, p3, p4, p5, p6, p7, ..] = content;
    let new = if under_way { id(&content) } else { mixed(&content, &single) };
    Claim::Found { place: [p0, p1, p2, p3, p4, p5, p6, p7], new }
}

/// Reads the place out of an id.
#[must_use]
pub fn place_of(session: &SessionId) -> Option<Place> {
    let digits = session.0.strip_prefix("s_")?.get(..PLACE_DIGITS)?;
    let mut place = Place::default();
    hex::decode_to_slice(digits, &mut place).ok()?;
    Some(place)
}

fn hash(owner: Owner, kind: &str, text: &[u8]) -> [u8; 32] {
    // Fixed-width parts and a terminated kind: no two inputs run together to the same bytes.
    let mut hasher = Sha256::new();
    hasher.update(owner.user.0.to_be_bytes());
    hasher.update(owner.key.0.to_be_bytes());
    hasher.update(kind.as_bytes());
    hasher.update([0]);
    hasher.update(text);
    hasher.finalize().into()
}

/// Names a session by the first bytes of a hash.
fn id(hash: &[u8; 32]) -> SessionId {
    mixed(hash, hash.get(PLACE_DIGITS / 2..).unwrap_or_default())
}

/// Takes the place from the content and the rest from the request.
fn mixed(content: &[u8; 32], single: &[u8]) -> SessionId {
    let mut text = String::with_capacity(2 + DIGITS);
    text.push_str("s_");
    let (place, rest) = (PLACE_DIGITS / 2, (DIGITS - PLACE_DIGITS) / 2);
    for byte in content.iter().take(place).chain(single.iter().take(rest)) {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    SessionId(Arc::from(text))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn named(claim: &Claim) -> SessionId {
        match claim {
            Claim::Named(id) | Claim::Single(id) | Claim::Found { new: id, .. } => id.clone(),
        }
    }

    fn hints(client: Option<&str>, content: Option<u8>, messages: u32) -> SessionHints {
        SessionHints {
            client: client.map(str::to_owned),
            content: content.map(|byte| [byte; 32]),
            messages: Some(messages),
        }
    }

    const ANNA: Owner = Owner { user: UserId(1), key: KeyId(1) };

    #[test]
    fn an_id_is_s_and_twenty_four_digits() {
        for hints in [hints(Some("x"), None, 1), hints(None, Some(1), 1), hints(None, None, 1)] {
            let id = named(&claim(ANNA, &hints, &RequestId([9; 16])));
            let digits = id.0.strip_prefix("s_").unwrap();
            assert_eq!(digits.len(), 24);
            assert!(digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        }
    }

    #[test]
    fn a_fresh_conversation_keeps_the_place_of_its_content() {
        let (first, later) = (hints(None, Some(7), 1), hints(None, Some(7), 5));
        let one = claim(ANNA, &first, &RequestId([1; 16]));
        let two = claim(ANNA, &first, &RequestId([2; 16]));
        let Claim::Found { place, new } = claim(ANNA, &later, &RequestId([3; 16])) else {
            panic!("content was given");
        };
        assert_ne!(named(&one), named(&two));
        for id in [named(&one), named(&two), new] {
            assert_eq!(place_of(&id), Some(place));
        }
    }

    proptest! {
        /// Two claims have the same id only if user, key, kind and text are the same.
        #[test]
        fn identities_never_collide(
            claims in prop::collection::vec(
                (0_i64..4, 0_i64..4, prop_oneof!["[ab]{0,2}".prop_map(Some), Just(None)],
                 prop::option::of(0_u8..3), 2_u32..4, 0_u8..3),
                2..60,
            ),
        ) {
            let mut seen = HashMap::new();
            for (user, key, client, content, messages, request) in claims {
                let owner = Owner { user: UserId(user), key: KeyId(key) };
                let hints = hints(client.as_deref(), content, messages);
                let client = client.filter(|text| !text.is_empty());
                let source = match (&client, content) {
                    (Some(text), _) => (user, key, "client", text.clone()),
                    (None, Some(byte)) => (user, key, "content", byte.to_string()),
                    (None, None) => (user, key, "request", request.to_string()),
                };
                let id = named(&claim(owner, &hints, &RequestId([request; 16])));
                let first = seen.entry(id).or_insert_with(|| source.clone());
                prop_assert_eq!(&*first, &source);
            }
            let sources: std::collections::HashSet<_> = seen.values().collect();
            prop_assert_eq!(sources.len(), seen.len());
        }
    }
}
