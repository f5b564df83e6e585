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
    if let Some((rest, efforts)) = gpt.and_then(|rest| Some((rest, gpt_efforts(rest)?))) {
        let takes_verbosity = takes_verbosity(rest);
        return ModelTraits { takes_verbosity, ..openai_reasoning(efforts) };
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
/// `haiku-4-5@20251001`, `sonnet-4.5`, `3.7-sonnet`. A date is no version.
fn version(rest: &str) -> (u64, u64) {
    let number = |part: &str| part.parse::<u64>().ok().filter(|number| *number < 1_000);
    let mut parts = rest.split(['-', '.', '@', ':']);
    let Some(major) = parts.find_map(number) else { return (0, 0) };
    (major, parts.next().and_then(number).unwrap_or(0))
}

/// A version that no model has yet: what is newer than what is known of is taken for the newest known.
const NEWEST: (u64, u64) = (u64::MAX, 0);

/// `opus-4-8`, `sonnet-4-5-20250929`, `3-7-sonnet-20250219`; without a number it is the newest.
///
/// From Anthropic's own pages (platform.claude.com/docs), read in November 2026:
/// - thinking: `build-with-claude/thinking` and the models' migration guides: budgets from 3.7 on, adaptive
///   from 4.6 on, budgets refused from 4.7 on; `disabled` is refused by Fable, Mythos and Opus 5.5, and is
///   `between_tools` for Sonnet 5.5 (`models/sonnet-5-5/whats-new-sonnet-5-5`);
/// - efforts: `build-with-claude/effort`: `max` from 4.6 on, `xhigh` from 4.7 on (Opus 4.5 takes three, but
///   here it is told a budget);
/// - output: `models/overview` and the models' own: 64,000 from 3.7 on, half of that for Opus 4 and 4.1,
///   128,000 from 4.6 on;
/// - sampling refused from 4.7 on (`models/sonnet-5/migration-guide`), the beginning of an answer from 4.6
///   on, a forced call by Opus and Sonnet 5.5 and Fable 5.1 (`models/opus-5-5/whats-new-opus-5-5`).
fn claude(rest: &str) -> ModelTraits {
    let version = Some(version(rest)).filter(|known| *known > (0, 0)).unwrap_or(NEWEST);
    let is = |line: &str| rest.contains(line);
    let thinking = match version {
        known if known < (3, 7) => ThinkingMode::None,
        known if known < (4, 6) => ThinkingMode::Budget,
        _ => ThinkingMode::Adaptive,
    };
    let efforts: &[Effort] = match version {
        known if known >= (4, 7) => {
            &[Effort::Low, Effort::Medium, Effort::High, Effort::XHigh, Effort::Max]
        }
        (4, 6) => &[Effort::Low, Effort::Medium, Effort::High, Effort::Max],
        _ => &[Effort::Low, Effort::Medium, Effort::High],
    };
    let most_output = match version {
        known if known < (3, 5) => 4_096,
        (3, 5) => 8_192,
        known if known < (4, 5) && is("opus") => 32_000,
        known if known < (4, 6) => 64_000,
        _ => 128_000,
    };
    let always_thinks = is("fable") || is("mythos") || (is("opus") && version >= (5, 5));
    let of_its_own = match version {
        known if is("fable") || is("mythos") => known >= (5, 1),
        known => known >= (5, 5) && !is("haiku"),
    };
    ModelTraits {
        thinking,
        efforts: efforts.to_vec(),
        can_rest: !always_thinks,
        rests_between_tools: is("sonnet") && version >= (5, 5),
        most_output: Some(most_output),
        fixed_sampling: version >= (4, 7),
        structured: version >= (4, 5),
        refuses_prefill: version >= (4, 6),
        calls_of_its_own: of_its_own,
        ..ModelTraits::default()
    }
}

/// `2.5-flash`, `3-pro-preview`, `3.1-pro`.
///
/// From Google's own pages, read in November 2026: budgets and levels of each model from
/// ai.google.dev/gemini-api/docs/thinking and docs.cloud.google.com (`models/guides/gemini-3-5-flash`,
/// `models/gemini/3-5-flash-lite`); output from the models' pages. Gemini 3.7 and 3.8 Flash take no
/// `minimal`; 3.5 Flash did, but requests for it are answered by 3.6, of which that is not known.
fn gemini(rest: &str) -> ModelTraits {
    let major = rest.split(['.', '-']).next().and_then(|part| part.parse::<u64>().ok());
    let is_media = rest.contains("image") || rest.contains("tts");
    let (thinking, most_budget) = match major {
        Some(2) if rest.starts_with("2.5") && !is_media => {
            (ThinkingMode::Budget, Some(if rest.contains("pro") { 32_768 } else { 24_576 }))
        }
        Some(0..=2) => (ThinkingMode::None, None),
        _ => (ThinkingMode::Level, None),
    };
    // Each model knows some levels; what is not known of is what all take.
    let efforts: &[Effort] = if rest.starts_with("3-pro") {
        &[Effort::Low, Effort::High]
    } else if ["3-flash", "3.1-flash", "3.5-flash-lite"].iter().any(|line| rest.starts_with(line)) {
        &[Effort::Minimal, Effort::Low, Effort::Medium, Effort::High]
    } else {
        &[Effort::Low, Effort::Medium, Effort::High]
    };
    let (is_lite, is_pro) = (rest.contains("lite"), rest.contains("pro"));
    let is_old = matches!(major, Some(0..=2)) && !rest.starts_with("2.5");
    ModelTraits {
        thinking,
        efforts: efforts.to_vec(),
        least_budget: most_budget.map(|_| if is_pro { 128 } else { u64::from(is_lite) * 512 }),
        most_budget,
        can_rest: thinking == ThinkingMode::Budget && !is_pro,
        most_output: Some(if is_old { 8_192 } else { 65_536 }),
        structured: true,
        ..ModelTraits::default()
    }
}

/// `o3`, `o4-mini`.
fn is_o_series(name: &str) -> bool {
    let mut chars = name.strip_prefix('o').unwrap_or_default().chars();
    chars.next().is_some_and(|char| char.is_ascii_digit())
        && chars.next().is_none_or(|char| char == '-')
}

/// Reads the generation off the beginning of a name, `(0, 0)` for none: `4o-2024-08-06` is 4, `5.1-codex`
/// is 5.1, Azure's `35-turbo` is 3.5. What stands behind it, dates above all, is no part of it.
fn generation(rest: &str) -> (u64, u64) {
    let digits = |text: &str| {
        let end = text.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len());
        text.get(..end).and_then(|number| Some((number.parse::<u64>().ok()?, end)))
    };
    let Some((major, end)) = digits(rest) else { return (0, 0) };
    if (20..100).contains(&major) {
        return (major / 10, major % 10);
    }
    let minor = rest.get(end..).and_then(|rest| digits(rest.strip_prefix('.')?));
    (major, minor.map_or(0, |(minor, _)| minor))
}

