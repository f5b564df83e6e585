//! What a provider wants in requests: the folded group of its form, and the words to choose from.

use std::collections::BTreeMap;

use super::form::Choice;
use super::said;
use crate::app::providers::PROPERTIES;
use crate::app::shape::Rule;

/// Fields to choose a word in.
pub const WORDS: [&str; 17] = [
    "loss_policy",
    "unknown_effort_preference",
    "auto_cache_preference",
    "cache_ttl_preference",
    "context_1m_preference",
    "billing_header_preference",
    "anthropic_adaptive_effort",
    "codex_instructions_strategy",
    "codex_reasoning_effort_preference",
    "codex_reasoning_summary_preference",
    "codex_text_verbosity_preference",
    "codex_parallel_tool_calls_preference",
    "codex_service_tier_preference",
    "codex_image_generation_preference",
    "gemini_google_search_preference",
    "reasoning_replay_preference",
    "custom_tools_preference",
];
/// Numbers that may be nothing.
pub const NUMBERS: [&str; 2] = ["anthropic_max_tokens", "anthropic_thinking_budget"];
/// The models that adaptive thinking is for, one a line.
pub const MODELS: &str = "anthropic_adaptive_models";

/// Tells whether a field is of this group.
pub fn is_of_group(name: &str) -> bool {
    WORDS.contains(&name) || NUMBERS.contains(&name) || name == MODELS
}

/// Returns the words of each field, as its rule has them.
pub fn choices() -> BTreeMap<&'static str, Vec<Choice>> {
    WORDS.into_iter().map(|name| (name, words(name))).collect()
}

fn words(name: &'static str) -> Vec<Choice> {
    let property = PROPERTIES.iter().find(|property| property.asked == name);
    let mut rule = property.map(|property| (property.rule)());
    while let Some(Rule::Nullable(inner)) = rule {
        rule = Some(*inner);
    }
    let Some(Rule::OneOf(words)) = rule else { return Vec::new() };
    words.iter().map(|word| Choice::new(word, label(name, word))).collect()
}

/// Most words mean the same wherever they stand.
fn label(name: &str, word: &'static str) -> crate::web::console::frame::Text {
    match (name, word) {
        ("loss_policy", "inherit") => said::text("wish", "inherit-loss"),
        ("unknown_effort_preference", "inherit") => said::text("wish", "usual-effort"),
        ("reasoning_replay_preference", "inherit") => said::text("wish", "no-replay"),
        ("custom_tools_preference", "inherit") => said::text("wish", "as-functions"),
        ("custom_tools_preference", "enabled") => said::text("wish", "as-they-are"),
        ("auto_cache_preference", "enabled") => said::text("wish", "added"),
        ("billing_header_preference", "inherit") => said::text("wish", "usual"),
        ("codex_instructions_strategy", "auto") => said::text("wish", "auto-instructions"),
        ("codex_reasoning_effort_preference", "none") => said::text("wish", "no-effort"),
        (_, word) => said::text("wish", word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_words_to_choose() {
        for (name, words) in choices() {
            assert!(words.len() > 1, "{name}");
        }
    }

    #[test]
    fn every_wish_that_can_be_asked_for_is_in_the_form() {
        for property in PROPERTIES {
            let is_wish = property.asked.ends_with("_preference")
                || property.asked.starts_with("anthropic_")
                || property.asked == "loss_policy";
            assert!(!is_wish || is_of_group(property.asked), "{}", property.asked);
        }
    }
}
