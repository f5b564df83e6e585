//! `reasoning_details`: what some vendors say of thinking beside its text, and want back as it was.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::MOST_ARGS;
use super::lax::lax;
use super::message::list_of;
use crate::wire::convert::Broken;
use crate::wire::convert::hub::{Family, Json, Seal};

/// Details so far.
#[derive(Debug, Default)]
pub(super) struct Details {
    pieces: Vec<Json>,
    length: usize,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct DetailIn {
    #[serde(deserialize_with = "lax")]
    text: Option<String>,
    #[serde(deserialize_with = "lax")]
    summary: Option<String>,
}

impl Details {
    /// Adds details; returns what may be read of them.
    ///
    /// # Errors
    /// There are more than any answer has.
    pub(super) fn add(&mut self, details: &[&RawValue]) -> Result<String, Broken> {
        let mut text = String::new();
        for raw in details {
            self.length = self.length.saturating_add(raw.get().len());
            if self.length > MOST_ARGS {
                return Err(Broken("too much of reasoning_details in one answer".to_owned()));
            }
            let detail: DetailIn = serde_json::from_str(raw.get()).unwrap_or_default();
            text.extend(detail.text.or(detail.summary));
            self.pieces.extend(Json::parse(raw.get()));
        }
        Ok(text)
    }

    /// Takes all that there is as a seal.
    pub(super) fn take(&mut self) -> Option<Seal> {
        if self.pieces.is_empty() {
            return None;
        }
        let blob = list_of(&std::mem::take(&mut self.pieces));
        Some(Seal { family: Family::Other, blob })
    }
}

/// Returns a seal as `reasoning_details`, when it is one.
pub(super) fn of_seal(seal: &Seal) -> Option<Json> {
    let details = Json::parse(&seal.blob).filter(|json| json.text().starts_with('['));
    details.filter(|_| seal.family == Family::Other)
}
