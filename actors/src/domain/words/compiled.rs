//! A list of words, ready to be looked for.

use std::sync::Arc;

use aho_corasick::AhoCorasick;
use regex::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use thiserror::Error;

use super::fold::{fold, fold_into};
use super::{Found, WordKind};
use crate::domain::instant::Micros;
use crate::domain::map::Map;

/// The most patterns of a list: without a common automaton each of them reads every text.
pub const MOST_PATTERNS: usize = 1_000;
/// The largest program one pattern may become, in bytes.
const LARGEST_PROGRAM: usize = 256 << 10;
/// What the engine of one pattern may remember of the texts it reads, in bytes.
const LARGEST_MEMORY: usize = 512 << 10;
/// The largest program of all patterns together; more are tried one by one.
const LARGEST_SET: usize = 16 << 20;
/// What the engine of all patterns may remember of the texts it reads, in bytes.
const LARGEST_SET_MEMORY: usize = 8 << 20;

/// Why a word cannot be looked for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unreadable {
    /// There is nothing to look for: it would be found in every text.
    #[error("the word is blank")]
    Blank,
    /// The pattern is no regular expression of the linear-time engine.
    #[error("not a regular expression: {0}")]
    Regex(String),
    /// There are as many patterns as are looked for.
    #[error("there are {MOST_PATTERNS} patterns already")]
    TooMany,
    /// The words have no common automaton: they are looked for one by one, which is slow.
    #[error("the list is looked for word by word: {0}")]
    Slow(String),
}

/// How many words there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Of [`WordKind::Contains`].
    pub contains: usize,
    /// Of [`WordKind::Exact`].
    pub exact: usize,
    /// Of [`WordKind::Regex`].
    pub regex: usize,
}

impl Counts {
    /// Returns how many there are of all kinds.
    #[must_use]
    pub const fn total(self) -> usize {
        self.contains + self.exact + self.regex
    }
}

/// A list of words, ready to be looked for.
#[derive(Clone, Debug, Default)]
pub struct Words {
    contained: Vec<Arc<str>>,
    automaton: Option<AhoCorasick>,
    exact: Map<Box<str>, Arc<str>>,
    exact_count: usize,
    /// The longest exact word, folded, in bytes.
    longest_exact: usize,
    patterns: Vec<(Arc<str>, Regex)>,
    set: Option<RegexSet>,
    loaded_at: Option<Micros>,
}

/// Tells whether a word can be looked for.
///
/// # Errors
/// Says what is wrong with it.
pub fn readable(kind: WordKind, word: &str) -> Result<(), Unreadable> {
    if word.trim().is_empty() {
        return Err(Unreadable::Blank);
    }
    if kind == WordKind::Regex { compile(word).map(drop) } else { Ok(()) }
}

impl Words {
    /// Compiles a list; what cannot be looked for is handed to `say` and left out.
    #[must_use]
    pub fn compile(
        words: impl IntoIterator<Item = (WordKind, Arc<str>)>,
        mut say: impl FnMut(&str, Unreadable),
    ) -> Self {
        let mut compiled = Self::default();
        for (kind, word) in words {
            if let Err(why) = compiled.add(kind, &word) {
                say(&word, why);
            }
        }
        compiled.finish(say);
        compiled
    }

    /// Says when the list was read.
    #[must_use]
    pub const fn loaded_at(mut self, at: Micros) -> Self {
        self.loaded_at = Some(at);
        self
    }

    /// Returns when the list was read.
    #[must_use]
    pub const fn when_loaded(&self) -> Option<Micros> {
        self.loaded_at
    }

    fn add(&mut self, kind: WordKind, word: &Arc<str>) -> Result<(), Unreadable> {
        if word.trim().is_empty() {
            return Err(Unreadable::Blank);
        }
        match kind {
            WordKind::Contains => self.contained.push(Arc::clone(word)),
            WordKind::Exact => {
                let folded = fold(word.trim());
                self.longest_exact = self.longest_exact.max(folded.len());
                self.exact_count += 1;
                self.exact.entry(folded.into()).or_insert_with(|| Arc::clone(word));
            }
            WordKind::Regex if self.patterns.len() >= MOST_PATTERNS => {
                return Err(Unreadable::TooMany);
            }
            WordKind::Regex => self.patterns.push((Arc::clone(word), compile(word)?)),
        }
        Ok(())
    }

