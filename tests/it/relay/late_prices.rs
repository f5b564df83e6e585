//! A model without a price: served, said, and billed once there is a price, to the nano-dollar.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use crate::support::client::{Answer, Request};
use crate::support::launch;
use crate::support::prices::{MODEL, UNPRICED, cost_nano, nano, sheet};
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::{self, PLAIN};
use crate::support::upstream::{Gate, Script, Upstream};
use crate::support::waiting::{SOON, until_true};

const DIALECT: Dialect = Dialect::Anthropic;

async fn ask(switchyard: &Switchyard, key: &str) -> Answer {
    switchyard.send(&Request::model(DIALECT, key, UNPRICED, false)).await
}

fn fill(switchyard: &Switchyard) -> String {
    let typed = ["price", "fill", "--model", UNPRICED];
    let (ended, said) = launch::run_to_end(switchyard.data(), &typed, &[]);
    assert!(ended.success(), "{said}");
    said
}

/// Returns the spend that a refusal names: what the limits count.
async fn counted(switchyard: &Switchyard, key: &str) -> u64 {
    let refused = ask(switchyard, key).await;
    assert_eq!(refused.status, 402, "{}", refused.text());
    let error = &refused.json()["error"];
    assert_eq!(error["limit_type"], "usd_total", "{error}");
    nano(&error["current"].to_string())
}

#[tokio::test]
async fn a_later_price_bills_what_was_served_without_one() {
    let (upstream, mut switchyard) = (Upstream::start(), Switchyard::start().await);
    let more = json!({ "cost_multiplier": 1.5 });
    let provider = switchyard.add_provider("claude", &upstream.url(), more).await;
    let user = switchyard.add_user(json!({ "limitTotalUsd": 0.02 })).await;
    for _ in 0..2 {
        assert_eq!(ask(&switchyard, &user.key).await.status, 200);
    }
    for row in switchyard.rows_when(2).await {
        assert_eq!((&row["costUsd"], &row["unbilled"]), (&Value::Null, &json!("unpriced")));
    }
    let is_said = |line: &str| {
        let line: Value = serde_json::from_str(line).unwrap_or_default();
        line["level"] == "WARN" && line["model"] == UNPRICED
    };
    until_true("a warning", SOON, || switchyard.logs().lines().any(is_said)).await;
    assert_eq!(fill(&switchyard).trim(), "filled: 0\ncost_usd: 0\nstill without a price: 2");

    // The provider is dearer by now; what was served is billed as it was served.
    let dearer = json!({ "providerId": provider, "cost_multiplier": 9 });
    switchyard.admin("providers/editProvider", dearer).await;
    switchyard.upload_prices(&json!({ UNPRICED: sheet()[MODEL] })).await;
    let due = cost_nano(&PLAIN) * 3 / 2;
    let said = fill(&switchyard);
    assert!(said.starts_with("filled: 2\n") && said.contains("price: 0"), "{said}");
    for row in switchyard.rows_when(2).await {
        assert_eq!(nano(row["costUsd"].as_str().unwrap()), due, "{row:#}");
        assert_eq!((&row["unbilled"], &row["costMultiplier"]), (&Value::Null, &json!("1.5000")));
    }
    assert_eq!(counted(&switchyard, &user.key).await, 2 * due, "the limit counts it at once");
    assert!(fill(&switchyard).starts_with("filled: 0\n"), "nothing is billed twice");
    assert_eq!(upstream.count(), 2, "the refused one never left");

    switchyard.sigkill();
    switchyard.restart().await;
    assert_eq!(counted(&switchyard, &user.key).await, 2 * due, "and not twice after a restart");
}

#[tokio::test]
async fn a_late_bill_counts_for_whoever_was_reset_before_its_request_ended() {
    let (upstream, mut switchyard) = (Upstream::start(), Switchyard::start().await);
    switchyard.add_provider("claude", &upstream.url(), json!({ "cost_multiplier": 3 })).await;
    let user = switchyard.add_user(json!({ "limitTotalUsd": 0.01 })).await;
    // One ends before the cut, one runs while it is made.
    assert_eq!(ask(&switchyard, &user.key).await.status, 200);
    switchyard.rows_when(1).await;
    let gate = Gate::closed();
    let body = answers::answer(DIALECT, UNPRICED, "Hello.", &PLAIN);
    let held = Script::status(200).header("content-type", "application/json").wait(&gate);
    upstream.once(held.body(body));
    let cut = async {
        until_true("both came", SOON, || upstream.count() == 2).await;
        switchyard.admin("users/resetUserLimits", json!({ "userId": user.id })).await;
        gate.open();
    };
    let (answer, ()) = tokio::join!(ask(&switchyard, &user.key), cut);
    assert_eq!(answer.status, 200, "{}", answer.text());
    switchyard.rows_when(2).await;
    switchyard.upload_prices(&json!({ UNPRICED: sheet()[MODEL] })).await;
    let said = fill(&switchyard);
    assert!(said.starts_with("filled: 2\n"), "{said}");
    let due = cost_nano(&PLAIN) * 3;
    assert_eq!(counted(&switchyard, &user.key).await, due);
    switchyard.sigkill();
    switchyard.restart().await;
    assert_eq!(counted(&switchyard, &user.key).await, due, "as a start counts it");
}

#[tokio::test]
async fn where_prices_are_asked_for_a_redirect_to_a_model_with_one_serves() {
    let setting = [("SWITCHYARD_LIMITS_UNPRICED", "refuse")];
    let (upstream, switchyard) = (Upstream::start(), Switchyard::start_with(&setting).await);
    let user = switchyard.add_user(json!({})).await;
    // Asked first, and would send what nobody can price.
    let bare = Upstream::start();
    switchyard.serve_at(DIALECT, &bare, 0).await;
    let refused = ask(&switchyard, &user.key).await;
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert!(refused.text().contains("has no price"), "{}", refused.text());

    let more = json!({ "priority": 1, "model_redirects": { UNPRICED: MODEL } });
    let priced = switchyard.add_provider("claude", &upstream.url(), more).await;
    let served = ask(&switchyard, &user.key).await;
    assert_eq!(served.status, 200, "{}", served.text());
    assert_eq!((upstream.count(), bare.count()), (1, 0));
    let rows = switchyard.rows_when(2).await;
    let row = rows.iter().find(|row| row["statusCode"] == 200).expect("the row of the answer");
    assert_eq!(row["costUsd"].as_str().map(nano), Some(cost_nano(&PLAIN)), "{row:#}");
    let out = &row["providerChain"][0]["decisionContext"]["filteredProviders"];
    assert_eq!(out[0]["reason"], "unpriced", "{row:#}");

    let off = json!({ "providerId": priced, "is_enabled": false });
    switchyard.admin("providers/editProvider", off).await;
    assert_eq!(ask(&switchyard, &user.key).await.status, 400, "nobody could say what it costs");
    assert_eq!(bare.count(), 0);
}
