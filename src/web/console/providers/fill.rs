//! Fills the form: from a preset, or from a provider as it is kept.

use serde_json::Value;

use super::fields::OR_ZERO;
use crate::app::providers::{Form as Kind, Kept, PROPERTIES, Preset, Start, TEST_MODEL};
use crate::web::console::frame::FormView;

/// Fills the form of a new provider: what holds when nobody says anything, and what the vendor is
/// known for.
pub fn of_preset(preset: &Preset) -> FormView {
    let usual = PROPERTIES.iter().map(|property| {
        let text = match (property.form, property.start) {
            (Kind::Flag, Start::Number(flag)) => box_of(flag != 0).to_owned(),
            (Kind::TimeOfDay, Start::Number(minute)) => {
                format!("{:02}:{:02}", minute / 60, minute % 60)
            }
            (_, Start::Number(0)) if OR_ZERO.contains(&property.asked) => String::new(),
            (_, Start::Number(number)) => number.to_string(),
            (_, Start::Text(text)) => text.to_owned(),
            (_, Start::Null) => String::new(),
        };
        (property.asked, text)
    });
    let mut form = FormView::of(usual);
    let mut say = |name: &str, value: &str| form.values.insert(name.to_owned(), value.to_owned());
    say("preset", preset.id);
    say("name", preset.name);
    say("url", preset.url);
    say("provider_type", preset.kind.name());
    say("website_url", preset.website.unwrap_or_default());
    say("allow_private", box_of(preset.private));
    say(TEST_MODEL, preset.test_model.unwrap_or_default());
    form
}

/// Fills the form of a provider that is kept; of its key there is nothing.
pub fn of_kept(kept: &Kept) -> FormView {
    let mut form = FormView::of(kept.values.iter().map(|(name, value)| {
        let text = match value {
            Value::Number(number) if number.as_i64() == Some(0) && OR_ZERO.contains(&&**name) => {
                String::new()
            }
            value => text(name, value),
        };
        (name.clone(), text)
    }));
    let (base, further) = kept.urls.split_first().map_or(("", &[][..]), |(b, f)| (b.as_str(), f));
    form.values.insert("url".to_owned(), base.to_owned());
    form.values.insert("endpoints".to_owned(), further.join("\n"));
    form
}

fn text(name: &str, value: &Value) -> String {
    let line = |(key, value): (&String, &Value)| {
        let written = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let sign = match name {
            "custom_headers" => ": ",
            "group_priorities" => " = ",
            _ => " => ",
        };
        format!("{key}{sign}{written}")
    };
    match value {
        Value::Null => String::new(),
        Value::Bool(flag) => box_of(*flag).to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
        }
        Value::Object(pairs) => pairs.iter().map(line).collect::<Vec<_>>().join("\n"),
    }
}

const fn box_of(ticked: bool) -> &'static str {
    if ticked { "on" } else { "" }
}
