//! The start: what ends it, how soon, and what it leaves behind.

use std::time::{Duration, Instant};

use crate::support::launch::{self, Process};
use crate::support::services::Database;
use crate::support::waiting::{self, SOON};

#[tokio::test]
async fn a_start_that_waits_for_another_node_can_be_stopped() {
    let database = Database::create().await;
    let other = database.connect().await;
    other.batch_execute("SELECT pg_advisory_lock(7349873459823)").await.unwrap();
    let data = tempfile::TempDir::new().unwrap();
    let extra = [("DSN", &*database.dsn())];
    let mut process = Process::spawn(launch::command(data.path(), launch::free_port(), &extra));
    waiting::until_true("the start is under way", SOON, || {
        process.output().contains("may be open")
    })
    .await;
    let asked = Instant::now();
    process.sigterm();
    let status = process.wait(SOON);
    assert_eq!(status.code(), Some(0), "{}", process.output());
    assert!(asked.elapsed() < Duration::from_secs(3), "it took {:?}", asked.elapsed());
}

#[tokio::test]
async fn a_look_at_the_migrations_makes_nothing() {
    let place = tempfile::TempDir::new().unwrap();
    let data = place.path().join("data");
    let extra = [(launch::DATA_DIR, data.to_str().unwrap())];
    for flag in ["--status", "--dry-run"] {
        let (status, text) = launch::run_to_end(place.path(), &["migrate", flag], &extra);
        assert!(status.success() && text.contains("0001_accounts"), "{text}");
        assert!(!data.exists(), "{flag} made the data directory");
    }
    let (status, text) = launch::run_to_end(place.path(), &["migrate"], &extra);
    assert!(status.success(), "{text}");
    let (_, text) = launch::run_to_end(place.path(), &["migrate", "--status"], &extra);
    assert!(!text.contains("pending"), "{text}");
}
