//! What has just happened, said on the next page. It travels in a cookie that is signed, so that
//! nobody else can make us say something.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::{Deserialize, Serialize};

use super::csrf::Seal;
use super::text::Text;

/// The cookie.
pub const COOKIE: &str = "flash";
/// How long it waits for the next page.
pub const AGE_SECONDS: u32 = 60;
/// A longer one would not fit into a cookie.
const LONGEST: usize = 3_000;

/// What has just happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// It went well.
    pub good: bool,
    /// What happened.
    pub text: Text,
    /// Where to go next, when there is a step that most people want.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<NextStep>,
}

/// A step that most people want next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextStep {
    /// The words of the link.
    pub label: Text,
    /// Its address.
    pub href: String,
}

impl Flash {
    /// Says that something went well.
    #[must_use]
    pub const fn good(text: Text) -> Self {
        Self { good: true, text, next: None }
    }

    /// Says that something did not happen.
    #[must_use]
    pub const fn bad(text: Text) -> Self {
        Self { good: false, text, next: None }
    }

    /// Adds the next step.
    #[must_use]
    pub fn then(mut self, label: Text, href: impl Into<String>) -> Self {
        self.next = Some(NextStep { label, href: href.into() });
        self
    }

    /// Writes it as a cookie's value; too long a text goes without what was put in.
    #[must_use]
    pub fn sealed(&self, seal: &Seal) -> String {
        let text = serde_json::to_string(self).unwrap_or_default();
        let body = BASE64.encode(text);
        if body.len() > LONGEST {
            let short = Self { text: Text::of("frame-done"), ..self.clone() };
            return if short == *self { String::new() } else { short.sealed(seal) };
        }
        let mark = seal.mark("flash", &body);
        format!("{mark}.{body}")
    }

    /// Reads a cookie's value; what we have not written is none.
    #[must_use]
    pub fn opened(value: &str, seal: &Seal) -> Option<Self> {
        let (mark, body) = value.split_once('.')?;
        if !seal.is_mark("flash", body, mark) {
            return None;
        }
        serde_json::from_slice(&BASE64.decode(body).ok()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flash_comes_back_and_a_forged_one_does_not() {
        let seal = Seal::new(b"a secret of ours");
        let flash = Flash::good(Text::of("providers-added").with("name", "<b>"));
        let flash = flash.then(Text::of("users-create"), "/users/new");
        let value = flash.sealed(&seal);
        assert_eq!(Flash::opened(&value, &seal), Some(flash));
        assert_eq!(Flash::opened(&value, &Seal::new(b"another")), None);
        let forged = value.replacen('.', ".AA", 1);
        assert_eq!(Flash::opened(&forged, &seal), None);
    }

    #[test]
    fn one_that_fits_into_no_cookie_is_said_without_its_parts() {
        let seal = Seal::new(b"a secret of ours");
        let flash = Flash::good(Text::plain("x".repeat(5_000)));
        let value = flash.sealed(&seal);
        assert!(value.len() < 4_000);
        assert_eq!(Flash::opened(&value, &seal).unwrap().text, Text::of("frame-done"));
    }
}
