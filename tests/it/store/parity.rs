//! The same script on both engines leaves the same data.

use std::collections::BTreeMap;

use switchyard::store::{Kind, Statement, Store, Value};
use switchyard_actors::clock::RequestIds;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::price::PriceSource;
use switchyard_actors::ports::SheetEntry;

use super::database::{ALWAYS, Fresh, NOW, both};
use super::sample::{accounts, full_row, row};

async fn script(fresh: &Fresh) {
    let store = &fresh.store;
    accounts(fresh, "v1.sealed", "sk-ann").await;
    let ids = RequestIds::default();
    let mut rows: Vec<_> =
        (0..60).map(|n| row(&ids, Micros(NOW.0 + n * 60_000_000), n.unsigned_abs())).collect();
    rows.push(full_row(&ids, Micros(NOW.0 + 61 * 60_000_000)));
    rows.push(row(&ids, Micros(NOW.0 + 62 * 60_000_000), 3));
    rows[7].status = 404;
    rows[9].opened.model = None;
    store.write_ledger(&rows[..40]).await.unwrap();
    store.recompute_dirty_slots("me", NOW, ALWAYS).await.unwrap();
    store.write_ledger(&rows[40..]).await.unwrap();
    let entry = |model: &str| SheetEntry { model: model.into(), json: "{ }".into() };
    let entries = [entry("b"), entry("A"), entry("a-1"), entry("\u{e9}")];
    store.add_prices(&entries, PriceSource::Synced, NOW).await.unwrap();
    store.put_settings(&[("b", "x"), ("A", "y")], NOW).await.unwrap();
    store.settle_fact("k", "v").await.unwrap();
}

/// Values that find what the script wrote.
fn telling(statement: &Statement) -> Vec<Value> {
    let value = |name: &str, kind: Kind, nullable: bool| match (name, kind) {
        _ if nullable => Value::Null,
        ("before" | "to_id", Kind::Bytes) => Value::Bytes(vec![0xFF; 16]),
        (_, Kind::Bytes) => Value::Bytes(vec![0; 16]),
        ("before" | "limit" | "to", _) => Value::Int(i64::MAX),
        ("status", Kind::Int) => Value::Int(200),
        ("since" | "from" | "offset" | "exclude_200" | "faults" | "min_retries", _) => {
            Value::Int(0)
        }
        (_, Kind::Int) => Value::Int(1),
        ("measure", _) => Value::from("duration"),
        ("session_id", _) => Value::from("s-1"),
        (_, Kind::Text) => Value::from("k"),
        (_, Kind::Json) => Value::Json("[]".into()),
    };
    statement.params.iter().map(|slot| value(slot.name, slot.kind, slot.nullable)).collect()
}

/// Everything that reading statements give; documents by meaning, not by spelling.
async fn readings(store: &Store) -> BTreeMap<&'static str, Vec<Vec<String>>> {
    let spell = |value: &Value| match value {
        Value::Json(text) => serde_json::from_str::<serde_json::Value>(text).unwrap().to_string(),
        other => format!("{other:?}"),
    };
    let mut readings = BTreeMap::new();
    for statement in store.statements().iter().filter(|statement| statement.reads) {
        if statement.name == "ledger/make_partition" {
            continue;
        }
        let rows = store.query(statement.name, telling(statement)).await.unwrap();
        let mut rows: Vec<Vec<String>> =
            rows.iter().map(|row| row.values().iter().map(spell).collect()).collect();
        // Without an ORDER BY the order is nobody's promise.
        if !statement.pg.contains("ORDER BY") {
            rows.sort();
        }
        readings.insert(statement.name, rows);
    }
    readings
}

#[tokio::test]
async fn the_same_script_gives_the_same_answers_on_both_engines() {
    let [lite, pg] = both().await;
    script(&lite).await;
    script(&pg).await;
    let (lite, pg) = (readings(&lite.store).await, readings(&pg.store).await);
    for (name, rows) in &lite {
        assert_eq!(Some(rows), pg.get(name), "{name}");
    }
    for name in ["ledger/page", "ledger/page_of_session", "spend/by_slot", "catalogue/callers"] {
        assert!(!lite.get(name).unwrap().is_empty(), "{name} found nothing to compare");
    }
}
