//! Every path has its route, or none.

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
        ("POST", "/v1/messages/count_tokens", "anthropic count_tokens - None false count_tokens"),
        ("GET", "/v1/messages/batches", "anthropic other - None false messages"),
        ("POST", "/v1/chat/completions", "openai_chat generate - None false chat_completions"),
        ("GET", "/v1/chat/completions/x", "openai_chat other - None false chat"),
        ("POST", "/v1/responses", "responses generate - None false responses"),
        ("POST", "/v1/responses/compact", "responses compact - None false responses_compact"),
        ("POST", "/v1/responses/input_tokens", "responses count_tokens - None false input_tokens"),
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
        ("POST", "/v1/chat/%2563ompletions", "none"),
        ("POST", "/v1/fim/completions", "openai_chat complete - None false completions"),
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
        "/v1/files/%252e%252e/x",
        "/v1/files/%2525%32e%252e/x",
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
