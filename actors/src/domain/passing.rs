//! Which of a client's headers may go to a vendor, by their lower-case names.

/// Tells whether a client's header goes to the vendor.
#[must_use]
pub fn passes_up(name: &str) -> bool {
    !is_hop_by_hop(name) && !stays_here(name) && !begins_as_ours(name)
}

/// Headers that belong to one connection or to us, and are never passed on (RFC 9110, 7.6.1).
#[must_use]
pub fn is_hop_by_hop(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "keep-alive"
            | "proxy-authenticate"
            | "proxy-authorization"
            | "proxy-connection"
            | "te"
            | "trailer"
            | "transfer-encoding"
            | "upgrade"
            | "expect"
            | "content-length"
            | "host"
    )
}

/// Tells whether a text is a token, as the names of headers and of their parameters are (RFC 9110, 5.6.2).
#[must_use]
pub fn is_token(text: &str) -> bool {
    let is_sign = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_sign)
}

/// Headers that say how a request is framed, where it goes, and how its bytes are to be read.
#[must_use]
pub fn is_framing(name: &str) -> bool {
    is_hop_by_hop(name) || matches!(name, "accept-encoding" | "content-encoding")
}

/// Further headers of the client that stay here: credentials, encodings we set, addresses of the
/// client and its network, traces of another system.
fn stays_here(name: &str) -> bool {
    matches!(
        name,
        "authorization"
            | "x-api-key"
            | "x-goog-api-key"
            | "cookie"
            | "accept-encoding"
            | "content-encoding"
            | "forwarded"
            | "via"
            | "x-real-ip"
            | "x-client-ip"
            | "x-originating-ip"
            | "true-client-ip"
            | "x-remote-ip"
            | "x-remote-addr"
            | "x-cluster-client-ip"
            | "cdn-loop"
            | "x-request-id"
            | "x-correlation-id"
            | "x-amzn-trace-id"
            | "traceparent"
            | "tracestate"
            | "baggage"
            | "b3"
            | "sentry-trace"
            | "origin"
            | "referer"
            // Another method or path than the one that was judged here.
            | "x-http-method"
            | "x-http-method-override"
            | "x-method-override"
            | "x-original-url"
            | "x-rewrite-url"
            | "client-ip"
            | "remote-user"
            | "x-remote-user"
            | "x-appengine-user-ip"
            | "x-cloud-trace-context"
    )
}

/// Tells whether a name begins as such headers do: those of networks, of proxies that know who the client is,
/// and our own.
fn begins_as_ours(name: &str) -> bool {
    let known: &[&str] = match name.as_bytes().first() {
        Some(b'x') => &[
            "x-forwarded-",
            "x-b3-",
            "x-envoy-",
            "x-vercel-",
            "x-switchyard-",
            "x-cch-",
            "x-amzn-oidc-",
            "x-auth-request-",
            "x-authentik-",
            "x-azure-",
            "x-client-cert",
            "x-datadog-",
            "x-goog-authenticated-user-",
            "x-goog-iap-",
            "x-ms-client-principal",
            "x-ssl-client-",
        ],
        Some(b'c') => &["cf-"],
        Some(b'f') => &["fly-", "fastly-"],
        Some(b'r') => &["remote-"],
        Some(b's') => &["sec-fetch-", "ssl-client-"],
        Some(b't') => &["tailscale-"],
        _ => &[],
    };
    known.iter().any(|prefix| name.starts_with(prefix))
}

/// Tells whether a vendor's header goes to the client. What a browser would take as this server's own word
/// stays here: the console has the same address.
#[must_use]
pub fn passes_down(name: &str) -> bool {
    !is_hop_by_hop(name)
        && !matches!(
            name,
            "date"
                | "server"
                | "alt-svc"
                | "clear-site-data"
                | "content-security-policy"
                | "content-security-policy-report-only"
                | "nel"
                | "public-key-pins"
                | "refresh"
                | "report-to"
                | "reporting-endpoints"
                | "service-worker-allowed"
                | "set-cookie"
                | "set-cookie2"
                | "sourcemap"
                | "strict-transport-security"
                | "x-frame-options"
                | "x-sourcemap"
        )
        && !name.starts_with("x-switchyard-")
        && !name.starts_with("access-control-")
        && !name.starts_with("cross-origin-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_addresses_and_hops_stay_here_and_betas_pass() {
        for name in [
            "authorization",
            "x-api-key",
            "x-goog-api-key",
            "expect",
            "x-forwarded-for",
            "cf-ray",
            "host",
            "x-http-method-override",
            "x-original-url",
            "x-goog-iap-jwt-assertion",
            "x-ms-client-principal-name",
            "fly-client-ip",
            "remote-groups",
        ] {
            assert!(!passes_up(name), "{name}");
        }
        for name in [
            "anthropic-beta",
            "anthropic-version",
            "user-agent",
            "x-app",
            "x-stainless-lang",
            "session-id",
        ] {
            assert!(passes_up(name), "{name}");
        }
    }

    #[test]
    fn what_a_browser_would_take_for_our_word_stays_here() {
        for name in ["set-cookie", "service-worker-allowed", "clear-site-data", "transfer-encoding"]
        {
            assert!(!passes_down(name), "{name}");
        }
        for name in
            ["anthropic-ratelimit-requests-remaining", "retry-after", "content-type", "etag"]
        {
            assert!(passes_down(name), "{name}");
        }
    }
}
