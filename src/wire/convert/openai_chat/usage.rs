//! Tokens, as this format counts them: what a cache had is within the prompt, reasoning within the
//! completion.

use serde::{Deserialize, Serialize};

use crate::wire::convert::hub::HubUsage;
use crate::wire::convert::lax::{count, lax};
use crate::wire::convert::loss::{Losses, Token};

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct UsageIn {
    #[serde(deserialize_with = "count")]
    prompt_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    completion_tokens: Option<u64>,
    #[serde(deserialize_with = "lax")]
    prompt_tokens_details: Option<PromptIn>,
    #[serde(deserialize_with = "lax")]
    completion_tokens_details: Option<CompletionIn>,
    /// Where one vendor says what its cache had.
    #[serde(deserialize_with = "count")]
    prompt_cache_hit_tokens: Option<u64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct PromptIn {
    #[serde(deserialize_with = "count")]
    cached_tokens: Option<u64>,
    #[serde(deserialize_with = "count")]
    cache_write_tokens: Option<u64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct CompletionIn {
    #[serde(deserialize_with = "count")]
    reasoning_tokens: Option<u64>,
}

impl UsageIn {
    /// Returns it with each token in one bucket; `None` when it says nothing.
    pub(super) fn read(&self) -> Option<HubUsage> {
        if self.prompt_tokens.is_none() && self.completion_tokens.is_none() {
            return None;
        }
        let prompt = self.prompt_tokens.unwrap_or(0);
        let details = self.prompt_tokens_details.clone().unwrap_or_default();
        let cached = details.cached_tokens.or(self.prompt_cache_hit_tokens).unwrap_or(0);
        let cache_read = cached.min(prompt);
        let written = details.cache_write_tokens.unwrap_or(0).min(prompt - cache_read);
        let reasoning = self.completion_tokens_details.as_ref().and_then(|d| d.reasoning_tokens);
        Some(HubUsage {
            fresh: prompt - cache_read - written,
            cache_read,
            cache_write_other: written,
            output: self.completion_tokens.unwrap_or(0),
            reasoning,
            ..HubUsage::default()
        })
    }
}

#[derive(Serialize)]
pub(super) struct UsageOut {
    prompt_tokens: u64,
    completion_tokens: u64,
    total_tokens: u64,
    prompt_tokens_details: PromptOut,
    #[serde(skip_serializing_if = "Option::is_none")]
    completion_tokens_details: Option<CompletionOut>,
}

#[derive(Serialize)]
struct PromptOut {
    cached_tokens: u64,
    /// There when something was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_write_tokens: Option<u64>,
}

#[derive(Serialize)]
struct CompletionOut {
    reasoning_tokens: u64,
}

impl UsageOut {
    /// Returns it as this format counts. Writes to caches are within the prompt, and nothing
    /// says how long they live.
    pub(super) fn of(usage: &HubUsage, losses: &mut Losses) -> Self {
        let written = usage.cache_writes();
        losses.push_if(written > 0, Token::ApproxCacheWriteInPrompt, "");
        Self {
            prompt_tokens: usage.input(),
            completion_tokens: usage.output,
            total_tokens: usage.total(),
            prompt_tokens_details: PromptOut {
                cached_tokens: usage.cache_read,
                cache_write_tokens: (written > 0).then_some(written),
            },
            completion_tokens_details: usage
                .reasoning
                .map(|reasoning_tokens| CompletionOut { reasoning_tokens }),
        }
    }
}
