//! The process around the relay: health, a second one on the same data, a taken port.

use std::time::Duration;

use switchyard_actors::domain::dialect::Dialect;

use super::stand::Stand;
use crate::support::client::Request;
use crate::support::launch::{self, Process};
use crate::support::switchyard::Switchyard;

#[tokio::test]
async fn a_second_process_on_the_data_directory_is_refused_and_told_by_whom() {
    let first = Switchyard::launch(&[]).await;
    let command = launch::command(first.data(), launch::free_port(), &[]);
    let mut second = Process::spawn(command);
    let status = second.wait(Duration::from_secs(20));
    assert!(!status.success());
    let pid = first.pid().to_string();
    assert!(second.output().contains(&pid), "names process {pid}: {}", second.output());
    assert_eq!(first.send(&Request::get("/api/health/ready")).await.status, 200);
}

#[tokio::test]
async fn a_taken_port_ends_the_start_with_its_number() {
    let first = Switchyard::launch(&[]).await;
    let data = tempfile::TempDir::new().unwrap();
    let port = first.address().port();
    let mut second = Process::spawn(launch::command(data.path(), port, &[]));
    assert!(!second.wait(Duration::from_secs(20)).success());
    assert!(second.output().contains(&port.to_string()), "{}", second.output());
}

#[tokio::test]
async fn what_needs_no_key_is_answered_without_one() {
    let switchyard = Switchyard::launch(&[]).await;
    for target in
        ["/login", "/v1/_ping", "/api/health", "/api/health/live", "/api/version", "/metrics"]
    {
        let answer = switchyard.send(&Request::get(target)).await;
        assert_eq!(answer.status, 200, "{target}: {}", answer.text());
    }
    let ping = switchyard.send(&Request::get("/v1/_ping")).await;
    assert_eq!(ping.json()["status"], "pong");
}

#[tokio::test]
async fn codex_is_told_to_do_without_a_websocket() {
    let stand = Stand::with(&[("ENABLE_OPENAI_RESPONSES_WEBSOCKET", "false")]).await;
    let request = Request::get("/v1/responses")
        .bearer(&stand.user.key)
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    assert_eq!(stand.switchyard.send(&request).await.status, 426);
}

#[tokio::test]
async fn rows_outlive_a_kill_and_the_admin_finds_them() {
    let mut stand = Stand::new().await;
    for _ in 0..5 {
        stand.ask(Dialect::Anthropic, true).await;
    }
    stand.switchyard.sigkill();
    stand.switchyard.restart().await;
    let rows = stand.switchyard.rows_when(5).await;
    assert!(rows.iter().all(|row| row["statusCode"] == 200), "{rows:#?}");
}
