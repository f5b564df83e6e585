//! How values are shown to people: secrets never, passwords in URLs never.

use url::Url;

use super::dsn;
use super::kind::{Kind, Rule};

/// What stands in place of a secret; its length says nothing.
pub const MASK: &str = "********";

/// Shows a value for `check-config`.
#[must_use]
pub fn shown(rule: &Rule, text: &str) -> String {
    match (&rule.kind, rule.secret) {
        _ if text.is_empty() => String::new(),
        (Kind::Url(_) | Kind::Database, true) => without_password(text),
        (_, true) => MASK.to_owned(),
        (Kind::Url(_), false) if text.contains('@') => without_password(text),
        (_, false) => text.to_owned(),
    }
}

/// Shows a value for a sentence.
#[must_use]
pub fn quoted(rule: &Rule, text: &str) -> String {
    let shortened: String = shown(rule, text).chars().take(200).collect();
    format!("{shortened:?}")
}

/// Keeps scheme, user, host, port and database: what a person checks. Query values are masked,
/// since drivers take passwords there too. A text that is no URL is hidden whole.
fn without_password(text: &str) -> String {
    let Ok(mut url) = Url::parse(text) else { return MASK.to_owned() };
    if url.cannot_be_a_base() || dsn::is_spilled(&url) {
        return MASK.to_owned();
    }
    if url.password().is_some() && url.set_password(Some(MASK)).is_err() {
        return MASK.to_owned();
    }
    let masked: Vec<(String, String)> = url
        .query_pairs()
        .map(|(name, value)| {
            let secret = !name.starts_with("ssl") || name.contains("password");
            (name.into_owned(), if secret { MASK.to_owned() } else { value.into_owned() })
        })
        .collect();
    if !masked.is_empty() {
        url.query_pairs_mut().clear().extend_pairs(masked);
    }
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dsn(text: &str) -> String {
        shown(&Rule::parse("database url, secret").unwrap(), text)
    }

    #[test]
    fn a_database_address_is_shown_without_its_password() {
        assert_eq!(
            dsn("postgres://app:hunter2@db:5432/sw?sslmode=require"),
            "postgres://app:********@db:5432/sw?sslmode=require"
        );
        assert!(!dsn("postgres://db/sw?user=app&password=hunter2").contains("hunter2"));
        assert!(!dsn("postgres://a:hunter2@db:port/x").contains("hunter2"));
        assert!(!dsn("app:hunter2@db").contains("hunter2"));
        assert!(!dsn("postgres://a:1#hunter2@db/x").contains("hunter2"));
        assert!(!dsn("postgres://a:1/hunter2@db/x").contains("hunter2"));
    }

    #[test]
    fn a_secret_is_shown_as_a_mask_of_fixed_length() {
        let rule = Rule::parse("text or empty, secret").unwrap();
        assert_eq!(shown(&rule, "x"), MASK);
        assert_eq!(shown(&rule, "a much longer one"), MASK);
        assert_eq!(shown(&rule, ""), "");
    }
}
