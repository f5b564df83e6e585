//! A Redis of a test's own: it can be stopped, frozen, emptied and started again.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::launch::free_port;
use super::proxies::fixture;

const PASSWORD: &str = "p/=:@word";
/// The password as addresses write it.
const ENCODED: &str = "p%2F%3D%3A%40word";
const START: Duration = Duration::from_secs(20);

/// A running Redis.
pub struct Cache {
    child: Option<Child>,
    port: u16,
    /// Where it speaks TLS, with the tests' own certificate.
    tls: Option<u16>,
    directory: TempDir,
}

impl Cache {
    /// Starts an empty one and waits until it answers.
    pub fn start() -> Self {
        Self::start_at(None)
    }

    /// Starts an empty one that speaks TLS on another port.
    pub fn start_with_tls() -> Self {
        Self::start_at(Some(free_port()))
    }

    fn start_at(tls: Option<u16>) -> Self {
        let directory = TempDir::new().expect("a directory");
        let mut this = Self { child: None, port: free_port(), tls, directory };
        this.restart();
        this
    }

    /// Returns its address with user, password and the number of a database.
    pub fn url(&self) -> String {
        Self::url_at(self.port)
    }

    /// Returns its address by another port, that of a way to it.
    pub fn url_at(port: u16) -> String {
        format!("redis://default:{ENCODED}@127.0.0.1:{port}/3")
    }

    /// Returns host and port.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Returns its address with TLS.
    pub fn tls_url(&self) -> String {
        let port = self.tls.expect("it speaks TLS");
        format!("rediss://default:{ENCODED}@localhost:{port}/3")
    }

    /// Starts it again, empty.
    pub fn restart(&mut self) {
        self.kill();
        let child = Command::new(server())
            .args(self.tls.map(with_tls).into_iter().flatten())
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no", "--requirepass", PASSWORD])
            .arg("--dir")
            .arg(self.directory.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.child = Some(child.expect("start redis-server"));
        let end = Instant::now() + START;
        while self.ask("PING").is_none_or(|answer| !answer.contains("PONG")) {
            assert!(Instant::now() < end, "redis does not start");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            drop(child.kill());
            drop(child.wait());
        }
    }

    /// Lets it stand still with all its connections open.
    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    /// Empties it.
    pub fn flush(&self) {
        let answer = self.ask("FLUSHALL").expect("redis answers");
        assert!(answer.contains("+OK"), "{answer}");
    }

    /// Runs a command of plain words; `None` when nobody answers.
    pub fn ask(&self, command: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(2))).ok()?;
        let text = format!("AUTH \"{PASSWORD}\"\r\nSELECT 3\r\n{command}\r\nQUIT\r\n");
        stream.write_all(text.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    fn signal(&self, which: &str) {
        let pid = self.child.as_ref().expect("redis runs").id().to_string();
        assert!(Command::new("kill").args([which, &pid]).status().expect("run kill").success());
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What makes the server speak TLS; clients need no certificate.
fn with_tls(port: u16) -> Vec<String> {
    let file = |name: &str| fixture(name).display().to_string();
    let mut all = vec!["--tls-port".to_owned(), port.to_string()];
    for (option, name) in [
        ("--tls-cert-file", "server.pem"),
        ("--tls-key-file", "server.key"),
        ("--tls-ca-cert-file", "ca.pem"),
    ] {
        all.extend([option.to_owned(), file(name)]);
    }
    all.extend(["--tls-auth-clients", "no"].map(str::to_owned));
    all
}

#[expect(clippy::disallowed_methods, reason = "`make test` hands the server over by environment")]
fn server() -> String {
    std::env::var("SWITCHYARD_TEST_REDIS_SERVER").unwrap_or_else(|_| {
        panic!(
            "SWITCHYARD_TEST_REDIS_SERVER is not set: run `make test`, which names the redis-server \
             there that tests start for themselves"
        )
    })
}
