//! One user: what they may spend and have spent, and their keys.

mod samples;

use actix_web::HttpResponse;
use actix_web::web::Path;
use serde::Serialize;
use switchyard_actors::domain::ids::UserId;
use switchyard_actors::domain::instant::Micros;

use crate::app::meters::{self, Metered};
use crate::app::users::{self, KeyToday, UserWithKeys};
use crate::app::{AppContext, keys};
use crate::store::{KeyRecord, UserFields};
use crate::web::console::frame::{Page, PageError, Room, Text, Visitor};
use crate::web::console::users::limits::{BarView, bars, limit_words};
use crate::web::console::users::view::{StateView, UserHead, groups, key_state};

/// One user.
#[derive(Clone, Debug, Serialize)]
pub struct UserPage {
    /// What the table says as well.
    #[serde(flatten)]
    pub head: UserHead,
    /// They are switched on.
    pub is_enabled: bool,
    /// What they may ask for and with what, as far as that is restricted.
    pub access: Vec<AccessView>,
    /// When the access ends.
    pub expires_at: Option<Micros>,
    /// When they were made.
    pub created_at: Micros,
    /// How much of each limit is used.
    pub bars: Vec<BarView>,
    /// Money on hold for requests that run.
    pub held: Option<i64>,
    /// The keys.
    pub keys: Vec<KeyRow>,
    /// An admin looks.
    pub is_admin: bool,
}

/// A list of models or client programs that holds.
#[derive(Clone, Debug, Serialize)]
pub struct AccessView {
    /// What it says of them.
    pub label: Text,
    /// Its entries.
    pub entries: Vec<String>,
}

impl AccessView {
    fn all(user: &UserFields) -> Vec<Self> {
        let lists = [
            ("users-models", &user.allowed_models),
            ("users-blocked-models", &user.blocked_models),
            ("users-clients", &user.allowed_clients),
            ("users-blocked-clients", &user.blocked_clients),
        ];
        let set = lists.into_iter().filter(|(_, entries)| !entries.is_empty());
        set.map(|(id, entries)| Self { label: Text::of(id), entries: entries.clone() }).collect()
    }
}

/// A key of the user.
#[derive(Clone, Debug, Serialize)]
pub struct KeyRow {
    /// The id.
    pub id: i64,
    /// The name.
    pub name: String,
    /// Its ends.
    pub masked: String,
    /// Whether it works.
    pub state: StateView,
    /// It is switched on.
    pub is_enabled: bool,
    /// It may log in.
    pub can_login: bool,
    /// Its own groups.
    pub groups: Vec<String>,
    /// Its own limits.
    pub limits: Vec<Text>,
    /// When it ends.
    pub expires_at: Option<Micros>,
    /// Today's requests.
    pub requests: i64,
    /// Today's cost.
    pub cost: i64,
    /// The last request.
    pub last: Option<Micros>,
    /// Who served that.
    pub provider: Option<String>,
}

/// Shows the page.
pub async fn show(visitor: Visitor, id: Path<i64>) -> Result<HttpResponse, PageError> {
    let found = find(&visitor, UserId(*id)).await?;
    let metered = meters::of_user(visitor.app(), &found.user);
    visitor.show(&UserPage::new(visitor.app(), &found, &metered, visitor.is_admin()))
}

/// Finds a user that the visitor may see.
pub async fn find(visitor: &Visitor, id: UserId) -> Result<UserWithKeys, PageError> {
    let found = users::find(visitor.app(), &visitor.actor, id).await?;
    found.ok_or(PageError::NotFound)
}

impl UserPage {
    fn new(context: &AppContext, found: &UserWithKeys, metered: &Metered, is_admin: bool) -> Self {
        let (user, fields, now) = (&found.user, &found.user.fields, context.clock.now());
        let row = |(key, today): &(KeyRecord, KeyToday)| KeyRow::new(context, key, today, now);
        let keys: Vec<KeyRow> = found.keys.iter().map(row).collect();
        Self {
            head: UserHead::of(found, now),
            is_enabled: fields.is_enabled,
            access: AccessView::all(fields),
            expires_at: fields.expires_at,
            created_at: user.created_at,
            bars: bars(metered),
            held: Some(metered.used.held.0).filter(|held| *held > 0),
            keys,
            is_admin,
        }
    }
}

impl KeyRow {
    fn new(context: &AppContext, key: &KeyRecord, today: &KeyToday, now: Micros) -> Self {
        let fields = &key.fields;
        Self {
            id: key.id.0,
            name: fields.name.clone(),
            masked: keys::shown(context, key).masked,
            state: key_state(fields, now),
            is_enabled: fields.is_enabled,
            can_login: fields.can_login,
            groups: groups(fields.provider_group.as_deref()),
            limits: limit_words(&fields.limits.in_force(None)),
            expires_at: fields.expires_at,
            requests: today.requests(),
            cost: today.cost().0,
            last: today.last.as_ref().map(|last| last.at),
            provider: today.last.as_ref().and_then(|last| last.provider_name.clone()),
        }
    }
}

impl Page for UserPage {
    const TEMPLATE: &'static str = "pages/users/show.html";
    const ROOM: Room = Room::Users;

    fn title(&self) -> Text {
        Text::plain(self.head.name.clone())
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::all()
    }
}
