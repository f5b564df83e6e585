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
    )
}

/// Tells whether a name begins as such headers do.
fn begins_as_ours(name: &str) -> bool {
    match name.as_bytes().first() {
        Some(b'x') => ["x-forwarded-", "x-b3-", "x-envoy-", "x-vercel-", "x-switchyard-", "x-cch-"]
            .iter()
            .any(|prefix| name.starts_with(prefix)),
        Some(b'c') => name.starts_with("cf-"),
        Some(b's') => name.starts_with("sec-fetch-"),
        _ => false,
    }
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
}
