//! Keys on the wire: the gateway key of a request, from the four places clients put it, and the
//! header that takes a provider's key to its vendor.
//!
//! Every place may carry it in every dialect. The same key in several places is fine; two different
//! keys are refused, because it would be a guess which caller is meant.

use std::borrow::Cow;

use switchyard_actors::domain::credential::Access;
use switchyard_actors::domain::dialect::ProviderKind;
use switchyard_actors::domain::secret::Secret;

use super::percent;

/// Why no key was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// No place has a key.
    #[error("no API key was sent")]
    Missing,
    /// The places name different keys.
    #[error("several different API keys were sent")]
    Conflicting,
}

/// Finds the key; `header` answers a header by its lower-case name.
pub fn gateway_key<'h>(
    header: impl Fn(&str) -> Option<&'h str>,
    query: Option<&str>,
) -> Result<Secret, CredentialError> {
    let in_query = query.and_then(key_in_query);
    let mut keys = [
        header("authorization").and_then(bearer),
        header("x-api-key").and_then(cleaned),
        header("x-goog-api-key").and_then(cleaned),
        in_query.as_deref().and_then(cleaned),
    ]
    .into_iter()
    .flatten();
    let key = keys.next().ok_or(CredentialError::Missing)?;
    if keys.any(|other| other != key) {
        return Err(CredentialError::Conflicting);
    }
    Ok(Secret::new(key))
}

/// Takes every `key` out of a query, so that a gateway key never travels on; the rest stays byte for
/// byte. `None` when nothing is left.
pub fn strip_key_from_query(query: &str) -> Option<String> {
    let kept: Vec<&str> = query.split('&').filter(|pair| !is_key(pair)).collect();
    Some(kept.join("&")).filter(|rest| !rest.is_empty())
}

/// What marks a key as a bearer token where that cannot be seen.
const MARK: &str = "Bearer ";

/// Returns the one header that takes a provider's key to its vendor, or the token that was got with
/// it.
#[must_use]
pub fn upstream<'k>(
    kind: ProviderKind,
    key: &'k str,
    token: Option<&str>,
) -> (&'static str, Cow<'k, str>) {
    let bearer = |text: &str| ("authorization", Cow::Owned(format!("{MARK}{text}")));
    if let Some(token) = token {
        return bearer(token);
    }
    match kind {
        ProviderKind::Claude => ("x-api-key", Cow::Borrowed(key)),
        ProviderKind::Gemini | ProviderKind::GeminiCli => match bearer_of_google(key) {
            Some(token) => bearer(token),
            None => ("x-goog-api-key", Cow::Borrowed(key)),
        },
        ProviderKind::ClaudeAuth | ProviderKind::Codex | ProviderKind::OpenaiCompatible => {
            bearer(key)
        }
    }
}

/// Returns the key of a Google provider that is a bearer token: Google's own are told from API keys by
/// their beginning, others are marked.
#[must_use]
pub fn bearer_of_google(key: &str) -> Option<&str> {
    key.strip_prefix(MARK).map(str::trim).or_else(|| key.starts_with("ya29.").then_some(key))
}

/// Returns the secret part of a provider's key: without the mark of a bearer token.
#[must_use]
pub fn secret_part(key: &str) -> &str {
    key.strip_prefix(MARK).unwrap_or(key)
}

/// Returns what goes beside a credential, unless the client or the operator has said it: who calls,
/// as the Gemini CLI tells it, and who pays for requests of a person to Gemini.
pub fn beside(kind: ProviderKind, access: &Access) -> impl Iterator<Item = (&'static str, &str)> {
    let client = (kind == ProviderKind::GeminiCli).then_some(("x-goog-api-client", API_CLIENT));
    let google = access.google().filter(|_| kind == ProviderKind::Gemini);
    let payer = google.and_then(|credential| credential.quota_project.as_deref());
    client.into_iter().chain(payer.map(|payer| ("x-goog-user-project", payer)))
}

const API_CLIENT: &str = concat!("gl-rust switchyard/", env!("CARGO_PKG_VERSION"));

fn key_in_query(query: &str) -> Option<String> {
    let pair = query.split('&').find(|pair| is_key(pair) && pair.contains('='))?;
    let (_, value) = pair.split_once('=')?;
    percent::decode(value).map(Cow::into_owned)
}

fn is_key(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default();
    percent::decode(name).is_some_and(|name| name == "key")
}

/// Reads an `Authorization` header: `Bearer <key>`, or the key alone. Other schemes are not ours.
fn bearer(value: &str) -> Option<&str> {
    cleaned(value).filter(|key| !key.contains(char::is_whitespace))
}

/// Takes off what is pasted around a key: spaces, line ends, quotes, `Bearer`.
fn cleaned(value: &str) -> Option<&str> {
    let mut key = value;
    loop {
        let before = key;
        key = key.trim().trim_matches(['"', '\'', '`']);
        key = without_scheme(key);
        if key == before {
            return Some(key).filter(|key| !key.is_empty());
        }
    }
}

