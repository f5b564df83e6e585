//! A provider's response object: at the ends of a stream, or alone.

use serde::Deserialize;

use super::super::Broken;
use super::super::hub::{Json, StreamError, TroubleKind};
use super::super::lax::lax;
use super::trouble::ErrorIn;
use super::usage::UsageIn;

/// A response object.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ResponseIn {
    pub(super) id: Option<String>,
    pub(super) model: Option<String>,
    pub(super) status: Option<String>,
    pub(super) output: Option<Vec<Json>>,
    #[serde(deserialize_with = "lax")]
    pub(super) usage: Option<UsageIn>,
    pub(super) error: Option<Json>,
    #[serde(deserialize_with = "lax")]
    pub(super) incomplete_details: Option<Incomplete>,
}

#[derive(Deserialize)]
pub(super) struct Incomplete {
    pub(super) reason: Option<String>,
}

impl ResponseIn {
    /// Reads one.
    pub(super) fn read(raw: &Json) -> Result<Self, Broken> {
        raw.read::<Self>()
            .map_err(|error| Broken(format!("the response object cannot be read: {error}")))
    }

    /// Returns what went wrong, of one that ended with this status.
    pub(super) fn failure(&self, status: &str) -> StreamError {
        let unsaid = || StreamError {
            kind: TroubleKind::Upstream,
            message: format!("the upstream ended the answer as `{status}`"),
            retry_after_s: None,
        };
        let error = self.error.as_ref().and_then(|error| error.read::<ErrorIn>().ok());
        error.map_or_else(unsaid, |error| error.hub())
    }
}
