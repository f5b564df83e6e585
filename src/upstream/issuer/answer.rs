//! Reads what an issuer answers: a token, or why there is none. An issuer's own sentences are not
//! repeated: they may repeat what they were asked with.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use switchyard_actors::domain::secret::Secret;
use switchyard_actors::ports::{Grant, GrantFault};

/// How long a token lasts whose end is not told (RFC 6749 leaves it out): Google's last an hour.
const USUAL: Duration = Duration::from_hours(1);
/// Nothing lasts longer than we believe.
const LONGEST: Duration = Duration::from_hours(24);
/// Codes that say that another credential is needed (RFC 6749, 5.2, and Google's own).
const REFUSALS: [&str; 7] = [
    "invalid_grant",
    "invalid_client",
    "unauthorized_client",
    "invalid_scope",
    "unsupported_grant_type",
    "access_denied",
    "deleted_client",
];

#[derive(Deserialize)]
struct Said {
    access_token: Option<String>,
    expires_in: Option<serde_json::Number>,
    refresh_token: Option<String>,
    error: Option<serde_json::Value>,
}

/// Reads an answer.
///
/// # Errors
/// The credential is refused, or the answer is none.
pub fn read(status: u16, body: &[u8]) -> Result<Grant, GrantFault> {
    let away = |why: String| Err(GrantFault::Away(Arc::from(why)));
    let Ok(said) = serde_json::from_slice::<Said>(body) else {
        return away(format!("the issuer answered {status} and no JSON"));
    };
    if let Some(error) = &said.error {
        let code = error.as_str().filter(|code| is_code(code)).unwrap_or("an error");
        if REFUSALS.contains(&code) {
            return Err(GrantFault::Refused(Arc::from(code)));
        }
        return away(format!("the issuer answered {status}: {code}"));
    }
    // What a header cannot hold is no token.
    let token = said
        .access_token
        .filter(|text| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()));
    match token {
        Some(token) if (200..300).contains(&status) => Ok(Grant {
            secret: Secret::new(&token),
            lasts: said.expires_in.map_or(USUAL, |seconds| lasts(&seconds)),
            refresh_token: said
                .refresh_token
                .filter(|text| !text.is_empty())
                .map(|text| Secret::new(&text)),
        }),
        _ => away(format!("the issuer answered {status} and no token")),
    }
}

fn lasts(seconds: &serde_json::Number) -> Duration {
    let seconds = seconds.as_u64().or_else(|| {
        let text = seconds.to_string();
        text.split('.').next()?.parse().ok()
    });
    seconds.map_or(USUAL, Duration::from_secs).min(LONGEST)
}

/// A code is a short word: nothing else that stands there is repeated.
fn is_code(text: &str) -> bool {
    (1..=40).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, body: &str) -> Result<Grant, GrantFault> {
        read(status, body.as_bytes())
    }

    #[test]
    fn a_token_is_read_with_its_end_and_what_was_rotated() {
        let body = r#"{"access_token":"ya29.a","expires_in":3599,"token_type":"Bearer",
            "refresh_token":"1//next","scope":"s"}"#;
        let grant = said(200, body).unwrap();
        assert_eq!(grant.secret.reveal(), "ya29.a");
        assert_eq!(grant.lasts, Duration::from_secs(3_599));
        assert_eq!(grant.refresh_token.unwrap().reveal(), "1//next");
        let bare = said(200, r#"{"access_token":"t"}"#).unwrap();
        assert_eq!((bare.lasts, bare.refresh_token), (USUAL, None));
        assert_eq!(
            said(200, r#"{"access_token":"t","expires_in":59.7}"#).unwrap().lasts,
            Duration::from_secs(59)
        );
        assert_eq!(
            said(200, r#"{"access_token":"t","expires_in":99999999}"#).unwrap().lasts,
            LONGEST
        );
    }

    #[test]
    fn a_refused_credential_is_told_from_an_issuer_in_trouble() {
        for code in REFUSALS {
            let body = format!(r#"{{"error":"{code}","error_description":"for 1//secret"}}"#);
            assert_eq!(said(400, &body), Err(GrantFault::Refused(Arc::from(code))));
        }
        for (status, body, wanted) in [
            (500, "<html>", "the issuer answered 500 and no JSON"),
            (
                429,
                r#"{"error":"rate_limit_exceeded"}"#,
                "the issuer answered 429: rate_limit_exceeded",
            ),
            (
                403,
                r#"{"error":{"status":"PERMISSION_DENIED"}}"#,
                "the issuer answered 403: an error",
            ),
            (400, r#"{"error":"1//SECRET"}"#, "the issuer answered 400: an error"),
            (200, r#"{"access_token":"a b"}"#, "the issuer answered 200 and no token"),
            (302, r#"{"access_token":"t"}"#, "the issuer answered 302 and no token"),
        ] {
            assert_eq!(said(status, body), Err(GrantFault::Away(Arc::from(wanted))));
        }
    }
}
