//! Lines of models: what is known of each by its name.

use super::hub::Effort;
use super::target::{ModelTraits, ThinkingMode};

/// Reads off a model's name, in small letters, what is known of its line.
pub(super) fn traits(name: &str) -> ModelTraits {
    let name = name.rsplit('/').next().unwrap_or(name);
    if let Some(rest) = claude_in(name) {
        return claude(rest);
    }
    if let Some(rest) = name.strip_prefix("gemini-") {
        return gemini(rest);
    }
    if is_o_series(name) || name.starts_with("codex") {
        return openai_reasoning(&[Effort::Low, Effort::Medium, Effort::High]);
    }
    // The open models are run by vendors who read them as any other's.
    let gpt = name.strip_prefix("gpt-").filter(|rest| !rest.starts_with("oss"));
    if let Some(efforts) = gpt.and_then(gpt_efforts) {
        return openai_reasoning(efforts);
    }
    let known = gpt.is_some() || name.starts_with("chatgpt-");
    let thinking = if known { ThinkingMode::None } else { ThinkingMode::Unknown };
    ModelTraits { thinking, structured: known, ..ModelTraits::default() }
}

/// Returns what stands behind the family's name, wherever that is: clouds write their own before it.
fn claude_in(name: &str) -> Option<&str> {
    let (before, rest) = name.split_once("claude-")?;
    (!before.ends_with(|char: char| char.is_ascii_alphanumeric())).then_some(rest)
}

/// Reads the first number of a name and the one right behind it, `(0, 0)` for none: `sonnet-4-5-20250929`,
/// `haiku-4-5@20251001`, `sonnet-4.5`, `3.7-sonnet`, `5.1-codex-max`. A date is no version.
fn version(rest: &str) -> (u64, u64) {
    let number = |part: &str| part.parse::<u64>().ok().filter(|number| *number < 1_000);
    let mut parts = rest.split(['-', '.', '@', ':']);
    let Some(major) = parts.find_map(number) else { return (0, 0) };
    (major, parts.next().and_then(number).unwrap_or(0))
}

/// `opus-4-8`, `sonnet-4-5-20250929`, `3-7-sonnet-20250219`; without a number it is the newest.
fn claude(rest: &str) -> ModelTraits {
    let version = version(rest);
    let is_newest = version == (0, 0);
    let thinking = match version {
        _ if is_newest => ThinkingMode::Adaptive,
        known if known < (3, 7) => ThinkingMode::None,
        known if known < (4, 6) => ThinkingMode::Budget,
        _ => ThinkingMode::Adaptive,
    };
    let efforts: &[Effort] = match version {
        known if is_newest || known >= (4, 7) => {
            &[Effort::Low, Effort::Medium, Effort::High, Effort::XHigh, Effort::Max]
        }
        (4, 6) => &[Effort::Low, Effort::Medium, Effort::High, Effort::Max],
        _ => &[Effort::Low, Effort::Medium, Effort::High],
    };
    let most_output = match version {
        known if !is_newest && known < (3, 5) => 4_096,
        (3, 5) => 8_192,
        known if known < (4, 6) && rest.contains("opus") => 32_000,
        _ => 64_000,
    };
    ModelTraits {
        thinking,
        efforts: efforts.to_vec(),
        most_budget: None,
        can_rest: true,
        most_output: Some(most_output),
        fixed_sampling: version >= (4, 7),
        structured: version >= (4, 5) || is_newest,
        refuses_prefill: version >= (4, 6) || is_newest,
    }
}

/// `2.5-flash`, `3-pro-preview`, `3.1-pro`.
fn gemini(rest: &str) -> ModelTraits {
    let major = rest.split(['.', '-']).next().and_then(|part| part.parse::<u64>().ok());
    let (thinking, most_budget) = match major {
        Some(2) if rest.starts_with("2.5") => {
            (ThinkingMode::Budget, Some(if rest.contains("pro") { 32_768 } else { 24_576 }))
        }
        Some(0..=2) => (ThinkingMode::None, None),
        _ => (ThinkingMode::Level, None),
    };
    // Each model knows some levels; what is not known of is what all take.
    let efforts: &[Effort] = if rest.starts_with("3-pro") {
        &[Effort::Low, Effort::High]
    } else if rest.starts_with("3-flash") || rest.starts_with("3.1-flash") {
        &[Effort::Minimal, Effort::Low, Effort::Medium, Effort::High]
    } else {
        &[Effort::Low, Effort::Medium, Effort::High]
    };
    ModelTraits {
        thinking,
        efforts: efforts.to_vec(),
        most_budget,
        can_rest: thinking == ThinkingMode::Budget && !rest.contains("pro"),
        most_output: Some(65_536),
        fixed_sampling: false,
        structured: true,
        refuses_prefill: false,
    }
}

