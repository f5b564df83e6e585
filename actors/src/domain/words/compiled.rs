//! A list of words, ready to be looked for.

use std::sync::Arc;

use aho_corasick::AhoCorasick;
use thiserror::Error;

use super::{Found, WordKind};
use crate::domain::expression::{AnyOf, Case, Expression, Unusable};
use crate::domain::fold::{fold, fold_into};
use crate::domain::instant::Micros;
use crate::domain::map::Map;

/// The most patterns of a list: without a common automaton each of them reads every text.
pub const MOST_PATTERNS: usize = 1_000;
/// What all patterns may take together when one is saved, in bytes.
pub const LARGEST_SUM: usize = 32 << 20;
/// The largest program of all patterns together; more are tried one by one.
const LARGEST_SET: usize = 8 << 20;
/// With such a program a text is looked through quickly whatever it says, in bytes.
const QUICK_SET: usize = 1 << 20;
/// The longest text that is looked through quickly for patterns, in bytes.
const QUICK_TEXT: usize = 16 << 10;

/// Why a word cannot be looked for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Unreadable {
    /// There is nothing to look for: it would be found in every text.
    #[error("the word is blank")]
    Blank,
    /// The pattern cannot be used.
    #[error(transparent)]
    Pattern(#[from] Unusable),
    /// There are as many patterns as are looked for.
    #[error("there are {MOST_PATTERNS} patterns already")]
    TooMany,
    /// Patterns take more than all of them may.
    #[error("all patterns together would take more than {} MiB", LARGEST_SUM >> 20)]
    TooLarge,
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
    patterns: Vec<(Arc<str>, Expression)>,
    /// Tells whether any of the patterns is found.
    any: Option<AnyOf>,
    loaded_at: Option<Micros>,
}

/// Tells whether a word can be looked for beside those that are looked for already: their patterns are
/// `others`.
///
/// # Errors
/// Says what is wrong with it.
pub fn readable<'p>(
    kind: WordKind,
    word: &str,
    others: impl IntoIterator<Item = &'p str>,
) -> Result<(), Unreadable> {
    if word.trim().is_empty() {
        return Err(Unreadable::Blank);
    }
    if kind != WordKind::Regex {
        return Ok(());
    }
    let mut sum = compile(word)?.somewhere()?.weight();
    // What cannot be read is not looked for either.
    for other in others.into_iter().filter_map(|other| compile(other).ok()) {
        sum += other.weight();
        if sum > LARGEST_SUM {
            return Err(Unreadable::TooLarge);
        }
    }
    Ok(())
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
        if !self.patterns.is_empty() {
            let texts = self.patterns.iter().map(|(word, _)| word.as_ref());
            match AnyOf::read(texts, Case::Ignored, LARGEST_SET) {
                Ok(any) => self.any = Some(any),
                Err(error) => {
                    slow(self.patterns.first().map(|it| it.0.as_ref()), error.to_string());
                }
            }
        }
    }

    /// Returns how long a text may be, in bytes, that a worker looks through between two others.
    #[must_use]
    pub fn quick_up_to(&self) -> usize {
        match &self.any {
            _ if self.patterns.is_empty() => usize::MAX,
            Some(any) if any.weight() <= QUICK_SET => QUICK_TEXT,
            _ => 0,
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
        if self.any.as_ref().is_some_and(|any| !any.is_in(piece)) {
            return None;
        }
        let (word, _) = match self.patterns.as_slice() {
            [only] if self.any.is_some() => only,
            all => all.iter().find(|(_, pattern)| pattern.is_in(piece))?,
        };
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

fn compile(word: &str) -> Result<Expression, Unusable> {
    Expression::read(word, Case::Ignored)
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
        (words.automaton, words.any) = (None, None);
        let mut folded = String::new();
        assert_eq!(&*words.contained_in("a BANNED word", &mut folded).unwrap().word, "Banned");
        assert_eq!(words.contained_in("fine", &mut folded), None);
        assert_eq!(&*words.pattern_in("NOOO").unwrap().word, "^no+$");
    }

    #[test]
    fn a_set_of_patterns_that_is_too_large_is_told_and_looked_for_one_by_one() {
        let large = |at: usize| Arc::from(format!("x\\w{{3}}{at}"));
        let list = (0..200).map(|at| (WordKind::Regex, large(at)));
        let mut told = Vec::new();
        let words = Words::compile(list, |_, why| told.push(why));
        assert!(matches!(told.as_slice(), [Unreadable::Slow(_)]), "{told:?}");
        assert!(words.pattern_in("xabc199").is_some());
        assert_eq!(words.quick_up_to(), 0, "that is no work for a worker");
    }

    #[test]
    fn how_long_a_text_is_looked_through_quickly_depends_on_the_patterns() {
        let quick = |list: &[(WordKind, &str)]| {
            let list = list.iter().map(|(kind, word)| (*kind, Arc::from(*word)));
            Words::compile(list, |word, why| panic!("{word}: {why}")).quick_up_to()
        };
        assert_eq!(quick(&[(WordKind::Contains, "a"), (WordKind::Exact, "b")]), usize::MAX);
        assert_eq!(quick(&[(WordKind::Contains, "a"), (WordKind::Regex, "b+")]), QUICK_TEXT);
        assert_eq!(quick(&[(WordKind::Regex, r"\w{30}")]), 0);
    }

    #[test]
    fn a_pattern_is_read_that_is_of_some_use_and_has_room_beside_the_others() {
        let read = |word| readable(WordKind::Regex, word, []);
        for fine in [r"sk-\w{20,}", r"\w{8}", "^$", r"\bsecret\b"] {
            assert_eq!(read(fine), Ok(()), "{fine}");
        }
        for everywhere in ["secret|", "x*", "^"] {
            assert_eq!(read(everywhere), Err(Unusable::Everywhere.into()), "{everywhere}");
        }
        let large = vec![r"sk-\w{20,}"; 100];
        assert_eq!(readable(WordKind::Regex, "a", large.clone()), Err(Unreadable::TooLarge));
        assert_eq!(readable(WordKind::Contains, "a", large), Ok(()));
        assert_eq!(readable(WordKind::Regex, "a", vec!["b+"; MOST_PATTERNS - 1]), Ok(()));
    }

    #[test]
    fn patterns_are_bounded_in_number_and_size() {
        let list = (0..=MOST_PATTERNS).map(|at| (WordKind::Regex, Arc::from(format!("a{at}"))));
        let mut told = Vec::new();
        let words = Words::compile(list, |word, why| told.push((word.to_owned(), why)));
        assert_eq!(told, [(format!("a{MOST_PATTERNS}"), Unreadable::TooMany)]);
        assert_eq!(words.counts().regex, MOST_PATTERNS);
        assert!(readable(WordKind::Regex, "\\w{100}", []).is_err());
    }
}
