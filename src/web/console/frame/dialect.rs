//! The names of formats for people; they are the same in every language.

use switchyard_actors::domain::dialect::Dialect;

/// Names a format.
#[must_use]
pub const fn dialect_title(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Anthropic => "Anthropic Messages",
        Dialect::OpenaiChat => "OpenAI Chat",
        Dialect::Responses => "OpenAI Responses",
        Dialect::Gemini => "Gemini",
        Dialect::GeminiCli => "Gemini Code Assist",
    }
}
