//! What a key says of its requests: the folded group of its form, and the lines of its page.

use std::borrow::Cow;

use serde::Serialize;

use crate::store::KeyFields;
use crate::web::console::frame::{Form, Text};
use crate::web::console::users::{Body, OptionView, Shown, put_text};

/// How much may be lost, as the form names it.
const LOSSES: &str = "lossPolicy";
/// How long cache marks last.
const CACHE: &str = "cacheTtlPreference";
/// Fields of the group; it is open when one of them is wrong.
pub const FIELDS: [&str; 2] = [LOSSES, CACHE];
/// What is stored where the provider decides.
const INHERIT: &str = "inherit";

/// What may be chosen.
#[derive(Clone, Debug, Serialize)]
pub struct Choices {
    losses: Vec<OptionView>,
    cache: Vec<OptionView>,
}

/// One line of a key's page.
#[derive(Clone, Debug, Serialize)]
pub struct SaidView {
    label: Text,
    word: Text,
}

/// Returns what may be chosen in each field.
#[must_use]
pub fn choices() -> Choices {
    let of = |family: &str, words: &[&'static str]| {
        words.iter().map(|word| OptionView { value: word, label: said(family, word) }).collect()
    };
    Choices {
        losses: of("losses", &[INHERIT, "lenient", "strict", "refuse"]),
        cache: of("cache", &[INHERIT, "5m", "1h"]),
    }
}

/// Writes what a key says into fields.
#[must_use]
pub fn shown(key: &KeyFields) -> Shown {
    [(LOSSES, losses(key)), (CACHE, cache(key))].map(|(name, word)| (name, word.to_owned())).into()
}

/// Reads the fields; what was not sent stays as it is.
pub fn put(body: &mut Body, form: &Form, old: Option<&KeyFields>) {
    put_text(body, form, LOSSES);
    match old.filter(|_| !form.has(CACHE)) {
        Some(old) => drop(body.insert(CACHE.to_owned(), cache(old).into())),
        None => put_text(body, form, CACHE),
    }
}

/// Returns the lines of a key's page.
#[must_use]
pub fn lines(key: &KeyFields) -> Vec<SaidView> {
    vec![
        SaidView { label: Text::of("key-losses"), word: said("losses", losses(key)) },
        SaidView { label: Text::of("key-cache"), word: said("cache", cache(key)) },
    ]
}

fn losses(key: &KeyFields) -> &str {
    key.loss_policy.as_deref().unwrap_or(INHERIT)
}

fn cache(key: &KeyFields) -> &str {
    key.cache_ttl.as_deref().unwrap_or(INHERIT)
}

fn said(family: &str, word: &str) -> Text {
    let id = Cow::Owned(format!("key-{family}-{word}"));
    Text { id, ..Text::of("") }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(form: &Form, old: Option<&KeyFields>) -> Value {
        let mut body = Body::new();
        put(&mut body, form, old);
        Value::Object(body)
    }

    #[test]
    fn what_a_key_says_goes_into_the_fields_and_comes_back() {
        let key = KeyFields {
            loss_policy: Some("strict".to_owned()),
            cache_ttl: Some("1h".to_owned()),
            ..KeyFields::default()
        };
        let said = json!({ "lossPolicy": "strict", "cacheTtlPreference": "1h" });
        assert_eq!(read(&Form::of(shown(&key)), Some(&key)), said);
        let nothing = json!({ "lossPolicy": "inherit", "cacheTtlPreference": "inherit" });
        assert_eq!(read(&Form::of(shown(&KeyFields::default())), Some(&key)), nothing);
    }

    #[test]
    fn what_was_not_sent_stays_as_it_is() {
        let key = KeyFields { cache_ttl: Some("1h".to_owned()), ..KeyFields::default() };
        let kept = json!({ "cacheTtlPreference": "1h" });
        assert_eq!(read(&Form::default(), Some(&key)), kept, "an edit sets a key anew");
        assert_eq!(read(&Form::default(), None), json!({}));
    }
}
