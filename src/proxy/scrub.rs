//! Keeps the provider's key out of what an upstream says: some vendors and relays repeat the key they
//! refuse, whole or its beginning and end, and their words reach the log, the row and the client.

use std::ops::Range;
use std::sync::Arc;

use awc::http::header::{HeaderMap, HeaderValue};
use bytes::Bytes;
use switchyard_actors::domain::credential::Access;
use switchyard_actors::domain::secret::Secret;

use super::failure::{AttemptFailure, UpstreamAnswer};
use super::flight::{Attempt, Flight};
use crate::wire::credentials;

/// The edit's name on the row.
pub const KEY_MASKED: &str = "key_masked";
/// What stands in the key's place.
const MASK: &[u8] = b"***";
/// A shorter part of a key tells nobody anything.
const SHORTEST_PART: usize = 8;
/// A shorter key cannot be told from a word.
const SHORTEST_KEY: usize = 6;
/// A part without digits and capitals may be a word (`upstream`) until it is as long as this.
const LONGER_THAN_WORDS: usize = 12;

/// Masks the present provider's key in all that a failed try brought.
pub fn failure(flight: &mut Flight, mut failure: AttemptFailure) -> AttemptFailure {
    let Some(key) = flight.attempt.as_ref().map(sent) else { return failure };
    failure.message = failure.message.map(|text| masked(&key, text));
    failure.code = failure.code.map(|text| masked(&key, text));
    if let Some(clean) = failure.answer.as_ref().and_then(|said| answer(&key, said)) {
        failure.answer = Some(Arc::new(clean));
        flight.edits.push(KEY_MASKED);
    }
    failure
}

/// Masks the present provider's key in a row's error.
pub fn error(flight: &Flight, error: Option<Arc<str>>) -> Option<Arc<str>> {
    let Some(attempt) = &flight.attempt else { return error };
    error.map(|text| masked(&sent(attempt), text))
}

/// Masks the present provider's key in the last bytes of an answer that ends in an error.
pub fn passed(flight: &mut Flight, bytes: Bytes) -> Bytes {
    let Some(attempt) = &flight.attempt else { return bytes };
    let Some(clean) = mask(&sent(attempt), &bytes) else { return bytes };
    flight.edits.push(KEY_MASKED);
    Bytes::from(clean)
}

/// Returns what the provider was sent: its key, or the token that was got with it. What a token is
/// got with goes to no provider.
fn sent(attempt: &Attempt) -> Secret {
    match (&attempt.token, &attempt.provider.access) {
        (Some(token), _) => token.secret.clone(),
        (None, Access::Key) => {
            let key = attempt.provider.key.reveal();
            let part = credentials::secret_part(key);
            if part.len() == key.len() { attempt.provider.key.clone() } else { Secret::new(part) }
        }
        (None, Access::Google(_) | Access::Unusable(_)) => Secret::new(""),
    }
}

fn masked(key: &Secret, text: Arc<str>) -> Arc<str> {
    mask(key, text.as_bytes()).map_or(text, |clean| Arc::from(String::from_utf8_lossy(&clean)))
}

/// Returns the answer without the key; `None` when the key is not in it.
fn answer(key: &Secret, said: &UpstreamAnswer) -> Option<UpstreamAnswer> {
    let mut headers = HeaderMap::with_capacity(said.headers.len());
    let mut found = false;
    for (name, value) in &said.headers {
        let clean =
            mask(key, value.as_bytes()).and_then(|clean| HeaderValue::from_bytes(&clean).ok());
        found |= clean.is_some();
        headers.append(name.clone(), clean.unwrap_or_else(|| value.clone()));
    }
    let clean = mask(key, &said.body);
    found |= clean.is_some();
    let body = clean.map_or_else(|| said.body.clone(), Bytes::from);
    found.then_some(UpstreamAnswer { status: said.status, headers, body })
}

