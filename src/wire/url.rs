//! Where a request goes: the provider's base URL joined with the client's path.
//!
//! Operators write base URLs with and without a version, sometimes with the whole endpoint; each
//! of these must lead to one address without a doubled part.

use std::borrow::Cow;

/// Endpoint roots that a base URL may already end in.
const ENDPOINT_ROOTS: [&str; 6] =
    ["/responses", "/messages", "/chat/completions", "/embeddings", "/models", "/completions"];

/// Where Google's models stand at Vertex.
const PUBLISHER: &str = "/publishers/google";

/// Joins a base URL and a request path; the query is the request's, without the gateway's key.
#[must_use]
pub fn join(base: &str, path: &str, query: Option<&str>) -> String {
    let base = before_query(base).trim_end_matches('/');
    let (origin, base_path) = split_origin(base);
    let query = query.filter(|query| !query.is_empty());
    let joined = joined_path(base_path, path);
    let most = origin.len() + joined.len() + query.map_or(0, |query| query.len() + 1);
    let mut url = String::with_capacity(most);
    url.push_str(origin);
    url.push_str(&joined);
    if let Some(query) = query {
        url.push('?');
        url.push_str(query);
    }
    url
}

/// Takes an endpoint's own path off a base URL that ends in one: what its other endpoints hang on.
#[must_use]
pub fn without_endpoint(base: &str) -> &str {
    let base = before_query(base).trim_end_matches('/');
    ENDPOINT_ROOTS.iter().find_map(|root| base.strip_suffix(root)).unwrap_or(base)
}

/// Returns the host and port of a base URL, as they are written.
#[must_use]
pub fn authority(base: &str) -> &str {
    let (origin, _) = split_origin(before_query(base));
    let named = origin.get(after_scheme(origin)..).unwrap_or(origin);
    let user = memchr::memrchr(b'@', named.as_bytes());
    user.and_then(|at| named.get(at + 1..)).unwrap_or(named)
}

/// Returns the host of a base URL as it is written, without a port and the dot that may stand at its end.
#[must_use]
pub fn host(base: &str) -> &str {
    let authority = authority(base);
    let bytes = authority.as_bytes();
    // The colons of an address of IPv6 stand in brackets.
    let from = memchr::memchr(b']', bytes).unwrap_or_default();
    let port = memchr::memchr(b':', bytes.get(from..).unwrap_or_default()).map(|at| from + at);
    let host = port.and_then(|port| authority.get(..port)).unwrap_or(authority);
    host.strip_suffix('.').unwrap_or(host)
}

/// Tells whether a base URL leads to a site, or to a part of it: `openai.com` and `api.openai.com`. The site is
/// written in small letters.
#[must_use]
pub fn is_at(base: &str, site: &str) -> bool {
    is_at_any(base, &[site])
}

/// Tells whether it leads to one of several.
#[must_use]
pub fn is_at_any(base: &str, sites: &[&str]) -> bool {
    let host = host(base);
    sites.iter().any(|site| {
        let parts = host.len().checked_sub(site.len()).and_then(|at| host.split_at_checked(at));
        parts.is_some_and(|(part, tail)| {
            tail.eq_ignore_ascii_case(site) && (part.is_empty() || part.ends_with('.'))
        })
    })
}

/// Returns a base URL without user, password and query: as it may be shown.
#[must_use]
pub fn bare(base: &str) -> String {
    let base = before_query(base);
    let (origin, path) = split_origin(base);
    let scheme = origin.split_once("://").map_or("", |(scheme, _)| scheme);
    let between = if scheme.is_empty() { "" } else { "://" };
    format!("{scheme}{between}{}{path}", authority(base))
}

/// Returns what stands before a query or fragment. Both marks are ASCII: bytes are enough to look at.
fn before_query(url: &str) -> &str {
    let end = memchr::memchr2(b'?', b'#', url.as_bytes());
    end.and_then(|end| url.get(..end)).unwrap_or(url)
}

/// Returns where the host begins: behind `://`, or at the start.
fn after_scheme(url: &str) -> usize {
    let mut colons = memchr::memchr_iter(b':', url.as_bytes());
    colons.find(|at| url.get(*at..*at + 3) == Some("://")).map_or(0, |at| at + 3)
}

/// Splits `scheme://host[:port]` from the path.
fn split_origin(url: &str) -> (&str, &str) {
    let after_scheme = after_scheme(url);
    let rest = url.as_bytes().get(after_scheme..).unwrap_or_default();
    let path_at = memchr::memchr(b'/', rest);
    path_at.map_or((url, ""), |at| url.split_at(after_scheme + at))
}

fn joined_path<'p>(base: &str, path: &'p str) -> Cow<'p, str> {
    if base.is_empty() || extends(path, base) {
        return Cow::Borrowed(path);
    }
    let root = ENDPOINT_ROOTS.into_iter().find(|root| base.ends_with(root));
    if let Some(rest) = root.and_then(|root| behind_root(path, root)) {
        return format!("{base}{rest}").into();
    }
    // Another endpoint than the one that the base names stands beside it.
    let base = root.and_then(|root| base.strip_suffix(root)).unwrap_or(base);
    let (_, last) = base.rsplit_once('/').unwrap_or(("", base));
    if is_version(last)
        && let Some((version, rest)) = path.trim_start_matches('/').split_once('/')
        && is_version(version)
    {
        return format!("{base}/{rest}").into();
    }
    format!("{base}{path}").into()
}

