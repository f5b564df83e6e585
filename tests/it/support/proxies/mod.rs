//! Real proxies on free ports: tinyproxy (HTTP), stunnel before it (HTTPS), microsocks (SOCKS5), and a
//! SOCKS server of our own that knows names nobody else does.

mod names;

use std::fs;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tempfile::TempDir;

use super::launch::free_port;

pub use names::NameProxy;

/// Who may use the proxies that ask; the password has what must be written as `%XX`.
pub const USER: &str = "al.ice";
pub const PASSWORD: &str = "p:a/s@s#1";
/// The password as an address has it.
pub const CODED: &str = "p%3Aa%2Fs%40s%231";
/// How long a proxy may take to listen.
const START: Duration = Duration::from_secs(20);
/// How often a port that was taken meanwhile is given up for another.
const ATTEMPTS: u32 = 5;

/// A running proxy; dropping it ends it, and with it all that goes through it.
pub struct Proxy {
    child: Child,
    port: u16,
    said: Arc<Mutex<String>>,
    _folder: TempDir,
}

/// What a tinyproxy allows.
#[derive(Clone, Copy, Default)]
pub struct Rules {
    /// It asks for [`USER`] and a password.
    pub asks: bool,
    /// `CONNECT` is allowed to port 443 alone, as Debian has it.
    pub only_443: bool,
}

impl Proxy {
    /// Starts an HTTP proxy.
    pub fn tinyproxy(rules: Rules) -> Self {
        Self::start("tinyproxy", |folder, port| {
            let mut lines = format!(
                "Port {port}\nListen 127.0.0.1\nAllow 127.0.0.1\nTimeout 600\nMaxClients 100\n\
                 LogLevel Connect\n"
            );
            if rules.asks {
                lines.push_str(&["BasicAuth ", USER, " ", HTTP_PASSWORD, "\n"].concat());
            }
            if rules.only_443 {
                lines += "ConnectPort 443\n";
            }
            let file = folder.join("tinyproxy.conf");
            fs::write(&file, lines).expect("write the proxy's settings");
            vec!["-d".to_owned(), "-c".to_owned(), file.display().to_string()]
        })
    }

    /// Starts a server that takes TLS off (with the tests' own certificate) and passes on to a port:
    /// before a proxy an HTTPS proxy, before an upstream a vendor with https.
    pub fn stunnel(to: u16) -> Self {
        let program = ["stunnel", "stunnel4"].into_iter().find(|name| is_there(name));
        Self::start(program.unwrap_or("stunnel"), |folder, port| {
            let lines = format!(
                "foreground = yes\npid =\ndebug = 4\n[front]\naccept = 127.0.0.1:{port}\n\
                 connect = 127.0.0.1:{to}\ncert = {}\nkey = {}\nTIMEOUTclose = 0\n",
                fixture("server.pem").display(),
                fixture("server.key").display(),
            );
            let file = folder.join("stunnel.conf");
            fs::write(&file, lines).expect("write the server's settings");
            vec![file.display().to_string()]
        })
    }

    /// Starts a SOCKS5 proxy.
    pub fn microsocks(asks: bool) -> Self {
        Self::start("microsocks", |_, port| {
            let mut all = vec!["-i".into(), "127.0.0.1".into(), "-p".into(), port.to_string()];
            if asks {
                all.extend(["-u", USER, "-P", PASSWORD].map(str::to_owned));
            }
            all
        })
    }

    fn start(program: &str, arguments: impl Fn(&Path, u16) -> Vec<String>) -> Self {
        for _ in 0..ATTEMPTS {
            let folder = TempDir::new().expect("a folder");
            let port = free_port();
            let mut command = Command::new(program);
            command.args(arguments(folder.path(), port)).stdin(Stdio::null());
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = match command.spawn() {
                Ok(child) => child,
                Err(error) if error.kind() == ErrorKind::NotFound => panic!(
                    "{program} is not installed: run `make packages`, which installs what tests need"
                ),
                Err(error) => panic!("{program} does not start: {error}"),
            };
            let said = Arc::new(Mutex::new(String::new()));
            collect(child.stdout.take().expect("stdout"), Arc::clone(&said));
            collect(child.stderr.take().expect("stderr"), Arc::clone(&said));
            let mut proxy = Self { child, port, said, _folder: folder };
            if proxy.listens() {
                return proxy;
            }
        }
        panic!("{program} does not listen, after {ATTEMPTS} attempts");
    }

    fn listens(&mut self) -> bool {
        let end = Instant::now() + START;
        while Instant::now() < end {
            if self.child.try_wait().expect("wait for a proxy").is_some() {
                return false;
            }
            if TcpStream::connect(("127.0.0.1", self.port)).is_ok() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        false
    }

    /// Returns its port on the loopback address.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns its address with a scheme, without a user.
    pub fn url(&self, scheme: &str) -> String {
        let host = if scheme == "https" { "localhost" } else { "127.0.0.1" };
        format!("{scheme}://{host}:{}", self.port)
    }

    /// Returns its address with a scheme, and with who may use it.
    pub fn url_with_user(&self, scheme: &str) -> String {
        let coded = if scheme.starts_with("http") { HTTP_CODED } else { CODED };
        self.url(scheme).replacen("://", &format!("://{USER}:{coded}@"), 1)
    }

    /// Returns what it printed so far.
    pub fn said(&self) -> String {
        self.said.lock().clone()
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// tinyproxy takes letters, digits and these few others.
const HTTP_PASSWORD: &str = "p-a_s.1";
const HTTP_CODED: &str = "p%2Da%5Fs.%31";

impl Drop for Proxy {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            println!("--- output of a proxy ---\n{}--- end of output ---", self.said());
        }
    }
}

/// Returns a file beside the tests' certificates.
pub fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)
}

/// Returns the port of an address such as `http://127.0.0.1:4711`.
pub fn port_of(url: &str) -> u16 {
    let address: SocketAddr = url.trim_start_matches("http://").parse().expect("an address");
    address.port()
}

fn is_there(program: &str) -> bool {
    let mut probe = Command::new(program);
    let probe = probe.arg("-version").stdout(Stdio::null()).stderr(Stdio::null());
    !matches!(probe.status(), Err(error) if error.kind() == ErrorKind::NotFound)
}

fn collect(mut from: impl std::io::Read + Send + 'static, into: Arc<Mutex<String>>) {
    std::thread::spawn(move || {
        let mut some = [0; 4_096];
        while let Ok(count @ 1..) = from.read(&mut some) {
            into.lock().push_str(&String::from_utf8_lossy(&some[..count]));
        }
    });
}
