//! A reset of what somebody has spent, while requests run: what was spent before the cut is gone from
//! check and card, what runs counts after it, rows stay, and a restart changes nothing of that.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use crate::support::client::Request;
use crate::support::prices::nano;
use crate::support::services::Database;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::{PLAIN, Tokens, answer};
use crate::support::upstream::{Gate, Script, Upstream};
use crate::support::waiting::{SOON, until, until_true};

const SECRET: (&str, &str) =
    ("SWITCHYARD_SECRET_KEY", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
const DIME: u64 = 100_000_000;
/// Requests that end before the cut, and that run meanwhile.
const BEFORE: u64 = 3;
const RUNNING: u64 = 50;

struct Yard {
    upstream: Upstream,
    switchyard: Switchyard,
    provider: i64,
    user: i64,
    key: i64,
    secret: String,
}

fn dime(script: Script) -> Script {
    let tokens = Tokens { input: 0, output: 1_000, ..PLAIN };
    let body = answer(Dialect::Anthropic, "dime", "Hello.", &tokens);
    script.header("content-type", "application/json").body(body)
}

async fn yard(extra: &[(&str, &str)], limits: Value) -> Yard {
    let upstream = Upstream::start();
    upstream.always(dime(Script::status(200)));
    let switchyard = Switchyard::start_with(extra).await;
    let sheet = json!({ "dime": { "mode": "chat", "litellm_provider": "test",
        "input_cost_per_token": 0, "output_cost_per_token": 1e-4 } });
    switchyard.upload_prices(&sheet).await;
    let provider = switchyard.add_provider("claude", &upstream.url(), json!({})).await;
    let user = switchyard.add_user(limits).await;
    let keys = switchyard.admin("keys/getKeys", json!({ "userId": user.id })).await;
    let key = keys[0]["id"].as_i64().unwrap();
    Yard { upstream, switchyard, provider, user: user.id, key, secret: user.key }
}

impl Yard {
    fn request(&self) -> Request {
        let body = json!({ "model": "dime", "max_tokens": 1_000, "stream": false,
            "messages": [{ "role": "user", "content": "a dime" }] });
        Request::post("/v1/messages", body.to_string())
            .header("x-api-key", &self.secret)
            .header("anthropic-version", "2023-06-01")
    }

    async fn status(&self) -> u16 {
        self.switchyard.send(&self.request()).await.status
    }

    /// Sets every limit of money of an owner.
    async fn limit(&self, owner: &str, id: i64) {
        let limits = json!({ "owner": owner, "id": id, "limit5hUsd": 90, "limitDailyUsd": 91,
            "limitWeeklyUsd": 92, "limitMonthlyUsd": 93, "limitTotalUsd": 94,
            "fiveHourResetMode": "fixed" });
        self.switchyard.admin("limits/setLimits", limits).await;
    }

    /// What the check counts of each window of an owner.
    async fn spent(&self, owner: &str) -> Vec<u64> {
        self.checked(owner).await.0
    }

    /// What the check counts of each window of an owner, and when the five hours end.
    async fn checked(&self, owner: &str) -> (Vec<u64>, String) {
        let all = self.switchyard.admin("limits/getLimits", json!({ "owner": owner })).await;
        let limits = all[0]["limits"].as_array().unwrap();
        let money = limits.iter().filter(|one| one["limitType"] != "rpm");
        let sums: Vec<u64> = money.map(|one| nano(&one["current"].to_string())).collect();
        assert_eq!(sums.len(), 5, "{all}");
        let five = limits.iter().find(|one| one["limitType"] == "usd_5h").unwrap();
        // A start reads spend by the minute.
        let ends = five["resetAt"].as_str().unwrap().chars().take(16).collect();
        (sums, ends)
    }

    /// What cards show of the user's day and of the key's windows.
    async fn shown(&self) -> (u64, u64) {
        let user = json!({ "userId": self.user });
        let user = self.switchyard.admin("users/getUserLimitUsage", user).await;
        let key =
            self.switchyard.admin("keys/getKeyLimitUsage", json!({ "keyId": self.key })).await;
        let money = |value: &Value| nano(&value["current"].to_string());
        (money(&user["dailyCost"]), money(&key["costTotal"]))
    }

    /// Everything that counts or shows, in one value.
    async fn all(&self) -> Value {
        let mut all = Vec::new();
        for owner in ["user", "key", "provider"] {
            all.push(json!(self.checked(owner).await));
        }
        json!([all, self.shown().await])
    }
}

async fn reset_while_requests_run(extra: &[(&str, &str)]) {
    let mut yard = yard(extra, json!({ "dailyQuota": 91 })).await;
    for (owner, id) in [("user", yard.user), ("key", yard.key), ("provider", yard.provider)] {
        yard.limit(owner, id).await;
    }
    for _ in 0..BEFORE {
        assert_eq!(yard.status().await, 200);
    }
    let (sums, ends) = yard.checked("user").await;
    assert_eq!(sums, [BEFORE * DIME; 5]);
    yard.switchyard.rows_when(3).await;
    assert_eq!(yard.shown().await, (BEFORE * DIME, BEFORE * DIME));
    // All are there, and run, when the cut is made.
    let gate = Gate::closed();
    yard.upstream.reset();
    yard.upstream.always(dime(Script::status(200).wait(&gate)));
    let client = yard.switchyard.client();
    let mut asking = Vec::new();
    for _ in 0..RUNNING {
        let request = yard.request();
        asking.push(tokio::spawn(async move { client.send(&request).await.status }));
    }
    let all = usize::try_from(BEFORE + RUNNING).unwrap();
    let running = usize::try_from(RUNNING).unwrap();
    until_true("all requests run", SOON, || yard.upstream.count() == running).await;
    yard.switchyard.admin("users/resetUserLimits", json!({ "userId": yard.user })).await;
    yard.switchyard
        .admin("providers/resetProviderTotalUsage", json!({ "providerId": yard.provider }))
        .await;
    assert_eq!(yard.shown().await, (0, BEFORE * DIME), "the key's is left alone");
    gate.open();
    for asked in asking {
        assert_eq!(asked.await.unwrap(), 200);
    }
    for (owner, count) in [("user", RUNNING), ("provider", RUNNING), ("key", BEFORE + RUNNING)] {
        let (sums, five) = yard.checked(owner).await;
        assert_eq!(sums, [count * DIME; 5], "{owner}");
        assert_eq!(five, ends, "{owner}: the five hours keep their border");
    }
    yard.switchyard.rows_when(all).await;
    let after = yard.all().await;
    yard.switchyard.sigkill();
    yard.switchyard.restart().await;
    assert_eq!(yard.all().await, after, "a start knows the cut");
    yard.switchyard.admin("keys/resetKeyLimits", json!({ "keyId": yard.key })).await;
    assert_eq!(yard.checked("key").await.0, [0; 5]);
    assert_eq!(yard.shown().await, (RUNNING * DIME, 0));
    yard.switchyard.sigkill();
    yard.switchyard.restart().await;
    assert_eq!(yard.checked("key").await.0, [0; 5]);
    assert_eq!(yard.switchyard.rows_when(all).await.len(), all, "rows stay");
}

#[tokio::test]
async fn what_runs_counts_after_a_reset_and_what_was_spent_does_not() {
    reset_while_requests_run(&[]).await;
}

#[tokio::test]
async fn what_runs_counts_after_a_reset_on_postgres_too() {
    let database = Database::create().await;
    let dsn = database.dsn();
    reset_while_requests_run(&[("DSN", &dsn), SECRET]).await;
}

async fn reset_a_group_and_a_tag(extra: &[(&str, &str)]) {
    let mut yard = yard(extra, json!({ "tags": ["blue"] })).await;
    yard.limit("user", yard.user).await;
    let owners = [("group", "default"), ("tag", "blue")];
    for (owner, name) in owners {
        let limits = json!({ "owner": owner, "name": name, "limit5hUsd": 90, "limitDailyUsd": 91,
            "limitWeeklyUsd": 92, "limitMonthlyUsd": 93, "limitTotalUsd": 94,
            "fiveHourResetMode": "fixed" });
        yard.switchyard.admin("limits/setLimits", limits).await;
    }
    for _ in 0..BEFORE {
        assert_eq!(yard.status().await, 200);
    }
    for (owner, _) in owners {
        assert_eq!(yard.spent(owner).await, [BEFORE * DIME; 5], "{owner}");
    }
    yard.upstream.reset();
    let gate = Gate::closed();
    yard.upstream.always(dime(Script::status(200).wait(&gate)));
    let (client, request) = (yard.switchyard.client(), yard.request());
    let runs = tokio::spawn(async move { client.send(&request).await.status });
    until_true("a request runs", SOON, || yard.upstream.count() == 1).await;
    for (owner, name) in owners {
        let reset = json!({ "owner": owner, "name": name });
        yard.switchyard.admin("limits/resetLimits", reset).await;
    }
    gate.open();
    assert_eq!(runs.await.unwrap(), 200);
    let all = usize::try_from(BEFORE).unwrap() + 1;
    yard.switchyard.rows_when(all).await;
    for started_again in [false, true] {
        if started_again {
            yard.switchyard.sigkill();
            yard.switchyard.restart().await;
        }
        for (owner, count) in [("group", 1), ("tag", 1), ("user", BEFORE + 1)] {
            assert_eq!(yard.spent(owner).await, [count * DIME; 5], "{owner} {started_again}");
        }
    }
}

#[tokio::test]
async fn groups_and_tags_count_what_ends_after_their_reset() {
    reset_a_group_and_a_tag(&[]).await;
    let database = Database::create().await;
    let dsn = database.dsn();
    reset_a_group_and_a_tag(&[("DSN", &dsn), SECRET]).await;
}

#[tokio::test]
async fn who_has_spent_everything_is_served_again_after_a_reset() {
    let yard = yard(&[], json!({ "dailyQuota": 0.1 })).await;
    assert_eq!((yard.status().await, yard.status().await), (200, 402));
    yard.switchyard.admin("users/resetUserLimits", json!({ "userId": yard.user })).await;
    assert_eq!((yard.status().await, yard.status().await), (200, 402));
}

#[tokio::test]
async fn a_node_without_redis_hears_of_a_reset_from_the_database() {
    let database = Database::create().await;
    let dsn = database.dsn();
    let environment = [("DSN", dsn.as_str()), SECRET];
    let yard = yard(&environment, json!({ "dailyQuota": 0.1 })).await;
    let second = Switchyard::launch(&environment).await;
    let status = async || second.send(&yard.request()).await.status;
    until("the second node has served a dime", SOON, async || {
        (status().await == 200).then_some(())
    })
    .await;
    assert_eq!(status().await, 402);
    yard.switchyard.admin("users/resetUserLimits", json!({ "userId": yard.user })).await;
    until("the second node serves again", SOON, async || (status().await == 200).then_some(()))
        .await;
    assert_eq!(status().await, 402);
}
