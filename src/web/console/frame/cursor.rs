//! Where a page of a table begins: the key of the last row of the page before, as a text that fits
//! into an address and says nothing to be edited by hand.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::Serialize;

/// The key of a row, in its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor(Vec<String>);

impl Cursor {
    /// Makes one from the parts of a key.
    #[must_use]
    pub fn new<T: ToString>(parts: impl IntoIterator<Item = T>) -> Self {
        Self(parts.into_iter().map(|part| part.to_string()).collect())
    }

    /// Reads one; what nobody made is none, and the table begins at its start.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64.decode(text).ok()?;
        serde_json::from_slice(&bytes).ok().map(Self)
    }

    /// Returns a part.
    #[must_use]
    pub fn part(&self, index: usize) -> Option<&str> {
        self.0.get(index).map(String::as_str)
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text = serde_json::to_string(&self.0).unwrap_or_default();
        f.write_str(&BASE64.encode(text))
    }
}

/// The links below a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pager {
    /// The address of the first page, when this is not it.
    pub first: Option<String>,
    /// The address of the next page, when there is one.
    pub next: Option<String>,
}

impl Pager {
    /// Makes the links of a table at `path` with the filters in `query` (each a name and a value;
    /// empty ones are left out).
    #[must_use]
    pub fn new(path: &str, query: &[(&str, &str)], is_first: bool, next: Option<&Cursor>) -> Self {
        let next = next.map(ToString::to_string);
        let first = (!is_first).then(|| address(path, query, None));
        Self { first, next: next.map(|cursor| address(path, query, Some(&cursor))) }
    }
}

/// Writes an address with a query.
#[must_use]
pub fn address(path: &str, query: &[(&str, &str)], before: Option<&str>) -> String {
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in query.iter().filter(|(_, value)| !value.is_empty()) {
        pairs.append_pair(name, value);
    }
    if let Some(before) = before {
        pairs.append_pair("before", before);
    }
    let query = pairs.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_was_and_nonsense_is_none() {
        let cursor = Cursor::new(["gpt-5 \"x\"", "17"]);
        let back = Cursor::parse(&cursor.to_string()).unwrap();
        assert_eq!((back.part(0), back.part(1)), (Some("gpt-5 \"x\""), Some("17")));
        assert_eq!(back.part(2), None);
        for text in ["", "%%%", "aGVsbG8"] {
            assert_eq!(Cursor::parse(text), None, "{text}");
        }
    }

    #[test]
    fn links_keep_the_filters_that_are_set() {
        let next = Cursor::new([1]);
        let pager = Pager::new("/prices", &[("q", "a b"), ("source", "")], false, Some(&next));
        assert_eq!(pager.first.as_deref(), Some("/prices?q=a+b"));
        assert_eq!(pager.next, Some(format!("/prices?q=a+b&before={next}")));
        let only = Pager::new("/prices", &[], true, None);
        assert_eq!(only, Pager { first: None, next: None });
    }
}
