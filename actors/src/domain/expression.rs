//! Regular expressions that operators write: what they may cost, and what is known of what they find.
//!
//! The engine takes time with the length of a text and has no look-around. A search has memory of its own
//! that ends with it, so that a thread holds that of one expression, however many there are.

mod reach;

use std::ops::Range;

use regex_automata::Input;
use regex_automata::meta::{Cache, Config, Regex};
use regex_automata::util::captures::Captures;
use regex_automata::util::iter::Searcher;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;
use thiserror::Error;

/// The largest program one expression may become, in bytes. Its engine reads backwards too and may take
/// twice that.
pub const LARGEST_PROGRAM: usize = 2 << 20;
/// What a search may remember of the text it reads, in bytes; less than twice the largest program would
/// leave that without its quick engine.
const LARGEST_MEMORY: usize = 4 << 20;
/// Letters, digits, blanks and signs in the middle of which nothing begins or ends.
const SAMPLES: [&str; 7] =
    ["\u{e000}\u{e000}\u{e000}", "aaa", "AAA", "000", "   ", "---", "\u{4e2d}\u{4e2d}\u{4e2d}"];
/// A text in which nothing is that anybody looks for.
const STRANGE: &str = "\u{e000} a \u{e001}";

/// Whether upper and lower case are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// They are.
    Matters,
    /// They are not.
    Ignored,
}

/// Why an expression cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unusable {
    /// The engine cannot read it.
    #[error("not a regular expression: {0}")]
    Unreadable(String),
    /// Its program would be too large.
    #[error(
        "larger than the size limit of {} MiB: \\w, \\d, \\s and classes with a caret stand for all of \
         Unicode, and a repetition has them as often; [A-Za-z0-9_] or (?-u:\\w) takes far less",
        LARGEST_PROGRAM >> 20
    )]
    TooLarge,
    /// It may be empty, and nothing is found everywhere.
    #[error("it may be empty, and so it is found in every text")]
    Everywhere,
}

/// An expression that can be looked for.
#[derive(Clone, Debug)]
pub struct Expression {
    regex: Regex,
    /// What it finds may be nothing at all.
    may_be_empty: bool,
    reach: Option<usize>,
}

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// The engine cannot read it, or it becomes too large.
    pub fn read(pattern: &str, case: Case) -> Result<Self, Unusable> {
        let hir = parse(pattern, case)?;
        let regex = build(&[&hir], LARGEST_PROGRAM, LARGEST_MEMORY)?;
        let properties = hir.properties();
        Ok(Self {
            regex,
            may_be_empty: properties.minimum_len() == Some(0),
            reach: reach::reach(&hir),
        })
    }

    /// Refuses an expression that is found in every text.
    ///
    /// # Errors
    /// It is.
    pub fn somewhere(self) -> Result<Self, Unusable> {
        if self.may_be_empty && self.is_in(STRANGE) { Err(Unusable::Everywhere) } else { Ok(self) }
    }

    /// Tells whether it is found as nothing between any two letters or signs; what is so at the ends of
    /// texts, lines or words alone is none of these.
    #[must_use]
    pub fn is_between_letters(&self) -> bool {
        let is_within = |text: &str| {
            let mut within = false;
            let told = self.finder().each(text, false, |place| {
                let span = place.span();
                within |= span.is_empty() && span.start > 0 && span.end < text.len();
                Ok::<_, std::convert::Infallible>(())
            });
            told.is_ok() && within
        };
        self.may_be_empty && SAMPLES.iter().any(|text| is_within(text))
    }

    /// Returns what its program takes, in bytes, without what searches take.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.regex.memory_usage()
    }

    /// Returns how many bytes a search reads at most beyond the end of what it finds; `None` is all that is
    /// left of the text.
    #[must_use]
    pub const fn reach(&self) -> Option<usize> {
        self.reach
    }

    /// Tells whether it is found in a text.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        self.finder().is_in(text)
    }

    /// Begins to search, in one text or several.
    #[must_use]
    pub fn finder(&self) -> Finder<'_> {
        let (cache, groups) = (self.regex.create_cache(), self.regex.create_captures());
        Finder { regex: &self.regex, cache, groups }
    }
}

/// A search, with its memory.
#[derive(Debug)]
pub struct Finder<'p> {
    regex: &'p Regex,
    cache: Cache,
    groups: Captures,
}