    /// Makes the automata. A list without one is looked for word by word: no word is let pass.
    fn finish(&mut self, mut say: impl FnMut(&str, Unreadable)) {
        let mut slow = |word: Option<&str>, why: String| {
            say(word.unwrap_or_default(), Unreadable::Slow(why));
        };
        if !self.contained.is_empty() {
            match AhoCorasick::new(self.contained.iter().map(|word| fold(word))) {
                Ok(automaton) => self.automaton = Some(automaton),
                Err(error) => slow(self.contained.first().map(AsRef::as_ref), error.to_string()),
            }
        }
        if self.patterns.len() > 1 {
            let texts = self.patterns.iter().map(|(word, _)| word.as_ref());
            let mut set = RegexSetBuilder::new(texts);
            set.case_insensitive(true).size_limit(LARGEST_SET).dfa_size_limit(LARGEST_SET_MEMORY);
            match set.build() {
                Ok(set) => self.set = Some(set),
                Err(error) => {
                    slow(self.patterns.first().map(|it| it.0.as_ref()), error.to_string());
                }
            }
        }
    }

    /// Tells whether there is nothing to look for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.counts().total() == 0
    }

    /// Counts the words.
    #[must_use]
    pub fn counts(&self) -> Counts {
        Counts {
            contains: self.contained.len(),
            exact: self.exact_count,
            regex: self.patterns.len(),
        }
    }

    /// Looks for what a piece of a text contains. `folded` is a buffer.
    pub(super) fn contained_in(&self, piece: &str, folded: &mut String) -> Option<Found> {
        if self.contained.is_empty() {
            return None;
        }
        folded.clear();
        fold_into(folded, piece);
        let place = match &self.automaton {
            Some(automaton) => automaton.find(folded.as_str())?.pattern().as_usize(),
            None => self.contained.iter().position(|word| folded.contains(&fold(word)))?,
        };
        let word = Arc::clone(self.contained.get(place)?);
        Some(Found { word, kind: WordKind::Contains })
    }

    /// Looks for what a pattern finds in a piece of a text.
    pub(super) fn pattern_in(&self, piece: &str) -> Option<Found> {
        if self.set.as_ref().is_some_and(|set| !set.is_match(piece)) {
            return None;
        }
        let (word, _) = self.patterns.iter().find(|(_, pattern)| pattern.is_match(piece))?;
        Some(Found { word: Arc::clone(word), kind: WordKind::Regex })
    }

    /// Compares a whole text, without the blanks around it, with the exact words.
    pub(super) fn is_whole(&self, text: &str) -> Option<Found> {
        let word = self.exact.get(fold(text).as_str())?;
        Some(Found { word: Arc::clone(word), kind: WordKind::Exact })
    }

    /// Returns how much of a text has to be kept to compare it with the exact words: a character may
    /// be longer than its lower case.
    pub(super) const fn longest_exact(&self) -> usize {
        4 * self.longest_exact
    }
}

fn compile(word: &str) -> Result<Regex, Unreadable> {
    let mut pattern = RegexBuilder::new(word);
    pattern.case_insensitive(true).size_limit(LARGEST_PROGRAM).dfa_size_limit(LARGEST_MEMORY);
    pattern.build().map_err(|error| {
        // The parser draws the place over several lines; the last one is the reason.
        let text = error.to_string();
        let reason = text.lines().last().unwrap_or_default().trim();
        Unreadable::Regex(reason.trim_start_matches("error: ").to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_without_automata_is_looked_for_all_the_same() {
        let list =
            [(WordKind::Contains, "Banned"), (WordKind::Regex, "^no+$"), (WordKind::Regex, "b")];
        let list = list.map(|(kind, word)| (kind, Arc::from(word)));
        let mut words = Words::compile(list, |word, why| panic!("{word}: {why}"));
        (words.automaton, words.set) = (None, None);
        let mut folded = String::new();
        assert_eq!(&*words.contained_in("a BANNED word", &mut folded).unwrap().word, "Banned");
        assert_eq!(words.contained_in("fine", &mut folded), None);
        assert_eq!(&*words.pattern_in("NOOO").unwrap().word, "^no+$");
    }

    #[test]
    fn a_set_of_patterns_that_is_too_large_is_told_and_looked_for_one_by_one() {
        let large = |at: usize| Arc::from(format!("x\\w{{3}}{at}"));
        let list = (0..300).map(|at| (WordKind::Regex, large(at)));
        let mut told = Vec::new();
        let words = Words::compile(list, |_, why| told.push(why));
        assert!(matches!(told.as_slice(), [Unreadable::Slow(_)]), "{told:?}");
        assert!(words.pattern_in("xabc299").is_some());
    }

    #[test]
    fn patterns_are_bounded_in_number_and_size() {
        let list = (0..=MOST_PATTERNS).map(|at| (WordKind::Regex, Arc::from(format!("a{at}"))));
        let mut told = Vec::new();
        let words = Words::compile(list, |word, why| told.push((word.to_owned(), why)));
        assert_eq!(told, [(format!("a{MOST_PATTERNS}"), Unreadable::TooMany)]);
        assert_eq!(words.counts().regex, MOST_PATTERNS);
        assert!(readable(WordKind::Regex, "\\w{100}").is_err());
    }
}
