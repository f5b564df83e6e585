//! What can be found wrong with `DSN` before anybody connects. Reasons hold no part of the text: it
//! carries a password.

use url::Url;

const SCHEMES: [&str; 2] = ["postgres", "postgresql"];
const TLS_MODES: [&str; 6] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
const ESCAPE: &str = "in user and password write @ as %40, / as %2F, # as %23, : as %3A, ? as %3F";

/// Checks the form of the URL.
///
/// # Errors
/// Says what is wrong with it.
pub fn check(text: &str) -> Result<(), String> {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    if !scheme.is_some_and(|scheme| SCHEMES.contains(&scheme.as_str())) {
        return Err("it does not begin so".to_owned());
    }
    let url = Url::parse(text).map_err(|why| format!("it cannot be read ({why}): {ESCAPE}"))?;
    if is_spilled(&url) {
        return Err(format!("a part of the password seems to lie outside of it: {ESCAPE}"));
    }
    let is_mode = |word: &str| TLS_MODES.contains(&word);
    if url.query_pairs().any(|(name, value)| name == "sslmode" && !is_mode(&value)) {
        return Err(format!("its sslmode must be one of {}", TLS_MODES.join(", ")));
    }
    Ok(())
}

/// Tells whether a password with a bare `#` or `/` was taken apart: such a URL can still be read,
/// with something else as host and port.
#[must_use]
pub fn is_spilled(url: &Url) -> bool {
    url.fragment().is_some() || url.path().contains('@')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_that_is_not_escaped_is_told_how_to_be() {
        for text in [
            "postgres://u:hun#ter2@db/sw",
            "postgres://u:hun/ter2@db/sw",
            "postgres://u:12#ter2@db/sw",
            "postgres://u:12/ter2@db/sw",
            "postgres://u:hunter2@db:port/sw",
        ] {
            let told = check(text).unwrap_err();
            assert!(told.contains("# as %23") && !told.contains("ter2"), "{text}: {told}");
        }
        check("postgres://u:hun%23ter2@db/sw?sslmode=verify-full").unwrap();
    }

    #[test]
    fn a_mode_that_is_none_is_told_which_there_are() {
        let told = check("postgres://u:hunter2@db/sw?sslmode=bogus").unwrap_err();
        assert!(told.contains("verify-ca, verify-full") && !told.contains("hunter2"), "{told}");
    }
}
