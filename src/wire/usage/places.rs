//! Where the counters of a usage object stand, in the spellings of Anthropic, `OpenAI` and relays.

use super::super::observe::Place;
use super::counts::Field;

/// Says what stands at a path inside `usage`.
pub(in crate::wire) fn generic(keys: &[&str]) -> Place {
    match keys {
        []
        | [
            "cache_creation"
            | "input_tokens_details"
            | "prompt_tokens_details"
            | "output_tokens_details"
            | "completion_tokens_details",
        ] => Place::Enter,
        [key] => beside(key),
        ["cache_creation", key] => match *key {
            "ephemeral_5m_input_tokens" => Place::Count(Field::Written5m),
            "ephemeral_1h_input_tokens" => Place::Count(Field::Written1h),
            _ => Place::Skip,
        },
        [_, key] => match *key {
            "cached_tokens" => Place::Count(Field::Cached),
            "cache_write_tokens" => Place::Count(Field::WrittenDetail),
            "reasoning_tokens" => Place::Count(Field::Reasoning),
            _ => Place::Skip,
        },
        _ => Place::Skip,
    }
}

fn beside(key: &str) -> Place {
    Place::Count(match key {
        "input_tokens" => Field::Input,
        "prompt_tokens" => Field::Prompt,
        "output_tokens" => Field::Output,
        "completion_tokens" => Field::Completion,
        "cache_read_input_tokens" => Field::CacheRead,
        "cache_creation_input_tokens" => Field::Written,
        "cached_tokens" | "prompt_cache_hit_tokens" => Field::CachedBeside,
        "cache_creation_5m_input_tokens" | "claude_cache_creation_5_m_tokens" => {
            Field::Written5mBeside
        }
        "cache_creation_1h_input_tokens" | "claude_cache_creation_1_h_tokens" => {
            Field::Written1hBeside
        }
        "service_tier" => return Place::Tier,
        _ => return Place::Skip,
    })
}
