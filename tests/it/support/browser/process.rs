//! The browser's process: found, started and ended; its profile exists as long as it does.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tempfile::TempDir;

use super::pipe::Pipe;

/// The browser reads commands from descriptor 3 and answers on 4; a child only inherits the first
/// three, so a shell moves them.
const MOVE_PIPES: &str = r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >&2"#;

/// Nothing but the addresses of tests is reached, whatever a page or the browser itself asks for.
/// Root and containers have no sandbox; the pages are our own.
const FLAGS: [&str; 14] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--force-color-profile=srgb",
    "--password-store=basic",
    "--remote-debugging-pipe",
];

const ASK: &str = "SWITCHYARD_TEST_CHROMIUM is not set: run `make test`, which sees to it that there \
                   is a Chromium and names it there";

/// How long the browser may take to leave by itself.
const LEAVE: Duration = Duration::from_secs(5);

static SHARED: Mutex<Weak<Browser>> = Mutex::new(Weak::new());

/// A running browser.
pub struct Browser {
    pub(super) pipe: Arc<Pipe>,
    child: Mutex<Child>,
    profile: TempDir,
}

impl Browser {
    /// Returns the browser of all tests that run now; starts it for the first of them.
    pub fn shared() -> Arc<Self> {
        let mut shared = SHARED.lock();
        if let Some(running) = shared.upgrade().filter(|browser| !browser.pipe.is_closed()) {
            return running;
        }
        let started = Arc::new(Self::start());
        *shared = Arc::downgrade(&started);
        started
    }

    fn start() -> Self {
        let profile = TempDir::new().expect("a folder for the browser's profile");
        let said = File::create(said_in(profile.path())).expect("a file for what it says");
        let mut child = Command::new("/bin/sh")
            .args(["-c", MOVE_PIPES, &program()])
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .env("HOME", profile.path())
            .env("TZ", "UTC")
            .env("LANGUAGE", "en")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(said)
            .spawn()
            .expect("start the browser");
        let (to, from) = (child.stdin.take().expect("stdin"), child.stdout.take().expect("stdout"));
        Self { pipe: Pipe::new(to, from), child: Mutex::new(child), profile }
    }

    /// Returns what the browser itself printed, for failures.
    pub fn said(&self) -> String {
        fs::read_to_string(said_in(self.profile.path())).unwrap_or_default()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It leaves when nobody can command it any more, and only then is its profile at rest.
        self.pipe.close();
        let child = self.child.get_mut();
        let end = Instant::now() + LEAVE;
        while matches!(child.try_wait(), Ok(None)) && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(10));
        }
        drop(child.kill());
        drop(child.wait());
    }
}

fn said_in(profile: &Path) -> std::path::PathBuf {
    profile.join("said.log")
}

#[expect(clippy::disallowed_methods, reason = "`make test` hands the browser over by environment")]
fn program() -> String {
    let Ok(path) = std::env::var("SWITCHYARD_TEST_CHROMIUM") else { panic!("{ASK}") };
    path
}
