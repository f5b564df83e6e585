//! The filters that hold, each with a way to take it away.

use serde::Serialize;

use super::asked::Asked;
use super::choices::{Choice, Choices};
use crate::web::console::frame::{Arg, Text};

/// A filter that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Chip {
    /// What it is about.
    pub label: Text,
    /// What it is set to.
    pub value: Text,
    /// The list without it.
    pub href: String,
}

/// Returns the filters that hold.
#[must_use]
pub fn chips(asked: &Asked, choices: &Choices) -> Vec<Chip> {
    let chip = |label, value: Text, names: &[&str]| Chip {
        label: Text::of(label),
        value,
        href: asked.without(names),
    };
    let mut all = Vec::new();
    if asked.is_custom() {
        all.push(chip("requests-time", custom(asked), &["time", "from", "to"]));
    } else if let Some(value) = chosen(&choices.times, &asked.time) {
        all.push(chip("requests-time", value, &["time", "from", "to"]));
    }
    let named: [(&'static str, &str, &[Choice], &[&str]); 4] = [
        ("requests-user", &asked.user, &choices.users, &["user", "key"]),
        ("requests-key", &asked.key, &choices.keys, &["key"]),
        ("requests-provider", &asked.provider, &choices.providers, &["provider"]),
        ("requests-status", &asked.status, &choices.statuses, &["status"]),
    ];
    for (label, value, list, names) in named {
        all.extend(chosen(list, value).map(|value| chip(label, value, names)));
    }
    for (label, value, name) in [
        ("requests-model", &asked.model, "model"),
        ("requests-session", &asked.session, "session"),
        ("requests-retries", &asked.retries, "retries"),
    ] {
        if !value.is_empty() {
            all.push(chip(label, Text::plain(value.as_str()), &[name]));
        }
    }
    all
}

/// Returns what a value is called; one that is not in the list is a number of something deleted. One
/// that is no number either filters nothing.
fn chosen(list: &[Choice], value: &str) -> Option<Text> {
    let found = list.iter().find(|choice| choice.value == value).filter(|_| !value.is_empty());
    let number = || value.parse::<i64>().ok().map(|number| Text::plain(format!("#{number}")));
    found.map(|choice| choice.label.clone()).or_else(number)
}

fn custom(asked: &Asked) -> Text {
    let local = |value: &str| Arg::Text(value.replace('T', " "));
    match (asked.from.is_empty(), asked.to.is_empty()) {
        (false, false) => Text::of("requests-time-between")
            .with("from", local(&asked.from))
            .with("to", local(&asked.to)),
        (false, true) => Text::of("requests-time-from").with("from", local(&asked.from)),
        (true, false) => Text::of("requests-time-to").with("to", local(&asked.to)),
        (true, true) => Text::of("requests-time-all"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::console::requests::list::choices;

    #[test]
    fn each_filter_that_holds_has_a_chip_with_its_name() {
        let asked = Asked {
            time: "hour".to_owned(),
            user: "3".to_owned(),
            status: "errors".to_owned(),
            retries: "2".to_owned(),
            ..Asked::default()
        };
        let mut known = Choices { times: choices::times(), ..Choices::default() };
        known.statuses = choices::statuses(&[200, 429]);
        let chips = chips(&asked, &known);
        let values: Vec<_> = chips.iter().map(|chip| chip.value.clone()).collect();
        let expected = [
            Text::of("requests-time-hour"),
            Text::plain("#3"),
            Text::of("requests-status-errors"),
            Text::plain("2"),
        ];
        assert_eq!(values, expected);
        assert_eq!(chips[0].href, "/requests?user=3&status=errors&retries=2");
    }

    #[test]
    fn what_filters_nothing_has_no_chip() {
        let nonsense = || "abc".to_owned();
        let asked = Asked { status: nonsense(), time: nonsense(), ..Asked::default() };
        assert_eq!(chips(&asked, &Choices::default()), []);
    }
}
