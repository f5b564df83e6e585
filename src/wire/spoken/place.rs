//! Which path of which dialect is a text of the caller.
//!
//! Shapes are read as wide as any reader of the format takes them: a conversation may be one message, a
//! message a mere text, a content one block.

use switchyard_actors::domain::dialect::Dialect;

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// On the way to texts.
    Way,
    /// A text, whoever says it.
    Text,
    /// The conversation: a list of messages, one message, or a text.
    Conversation,
    /// An element of it.
    Message,
    /// Who says it.
    Role,
    /// What kind of item it is, where items have kinds.
    Kind,
    /// A text of a message, or on the way to one.
    MessageText,
    /// A block of a message.
    Block,
    /// What kind of block it is, where that tells of more texts.
    BlockKind,
    /// Nothing of interest.
    Other,
}

/// Names what stands at a path.
pub(super) fn of(dialect: Dialect, steps: &[&str]) -> Place {
    match (dialect, steps) {
        (_, [])
        | (Dialect::GeminiCli, ["request"])
        | (Dialect::Responses, ["prompt"] | ["prompt", "variables"]) => Place::Way,
        // The families beside chat: completions and images have a prompt, embeddings an input.
        (Dialect::OpenaiChat, ["prompt" | "input", rest @ ..])
        | (Dialect::Anthropic, ["system", rest @ ..])
        | (
            Dialect::Responses,
            ["instructions", rest @ ..] | ["prompt", "variables", _, rest @ ..],
        ) => content(rest),
        (Dialect::Anthropic | Dialect::OpenaiChat, ["messages", rest @ ..])
        | (Dialect::Responses, ["input", rest @ ..]) => message(dialect, rest, "content"),
        // A batch wraps whole requests.
        (Dialect::Anthropic, ["requests"] | ["requests", "[]"] | ["requests", "[]", "params"]) => {
            Place::Way
        }
        (Dialect::Anthropic, ["requests", "[]", "params", rest @ ..]) => of(dialect, rest),
        (Dialect::Gemini, steps) | (Dialect::GeminiCli, ["request", steps @ ..]) => {
            gemini(dialect, steps)
        }
        _ => Place::Other,
    }
}

fn gemini(dialect: Dialect, steps: &[&str]) -> Place {
    match steps {
        // Counting tokens and embedding many wrap whole requests.
        ["generateContentRequest" | "generate_content_request" | "requests" | "content"]
        | ["requests", "[]"] => Place::Way,
        ["generateContentRequest" | "generate_content_request", rest @ ..]
        | ["requests", "[]", rest @ ..] => gemini(dialect, rest),
        ["systemInstruction" | "system_instruction"] => Place::Text,
        ["systemInstruction" | "system_instruction" | "content", "parts", rest @ ..] => {
            content(rest)
        }
        ["contents", rest @ ..] => message(dialect, rest, "parts"),
        _ => Place::Other,
    }
}

fn message(dialect: Dialect, steps: &[&str], content_name: &str) -> Place {
    match steps {
        [] => Place::Conversation,
        ["[]"] => Place::Message,
        ["[]", inside @ ..] | inside => within(dialect, inside, content_name),
    }
}

fn within(dialect: Dialect, steps: &[&str], content_name: &str) -> Place {
    match steps {
        ["role"] => Place::Role,
        ["type"] if dialect == Dialect::Responses => Place::Kind,
        [name, rest @ ..] if *name == content_name => match rest {
            ["[]"] => Place::Block,
            ["[]", "type"] if dialect == Dialect::Anthropic => Place::BlockKind,
            [] | ["text"] | ["[]", "text"] => Place::MessageText,
            _ => Place::Other,
        },
        _ => Place::Other,
    }
}

/// A content is a string, or a list of strings and of blocks with a text.
fn content(steps: &[&str]) -> Place {
    match steps {
        [] | ["[]" | "text"] | ["[]", "text"] => Place::Text,
        _ => Place::Other,
    }
}
