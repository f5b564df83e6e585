//! A form that is kept outside, by the browser that sent it: sealed with the data key, for that
//! browser, for one place, for an hour.

use std::time::Duration;

use actix_web::HttpRequest;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::secret::Secret;
use zeroize::Zeroizing;

use crate::app::random;
use crate::store::{Cipher, StoreError};
use crate::web::console::frame::form::Form;
use crate::web::console::frame::sealed;
use crate::web::console::frame::stranger::{Stranger, is_safe_return};
use crate::web::cookies;

/// The cookie that a browser is known by.
const COOKIE: &str = "kept";
/// How long what was typed can be sent.
const LIFETIME: Duration = Duration::from_hours(1);
/// No address of ours is longer.
const LONGEST_PLACE: usize = 512;
/// Letters of a browser's mark.
const MARK: usize = 64;

/// A browser, by a mark that only it has. A seal is worth nothing in any other, so that nobody can
/// have somebody else send what they did not type.
pub struct Browser(String);

impl Browser {
    /// Returns the one that asks, when it has a mark.
    pub fn of(request: &HttpRequest) -> Option<Self> {
        let is_mark =
            |text: &String| text.len() == MARK && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        cookies::read(request, COOKIE).filter(is_mark).map(Self)
    }

    /// The same; one without a mark gets one. Several tabs share it, unless
    /// they come at the very same time: then the last one of them has it.
    pub fn of_or_new(request: &HttpRequest) -> Result<Self, StoreError> {
        Self::of(request).map_or_else(|| random::hex::<{ MARK / 2 }>().map(Self), Ok)
    }

    /// Writes the cookie.
    pub fn cookie(&self, looks: &Stranger) -> String {
        let age = u32::try_from(LIFETIME.as_secs()).unwrap_or_default();
        looks.cookie(COOKIE, &self.0, age)
    }

    fn purpose(&self) -> String {
        format!("console.kept_form {}", self.0)
    }
}

/// A form that was kept, and where it was sent to.
pub struct Kept {
    /// Where it was sent to, and where alone it may go.
    pub to: String,
    body: Secret,
}

impl Kept {
    /// Takes a form; what is no address of ours or no text is not kept.
    pub fn new(to: &str, body: &[u8]) -> Option<Self> {
        let is_ours = is_safe_return(to) && to.len() <= LONGEST_PLACE;
        let body = std::str::from_utf8(body).ok().filter(|_| is_ours)?;
        Some(Self { to: to.to_owned(), body: Secret::new(body) })
    }

    /// Returns what was typed.
    pub fn form(&self) -> Form {
        Form::parse(self.body.reveal().as_bytes())
    }

    /// Seals it for a browser.
    pub fn seal(
        &self,
        cipher: &Cipher,
        browser: &Browser,
        now: Micros,
    ) -> Result<String, StoreError> {
        let plain = Zeroizing::new(format!("{}\n{}", self.to, self.body.reveal()));
        sealed::seal(cipher, &browser.purpose(), now.plus(LIFETIME), &plain)
    }

    /// Opens what was sealed for this browser and is not over.
    pub fn opened(cipher: &Cipher, browser: &Browser, now: Micros, sealed: &str) -> Option<Self> {
        let plain = sealed::open(cipher, &browser.purpose(), now, sealed)?;
        let (to, body) = plain.reveal().split_once('\n')?;
        Self::new(to, body.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = Micros(1_000_000_000);

    fn browser(digit: &str) -> Browser {
        Browser(digit.repeat(MARK))
    }

    #[test]
    fn what_is_kept_opens_in_its_browser_alone_and_for_an_hour() {
        let cipher = Cipher::from_text("a text of some length").unwrap();
        let kept = Kept::new("/users/new?a=b", b"name=Ann&key=secret-of-ann").unwrap();
        let sealed = kept.seal(&cipher, &browser("a"), NOW).unwrap();
        assert!(!sealed.contains("secret-of-ann"));
        let opened = |digit, now| Kept::opened(&cipher, &browser(digit), now, &sealed);
        let back = opened("a", NOW.plus(Duration::from_mins(59))).unwrap();
        assert_eq!(
            (back.to.as_str(), back.form().text("key")),
            ("/users/new?a=b", "secret-of-ann")
        );
        assert!(opened("b", NOW).is_none(), "another browser");
        assert!(opened("a", NOW.plus(LIFETIME)).is_none(), "an hour later");
        let other = Cipher::from_text("another text of some length").unwrap();
        assert!(Kept::opened(&other, &browser("a"), NOW, &sealed).is_none(), "another relay");
    }

    #[test]
    fn what_would_go_elsewhere_is_not_kept() {
        for place in ["//evil.test", "https://evil.test/", "", "/a b", &"/a".repeat(300)] {
            assert!(Kept::new(place, b"a=b").is_none(), "{place}");
        }
        assert!(Kept::new("/users", b"\xff").is_none());
    }
}
