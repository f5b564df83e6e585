//! Where a converted request goes, and what its provider takes. Pure.

use switchyard_actors::domain::dialect::{Dialect, ProviderKind};

use crate::wire::convert::target::Options;
use crate::wire::model_list::{gemini_path, is_vertex};
use crate::wire::url;

/// Asks Gemini for events instead of one list.
const EVENTS: &str = "alt=sse";

/// Where a request goes at its provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The path, to be joined with the provider's address.
    pub path: String,
    /// The query.
    pub query: Option<&'static str>,
}

/// Returns where requests of a format go. `base` is the provider's address.
#[must_use]
pub fn place(dialect: Dialect, model: &str, streams: bool, base: &str) -> Place {
    let whole = |path: &str| Place { path: path.to_owned(), query: None };
    let action = if streams { "streamGenerateContent" } else { "generateContent" };
    let query = streams.then_some(EVENTS);
    match dialect {
        Dialect::Anthropic => whole("/v1/messages"),
        Dialect::OpenaiChat => whole("/v1/chat/completions"),
        Dialect::Responses => whole("/v1/responses"),
        Dialect::Gemini => Place { path: gemini_path(base, model, action), query },
        Dialect::GeminiCli => Place { path: format!("/v1internal:{action}"), query },
    }
}

/// Returns what a kind of provider takes at an address.
#[must_use]
pub fn options(kind: ProviderKind, base: &str) -> Options {
    let is_cli = kind == ProviderKind::GeminiCli;
    Options {
        internal: is_cli,
        json_schema: is_cli,
        call_ids: !is_vertex(base),
        codex_backend: kind == ProviderKind::Codex && is_codex_backend(base),
        ..Options::default()
    }
}

/// Tells whether prompts are kept at an address under a key that the request names. All who speak
/// Responses know the field; of chat's vendors some refuse what they do not know.
#[must_use]
pub fn takes_cache_key(kind: ProviderKind, base: &str) -> bool {
    match kind {
        ProviderKind::Codex => true,
        ProviderKind::OpenaiCompatible => url::is_at(base, "openai.com"),
        _ => false,
    }
}

/// The backend behind Codex' own login streams always, and takes less than the public interface.
fn is_codex_backend(base: &str) -> bool {
    base.contains("/backend-api/codex")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::detect;

    #[test]
    fn each_place_is_one_that_clients_of_the_format_would_ask() {
        for dialect in Dialect::ALL {
            for streams in [false, true] {
                for base in ["https://one.example", "https://x-aiplatform.googleapis.com"] {
                    let Place { path, query } = place(dialect, "a/b model", streams, base);
                    let route = detect::route("POST", &path, query).unwrap();
                    assert_eq!((route.dialect, route.operation.converts()), (dialect, true));
                    if dialect.is_gemini() {
                        assert_eq!((route.stream, route.sse), (Some(streams), streams));
                    }
                    if dialect == Dialect::Gemini {
                        assert_eq!(route.model.as_deref(), Some("a/b model"));
                    }
                }
            }
        }
    }

    #[test]
    fn a_key_of_the_cache_goes_to_who_knows_it() {
        let takes = takes_cache_key;
        assert!(takes(ProviderKind::Codex, "https://relay.example"));
        assert!(takes(ProviderKind::OpenaiCompatible, "https://api.OpenAI.com/v1"));
        for other in ["https://api.groq.com/openai/v1", "https://notopenai.com", ""] {
            assert!(!takes(ProviderKind::OpenaiCompatible, other), "{other}");
        }
        assert!(!takes(ProviderKind::Claude, "https://api.openai.com"));
    }

    #[test]
    fn a_provider_takes_what_its_kind_and_address_say() {
        let cli = options(ProviderKind::GeminiCli, "https://cloudcode-pa.googleapis.com");
        assert!(cli.internal && cli.json_schema);
        let codex = |base| options(ProviderKind::Codex, base).codex_backend;
        assert!(codex("https://chatgpt.com/backend-api/codex"));
        assert!(!codex("https://api.openai.com/v1"));
        let ids = |base| options(ProviderKind::Gemini, base).call_ids;
        assert!(ids("https://generativelanguage.googleapis.com"));
        assert!(!ids("https://aiplatform.googleapis.com"));
        assert!(!ids("https://eu-AIplatform.googleapis.com:443"));
    }
}
