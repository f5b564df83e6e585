//! A chunk of a stream, or a whole answer: they have one form.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::hub::{StreamError, TroubleKind};
use super::super::{Broken, LONGEST_WAIT};
use super::pairs::{Pairs, many};
use super::part_in::ContentIn;
use super::usage::UsageIn;

/// A chunk.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Chunk<'a> {
    #[serde(borrow, deserialize_with = "many")]
    pub(super) candidates: Vec<Candidate<'a>>,
    pub(super) prompt_feedback: Option<Feedback>,
    pub(super) usage_metadata: Option<UsageIn>,
    pub(super) model_version: Option<String>,
    pub(super) response_id: Option<String>,
    pub(super) error: Option<ErrorIn<'a>>,
}

impl<'a> Chunk<'a> {
    /// Reads a chunk.
    pub(super) fn read(text: &'a str) -> Result<Self, Broken> {
        // Serde would read a list as an object's values in order.
        if !text.starts_with('{') {
            return Err(Broken("what came is no answer of Gemini's: it is no object".to_owned()));
        }
        serde_json::from_str(text)
            .map_err(|error| Broken(format!("what came is no answer of Gemini's: {error}")))
    }
}

/// One of the answers; only the first was asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Candidate<'a> {
    pub(super) index: Option<u64>,
    #[serde(borrow)]
    pub(super) content: Option<ContentIn<'a>>,
    pub(super) finish_reason: Option<String>,
    #[serde(borrow)]
    pub(super) grounding_metadata: Option<Grounding<'a>>,
}

/// Where the answer was found.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Grounding<'a> {
    #[serde(borrow, deserialize_with = "many")]
    pub(super) grounding_chunks: Vec<&'a RawValue>,
}

/// What was said of the prompt.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Feedback {
    pub(super) block_reason: Option<String>,
}

/// What went wrong.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ErrorIn<'a> {
    code: Option<u64>,
    message: Option<String>,
    status: Option<String>,
    #[serde(borrow, deserialize_with = "many")]
    details: Vec<&'a RawValue>,
}

impl ErrorIn<'_> {
    /// Returns it as all formats know it.
    pub(super) fn trouble(self) -> StreamError {
        let message = self.message.unwrap_or_default();
        let lower = message.to_ascii_lowercase();
        let status = self.status.as_deref().unwrap_or_default();
        let kind = match (status, self.code) {
            ("RESOURCE_EXHAUSTED", _) | (_, Some(429)) => {
                let is_quota = lower.contains("exceeded your current quota");
                if is_quota { TroubleKind::Quota } else { TroubleKind::RateLimit }
            }
            ("UNAVAILABLE", _) | (_, Some(503)) => TroubleKind::Overloaded,
            ("DEADLINE_EXCEEDED", _) | (_, Some(504)) => TroubleKind::Timeout,
            ("INVALID_ARGUMENT", _) | (_, Some(400)) => {
                let is_long = lower.contains("token count") && lower.contains("exceeds");
                if is_long { TroubleKind::ContextLength } else { TroubleKind::BadRequest }
            }
            _ => TroubleKind::Upstream,
        };
        let retry_after_s = self.details.iter().find_map(|detail| delay(detail.get()));
        StreamError { kind, message, retry_after_s }
    }
}

/// Reads `RetryInfo`'s `"retryDelay": "3.2s"`, rounded up; `None` of one that is not meant.
fn delay(detail: &str) -> Option<u64> {
    let text = Pairs::read(detail)?.text("retryDelay")?;
    let (whole, fraction) = match text.strip_suffix('s')?.split_once('.') {
        Some((whole, fraction)) => (whole.parse::<u64>().ok()?, fraction.trim_end_matches('0')),
        None => (text.strip_suffix('s')?.parse().ok()?, ""),
    };
    let wait = whole.saturating_add(u64::from(!fraction.is_empty()));
    Some(wait).filter(|wait| *wait < LONGEST_WAIT.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_rounded_up_and_one_without_end_is_none() {
        let read = |delay: &str| self::delay(&format!(r#"{{"retryDelay":"{delay}"}}"#));
        assert_eq!(["3s", "3.20s", "3.0s"].map(read), [Some(3), Some(4), Some(3)]);
        assert_eq!(["1000000s", "18446744073709551615.5s"].map(read), [None, None]);
    }
}
