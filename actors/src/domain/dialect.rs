//! The wire dialects of clients and the kinds of providers that speak them natively.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a client (or a provider) speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// Anthropic Messages.
    Anthropic,
    /// `OpenAI` Chat Completions, and every `/v1` family without a dialect of its own.
    OpenaiChat,
    /// `OpenAI` Responses, as Codex speaks it.
    Responses,
    /// Gemini `generateContent`.
    Gemini,
    /// The Gemini CLI envelope around Gemini (`/v1internal:*`).
    GeminiCli,
}

impl Dialect {
    /// Every dialect, in the order of the documentation.
    pub const ALL: [Self; 5] =
        [Self::Anthropic, Self::OpenaiChat, Self::Responses, Self::Gemini, Self::GeminiCli];

    /// Returns the stable name used in rows, logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
            Self::OpenaiChat => "openai_chat",
            Self::Responses => "responses",
            Self::Gemini => "gemini",
            Self::GeminiCli => "gemini_cli",
        }
    }

    /// Tells whether it is Gemini, plain or in the CLI's envelope.
    #[must_use]
    pub const fn is_gemini(self) -> bool {
        matches!(self, Self::Gemini | Self::GeminiCli)
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a request asks of the vendor; decides what is scanned, billed and counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// A model's answer: messages, chat, responses, generateContent.
    Generate,
    /// Counting tokens: never billed, never charged to a breaker.
    CountTokens,
    /// Compaction of a Responses conversation.
    Compact,
    /// An answer of the old completions, `prompt` to `text`: billed as chat is, and never converted.
    Complete,
    /// Embeddings: billed by input tokens.
    Embed,
    /// The list of models, answered by Switchyard itself.
    ListModels,
    /// Any other family: relayed as it is; what cannot be billed is said on the row.
    Other,
}

impl Operation {
    /// Returns the stable name used in rows, logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Generate => "generate",
            Self::CountTokens => "count_tokens",
            Self::Compact => "compact",
            Self::Complete => "complete",
            Self::Embed => "embed",
            Self::ListModels => "list_models",
            Self::Other => "other",
        }
    }

    /// Tells whether usage is expected and priced by tokens.
    #[must_use]
    pub const fn is_metered(self) -> bool {
        matches!(self, Self::Generate | Self::Compact | Self::Complete | Self::Embed)
    }

    /// Tells whether requests of it are converted for providers of other formats.
    #[must_use]
    pub const fn converts(self) -> bool {
        matches!(self, Self::Generate)
    }
}

/// The kind of a provider: how it is spoken to and how it is given its credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderKind {
    /// Anthropic with `x-api-key` (and Bearer).
    Claude,
    /// Anthropic through a relay: Bearer only.
    ClaudeAuth,
    /// `OpenAI` Responses.
    Codex,
    /// Gemini.
    Gemini,
    /// The Gemini CLI's backend: Gemini in an envelope.
    GeminiCli,
    /// `OpenAI` Chat Completions and its relatives.
    OpenaiCompatible,
}

impl ProviderKind {
    /// Every kind, in the order of the contract.
    pub const ALL: [Self; 6] = [
        Self::Claude,
        Self::ClaudeAuth,
        Self::Codex,
        Self::Gemini,
        Self::GeminiCli,
        Self::OpenaiCompatible,
    ];

    /// Returns the stable name of the management contract.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Claude => "claude",
            Self::ClaudeAuth => "claude-auth",
            Self::Codex => "codex",
            Self::Gemini => "gemini",
            Self::GeminiCli => "gemini-cli",
            Self::OpenaiCompatible => "openai-compatible",
        }
    }

    /// Reads the stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Tells whether the kind speaks to Google, which takes credentials besides keys.
    #[must_use]
    pub const fn is_google(self) -> bool {
        matches!(self, Self::Gemini | Self::GeminiCli)
    }

    /// Returns the dialect that the kind speaks.
    #[must_use]
    pub const fn dialect(self) -> Dialect {
        match self {
            Self::Claude | Self::ClaudeAuth => Dialect::Anthropic,
            Self::Codex => Dialect::Responses,
            Self::Gemini => Dialect::Gemini,
            Self::GeminiCli => Dialect::GeminiCli,
            Self::OpenaiCompatible => Dialect::OpenaiChat,
        }
    }

    /// Tells whether the kind speaks the dialect without conversion.
    #[must_use]
    pub fn speaks(self, dialect: Dialect) -> bool {
        self.dialect() == dialect
    }
}

impl fmt::Display for ProviderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
