//! What tests do through the management API, with the contract's names.

use serde_json::{Value, json};

use super::client::{Answer, Request};
use super::launch::ADMIN_TOKEN;
use super::switchyard::Switchyard;
use super::upstream::Upstream;
use super::upstream::answers;
use super::waiting::{self, SOON};
use switchyard_actors::domain::dialect::Dialect;

/// A user with its first key.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub id: i64,
    pub key: String,
    pub key_id: i64,
}

impl Switchyard {
    /// Calls an action as admin and returns the raw answer.
    pub async fn action(&self, action: &str, body: &Value) -> Answer {
        let target = format!("/api/actions/{action}");
        let request = Request::post(&target, body.to_string())
            .bearer(ADMIN_TOKEN)
            .header("cookie", &format!("auth-token={ADMIN_TOKEN}"));
        self.send(&request).await
    }

    /// Calls an action as admin and returns its `data`; panics unless it succeeds.
    pub async fn admin(&self, action: &str, body: Value) -> Value {
        let answer = self.action(action, &body).await;
        let envelope = answer.json();
        assert!(
            answer.status == 200 && envelope["ok"] == true,
            "{action} {body} answered {}: {envelope}",
            answer.status
        );
        envelope["data"].clone()
    }

    /// Adds a provider; `more` overrides or adds request fields. Returns its id.
    pub async fn add_provider(&self, kind: &str, url: &str, more: Value) -> i64 {
        let before = self.provider_ids().await;
        let number = before.len() + 1;
        let mut body = json!({ "name": format!("{kind} {number}"), "url": url,
            "key": format!("upstream-key-{number}"), "provider_type": kind });
        merge(&mut body, more);
        self.admin("providers/addProvider", body).await;
        let after = self.provider_ids().await;
        let new = after.into_iter().find(|id| !before.contains(id));
        new.expect("the new provider is listed")
    }

    /// Adds the native provider of a dialect.
    pub async fn serve(&self, dialect: Dialect, upstream: &Upstream) -> i64 {
        self.add_provider(answers::kind(dialect), &upstream.url(), json!({})).await
    }

    /// Adds the native provider of a dialect with a priority: 0 is asked first.
    pub async fn serve_at(&self, dialect: Dialect, upstream: &Upstream, priority: i64) -> i64 {
        let more = json!({ "priority": priority });
        self.add_provider(answers::kind(dialect), &upstream.url(), more).await
    }

    /// Adds a user; `more` overrides or adds request fields.
    pub async fn add_user(&self, more: Value) -> NewUser {
        let mut body = json!({ "name": "Ada", "rpm": 1_000_000, "dailyQuota": 100_000 });
        merge(&mut body, more);
        let data = self.admin("users/addUser", body).await;
        NewUser {
            id: data["user"]["id"].as_i64().expect("a user id"),
            key: data["defaultKey"]["key"].as_str().expect("a key").to_owned(),
            key_id: data["defaultKey"]["id"].as_i64().expect("a key id"),
        }
    }

    /// Adds a key to a user and returns it.
    pub async fn add_key(&self, user: i64, name: &str, more: Value) -> String {
        let mut body = json!({ "userId": user, "name": name });
        merge(&mut body, more);
        let data = self.admin("keys/addKey", body).await;
        data["generatedKey"].as_str().expect("a key").to_owned()
    }

    /// Uploads prices.
    pub async fn upload_prices(&self, sheet: &Value) {
        let body = json!({ "jsonContent": sheet.to_string() });
        let data = self.admin("model-prices/uploadPriceTable", body).await;
        assert_eq!(data["failed"], json!([]), "every test price is accepted");
    }

    /// Returns the newest rows, newest first, at most a hundred.
    pub async fn rows(&self) -> Vec<Value> {
        self.rows_page(1).await.0
    }

    /// Returns every row, newest first. A row that is written meanwhile may be counted and not
    /// shown.
    pub async fn all_rows(&self) -> Vec<Value> {
        let (mut rows, total) = self.rows_page(1).await;
        let mut page = 2;
        while rows.len() < total {
            let (more, _) = self.rows_page(page).await;
            if more.is_empty() {
                break;
            }
            rows.extend(more);
            page += 1;
        }
        rows
    }

    /// Waits until there are exactly so many rows and returns them, newest first.
    pub async fn rows_when(&self, count: usize) -> Vec<Value> {
        let what = format!("{count} rows");
        let rows = waiting::until(&what, SOON, async || {
            let rows = self.all_rows().await;
            (rows.len() >= count).then_some(rows)
        })
        .await;
        assert_eq!(rows.len(), count, "no row too many: {rows:#?}");
        rows
    }

    /// Waits until so many streams of the console are open.
    pub async fn followers_when(&self, count: u64) {
        let what = format!("{count} open streams");
        waiting::until(&what, SOON, async || {
            let figures = self.send(&Request::get("/metrics")).await.text();
            let line = format!("switchyard_live_followers {count}");
            figures.lines().any(|found| found == line).then_some(())
        })
        .await;
    }

    /// Waits for the only row.
    pub async fn only_row(&self) -> Value {
        self.rows_when(1).await.remove(0)
    }

    /// Returns how many consecutive failures a provider's breaker has counted.
    pub async fn failures(&self, provider: i64) -> i64 {
        let data = self.admin("providers/getProvidersHealthStatus", json!({})).await;
        data[provider.to_string()]["failureCount"].as_i64().unwrap_or_default()
    }

    async fn rows_page(&self, page: usize) -> (Vec<Value>, usize) {
        let body = json!({ "pageSize": 100, "page": page });
        let data = self.admin("usage-logs/getUsageLogs", body).await;
        let total = data["total"].as_u64().expect("a total");
        let rows = data["logs"].as_array().expect("logs").clone();
        (rows, usize::try_from(total).expect("a small number"))
    }

    async fn provider_ids(&self) -> Vec<i64> {
        let data = self.admin("providers/getProviders", json!({})).await;
        let all = data.as_array().expect("providers");
        all.iter().map(|provider| provider["id"].as_i64().expect("an id")).collect()
    }
}

fn merge(body: &mut Value, more: Value) {
    let Value::Object(more) = more else { return };
    for (name, value) in more {
        body[name] = value;
    }
}
