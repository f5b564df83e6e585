//! What there is to choose from in the filters, and the names of what was chosen.

use serde::Serialize;
use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::domain::ids::UserId;

use super::asked::Asked;
use crate::app::{ActorKind, AppError, usage_logs};
use crate::web::console::frame::{Text, Visitor};

/// Users that are read at once.
const USERS_AT_ONCE: u32 = 200;
/// A list that is longer than this is no help; the address bar still takes any id.
const USERS_SHOWN: usize = 1_000;
/// Names that clients invent are suggested so far.
const MODELS_SHOWN: usize = 500;

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
    /// Gathers them for somebody.
    ///
    /// # Errors
    /// The database cannot be asked.
    pub async fn gather(visitor: &Visitor, asked: &Asked) -> Result<Self, AppError> {
        let app = visitor.app();
        let own = match visitor.actor.kind {
            ActorKind::User(user) if !visitor.is_admin() => Some(user),
            _ => None,
        };
        let user = own.or_else(|| asked.user.parse().ok().map(UserId));
        let mut models = usage_logs::models(app).await?;
        models.truncate(MODELS_SHOWN);
        let is_admin = own.is_none();
        Ok(Self {
            times: times(),
            users: if is_admin { users(visitor).await? } else { Vec::new() },
            keys: keys(visitor, user).await?,
            providers: if is_admin {
                providers(&visitor.console().relay.catalogue.load())
            } else {
                Vec::new()
            },
            statuses: statuses(&usage_logs::status_codes(app).await?),
            // What others ask for is not everybody's to know.
            models: if is_admin { models } else { Vec::new() },
        })
    }
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
        Choice::of("errors", "requests-status-errors"),
        Choice::of("4xx", "requests-status-4xx"),
        Choice::of("5xx", "requests-status-5xx"),
    ];
    all.extend(known.iter().map(|status| Choice::named(status, &status.to_string())));
    all
}

async fn users(visitor: &Visitor) -> Result<Vec<Choice>, AppError> {
    let mut all = vec![Choice::of("", "requests-user-all")];
    let mut last = None;
    loop {
        let page = visitor.app().store.users_page(last.as_ref(), USERS_AT_ONCE).await?;
        all.extend(page.iter().map(|user| Choice::named(&user.id, &user.fields.name)));
        last = page.into_iter().next_back();
        if last.is_none() || all.len() > USERS_SHOWN {
            return Ok(all);
        }
    }
}

async fn keys(visitor: &Visitor, user: Option<UserId>) -> Result<Vec<Choice>, AppError> {
    let Some(user) = user else { return Ok(Vec::new()) };
    let keys = visitor.app().store.keys_of(&[user]).await?;
    let mut all = vec![Choice::of("", "requests-key-all")];
    all.extend(keys.iter().map(|key| Choice::named(&key.id, &key.fields.name)));
    Ok(all)
}

fn providers(catalogue: &Catalogue) -> Vec<Choice> {
    let mut all = vec![Choice::of("", "requests-provider-all")];
    all.extend(catalogue.providers.iter().map(|one| Choice::named(&one.id, &one.name)));
    all
}
