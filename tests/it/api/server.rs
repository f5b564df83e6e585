//! The management API as a service, and a client that speaks as the original's tests do.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use actix_web::body::to_bytes;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap};
use actix_web::test::{TestRequest, init_service};
use actix_web::web::Data;
use actix_web::{App, Error};
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use switchyard::app::AppContext;
use switchyard::store::Cipher;
use switchyard::web::api::{self, Api};
use switchyard::web::login;
use switchyard_actors::clock::ManualClock;

pub use crate::store::database::NOW;
use crate::store::database::{Fresh, both, sqlite};

/// The admin token of the tests.
pub const ADMIN: &str = "admin token, with 'odd' characters: 100%";

/// What a service answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub text: String,
}

impl Answer {
    /// Reads the body as JSON.
    pub fn json(&self) -> Value {
        let kind = self.headers.get(CONTENT_TYPE).unwrap().to_str().unwrap();
        assert!(kind.starts_with("application/json"), "{kind}: {}", self.text);
        serde_json::from_str(&self.text).unwrap()
    }

    /// Demands success and returns `data`.
    pub fn data(&self) -> Value {
        let body = self.json();
        assert_eq!((self.status, &body["ok"]), (StatusCode::OK, &json!(true)), "{body}");
        body["data"].clone()
    }

    /// Demands a refusal as the original's tests know it, and returns its words.
    pub fn refusal(&self) -> String {
        let body = self.json();
        assert!([400, 401, 403].contains(&self.status.as_u16()), "{body}");
        let error = &body["error"];
        assert!(body["ok"] == json!(false) || body["success"] == json!(false), "{body}");
        error.as_str().or_else(|| error["message"].as_str()).unwrap().to_owned()
    }
}

/// The management API over a fresh store.
pub struct Server {
    /// The store and what it lives on.
    pub fresh: Fresh,
    /// The state.
    pub api: Data<Api>,
    /// The time.
    pub clock: Arc<ManualClock>,
    /// How often the catalogue was published.
    pub published: Arc<AtomicU64>,
}

impl Server {
    /// Makes one on each engine.
    pub async fn both() -> [Self; 2] {
        both().await.map(|fresh| Self::over(fresh, |_| {}))
    }

    /// Makes one on the embedded store.
    pub async fn new() -> Self {
        Self::over(sqlite().await, |_| {})
    }

    /// Makes one with changes.
    pub fn over(fresh: Fresh, change: impl FnOnce(&mut Api)) -> Self {
        let clock = Arc::new(ManualClock::at(NOW));
        let published = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&published);
        let cipher = Cipher::from_text("a secret for the tests").unwrap();
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let mut app = AppContext::alone(fresh.store.clone(), cipher, clock.clone(), zone);
        app.reload = Arc::new(move || {
            counter.fetch_add(1, Ordering::SeqCst);
            Box::pin(async {})
        });
        let mut api = Api::new(app);
        api.is_admin = Arc::new(|text| text == ADMIN);
        change(&mut api);
        Self { fresh, api: Data::new(api), clock, published }
    }

    /// Sends a request.
    pub async fn send(&self, request: TestRequest) -> Answer {
        let app =
            App::new().app_data(self.api.clone()).configure(api::mount).configure(login::mount);
        let service = init_service(app).await;
        respond(&service, request).await
    }

    /// Calls an operation with a JSON body, as the original's tests do.
    pub async fn call_as(&self, token: &str, action: &str, body: Value) -> Answer {
        self.send(post(action).set_json(body).insert_header(cookie(token))).await
    }

    /// Calls an operation as the admin.
    pub async fn call(&self, action: &str, body: Value) -> Answer {
        self.call_as(ADMIN, action, body).await
    }

    /// Makes a user; returns its id and key.
    pub async fn add_user(&self, body: Value) -> (i64, String) {
        let data = self.call("users/addUser", body).await.data();
        let key = data["defaultKey"]["key"].as_str().unwrap().to_owned();
        (data["user"]["id"].as_i64().unwrap(), key)
    }

    /// Returns the user as the list shows it.
    pub async fn user(&self, id: i64) -> Option<Value> {
        let users = self.call("users/getUsers", json!({})).await.data();
        users.as_array().unwrap().iter().find(|user| user["id"] == json!(id)).cloned()
    }

    /// Returns the keys of a user.
    pub async fn keys(&self, user: i64) -> Vec<Value> {
        let keys = self.call("keys/getKeys", json!({ "userId": user })).await.data();
        keys.as_array().unwrap().clone()
    }
}

async fn respond<S>(service: &S, request: TestRequest) -> Answer
where
    S: Service<actix_http::Request, Response = ServiceResponse, Error = Error>,
{
    let peer: SocketAddr = "192.0.2.7:4711".parse().unwrap();
    let response = service.call(request.peer_addr(peer).to_request()).await.unwrap();
    let (status, headers) = (response.status(), response.headers().clone());
    let body = to_bytes(response.into_body()).await.unwrap();
    Answer { status, headers, text: String::from_utf8(body.to_vec()).unwrap() }
}

/// Begins a call of an operation.
pub fn post(action: &str) -> TestRequest {
    TestRequest::post().uri(&format!("/api/actions/{action}"))
}

/// Writes a cookie as browsers do.
pub fn cookie(token: &str) -> (&'static str, String) {
    let encoded: String = url::form_urlencoded::byte_serialize(token.as_bytes()).collect();
    ("cookie", format!("theme=dark; auth-token={}", encoded.replace('+', "%20")))
}

/// Tells whether a text is a whole key.
pub fn is_key(text: &Value) -> bool {
    let digits = text.as_str().and_then(|text| text.strip_prefix("sk-")).unwrap_or_default();
    digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
