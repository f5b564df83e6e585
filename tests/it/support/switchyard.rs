//! One instance of the real program with a data directory of its own.

use std::net::SocketAddr;
use std::time::Duration;

use tempfile::TempDir;

use super::client::{Answer, Client, Request};
use super::launch::{self, Process};
use super::prices;
use super::waiting;

/// The longest a start may take before a test fails (debug builds on busy machines).
const START: Duration = Duration::from_secs(30);

/// A running Switchyard.
pub struct Switchyard {
    process: Process,
    address: SocketAddr,
    extra: Vec<(String, String)>,
    data: TempDir,
}

impl Switchyard {
    /// Starts with the embedded store, waits until ready, and loads the tests' prices.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts with additional environment, waits until ready, and loads the tests' prices.
    pub async fn start_with(extra: &[(&str, &str)]) -> Self {
        let this = Self::launch(extra).await;
        this.upload_prices(&prices::sheet()).await;
        this
    }

    /// Starts with additional environment and waits until ready; nothing is set up.
    pub async fn launch(extra: &[(&str, &str)]) -> Self {
        let data = TempDir::new().expect("a data directory");
        let port = launch::free_port();
        let process = Process::spawn(launch::command(data.path(), port, extra));
        let extra =
            extra.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let mut this = Self { process, address, extra, data };
        this.wait_ready().await;
        this
    }

    /// Waits until the instance says that it is ready; panics with its output when it ends before.
    pub async fn wait_ready(&mut self) {
        let client = self.client();
        let process = &mut self.process;
        waiting::until("switchyard gets ready", START, async || {
            if let Some(status) = process.ended() {
                panic!("switchyard ended with {status} before it was ready:\n{}", process.output());
            }
            let answer = client.try_send(&Request::get("/api/health/ready")).await.ok()?;
            (answer.status == 200).then_some(())
        })
        .await;
    }

    /// Returns a client for it.
    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// Sends one request and reads the whole answer.
    pub async fn send(&self, request: &Request) -> Answer {
        self.client().send(request).await
    }

    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns its data directory.
    pub fn data(&self) -> &std::path::Path {
        self.data.path()
    }

    /// Returns what it printed.
    pub fn logs(&self) -> String {
        self.process.output()
    }

    /// Returns its process id.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Returns its resident memory in KiB.
    pub fn rss_kib(&self) -> u64 {
        self.process.rss_kib()
    }

    /// Returns the most that its resident memory has been, in KiB.
    pub fn peak_kib(&self) -> u64 {
        self.process.peak_kib()
    }

    /// Tells whether the process still runs.
    pub fn is_running(&mut self) -> bool {
        self.process.ended().is_none()
    }

    /// Ends it at once.
    pub fn sigkill(&mut self) {
        self.process.sigkill();
    }

    /// Asks it to end.
    pub fn sigterm(&self) {
        self.process.sigterm();
    }

    /// Waits for its end and returns the exit code.
    pub fn wait_exit(&mut self, limit: Duration) -> Option<i32> {
        self.process.wait(limit).code()
    }

    /// Starts it again with other environment, after `sigkill` or an exit.
    pub async fn restart_with(&mut self, extra: &[(&str, &str)]) {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        self.extra = extra.iter().map(own).collect();
        self.restart().await;
    }

    /// Starts it again on the same port and data directory, after `sigkill` or an exit.
    pub async fn restart(&mut self) {
        let extra: Vec<(&str, &str)> =
            self.extra.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let command = launch::command(self.data.path(), self.address.port(), &extra);
        self.process = Process::spawn(command);
        self.wait_ready().await;
    }
}
