//! Where requests to a provider would go, before it is saved: the relay's own rule, shown.

use switchyard_actors::domain::dialect::ProviderKind;

use super::address;
use crate::wire::url;

/// The place of the model in an address.
const MODEL: &str = "{model}";

/// One address that is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Called {
    /// What for: the stable name of an operation of [`switchyard_actors::domain::dialect::Operation`].
    pub operation: &'static str,
    /// The whole address, without user name and password.
    pub url: String,
}

/// Returns the addresses at which a provider is called; none of an address that is not one.
#[must_use]
pub fn preview(kind: ProviderKind, base: &str) -> Vec<Called> {
    let base = base.trim();
    if !address::is_http(base) {
        return Vec::new();
    }
    let shown = address::without_credentials(base);
    let called = |(operation, path): &(&'static str, &str)| Called {
        operation,
        url: url::join(&shown, &path.replace("MODEL", MODEL), None),
    };
    paths(kind).iter().map(called).collect()
}

/// The paths of a kind's clients, the main one first.
const fn paths(kind: ProviderKind) -> &'static [(&'static str, &'static str)] {
    match kind {
        ProviderKind::Claude | ProviderKind::ClaudeAuth => {
            &[("generate", "/v1/messages"), ("count_tokens", "/v1/messages/count_tokens")]
        }
        ProviderKind::Codex => {
            &[("generate", "/v1/responses"), ("compact", "/v1/responses/compact")]
        }
        ProviderKind::Gemini => &[
            ("generate", "/v1beta/models/MODEL:streamGenerateContent"),
            ("count_tokens", "/v1beta/models/MODEL:countTokens"),
        ],
        ProviderKind::GeminiCli => &[
            ("generate", "/v1internal:streamGenerateContent"),
            ("count_tokens", "/v1internal:countTokens"),
        ],
        ProviderKind::OpenaiCompatible => {
            &[("generate", "/v1/chat/completions"), ("embed", "/v1/embeddings")]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::detect;

    fn first(kind: ProviderKind, base: &str) -> Option<String> {
        preview(kind, base).into_iter().next().map(|called| called.url)
    }

    #[test]
    fn every_kind_shows_where_its_requests_go() {
        for (kind, base, wanted) in [
            (ProviderKind::Claude, "https://a.example", "https://a.example/v1/messages"),
            (ProviderKind::Codex, " https://a.example/v1/ ", "https://a.example/v1/responses"),
            (
                ProviderKind::OpenaiCompatible,
                "https://a.example/api/paas/v4",
                "https://a.example/api/paas/v4/chat/completions",
            ),
            (
                ProviderKind::Gemini,
                "https://a.example",
                "https://a.example/v1beta/models/{model}:streamGenerateContent",
            ),
        ] {
            assert_eq!(first(kind, base).as_deref(), Some(wanted));
        }
    }

    #[test]
    fn what_is_shown_is_a_path_that_the_relay_serves_for_the_kind() {
        for kind in ProviderKind::ALL {
            for (operation, path) in paths(kind) {
                let route = detect::route("POST", &path.replace("MODEL", "m"), None).unwrap();
                assert!(kind.speaks(route.dialect), "{kind}: {path}");
                assert_eq!(route.operation.name(), *operation, "{kind}: {path}");
            }
        }
    }

    #[test]
    fn an_address_that_is_none_has_no_preview_and_passwords_are_not_shown() {
        for base in ["", "api.example.com", "ftp://a.example", "https://"] {
            assert_eq!(first(ProviderKind::Claude, base), None, "{base}");
        }
        let shown = first(ProviderKind::Claude, "https://u:secret@a.example/x").unwrap();
        assert_eq!(shown, "https://a.example/x/v1/messages");
    }
}