/// Replaces a key and its first and last parts; `None` when none is there.
fn mask(key: &Secret, text: &[u8]) -> Option<Vec<u8>> {
    let spots = spots(key.reveal().as_bytes(), text);
    if spots.is_empty() {
        return None;
    }
    let mut clean = Vec::with_capacity(text.len());
    let mut from = 0;
    for spot in spots {
        if spot.start >= from {
            clean.extend_from_slice(text.get(from..spot.start)?);
            clean.extend_from_slice(MASK);
        }
        from = from.max(spot.end);
    }
    clean.extend_from_slice(text.get(from..)?);
    Some(clean)
}

/// Finds the places of a key, sorted; they may overlap.
fn spots(key: &[u8], text: &[u8]) -> Vec<Range<usize>> {
    if key.len() < SHORTEST_PART {
        let whole = key.len() >= SHORTEST_KEY;
        let found = memchr::memmem::find_iter(text, key).filter(|_| whole);
        return found.map(|at| at..at + key.len()).collect();
    }
    let (first, last) = (key.get(..SHORTEST_PART), key.get(key.len() - SHORTEST_PART..));
    let heads = memchr::memmem::find_iter(text, first.unwrap_or(key)).map(|at| {
        let rest = text.get(at..).unwrap_or_default();
        at..at + key.iter().zip(rest).take_while(|(own, said)| own == said).count()
    });
    let tails = memchr::memmem::find_iter(text, last.unwrap_or(key)).map(|at| {
        let end = at + SHORTEST_PART;
        let before = text.get(..end).unwrap_or_default();
        let back = key.iter().rev().zip(before.iter().rev());
        end - back.take_while(|(own, said)| own == said).count()..end
    });
    let tells = |spot: &Range<usize>| text.get(spot.clone()).is_some_and(tells);
    let mut spots: Vec<Range<usize>> = heads.chain(tails).filter(tells).collect();
    spots.sort_unstable_by_key(|spot| (spot.start, spot.end));
    spots
}

/// Tells whether a part of a key is more than a word.
fn tells(part: &[u8]) -> bool {
    let odd = |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_uppercase();
    part.len() >= LONGER_THAN_WORDS || part.iter().any(odd)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sk-live-0123456789abcdefXYZ98765";

    fn masked(key: &str, text: &str) -> String {
        super::masked(&Secret::new(key), Arc::from(text)).to_string()
    }

    #[test]
    fn a_key_and_its_first_and_last_parts_are_masked() {
        assert_eq!(masked(KEY, &format!("invalid token {KEY}!")), "invalid token ***!");
        assert_eq!(masked(KEY, &format!("{KEY}{KEY}")), "******");
        assert_eq!(masked(KEY, "bad key sk-live-0123...YZ98765"), "bad key ***...YZ98765");
        assert_eq!(masked(KEY, "bad key sk-live-0123****fXYZ98765."), "bad key **********.");
    }

    #[test]
    fn words_and_parts_that_tell_nothing_stay() {
        for text in ["an sk-live- key is wanted", "the upstream is gone", "8765", ""] {
            assert_eq!(masked(KEY, text), text);
            assert_eq!(masked("upstream-key-1", text), text);
            assert_eq!(masked("sk", text), text);
        }
        assert_eq!(masked("upstream-key-1", "upstream-key-1"), "***");
        assert_eq!(masked("s3cret", "the key s3cret"), "the key ***");
    }

    #[test]
    fn an_answer_is_changed_only_where_the_key_stands() {
        let mut headers = HeaderMap::new();
        let name = awc::http::header::HeaderName::from_static("x-key");
        headers.append(name.clone(), HeaderValue::from_static("key s3cret-0123"));
        let body = Bytes::from_static(b"{\"error\":\"no\"}");
        let said = UpstreamAnswer { status: 400, headers, body: body.clone() };
        let clean = answer(&Secret::new("s3cret-0123"), &said).unwrap();
        assert_eq!((clean.status, &clean.body), (400, &body));
        assert_eq!(clean.headers.get(&name).unwrap(), "key ***");
        assert!(answer(&Secret::new("another-0123"), &said).is_none());
    }
}
