//! What a provider's operator wants in the requests sent to it, whatever the client says.

use std::sync::Arc;

/// What is put into the bodies of requests; `None` everywhere follows the client.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// What becomes of a Codex request's `instructions`.
    pub instructions: InstructionStrategy,
    /// How long Anthropic's cache marks last.
    pub cache_ttl: Option<CacheTtl>,
    /// The beta of a context of a million tokens: asked for always, or never.
    pub context_1m: Option<bool>,
    /// The billing block of Claude Code: kept always, or never.
    pub billing_header: Option<bool>,
    /// Anthropic's `max_tokens`.
    pub max_tokens: Option<u32>,
    /// Anthropic's thinking budget, in tokens.
    pub thinking_budget: Option<u32>,
    /// Anthropic's adaptive thinking; goes before a budget.
    pub adaptive: Option<Adaptive>,
    /// `reasoning.effort` of Responses.
    pub reasoning_effort: Option<Arc<str>>,
    /// `reasoning.summary` of Responses.
    pub reasoning_summary: Option<Arc<str>>,
    /// `text.verbosity` of Responses.
    pub verbosity: Option<Arc<str>>,
    /// `parallel_tool_calls` of Responses.
    pub parallel_tools: Option<bool>,
    /// `service_tier` of Responses.
    pub service_tier: Option<Arc<str>>,
    /// The tool `image_generation` of Responses: put in, or taken out.
    pub image_generation: Option<bool>,
    /// The tool `googleSearch` of Gemini: put in, or taken out.
    pub google_search: Option<bool>,
    /// Requests of Anthropic's format that mark nothing for caches get marks.
    pub auto_cache: bool,
    /// How a model that nobody knows is told how much to think, when a request is converted for it.
    pub unknown_effort: UnknownEffort,
    /// Whether a provider of chat completions hears again what a model has thought, of converted requests.
    pub replay: ReplayThinking,
    /// Tools that take plain text go to a provider of chat completions as such, not as functions.
    pub custom_tools: bool,
}

/// Adaptive thinking with an effort, for some models or all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adaptive {
    /// `low` to `max`.
    pub effort: Arc<str>,
    /// Models it is for, each with those that begin so and go on with a dash; empty is all.
    pub models: Arc<[Arc<str>]>,
}

/// How a model that nobody knows is told how much to think, when a request is converted for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownEffort {
    /// In the form that most vendors of the format take.
    #[default]
    Usual,
    /// In words of effort, also where a budget of tokens is more usual.
    Words,
    /// Not at all.
    Nothing,
}

impl UnknownEffort {
    /// Reads a stored word; whatever is unknown is the usual form.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word {
            "effort" => Self::Words,
            "omit" => Self::Nothing,
            _ => Self::Usual,
        }
    }
}

/// Whether text of earlier thinking goes back to a provider of chat completions, as `reasoning_content`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReplayThinking {
    /// It does not: some refuse it.
    #[default]
    Never,
    /// In turns that call tools: some ask for it.
    ToolTurns,
    /// Always.
    Always,
}

impl ReplayThinking {
    /// Reads a stored word; whatever is unknown is never.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word {
            "tool_turns" => Self::ToolTurns,
            "always" => Self::Always,
            _ => Self::Never,
        }
    }
}

/// What becomes of the instructions of Codex requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum InstructionStrategy {
    /// They pass; where the provider refuses them, the operator's own text is tried once.
    #[default]
    Auto,
    /// The operator's own text takes their place.
    ForceOfficial,
    /// They pass, whatever the provider says.
    KeepOriginal,
}

impl InstructionStrategy {
    /// Reads a stored word; whatever is unknown is `auto`.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word {
            "force_official" => Self::ForceOfficial,
            "keep_original" => Self::KeepOriginal,
            _ => Self::Auto,
        }
    }
}

/// How long a cache mark of Anthropic lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheTtl {
    /// Five minutes.
    FiveMinutes,
    /// An hour.
    OneHour,
}

impl CacheTtl {
    /// Reads a stored word; `None` is "as the client says".
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "5m" => Some(Self::FiveMinutes),
            "1h" => Some(Self::OneHour),
            _ => None,
        }
    }

    /// Returns the word that Anthropic has for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FiveMinutes => "5m",
            Self::OneHour => "1h",
        }
    }
}
