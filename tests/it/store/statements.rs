//! Every statement in `sql/queries` runs on both engines, and is run by somebody.

use std::path::Path;

use switchyard::store::{Kind, Slot, Statement, Store, StoreError, Value};

use super::database::both;

fn sample(slot: &Slot) -> Value {
    match slot.kind {
        Kind::Int => Value::Int(1),
        Kind::Text => Value::from("sample"),
        // A range must not be empty.
        Kind::Bytes => Value::Bytes(vec![if slot.name == "to_id" { 2 } else { 1 }; 16]),
        // Some lists are of numbers, the others of texts that are hexadecimal numbers as well.
        Kind::Json if slot.name == "keys" => Value::Json("[1]".into()),
        Kind::Json => Value::Json(r#"["abcd"]"#.into()),
    }
}

fn null(slot: &Slot) -> Value {
    if slot.nullable { Value::Null } else { sample(slot) }
}

/// Runs a statement in a transaction that is never committed, so that none sees another's rows.
async fn run(store: &Store, statement: &Statement, value: fn(&Slot) -> Value) {
    let params = statement.params.iter().map(value).collect();
    let mut tx = store.begin().await.unwrap();
    match tx.query(statement.name, params).await {
        // Sample values need not make sense to the schema; the statement has run.
        Ok(_) | Err(StoreError::Broken { .. }) => {}
        Err(error) => panic!("{} on {}: {error}", statement.name, store.place()),
    }
}

#[tokio::test]
async fn every_statement_runs_on_each_engine_with_samples_and_with_nulls() {
    for fresh in both().await {
        let store = &fresh.store;
        for statement in store.statements().iter() {
            run(store, statement, sample).await;
            run(store, statement, null).await;
        }
    }
}

#[tokio::test]
async fn what_counts_as_reading_only_reads() {
    let fresh = super::database::sqlite().await;
    let path = fresh.config.data_dir.join("switchyard.db");
    let db = rusqlite::Connection::open(path).unwrap();
    for statement in fresh.store.statements().iter() {
        let prepared = db.prepare(&statement.lite).unwrap();
        assert_eq!(prepared.readonly(), statement.reads, "{}", statement.name);
        let columns: Vec<&str> = prepared.column_names().collect();
        let declared: Vec<&str> = statement.returns.iter().map(|slot| slot.name).collect();
        assert_eq!(columns, declared, "{}", statement.name);
    }
}

#[test]
fn every_statement_has_a_caller_and_a_purpose() {
    let mut sources = String::new();
    gather(Path::new(env!("CARGO_MANIFEST_DIR")).join("src").as_path(), &mut sources);
    for statement in switchyard::store::Statements::load().unwrap().iter() {
        let quoted = format!("\"{}\"", statement.name);
        assert!(
            sources.contains(&quoted),
            "{} is in sql/queries, but nobody runs it",
            statement.name
        );
    }
    for statement in switchyard::store::Statements::load().unwrap().iter() {
        let file = format!("{}/sql/queries/{}.sql", env!("CARGO_MANIFEST_DIR"), statement.name);
        let text = std::fs::read_to_string(file).unwrap();
        let first = text.lines().next().unwrap();
        assert!(first.starts_with("-- ") && !first.contains("params:"), "{}", statement.name);
        assert!(!text.contains("::"), "{}: casts are not portable", statement.name);
        let upper = text.to_uppercase();
        for word in ["NOW()", "ILIKE", "DISTINCT ON", "SELECT *"] {
            assert!(!upper.contains(word), "{}: {word} is not portable", statement.name);
        }
    }
}

fn gather(folder: &Path, sources: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(&path, sources);
        } else {
            sources.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}
