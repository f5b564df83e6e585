//! What there is to choose from in the filters, and the names of what was chosen.

use serde::Serialize;
use switchyard_actors::domain::catalogue::Catalogue;

use crate::app::usage_logs;
use crate::web::console::frame::Text;

/// Something to choose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// What the address bar says.
    pub value: String,
    /// What people read.
    pub label: Text,
}

impl Choice {
    /// Makes one whose words are translated.
    #[must_use]
    pub fn of(value: &str, label: &'static str) -> Self {
        Self { value: value.to_owned(), label: Text::of(label) }
    }

    fn named(value: &impl ToString, name: &str) -> Self {
        Self { value: value.to_string(), label: Text::plain(name) }
    }
}

/// What there is to choose from; lists that are not for the visitor are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Choices {
    /// Times.
    pub times: Vec<Choice>,
    /// Users.
    pub users: Vec<Choice>,
    /// Keys of the user that is chosen.
    pub keys: Vec<Choice>,
    /// Providers.
    pub providers: Vec<Choice>,
    /// Statuses.
    pub statuses: Vec<Choice>,
    /// Models that were asked for.
    pub models: Vec<String>,
}

impl Choices {
    /// Shows what there is; providers are for admins alone.
    #[must_use]
    pub fn of(found: usage_logs::Choices, catalogue: &Catalogue) -> Self {
        let providers = found.users.is_some().then(|| {
            let all = catalogue.providers.iter();
            all.map(|provider| (provider.id, provider.name.to_string())).collect()
        });
        Self {
            times: times(),
            users: named("requests-user-all", found.users),
            keys: named("requests-key-all", found.keys),
            providers: named("requests-provider-all", providers),
            statuses: statuses(&found.statuses),
            models: found.models,
        }
    }
}

/// Returns a list that begins with no choice at all.
fn named<Id: ToString>(all: &'static str, found: Option<Vec<(Id, String)>>) -> Vec<Choice> {
    let Some(found) = found else { return Vec::new() };
    let mut choices = vec![Choice::of("", all)];
    choices.extend(found.iter().map(|(id, name)| Choice::named(id, name)));
    choices
}

/// Returns the times.
#[must_use]
pub fn times() -> Vec<Choice> {
    [
        ("", "requests-time-all"),
        ("hour", "requests-time-hour"),
        ("today", "requests-time-today"),
        ("day", "requests-time-day"),
        ("week", "requests-time-week"),
        ("month", "requests-time-month"),
        ("custom", "requests-time-custom"),
    ]
    .map(|(value, label)| Choice::of(value, label))
    .to_vec()
}

/// Returns the statuses: kinds, then those that rows have.
#[must_use]
pub fn statuses(known: &[i64]) -> Vec<Choice> {
    let mut all = vec![
        Choice::of("", "requests-status-all"),
        Choice::of("failed", "requests-status-failed"),
        Choice::of("errors", "requests-status-errors"),
        Choice::of("4xx", "requests-status-4xx"),
        Choice::of("5xx", "requests-status-5xx"),
    ];
    all.extend(known.iter().map(|status| Choice::named(status, &status.to_string())));
    all
}
