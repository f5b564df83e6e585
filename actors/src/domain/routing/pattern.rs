//! Patterns of names: exact, by prefix, suffix or part, with wildcards, or a regular expression.

use std::fmt;
use std::sync::Arc;

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use super::glob;

/// The longest pattern, in bytes.
pub const LONGEST: usize = 512;
/// The largest program a regular expression may become, in bytes.
const LARGEST_PROGRAM: usize = 1 << 20;

/// How a pattern is compared with a name. Case matters in all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PatternKind {
    /// The whole name.
    Exact,
    /// The name's beginning.
    Prefix,
    /// The name's end.
    Suffix,
    /// A part of the name.
    Contains,
    /// The whole name; `*` is any text, `?` any character.
    Glob,
    /// A regular expression that is found anywhere in the name; its engine takes linear time.
    Regex,
    /// What was kept and cannot be read any more: no name.
    Unreadable,
}

impl PatternKind {
    /// Every kind with the word it is written with.
    const WORDS: [(Self, &'static str); 6] = [
        (Self::Exact, "exact"),
        (Self::Prefix, "prefix"),
        (Self::Suffix, "suffix"),
        (Self::Contains, "contains"),
        (Self::Glob, "glob"),
        (Self::Regex, "regex"),
    ];

    /// Splits `kind:text`. Without one of the words the text is a glob where it has a `*`, else
    /// exact: names of models may hold colons, but no stars.
    fn split(written: &str) -> (Self, &str) {
        let named = |(kind, word): (Self, &str)| {
            Some((kind, written.strip_prefix(word)?.strip_prefix(':')?))
        };
        let plain = if written.contains('*') { Self::Glob } else { Self::Exact };
        Self::WORDS.into_iter().find_map(named).unwrap_or((plain, written))
    }
}

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PatternError {
    /// There is nothing to compare with.
    #[error("the pattern is empty")]
    Empty,
    /// It is longer than [`LONGEST`].
    #[error("the pattern is longer than {LONGEST} bytes")]
    TooLong,
    /// The regular expression cannot be compiled.
    #[error("not a regular expression: {0}")]
    Regex(String),
}

/// A pattern, ready to compare. Written `kind:text`, or plain text for an exact name.
#[derive(Clone)]
pub struct Pattern {
    written: Arc<str>,
    kind: PatternKind,
    /// Where the text begins in `written`.
    text_at: usize,
    compiled: Option<Regex>,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn parse(written: &str) -> Result<Self, PatternError> {
        let written = written.trim();
        let (kind, text) = PatternKind::split(written);
        if text.is_empty() {
            return Err(PatternError::Empty);
        }
        if written.len() > LONGEST {
            return Err(PatternError::TooLong);
        }
        let compiled = match kind {
            PatternKind::Regex => Some(compile(text)?),
            _ => None,
        };
        let text_at = written.len() - text.len();
        Ok(Self { written: Arc::from(written), kind, text_at, compiled })
    }

    /// Reads a pattern that was kept. One that cannot be read stands for no name: in a list of what is
    /// allowed it allows nothing, and a list of nothing else stays a list.
    #[must_use]
    pub fn kept(written: &str) -> Self {
        Self::parse(written).unwrap_or_else(|_| Self {
            written: Arc::from(written.trim()),
            kind: PatternKind::Unreadable,
            text_at: 0,
            compiled: None,
        })
    }

    /// Tells whether it could be read.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        self.kind != PatternKind::Unreadable
    }

    /// Returns the pattern as it was written.
    #[must_use]
    pub fn written(&self) -> &Arc<str> {
        &self.written
    }

    /// Returns how it compares.
    #[must_use]
    pub const fn kind(&self) -> PatternKind {
        self.kind
    }

    /// Returns the one name it stands for, `None` when it stands for many.
    #[must_use]
    pub fn exact(&self) -> Option<&str> {
        (self.kind == PatternKind::Exact).then(|| self.text())
    }

    /// Compares it with a name.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let text = self.text();
        match (self.kind, &self.compiled) {
            (_, Some(compiled)) => compiled.is_match(name),
            (PatternKind::Prefix, None) => name.starts_with(text),
            (PatternKind::Suffix, None) => name.ends_with(text),
            (PatternKind::Contains, None) => name.contains(text),
            (PatternKind::Glob, None) => glob::fits(text, Some('?'), name),
            (PatternKind::Unreadable, None) => false,
            (_, None) => name == text,
        }
    }

    /// Orders patterns by how much they say: exact ones first, then longer texts, then the text
    /// itself, so that the order never depends on how a list was kept.
    #[must_use]
    pub fn precedence(&self) -> impl Ord + use<'_> {
        let text = self.text();
        (self.kind != PatternKind::Exact, std::cmp::Reverse(text.len()), self.kind, text)
    }

    fn text(&self) -> &str {
        self.written.get(self.text_at..).unwrap_or_default()
    }
}