/// Returns how hard a model of the fifth generation or later can be told to think, each in its own words;
/// `None` for those that do not reason. What is newer than what is known of is taken for the newest known.
///
/// From OpenAI's own pages (developers.openai.com/api/docs), read in November 2026: `guides/reasoning` and
/// the reference of `reasoning.effort` (5.1 has no `minimal` and knows `none`, 5 Pro knows `high` alone,
/// `xhigh` from 5.1 Codex Max on); the reference of the models of 5.6 has `max`.
fn gpt_efforts(rest: &str) -> Option<&'static [Effort]> {
    let version = generation(rest);
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
        (known, ..) if known >= (5, 6) => {
            &[Effort::None, Effort::Low, Effort::Medium, Effort::High, Effort::XHigh, Effort::Max]
        }
        _ => &[Effort::None, Effort::Low, Effort::Medium, Effort::High, Effort::XHigh],
    })
}

/// Tells whether a model of the fifth generation or later can be told how long-winded to be. Those of Codex before
/// 5.3 answer 400 to all but `medium`, which is what they do anyhow (openai/codex issues 9055 and 19188).
fn takes_verbosity(rest: &str) -> bool {
    !rest.split('-').any(|part| part == "codex") || generation(rest) >= (5, 3)
}

fn openai_reasoning(efforts: &[Effort]) -> ModelTraits {
    ModelTraits {
        thinking: ThinkingMode::Level,
        efforts: efforts.to_vec(),
        can_rest: efforts.contains(&Effort::None),
        fixed_sampling: true,
        structured: true,
        ..ModelTraits::default()
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
            ("gpt-5.5-2026-04-23", "none low medium high xhigh"),
            ("gpt-5.4-pro", "medium high xhigh"),
            ("gpt-5.6-terra", "none low medium high xhigh max"),
            ("gpt-5.9", "none low medium high xhigh max"),
            ("gpt-6", "none low medium high xhigh max"),
            ("gpt-5.2-codex", "low medium high xhigh"),
            ("o3-mini", "low medium high"),
            ("claude-opus-4-6", "low medium high max"),
            ("claude-opus-4-7", "low medium high xhigh max"),
            ("gpt-5-chat-latest", ""),
            ("gpt-4.1", ""),
            ("gpt-4.1-mini-2025-04-14", ""),
            ("gpt-4o-2024-05-13", ""),
            ("gpt-4o-2024-08-06", ""),
            ("gpt-4o-2024-11-20", ""),
            ("gpt-4o-mini-2024-07-18", ""),
            ("gpt-4-turbo-2024-04-09", ""),
            ("gpt-4-0613", ""),
            ("gpt-35-turbo", ""),
            ("gpt-35-turbo-0125", ""),
            ("gpt-3.5-turbo-1106", ""),
            ("gpt-image-1.5", ""),
            ("gpt-audio-2025-08-28", ""),
            ("gpt-oss-120b", ""),
        ] {
            let efforts = traits(model).efforts;
            let words: Vec<&str> = efforts.iter().map(|effort| effort.name()).collect();
            assert_eq!(words.join(" "), wanted, "{model}");
        }
        for dated in ["gpt-4o-2024-08-06", "gpt-35-turbo", "gpt-4o-mini-2024-07-18"] {
            let traits = traits(dated);
            assert_eq!(traits.thinking, ThinkingMode::None, "{dated}");
            assert!(traits.structured && !traits.fixed_sampling, "{dated}");
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
        let newest = traits("claude-opus-latest");
        assert_eq!(newest, traits("claude-opus-5-5"));
        assert!(newest.fixed_sampling && newest.refuses_prefill && newest.structured);
        assert!(traits("claude-opus-4.6").refuses_prefill);
        assert!(!traits("claude-haiku-4-5@20251001").refuses_prefill);
        assert_eq!(traits("openclaude-1").thinking, ThinkingMode::Unknown);
    }

    #[test]
    fn each_line_has_its_own_bounds() {
        for (model, wanted) in [
            ("claude-3-opus-20240229", 4_096),
            ("claude-3-5-haiku-20241022", 8_192),
            ("claude-3-7-sonnet-20250219", 64_000),
            ("claude-opus-4-20250514", 32_000),
            ("claude-opus-4-1-20250805", 32_000),
            ("claude-sonnet-4-20250514", 64_000),
            ("claude-opus-4-5-20251101", 64_000),
            ("claude-haiku-4-5", 64_000),
            ("claude-sonnet-4-6", 128_000),
            ("claude-fable-5", 128_000),
            ("claude-haiku-5-5", 128_000),
            ("gemini-2.0-flash", 8_192),
            ("gemini-2.5-pro", 65_536),
            ("gemini-3.8-flash", 65_536),
        ] {
            assert_eq!(traits(model).most_output, Some(wanted), "{model}");
        }
        let least = |model: &str| traits(model).least_budget;
        assert_eq!(least("gemini-2.5-pro"), Some(128));
        assert_eq!(least("gemini-2.5-flash"), Some(0));
        assert_eq!(least("gemini-2.5-flash-lite"), Some(512));
        assert_eq!(traits("gemini-2.5-flash-image").thinking, ThinkingMode::None);
        assert!(traits("gemini-3.5-flash-lite").efforts.contains(&Effort::Minimal));
        assert!(!traits("gemini-3.8-flash").efforts.contains(&Effort::Minimal));
    }

    #[test]
    fn who_always_thinks_and_who_calls_as_it_likes() {
        for (model, rests, between, own) in [
            ("claude-sonnet-4-6", true, false, false),
            ("claude-opus-5", true, false, false),
            ("claude-opus-5-5", false, false, true),
            ("claude-sonnet-5", true, false, false),
            ("claude-sonnet-5-5", true, true, true),
            ("anthropic.claude-haiku-5-5", true, false, false),
            ("claude-fable-5", false, false, false),
            ("claude-fable-5-1", false, false, true),
            ("claude-mythos-preview", false, false, true),
        ] {
            let traits = traits(model);
            let got = (traits.can_rest, traits.rests_between_tools, traits.calls_of_its_own);
            assert_eq!(got, (rests, between, own), "{model}");
        }
    }
}
