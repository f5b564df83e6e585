//! A management API to call in tests: an embedded database in a directory of its own, a clock that
//! is moved by hand, an admin and a user.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use actix_web::{App, test};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use switchyard_actors::circuit_breaker::CircuitBreakerHandle;
use switchyard_actors::clock::{ManualClock, RequestIds};
use switchyard_actors::domain::catalogue::{Catalogue, LiveSettings};
use switchyard_actors::domain::counters::Binding;
use switchyard_actors::domain::dialect::{Dialect, Operation};
use switchyard_actors::domain::ids::{KeyId, PriceId, ProviderId, SessionId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::ledger::{LedgerRow, Opened, RowCost};
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::outcome::RowOutcome;
use switchyard_actors::domain::usage::Usage;
use switchyard_actors::price_sync::parse_entry;
use switchyard_actors::shared::breakers::Breakers;
use switchyard_actors::shared::counters::{Counters, Lifetimes};

use super::{Api, mount};
use crate::app::{AppContext, Live};
use crate::store::{
    CatalogueLoader, Cipher, KeyFields, KeyText, Store, StoreConfig, UserFields, hash_key,
};

/// 2026-05-05 12:00 UTC, 20:00 in Shanghai: a Tuesday.
pub const NOON: Micros = Micros(1_777_982_400_000_000);
const ADMIN: &str = "the admin token";
const USER_KEY: &str = "sk-0123456789abcdef0123456789abcdef";

/// The API and what is around it.
pub struct Stand {
    _directory: tempfile::TempDir,
    pub api: Data<Api>,
    pub clock: Arc<ManualClock>,
    pub breakers: CircuitBreakerHandle,
    pub counters: Arc<Counters>,
    pub ids: RequestIds,
    pub user: UserId,
    pub key: KeyId,
}

/// Who calls.
#[derive(Clone, Copy, Debug)]
pub enum As {
    Admin,
    User,
    Nobody,
}

impl Stand {
    /// Builds one, at noon.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// Builds one whose context is changed first.
    pub async fn with(change: impl FnOnce(&mut AppContext)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let config = StoreConfig {
            data_dir: directory.path().to_owned(),
            dsn: None,
            extra_ca_file: None,
            connections: 1,
        };
        let store = Store::connect(&config).await.unwrap();
        store.migrate(true, NOON).await.unwrap();
        let clock = Arc::new(ManualClock::at(NOON));
        let breakers = CircuitBreakerHandle::start(Arc::new(Breakers::new(false)));
        let counters = Arc::new(Counters::new(Lifetimes::default()));
        let mut app = AppContext {
            store,
            cipher: Cipher::from_text("a text of some length").unwrap(),
            clock: Arc::<ManualClock>::clone(&clock),
            reload: AppContext::no_reload(),
            key_reveal: true,
            zone: TimeZone::get("Asia/Shanghai").unwrap(),
            live: Live::default(),
        };
        app.live.breakers = Some(breakers.clone());
        app.live.counters = Some(Arc::clone(&counters));
        change(&mut app);
        let (user, key) = person(&app.store).await;
        let mut api = Api::new(app);
        api.is_admin = Arc::new(|text| text == ADMIN);
        let ids = RequestIds::default();
        let api = Data::new(api);
        Self { _directory: directory, api, clock, breakers, counters, ids, user, key }
    }

    /// Calls an operation.
    pub async fn call(&self, who: As, path: &str, body: Value) -> (StatusCode, Value) {
        let app = App::new().app_data(self.api.clone()).configure(mount);
        let service = test::init_service(app).await;
        let mut request = test::TestRequest::post().uri(&format!("/api/actions/{path}"));
        request = match who {
            As::Admin => request.insert_header((AUTHORIZATION, format!("Bearer {ADMIN}"))),
            As::User => request.insert_header((AUTHORIZATION, format!("Bearer {USER_KEY}"))),
            As::Nobody => request,
        };
        let answer = test::call_service(&service, request.set_json(body).to_request()).await;
        let status = answer.status();
        let bytes = test::read_body(answer).await;
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
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
        let app = &self.api.app;
        let settings = LiveSettings::default();
        let loader =
            CatalogueLoader::new(app.store.clone(), app.cipher.clone(), parse_entry, settings);
        loader.load().await.unwrap()
    }

    /// Makes a session that has asked for something and is bound to a provider.
    pub fn bind(&self, session: &str, provider: i64) {
        let session = SessionId(Arc::from(session));
        let binding = Binding { model: None, provider: ProviderId(provider) };
        self.counters.tenant(self.user, |tenant| {
            tenant.sessions.register(&session, self.key, None, NOON);
            tenant.sessions.enter(&session, self.key, NOON);
            tenant.sessions.leave(&session, NOON, Duration::ZERO);
            tenant.sessions.bind(&session, binding, NOON);
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
            cost: Some(RowCost {
                cost: Nano(1_234_567),
                list: Nano(1_000_000),
                provider_factor: Arc::from("1.25"),
                group_factor: Arc::from("1"),
                price: PriceId(1),
            }),
            unbilled: None,
            error: None,
            duration_ms: 1_500,
            ..LedgerRow::interrupted(opened, at)
        }
    }

    /// Writes rows into the ledger.
    pub async fn write(&self, rows: &[LedgerRow]) {
        self.api.app.store.write_ledger(rows).await.unwrap();
    }
}

async fn person(store: &Store) -> (UserId, KeyId) {
    let mut tx = store.begin().await.unwrap();
    let fields = UserFields { name: "anna".to_owned(), is_enabled: true, ..UserFields::default() };
    let user = tx.add_user(&fields, NOON).await.unwrap();
    let fields = KeyFields {
        name: "laptop".to_owned(),
        is_enabled: true,
        can_login: true,
        ..KeyFields::default()
    };
    let text = KeyText {
        hash: hash_key(USER_KEY),
        prefix: "sk-0".to_owned(),
        suffix: "cdef".to_owned(),
        sealed: None,
    };
    let key = tx.add_key(user, &fields, &text, NOON).await.unwrap();
    tx.bump_callers().await.unwrap();
    tx.commit().await.unwrap();
    (user, key)
}