/// Returns what stands behind an endpoint's root, where a path has it directly behind its version (or, as
/// models stand, behind their publisher): of `/v1/x/responses` nobody knows what it is.
fn behind_root<'p>(path: &'p str, root: &str) -> Option<&'p str> {
    let (version, _) = path.strip_prefix('/')?.split_once('/')?;
    let behind = path.get(version.len() + 1..).filter(|_| is_version(version))?;
    let behind = behind.strip_prefix(PUBLISHER).filter(|_| root == "/models").unwrap_or(behind);
    let rest = behind.strip_prefix(root)?;
    (rest.is_empty() || rest.starts_with(['/', ':'])).then_some(rest)
}

/// Tells whether `path` is `base` itself or below it.
fn extends(path: &str, base: &str) -> bool {
    path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':']))
}

/// Tells whether a path part is a version: `v1`, `v4`, `v1beta`, `v1beta1`.
fn is_version(part: &str) -> bool {
    let Some(rest) = part.strip_prefix('v') else { return false };
    let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.len() > digits.len()
        && (digits.is_empty() || digits.starts_with("beta") || digits.starts_with("alpha"))
}

#[cfg(test)]
mod tests {
    use super::{authority, bare, host, is_at, join, without_endpoint};

    #[test]
    fn a_site_is_known_by_its_host_however_it_is_written() {
        for (base, is_there) in [
            ("https://openai.com", true),
            ("https://api.openai.com/v1", true),
            ("https://eu.api.OpenAI.com:443/v1?x=1", true),
            ("http://user:pa:ss@api.openai.com:8443", true),
            ("https://api.openai.com./v1", true),
            ("api.openai.com", true),
            ("https://my-openai.com", false),
            ("https://openai.com.a.example", false),
            ("https://openai.com@a.example/v1", false),
            ("https://a.example/openai.com", false),
            ("https://a.example?openai.com", false),
            ("https://a.example#.openai.com", false),
            ("https://com", false),
            ("https://\u{e4}penai.com", false),
            ("", false),
        ] {
            assert_eq!(is_at(base, "openai.com"), is_there, "{base}");
        }
        for (base, expected) in [
            ("http://[::1]:9/x", "[::1]"),
            ("http://[::1]", "[::1]"),
            ("http://u@a.example:81", "a.example"),
            ("a.example.", "a.example"),
        ] {
            assert_eq!(host(base), expected, "{base}");
        }
    }

    #[test]
    fn a_base_is_shown_without_who_we_are_there() {
        for (base, host, shown) in [
            ("https://a.example/v1", "a.example", "https://a.example/v1"),
            ("http://u:p@b:81/x?key=1#y", "b:81", "http://b:81/x"),
            ("http://[::1]:9", "[::1]:9", "http://[::1]:9"),
            ("c.example", "c.example", "c.example"),
        ] {
            assert_eq!((authority(base), bare(base).as_str()), (host, shown));
        }
    }

    #[test]
    fn bases_of_every_habit_lead_to_one_address() {
        for (base, path, expected) in [
            ("https://a.com", "/v1/messages", "https://a.com/v1/messages"),
            ("https://a.com/", "/v1/messages", "https://a.com/v1/messages"),
            ("https://a.com/v1", "/v1/messages", "https://a.com/v1/messages"),
            (
                "https://a.com/api/v4",
                "/v1/chat/completions",
                "https://a.com/api/v4/chat/completions",
            ),
            ("https://a.com/anthropic", "/v1/messages", "https://a.com/anthropic/v1/messages"),
            ("https://a.com/v1/messages", "/v1/messages", "https://a.com/v1/messages"),
            (
                "https://a.com/v1/messages",
                "/v1/messages/count_tokens",
                "https://a.com/v1/messages/count_tokens",
            ),
            (
                "https://a.com/x/responses",
                "/v1/responses/compact",
                "https://a.com/x/responses/compact",
            ),
            // Beside the endpoint that the base names, and never in its place.
            (
                "https://a.com/v1/chat/completions",
                "/v1/completions",
                "https://a.com/v1/completions",
            ),
            ("https://a.com/v1/chat/completions", "/v1/embeddings", "https://a.com/v1/embeddings"),
            ("https://a.com/x/responses", "/v1/x/responses", "https://a.com/x/v1/x/responses"),
            ("https://a.com/x/responses", "/v1/responsesx", "https://a.com/x/v1/responsesx"),
            (
                "https://a.com/v1beta1/projects/p/publishers/google/models",
                "/v1beta1/publishers/google/models/m:generateContent",
                "https://a.com/v1beta1/projects/p/publishers/google/models/m:generateContent",
            ),
            (
                "https://a.com/v1beta",
                "/v1beta/models/m:generateContent",
                "https://a.com/v1beta/models/m:generateContent",
            ),
            (
                "https://a.com",
                "/v1internal:generateContent",
                "https://a.com/v1internal:generateContent",
            ),
            (
                "https://a.com/v1internal",
                "/v1internal:countTokens",
                "https://a.com/v1internal:countTokens",
            ),
        ] {
            assert_eq!(join(base, path, None), expected, "{base} + {path}");
        }
    }

    #[test]
    fn the_list_of_models_is_beside_a_base_that_names_one_endpoint() {
        for (base, expected) in [
            ("https://a.com/v1/chat/completions/", "https://a.com/v1/models"),
            ("https://a.com/v1/messages", "https://a.com/v1/models"),
            ("https://a.com/x", "https://a.com/x/v1/models"),
        ] {
            assert_eq!(join(without_endpoint(base), "/v1/models", None), expected, "{base}");
        }
    }

    #[test]
    fn the_query_of_the_request_goes_along() {
        assert_eq!(
            join("https://a.com?x=1", "/v1/m", Some("beta=true")),
            "https://a.com/v1/m?beta=true"
        );
    }
}
