//! The tools that sample people work with: what each speaks, which model it asks for, what it calls
//! itself. All models have a price in the bundled table.

use switchyard_actors::domain::dialect::Dialect;

/// A client with the model it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tool {
    /// What it speaks.
    pub dialect: Dialect,
    /// The model.
    pub model: &'static str,
    /// Its name for itself.
    pub agent: &'static str,
}

const CLAUDE_CODE: &str = "claude-cli/2.1.80 (external, cli)";
const CODEX: &str = "codex_cli_rs/0.63.0 (Ubuntu 24.4.0; x86_64)";
const GENAI: &str = "google-genai-sdk/1.30.0 gl-python/3.12";
const OPENAI: &str = "OpenAI/Python 2.8.1";

const fn tool(dialect: Dialect, model: &'static str, agent: &'static str) -> Tool {
    Tool { dialect, model, agent }
}

/// An agent on a middling model.
pub const SONNET: Tool = tool(Dialect::Anthropic, "claude-sonnet-4-5", CLAUDE_CODE);
/// An agent on a large model.
pub const OPUS: Tool = tool(Dialect::Anthropic, "claude-opus-4-5", CLAUDE_CODE);
/// An agent on a small model.
pub const HAIKU: Tool = tool(Dialect::Anthropic, "claude-haiku-4-5", CLAUDE_CODE);
/// Another agent, on a large model.
pub const GPT_CODEX: Tool = tool(Dialect::Responses, "gpt-5.2-codex", CODEX);
/// The same on a small one.
pub const GPT_CODEX_MINI: Tool = tool(Dialect::Responses, "gpt-5.1-codex-mini", CODEX);
/// Scripts that chat.
pub const DEEPSEEK: Tool = tool(Dialect::OpenaiChat, "deepseek-chat", OPENAI);
/// Programs on a large Gemini.
pub const GEMINI_PRO: Tool = tool(Dialect::Gemini, "gemini-2.5-pro", GENAI);
/// Programs on a small Gemini.
pub const GEMINI_FLASH: Tool = tool(Dialect::Gemini, "gemini-2.5-flash", GENAI);

impl Tool {
    /// Every tool.
    pub const ALL: [Self; 8] =
        [SONNET, OPUS, HAIKU, GPT_CODEX, GPT_CODEX_MINI, DEEPSEEK, GEMINI_PRO, GEMINI_FLASH];

    /// Returns the path it asks at.
    #[must_use]
    pub fn path(&self, stream: bool) -> String {
        match self.dialect {
            Dialect::Anthropic => "/v1/messages".to_owned(),
            Dialect::OpenaiChat => "/v1/chat/completions".to_owned(),
            Dialect::Responses => "/v1/responses".to_owned(),
            Dialect::Gemini | Dialect::GeminiCli => {
                let action = if stream { "streamGenerateContent" } else { "generateContent" };
                format!("/v1beta/models/{}:{action}", self.model)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn every_model_has_a_price_in_the_bundled_table() {
        let table = include_str!("../../config/prices.json");
        let prices: HashMap<String, serde_json::Value> = serde_json::from_str(table).unwrap();
        for tool in Tool::ALL {
            assert!(prices.contains_key(tool.model), "{}", tool.model);
        }
    }
}