fn without_scheme(key: &str) -> &str {
    const SCHEME: &str = "bearer";
    match key.split_at_checked(SCHEME.len()) {
        Some((scheme, rest))
            if scheme.eq_ignore_ascii_case(SCHEME)
                && rest.chars().next().is_none_or(char::is_whitespace) =>
        {
            rest
        }
        _ => key,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(
        headers: &[(&str, &'static str)],
        query: Option<&str>,
    ) -> Result<String, CredentialError> {
        let header =
            |name: &str| headers.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        gateway_key(header, query).map(|key| key.reveal().to_owned())
    }

    #[test]
    fn each_of_the_four_places_is_read() {
        for name in ["authorization", "x-api-key", "x-goog-api-key"] {
            assert_eq!(found(&[(name, "Bearer sk-1")], None).unwrap(), "sk-1");
        }
        assert_eq!(found(&[], Some("alt=sse&%6bey=sk%2D1")).unwrap(), "sk-1");
        assert_eq!(found(&[], Some("monkey=1&key")), Err(CredentialError::Missing));
    }

    #[test]
    fn pasted_decoration_is_taken_off() {
        for pasted in ["bearer  sk-1", "\"sk-1\"\r\n", "Bearer 'Bearer sk-1' ", " sk-1", "`sk-1`"] {
            assert_eq!(found(&[("authorization", pasted)], None).unwrap(), "sk-1", "{pasted:?}");
        }
        for empty in ["", "Bearer", "Bearer  ", "\"\"", "Basic dXNlcg=="] {
            let answer = found(&[("authorization", empty)], None);
            assert_eq!(answer, Err(CredentialError::Missing), "{empty:?}");
        }
        assert_eq!(found(&[("x-api-key", "bearer-1")], None).unwrap(), "bearer-1");
    }

    #[test]
    fn the_same_key_twice_is_fine_and_two_keys_are_a_conflict() {
        let same =
            [("authorization", "Bearer sk-1"), ("x-api-key", "sk-1"), ("x-goog-api-key", "")];
        assert_eq!(found(&same, Some("key=sk-1")).unwrap(), "sk-1");
        assert_eq!(found(&same, Some("key=sk-2")), Err(CredentialError::Conflicting));
    }

    #[test]
    fn the_key_leaves_the_query_and_the_rest_stays() {
        assert_eq!(strip_key_from_query("key=1"), None);
        assert_eq!(
            strip_key_from_query("a=%7e+b&key=1&alt=sse&%6Bey=2").unwrap(),
            "a=%7e+b&alt=sse"
        );
        assert_eq!(strip_key_from_query("keys=1&Key=2&&x").unwrap(), "keys=1&Key=2&&x");
    }

    #[test]
    fn each_kind_of_provider_gets_its_key_in_its_own_header() {
        for (kind, key, wanted) in [
            (ProviderKind::Claude, "sk-1", ("x-api-key", "sk-1")),
            (ProviderKind::ClaudeAuth, "sk-1", ("authorization", "Bearer sk-1")),
            (ProviderKind::OpenaiCompatible, "sk-1", ("authorization", "Bearer sk-1")),
            (ProviderKind::Gemini, "AIza1", ("x-goog-api-key", "AIza1")),
            (ProviderKind::Gemini, "ya29.1", ("authorization", "Bearer ya29.1")),
            (ProviderKind::Gemini, "Bearer 1", ("authorization", "Bearer 1")),
            (ProviderKind::GeminiCli, "AIza1", ("x-goog-api-key", "AIza1")),
            (ProviderKind::GeminiCli, "ya29.1", ("authorization", "Bearer ya29.1")),
        ] {
            let (name, value) = upstream(kind, key, None);
            assert_eq!((name, value.as_ref()), wanted, "{kind}");
        }
        let (name, value) = upstream(ProviderKind::Gemini, "{}", Some("t"));
        assert_eq!((name, value.as_ref()), ("authorization", "Bearer t"), "a token goes first");
    }

    #[test]
    fn the_cli_s_backend_is_told_who_calls_and_gemini_who_pays() {
        let text =
            r#"{"client_id":"c","client_secret":"s","refresh_token":"r","quota_project_id":"q"}"#;
        let access = Access::of(ProviderKind::Gemini, text);
        let all = |kind, access| beside(kind, access).map(|(name, _)| name).collect::<Vec<_>>();
        assert_eq!(all(ProviderKind::Gemini, &access), ["x-goog-user-project"]);
        assert_eq!(all(ProviderKind::GeminiCli, &access), ["x-goog-api-client"]);
        assert!(all(ProviderKind::Gemini, &Access::Key).is_empty());
    }

    proptest! {
        #[test]
        fn a_stripped_query_names_no_key(query in "(&|=|key|%6b|a|1){0,12}") {
            let rest = strip_key_from_query(&query).unwrap_or_default();
            prop_assert_eq!(key_in_query(&rest), None);
            prop_assert_eq!(strip_key_from_query(&rest).unwrap_or_default(), rest);
        }
    }
}
