//! What a use case works with, and who is behind it.

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::Value;
use switchyard_actors::clock::Clock;
use switchyard_actors::domain::caller::Role;
use switchyard_actors::domain::ids::{KeyId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::ports::BoxFuture;

use super::live::Live;
use super::shape::Moment;
use crate::store::{AuditEntry, Cipher, Store};

/// Publishes the catalogue anew after a write, so that the writer's next request sees it.
pub type Reload = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

/// Tells the time zone of days, weeks and months.
pub type Zone = Arc<dyn Fn() -> TimeZone + Send + Sync>;

/// Counts the sessions of a key that are open now.
pub type OpenSessions = Arc<dyn Fn(UserId, KeyId) -> u64 + Send + Sync>;

/// What a use case works with. Clones share it.
#[derive(Clone)]
pub struct AppContext {
    /// The database.
    pub store: Store,
    /// Seals keys and opens them for reveals.
    pub cipher: Cipher,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Publishes the catalogue after a write; does nothing where no server runs.
    pub reload: Reload,
    /// `KEY_REVEAL`: keep keys so that they can be shown again.
    pub key_reveal: bool,
    /// Tells the time zone of days, weeks and months, which an admin may change.
    pub zone: Zone,
    /// Counts the sessions of a key that are open now.
    pub open_sessions: OpenSessions,
    /// What runs beside the database.
    pub live: Live,
}

impl AppContext {
    /// Makes one for where no server runs: the command line and tests. The catalogue is not
    /// published, and no session is open. A server sets the fields that it knows better.
    #[must_use]
    pub fn alone(store: Store, cipher: Cipher, clock: Arc<dyn Clock>, zone: TimeZone) -> Self {
        Self {
            store,
            cipher,
            clock,
            reload: Arc::new(|| Box::pin(async {})),
            key_reveal: true,
            zone: Arc::new(move || zone.clone()),
            open_sessions: Arc::new(|_, _| 0),
            live: Live::default(),
        }
    }

    /// Returns what checks need to know of the time.
    #[must_use]
    pub fn moment(&self) -> Moment {
        Moment { now: self.clock.now(), zone: (self.zone)() }
    }

    /// Publishes the catalogue anew.
    pub async fn publish(&self) {
        (self.reload)().await;
    }
}

impl std::fmt::Debug for AppContext {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AppContext").field("store", &self.store).finish_non_exhaustive()
    }
}

/// By which door somebody came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ActorKind {
    /// With the admin token.
    Admin,
    /// With a user's key.
    User(UserId),
    /// At the command line.
    Cli,
    /// The program itself.
    System,
}

/// Who does something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// By which door.
    pub kind: ActorKind,
    /// What they may do.
    pub role: Role,
    /// Their name.
    pub name: String,
    /// The client's address.
    pub client_ip: Option<String>,
    /// The client's name for itself.
    pub user_agent: Option<String>,
}

impl Actor {
    /// Makes the actor behind the command line: whoever may read the data directory may manage.
    #[must_use]
    pub fn cli() -> Self {
        Self {
            kind: ActorKind::Cli,
            role: Role::Admin,
            name: "cli".to_owned(),
            client_ip: None,
            user_agent: None,
        }
    }

    /// Tells whether they manage everything.
    #[must_use]
    pub fn is_admin(&self) -> bool {
        self.role == Role::Admin
    }

    /// Tells whether they may touch what belongs to a user.
    #[must_use]
    pub fn may_touch(&self, user: UserId) -> bool {
        self.is_admin() || self.kind == ActorKind::User(user)
    }

    /// Makes an audit entry of a successful action.
    #[must_use]
    pub fn did(
        &self,
        at: Micros,
        action: &str,
        target: (&str, i64, &str),
        detail: Value,
    ) -> AuditEntry {
        let (kind, id) = match self.kind {
            ActorKind::Admin => ("admin", None),
            ActorKind::User(id) => ("user", Some(id.0)),
            ActorKind::Cli => ("cli", None),
            ActorKind::System => ("system", None),
        };
        AuditEntry {
            at,
            actor_kind: kind.to_owned(),
            actor_id: id,
            actor_name: self.name.clone(),
            action: action.to_owned(),
            target_kind: target.0.to_owned(),
            target_id: Some(target.1),
            target_name: Some(target.2.to_owned()),
            success: true,
            detail,
            client_ip: self.client_ip.clone(),
            user_agent: self.user_agent.clone(),
        }
    }
}
