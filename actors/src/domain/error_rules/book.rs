//! All rules in force, compiled once, and which of them an upstream's answer meets.

use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, MatchKind};

use super::parse::{RuleFault, check_pattern};
use super::rule::{ErrorRule, MatchType};
use super::text::Words;
use crate::domain::expression::Expression;
use crate::domain::fold::fold;

/// The largest programs, all together, that are quick whatever a text says, in bytes.
const QUICK_PROGRAMS: usize = 1 << 20;
/// The longest text in which they are quick, in bytes.
const QUICK_TEXT: usize = 16 << 10;

/// How an answer stands, before any rule is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its status is not good.
    Refused,
    /// Its status is good, and what it brings is an error, which stands for another status.
    Error {
        /// The status it stands for.
        stands_for: u16,
    },
    /// Its status is good, and nothing in it calls itself an error.
    Good,
}

/// An upstream's answer as rules see it.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// Its real status.
    pub status: u16,
    /// How it stands.
    pub standing: Standing,
    /// Its body, or the beginning that was read; rules look at its first 64 KiB.
    pub body: &'a [u8],
    /// The sentence that was found in it; empty when none was.
    pub message: &'a str,
}

/// All rules in force.
#[derive(Debug, Default)]
pub struct ErrorRules {
    /// In the order in which they are asked; the first that fits decides.
    rules: Vec<Arc<ErrorRule>>,
    /// Finds the patterns of the rules that look for a part, which are the first ones.
    parts: Option<AhoCorasick>,
    /// The patterns of those that compare the whole, without case, with their rule's place.
    wholes: Vec<(usize, String)>,
    /// The regular expressions, with their rule's place.
    expressions: Vec<(usize, Expression)>,
    /// Some rule names a good status.
    looks_at_good: bool,
}

impl ErrorRules {
    /// Compiles rules. Those whose pattern cannot be read are left out and returned with the reason.
    ///
    /// They are asked by match type (parts, wholes, expressions), then by priority, category and id.
    #[must_use]
    pub fn compile(rules: Vec<ErrorRule>) -> (Self, Vec<(ErrorRule, RuleFault)>) {
        let (mut sound, mut unreadable) = (Vec::new(), Vec::new());
        for rule in rules {
            match check_pattern(&rule.pattern, rule.match_type) {
                Ok(expression) => sound.push((Arc::new(rule), expression)),
                Err(fault) => unreadable.push((rule, fault)),
            }
        }
        sound.sort_by(|(one, _), (other, _)| order(one).cmp(&order(other)));
        let mut book = Self::default();
        let mut parts = Vec::new();
        for (place, (rule, expression)) in sound.into_iter().enumerate() {
            match rule.match_type {
                MatchType::Contains => parts.push(fold(&rule.pattern)),
                MatchType::Exact => book.wholes.push((place, fold(rule.pattern.trim()))),
                MatchType::Regex => book.expressions.extend(expression.map(|it| (place, it))),
            }
            book.rules.push(rule);
        }
        book.looks_at_good = book.rules.iter().any(|rule| rule.statuses.names_good());
        book.parts = automaton(&parts);
        (book, unreadable)
    }

    /// Tells whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Returns them in the order in which they are asked.
    #[must_use]
    pub fn rules(&self) -> &[Arc<ErrorRule>] {
        &self.rules
    }

    /// Tells whether answers with this status, which seem good, have to be looked at.
    #[must_use]
    pub fn look_at_good(&self, status: u16) -> bool {
        self.looks_at_good && self.rules.iter().any(|rule| rule.statuses.names(status))
    }

    /// Returns how many bytes of an answer with this status and standing a worker compares between two
    /// requests. Expressions alone take long: what looks for parts or wholes reads a text once.
    #[must_use]
    pub fn quick_up_to(&self, status: u16, standing: Standing) -> usize {
        let about =
            |place: usize| self.rules.get(place).is_some_and(|it| is_about(it, status, standing));
        let asked = self.expressions.iter().filter(|(place, _)| about(*place));
        match asked.map(|(_, expression)| expression.weight()).sum::<usize>() {
            0 => usize::MAX,
            1..=QUICK_PROGRAMS => QUICK_TEXT,
            _ => 0,
        }
    }

    /// Finds the rule that decides about an answer; `None` leaves it to what its status means.
    #[must_use]
    pub fn find(&self, seen: &Seen<'_>) -> Option<&Arc<ErrorRule>> {
        let fits = |place: usize| {
            self.rules.get(place).is_some_and(|rule| is_about(rule, seen.status, seen.standing))
        };
        // Most answers are nobody's matter by their status alone: their words are not even looked at.
        if !(0..self.rules.len()).any(fits) {
            return None;
        }
        let words = Words::new(seen.body, seen.message);
        let place = self
            .first_part(&words, fits)
            .or_else(|| self.first_whole(&words, fits))
            .or_else(|| self.first_expression(&words, fits))?;
        self.rules.get(place)
    }

    fn first_part(&self, words: &Words<'_>, fits: impl Fn(usize) -> bool) -> Option<usize> {
        let parts = self.parts.as_ref()?;
        let mut first = usize::MAX;
        for text in words.folded() {
            for found in parts.find_overlapping_iter(&text) {
                let place = found.pattern().as_usize();
                if place < first && fits(place) {
                    first = place;
                }
                if first == 0 {
                    return Some(0);
                }
            }
        }
        (first < usize::MAX).then_some(first)
    }

    fn first_whole(&self, words: &Words<'_>, fits: impl Fn(usize) -> bool) -> Option<usize> {
        if self.wholes.is_empty() {
            return None;
        }
        let texts = words.folded();
        let is_one = |pattern: &str| texts.iter().any(|text| text.trim() == pattern);
        let mut fitting = self.wholes.iter().filter(|(place, _)| fits(*place));
        fitting.find(|(_, pattern)| is_one(pattern)).map(|(place, _)| *place)
    }

    fn first_expression(&self, words: &Words<'_>, fits: impl Fn(usize) -> bool) -> Option<usize> {
        let mut fitting = self.expressions.iter().filter(|(place, _)| fits(*place));
        let found = |expression: &Expression| {
            let mut finder = expression.finder();
            words.forms().iter().any(|form| finder.is_in(form))
        };
        fitting.find(|(_, expression)| found(expression)).map(|(place, _)| *place)
    }
}

fn order(rule: &ErrorRule) -> (MatchType, i64, &str, i64) {
    (rule.match_type, rule.priority, &rule.category, rule.id.0)
}

/// Patterns are folded like the texts, so nothing but their bytes is compared.
fn automaton(patterns: &[String]) -> Option<AhoCorasick> {
    if patterns.is_empty() {
        return None;
    }
    AhoCorasickBuilder::new().match_kind(MatchKind::Standard).build(patterns).ok()
}

/// Tells whether a rule is about an answer at all. A status that a rule names is the operator's word and
/// goes before what the status means by itself; a rule that names none refines what a status leaves
/// open: the range of 4xx, and errors inside answers with a good status.
fn is_about(rule: &ErrorRule, status: u16, standing: Standing) -> bool {
    if rule.statuses.is_empty() {
        return match standing {
            Standing::Refused => (400..500).contains(&status),
            Standing::Error { .. } => true,
            Standing::Good => false,
        };
    }
    let stands_for = match standing {
        Standing::Error { stands_for } => Some(stands_for),
        Standing::Refused | Standing::Good => None,
    };
    rule.statuses.names(status) || stands_for.is_some_and(|one| rule.statuses.names(one))
}
