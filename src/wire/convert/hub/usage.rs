//! Tokens of an answer, in buckets that do not overlap.

/// Tokens, so that each is in one bucket; `reasoning` alone is a part of `output`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HubUsage {
    /// Input that no cache had and none was given.
    pub fresh: u64,
    /// Input read from a cache.
    pub cache_read: u64,
    /// Input written to a cache for five minutes.
    pub cache_write_5m: u64,
    /// Input written to a cache for an hour.
    pub cache_write_1h: u64,
    /// Input written to a cache, for nobody says how long.
    pub cache_write_other: u64,
    /// Input of tools that the vendor ran (Gemini).
    pub tool_input: u64,
    /// Output, with reasoning.
    pub output: u64,
    /// The part of it that was reasoning, where the vendor says so.
    pub reasoning: Option<u64>,
}

impl HubUsage {
    /// Returns all input, each token once.
    #[must_use]
    pub const fn input(&self) -> u64 {
        self.fresh
            .saturating_add(self.cache_read)
            .saturating_add(self.cache_writes())
            .saturating_add(self.tool_input)
    }

    /// Returns all that was written to caches.
    #[must_use]
    pub const fn cache_writes(&self) -> u64 {
        self.cache_write_5m
            .saturating_add(self.cache_write_1h)
            .saturating_add(self.cache_write_other)
    }

    /// Returns all tokens, each once.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.input().saturating_add(self.output)
    }
}
