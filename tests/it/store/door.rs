//! The door: same calls, same answers on both engines.

use std::time::{Duration, Instant};

use switchyard::params;
use switchyard::store::{Batch, Kind, Rule, Slot, Store, StoreError, Value};

use super::database::{both, config, create, postgres, sqlite};

fn session() -> Vec<Value> {
    params![vec![1_u8; 32], "admin", None::<i64>, 1, 2, None::<&str>, None::<&str>, None::<Vec<u8>>]
}

async fn version_of(store: &Store, section: &str) -> i64 {
    let rows = store.query("catalogue/versions", params![]).await.unwrap();
    let row = rows.iter().find(|row| row.text("section").unwrap() == section).unwrap();
    row.int("version").unwrap()
}

#[tokio::test]
async fn a_batch_happens_as_a_whole_or_not_at_all() {
    for fresh in both().await {
        let store = &fresh.store;
        let twice = Batch::new()
            .with("catalogue/bump", params!["prices"])
            .with("catalogue/bump", params!["prices"])
            .with("catalogue/bump", params!["nothing"]);
        assert_eq!(store.apply(twice).await.unwrap(), [1, 1, 0]);
        assert_eq!(version_of(store, "prices").await, 3);
        let broken = Batch::new()
            .with("catalogue/bump", params!["prices"])
            .with("settings/put", params!["a", Value::Json("{".into()), 1]);
        let bump_then_duplicate = Batch::new()
            .with("catalogue/bump", params!["prices"])
            .with("console_sessions/add", session())
            .with("console_sessions/add", session());
        if store.is_shared() {
            assert!(store.apply(broken).await.is_err());
        }
        let error = store.apply(bump_then_duplicate).await.unwrap_err();
        assert!(error.is_duplicate(), "{error}");
        assert_eq!(version_of(store, "prices").await, 3);
    }
}

/// Something for each parameter of `ledger/insert`, which is marked `-- together`.
fn request(store: &Store, id: u8) -> Vec<Value> {
    let statement = store.statements().get("ledger/insert").unwrap();
    let value = |slot: &Slot| match slot.kind {
        _ if slot.nullable => Value::Null,
        Kind::Int => Value::Int(0),
        Kind::Text => Value::Text("".into()),
        Kind::Bytes => Value::Bytes(vec![id; 16]),
        Kind::Json => Value::Json("[]".into()),
    };
    statement.params.iter().map(value).collect()
}

#[tokio::test]
async fn the_first_of_statements_that_go_as_one_tells_for_all() {
    for fresh in both().await {
        let store = &fresh.store;
        let inserts = |ids: &[u8]| {
            let mut batch = Batch::new();
            for id in ids {
                batch.push("ledger/insert", request(store, *id));
            }
            batch
        };
        let more = inserts(&[1, 1, 2]).with("catalogue/bump", params!["prices"]);
        assert_eq!(store.apply(more).await.unwrap(), [2, 0, 0, 1]);
        assert_eq!(store.apply(inserts(&[2, 3, 4])).await.unwrap(), [2, 0, 0]);
        assert_eq!(store.apply(inserts(&[4])).await.unwrap(), [0]);
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.apply(inserts(&[4, 5, 6])).await.unwrap(), [2, 0, 0]);
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_dropped_transaction_never_happened() {
    for fresh in both().await {
        let store = &fresh.store;
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.execute("catalogue/bump", params!["prices"]).await.unwrap(), 1);
        let seen = tx.query("catalogue/versions", params![]).await.unwrap();
        assert_eq!(seen.iter().filter(|row| row.int("version").unwrap() == 2).count(), 1);
        drop(tx);
        assert_eq!(version_of(store, "prices").await, 1);
        let mut tx = store.begin().await.unwrap();
        tx.execute("catalogue/bump", params!["prices"]).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(version_of(store, "prices").await, 2);
    }
}

#[tokio::test]
async fn parameters_that_do_not_fit_are_refused_before_the_engine_sees_them() {
    for fresh in both().await {
        let store = &fresh.store;
        for params in [params![], params![1], params![None::<i64>], params!["a", "b"]] {
            let error = store.execute("catalogue/bump", params).await.unwrap_err();
            assert!(matches!(error, StoreError::Parameters { .. }), "{error}");
        }
        let error = store.execute("catalogue/nothing", params![]).await.unwrap_err();
        assert!(matches!(error, StoreError::UnknownStatement(_)));
    }
}