impl Finder<'_> {
    /// Tells whether the expression is found in a text.
    pub fn is_in(&mut self, text: &str) -> bool {
        let input = Input::new(text).earliest(true);
        self.regex.search_half_with(&mut self.cache, &input).is_some()
    }

    /// Tells of each place where it is found, one behind the other, until `tell` has an error. Groups are
    /// looked for where they are asked for: that takes longer.
    ///
    /// # Errors
    /// The one that `tell` has.
    pub fn each<E>(
        &mut self,
        text: &str,
        has_groups: bool,
        mut tell: impl FnMut(&Place<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut searcher = Searcher::new(Input::new(text));
        loop {
            let found = searcher.try_advance(|input| {
                if !has_groups {
                    return Ok(self.regex.search_with(&mut self.cache, input));
                }
                self.regex.search_captures_with(&mut self.cache, input, &mut self.groups);
                Ok(self.groups.get_match())
            });
            // These searches have no errors.
            let Ok(Some(found)) = found else { return Ok(()) };
            let groups = has_groups.then_some(&self.groups);
            tell(&Place { text, span: found.range(), groups })?;
        }
    }
}

/// A place where an expression is found.
#[derive(Debug)]
pub struct Place<'t> {
    text: &'t str,
    span: Range<usize>,
    groups: Option<&'t Captures>,
}

impl Place<'_> {
    /// Returns where it is, in bytes.
    #[must_use]
    pub const fn span(&self) -> Range<usize> {
        self.span.start..self.span.end
    }

    /// Returns how many groups the expression has, with itself as the first.
    #[must_use]
    pub fn count(&self) -> usize {
        self.groups.map_or(1, Captures::group_len)
    }

    /// Returns what a group has found; empty when that is nothing. Group 0 is the whole.
    #[must_use]
    pub fn group(&self, number: usize) -> &str {
        let span = match (number, self.groups) {
            (0, _) => Some(self.span()),
            (_, groups) => groups.and_then(|groups| groups.get_group(number)).map(|it| it.range()),
        };
        span.and_then(|span| self.text.get(span)).unwrap_or_default()
    }

    /// Returns what a group of this name has found.
    #[must_use]
    pub fn named(&self, name: &str) -> &str {
        let span = self.groups.and_then(|groups| groups.get_group_by_name(name));
        span.and_then(|span| self.text.get(span.range())).unwrap_or_default()
    }
}

/// Several expressions, looked for in one go.
#[derive(Clone, Debug)]
pub struct AnyOf(Regex);

impl AnyOf {
    /// Joins expressions. Their program has at most `largest` bytes.
    ///
    /// # Errors
    /// One cannot be read, or they become too large together.
    pub fn read<'p>(
        patterns: impl IntoIterator<Item = &'p str>,
        case: Case,
        largest: usize,
    ) -> Result<Self, Unusable> {
        let hirs: Vec<Hir> =
            patterns.into_iter().map(|pattern| parse(pattern, case)).collect::<Result<_, _>>()?;
        let hirs: Vec<&Hir> = hirs.iter().collect();
        build(&hirs, largest, 2 * largest.max(LARGEST_PROGRAM)).map(Self)
    }

    /// Tells whether one of them is found in a text. What is remembered of texts is kept for the next one.
    #[must_use]
    pub fn is_in(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    /// Returns what their program takes, in bytes.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.0.memory_usage()
    }
}

fn parse(pattern: &str, case: Case) -> Result<Hir, Unusable> {
    let mut parser = ParserBuilder::new().case_insensitive(case == Case::Ignored).build();
    parser.parse(pattern).map_err(|error| {
        // The parser draws the place over several lines; the last one is the reason.
        let text = error.to_string();
        let reason = text.lines().last().unwrap_or_default().trim();
        Unusable::Unreadable(reason.trim_start_matches("error: ").to_owned())
    })
}

fn build(hirs: &[&Hir], largest: usize, memory: usize) -> Result<Regex, Unusable> {
    let config = Config::new().nfa_size_limit(Some(largest)).hybrid_cache_capacity(memory);
    let built = Regex::builder().configure(config).build_many_from_hir(hirs);
    built.map_err(|error| match error.size_limit() {
        Some(_) => Unusable::TooLarge,
        None => Unusable::Unreadable(error.to_string()),
    })
}

#[cfg(test)]
mod tests;
