//! A Codex provider that takes sockets, or does not, and one client.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::data_of;
use crate::support::admin::NewUser;
use crate::support::prices::MODEL;
use crate::support::socket::Socket;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::{PLAIN, frames};
use crate::support::upstream::socket::{Door, SocketUpstream};

pub struct World {
    pub upstream: SocketUpstream,
    pub switchyard: Switchyard,
    pub user: NewUser,
    pub provider: i64,
}

impl World {
    pub async fn new(door: Door) -> Self {
        Self::with(door, json!({})).await
    }

    /// `more` are settings of the provider.
    pub async fn with(door: Door, more: Value) -> Self {
        let upstream = SocketUpstream::start(door, events());
        let switchyard = Switchyard::start_with(&[("SWITCHYARD_WORKERS", "1")]).await;
        let provider = switchyard.add_provider("codex", &upstream.url(), more).await;
        let user = switchyard.add_user(json!({})).await;
        Self { upstream, switchyard, user, provider }
    }

    pub async fn open(&self) -> Socket {
        Socket::open(&self.switchyard, &self.user.key).await
    }

    pub async fn row(&self) -> Value {
        self.switchyard.only_row().await
    }
}

/// The events of a good answer.
pub fn events() -> Vec<String> {
    let data = data_of(&frames(Dialect::Responses, MODEL, 3, &PLAIN));
    data.iter().map(Value::to_string).collect()
}

pub fn reasons(row: &Value) -> Vec<String> {
    let links = row["providerChain"].as_array().unwrap();
    links.iter().map(|link| link["reason"].as_str().unwrap().to_owned()).collect()
}
