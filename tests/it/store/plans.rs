//! The embedded database finds pages of a large ledger by an index, in order, without sorting.

use rusqlite::Connection;
use switchyard::store::Store;

use super::database::sqlite;

fn plan(db: &Connection, store: &Store, name: &str) -> Vec<String> {
    let statement = store.statements().get(name).unwrap();
    let mut explained = db.prepare(&format!("EXPLAIN QUERY PLAN {}", statement.lite)).unwrap();
    // The plan does not depend on values: none are bound.
    explained.raw_query().mapped(|row| row.get("detail")).map(Result::unwrap).collect()
}

#[tokio::test]
async fn every_page_comes_from_the_index_that_is_meant_for_it() {
    let fresh = sqlite().await;
    let db = Connection::open(fresh.config.data_dir.join("switchyard.db")).unwrap();
    let wanted = [
        ("ledger/page", "sqlite_autoindex_requests_1"),
        ("ledger/page_of_user", "requests_user"),
        ("ledger/page_of_key", "requests_key"),
        ("ledger/page_of_provider", "requests_provider"),
        ("ledger/page_of_session", "requests_session"),
        ("ledger/page_of_status", "requests_failed"),
        ("ledger/page_of_user_failed", "requests_user_failed"),
        ("ledger/page_of_key_failed", "requests_key_failed"),
        ("ledger/summary", "sqlite_autoindex_requests_1"),
        ("ledger/summary_of_user", "requests_user "),
        ("ledger/summary_of_key", "requests_key "),
        ("ledger/summary_of_provider", "requests_provider"),
        ("ledger/summary_of_session", "requests_session"),
        ("ledger/summary_of_status", "requests_failed"),
        ("ledger/summary_of_user_failed", "requests_user_failed"),
        ("ledger/summary_of_key_failed", "requests_key_failed"),
        ("ledger/summary_rolled", "PRIMARY KEY (slot>? AND slot<?)"),
        ("ledger/statuses", "requests_failed"),
        ("ledger/unpriced", "requests_unpriced"),
        ("stats/key_last", "requests_key"),
        ("stats/provider_last", "requests_provider"),
        ("spend/of_key_rows", "requests_key"),
        ("spend/since_reset_rows", "requests_key (key_id=? AND request_id>? AND request_id<?)"),
        ("spend/since_reset_rows", "requests_user (user_id=? AND request_id>? AND request_id<?)"),
        ("spend/since_reset_rows", "requests_provider (provider_id=? AND request_id>? AND"),
        ("spend/since_reset_slots", "PRIMARY KEY (slot>?)"),
        // Figures are read once, not once for each reset.
        ("spend/since_shared_slots", "CO-ROUTINE figures"),
        ("spend/since_shared_slots", "PRIMARY KEY (slot>?)"),
        ("ledger/ended", "sqlite_autoindex_requests_1 (request_id>?)"),
        ("resets/list", "user_keys_reset (costs_count_from>?)"),
        ("resets/list", "users_reset (costs_count_from>?)"),
        ("resets/list", "providers_reset (costs_count_from>?)"),
        ("prices/page", "model_prices_newest (model>?)"),
        ("prices/counts", "COVERING INDEX model_prices_newest"),
        ("stats/latencies_of_user", "requests_user"),
        // Charts read the slots of their span, not every slot there is.
        ("stats/series", "PRIMARY KEY (slot>? AND slot<?)"),
        ("stats/parts", "PRIMARY KEY (slot>? AND slot<?)"),
        ("stats/series_of_parts", "PRIMARY KEY (slot>? AND slot<?)"),
        ("stats/latencies", "PRIMARY KEY (slot>? AND slot<?)"),
        ("stats/strip", "PRIMARY KEY (slot>? AND slot<?)"),
    ];
    for (name, index) in wanted {
        let plan = plan(&db, &fresh.store, name);
        assert!(plan.iter().any(|step| step.contains(index)), "{name}: {plan:#?}");
        if name.starts_with("ledger/page") {
            assert_eq!(plan.len(), 1, "{name} sorts or joins: {plan:#?}");
        }
    }
}
