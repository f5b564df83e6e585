//! A form as it is shown: what was typed, and what is wrong with which field.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::error::PageError;
use super::form::Form;
use super::text::Text;
use super::wrong;
use crate::app::AppError;

/// The hidden field with the mark of what is kept.
const AS_OF: &str = "as_of";
/// So many bytes of a digest tell two states apart.
const MARK: usize = 12;

/// A form as it is shown.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FormView {
    /// What is in each field; a field of several values has them one a line.
    pub values: BTreeMap<String, String>,
    /// What is wrong, by field.
    pub errors: BTreeMap<String, Text>,
    /// What is wrong with no single field.
    pub notices: Vec<Text>,
    /// A mark of what is kept, as the form was filled with it; empty of what is not kept yet.
    pub as_of: String,
}

impl FormView {
    /// Fills a form.
    #[must_use]
    pub fn of<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut view = Self::default();
        for (name, value) in pairs {
            view.values.insert(name.into(), value.into());
        }
        view
    }

    /// Keeps what was typed.
    #[must_use]
    pub fn from(form: &Form) -> Self {
        let mut view = Self { as_of: form.text(AS_OF).to_owned(), ..Self::default() };
        for (name, value) in form.pairs().filter(|(name, _)| *name != AS_OF) {
            view.values
                .entry(name.to_owned())
                .and_modify(|before| {
                    before.push('\n');
                    before.push_str(value);
                })
                .or_insert_with(|| value.to_owned());
        }
        view
    }

    /// Marks a form that is filled with what is kept, so that its return tells whether that still is.
    #[must_use]
    pub fn marked(mut self) -> Self {
        let mut digest = Sha256::new();
        for text in self.values.iter().flat_map(|(name, value)| [name, value]) {
            digest.update(text.len().to_be_bytes());
            digest.update(text);
        }
        self.as_of = hex::encode(digest.finalize().get(..MARK).unwrap_or_default());
        self
    }

    /// Says so where somebody has changed what is kept since the form was filled; `now` is the form as it would
    /// be filled at present. Who saves it again knows.
    #[must_use]
    pub fn since(mut self, now: Self) -> Self {
        let now = now.marked().as_of;
        if !self.as_of.is_empty() && self.as_of != now {
            self.notices.push(Text::of("form-changed-meanwhile"));
        }
        self.as_of = now;
        self
    }

    /// Forgets what was typed into a field: secrets are not sent back.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.values.remove(name);
        self
    }

    /// Says what is wrong with a field.
    #[must_use]
    pub fn with_issue(mut self, field: &str, text: Text) -> Self {
        self.errors.insert(field.to_owned(), text);
        self
    }

    /// Says what a use case refused or would refuse, at its field where it names one.
    #[must_use]
    pub fn with_error(mut self, error: &AppError) -> Self {
        for (field, text) in wrong::texts(error) {
            match field {
                Some(field) => {
                    self.errors.entry(field).or_insert(text);
                }
                None => self.notices.push(text),
            }
        }
        self
    }

    /// Takes what a use case made of the form: what it made, or the form as it is shown again, with
    /// what was refused.
    ///
    /// # Errors
    /// It failed in a way that has nothing to do with the form.
    pub fn heed<T>(self, outcome: Result<T, AppError>) -> Result<Result<T, Self>, PageError> {
        match outcome {
            Ok(made) => Ok(Ok(made)),
            Err(error @ (AppError::Invalid(_) | AppError::Refused(_))) => {
                Ok(Err(self.with_error(&error)))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Adds what a check refused that changes nothing, where anything is wrong already.
    #[must_use]
    pub fn with_fault<T>(self, checked: Result<T, AppError>) -> Self {
        match checked {
            Err(error @ (AppError::Invalid(_) | AppError::Refused(_))) => self.with_error(&error),
            _ => self,
        }
    }

    /// Tells whether anything is wrong.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        !self.errors.is_empty() || !self.notices.is_empty()
    }
}

/// Tells whether an amount of dollars that is typed would be rounded to nothing, which says
/// something else: that there is no limit. Nothing is counted with the number that is read here.
#[must_use]
pub fn is_lost(typed: &str) -> bool {
    let amount = typed.trim().trim_start_matches('$').trim().parse::<f64>();
    amount.is_ok_and(|amount| amount > 0.0 && amount <= 0.5e-9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_below_half_a_nano_dollar_is_lost() {
        for typed in ["0.0000000001", "$ 1e-12", "0.0000000005"] {
            assert!(is_lost(typed), "{typed}");
        }
        for typed in ["", "0", "-1", "0.000000001", "0.0000000006", "x", "12.5"] {
            assert!(!is_lost(typed), "{typed}");
        }
    }

    #[test]
    fn a_form_tells_that_what_it_changes_is_another_by_now() {
        let kept = || FormView::of([("name", "a"), ("weight", "1")]);
        let sent = |as_of: &str| FormView::from(&Form::of([("name", "b"), (AS_OF, as_of)]));
        let mark = kept().marked().as_of;
        assert!(!sent(&mark).since(kept()).is_wrong());
        assert!(!sent("").since(kept()).is_wrong(), "a form without a mark is taken as it is");
        let late = sent(&mark).since(FormView::of([("name", "a"), ("weight", "2")]));
        assert!(late.is_wrong() && late.values["name"] == "b", "{late:?}");
        assert!(!late.values.contains_key(AS_OF));
        let again = sent(&late.as_of).since(FormView::of([("name", "a"), ("weight", "2")]));
        assert!(!again.is_wrong(), "who has read it may save");
        let shifted = FormView::of([("name", "awe"), ("ight", "1")]).marked();
        assert_ne!(shifted.as_of, kept().marked().as_of);
    }
}
