//! What the page of a key shows.

use serde::Serialize;
use switchyard_actors::domain::secret::Secret;

use super::clients::{ClientView, FirstCurl, Offers, clients, first_curl};
use super::form::Owner;
use super::seen::{self, SeenView};
use super::settings::Target;
use super::wishes::{self, SaidView};
use crate::app::{keys, meters};
use crate::store::{KeyRecord, UserRecord};
use crate::web::console::frame::{Page, PageError, Room, Text, Visitor};
use crate::web::console::users::{BarView, StateView, bars, key_state, user_state};

/// What stands in settings for a key that is not shown.
const STAND_IN: &str = "sk-YOUR-KEY";

/// How much of the key's text is shown.
#[derive(Clone, Debug)]
pub enum Whole {
    /// All of it; it can be shown again.
    Shown(Secret),
    /// All of it, this once.
    Once(Secret),
    /// Its ends; all of it can be shown.
    Hidden,
    /// Its ends; nobody keeps more.
    Gone,
}

/// The page of a key.
#[derive(Clone, Debug, Serialize)]
pub struct KeyPage {
    /// The id.
    pub id: i64,
    /// The name.
    pub name: String,
    /// Whose it is.
    pub user: Owner,
    /// Whether it works, its user aside.
    pub state: StateView,
    /// It is switched on.
    pub is_enabled: bool,
    /// Why nothing passes with it.
    pub trouble: Option<Text>,
    /// Its ends.
    pub masked: String,
    /// The whole of it.
    pub key: Option<String>,
    /// `shown`, `once`, `hidden` or `gone`.
    pub whole: &'static str,
    /// The address that clients are told.
    pub address: String,
    /// A curl that works as things are.
    pub first: Option<FirstCurl>,
    /// What each client needs to be told.
    pub clients: Vec<ClientView>,
    /// What became of its last request.
    pub seen: SeenView,
    /// How much of its own limits is used; only those that are set.
    pub bars: Vec<BarView>,
    /// What it says of its requests.
    pub said: Vec<SaidView>,
    /// An admin looks.
    pub is_admin: bool,
}

impl KeyPage {
    /// Gathers the page.
    pub async fn of(
        visitor: &Visitor,
        user: &UserRecord,
        key: &KeyRecord,
        whole: Whole,
    ) -> Result<Self, PageError> {
        let offers = Offers::of(visitor, key.id).await?;
        let (word, text) = match whole {
            Whole::Shown(text) => ("shown", Some(text.reveal().to_owned())),
            Whole::Once(text) => ("once", Some(text.reveal().to_owned())),
            Whole::Hidden => ("hidden", None),
            Whole::Gone => ("gone", None),
        };
        let to = Target { address: visitor.address(), key: text.as_deref().unwrap_or(STAND_IN) };
        let app = visitor.app();
        let own_limits = bars(&meters::of_key(app, key)).into_iter();
        let now = app.clock.now();
        Ok(Self {
            id: key.id.0,
            name: key.fields.name.clone(),
            user: Owner::of(user),
            state: key_state(&key.fields, now),
            is_enabled: key.fields.is_enabled,
            trouble: trouble(&key_state(&key.fields, now), &user_state(&user.fields, now)),
            masked: keys::shown(app, key).masked,
            whole: word,
            address: visitor.address().to_owned(),
            first: first_curl(&offers, to),
            clients: clients(&offers, to),
            seen: SeenView { keeps: text.is_some(), ..seen::look(visitor, key.id).await? },
            key: text,
            bars: own_limits.filter(|bar| bar.limit.is_some()).collect(),
            said: wishes::lines(&key.fields),
            is_admin: visitor.is_admin(),
        })
    }
}

/// Says why nothing passes, the key before its user.
fn trouble(key: &StateView, user: &StateView) -> Option<Text> {
    let id = match (key.word.id.as_ref(), user.word.id.as_ref()) {
        ("users-state-off", _) => "key-trouble-off",
        ("users-state-expired", _) => "key-trouble-expired",
        (_, "users-state-off") => "key-trouble-user-off",
        (_, "users-state-expired") => "key-trouble-user-expired",
        _ => return None,
    };
    Some(Text::of(id))
}

impl Page for KeyPage {
    const TEMPLATE: &'static str = "pages/keys/show.html";
    const ROOM: Room = Room::Users;

    fn title(&self) -> Text {
        let text = Text::of("key-title").with("name", self.name.as_str());
        text.with("user", self.user.name.as_str())
    }

    /// What is shown once is not left for another language; what can be shown again is hidden first.
    fn here(&self) -> Option<String> {
        let hidden = || format!("/keys/{}", self.id);
        match self.whole {
            "once" => Some(String::new()),
            "shown" => Some(hidden()),
            _ => None,
        }
    }

    fn samples() -> Vec<(&'static str, Self)> {
        super::samples::all()
    }
}
