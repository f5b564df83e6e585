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
    let about = &refusal.about;
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
    if let Some(id) = issue.about {
        let header = issue.more.get("header").and_then(Value::as_str);
        return header.map_or_else(|| Text::of(id), |header| Text::of(id).with("header", header));
    }
    // Zero, or what a rule says: people are told what the rule says.
    if let Some(inner) = issue.more.get("errors").and_then(|errors| errors.pointer("/0/0")) {
        let code = inner.get("code").and_then(Value::as_str).unwrap_or_default();
        return of_kind(code, inner);
    }
    let is_absent = issue.message.ends_with("received undefined");
    if issue.code == "invalid_type" && is_absent {
        return Text::of("wrong-missing");
    }
    of_kind(issue.code, &Value::Object(issue.more.clone()))
}

/// Words of a kind of issue, from what else it says.
fn of_kind(code: &str, more: &Value) -> Text {
    let word = |name: &str| more.get(name).and_then(Value::as_str).unwrap_or_default();
    let bound = |name: &str| more.get(name).and_then(Value::as_i64).unwrap_or_default();
    let is_text = word("origin") == "string";
    match code {
        "too_small" if is_text && bound("minimum") == 1 => Text::of("wrong-missing"),
        "too_small" if is_text => Text::of("wrong-short").with("least", bound("minimum")),
        "too_small" => Text::of("wrong-small").with("least", bound("minimum")),
        "too_big" if is_text => Text::of("wrong-long").with("most", bound("maximum")),
        "too_big" if word("origin") == "array" => {
            Text::of("wrong-many").with("most", bound("maximum"))
        }
        "too_big" => Text::of("wrong-big").with("most", bound("maximum")),
        "invalid_format" if word("format") == "url" => Text::of("wrong-url"),
        "invalid_format" => Text::of("wrong-time"),
        "invalid_type" if word("expected") == "date" => Text::of("wrong-time"),
        "invalid_type" if word("expected") == "int" => Text::of("wrong-fraction"),
        "invalid_type" if word("expected") == "number" => Text::of("wrong-number"),
        _ => Text::of("wrong-value"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;
    use switchyard_actors::domain::instant::Micros;

    use super::*;
    use crate::app::shape::{Field, Moment, Rule, Shape};
    use crate::app::{keys, providers, users};
    use crate::web::console::frame::{Locale, Messages};

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

    /// Values that are wrong in every way that a form can make them wrong.
    fn bad_values() -> Vec<Value> {
        let long = "x".repeat(5_000);
        vec![
            json!(null),
            json!(true),
            json!(-1),
            json!(0.5),
            json!(7),
            json!(1e15),
            json!(""),
            json!(long),
            json!("nonsense"),
            json!("1969-01-01"),
            json!("2999-01-01"),
            json!("http://127.0.0.1/"),
            json!(["", "nonsense", 5, "http://127.0.0.1/"]),
            Value::Array(vec![json!("a"); 500]),
            json!({ "Authorization": "x" }),
            json!({ "a b": "x" }),
            json!({ "X-A": "one\r\nX-B: two" }),
            json!({ "X-A": "one", "x-a": "two" }),
            json!({ "X-A": 5 }),
        ]
    }

    #[test]
    fn whatever_a_form_can_get_wrong_has_words_in_every_language() {
        let messages = Messages::load().unwrap();
        let moment = Moment { now: Micros(1_777_982_400_000_000), zone: jiff::tz::TimeZone::UTC };
        let shapes = [
            users::create_shape(),
            users::edit_shape(),
            keys::action_shape(),
            providers::edition(),
            providers::question(false),
        ];
        let mut said = BTreeSet::new();
        for field in shapes.iter().flat_map(|shape| &shape.0) {
            for value in bad_values() {
                let mut issues = Vec::new();
                field.rule.check(&value, &moment, &mut issues);
                for text in issues.iter().map(issue) {
                    for locale in Locale::ALL {
                        let words = messages.say(locale, &text);
                        let what = format!("{} = {value}: {text:?} in {locale:?}", field.name);
                        assert!(words.is_some_and(|words| !words.is_empty()), "{what}");
                    }
                    assert!(!text.id.is_empty(), "{}: words of no language: {text:?}", field.name);
                    said.insert(text.id.into_owned());
                }
            }
        }
        let known = ["wrong-header-reserved", "wrong-inside", "wrong-many", "wrong-past"];
        let known = known.into_iter().filter(|id| !said.contains(*id)).collect::<Vec<_>>();
        assert!(known.is_empty(), "the values do not reach {known:?}: {said:?}");
    }

    #[test]
    fn a_wait_out_of_its_bounds_is_told_the_bounds() {
        let moment = Moment { now: Micros(0), zone: jiff::tz::TimeZone::UTC };
        let shape = Shape::from([Field::required("wait", Rule::integer(60, 600).or_zero())]);
        let text = |value: i64| {
            texts(&shape.check(&json!({ "wait": value }), &moment).unwrap_err().into())
        };
        assert_eq!(
            text(5),
            [(Some("wait".to_owned()), Text::of("wrong-small").with("least", 60_i64))]
        );
        assert_eq!(
            text(601),
            [(Some("wait".to_owned()), Text::of("wrong-big").with("most", 600_i64))]
        );
    }
}
