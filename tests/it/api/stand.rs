//! A management API with what runs beside it: breakers, counters, a user, and a ledger to fill.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use serde_json::{Value, json};
use switchyard::app::AppContext;
use switchyard::store::CatalogueLoader;
use switchyard_actors::circuit_breaker::CircuitBreakerHandle;
use switchyard_actors::clock::RequestIds;
use switchyard_actors::domain::billing::{BilledModel, Tier};
use switchyard_actors::domain::catalogue::{Catalogue, LiveSettings};
use switchyard_actors::domain::counters::Binding;
use switchyard_actors::domain::dialect::{Dialect, Operation};
use switchyard_actors::domain::ids::{KeyId, PriceId, ProviderId, SessionId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::ledger::{LedgerRow, Opened, RowCost, Terms};
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::outcome::RowOutcome;
use switchyard_actors::domain::usage::Usage;
use switchyard_actors::price_sync::parse_entry;
use switchyard_actors::shared::breakers::Breakers;
use switchyard_actors::shared::counters::{Counters, Lifetimes};
use switchyard_actors::shared::feed::Feed;

use super::server::{ADMIN, Server, post};
pub use crate::store::database::NOW;
use crate::store::database::{Fresh, both, sqlite};

/// The API and what is around it.
pub struct Stand {
    pub server: Server,
    pub breakers: CircuitBreakerHandle,
    pub counters: Arc<Counters>,
    pub ids: RequestIds,
    pub user: UserId,
    pub key: KeyId,
    token: String,
}

/// Who calls.
#[derive(Clone, Copy, Debug)]
pub enum As {
    Admin,
    User,
    Nobody,
}

impl Stand {
    /// Makes one on the embedded store.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// Makes one on the embedded store with changes.
    pub async fn with(change: impl FnOnce(&mut AppContext)) -> Self {
        Self::over(sqlite().await, change).await
    }

    /// Makes one on each engine.
    pub async fn both() -> [Self; 2] {
        let [one, other] = both().await;
        [Self::over(one, |_| {}).await, Self::over(other, |_| {}).await]
    }

    async fn over(fresh: Fresh, change: impl FnOnce(&mut AppContext)) -> Self {
        let breakers =
            CircuitBreakerHandle::start(Arc::new(Breakers::new(false)), Arc::new(Feed::new(1)));
        let counters = Arc::new(Counters::new(Lifetimes::default()));
        let live = (breakers.clone(), Arc::clone(&counters));
        let server = Server::over(fresh, |api| {
            (api.app.live.breakers, api.app.live.counters) = (Some(live.0), Some(live.1));
            change(&mut api.app);
        });
        let (user, token) = server.add_user(json!({ "name": "anna" })).await;
        let key = server.keys(user).await[0]["id"].as_i64().unwrap();
        let (user, key) = (UserId(user), KeyId(key));
        Self { server, breakers, counters, ids: RequestIds::default(), user, key, token }
    }

    /// Calls an operation.
    pub async fn call(&self, who: As, path: &str, body: Value) -> (StatusCode, Value) {
        let request = post(path).set_json(body);
        let bearer = |token: &str| ("authorization", format!("Bearer {token}"));
        let request = match who {
            As::Admin => request.insert_header(bearer(ADMIN)),
            As::User => request.insert_header(bearer(&self.token)),
            As::Nobody => request,
        };
        let answer = self.server.send(request).await;
        (answer.status, answer.json())
    }

    /// Calls an operation as an admin; it must succeed. Returns `data`.
    pub async fn done(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.call(As::Admin, path, body).await;
        assert_eq!((status, &answer["ok"]), (StatusCode::OK, &json!(true)), "{path}: {answer}");
        answer["data"].clone()
    }

    /// Calls an operation as an admin; a rule must stand against it. Returns the words.
    pub async fn refused(&self, path: &str, body: Value) -> String {
        let (status, answer) = self.call(As::Admin, path, body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{path}: {answer}");
        let plain = answer["error"].as_str();
        plain.or(answer["error"]["message"].as_str()).unwrap().to_owned()
    }

    /// Loads the catalogue as the relay does.
    pub async fn catalogue(&self) -> Arc<Catalogue> {
        let app = &self.server.api.app;
        let settings = LiveSettings::default();
        let loader =
            CatalogueLoader::new(app.store.clone(), app.cipher.clone(), parse_entry, settings);
        loader.load().await.unwrap()
    }

    /// Makes a session that has asked for something and is bound to a provider.
    pub fn bind(&self, session: &str, provider: i64) {
        let session = SessionId(Arc::from(session));
        let binding = Binding::new(None, ProviderId(provider));
        self.counters.tenant(self.user, |tenant| {
            tenant.sessions.register(&session, self.key, None, NOW);
            tenant.sessions.enter(&session, self.key, NOW);
            tenant.sessions.leave(&session, NOW, Duration::ZERO);
            tenant.sessions.bind(&session, binding, NOW);
        });
    }

    /// Makes a row of a good request at an instant; write it with [`Self::write`].
    pub fn row(&self, at: Micros, provider: i64) -> LedgerRow {
        let opened = Opened {
            id: self.ids.mint(at, 7),
            started_at: at,
            user: self.user,
            key: self.key,
            session: None,
            dialect: Dialect::Anthropic,
            operation: Operation::Generate,
            path: Arc::from("/v1/messages"),
            model: Some(Arc::from("sonnet")),
            stream: true,
            estimate: Nano::ZERO,
            client_ip: None,
            user_agent: Some(Arc::from("agent/1")),
        };
        LedgerRow {
            ended_at: at,
            outcome: RowOutcome::Success,
            status: 200,
            sent_status: Some(200),
            provider: Some(ProviderId(provider)),
            usage: Some(Usage { input: 10, output: 20, ..Usage::default() }),
            usage_complete: true,
            cost: Some(RowCost { cost: Nano(1_234_567), list: Nano(1_000_000), price: PriceId(1) }),
            terms: Some(Terms {
                provider_factor: Arc::from("1.25"),
                group_factor: Arc::from("1"),
                tier: Tier::Standard,
                billed_model: BilledModel::Sent,
            }),
            unbilled: None,
            error: None,
            duration_ms: 1_500,
            ..LedgerRow::interrupted(opened, at)
        }
    }

    /// Writes rows into the ledger.
    pub async fn write(&self, rows: &[LedgerRow]) {
        self.server.api.app.store.write_ledger(rows).await.unwrap();
    }
}
