//! What a provider and its model take: read off the model's name and the provider's address, and what its operator has set.

use std::borrow::Cow;

use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::preferences::{ReplayThinking, UnknownEffort};

use super::hub::{Effort, Request, setting};
use super::lines;
use super::loss::{Losses, Token};

/// A provider as a target of conversion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// What the model takes.
    pub model: ModelTraits,
    /// What the operator has set for the provider.
    pub options: Options,
}

/// What a model takes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelTraits {
    /// How it is told to think.
    pub thinking: ThinkingMode,
    /// The efforts it knows; empty when nobody knows.
    pub efforts: Vec<Effort>,
    /// The least budget of thinking, where it is known.
    pub least_budget: Option<u64>,
    /// The greatest budget of thinking.
    pub most_budget: Option<u64>,
    /// It can be told not to think.
    pub can_rest: bool,
    /// It is told not to think by Anthropic's newer word: it may still do so between calls of tools.
    pub rests_between_tools: bool,
    /// Tokens of an answer, at most.
    pub most_output: Option<u64>,
    /// It refuses temperature and its like.
    pub fixed_sampling: bool,
    /// It takes a schema for its answer.
    pub structured: bool,
    /// It refuses to go on with an answer that the client has begun.
    pub refuses_prefill: bool,
    /// It refuses to be made to call a tool.
    pub calls_of_its_own: bool,
    /// It can be told how long-winded to be; others, and other vendors, refuse that.
    pub takes_verbosity: bool,
}

/// How a model is told to think.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ThinkingMode {
    /// It does not think: nothing is said.
    #[default]
    None,
    /// Nobody knows the model: it is told in the format's common form, unless the operator says otherwise.
    Unknown,
    /// By a budget of tokens.
    Budget,
    /// It finds the budget; an effort may be said.
    Adaptive,
    /// By a level or effort alone.
    Level,
}

/// What is known of a provider, and what its operator has set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Whether text of earlier thinking goes back to a chat provider.
    pub replay: ReplayThinking,
    /// Tools that take plain text go to a chat provider as such.
    pub custom_tools: bool,
    /// Schemas go to Gemini as JSON Schema (`parametersJsonSchema`), not as its own subset.
    pub json_schema: bool,
    /// It is the backend behind the Gemini CLI, which takes less of schemas.
    pub internal: bool,
    /// Ids of calls go to Gemini: its developer interface takes them, Vertex does not.
    pub call_ids: bool,
    /// A Responses provider that takes what Codex sends and nothing more.
    pub codex_backend: bool,
    /// The user's name goes along.
    pub end_user: bool,
    /// Searching the web by the vendor's own tool is passed on to other families' own.
    pub web_search: bool,
    /// How models that nobody knows are told how much to think.
    pub unknown_effort: UnknownEffort,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            replay: ReplayThinking::Never,
            custom_tools: false,
            json_schema: false,
            internal: false,
            call_ids: true,
            codex_backend: false,
            end_user: false,
            web_search: true,
            unknown_effort: UnknownEffort::Usual,
        }
    }
}

impl ModelTraits {
    /// Reads off a model's name what is known of its line.
    #[must_use]
    pub fn of(model: &str) -> Self {
        lines::traits(&model.to_ascii_lowercase())
    }
}

