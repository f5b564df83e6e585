//! Which path of which dialect means what.

use switchyard_actors::domain::dialect::Dialect;

use crate::wire::scan::Path;

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Body,
    Envelope,
    Model,
    InnerModel,
    /// Of a request to Google that is none to a model.
    FreeModel,
    /// Of a request in a batch.
    BatchModel,
    Stream,
    OutputLimit,
    /// How many answers are wanted.
    Choices,
    /// The prompts of an old completion, and one of them.
    Prompts,
    Prompt,
    Messages,
    Message,
    Role,
    Content,
    System,
    /// An object that is entered for what is in it.
    Parent,
    UserId,
    SessionId,
    CacheKey,
    PreviousResponse,
    ServiceTier,
    StreamOptions,
    IncludeUsage,
    StreamOption,
    Unknown,
}

/// The names a dialect has for the same things.
#[derive(Clone, Copy, Debug)]
struct Names {
    messages: &'static str,
    content: &'static str,
    system: &'static [&'static str],
    limits: &'static [&'static str],
}

const fn names(dialect: Dialect) -> Names {
    match dialect {
        Dialect::Anthropic => Names {
            messages: "messages",
            content: "content",
            system: &["system"],
            limits: &["max_tokens"],
        },
        Dialect::OpenaiChat => Names {
            messages: "messages",
            content: "content",
            system: &[],
            limits: &["max_tokens", "max_completion_tokens"],
        },
        Dialect::Responses => Names {
            messages: "input",
            content: "content",
            system: &["instructions"],
            limits: &["max_output_tokens"],
        },
        Dialect::Gemini | Dialect::GeminiCli => Names {
            messages: "contents",
            content: "parts",
            system: &["systemInstruction", "system_instruction"],
            limits: &["maxOutputTokens", "max_output_tokens"],
        },
    }
}

/// No field lies deeper: an envelope, a list, an element and its member.
const DEEPEST: usize = 4;

/// Names what stands at a path.
pub(super) fn at(dialect: Dialect, path: &Path<'_>) -> Field {
    if path.len() > DEEPEST {
        return Field::Unknown;
    }
    let steps = path.steps();
    let steps = steps.as_slice();
    match (dialect, steps) {
        (_, []) => Field::Body,
        (Dialect::GeminiCli, ["model"]) => Field::Model,
        (Dialect::GeminiCli, ["request"]) => Field::Envelope,
        (Dialect::GeminiCli, ["request", "model"]) => Field::InnerModel,
        (Dialect::GeminiCli, ["request", "session_id"]) => Field::SessionId,
        (Dialect::GeminiCli, ["request", inner @ ..]) => gemini(inner),
        (Dialect::GeminiCli, _) => Field::Unknown,
        (Dialect::Gemini, ["model"]) => Field::FreeModel,
        (Dialect::Gemini, steps) => gemini(steps),
        (Dialect::Anthropic, ["requests"] | ["requests", "[]"] | ["requests", "[]", "params"]) => {
            Field::Parent
        }
        (Dialect::Anthropic, ["requests", "[]", "params", "model"]) => Field::BatchModel,
        (_, steps) => flat(names(dialect), dialect, steps),
    }
}

fn gemini(steps: &[&str]) -> Field {
    let names = names(Dialect::Gemini);
    match steps {
        ["generationConfig" | "generation_config"] => Field::Parent,
        ["generationConfig" | "generation_config", limit] if names.limits.contains(limit) => {
            Field::OutputLimit
        }
        ["generationConfig" | "generation_config", "candidateCount" | "candidate_count"] => {
            Field::Choices
        }
        _ => shared(names, steps),
    }
}

fn flat(names: Names, dialect: Dialect, steps: &[&str]) -> Field {
    match steps {
        ["model"] => Field::Model,
        ["stream"] => Field::Stream,
        [limit] if names.limits.contains(limit) => Field::OutputLimit,
        // The best of many is chosen there, and all of them are paid for.
        ["n" | "best_of"] if dialect == Dialect::OpenaiChat => Field::Choices,
        ["prompt"] if dialect == Dialect::OpenaiChat => Field::Prompts,
        ["prompt", "[]"] if dialect == Dialect::OpenaiChat => Field::Prompt,
        ["metadata"] => Field::Parent,
        ["metadata", "user_id"] => Field::UserId,
        ["metadata", "session_id"] => Field::SessionId,
        ["prompt_cache_key"] => Field::CacheKey,
        ["previous_response_id"] => Field::PreviousResponse,
        ["service_tier"] => Field::ServiceTier,
        ["stream_options"] if dialect == Dialect::OpenaiChat => Field::StreamOptions,
        ["stream_options", "include_usage"] => Field::IncludeUsage,
        ["stream_options", _] => Field::StreamOption,
        _ => shared(names, steps),
    }
}

fn shared(names: Names, steps: &[&str]) -> Field {
    match steps {
        [list] if *list == names.messages => Field::Messages,
        [list, "[]"] if *list == names.messages => Field::Message,
        [list, "[]", "role"] if *list == names.messages => Field::Role,
        [list, "[]", content] if *list == names.messages && *content == names.content => {
            Field::Content
        }
        [system] if names.system.contains(system) => Field::System,
        _ => Field::Unknown,
    }
}
