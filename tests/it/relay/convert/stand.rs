//! One instance with a provider of each kind, each reached by a key of its own.

use serde_json::json;
use switchyard_actors::domain::dialect::{Dialect, ProviderKind};

use crate::support::client::{Answer, Request};
use crate::support::prices::MODEL;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::Upstream;

/// All kinds behind one instance, in groups of one.
pub struct Kinds {
    pub upstream: Upstream,
    pub switchyard: Switchyard,
    keys: Vec<(ProviderKind, String, i64)>,
}

impl Kinds {
    /// Starts all of it.
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// Starts all of it with additional environment.
    pub async fn with(extra: &[(&str, &str)]) -> Self {
        let upstream = Upstream::start();
        let switchyard = Switchyard::start_with(extra).await;
        let user = switchyard.add_user(json!({ "providerGroup": "g0,g1,g2,g3,g4,g5" })).await;
        let mut keys = Vec::new();
        for (number, kind) in ProviderKind::ALL.into_iter().enumerate() {
            let of_kind = json!({ "group_tag": format!("g{number}"),
                "circuit_breaker_failure_threshold": 0 });
            let id = switchyard.add_provider(kind.name(), &upstream.url(), of_kind).await;
            let group = json!({ "providerGroup": format!("g{number}") });
            keys.push((kind, switchyard.add_key(user.id, kind.name(), group).await, id));
        }
        Self { upstream, switchyard, keys }
    }

    /// Returns the key whose requests a kind of provider serves.
    pub fn key(&self, kind: ProviderKind) -> &str {
        &self.of(kind).1
    }

    /// Returns the id of the provider of a kind.
    pub fn id(&self, kind: ProviderKind) -> i64 {
        self.of(kind).2
    }

    /// Asks a kind of provider as a client of a dialect does, and reads the whole answer.
    pub async fn ask(&self, client: Dialect, kind: ProviderKind, stream: bool) -> Answer {
        let request = Request::model(client, self.key(kind), MODEL, stream);
        self.switchyard.send(&request).await
    }

    fn of(&self, kind: ProviderKind) -> &(ProviderKind, String, i64) {
        self.keys.iter().find(|(one, ..)| *one == kind).expect("a key for each kind")
    }
}

/// Returns every pair of a client and a kind of provider that speaks another format.
pub fn pairs() -> impl Iterator<Item = (Dialect, ProviderKind)> {
    let all = Dialect::ALL.into_iter();
    let all = all.flat_map(|client| ProviderKind::ALL.map(|kind| (client, kind)));
    all.filter(|(client, kind)| !kind.speaks(*client))
}
