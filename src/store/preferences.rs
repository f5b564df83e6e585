//! What a provider wants in requests, read from its row: `inherit`, or nothing, follows the client.

use std::sync::Arc;

use switchyard_actors::domain::preferences::{
    Adaptive, CacheTtl, InstructionStrategy, Preferences, ReplayThinking, UnknownEffort,
};

use super::error::StoreError;
use super::value::Row;

/// Reads the preferences out of a row of `catalogue/providers`.
pub(super) fn preferences(row: &Row) -> Result<Preferences, StoreError> {
    let word = |column| row.opt_text(column).map(said);
    let text = |column| Ok::<_, StoreError>(word(column)?.map(Arc::from));
    let switch = |column| Ok::<_, StoreError>(word(column)?.and_then(on_or_off));
    let tokens = |column| {
        let number = row.opt_int(column)?.filter(|number| *number > 0);
        Ok::<_, StoreError>(number.and_then(|number| u32::try_from(number).ok()))
    };
    Ok(Preferences {
        instructions: InstructionStrategy::parse(row.text("codex_instructions_strategy")?),
        cache_ttl: word("cache_ttl_preference")?.and_then(CacheTtl::parse),
        context_1m: switch("context_1m_preference")?,
        billing_header: switch("billing_header_preference")?,
        max_tokens: tokens("anthropic_max_tokens")?,
        thinking_budget: tokens("anthropic_thinking_budget")?,
        adaptive: adaptive(row)?,
        reasoning_effort: text("codex_reasoning_effort_preference")?,
        reasoning_summary: text("codex_reasoning_summary_preference")?,
        verbosity: text("codex_text_verbosity_preference")?,
        parallel_tools: switch("codex_parallel_tool_calls_preference")?,
        service_tier: text("codex_service_tier_preference")?,
        image_generation: switch("codex_image_generation_preference")?,
        google_search: switch("gemini_google_search_preference")?,
        auto_cache: switch("auto_cache_preference")? == Some(true),
        unknown_effort: UnknownEffort::parse(row.text("unknown_effort_preference")?),
        replay: ReplayThinking::parse(row.text("reasoning_replay_preference")?),
        custom_tools: switch("custom_tools_preference")? == Some(true),
    })
}

fn adaptive(row: &Row) -> Result<Option<Adaptive>, StoreError> {
    let Some(effort) = row.opt_text("anthropic_adaptive_effort").map(said)? else {
        return Ok(None);
    };
    Ok(Some(Adaptive { effort: Arc::from(effort), models: row.json("anthropic_adaptive_models")? }))
}

fn said(word: Option<&str>) -> Option<&str> {
    word.filter(|word| !word.is_empty() && *word != "inherit")
}

fn on_or_off(word: &str) -> Option<bool> {
    match word {
        "true" | "enabled" | "force_enable" | "keep" => Some(true),
        "false" | "disabled" | "remove" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_inherits_says_nothing() {
        assert_eq!(said(Some("inherit")), None);
        assert_eq!(said(Some("")), None);
        assert_eq!(said(Some("high")), Some("high"));
    }

    #[test]
    fn every_word_of_a_switch_is_known() {
        for on in ["true", "enabled", "force_enable", "keep"] {
            assert_eq!(on_or_off(on), Some(true), "{on}");
        }
        for off in ["false", "disabled", "remove"] {
            assert_eq!(on_or_off(off), Some(false), "{off}");
        }
    }
}
