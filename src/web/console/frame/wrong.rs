//! What a use case refused, in the words of the console: the contract's texts are made for programs
//! and in one language.

use serde_json::Value;

use super::text::Text;
use crate::app::shape::Issue;
use crate::app::{AppError, Refusal};

/// Returns what is wrong, each with the field it is wrong with.
#[must_use]
pub fn texts(error: &AppError) -> Vec<(Option<String>, Text)> {
    match error {
        AppError::Invalid(issues) => issues.iter().map(|one| (field(one), issue(one))).collect(),
        AppError::Refused(refusal) => vec![refused(refusal)],
        AppError::Store(_) => vec![(None, Text::of("wrong-store"))],
        AppError::Internal(_) => vec![(None, Text::of("wrong-internal"))],
    }
}

/// Returns the first thing that is wrong, for where there is one line.
#[must_use]
pub fn text(error: &AppError) -> Text {
    let first = texts(error).into_iter().next();
    first.map_or_else(|| Text::of("wrong-internal"), |(_, text)| text)
}

fn refused(refusal: &Refusal) -> (Option<String>, Text) {
    let Some(about) = &refusal.about else {
        return (None, Text::plain(refusal.text.clone()));
    };
    let mut text = Text::of(about.id);
    for (name, value) in &about.args {
        text = text.with(name, value.clone());
    }
    (about.field.map(str::to_owned), text)
}

fn field(issue: &Issue) -> Option<String> {
    issue.path.first().and_then(Value::as_str).map(str::to_owned)
}

fn issue(issue: &Issue) -> Text {
    let more = |name: &str| issue.more.get(name);
    let word = |name: &str| more(name).and_then(Value::as_str).unwrap_or_default();
    let bound = |name: &str| more(name).map_or_else(String::new, ToString::to_string);
    let is_text = word("origin") == "string";
    match issue.code {
        "too_small" if is_text && bound("minimum") == "1" => Text::of("wrong-missing"),
        "too_small" if is_text => Text::of("wrong-short").with("least", bound("minimum")),
        "too_small" => Text::of("wrong-small").with("least", bound("minimum")),
        "too_big" if is_text => Text::of("wrong-long").with("most", bound("maximum")),
        "too_big" if word("origin") == "array" => {
            Text::of("wrong-many").with("most", bound("maximum"))
        }
        "too_big" => Text::of("wrong-big").with("most", bound("maximum")),
        "invalid_format" if word("format") == "url" => Text::of("wrong-url"),
        "invalid_format" => Text::of("wrong-time"),
        "invalid_type" if word("expected") == "int" => Text::of("wrong-fraction"),
        "invalid_type" if word("expected") == "number" => Text::of("wrong-number"),
        "invalid_type" if issue.message.ends_with("received undefined") => {
            Text::of("wrong-missing")
        }
        "invalid_type" | "invalid_union" | "invalid_value" => Text::of("wrong-value"),
        "custom" if issue.message.ends_with("must lie in the future") => Text::of("wrong-past"),
        "custom" if issue.message.ends_with("ten years ahead") => Text::of("wrong-far"),
        _ => Text::plain(issue.message.clone()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use switchyard_actors::domain::instant::Micros;

    use super::*;
    use crate::app::shape::{Field, Moment, Rule, Shape};

    #[test]
    fn each_issue_is_at_its_field_in_words_of_a_message() {
        let shape = Shape::from([
            Field::required("name", Rule::text(1, 4)),
            Field::required("long", Rule::text(1, 4)),
            Field::required("weight", Rule::integer(1, 100)),
            Field::required("price", Rule::NUMBER),
            Field::required("url", Rule::Url { most: None }),
            Field::required("gone", Rule::TEXT),
            Field::required("end", Rule::Expiry { future: true, unbounded: false }),
            Field::required("far", Rule::Expiry { future: true, unbounded: false }),
        ]);
        let body = json!({
            "name": "", "long": "12345", "weight": 0, "price": "x", "url": "nonsense",
            "end": "1969-01-01", "far": "1999-01-01",
        });
        let moment = Moment { now: Micros(0), zone: jiff::tz::TimeZone::UTC };
        let issues = shape.check(&body, &moment).unwrap_err();
        let said: Vec<(String, String)> = texts(&AppError::Invalid(issues))
            .into_iter()
            .map(|(field, text)| (field.unwrap(), text.id.into_owned()))
            .collect();
        let expected = [
            ("name", "wrong-missing"),
            ("long", "wrong-long"),
            ("weight", "wrong-small"),
            ("price", "wrong-number"),
            ("url", "wrong-url"),
            ("gone", "wrong-missing"),
            ("end", "wrong-past"),
            ("far", "wrong-far"),
        ];
        assert_eq!(said, expected.map(|(field, id)| (field.to_owned(), id.to_owned())));
    }
}
