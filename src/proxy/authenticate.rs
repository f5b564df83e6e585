//! Finds the caller of a request in the catalogue, by the hash of the key it brings.

use std::sync::Arc;

use actix_web::HttpRequest;
use sha2::{Digest as _, Sha256};
use switchyard_actors::domain::caller::{Caller, Standing};
use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::secret::Secret;

use super::failure::Failure;
use super::headers;
use crate::wire::credentials::{CredentialError, gateway_key};

/// Characters of a key that may be shown.
const SHOWN: usize = 7;

/// Finds the key of a request.
///
/// # Errors
/// A missing key, or different keys in different places.
pub fn key_of(request: &HttpRequest) -> Result<Secret, Failure> {
    let header = |name: &str| headers::text(request.headers(), name);
    let query = Some(request.query_string()).filter(|query| !query.is_empty());
    gateway_key(header, query).map_err(|error| match error {
        CredentialError::Missing => refused(
            "missing_api_key",
            "no key was sent: use Authorization: Bearer, x-api-key, x-goog-api-key or ?key=",
        ),
        CredentialError::Conflicting => refused(
            "conflicting_api_keys",
            "different keys were sent in different places: send one",
        ),
    })
}

/// Finds the caller of a key.
///
/// # Errors
/// An unknown key, or one that may not be used now.
pub fn caller(catalogue: &Catalogue, key: &Secret, now: Micros) -> Result<Arc<Caller>, Failure> {
    let hash: [u8; 32] = Sha256::digest(key.reveal().as_bytes()).into();
    let Some(caller) = catalogue.callers.get(&hash) else {
        return Err(refused("invalid_api_key", "the key is not known here"));
    };
    let standing = caller.standing(now);
    let Some(code) = standing.code() else { return Ok(Arc::clone(caller)) };
    let message = match standing {
        Standing::KeyDisabled => "the key is disabled: ask your admin to enable it",
        Standing::KeyExpired => "the key has expired: ask your admin for a new one",
        Standing::UserDisabled => "the user of this key is disabled",
        Standing::UserExpired | Standing::Good => "the access of this key's user has expired",
    };
    Err(refused(code, message))
}

/// Returns the part of a key that logs may show.
#[must_use]
pub fn prefix(key: &Secret) -> Arc<str> {
    let key = key.reveal();
    let end = key.char_indices().nth(SHOWN).map_or(key.len(), |(at, _)| at);
    // Short texts are not keys of ours; showing half of one would still show too much.
    if key.len() < SHOWN * 2 {
        Arc::from("…")
    } else {
        Arc::from(key.get(..end).unwrap_or("…"))
    }
}

fn refused(code: &'static str, message: &str) -> Failure {
    Failure::Unauthorized { code, message: message.to_owned() }
}
