//! Reads a credential as Google's tools write it, and as the Gemini CLI keeps it.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{Account, CredentialFault, GoogleCredential, Mark, Token, can_be_sent};
use crate::domain::instant::Micros;
use crate::domain::secret::Secret;

/// The names under which a token is kept, ours first.
pub(super) const TOKEN: [&str; 2] = ["access_token", "token"];
/// The names under which its end is kept, ours first.
pub(super) const EXPIRY: [&str; 3] = ["expiry", "expiry_date", "expires_at"];
/// From here on a number counts milliseconds: as seconds it would be in the year 5138.
const MILLISECONDS_FROM: i64 = 100_000_000_000;

/// Reads a credential.
///
/// # Errors
/// Names what is missing or wrong, and repeats nothing that it holds.
pub fn read(text: &str) -> Result<GoogleCredential, CredentialFault> {
    let fields: Map<String, Value> = serde_json::from_str(text).map_err(|error| {
        CredentialFault::Malformed { line: error.line(), column: error.column() }
    })?;
    let account = match optional(&fields, "type")?.as_deref() {
        Some("service_account") => service(&fields)?,
        None if fields.contains_key("private_key") => service(&fields)?,
        Some("authorized_user") | None => user(&fields)?,
        Some(_) => return Err(CredentialFault::Kind),
    };
    let project = match optional(&fields, "project")? {
        Some(project) => Some(project),
        None => optional(&fields, "project_id")?,
    };
    let credential = GoogleCredential {
        account,
        token_uri: optional(&fields, "token_uri")?,
        project,
        quota_project: in_header(&fields, "quota_project_id")?,
        token: token(&fields)?,
        mark: Mark::default(),
    };
    Ok(credential.marked())
}

fn user(fields: &Map<String, Value>) -> Result<Account, CredentialFault> {
    let [client_id, client_secret, refresh_token] =
        all(fields, ["client_id", "client_secret", "refresh_token"])?;
    Ok(Account::User {
        client_id,
        client_secret: Secret::new(&client_secret),
        refresh_token: Secret::new(&refresh_token),
    })
}

fn service(fields: &Map<String, Value>) -> Result<Account, CredentialFault> {
    let [client_email, private_key] = all(fields, ["client_email", "private_key"])?;
    Ok(Account::Service {
        client_email,
        private_key: Secret::new(&private_key),
        private_key_id: optional(fields, "private_key_id")?,
    })
}

/// Reads fields that must be there; all that are not are named at once.
fn all<const N: usize>(
    fields: &Map<String, Value>,
    names: [&'static str; N],
) -> Result<[Arc<str>; N], CredentialFault> {
    let mut found: [Arc<str>; N] = std::array::from_fn(|_| Arc::from(""));
    let mut lacks = Vec::new();
    for (to, name) in found.iter_mut().zip(names) {
        match optional(fields, name)? {
            Some(text) => *to = text,
            None => lacks.push(name),
        }
    }
    if lacks.is_empty() { Ok(found) } else { Err(CredentialFault::Lacks(lacks)) }
}

/// Reads a text; an empty one is none.
fn optional(
    fields: &Map<String, Value>,
    name: &'static str,
) -> Result<Option<Arc<str>>, CredentialFault> {
    match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => {
            Ok(Some(text.trim()).filter(|text| !text.is_empty()).map(Arc::from))
        }
        Some(_) => Err(CredentialFault::Wrong(name)),
    }
}

/// Reads a text that is sent in a header; an empty one is none.
fn in_header(
    fields: &Map<String, Value>,
    name: &'static str,
) -> Result<Option<Arc<str>>, CredentialFault> {
    match optional(fields, name)? {
        Some(text) if !can_be_sent(&text) => Err(CredentialFault::Unsendable(name)),
        other => Ok(other),
    }
}

/// Reads the token; one whose end is not told may be over already.
fn token(fields: &Map<String, Value>) -> Result<Option<Token>, CredentialFault> {
    let mut secret = None;
    for name in TOKEN {
        secret = secret.or(optional(fields, name)?);
    }
    // What a header cannot hold is no token.
    let secret = secret.filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic()));
    let ends = EXPIRY.iter().find_map(|name| fields.get(*name).and_then(instant));
    Ok(secret
        .zip(ends)
        .map(|(secret, expires_at)| Token { secret: Secret::new(&secret), expires_at }))
}

/// Reads an instant: RFC 3339, or a number of seconds or milliseconds.
fn instant(value: &Value) -> Option<Micros> {
    match value {
        // Google's own library for Python leaves out the zone, and means UTC.
        Value::String(text) => text
            .parse::<Timestamp>()
            .or_else(|_| format!("{text}Z").parse())
            .ok()
            .map(|at| Micros(at.as_microsecond())),
        Value::Number(number) => {
            let number = number.as_i64()?;
            let millis =
                if number < MILLISECONDS_FROM { number.saturating_mul(1_000) } else { number };
            Some(Micros::from_millis(millis))
        }
        _ => None,
    }
}
