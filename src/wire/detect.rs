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
const EXACT: [(&str, Dialect, Operation, &str); 8] = [
    ("/v1/messages", Dialect::Anthropic, Operation::Generate, "messages"),
    ("/v1/messages/count_tokens", Dialect::Anthropic, Operation::CountTokens, "count_tokens"),
    ("/v1/chat/completions", Dialect::OpenaiChat, Operation::Generate, "chat_completions"),
    ("/v1/responses", Dialect::Responses, Operation::Generate, "responses"),
    ("/v1/responses/compact", Dialect::Responses, Operation::Compact, "responses_compact"),
    ("/v1/responses/input_tokens", Dialect::Responses, Operation::CountTokens, "input_tokens"),
    ("/v1/completions", Dialect::OpenaiChat, Operation::Complete, "completions"),
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
    let read = named(method, &percent::decode(path)?, query)?;
    let is_same = read.operation == Operation::Other && read.family == route.family;
    is_same.then_some(route)
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

/// Refuses paths that mean another place once a server has cleaned them.
fn stays_in_place(path: &str) -> bool {
    let Some(decoded) = percent::decode(path) else { return false };
    let Some(inside) = decoded.strip_prefix('/') else { return false };
    !decoded.contains(|character: char| character == '\\' || character.is_control())
        && inside.split('/').all(|segment| !matches!(segment, "" | "." | ".."))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn named(method: &str, path: &str, query: Option<&str>) -> String {
        let Some(route) = route(method, path, query) else { return "none".to_owned() };
        let Route { dialect, operation, model, stream, sse, family } = route;
        let model = model.unwrap_or_else(|| "-".to_owned());
        format!("{dialect} {} {model} {stream:?} {sse} {family}", operation.name())
    }

    #[test]
    fn every_documented_path_has_its_route() {
        let cases = [
            ("POST", "/v1/messages", "anthropic generate - None false messages"),
            ("POST", "/V1/Messages/", "anthropic generate - None false messages"),
            (
                "POST",
                "/v1/messages/count_tokens",
                "anthropic count_tokens - None false count_tokens",
            ),
            ("GET", "/v1/messages/batches", "anthropic other - None false messages"),
            ("POST", "/v1/chat/completions", "openai_chat generate - None false chat_completions"),
            ("GET", "/v1/chat/completions/x", "openai_chat other - None false chat"),
            ("POST", "/v1/responses", "responses generate - None false responses"),
            ("POST", "/v1/responses/compact", "responses compact - None false responses_compact"),
            (
                "POST",
                "/v1/responses/input_tokens",
                "responses count_tokens - None false input_tokens",
            ),
            ("GET", "/v1/chat/models", "openai_chat list_models - None false models"),
            ("HEAD", "/v1/models", "openai_chat list_models - None false models"),
            ("DELETE", "/v1/responses/resp_1", "responses other - None false responses"),
            ("POST", "/v1/embeddings", "openai_chat embed - None false embeddings"),
            ("POST", "/v1/images/edits", "openai_chat other - None false images"),
            ("POST", "/v1/unheard-of", "openai_chat other - None false other"),
            ("GET", "/v1/models", "openai_chat list_models - None false models"),
            ("GET", "/v1/models/a%2Fb:c", "openai_chat list_models a/b:c None false models"),
            ("DELETE", "/v1/models/ft:a:b", "none"),
            ("POST", "/v1/models/ft:a:b", "none"),
            ("GET", "/v1/organization/usage", "none"),
            ("GET", "/v1/%6Frganization/usage", "none"),
            ("DELETE", "/v1/%6Dodels/ft:a:b", "none"),
            ("POST", "/v1/%63hat/completions", "none"),
            ("POST", "/v1/chat/%63ompletions", "none"),
            ("POST", "/v1beta/models/m:generate%43ontent", "none"),
            ("DELETE", "/v1beta/tunedModels/m", "none"),
            ("PATCH", "/v1beta/models/m", "none"),
            ("GET", "/v1/files/a%20b", "openai_chat other - None false files"),
            ("GET", "/v1beta/models", "gemini list_models - None false models"),
            ("GET", "/v1beta/models/G-2", "gemini list_models G-2 None false models"),
            ("POST", "/v1beta/files", "gemini other - None false gemini_other"),
            ("POST", "/v1/models", "none"),
            ("POST", "/v1/x/responses", "none"),
            ("POST", "/v1/files/chat/Completions/", "none"),
            ("POST", "/v1/engines/m/embeddings", "none"),
            ("GET", "/v1/chat/completions", "openai_chat other - None false chat"),
            ("POST", "/v1/chat/completions/id", "openai_chat other - None false chat"),
            ("POST", "/v1/threads/t/messages", "openai_chat other - None false threads"),
            ("POST", "/v1/x/messages", "none"),
            ("POST", "/v1/chat/completions;x", "none"),
            ("GET", "/v1/dashboard/billing/usage", "none"),
            ("GET", "/v1/credits", "none"),
            ("POST", "/v1/realtime/client_secrets", "none"),
            ("POST", "/v1/chatkit/sessions", "none"),
            ("POST", "/v1beta/openai/chat/completions", "none"),
            ("GET", "/v1beta/openai/models", "none"),
            ("POST", "/v1beta/tunedModels/m:generateContent", "none"),
            ("POST", "/v1beta/x/models/m:streamGenerateContent", "none"),
            ("DELETE", "/v1beta1/publishers/google/models/m", "none"),
            ("POST", "/v1/publishers/anthropic/models/m:rawPredict", "none"),
            ("POST", "/v1beta/interactions", "gemini other - None false gemini_other"),
            ("POST", "/v1beta/cachedContents", "gemini other - None false gemini_other"),
        ];
        for (method, path, expected) in cases {
            assert_eq!(named(method, path, None), expected, "{method} {path}");
        }
    }

    #[test]
    fn gemini_methods_are_read_under_every_prefix() {
        let generate = "gemini generate G-2.5 Some(false) false gemini_generate";
        for prefix in GEMINI_MODELS {
            assert_eq!(named("POST", &format!("{prefix}G-2.5:generateContent"), None), generate);
        }
        let cases = [
            (
                "/v1beta/models/m:streamGenerateContent",
                "gemini generate m Some(true) true gemini_generate",
            ),
            (
                "/v1beta/models/m:countTokens",
                "gemini count_tokens m Some(false) true gemini_count_tokens",
            ),
            ("/v1/models/m:batchEmbedContents", "gemini embed m Some(false) true gemini_embed"),
            ("/v1beta/models/m:predict", "gemini other m None true gemini_other"),
            (
                "/v1internal:streamGenerateContent",
                "gemini_cli generate - Some(true) true gemini_generate",
            ),
            ("/v1internal:loadCodeAssist", "gemini_cli other - None true gemini_other"),
            (
                "/v1internal/models/m:generateContent",
                "gemini_cli generate m Some(false) true gemini_generate",
            ),
        ];
        for (path, expected) in cases {
            assert_eq!(named("POST", path, Some("x=1&alt=sse")), expected, "{path}");
        }
    }

    #[test]
    fn paths_that_climb_or_lead_elsewhere_have_no_route() {
        for path in [
            "",
            "/",
            "/v1",
            "/v1/",
            "/v1beta",
            "/v2/messages",
            "/api/actions",
            "v1/messages",
            "/v1/../api",
            "/v1/files/%2e%2e/%2e%2e/x",
            "/v1//messages",
            "/v1/files/..\\x",
            "/v1/files/%5c",
            "/v1/a%00",
            "/v1/a%zz",
            "/v1beta/models/..%2fx:generateContent",
        ] {
            assert_eq!(named("POST", path, None), "none", "{path}");
        }
        assert_eq!(named("GET", "/v1/modelsx", None), "openai_chat other - None false other");
    }

    #[test]
    fn a_model_list_takes_the_shape_the_headers_ask_for() {
        assert_eq!(models_dialect(|name| name == "x-goog-api-key"), Dialect::Gemini);
        assert_eq!(models_dialect(|name| name == "anthropic-version"), Dialect::Anthropic);
        assert_eq!(models_dialect(|_| true), Dialect::Gemini);
        assert_eq!(models_dialect(|_| false), Dialect::OpenaiChat);
    }

    proptest! {
        #[test]
        fn no_route_has_a_path_that_climbs(path in "/v1(beta)?(/|%2f|\\.|%2e|\\\\|a|:){0,8}") {
            if route("POST", &path, None).is_some() {
                let decoded = percent::decode(&path).unwrap().replace('\\', "/");
                prop_assert!(decoded.split('/').all(|segment| segment != ".."));
            }
        }
    }
}
