//! What bounds a search of the web, as any family says it. Domains are a promise to whoever searches: a
//! search whose domains a target cannot bound is not offered there. What else it cannot bound is left out
//! and said.

use super::gemini::pairs::Pairs;
use super::hub::Json;
use super::loss::{Losses, Token};

/// Bounds of one search.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SearchBounds {
    /// Domains that alone are searched: a list, as it was written.
    pub allowed: Option<Json>,
    /// Domains that are not searched: a list, as it was written.
    pub blocked: Option<Json>,
    has_location: bool,
    has_uses: bool,
    has_times: bool,
}

/// Where each family has its bounds.
const ALLOWED: [&[&str]; 2] = [&["allowed_domains"], &["filters", "allowed_domains"]];
const BLOCKED: [&[&str]; 4] = [
    &["blocked_domains"],
    &["filters", "blocked_domains"],
    &["googleSearch", "excludeDomains"],
    &["google_search", "exclude_domains"],
];
const TIMES: [&[&str]; 2] =
    [&["googleSearch", "timeRangeFilter"], &["google_search", "time_range_filter"]];

impl SearchBounds {
    /// Reads them off a tool.
    #[must_use]
    pub fn of(raw: &Json) -> Self {
        let first = |paths: &[&[&str]]| paths.iter().find_map(|path| found(raw.text(), path));
        Self {
            allowed: first(&ALLOWED),
            blocked: first(&BLOCKED),
            has_location: first(&[&["user_location"]]).is_some(),
            has_uses: first(&[&["max_uses"]]).is_some(),
            has_times: first(&TIMES).is_some(),
        }
    }

    /// Tells whether domains are bounded.
    #[must_use]
    pub const fn has_domains(&self) -> bool {
        self.allowed.is_some() || self.blocked.is_some()
    }

    /// Says that a target does not know where the user is. `at` is the tool's place.
    pub fn say_location(&self, losses: &mut Losses, at: &str) {
        losses.push_if(self.has_location, Token::DropHostedTool, &format!("{at}/user_location"));
    }

    /// Says what no other family knows: how often may be searched, and of what time.
    pub fn say_others(&self, losses: &mut Losses, at: &str) {
        losses.push_if(self.has_uses, Token::DropHostedTool, &format!("{at}/max_uses"));
        losses.push_if(self.has_times, Token::DropHostedTool, &format!("{at}/timeRangeFilter"));
    }
}

/// Finds what stands below keys of keys; nothing and an empty list bound nothing.
fn found(text: &str, path: &[&str]) -> Option<Json> {
    let (key, rest) = path.split_first()?;
    let value = Pairs::read(text)?.get(key)?.get();
    if rest.is_empty() {
        let is_empty = value.strip_prefix('[').is_some_and(|list| list.trim_start() == "]");
        return Json::parse(value).filter(|_| !is_empty);
    }
    found(value, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_family_says_its_bounds_elsewhere() {
        let of = |text: &str| SearchBounds::of(&Json::parse(text).unwrap());
        for text in [
            r#"{"allowed_domains":["a.org"]}"#,
            r#"{"filters":{"allowed_domains":["a.org"],"blocked_domains":[ ]}}"#,
        ] {
            let bounds = of(text);
            assert_eq!(bounds.allowed.unwrap().text(), r#"["a.org"]"#, "{text}");
            assert_eq!(bounds.blocked, None, "{text}");
        }
        for text in [
            r#"{"blocked_domains":["b.org"],"allowed_domains":null}"#,
            r#"{"filters":{"blocked_domains":["b.org"]}}"#,
            r#"{"googleSearch":{"excludeDomains":["b.org"]}}"#,
        ] {
            assert_eq!(of(text).blocked.unwrap().text(), r#"["b.org"]"#, "{text}");
        }
        for text in ["{}", r#"{"allowed_domains":[]}"#, r#"{"filters":[1]}"#, "[1]", "true"] {
            assert_eq!(of(text), SearchBounds::default(), "{text}");
        }
        // What cannot be read bounds all the same.
        assert!(of(r#"{"allowed_domains":"a.org"}"#).has_domains());
    }

    #[test]
    fn what_is_not_kept_is_said_by_its_place() {
        let raw = r#"{"max_uses":3,"user_location":{"city":"Ulm"}}"#;
        let (bounds, mut losses) =
            (SearchBounds::of(&Json::parse(raw).unwrap()), Losses::default());
        bounds.say_location(&mut losses, "/tools/1");
        bounds.say_others(&mut losses, "/tools/1");
        let paths: Vec<&str> = losses.iter().map(|loss| loss.path.as_str()).collect();
        assert_eq!(paths, ["/tools/1/max_uses", "/tools/1/user_location"]);
    }
}
