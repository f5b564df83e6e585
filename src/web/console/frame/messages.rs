//! What the console says, by language: Project Fluent's files under `templates/messages`, compiled
//! in. A message that a language lacks is said in English.

use std::borrow::Cow;
use std::fmt;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentError, FluentResource, FluentValue};
use include_dir::{Dir, include_dir};

use super::filters::number;
use super::filters::visible::{set_apart, visible};
use super::locale::Locale;
use super::text::{Arg, Text};

static FILES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/templates/messages");

/// A message file is broken, or says something twice.
#[derive(Debug, thiserror::Error)]
#[error("the messages of {language} cannot be read: {what}")]
pub struct MessageError {
    language: &'static str,
    what: String,
}

/// All messages.
pub struct Messages {
    english: FluentBundle<FluentResource>,
    chinese: FluentBundle<FluentResource>,
}

impl Messages {
    /// Reads every file.
    ///
    /// # Errors
    /// Names the language and what is wrong.
    pub fn load() -> Result<Self, MessageError> {
        Ok(Self { english: bundle(Locale::English)?, chinese: bundle(Locale::Chinese)? })
    }

    /// Says a message, with what is put in as it can be seen; `None` when no language has it, or something that it needs was not put in.
    #[must_use]
    pub fn say(&self, locale: Locale, text: &Text) -> Option<String> {
        if text.id.is_empty() {
            let Some(Arg::Text(plain)) = text.args.get("text") else { return None };
            return Some(visible(plain).into_owned());
        }
        let mut args = FluentArgs::new();
        for (name, arg) in &text.args {
            let name: Cow<'_, str> = Cow::Borrowed(name);
            match arg {
                Arg::Number(number) => args.set(name, *number),
                Arg::Text(text) => args.set(name, set_apart(text)),
            }
        }
        format(self.bundle(locale), &text.id, &args)
            .or_else(|| format(&self.english, &text.id, &args))
    }

    fn bundle(&self, locale: Locale) -> &FluentBundle<FluentResource> {
        match locale {
            Locale::English => &self.english,
            Locale::Chinese => &self.chinese,
        }
    }
}

impl fmt::Debug for Messages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messages").finish_non_exhaustive()
    }
}

/// Returns the files of a language: name and text.
pub(super) fn files(locale: Locale) -> Vec<(&'static str, &'static str)> {
    let Some(folder) = FILES.get_dir(locale.tag()) else { return Vec::new() };
    let mut found = Vec::new();
    for file in folder.files() {
        let name = file.path().file_name().and_then(|name| name.to_str());
        if let (Some(name), Some(text)) = (name, file.contents_utf8()) {
            found.push((name, text));
        }
    }
    found
}

fn bundle(locale: Locale) -> Result<FluentBundle<FluentResource>, MessageError> {
    let wrong = |what: String| MessageError { language: locale.tag(), what };
    let tag = locale.tag().parse().map_err(|_| wrong("its tag is none".to_owned()))?;
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // Marks around everything that is put in would be copied with it: only what runs from right to
    // left gets them.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(grouped));
    for (name, text) in files(locale) {
        let resource = FluentResource::try_new(text.to_owned())
            .map_err(|(_, errors)| wrong(format!("{name}: {errors:?}")))?;
        bundle.add_resource(resource).map_err(|errors| wrong(format!("{name}: {errors:?}")))?;
    }
    Ok(bundle)
}

/// Writes numbers as everywhere else in the console.
fn grouped<M>(value: &FluentValue<'_>, _: &M) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    let text = number.as_string();
    Some(text.parse::<i64>().map_or_else(|_| text.into_owned(), number::grouped))
}

fn format(
    bundle: &FluentBundle<FluentResource>,
    id: &str,
    args: &FluentArgs<'_>,
) -> Option<String> {
    let pattern = bundle.get_message(id)?.value()?;
    let mut errors: Vec<FluentError> = Vec::new();
    let said = bundle.format_pattern(pattern, Some(args), &mut errors).into_owned();
    errors.is_empty().then_some(said)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn ids(locale: Locale) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for (name, text) in files(locale) {
            for line in text.lines() {
                let Some((id, _)) = line.split_once(" =") else { continue };
                if !id.is_empty() && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
                    assert!(found.insert(id.to_owned()), "{name} says {id} twice");
                }
            }
        }
        found
    }

    #[test]
    fn every_language_has_the_same_messages() {
        let (english, chinese) = (ids(Locale::English), ids(Locale::Chinese));
        assert!(english.len() > 20, "no messages were found");
        let only_english: Vec<_> = english.difference(&chinese).collect();
        let only_chinese: Vec<_> = chinese.difference(&english).collect();
        assert!(only_english.is_empty(), "not in Chinese: {only_english:?}");
        assert!(only_chinese.is_empty(), "not in English: {only_chinese:?}");
    }

    #[test]
    fn a_message_chooses_its_words_by_a_number_and_groups_it() {
        let messages = Messages::load().unwrap();
        let say = |locale, count: i64| {
            messages.say(locale, &Text::of("frame-new-rows").with("count", count)).unwrap()
        };
        assert_eq!(say(Locale::English, 1), "1 new request");
        assert_eq!(say(Locale::English, 1_200), "1,200 new requests");
        assert_eq!(say(Locale::Chinese, 12), "12 条新请求");
    }

    #[test]
    fn what_is_missing_is_noticed() {
        let messages = Messages::load().unwrap();
        assert_eq!(messages.say(Locale::English, &Text::of("no-such-message")), None);
        assert_eq!(messages.say(Locale::English, &Text::of("frame-new-rows")), None);
        assert_eq!(messages.say(Locale::Chinese, &Text::plain("a < b")).unwrap(), "a < b");
    }
}
