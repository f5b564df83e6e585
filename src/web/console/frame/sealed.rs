//! Texts that wait outside, with a browser: sealed for one purpose, and open until an instant.

use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::secret::Secret;
use zeroize::Zeroizing;

use crate::store::{Cipher, StoreError};

/// Seals a text: it opens for this purpose alone, and before this instant.
pub fn seal(
    cipher: &Cipher,
    purpose: &str,
    until: Micros,
    text: &str,
) -> Result<String, StoreError> {
    cipher.seal(purpose, &Zeroizing::new(format!("{}\n{text}", until.0)))
}

/// Opens what was sealed for this purpose and is not over.
pub fn open(cipher: &Cipher, purpose: &str, now: Micros, sealed: &str) -> Option<Secret> {
    let dated = cipher.open_sealed(purpose, sealed)?;
    let (until, text) = dated.reveal().split_once('\n')?;
    (now < Micros(until.parse().ok()?)).then(|| Secret::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_opens_for_its_purpose_until_its_end() {
        let cipher = Cipher::from_text("a text of some length").unwrap();
        let sealed = seal(&cipher, "one", Micros(100), "first\nsecond").unwrap();
        let opened = |purpose, now| {
            open(&cipher, purpose, Micros(now), &sealed).map(|text| text.reveal().to_owned())
        };
        assert_eq!(opened("one", 99).as_deref(), Some("first\nsecond"));
        assert_eq!(opened("one", 100), None);
        assert_eq!(opened("another", 99), None);
    }
}
