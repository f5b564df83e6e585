//! Writes a token into the credential that it was got with.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::Token;
use super::read::{EXPIRY, TOKEN};
use crate::domain::secret::Secret;

/// Returns a credential's text with a new token, and with a new refresh token where one was given.
/// All other fields stay. `None` when the text is no credential.
#[must_use]
pub fn renewed(text: &str, token: &Token, refresh_token: Option<&Secret>) -> Option<Secret> {
    let mut fields: Map<String, Value> = serde_json::from_str(text).ok()?;
    let ends = Timestamp::from_microsecond(token.expires_at.0).ok()?;
    for name in TOKEN.into_iter().chain(EXPIRY) {
        fields.remove(name);
    }
    let mut set = |name: &str, text: &str| fields.insert(name.to_owned(), Value::from(text));
    set("access_token", token.secret.reveal());
    set("expiry", &ends.to_string());
    if let Some(refresh_token) = refresh_token {
        set("refresh_token", refresh_token.reveal());
    }
    serde_json::to_string(&fields).ok().map(|text| Secret::new(&text))
}
