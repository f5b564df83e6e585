//! Tokens, as this format counts them: input with what a cache had, output with reasoning.

use serde::{Deserialize, Serialize};

use super::super::hub::HubUsage;
use super::super::lax::{count, lax};

/// The `usage` of a provider.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct UsageIn {
    #[serde(deserialize_with = "count")]
    input_tokens: Option<u64>,
    #[serde(deserialize_with = "lax")]
    input_tokens_details: Option<InputIn>,
    #[serde(deserialize_with = "count")]
    output_tokens: Option<u64>,
    #[serde(deserialize_with = "lax")]
    output_tokens_details: Option<OutputIn>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct InputIn {
    #[serde(deserialize_with = "count")]
    cached_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    cache_write_tokens: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct OutputIn {
    #[serde(deserialize_with = "count")]
    reasoning_tokens: Option<u64>,
}

impl UsageIn {
    /// Returns the tokens, each in one bucket.
    pub(super) fn hub(self) -> HubUsage {
        let input = self.input_tokens_details.unwrap_or_default();
        let all = self.input_tokens.unwrap_or(0);
        let cache_read = input.cached_tokens.unwrap_or(0).min(all);
        let written = input.cache_write_tokens.unwrap_or(0).min(all - cache_read);
        HubUsage {
            fresh: all - cache_read - written,
            cache_read,
            cache_write_other: written,
            output: self.output_tokens.unwrap_or(0),
            reasoning: self.output_tokens_details.unwrap_or_default().reasoning_tokens,
            ..HubUsage::default()
        }
    }
}

/// The `usage` for a client. Both details are always there: Codex asks for their numbers.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct UsageOut {
    input_tokens: u64,
    input_tokens_details: InputOut,
    output_tokens: u64,
    output_tokens_details: OutputOut,
    total_tokens: u64,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct InputOut {
    cached_tokens: u64,
    /// Only newer clients know it.
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_write_tokens: Option<u64>,
}

#[derive(Clone, Copy, Debug, Serialize)]
struct OutputOut {
    reasoning_tokens: u64,
}

impl UsageOut {
    /// Counts as this format does.
    pub(super) fn of(usage: &HubUsage) -> Self {
        Self {
            input_tokens: usage.input(),
            input_tokens_details: InputOut {
                cached_tokens: usage.cache_read,
                cache_write_tokens: Some(usage.cache_writes()).filter(|written| *written > 0),
            },
            output_tokens: usage.output,
            output_tokens_details: OutputOut { reasoning_tokens: usage.reasoning.unwrap_or(0) },
            total_tokens: usage.total(),
        }
    }
}
