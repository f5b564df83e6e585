//! Tokens, in Google's words: the prompt has what a cache had, the answer has not what was thought.

use serde::{Deserialize, Serialize};

use super::super::hub::HubUsage;
use super::super::loss::{Losses, Token};
use super::pairs::count;

/// `usageMetadata`, as it is read.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct UsageIn {
    #[serde(deserialize_with = "count", rename = "promptTokenCount")]
    prompt: Option<u64>,
    #[serde(deserialize_with = "count", rename = "cachedContentTokenCount")]
    cached: Option<u64>,
    #[serde(deserialize_with = "count", rename = "candidatesTokenCount")]
    answer: Option<u64>,
    #[serde(deserialize_with = "count", rename = "thoughtsTokenCount")]
    thoughts: Option<u64>,
    #[serde(deserialize_with = "count", rename = "toolUsePromptTokenCount")]
    tool_use: Option<u64>,
}

impl UsageIn {
    /// Returns the tokens of the prompt.
    pub(super) fn prompt(&self) -> u64 {
        self.prompt.unwrap_or(0)
    }

    /// Returns it so that each token is in one bucket.
    pub(super) fn hub(self) -> HubUsage {
        let cache_read = self.cached.unwrap_or(0).min(self.prompt());
        let thoughts = self.thoughts;
        let answer = self.answer.unwrap_or(0);
        HubUsage {
            fresh: self.prompt().saturating_sub(cache_read),
            cache_read,
            tool_input: self.tool_use.unwrap_or(0),
            output: answer.saturating_add(thoughts.unwrap_or(0)),
            reasoning: thoughts,
            ..HubUsage::default()
        }
    }
}

/// `usageMetadata`, as it is written.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct UsageOut {
    #[serde(rename = "promptTokenCount")]
    prompt: u64,
    #[serde(skip_serializing_if = "Option::is_none", rename = "cachedContentTokenCount")]
    cached: Option<u64>,
    #[serde(rename = "candidatesTokenCount")]
    answer: u64,
    #[serde(skip_serializing_if = "Option::is_none", rename = "thoughtsTokenCount")]
    thoughts: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none", rename = "toolUsePromptTokenCount")]
    tool_use: Option<u64>,
    #[serde(rename = "totalTokenCount")]
    total: u64,
}

impl UsageOut {
    /// Returns tokens in Google's words.
    pub(super) fn of(usage: &HubUsage, losses: &mut Losses) -> Self {
        losses.push_if(usage.cache_writes() > 0, Token::ApproxCacheWriteInPrompt, "");
        let some = |count: u64| (count > 0).then_some(count);
        let thoughts = usage.reasoning.map(|thoughts| thoughts.min(usage.output));
        Self {
            prompt: usage.input().saturating_sub(usage.tool_input),
            cached: some(usage.cache_read),
            answer: usage.output.saturating_sub(thoughts.unwrap_or(0)),
            thoughts,
            tool_use: some(usage.tool_input),
            total: usage.total(),
        }
    }
}
