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

/// More tokens than this in one request are no count: the largest contexts hold some ten million, and
/// what tools of vendors add to one request stays far below a hundred times that. A -1 that somebody
/// writes without its sign is such a number, and a few of them would be more than a sum can hold.
pub const MOST_TOKENS: u64 = 1_000_000_000;

/// What a row notes whose usage was beyond [`MOST_TOKENS`]; the usage itself is unknown then.
pub const IMPLAUSIBLE: &str = "usage: implausible";

impl Usage {
    /// Tells whether a request can have used this much.
    #[must_use]
    pub const fn is_plausible(&self) -> bool {
        self.total() <= MOST_TOKENS && self.reasoning <= MOST_TOKENS
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_request_can_have_used_is_told_from_what_one_may() {
        let most = Usage { cache_read: MOST_TOKENS - 2, output: 2, ..Usage::default() };
        assert!(Usage::default().is_plausible() && most.is_plausible());
        for beyond in [
            Usage { input: 1, ..most },
            Usage { input: u64::MAX, output: u64::MAX, ..Usage::default() },
            Usage { reasoning: u64::MAX, ..Usage::default() },
            Usage { image_output: u64::MAX, ..Usage::default() },
        ] {
            assert!(!beyond.is_plausible(), "{beyond:?}");
        }
    }
}
