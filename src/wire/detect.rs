//! What a request is, from its method, path and query alone.
//!
//! Paths are compared without regard to case and to one slash at the end, models keep their case.
//! A path that could climb out of its family (`..`, `//`, a backslash, encoded or not) has no route.

use switchyard_actors::domain::dialect::{Dialect, Operation};

use super::percent;

/// Where a request belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// What the client speaks; for model lists see [`models_dialect`].
    pub dialect: Dialect,
    /// What it asks for.
    pub operation: Operation,
    /// The model the path names, decoded.
    pub model: Option<String>,
    /// Whether a stream is asked for, when the path says so; else the body does.
    pub stream: Option<bool>,
    /// Whether `alt=sse` asks Gemini for events instead of a JSON array.
    pub sse: bool,
    /// A stable short name for rows and metrics.
    pub family: &'static str,
}

impl Route {
    const fn new(dialect: Dialect, operation: Operation, family: &'static str) -> Self {
        Self { dialect, operation, model: None, stream: None, sse: false, family }
    }
}

/// What is served by an exact path, all with `POST`.
const EXACT: [(&str, Dialect, Operation, &str); 9] = [
    ("/v1/messages", Dialect::Anthropic, Operation::Generate, "messages"),
    ("/v1/messages/count_tokens", Dialect::Anthropic, Operation::CountTokens, "count_tokens"),
    ("/v1/chat/completions", Dialect::OpenaiChat, Operation::Generate, "chat_completions"),
    ("/v1/responses", Dialect::Responses, Operation::Generate, "responses"),
    ("/v1/responses/compact", Dialect::Responses, Operation::Compact, "responses_compact"),
    ("/v1/responses/input_tokens", Dialect::Responses, Operation::CountTokens, "input_tokens"),
    ("/v1/completions", Dialect::OpenaiChat, Operation::Complete, "completions"),
    // Mistral's completions of code between two texts.
    ("/v1/fim/completions", Dialect::OpenaiChat, Operation::Complete, "completions"),
    ("/v1/embeddings", Dialect::OpenaiChat, Operation::Embed, "embeddings"),
];

/// Families below `/v1/` by their first segment; what is not listed is `other`.
const FAMILIES: [(&str, Dialect); 23] = [
    ("messages", Dialect::Anthropic),
    ("responses", Dialect::Responses),
    ("assistants", Dialect::OpenaiChat),
    ("audio", Dialect::OpenaiChat),
    ("batches", Dialect::OpenaiChat),
    ("chat", Dialect::OpenaiChat),
    ("chatkit", Dialect::OpenaiChat),
    ("completions", Dialect::OpenaiChat),
    ("containers", Dialect::OpenaiChat),
    ("conversations", Dialect::OpenaiChat),
    ("embeddings", Dialect::OpenaiChat),
    ("evals", Dialect::OpenaiChat),
    ("files", Dialect::OpenaiChat),
    ("fine_tuning", Dialect::OpenaiChat),
    ("images", Dialect::OpenaiChat),
    ("moderations", Dialect::OpenaiChat),
    ("realtime", Dialect::OpenaiChat),
    ("skills", Dialect::OpenaiChat),
    ("threads", Dialect::OpenaiChat),
    ("uploads", Dialect::OpenaiChat),
    ("vector_stores", Dialect::OpenaiChat),
    ("videos", Dialect::OpenaiChat),
    ("other", Dialect::OpenaiChat),
];

/// What is the operator's alone, by its first segment: its accounts, its keys and its money at the vendor,
/// and the models that stand there. A list of models is answered here.
const OPERATORS: [&str; 18] = [
    "organization",
    "organizations",
    "models",
    "account",
    "accounts",
    "admin",
    "api-keys",
    "auth",
    "balance",
    "billing",
    "credits",
    "dashboard",
    "key",
    "keys",
    "projects",
    "usage",
    "user",
    "users",
];
/// What hands out a key of the operator's, to be used past this relay.
const HANDS_OUT_KEYS: [&str; 4] = [
    "/v1/realtime/client_secrets",
    "/v1/realtime/sessions",
    "/v1/realtime/transcription_sessions",
    "/v1/chatkit/sessions",
];

