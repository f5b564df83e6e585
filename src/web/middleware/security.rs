//! Headers that keep pages to themselves: nothing from outside hosts, nothing inline, no frames.

use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_looser_policy_is_looser_in_styles_alone() {
        let loosened = POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'");
        assert_eq!(loosened, POLICY_WITH_INLINE_STYLES);
    }
}
