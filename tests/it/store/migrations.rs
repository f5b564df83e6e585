//! Migrations: in step on both engines, safe to run twice at once, honest about what they refuse.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use switchyard::store::Store;
use switchyard::store::migrate::Outlook;

use super::database::{NOW, both, config, create, postgres, sqlite};

const COLUMNS_PG: &str = "SELECT table_name::text, column_name::text FROM information_schema.columns \
    WHERE table_schema = 'public' AND table_name <> 'requests_default' \
    ORDER BY table_name, ordinal_position";
const COLUMNS_LITE: &str = "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c \
    WHERE t.type IN ('table', 'view') AND t.name NOT LIKE 'sqlite_%' ORDER BY t.name, c.cid";

type Tables = BTreeMap<String, Vec<String>>;

fn tables(pairs: impl Iterator<Item = (String, String)>) -> Tables {
    let mut tables = Tables::new();
    for (table, column) in pairs {
        tables.entry(table).or_default().push(column);
    }
    tables
}

#[tokio::test]
async fn both_engines_end_with_the_same_tables_and_columns() {
    let fresh = sqlite().await;
    let db = rusqlite::Connection::open(fresh.config.data_dir.join("switchyard.db")).unwrap();
    let mut statement = db.prepare(COLUMNS_LITE).unwrap();
    let pairs = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let lite = tables(pairs.map(Result::unwrap));

    let fresh = postgres().await;
    let dsn = fresh.config.dsn.as_ref().unwrap().reveal();
    let (client, connection) = tokio_postgres::connect(dsn, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let rows = client.query(COLUMNS_PG, &[]).await.unwrap();
    let pg = tables(rows.iter().map(|row| (row.get(0), row.get(1))));

    assert!(lite.len() > 15, "{:?}", lite.keys());
    assert_eq!(lite, pg);
}

#[tokio::test]
async fn two_runners_at_once_apply_each_step_once() {
    let directory = tempfile::tempdir().unwrap();
    let dsn = create(None).await;
    for dsn in [None, Some(dsn.as_str())] {
        let settings = config(directory.path().to_owned(), dsn);
        let one = Store::connect(&settings).await.unwrap();
        let two = Store::connect(&settings).await.unwrap();
        let (first, second) = tokio::join!(one.migrate(true, NOW), two.migrate(true, NOW));
        let mut applied = [first.unwrap(), second.unwrap()].concat();
        applied.sort_unstable();
        let status = Outlook::of(&settings).await.unwrap().steps;
        let names: Vec<&str> = status.iter().map(|step| step.name.as_str()).collect();
        assert_eq!(applied, names);
        assert!(status.iter().all(|step| step.applied_at == Some(NOW)));
    }
}

#[tokio::test]
async fn without_leave_to_migrate_the_pending_step_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let dsn = create(None).await;
    for dsn in [None, Some(dsn.as_str())] {
        let store = Store::connect(&config(directory.path().to_owned(), dsn)).await.unwrap();
        let told = store.migrate(false, NOW).await.unwrap_err().to_string();
        assert!(told.contains("0001_accounts") && told.contains("AUTO_MIGRATE"), "{told}");
        assert!(store.pending_migrations().await.unwrap()[0].sql.contains("CREATE TABLE users"));
        store.migrate(true, NOW).await.unwrap();
        assert!(store.migrate(false, NOW).await.unwrap().is_empty());
        assert!(store.pending_migrations().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_newer_or_changed_database_is_refused() {
    let changed = "UPDATE schema_migrations SET checksum = 'x' WHERE version = 2";
    let newer = "INSERT INTO schema_migrations (version, name, checksum, applied_at) \
                 VALUES (9999, '9999_later', 'x', 1)";
    for (change, words) in [(changed, "is not the one"), (newer, "start the newer version")] {
        for fresh in both().await {
            fresh.run_outside(change).await;
            let told = fresh.store.migrate(true, NOW).await.unwrap_err().to_string();
            assert!(told.contains(words), "{told}");
        }
    }
}

#[tokio::test]
async fn who_waits_for_the_lock_in_vain_is_told_who_has_it() {
    let directory = tempfile::tempdir().unwrap();
    let dsn = create(None).await;
    let store = Store::connect(&config(directory.path().to_owned(), Some(&dsn))).await.unwrap();
    let (other, connection) = tokio_postgres::connect(&dsn, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    other.batch_execute("SELECT pg_advisory_lock(7349873459823)").await.unwrap();
    let pid: i32 = other.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
    let began = Instant::now();
    let waiting = store.migrate_within(Duration::from_millis(600), true, NOW);
    let told = waiting.await.unwrap_err().to_string();
    assert!(began.elapsed() < Duration::from_secs(10));
    assert!(told.contains(&format!("pg_terminate_backend({pid})")), "{told}");
    drop(other);
    assert!(!store.migrate(true, NOW).await.unwrap().is_empty(), "the lock went with its holder");
}

#[tokio::test]
async fn a_look_lists_what_is_pending_and_leaves_no_trace() {
    let place = tempfile::tempdir().unwrap();
    let directory = place.path().join("data");
    let outlook = Outlook::of(&config(directory.clone(), None)).await.unwrap();
    assert!(outlook.steps.iter().all(|step| step.applied_at.is_none()), "{outlook:?}");
    assert_eq!(outlook.pending.len(), outlook.steps.len());
    assert!(!directory.exists());
    std::fs::create_dir(&directory).unwrap();
    Outlook::of(&config(directory.clone(), None)).await.unwrap();
    assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 0);

    let file = directory.join("switchyard.db");
    rusqlite::Connection::open(&file).unwrap().execute_batch("CREATE TABLE own (a)").unwrap();
    let before = std::fs::read(&file).unwrap();
    Outlook::of(&config(directory, None)).await.unwrap();
    assert_eq!(std::fs::read(&file).unwrap(), before, "not even the journal mode is set");
}

#[tokio::test]
async fn models_asked_for_before_there_was_a_list_are_on_it() {
    let folder = format!("{}/sql/migrations/", env!("CARGO_MANIFEST_DIR"));
    let step = |engine: &str, name: &str| {
        std::fs::read_to_string(format!("{folder}{engine}/{name}.sql")).unwrap()
    };
    let rows = |id: fn(usize) -> String| {
        let models = ["'b'", "'a'", "NULL", "'b'"];
        let row = |(number, model): (usize, &&str)| {
            format!(
                "INSERT INTO requests (request_id, started_at, ended_at, user_id, key_id, dialect, \
                   operation, path, model, is_stream, estimate, outcome, status, \
                   is_usage_complete, duration_ms, duration_bucket, retries, chain, edits, notes, \
                   catalogue) \
                 VALUES ({}, 1, 1, 1, 1, 'd', 'o', 'p', {model}, 0, 0, 's', 200, 1, 1, 1, 0, '[]', \
                   '[]', '[]', 1);",
                id(number)
            )
        };
        models.iter().enumerate().map(row).collect::<String>()
    };
    let list = "SELECT model FROM asked_models ORDER BY model";

    let db = rusqlite::Connection::open_in_memory().unwrap();
    db.execute_batch(&step("sqlite", "0003_ledger")).unwrap();
    db.execute_batch(&rows(|number| format!("x'0{number}'"))).unwrap();
    db.execute_batch(&step("sqlite", "0005_asked_models")).unwrap();
    let mut statement = db.prepare(list).unwrap();
    let found: Vec<String> =
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    assert_eq!(found, ["a", "b"]);

    let dsn = create(None).await;
    let (client, connection) = tokio_postgres::connect(&dsn, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    for name in ["0001_accounts", "0002_providers", "0003_ledger"] {
        client.batch_execute(&step("postgres", name)).await.unwrap();
    }
    client.batch_execute(&rows(|number| format!("'\\x0{number}'"))).await.unwrap();
    client.batch_execute(&step("postgres", "0005_asked_models")).await.unwrap();
    let found = client.query(list, &[]).await.unwrap();
    let found: Vec<String> = found.iter().map(|row| row.get(0)).collect();
    assert_eq!(found, ["a", "b"]);
}

/// A ledger of before faults were counted: a slot that was counted with an error in it, one without,
/// and one with an error that no chart reaches any more.
fn counted_without_faults(id: fn(u8) -> String) -> String {
    const OLD: i64 = 40 * 86_400_000_000;
    let slots = [(1, OLD + 900_000_000, 1), (2, OLD, 0), (3, 0, 1)];
    let ends = [(1, "upstream_error", 502), (1, "client_error", 400), (2, "success", 200)];
    let ends = ends.into_iter().chain([(3, "truncated", 502)]).enumerate();
    let row = |(number, (slot, outcome, status)): (usize, (u8, &str, u16))| {
        let id = id(16 * slot + u8::try_from(number).unwrap());
        format!(
            "INSERT INTO requests (request_id, started_at, ended_at, user_id, key_id, dialect, \
               operation, path, is_stream, estimate, outcome, status, is_usage_complete, \
               duration_ms, duration_bucket, retries, chain, edits, notes, catalogue) \
             VALUES ({id}, 1, 1, 1, 1, 'd', 'o', 'p', 0, 0, '{outcome}', {status}, 1, 1, 1, 0, \
               '[]', '[]', '[]', 1);"
        )
    };
    let slot = |(number, begin, errors): (u8, i64, i64)| {
        let (from, to) = (id(16 * number), id(16 * number + 16));
        format!(
            "INSERT INTO dirty_slots (slot, from_id, to_id, mark, done) \
             VALUES ({begin}, {from}, {to}, 1, 1); \
             INSERT INTO rollups (slot, user_id, key_id, provider_id, model, group_name, requests, \
               errors, unmetered, unpriced, input_tokens, output_tokens, reasoning_tokens, \
               cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, \
               image_input_tokens, image_output_tokens, cost, list_cost, duration_ms) \
             VALUES ({begin}, 1, 1, 1, 'm', 'g', 1, {errors}, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, \
               0);"
        )
    };
    ends.map(row).chain(slots.into_iter().map(slot)).collect()
}

/// What the version before does with the slot that has a fault in it.
const FORMER_COUNT: &str = "UPDATE dirty_slots SET mark = 2, done = 2 WHERE mark > counted; \
    UPDATE rollups SET faults = 0";

#[tokio::test]
async fn what_was_counted_before_faults_were_is_counted_anew_as_far_as_charts_reach() {
    let folder = format!("{}/sql/migrations/", env!("CARGO_MANIFEST_DIR"));
    let step = |engine: &str, name: &str| {
        std::fs::read_to_string(format!("{folder}{engine}/{name}.sql")).unwrap()
    };
    let anew = "SELECT COUNT(*) FROM dirty_slots WHERE mark > counted";
    let faults = "SELECT CAST(SUM(faults) AS BIGINT) FROM figures";
    let wanted = [1_i64, 1];

    let db = rusqlite::Connection::open_in_memory().unwrap();
    for name in ["0003_ledger", "0005_asked_models"] {
        db.execute_batch(&step("sqlite", name)).unwrap();
    }
    db.execute_batch(&counted_without_faults(|id| format!("x'{id:02x}'"))).unwrap();
    db.execute_batch(&step("sqlite", "0006_faults")).unwrap();
    let one = |sql: &str| db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!([one(anew), one(faults)], wanted);
    // A node of the version before counts it again, in its own way.
    db.execute_batch(FORMER_COUNT).unwrap();
    assert_eq!([one(anew), one(faults)], wanted);

    let dsn = create(None).await;
    let (client, connection) = tokio_postgres::connect(&dsn, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    for name in ["0001_accounts", "0002_providers", "0003_ledger", "0005_asked_models"] {
        client.batch_execute(&step("postgres", name)).await.unwrap();
    }
    let rows = counted_without_faults(|id| format!("'\\x{id:02x}'"));
    client.batch_execute(&rows).await.unwrap();
    client.batch_execute(&step("postgres", "0006_faults")).await.unwrap();
    for former in ["", FORMER_COUNT] {
        client.batch_execute(former).await.unwrap();
        let mut found = Vec::new();
        for sql in [anew, faults] {
            found.push(client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0));
        }
        assert_eq!(found, wanted);
    }
}