/// Where Gemini's models live, as clients spell it.
const GEMINI_MODELS: [&str; 4] = [
    "/v1beta/models/",
    "/v1/models/",
    "/v1beta1/publishers/google/models/",
    "/v1/publishers/google/models/",
];
const GEMINI_CLI_MODELS: &str = "/v1internal/models/";
const GEMINI_CLI: &str = "/v1internal:";

/// How often what is escaped may be escaped again.
const MOST_ESCAPED: usize = 4;

/// Lists of models beside the usual ones, as some clients ask for them.
const LISTS: [&str; 3] = ["/v1/responses/models", "/v1/chat/completions/models", "/v1/chat/models"];

/// Names what is asked for; `None` for a path that is not relayed.
pub fn route(method: &str, path: &str, query: Option<&str>) -> Option<Route> {
    let path = path.strip_suffix('/').unwrap_or(path);
    if !stays_in_place(path) {
        return None;
    }
    let route = named(method, path, query)?;
    if route.operation != Operation::Other || !path.contains('%') {
        return Some(route);
    }
    // The vendor reads what is escaped: `/v1/%63hat/completions` is no family of its own.
    let mut read = percent::decode(path)?;
    for _ in 0..MOST_ESCAPED {
        let other = named(method, &read, query)?;
        if other.operation != Operation::Other || other.family != route.family {
            return None;
        }
        match percent::decode(&read).filter(|_| read.contains('%')) {
            Some(again) => read = again.into_owned().into(),
            None => break,
        }
    }
    Some(route)
}

fn named(method: &str, path: &str, query: Option<&str>) -> Option<Route> {
    let lower = path.to_ascii_lowercase();
    if let Some(mut route) = gemini_method(method, path, &lower) {
        route.sse = query.is_some_and(|query| query.split('&').any(|pair| pair == "alt=sse"));
        return Some(route);
    }
    if matches!(method, "GET" | "HEAD")
        && let Some(route) = models(path, &lower)
    {
        return Some(route);
    }
    let exact = EXACT.iter().find(|(exact, ..)| method == "POST" && *exact == lower);
    if let Some((_, dialect, operation, family)) = exact {
        return Some(Route::new(*dialect, *operation, family));
    }
    other(method, &lower)
}

/// Names the shape of `GET /v1/models`, which three dialects share, by the client's headers.
pub fn models_dialect(has_header: impl Fn(&str) -> bool) -> Dialect {
    if has_header("x-goog-api-key") {
        return Dialect::Gemini;
    }
    if has_header("anthropic-version") { Dialect::Anthropic } else { Dialect::OpenaiChat }
}

/// Splits a Gemini path into everything up to the model, the model as written, and the action.
pub(super) fn split_model(path: &str) -> Option<(&str, &str, &str)> {
    let lower = path.to_ascii_lowercase();
    let mut prefixes = GEMINI_MODELS.iter().chain([&GEMINI_CLI_MODELS]);
    let start = prefixes.find(|prefix| lower.starts_with(**prefix))?.len();
    let (head, tail) = path.split_at_checked(start)?;
    let (model, action) = tail.rsplit_once(':')?;
    Some((head, model, action)).filter(|(_, model, _)| !model.is_empty())
}

fn gemini_method(method: &str, path: &str, lower: &str) -> Option<Route> {
    if method != "POST" {
        return None;
    }
    if let Some(action) = lower.strip_prefix(GEMINI_CLI) {
        return Some(gemini_action(Dialect::GeminiCli, action));
    }
    let (_, model, action) = split_model(path)?;
    let is_cli = lower.starts_with(GEMINI_CLI_MODELS);
    let dialect = if is_cli { Dialect::GeminiCli } else { Dialect::Gemini };
    let mut route = gemini_action(dialect, &action.to_ascii_lowercase());
    // Under /v1 a colon alone does not make it Gemini's: `ft:` models have colons too.
    if route.operation == Operation::Other && lower.starts_with("/v1/models/") {
        return None;
    }
    route.model = Some(percent::decode(model)?.into_owned());
    Some(route)
}

fn gemini_action(dialect: Dialect, action: &str) -> Route {
    let (operation, family) = match action {
        "generatecontent" | "streamgeneratecontent" => (Operation::Generate, "gemini_generate"),
        "counttokens" => (Operation::CountTokens, "gemini_count_tokens"),
        "embedcontent" | "batchembedcontents" => (Operation::Embed, "gemini_embed"),
        _ => (Operation::Other, "gemini_other"),
    };
    let mut route = Route::new(dialect, operation, family);
    route.stream = (operation != Operation::Other).then(|| action.starts_with("stream"));
    route
}

