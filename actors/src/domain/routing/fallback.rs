//! Which models stand in for one that nobody can serve: off unless an operator names some.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::pattern::Pattern;

/// Models that may stand in for one request, at most.
pub const MOST: usize = 5;

/// What stands in for the models of one pattern.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fallback {
    /// The models asked for.
    pub model: Pattern,
    /// What is tried instead, in this order.
    pub then: Vec<Arc<str>>,
}

/// The fallbacks of a key or group, in the order they were written; the first that fits holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fallbacks(pub Vec<Fallback>);

impl Fallbacks {
    /// Returns what may stand in for a model; empty is nothing.
    #[must_use]
    pub fn of(&self, model: &str) -> &[Arc<str>] {
        let hit = self.0.iter().find(|one| one.model.matches(model));
        hit.map(|one| one.then.as_slice()).unwrap_or_default()
    }
}

/// What the note of a model that stands in begins with.
const STANDS_IN: &str = "model stands in: ";

/// Writes a note for the row of a request that another model stood in for.
#[must_use]
pub fn note(model: &str) -> String {
    format!("{STANDS_IN}{model}")
}

/// Reads such a note: which model it was.
#[must_use]
pub fn read_note(note: &str) -> Option<&str> {
    note.strip_prefix(STANDS_IN)
}

/// Returns the models to try after the asked one: what the key says, or else the first of its groups
/// that says something. Neither the asked model itself nor one the caller may not use is among them.
#[must_use]
pub fn stand_ins<'a>(
    asked: &str,
    key: &'a Fallbacks,
    groups: impl Iterator<Item = &'a Fallbacks>,
    may: impl Fn(&str) -> bool,
) -> Vec<Arc<str>> {
    let lists = std::iter::once(key).chain(groups).map(|fallbacks| fallbacks.of(asked));
    let Some(list) = lists.into_iter().find(|list| !list.is_empty()) else { return Vec::new() };
    let mut models: Vec<Arc<str>> = Vec::new();
    for model in list {
        if model.as_ref() != asked && may(model) && !models.contains(model) {
            models.push(Arc::clone(model));
        }
    }
    models.truncate(MOST);
    models
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fallbacks(text: &str) -> Fallbacks {
        serde_json::from_str(text).unwrap()
    }

    fn names(models: &[Arc<str>]) -> Vec<&str> {
        models.iter().map(AsRef::as_ref).collect()
    }

    #[test]
    fn the_key_goes_before_its_groups_and_the_first_fit_holds() {
        let key = fallbacks(r#"[{"model":"opus","then":["sonnet","opus","haiku","sonnet"]}]"#);
        let group = fallbacks(r#"[{"model":"opus","then":["x"]},{"model":"*","then":["y"]}]"#);
        let ask = |asked: &str| stand_ins(asked, &key, [&group].into_iter(), |_| true);
        assert_eq!(names(&ask("opus")), ["sonnet", "haiku"]);
        assert_eq!(names(&ask("gpt")), ["y"]);
        assert!(stand_ins("gpt", &key, std::iter::empty(), |_| true).is_empty());
        let may = stand_ins("opus", &key, [&group].into_iter(), |model| model == "haiku");
        assert_eq!(names(&may), ["haiku"]);
        assert_eq!(read_note(&note("haiku")), Some("haiku"));
        assert_eq!(read_note("gate: slow"), None);
    }
}
