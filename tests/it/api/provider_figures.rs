//! What providers were used for: today, their limits, their breakers.

use std::time::Duration;

use serde_json::{Value, json};
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::outcome::TryOutcome;
use switchyard_actors::domain::provider::BreakerConfig;

use super::stand::{NOW, Stand};

const ADD: &str = "providers/addProvider";
const EDIT: &str = "providers/editProvider";

fn small(url: &str) -> Value {
    json!({ "name": "vendor", "url": url, "key": "sk-vendor-0123456789" })
}

#[actix_web::test]
async fn breakers_are_shown_and_reset() {
    let stand = Stand::new().await;
    stand.done(ADD, small("https://a.example")).await;
    stand.done(ADD, small("https://b.example")).await;
    let cfg = BreakerConfig { threshold: 1, ..BreakerConfig::default() };
    let fault = TryOutcome::ProviderFault;
    stand.breakers.breakers().record(ProviderId(1), &cfg, fault, None, NOW);
    stand.server.clock.advance(Duration::from_secs(61));
    let closed = json!({
        "circuitState": "closed", "failureCount": 0, "lastFailureTime": null,
        "circuitOpenUntil": null, "recoveryMinutes": null,
    });
    let open = json!({
        "circuitState": "open", "failureCount": 1, "lastFailureTime": NOW.millis(),
        "circuitOpenUntil": NOW.millis() + 1_800_000, "recoveryMinutes": 29,
    });
    let health = stand.done("providers/getProvidersHealthStatus", json!({})).await;
    assert_eq!(health, json!({ "1": open, "2": closed }));
    for id in [1, 999] {
        stand.done("providers/resetProviderCircuit", json!({ "providerId": id })).await;
    }
    let health = stand.done("providers/getProvidersHealthStatus", json!({})).await;
    assert_eq!(health["1"]["circuitState"], json!("closed"));
    assert_eq!(health["1"]["failureCount"], json!(0));
}

#[actix_web::test]
async fn the_list_tells_of_today_and_of_the_last_call() {
    for stand in Stand::both().await {
        stand.done(ADD, small("https://a.example")).await;
        stand.done(ADD, small("https://b.example")).await;
        let yesterday = NOW.minus(Duration::from_hours(21));
        let rows = [stand.row(yesterday, 2), stand.row(NOW, 1), stand.row(NOW, 1)];
        stand.write(&rows).await;
        let all = stand.done("providers/getProviders", json!({})).await;
        let (newest, oldest) = (&all[0], &all[1]);
        assert_eq!((&newest["id"], &oldest["id"]), (&json!(2), &json!(1)));
        assert_eq!(oldest["todayTotalCostUsd"], json!("0.002469134000000"));
        assert_eq!(oldest["todayCallCount"], json!(2));
        assert_eq!(oldest["lastCallTime"], json!("2026-05-05T12:00:00.000Z"));
        assert_eq!(oldest["lastCallModel"], json!("sonnet"));
        assert_eq!(
            (&newest["todayTotalCostUsd"], &newest["todayCallCount"]),
            (&json!("0"), &json!(0))
        );
        assert_eq!(newest["lastCallTime"], json!("2026-05-04T15:00:00.000Z"));
    }
}

#[actix_web::test]
async fn the_use_of_limits_is_added_up_by_window() {
    for stand in Stand::both().await {
        let mut body = small("https://a.example");
        body["limit_daily_usd"] = json!(2);
        body["limit_concurrent_sessions"] = json!(3);
        stand.done(ADD, body).await;
        let hours = |hours| NOW.minus(Duration::from_hours(hours));
        // This month; this week, and yesterday; today; in the last five hours.
        stand.write(&[90, 21, 10, 4].map(|ago| stand.row(hours(ago), 1))).await;
        let usage = stand.done("providers/getProviderLimitUsage", json!({ "providerId": 1 })).await;
        let wanted = json!({
            "cost5h": { "current": 0.001_234_567, "limit": null, "resetInfo": "滚动窗口（5 小时）" },
            "costDaily":
                { "current": 0.002_469_134, "limit": 2, "resetAt": "2026-05-05T16:00:00.000Z" },
            "costWeekly":
                { "current": 0.003_703_701, "limit": null, "resetAt": "2026-05-10T16:00:00.000Z" },
            "costMonthly":
                { "current": 0.004_938_268, "limit": null, "resetAt": "2026-05-31T16:00:00.000Z" },
            "concurrentSessions": { "current": 0, "limit": 3 },
        });
        assert_eq!(usage, wanted);
        stand.done(EDIT, json!({ "providerId": 1, "daily_reset_mode": "rolling" })).await;
        let usage = stand.done("providers/getProviderLimitUsage", json!({ "providerId": 1 })).await;
        assert_eq!(usage["costDaily"], json!({ "current": 0.003_703_701, "limit": 2 }));
        let unknown = json!({ "providerId": 7 });
        assert!(stand.refused("providers/getProviderLimitUsage", unknown).await.contains("不存在"));
    }
}