fn models(path: &str, lower: &str) -> Option<Route> {
    if LISTS.contains(&lower) {
        return Some(Route::new(Dialect::OpenaiChat, Operation::ListModels, "models"));
    }
    let (dialect, rest) =
        [("/v1/models", Dialect::OpenaiChat), ("/v1beta/models", Dialect::Gemini)]
            .into_iter()
            .find_map(|(prefix, dialect)| {
                lower
                    .starts_with(prefix)
                    .then(|| path.get(prefix.len()..))
                    .flatten()
                    .map(|rest| (dialect, rest))
            })?;
    let mut route = Route::new(dialect, Operation::ListModels, "models");
    if rest.is_empty() {
        return Some(route);
    }
    route.model = Some(percent::decode(rest.strip_prefix('/')?)?.into_owned());
    Some(route)
}

fn other(method: &str, lower: &str) -> Option<Route> {
    // Servers that know parameters of segments (`/v1/chat;x`) take them off.
    if lower.contains(';') || method == "POST" && ends_as_a_metered_one(lower) {
        return None;
    }
    if let Some(rest) = lower.strip_prefix("/v1/") {
        let first = rest.split('/').next().filter(|first| !first.is_empty())?;
        let hands_out = HANDS_OUT_KEYS.iter().any(|path| lower.starts_with(path));
        if OPERATORS.contains(&first) || hands_out {
            return None;
        }
        let known = FAMILIES.iter().find(|(family, _)| *family == first);
        let (family, dialect) = known.copied().unwrap_or(("other", Dialect::OpenaiChat));
        return Some(Route::new(dialect, Operation::Other, family));
    }
    let google = ["/v1beta/", "/v1beta1/publishers/google/"]
        .iter()
        .find_map(|prefix| lower.strip_prefix(prefix).filter(|rest| !rest.is_empty()));
    if let Some(rest) = google {
        let first = rest.split('/').next().unwrap_or_default();
        // Google speaks chat below `openai`; who speaks that asks for it under `/v1`.
        let is_ours = first == "models" && is_change(method);
        let is_closed = is_ours || matches!(first, "tunedmodels" | "openai");
        let route = Route::new(Dialect::Gemini, Operation::Other, "gemini_other");
        return (!is_closed).then_some(route);
    }
    lower
        .strip_prefix("/v1internal/")
        .filter(|rest| !rest.is_empty())
        .map(|_| Route::new(Dialect::GeminiCli, Operation::Other, "gemini_other"))
}

/// Tells whether a path that is no endpoint here ends as one that is counted: some servers have those in
/// other places, too (`/v1/engines/m/completions`), and what they answer would be nobody's.
fn ends_as_a_metered_one(lower: &str) -> bool {
    let last = lower.rsplit('/').next().unwrap_or_default();
    let action = last.rsplit_once(':').map(|(_, action)| action);
    match last {
        "completions" | "responses" | "embeddings" | "compact" | "count_tokens"
        | "input_tokens" => true,
        // Messages of a thread are no request to a model.
        "messages" => !lower.starts_with("/v1/threads/"),
        _ => action.is_some_and(|action| {
            gemini_action(Dialect::Gemini, action).operation != Operation::Other
                || matches!(action, "rawpredict" | "streamrawpredict")
        }),
    }
}

fn is_change(method: &str) -> bool {
    matches!(method, "PUT" | "PATCH" | "DELETE")
}

/// Refuses paths that mean another place once a server has cleaned them, also one that takes escapes off more
/// than once.
fn stays_in_place(path: &str) -> bool {
    let Some(mut read) = percent::decode(path) else { return false };
    for _ in 0..MOST_ESCAPED {
        let Some(inside) = read.strip_prefix('/') else { return false };
        if read.contains(|character: char| character == '\\' || character.is_control())
            || inside.split('/').any(|segment| matches!(segment, "" | "." | ".."))
        {
            return false;
        }
        // A name may have a sign of its own that looks like the beginning of an escape.
        match percent::decode(&read).filter(|_| read.contains('%')) {
            Some(again) => read = again.into_owned().into(),
            None => return true,
        }
    }
    false
}

#[cfg(test)]
mod tests;
