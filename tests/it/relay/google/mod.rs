//! Providers whose key is a Google credential: tokens are got with it, kept, replaced, and told to
//! nobody but the vendor.

mod bodies;
mod console;
mod keeping;
mod kinds;
mod refusals;

use bytes::Bytes;
use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use crate::support::admin::NewUser;
use crate::support::client::{Answer, Request};
use crate::support::prices::MODEL;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers;
use crate::support::upstream::{Match, Rule, Script, Seen, Upstream};

/// What a service account signs with.
const SERVICE_KEY: &str = include_str!("../../../fixtures/google/service.key");
const CLIENT_SECRET: &str = "GOCSPX-client-secret-0123456789";

/// A token endpoint: it answers `ya29.token-N`, lasting so long, and may rotate refresh tokens.
struct Issuer(Upstream);

impl Issuer {
    fn start() -> Self {
        Self(Upstream::start())
    }

    fn url(&self) -> String {
        format!("{}/token", self.0.url())
    }

    /// Answers each question with the next token.
    fn grants(&self, lasts_s: u64, rotates: bool) {
        let count = std::sync::atomic::AtomicU64::new(0);
        let answer = move |_: &Seen| {
            let number = 1 + count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            let mut body = json!({ "access_token": format!("ya29.token-{number}-secret"),
                "expires_in": lasts_s, "token_type": "Bearer" });
            if rotates {
                body["refresh_token"] = json!(format!("1//rotated-{number}-secret"));
            }
            Script::json(200, body.to_string())
        };
        self.0.script(Rule::made(Match::any().path("/token"), answer));
    }

    /// Refuses every credential.
    fn refuses(&self) {
        let body = r#"{"error":"invalid_grant","error_description":"Token has been revoked: 1//first-secret"}"#;
        self.0.always(Script::json(400, body));
    }

    /// Returns what it was asked, as forms.
    fn asked(&self) -> Vec<Vec<(String, String)>> {
        self.0.requests().iter().map(|seen| form(&seen.body)).collect()
    }
}

fn form(body: &Bytes) -> Vec<(String, String)> {
    url::form_urlencoded::parse(body).into_owned().collect()
}

fn field<'a>(form: &'a [(String, String)], name: &str) -> &'a str {
    form.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
}

/// A person's credential that gets its tokens at the issuer.
fn person(issuer: &Issuer) -> Value {
    json!({ "type": "authorized_user", "client_id": "77.apps.example", "client_secret": CLIENT_SECRET,
        "refresh_token": "1//first-secret", "token_uri": issuer.url() })
}

fn service(issuer: &Issuer) -> Value {
    json!({ "type": "service_account", "client_email": "relay@project.iam.example",
        "private_key": SERVICE_KEY, "private_key_id": "key-1", "token_uri": issuer.url() })
}

/// An issuer, an upstream with one provider that has a credential, and a user.
struct Google {
    issuer: Issuer,
    upstream: Upstream,
    switchyard: Switchyard,
    provider: i64,
    user: NewUser,
}

impl Google {
    async fn with(dialect: Dialect, credential: impl FnOnce(&Issuer) -> Value) -> Self {
        let issuer = Issuer::start();
        let token_url = issuer.url();
        let switchyard = Switchyard::start_with(&[("GOOGLE_TOKEN_URL", &token_url)]).await;
        Self::on(switchyard, issuer, dialect, credential).await
    }

    async fn on(
        switchyard: Switchyard,
        issuer: Issuer,
        dialect: Dialect,
        credential: impl FnOnce(&Issuer) -> Value,
    ) -> Self {
        let upstream = Upstream::start();
        let key = json!({ "key": credential(&issuer).to_string() });
        let provider = switchyard.add_provider(answers::kind(dialect), &upstream.url(), key).await;
        let user = switchyard.add_user(json!({})).await;
        Self { issuer, upstream, switchyard, provider, user }
    }

    fn request(&self, dialect: Dialect) -> Request {
        Request::model(dialect, &self.user.key, MODEL, false)
    }

    async fn ask(&self) -> Answer {
        self.switchyard.send(&self.request(Dialect::Gemini)).await
    }

    /// Returns how the API shows the provider's credential.
    async fn shown(&self) -> Value {
        let all = self.switchyard.admin("providers/getProviders", json!({})).await;
        let own = all.as_array().unwrap().iter().find(|one| one["id"] == self.provider);
        own.expect("the provider is listed").clone()
    }

    /// Asserts that no place where people look has a secret.
    async fn leaks_nothing(&self) {
        let rows = Value::from(self.switchyard.all_rows().await).to_string();
        let listed = self.shown().await.to_string();
        let health = self.switchyard.admin("providers/getProvidersHealthStatus", json!({})).await;
        let logs = self.switchyard.logs();
        for (place, text) in
            [("rows", rows), ("list", listed), ("health", health.to_string()), ("logs", logs)]
        {
            for secret in ["ya29.token", "-secret", CLIENT_SECRET, "PRIVATE KEY", "MIIE"] {
                assert!(!text.contains(secret), "{place} has {secret}: {text}");
            }
        }
    }
}

/// Returns the bearer tokens that an upstream was sent, in order.
fn bearers(upstream: &Upstream) -> Vec<String> {
    let token = |seen: &Seen| {
        let value = seen.header("authorization").unwrap_or_default();
        value.strip_prefix("Bearer ").unwrap_or_default().to_owned()
    };
    upstream.requests().iter().map(token).collect()
}
