//! The small request that a test sends, in the form of each kind's own clients.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::{Dialect, ProviderKind};

/// What the model is asked for: cheap, and easy to recognise.
const PROMPT: &str = "Reply with the single word: pong";
/// Enough for a word, and for a model that must think before it.
const MOST_TOKENS: u32 = 64;

/// A request before it has an address.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Small {
    /// What the provider speaks.
    pub(super) dialect: Dialect,
    /// The path a client would ask for.
    pub(super) path: String,
    /// The body.
    pub(super) body: Value,
}

/// Makes the request of a kind of provider for a model.
pub(super) fn small(kind: ProviderKind, model: &str) -> Small {
    let dialect = dialect(kind);
    let (path, body) = match dialect {
        Dialect::Anthropic => ("/v1/messages".to_owned(), anthropic(model)),
        Dialect::Responses => ("/v1/responses".to_owned(), responses(model)),
        Dialect::OpenaiChat => ("/v1/chat/completions".to_owned(), chat(model)),
        Dialect::Gemini => (format!("/v1beta/models/{model}:generateContent"), gemini()),
        Dialect::GeminiCli => (
            "/v1internal:generateContent".to_owned(),
            json!({ "model": model, "request": gemini() }),
        ),
    };
    Small { dialect, path, body }
}

/// Returns what a kind of provider speaks.
pub(super) const fn dialect(kind: ProviderKind) -> Dialect {
    match kind {
        ProviderKind::Claude | ProviderKind::ClaudeAuth => Dialect::Anthropic,
        ProviderKind::Codex => Dialect::Responses,
        ProviderKind::Gemini => Dialect::Gemini,
        ProviderKind::GeminiCli => Dialect::GeminiCli,
        ProviderKind::OpenaiCompatible => Dialect::OpenaiChat,
    }
}

fn anthropic(model: &str) -> Value {
    json!({
        "model": model,
        "max_tokens": MOST_TOKENS,
        "messages": [{ "role": "user", "content": PROMPT }],
    })
}

/// Codex always streams and keeps nothing; some of its vendors refuse anything else, and a limit of
/// tokens too.
fn responses(model: &str) -> Value {
    json!({
        "model": model,
        "instructions": "You are a helpful assistant.",
        "input": [{
            "type": "message",
            "role": "user",
            "content": [{ "type": "input_text", "text": PROMPT }],
        }],
        "store": false,
        "stream": true,
    })
}

/// Without a limit of tokens: vendors do not agree on its name and refuse the other one.
fn chat(model: &str) -> Value {
    json!({ "model": model, "messages": [{ "role": "user", "content": PROMPT }] })
}

fn gemini() -> Value {
    json!({
        "contents": [{ "role": "user", "parts": [{ "text": PROMPT }] }],
        "generationConfig": { "maxOutputTokens": MOST_TOKENS },
    })
}

#[cfg(test)]
mod tests {
    use switchyard_actors::domain::dialect::Operation;

    use super::*;
    use crate::wire::detect;

    #[test]
    fn a_test_asks_for_what_the_relay_would_relay_to_that_kind() {
        for kind in ProviderKind::ALL {
            let small = small(kind, "m");
            let route = detect::route("POST", &small.path, None).unwrap();
            assert!(kind.speaks(small.dialect) && route.dialect == small.dialect, "{kind}");
            assert_eq!(route.operation, Operation::Generate, "{kind}");
            let named = route.model.as_deref().or(small.body["model"].as_str());
            assert_eq!(named, Some("m"), "{kind}");
        }
    }
}