fn compile(text: &str) -> Result<Regex, PatternError> {
    RegexBuilder::new(text).size_limit(LARGEST_PROGRAM).build().map_err(|error| {
        // The parser draws the place over several lines; the last one is the reason.
        let text = error.to_string();
        let reason = text.lines().last().unwrap_or_default().trim();
        PatternError::Regex(reason.trim_start_matches("error: ").to_owned())
    })
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.written).finish()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

impl Eq for Pattern {}

impl Serialize for Pattern {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.written)
    }
}

/// What is deserialized was kept; what somebody types is read by [`Pattern::parse`].
impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|written| Self::kept(&written))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(pattern: &str, name: &str) -> bool {
        Pattern::parse(pattern).unwrap().matches(name)
    }

    #[test]
    fn each_kind_compares_in_its_way() {
        for (pattern, hit, miss) in [
            ("claude-opus", "claude-opus", "claude-opus-4"),
            ("exact:a*", "a*", "ab"),
            ("prefix:claude-", "claude-opus", "x-claude-"),
            ("suffix:-fast", "grok-fast", "grok-fast-2"),
            ("contains:opus", "claude-opus-4", "claude-sonnet"),
            ("glob:gpt-?", "gpt-5", "gpt-55"),
            ("claude-*-4*", "claude-opus-4-8", "claude-opus-5"),
            ("regex:^gpt-[45]", "gpt-5-mini", "gpt-3"),
            ("regex:mini|nano", "gpt-5-nano", "gpt-5"),
            ("llama3:8b", "llama3:8b", "llama3"),
        ] {
            assert!(matches(pattern, hit), "{pattern} takes {hit}");
            assert!(!matches(pattern, miss), "{pattern} leaves {miss}");
        }
        assert!(!matches("Claude", "claude"), "case matters");
        assert!(!matches("a.c*", "abc"), "a dot in a glob is a dot");
    }

    #[test]
    fn what_cannot_be_compared_is_refused_with_its_reason() {
        assert_eq!(Pattern::parse("  "), Err(PatternError::Empty));
        assert_eq!(Pattern::parse("prefix:"), Err(PatternError::Empty));
        assert_eq!(Pattern::parse(&"a".repeat(LONGEST + 1)), Err(PatternError::TooLong));
        let error = Pattern::parse("regex:a(").unwrap_err().to_string();
        assert_eq!(error, "not a regular expression: unclosed group");
        let large = Pattern::parse("regex:(\\w{1000}){1000}").unwrap_err();
        assert!(matches!(large, PatternError::Regex(_)), "{large}");
    }

    #[test]
    fn a_pattern_is_kept_as_it_was_written() {
        let read: Vec<Pattern> = serde_json::from_str(r#"["a","prefix:b","c*"]"#).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), r#"["a","prefix:b","c*"]"#);
        assert_eq!(read.iter().filter_map(Pattern::exact).collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn one_that_was_kept_and_cannot_be_read_stands_for_no_name() {
        let read: Vec<Pattern> = serde_json::from_str(r#"["regex:(","", "a"]"#).unwrap();
        let readable: Vec<bool> = read.iter().map(Pattern::is_readable).collect();
        assert_eq!(readable, [false, false, true]);
        for name in ["", "a", "(", "regex:("] {
            assert!(!read[0].matches(name) && !read[1].matches(name), "{name}");
        }
        assert_eq!(read[0].exact(), None);
        assert_eq!(serde_json::to_string(&read).unwrap(), r#"["regex:(","","a"]"#);
    }

    #[test]
    fn what_says_more_goes_first() {
        let written = ["*", "prefix:claude-", "claude-*-4", "claude", "b"];
        let mut patterns: Vec<Pattern> =
            written.iter().map(|text| Pattern::parse(text).unwrap()).collect();
        patterns.sort_by(|one, other| one.precedence().cmp(&other.precedence()));
        let sorted: Vec<&str> = patterns.iter().map(|one| one.written().as_ref()).collect();
        assert_eq!(sorted, ["claude", "b", "claude-*-4", "prefix:claude-", "*"]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}", name in ".{0,20}") {
            if let Ok(pattern) = Pattern::parse(&text) {
                let _ = pattern.matches(&name);
                prop_assert_eq!(Pattern::parse(pattern.written()), Ok(pattern.clone()));
            }
        }
    }
}
