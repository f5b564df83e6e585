//! The text of a key: how it is made, kept and shown.

use switchyard_actors::domain::ids::{KeyId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::secret::Secret;

use crate::app::{AppContext, AppError, random};
use crate::store::{KeyFields, KeyRecord, KeyText, USER_KEY, hash_key};

const MARK: &str = "sk-";
/// Characters of the beginning that are kept in clear.
const PREFIX: usize = 7;
/// Characters of the end that are kept in clear.
const SUFFIX: usize = 8;

/// A key that was just made.
#[derive(Clone)]
pub struct NewKeyText {
    text: Secret,
    kept: KeyText,
}

impl NewKeyText {
    /// Makes a key: `sk-` and 32 hexadecimal digits.
    pub fn make(context: &AppContext) -> Result<Self, AppError> {
        let text = format!("{MARK}{}", random::hex::<16>()?);
        let seal = || context.cipher.seal(USER_KEY, &text);
        let sealed = context.key_reveal.then(seal).transpose()?;
        let tail = text.len().saturating_sub(SUFFIX);
        let kept = KeyText {
            hash: hash_key(&text),
            prefix: text.chars().take(PREFIX).collect(),
            suffix: text.chars().skip(tail).collect(),
            sealed,
        };
        Ok(Self { text: Secret::new(&text), kept })
    }

    /// Gives the text to whoever asked for the key.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.text.reveal()
    }

    /// Returns what is kept of it.
    #[must_use]
    pub const fn kept(&self) -> &KeyText {
        &self.kept
    }

    /// Returns the row that was made of it.
    #[must_use]
    pub fn record(&self, id: KeyId, user: UserId, fields: KeyFields, now: Micros) -> KeyRecord {
        KeyRecord {
            id,
            user,
            fields,
            rpm: None,
            prefix: self.kept.prefix.clone(),
            suffix: self.kept.suffix.clone(),
            sealed: self.kept.sealed.clone(),
            created_at: now,
            updated_at: now,
        }
    }
}

/// A key as it may be shown.
#[derive(Clone)]
pub struct KeyShown {
    /// The whole text, where it may be shown again.
    pub full: Option<Secret>,
    /// The beginning and the end, with bullets between.
    pub masked: String,
    /// `sk-`, asterisks and the end: for clients that look for a key's form.
    pub starred: String,
}

/// Returns a key as it may be shown.
#[must_use]
pub fn shown(context: &AppContext, key: &KeyRecord) -> KeyShown {
    let sealed = key.sealed.as_deref().filter(|_| context.key_reveal);
    let head: String = key.prefix.chars().take(4).collect();
    let end = key.suffix.chars().count();
    let tail: String = key.suffix.chars().skip(end.saturating_sub(4)).collect();
    KeyShown {
        full: sealed.and_then(|sealed| context.cipher.open_sealed(USER_KEY, sealed)),
        masked: format!("{head}{}{tail}", "\u{2022}".repeat(6)),
        starred: format!("{MARK}{}{}", "*".repeat(8), key.suffix),
    }
}