#[tokio::test]
async fn a_reference_to_nobody_is_told_as_such() {
    for fresh in both().await {
        let (nobody, none) = (None::<&str>, None::<Vec<u8>>);
        let session = params![vec![1_u8; 32], "key", 77_i64, 1, 2, nobody, nobody, none];
        let error = fresh.store.execute("console_sessions/add", session).await.unwrap_err();
        assert!(matches!(error, StoreError::Broken { rule: Rule::Reference, .. }), "{error}");
    }
}

#[tokio::test]
async fn text_with_nul_is_stored_with_a_replacement() {
    for fresh in both().await {
        let store = &fresh.store;
        let document = Value::json(&["a\0b", "\\u0000"]).unwrap();
        store.execute("settings/put", params!["k\0", document, 5]).await.unwrap();
        let row = store.query_one("settings/get", params!["k\u{FFFD}"]).await.unwrap();
        let read: Vec<String> = row.json("value").unwrap();
        assert_eq!(read, ["a\u{FFFD}b", "\\u0000"]);
    }
}

#[tokio::test]
async fn a_dsn_that_cannot_work_ends_in_one_sentence_soon() {
    let directory = tempfile::tempdir().unwrap();
    let sound = create(None).await;
    let wrong_database = format!("{sound}_gone");
    let dsns = [
        ("postgres://ann:hunter2@127.0.0.1:1/yard", "nothing listens there"),
        ("postgres://ann:hunter2@no-such-host.invalid/yard", "host name"),
        (&wrong_database, "create the database"),
    ];
    for (dsn, advice) in dsns {
        let began = Instant::now();
        let settings = config(directory.path().to_owned(), Some(dsn));
        let told = Store::connect(&settings).await.unwrap_err().to_string();
        assert!(told.contains(advice), "{told}");
        assert!(told.contains("user ") && told.contains("database "), "{told}");
        assert!(!told.contains("hunter2") && !told.contains('\n'), "{told}");
        assert!(began.elapsed() < Duration::from_secs(30));
    }
}

#[tokio::test]
async fn lost_connections_are_replaced_without_a_word() {
    let fresh = postgres().await;
    let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
    for _ in 0..5 {
        assert_eq!(version_of(&fresh.store, "prices").await, 1);
        fresh.run_outside(kill).await;
        assert_eq!(version_of(&fresh.store, "prices").await, 1);
        fresh.run_outside(kill).await;
        let tx = fresh.store.begin().await.unwrap();
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_transaction_that_falls_silent_gives_the_only_writer_back() {
    let fresh = sqlite().await;
    let mut silent = fresh.store.begin().await.unwrap();
    silent.execute("catalogue/bump", params!["prices"]).await.unwrap();
    // Waits for the writer; nothing but the limit on silence sets it free.
    fresh.store.execute("catalogue/bump", params!["groups"]).await.unwrap();
    assert!(silent.commit().await.unwrap_err().is_unavailable());
    assert_eq!(version_of(&fresh.store, "prices").await, 1);
    assert_eq!(version_of(&fresh.store, "groups").await, 2);
}

#[tokio::test]
async fn a_bulk_batch_is_small_enough_for_those_who_wait() {
    for fresh in both().await {
        let mut batch = Batch::new();
        for _ in 0..500 {
            batch.push("catalogue/bump", params!["prices"]);
        }
        fresh.store.apply_bulk(batch.clone()).await.unwrap();
        assert_eq!(version_of(&fresh.store, "prices").await, 501);
        batch.push("catalogue/bump", params!["prices"]);
        assert!(fresh.store.apply_bulk(batch).await.is_err());
        assert_eq!(version_of(&fresh.store, "prices").await, 501);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_reads_the_embedded_database() {
    use std::os::unix::fs::PermissionsExt;
    let fresh = sqlite().await;
    for name in ["switchyard.db", "switchyard.db-wal", "switchyard.db-shm"] {
        let mode = fresh.config.data_dir.join(name).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}
