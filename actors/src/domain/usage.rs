//! What a request used, in tokens, in one form for all dialects.

use serde::{Deserialize, Serialize};

/// Tokens of one request. The fields do not overlap, except that `reasoning` is a part of `output`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Input that was neither read from nor written to the prompt cache, images apart.
    pub input: u64,
    /// Output with reasoning, images apart.
    pub output: u64,
    /// The part of `output` spent on reasoning, where the vendor says so.
    pub reasoning: u64,
    /// Input written to the cache for five minutes.
    pub cache_write_5m: u64,
    /// Input written to the cache for an hour.
    pub cache_write_1h: u64,
    /// Input read from the cache.
    pub cache_read: u64,
    /// Input image tokens, where the vendor counts them apart.
    pub image_input: u64,
    /// Output image tokens, where the vendor counts them apart.
    pub image_output: u64,
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
