//! `switchyard demo`: a stranger without a vendor key sees the real program at work, and nothing of
//! it stays.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::client::{Answer, Client, Request};
use crate::support::launch::{self, Process};
use crate::support::waiting;

/// The longest a start may take before a test fails (debug builds on busy machines).
const START: Duration = Duration::from_mins(1);
/// How long a stop may take, with answers that run.
const STOP: Duration = Duration::from_secs(40);
/// What lets everybody in.
pub const KEY: &str = "demo";
const DAY_MS: i64 = 86_400_000;

/// A running demonstration.
pub struct Demo {
    process: Process,
    address: SocketAddr,
    place: TempDir,
}

impl Demo {
    /// Starts one that puts its temporary directory into a directory of the test's.
    pub async fn start(extra: &[(&str, &str)]) -> Self {
        let place = TempDir::new().expect("a directory");
        let port = launch::free_port();
        let process = Process::spawn(command(place.path(), port, extra));
        let mut demo = Self { process, address: SocketAddr::from(([127, 0, 0, 1], port)), place };
        demo.wait_ready().await;
        demo
    }

    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    async fn wait_ready(&mut self) {
        let client = Client::new(self.address);
        let process = &mut self.process;
        waiting::until("the demo gets ready", START, async || {
            if let Some(status) = process.ended() {
                panic!("the demo ended with {status}:\n{}", process.output());
            }
            let answer = client
                .try_send(&Request::get("/api/health/ready").header("host", "localhost"))
                .await
                .ok()?;
            (answer.status == 200).then_some(())
        })
        .await;
    }

    async fn send(&self, request: &Request) -> Answer {
        // Whoever asks for another host is turned away.
        let own = request.clone().header("host", "127.0.0.1");
        let request = if request.has("host") { request } else { &own };
        Client::new(self.address).send(request).await
    }

    /// Calls an action as the administrator and returns its data.
    async fn admin(&self, action: &str, body: Value) -> Value {
        let request = Request::post(&format!("/api/actions/{action}"), body.to_string())
            .bearer(KEY)
            .header("cookie", &format!("auth-token={KEY}"));
        let answer = self.send(&request).await;
        assert_eq!(answer.status, 200, "{action}: {}", answer.text());
        answer.json()["data"].clone()
    }

    /// Counts the rows from an instant on.
    async fn rows_since(&self, from: i64) -> i64 {
        let page =
            self.admin("usage-logs/getUsageLogs", json!({ "pageSize": 1, "startTime": from }));
        page.await["total"].as_i64().expect("a total")
    }

    /// Returns the newest row's arrival.
    async fn newest(&self) -> Value {
        self.admin("usage-logs/getUsageLogs", json!({ "pageSize": 1 })).await["logs"][0].clone()
    }
}

fn command(place: &Path, port: u16, extra: &[(&str, &str)]) -> std::process::Command {
    let mut command = launch::command(place, port, extra);
    command.arg("demo").env("TMPDIR", place);
    command
}

