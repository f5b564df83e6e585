//! Costs that are filled once there is a price: exact, once, counted and noted.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use switchyard::store::AuditFilter;
use switchyard_actors::domain::billing::Tier;
use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::counters::Borders;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::ledger::{LedgerRow, Terms};
use switchyard_actors::domain::limits::Limits;
use switchyard_actors::domain::money::Nano;

use super::stand::{As, NOW, Stand};

const FILL: &str = "model-prices/fillCosts";
const TABLE: &str = r#"{
    "sonnet": {"mode":"chat","input_cost_per_token":3e-06,"output_cost_per_token":1.5e-05,
        "input_cost_per_token_priority":6e-06,"output_cost_per_token_priority":3e-05},
    "half": {"mode":"chat","input_cost_per_token":1e-06}}"#;

async fn upload(stand: &Stand) {
    stand.done("model-prices/uploadPriceTable", json!({ "jsonContent": TABLE })).await;
}

fn unpriced(stand: &Stand, model: &str, minutes_ago: u64) -> LedgerRow {
    let mut row = stand.row(NOW.minus(Duration::from_mins(minutes_ago)), 1);
    row.opened.model = Some(model.into());
    LedgerRow { cost: None, unbilled: Some("unpriced".into()), ..row }
}

fn filled(rows: u64, cost: &str, still: u64) -> Value {
    json!({ "filled": rows, "costUsd": cost, "stillUnpriced": still })
}

async fn costs(stand: &Stand, rows: &[LedgerRow]) -> Vec<Option<(i64, i64)>> {
    let mut costs = Vec::new();
    for row in rows {
        let store = &stand.server.api.app.store;
        let row = store.ledger_entry(row.opened.id).await.unwrap().unwrap().row;
        assert_eq!(row.cost.is_none(), row.unbilled.is_some());
        costs.push(row.cost.map(|cost| (cost.list.0, cost.cost.0)));
    }
    costs
}

#[actix_web::test]
async fn rows_get_the_price_of_now_and_the_factors_of_their_time() {
    for stand in Stand::both().await {
        let mut rows = [
            unpriced(&stand, "sonnet", 0),
            unpriced(&stand, "alias", 1),
            unpriced(&stand, "sonnet", 2),
            unpriced(&stand, "half", 3),
            unpriced(&stand, "mystery", 4),
        ];
        rows[1].upstream_model = Some("sonnet".into());
        rows[2].terms = Some(Terms {
            provider_factor: "0.333".into(),
            group_factor: "1.1".into(),
            tier: Tier::Priority,
            ..rows[2].terms.clone().unwrap()
        });
        stand.write(&rows).await;
        assert_eq!(stand.done(FILL, json!({})).await, filled(0, "0.000000000000000", 5));
        upload(&stand).await;
        // 10 tokens in and 20 out: 330 000 nano-dollars, times 1.25; twice that at priority.
        let one = json!({ "model": "alias" });
        assert_eq!(stand.done(FILL, one).await, filled(1, "0.000412500000000", 0));
        assert_eq!(stand.done(FILL, json!({})).await, filled(2, "0.000654258000000", 2));
        let wanted = [Some((330_000, 412_500)), Some((330_000, 412_500)), Some((660_000, 241_758))];
        assert_eq!(costs(&stand, &rows).await, [&wanted[..], &[None, None]].concat());
        assert_eq!(stand.done(FILL, json!({})).await, filled(0, "0.000000000000000", 2));
        let logs = stand.done("usage-logs/getUsageLogs", json!({ "model": "mystery" })).await;
        let row = &logs["logs"][0];
        assert_eq!((&row["costUsd"], &row["unbilled"]), (&Value::Null, &json!("unpriced")));
        assert_eq!(row["costMultiplier"], "1.2500", "it is billed with this one day");
    }
}

#[actix_web::test]
async fn what_is_filled_is_noted_with_its_figures() {
    for stand in Stand::both().await {
        stand.write(&[unpriced(&stand, "sonnet", 0), unpriced(&stand, "mystery", 0)]).await;
        upload(&stand).await;
        stand.done(FILL, json!({})).await;
        stand.done(FILL, json!({})).await;
        let action = Some("prices.fill".to_owned());
        let filter = AuditFilter { action, ..AuditFilter::default() };
        let log = stand.server.api.app.store.audit_page(&filter, 10).await.unwrap();
        assert_eq!(log.len(), 1, "nothing was done the second time");
        assert_eq!(log[0].entry.actor_kind, "admin");
        let wanted = json!({ "model": null, "filled": 1, "costUsd": "0.000412500000000",
            "stillUnpriced": 1 });
        assert_eq!(log[0].entry.detail, wanted);
    }
}

#[actix_web::test]
async fn more_rows_than_one_transaction_holds_are_counted_once_each() {
    let stand = Stand::with(|app| {
        let counters = app.live.counters.clone().unwrap();
        app.live.on_late_spend = Some(Arc::new(move |spent| {
            let limits = Limits::default();
            counters.book(spent, NOW, |by| {
                let borders = Borders::around(&TimeZone::UTC, &limits, NOW);
                vec![(Dimension::Key(by.key), borders), (Dimension::User(by.user), borders)]
            });
        }));
    })
    .await;
    let rows: Vec<LedgerRow> = (0..450).map(|ago| unpriced(&stand, "sonnet", ago)).collect();
    stand.write(&rows).await;
    let unmeasured = LedgerRow { usage: None, ..unpriced(&stand, "sonnet", 0) };
    stand.write(&[unmeasured]).await;
    upload(&stand).await;
    // Two at once: what one books, the other does not count.
    let (one, other) =
        tokio::join!(stand.done(FILL, json!({})), stand.done(FILL, json!({ "model": "sonnet" })));
    let count = |answer: &Value| answer["filled"].as_u64().unwrap();
    assert_eq!(count(&one) + count(&other), 450);
    let total = Nano(450 * 412_500);
    let (limits, zone) = (Limits::default(), TimeZone::UTC);
    let user = stand.counters.view_user(stand.user, &limits, &zone, NOW);
    let key = stand.counters.view_key((stand.user, stand.key), &limits, &zone, NOW);
    assert_eq!((user.total, key.total, user.daily.amount), (total, total, total));
    let stored: Nano = stand
        .server
        .api
        .app
        .store
        .snapshot()
        .await
        .unwrap()
        .spend_total()
        .await
        .unwrap()
        .iter()
        .map(|key| key.costs.charged)
        .sum();
    assert_eq!(stored, total, "a restart would count the same");
}

#[actix_web::test]
async fn rows_that_arrive_at_this_very_instant_count_and_later_ones_do_not() {
    let stand = Stand::new().await;
    let now = unpriced(&stand, "sonnet", 0);
    let mut later = stand.row(Micros(NOW.0 + 60_000_000), 1);
    (later.cost, later.unbilled) = (None, Some("unpriced".into()));
    stand.write(&[now, later]).await;
    upload(&stand).await;
    assert_eq!(stand.done(FILL, json!({})).await["filled"], 1);
}

#[actix_web::test]
async fn only_admins_fill() {
    let stand = Stand::new().await;
    assert_eq!(stand.call(As::User, FILL, json!({})).await.0, StatusCode::FORBIDDEN);
    assert_eq!(stand.call(As::Nobody, FILL, json!({})).await.0, StatusCode::UNAUTHORIZED);
    assert!(stand.refused(FILL, json!({ "model": "" })).await.contains("model"));
    assert!(stand.refused(FILL, json!({ "model": 7 })).await.contains("string"));
}
