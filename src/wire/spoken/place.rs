//! Which path of which dialect is a text of the caller.

use switchyard_actors::domain::dialect::Dialect;

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// On the way to texts.
    Way,
    /// A text, whoever says it.
    Text,
    /// A message of the conversation.
    Message,
    /// Who says it.
    Role,
    /// A text of a message, or on the way to one.
    MessageText,
    /// Nothing of interest.
    Other,
}

/// Names what stands at a path.
pub(super) fn of(dialect: Dialect, steps: &[&str]) -> Place {
    match (dialect, steps) {
        (_, []) | (Dialect::GeminiCli, ["request"]) => Place::Way,
        // The families beside chat: completions and images have a prompt, embeddings an input.
        (Dialect::OpenaiChat, ["prompt" | "input", rest @ ..])
        | (Dialect::Anthropic, ["system", rest @ ..])
        | (Dialect::Responses, ["instructions", rest @ ..]) => content(rest, Place::Text),
        (Dialect::Anthropic | Dialect::OpenaiChat, ["messages", rest @ ..])
        | (Dialect::Responses, ["input", rest @ ..]) => message(rest, "content"),
        (Dialect::Gemini, steps) | (Dialect::GeminiCli, ["request", steps @ ..]) => gemini(steps),
        _ => Place::Other,
    }
}

fn gemini(steps: &[&str]) -> Place {
    match steps {
        ["systemInstruction" | "system_instruction"] => Place::Text,
        ["systemInstruction" | "system_instruction", "parts", rest @ ..] => {
            content(rest, Place::Text)
        }
        ["contents", rest @ ..] => message(rest, "parts"),
        _ => Place::Other,
    }
}

fn message(steps: &[&str], content_name: &str) -> Place {
    match steps {
        // The Responses API takes a bare string for one user message.
        [] => Place::Text,
        ["[]"] => Place::Message,
        ["[]", "role"] => Place::Role,
        ["[]", name, rest @ ..] if *name == content_name => content(rest, Place::MessageText),
        _ => Place::Other,
    }
}

/// A content is a string, or a list of strings and of blocks with a text.
fn content(steps: &[&str], place: Place) -> Place {
    match steps {
        [] | ["[]" | "text"] | ["[]", "text"] => place,
        _ => Place::Other,
    }
}
