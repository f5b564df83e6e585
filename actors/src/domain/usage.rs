//! What a request used, in tokens, in one form for all dialects.

use serde::{Deserialize, Serialize};

/// Tokens of one request. The fields do not overlap, except that `reasoning` is a part of `output`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Input that was neither read from nor written to the prompt cache, images apart.
    #[serde(skip_serializing_if = "is_zero")]
    pub input: u64,
    /// Output with reasoning, images apart.
    #[serde(skip_serializing_if = "is_zero")]
    pub output: u64,
    /// The part of `output` spent on reasoning, where the vendor says so.
    #[serde(skip_serializing_if = "is_zero")]
    pub reasoning: u64,
    /// Input written to the cache for five minutes.
    #[serde(skip_serializing_if = "is_zero")]
    pub cache_write_5m: u64,
    /// Input written to the cache for an hour.
    #[serde(skip_serializing_if = "is_zero")]
    pub cache_write_1h: u64,
    /// Input read from the cache.
    #[serde(skip_serializing_if = "is_zero")]
    pub cache_read: u64,
    /// Input image tokens, where the vendor counts them apart.
    #[serde(skip_serializing_if = "is_zero")]
    pub image_input: u64,
    /// Output image tokens, where the vendor counts them apart.
    #[serde(skip_serializing_if = "is_zero")]
    pub image_output: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that serde asks for")]
const fn is_zero(tokens: &u64) -> bool {
    *tokens == 0
}

impl Usage {
    /// Returns all input the model saw: what long-context thresholds are compared with.
    #[must_use]
    pub const fn context(&self) -> u64 {
        self.input
            .saturating_add(self.cache_write_5m)
            .saturating_add(self.cache_write_1h)
            .saturating_add(self.cache_read)
            .saturating_add(self.image_input)
    }

    /// Returns all tokens of the request, each counted once.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.context().saturating_add(self.output).saturating_add(self.image_output)
    }
}