impl Target {
    /// Returns how long-winded the answer is to be, for models that can be told.
    pub fn verbosity<'a>(&self, request: &'a Request, losses: &mut Losses) -> Option<&'a str> {
        let asked = request.verbosity.as_deref();
        let takes = self.model.takes_verbosity;
        let lost = !takes && request.has_unusual_verbosity();
        losses.push_if(lost, Token::DropVerbosity, setting::VERBOSITY);
        asked.filter(|_| takes)
    }

    /// Returns it with what a model that nobody knows is taken for: the form in which most vendors of the
    /// format are told how much to think, or what the operator wants; nothing where the request says
    /// nothing of it. A model that is known stays as it is.
    #[must_use]
    pub fn settled(&self, dialect: Dialect, request: &Request) -> Cow<'_, Self> {
        if self.model.thinking != ThinkingMode::Unknown {
            return Cow::Borrowed(self);
        }
        let mut target = self.clone();
        let model = &mut target.model;
        let wants = self.options.unknown_effort;
        if wants == UnknownEffort::Nothing || request.reasoning.is_none() {
            model.thinking = ThinkingMode::None;
            return Cow::Owned(target);
        }
        model.can_rest = true;
        let efforts = || vec![Effort::Low, Effort::Medium, Effort::High];
        match dialect {
            Dialect::OpenaiChat | Dialect::Responses => {
                model.thinking = ThinkingMode::Level;
                model.efforts = efforts();
            }
            // Not by level: of Gemini's that is what the newest models are known by.
            _ if wants == UnknownEffort::Words => {
                model.thinking = ThinkingMode::Adaptive;
                model.efforts = efforts();
            }
            Dialect::Anthropic => model.thinking = ThinkingMode::Budget,
            Dialect::Gemini | Dialect::GeminiCli => {
                model.thinking = ThinkingMode::Budget;
                model.most_budget = Some(24_576);
            }
        }
        Cow::Owned(target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_that_nobody_knows_is_told_in_the_common_form_or_nothing() {
        use super::super::hub::Reasoning;
        let asks = Request { reasoning: Some(Reasoning::default()), ..Request::default() };
        let mut target = Target { model: ModelTraits::of("glm-5"), ..Target::default() };
        let mode = |target: &Target, dialect, request: &Request| {
            target.settled(dialect, request).model.thinking
        };
        for (dialect, wanted) in [
            (Dialect::Anthropic, ThinkingMode::Budget),
            (Dialect::OpenaiChat, ThinkingMode::Level),
            (Dialect::Responses, ThinkingMode::Level),
            (Dialect::Gemini, ThinkingMode::Budget),
            (Dialect::GeminiCli, ThinkingMode::Budget),
        ] {
            assert_eq!(mode(&target, dialect, &asks), wanted, "{dialect}");
            assert_eq!(mode(&target, dialect, &Request::default()), ThinkingMode::None);
        }
        target.options.unknown_effort = UnknownEffort::Words;
        for (dialect, wanted) in [
            (Dialect::Anthropic, ThinkingMode::Adaptive),
            (Dialect::Responses, ThinkingMode::Level),
            (Dialect::Gemini, ThinkingMode::Adaptive),
        ] {
            assert_eq!(mode(&target, dialect, &asks), wanted, "{dialect}");
            assert_eq!(mode(&target, dialect, &Request::default()), ThinkingMode::None);
        }
        target.options.unknown_effort = UnknownEffort::Nothing;
        assert_eq!(mode(&target, Dialect::OpenaiChat, &asks), ThinkingMode::None);
        target.model = ModelTraits::of("gpt-4o");
        assert_eq!(mode(&target, Dialect::OpenaiChat, &asks), ThinkingMode::None);
    }

    #[test]
    fn only_models_that_can_be_told_hear_how_long_winded_to_be() {
        let request = Request { verbosity: Some("low".to_owned()), ..Request::default() };
        for (model, takes) in [
            ("gpt-5", true),
            ("gpt-5.2", true),
            ("gpt-5.3-codex", true),
            ("gpt-5.2-codex", false),
            ("gpt-5.1-codex-max", false),
            ("gpt-5-codex", false),
            ("gpt-4o-2024-08-06", false),
            ("gpt-5-chat-latest", false),
            ("o3", false),
            ("llama-4", false),
        ] {
            let target = Target { model: ModelTraits::of(model), ..Target::default() };
            let mut losses = Losses::default();
            assert_eq!(target.verbosity(&request, &mut losses).is_some(), takes, "{model}");
            assert_eq!(losses.has(Token::DropVerbosity), !takes, "{model}");
            let mut none = Losses::default();
            assert_eq!(target.verbosity(&Request::default(), &mut none), None);
            let usual = Request { verbosity: Some("medium".to_owned()), ..Request::default() };
            assert_eq!(target.verbosity(&usual, &mut none).is_some(), takes, "{model}");
            assert!(none.is_empty(), "{model}: what is usual need not be said");
        }
    }

    #[test]
    fn a_line_of_models_is_known_by_its_name() {
        for (model, wanted) in [
            ("claude-opus-4-8", ThinkingMode::Adaptive),
            ("claude-sonnet-4-5-20250929", ThinkingMode::Budget),
            ("claude-3-5-haiku-20241022", ThinkingMode::None),
            ("claude-3-7-sonnet-20250219", ThinkingMode::Budget),
            ("models/gemini-2.5-pro", ThinkingMode::Budget),
            ("gemini-3-pro-preview", ThinkingMode::Level),
            ("gemini-2.0-flash", ThinkingMode::None),
            ("openai/gpt-5-mini", ThinkingMode::Level),
            ("o3", ThinkingMode::Level),
            ("gpt-4o", ThinkingMode::None),
            ("qwen3-coder", ThinkingMode::Unknown),
        ] {
            assert_eq!(ModelTraits::of(model).thinking, wanted, "{model}");
        }
        assert_eq!(ModelTraits::of("gemini-3-pro-preview").efforts, [Effort::Low, Effort::High]);
        assert!(!ModelTraits::of("gemini-3.7-flash").efforts.contains(&Effort::Minimal));
        assert!(!ModelTraits::of("gemini-2.5-pro").can_rest);
        assert!(ModelTraits::of("gemini-2.5-flash").can_rest);
        assert_eq!(ModelTraits::of("claude-3-5-sonnet-latest").most_output, Some(8_192));
    }
}