/// Lists what is in a directory.
fn content(place: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(place).expect("the directory is there");
    entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

#[tokio::test]
async fn a_stranger_sees_people_vendors_and_a_month_of_requests() {
    let demo = Demo::start(&[]).await;
    let login = demo.send(&Request::get("/login")).await.text();
    assert!(login.contains("The key is “demo”"), "{login}");
    // A page of somebody else whose name leads here gets nothing.
    let rebound = demo.send(&Request::get("/login").header("host", "rebound.test")).await;
    assert_eq!(rebound.status, 421);
    let form = "application/x-www-form-urlencoded";
    let mut entering = Request::get("/login").header("content-type", form).body("key=demo");
    "POST".clone_into(&mut entering.method);
    assert_eq!(demo.send(&entering).await.status, 303);
    let providers = demo.admin("providers/getProviders", json!({})).await;
    assert!(providers.as_array().unwrap().len() >= 5, "{providers}");
    let users = demo.admin("users/getUsers", json!({})).await;
    let users = users.as_array().unwrap().clone();
    assert_eq!(users.len(), 6);
    assert!(users.iter().any(|user| user["isEnabled"] == false), "one has left");
    let all = demo.rows_since(0).await;
    assert!(all > 5_000, "{all}");
    let now = instant(&demo.newest().await["createdAt"]);
    let recent = demo.rows_since(now - 15 * DAY_MS).await;
    assert!(recent < all * 7 / 10, "{recent} of {all} are of the last half");
    assert_eq!(demo.rows_since(now - 31 * DAY_MS).await, all);
}

#[tokio::test]
async fn figures_are_those_of_the_rows_and_new_rows_keep_coming() {
    let demo = Demo::start(&[]).await;
    let midnight = midnight(instant(&demo.newest().await["createdAt"]));
    let before = demo.rows_since(midnight).await;
    let overview = demo.admin("overview/getOverviewData", json!({})).await;
    let after = demo.rows_since(midnight).await;
    let today = overview["todayRequests"].as_i64().unwrap();
    assert!((before..=after).contains(&today), "{before} <= {today} <= {after}");
    let began = instant(&demo.newest().await["createdAt"]);
    let limit = Duration::from_secs(90);
    let page = json!({ "pageSize": 100 });
    waiting::until(
        "requests of three dialects are answered live, in sessions",
        limit,
        async || {
            let logs = demo.admin("usage-logs/getUsageLogs", page.clone()).await["logs"].clone();
            let new = logs.as_array()?.iter().filter(|row| instant(&row["createdAt"]) > began);
            let is_whole = |row: &&Value| row["statusCode"] == 200 && row["usageComplete"] == true;
            let good: Vec<Value> = new.filter(is_whole).cloned().collect();
            let mut paths: Vec<_> = good.iter().map(|row| row["endpoint"].to_string()).collect();
            paths.sort_unstable();
            paths.dedup();
            let costs = good.iter().all(|row| !row["costUsd"].is_null());
            let overview = demo.admin("overview/getOverviewData", json!({})).await;
            let sessions = overview["concurrentSessions"].as_i64()?;
            (paths.len() >= 3 && costs && sessions >= 2).then_some(())
        },
    )
    .await;
}

#[tokio::test]
async fn nothing_of_it_stays_when_it_is_stopped() {
    let mut demo = Demo::start(&[]).await;
    let inside = content(demo.place.path());
    assert!(inside.iter().any(|name| name.starts_with("switchyard-demo-")), "{inside:?}");
    demo.process.sigterm();
    let status = demo.process.wait(STOP);
    assert_eq!(status.code(), Some(0), "{}", demo.process.output());
    assert_eq!(content(demo.place.path()), Vec::<String>::new());
    let said = demo.process.output();
    assert!(said.contains(&format!("http://{}", demo.address)), "{said}");
    assert!(said.contains("sample data"), "{said}");
}

#[tokio::test]
async fn a_database_of_the_environment_is_left_alone() {
    let dsn = "postgres://nobody:secret@127.0.0.1:1/none";
    let demo = Demo::start(&[("DSN", dsn), ("REDIS_URL", "redis://127.0.0.1:1")]).await;
    let said = demo.process.output();
    assert!(said.contains("DSN is set and ignored"), "{said}");
    assert!(said.contains("REDIS_URL is set and ignored"), "{said}");
    assert!(!said.contains("secret"), "{said}");
}

#[tokio::test]
async fn other_machines_are_not_let_in() {
    let place = TempDir::new().unwrap();
    let host = [("APP_HOST", "0.0.0.0")];
    let mut process = Process::spawn(command(place.path(), launch::free_port(), &host));
    let status = process.wait(START);
    assert_eq!(status.code(), Some(3));
    assert!(process.output().contains("APP_HOST is 0.0.0.0"), "{}", process.output());
    assert_eq!(content(place.path()), Vec::<String>::new());
}

/// Reads an instant of the management API as milliseconds.
fn instant(value: &Value) -> i64 {
    let text = value.as_str().expect("an instant");
    text.parse::<jiff::Timestamp>().expect("an instant").as_millisecond()
}

/// Returns when the day of an instant began in the zone of the tests, which is UTC.
const fn midnight(at: i64) -> i64 {
    at - at.rem_euclid(DAY_MS)
}
