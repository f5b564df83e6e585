//! Starting the real program: its environment, its output, its end.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// The admin token of every instance in tests.
pub const ADMIN_TOKEN: &str = "test-admin-token-0123456789abcdef";
/// The variable that names the data directory.
pub const DATA_DIR: &str = "SWITCHYARD_DATA_DIR";

/// A running process and what it printed.
pub struct Process {
    child: Child,
    output: Arc<Mutex<String>>,
    readers: Vec<JoinHandle<()>>,
}

/// Returns a port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
    listener.local_addr().expect("address").port()
}

/// Prepares the program with the environment every instance has; tests add to it.
pub fn command(data: &Path, port: u16, extra: &[(&str, &str)]) -> Command {
    let mut command = Command::new(program());
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", data)
        .env(DATA_DIR, data)
        .env("APP_HOST", "127.0.0.1")
        .env("APP_PORT", port.to_string())
        .env("SWITCHYARD_WORKERS", "2")
        .env("PRICE_FEED_URL", "")
        .env("ADMIN_TOKEN", ADMIN_TOKEN)
        .env("ALLOW_PRIVATE_PROVIDER_URLS", "true")
        .env("ENABLE_SECURE_COOKIES", "false")
        .env("TZ", "UTC")
        .envs(extra.iter().copied())
        .current_dir(data);
    command
}

/// The program under test: the one built with the tests unless the environment names another.
#[expect(clippy::disallowed_methods, reason = "`make soak` hands over a faster build")]
fn program() -> PathBuf {
    let other = std::env::var("SWITCHYARD_TEST_PROGRAM").map(PathBuf::from);
    other.unwrap_or_else(|_| env!("CARGO_BIN_EXE_switchyard").into())
}

/// Runs a subcommand to its end and returns its exit status and everything it printed.
pub fn run_to_end(data: &Path, arguments: &[&str], extra: &[(&str, &str)]) -> (ExitStatus, String) {
    let mut command = command(data, free_port(), extra);
    let output = command.args(arguments).output().expect("start switchyard");
    let text = [output.stdout, output.stderr].concat();
    (output.status, String::from_utf8_lossy(&text).into_owned())
}

impl Process {
    /// Starts the program.
    pub fn spawn(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("start switchyard");
        let output = Arc::new(Mutex::new(String::new()));
        let readers = vec![
            collect(child.stdout.take().expect("stdout"), Arc::clone(&output)),
            collect(child.stderr.take().expect("stderr"), Arc::clone(&output)),
        ];
        Self { child, output, readers }
    }

    /// Returns everything printed so far.
    pub fn output(&self) -> String {
        self.output.lock().clone()
    }

    /// Returns the process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Returns the exit status when the process has ended.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("wait for switchyard")
    }

    /// Ends the process at once (SIGKILL) and waits for it.
    pub fn sigkill(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }

    /// Asks the process to end (SIGTERM).
    pub fn sigterm(&self) {
        let pid = self.pid().to_string();
        let sent = Command::new("kill").args(["-TERM", &pid]).status().expect("run kill");
        assert!(sent.success(), "SIGTERM reaches process {pid}");
    }

    /// Waits for the end of the process, and for all that it has printed.
    pub fn wait(&mut self, limit: Duration) -> ExitStatus {
        let end = Instant::now() + limit;
        loop {
            if let Some(status) = self.ended() {
                for reader in self.readers.drain(..) {
                    drop(reader.join());
                }
                return status;
            }
            assert!(Instant::now() < end, "still running after {limit:?}:\n{}", self.output());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Returns the resident memory in KiB.
    pub fn rss_kib(&self) -> u64 {
        self.memory("VmRSS:")
    }

    /// Returns the most that its resident memory has been, in KiB.
    pub fn peak_kib(&self) -> u64 {
        self.memory("VmHWM:")
    }

    fn memory(&self, name: &str) -> u64 {
        let path = format!("/proc/{}/status", self.pid());
        let status = std::fs::read_to_string(path).expect("the process is there");
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("its memory");
        line.trim().trim_end_matches(" kB").parse().expect("a number of KiB")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.sigkill();
        if std::thread::panicking() {
            let output = self.output();
            println!("--- output of switchyard ---\n{output}--- end of output ---");
        }
    }
}

fn collect(from: impl Read + Send + 'static, into: Arc<Mutex<String>>) -> JoinHandle<()> {
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let mut text = into.lock();
            text.push_str(&line);
            text.push('\n');
        }
    })
}
