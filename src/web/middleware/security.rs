//! Headers that keep pages to themselves: nothing from outside hosts, nothing inline, no frames.

use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
                      script-src 'self'; font-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The policy of a page whose script, one that we serve, makes styles of its own.
pub const POLICY_WITH_INLINE_STYLES: &str = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     script-src 'self'; font-src 'self'; connect-src 'self'; \
     base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Adds the headers, where a handler has not set its own.
pub fn protect(headers: &mut HeaderMap) {
    let own: [(HeaderName, &'static str); 4] = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        // Not "no-referrer": browsers then send `Origin: null` with forms, which is what they are told
        // apart by where there is no HTTPS.
        (REFERRER_POLICY, "same-origin"),
    ];
    for (name, value) in own {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

/// What a browser may do with an answer that a vendor wrote: nothing. It would run it with the rights of the
/// console, whose address is the same.
const OF_A_VENDOR: &str = "default-src 'none'; sandbox";

/// Adds the headers of an answer of the relay. JSON and events, the answers of nearly all, are no pages.
pub fn shut(headers: &mut HeaderMap) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let kind = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let kind = kind.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    let is_data = |known: &&[u8]| kind.eq_ignore_ascii_case(known);
    if ![&b"application/json"[..], b"text/event-stream"].iter().any(is_data) {
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(OF_A_VENDOR));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_vendor_wrote_is_no_page_of_ours() {
        for (kind, is_shut) in [
            ("text/html", true),
            ("application/jsonp", true),
            ("image/svg+xml", true),
            ("", true),
            ("Application/JSON; charset=utf-8", false),
            ("text/event-stream", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
            shut(&mut headers);
            assert_eq!(headers.contains_key(CONTENT_SECURITY_POLICY), is_shut, "{kind}");
            assert!(headers.contains_key(X_CONTENT_TYPE_OPTIONS));
        }
    }

    #[test]
    fn the_looser_policy_is_looser_in_styles_alone() {
        let loosened = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'");
        assert_eq!(loosened, POLICY_WITH_INLINE_STYLES);
    }
}