/// `o3`, `o4-mini`.
fn is_o_series(name: &str) -> bool {
    let mut chars = name.strip_prefix('o').unwrap_or_default().chars();
    chars.next().is_some_and(|char| char.is_ascii_digit())
        && chars.next().is_none_or(|char| char == '-')
}

/// Returns how hard a model of the fifth generation or later can be told to think, each in its own words;
/// `None` for those that do not reason. What is newer than what is known of is taken for the newest known.
fn gpt_efforts(rest: &str) -> Option<&'static [Effort]> {
    let version = version(rest);
    let has = |word: &str| rest.split('-').any(|part| part == word);
    if version < (5, 0) || (version == (5, 0) && has("chat")) {
        return None;
    }
    Some(match (version, has("codex"), has("pro")) {
        _ if has("chat") => &[Effort::Medium],
        ((5, 0), _, true) => &[Effort::High],
        ((5, 1), true, _) if !has("max") => &[Effort::Low, Effort::Medium, Effort::High],
        ((5, 0), true, _) => &[Effort::Low, Effort::Medium, Effort::High],
        ((5, 0), ..) => &[Effort::Minimal, Effort::Low, Effort::Medium, Effort::High],
        (_, true, _) => &[Effort::Low, Effort::Medium, Effort::High, Effort::XHigh],
        (_, _, true) => &[Effort::Medium, Effort::High, Effort::XHigh],
        ((5, 1), ..) => &[Effort::None, Effort::Low, Effort::Medium, Effort::High],
        _ => &[Effort::None, Effort::Low, Effort::Medium, Effort::High, Effort::XHigh],
    })
}

fn openai_reasoning(efforts: &[Effort]) -> ModelTraits {
    ModelTraits {
        thinking: ThinkingMode::Level,
        efforts: efforts.to_vec(),
        most_budget: None,
        can_rest: efforts.contains(&Effort::None),
        most_output: None,
        fixed_sampling: true,
        structured: true,
        refuses_prefill: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_generation_has_its_own_efforts() {
        for (model, wanted) in [
            ("gpt-5", "minimal low medium high"),
            ("gpt-5-mini-2025-08-07", "minimal low medium high"),
            ("gpt-5-codex", "low medium high"),
            ("gpt-5-pro", "high"),
            ("gpt-5.1", "none low medium high"),
            ("gpt-5.1-2025-11-13", "none low medium high"),
            ("gpt-5.1-codex-mini", "low medium high"),
            ("gpt-5.1-codex-max", "low medium high xhigh"),
            ("gpt-5.2", "none low medium high xhigh"),
            ("gpt-5.9", "none low medium high xhigh"),
            ("gpt-6", "none low medium high xhigh"),
            ("gpt-5.2-codex", "low medium high xhigh"),
            ("o3-mini", "low medium high"),
            ("claude-opus-4-6", "low medium high max"),
            ("claude-opus-4-7", "low medium high xhigh max"),
            ("gpt-5-chat-latest", ""),
            ("gpt-4.1", ""),
            ("gpt-oss-120b", ""),
        ] {
            let efforts = traits(model).efforts;
            let words: Vec<&str> = efforts.iter().map(|effort| effort.name()).collect();
            assert_eq!(words.join(" "), wanted, "{model}");
        }
        assert!(!traits("gpt-5").can_rest && traits("gpt-5.1").can_rest);
        assert!(!traits("o3").can_rest);
        assert_eq!(traits("gpt-oss-120b").thinking, ThinkingMode::Unknown);
    }

    #[test]
    fn a_version_is_read_however_it_is_written() {
        for (model, wanted) in [
            ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", ThinkingMode::Budget),
            ("us.anthropic.claude-opus-4-20250514-v1:0", ThinkingMode::Budget),
            ("claude-sonnet-4.5", ThinkingMode::Budget),
            ("claude-haiku-4-5@20251001", ThinkingMode::Budget),
            ("claude-3.7-sonnet", ThinkingMode::Budget),
            ("anthropic/claude-3.5-sonnet", ThinkingMode::None),
            ("claude-opus-4.6", ThinkingMode::Adaptive),
            ("anthropic.claude-opus-4-7-v1", ThinkingMode::Adaptive),
        ] {
            assert_eq!(traits(model).thinking, wanted, "{model}");
        }
        assert!(traits("claude-opus-4.6").refuses_prefill);
        assert!(!traits("claude-haiku-4-5@20251001").refuses_prefill);
        assert_eq!(traits("openclaude-1").thinking, ThinkingMode::Unknown);
    }
}
