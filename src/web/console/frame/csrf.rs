//! Marks of ours that nobody else can make: the token that a login's forms carry, and the mark on
//! what travels in a cookie.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ring::hmac;

/// The field of a form that carries the token.
pub const FIELD: &str = "csrf";

/// Makes and checks marks.
#[derive(Clone)]
pub struct Seal(hmac::Key);

impl Seal {
    /// Takes a secret of any length.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    /// Marks a text for one purpose.
    #[must_use]
    pub fn mark(&self, purpose: &str, text: &str) -> String {
        BASE64.encode(hmac::sign(&self.0, joined(purpose, text).as_bytes()))
    }

    /// Tells in constant time whether a mark is ours.
    #[must_use]
    pub fn is_mark(&self, purpose: &str, text: &str, mark: &str) -> bool {
        let Ok(mark) = BASE64.decode(mark) else { return false };
        hmac::verify(&self.0, joined(purpose, text).as_bytes(), &mark).is_ok()
    }
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(..)")
    }
}

fn joined(purpose: &str, text: &str) -> String {
    format!("{purpose}\0{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_good_for_its_purpose_and_text_alone() {
        let seal = Seal::new(b"secret");
        let mark = seal.mark("form", "token");
        assert!(seal.is_mark("form", "token", &mark));
        assert!(!seal.is_mark("flash", "token", &mark));
        assert!(!seal.is_mark("form", "other", &mark));
        assert!(!Seal::new(b"other").is_mark("form", "token", &mark));
        assert!(!seal.is_mark("form", "token", "nonsense"));
    }
}
