//! The scripted upstream: an HTTP/1.1 server of our own on a raw socket, so that it can break every
//! rule. It runs on its own thread, records what it gets and when its peer leaves, and counts the
//! bytes the peer's side accepted (which is how back-pressure is seen).

pub mod answers;
mod head;
mod record;
mod rules;
mod script;
mod serve;
pub mod socket;
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread::JoinHandle;

use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub use record::Seen;
pub use rules::{Match, ReadBody, Rule};
pub use script::{Gate, Script};

use record::Book;

/// A running upstream; dropping it closes every connection.
pub struct Upstream {
    address: SocketAddr,
    book: Arc<Book>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Upstream {
    /// Starts on a free port. Without a script it answers well, in the dialect of the path.
    pub fn start() -> Self {
        let book = Arc::new(Book::default());
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = std::sync::mpsc::channel();
        let shared = Arc::clone(&book);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("runtime of the upstream").block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind the upstream");
                tell.send(listener.local_addr().expect("own address")).expect("tell the address");
                tokio::select! {
                    () = serve::accept(listener, shared) => {}
                    _ = stopped => {}
                }
            });
        });
        let address = told.recv().expect("the upstream starts");
        Self { address, book, stop: Some(stop), thread: Some(thread) }
    }

    /// Returns the base URL, without a path.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Adds a rule. The first one that matches and has times left answers; older rules go first.
    pub fn script(&self, rule: Rule) {
        self.book.state.lock().rules.push(rule);
    }

    /// Answers every request with the script, until the next `reset`.
    pub fn always(&self, script: Script) {
        self.script(Rule::new(Match::any(), script));
    }

    /// Answers the next request with the script.
    pub fn once(&self, script: Script) {
        self.script(Rule::new(Match::any(), script).times(1));
    }

    /// Forgets rules and records; connections stay.
    pub fn reset(&self) {
        let mut state = self.book.state.lock();
        state.rules.clear();
        state.seen.clear();
    }

    /// Forgets records alone.
    pub fn forget(&self) {
        self.book.state.lock().seen.clear();
    }

    /// Returns what was received so far, in order.
    pub fn requests(&self) -> Vec<Seen> {
        self.book.state.lock().seen.values().cloned().collect()
    }

    /// Returns how many requests were received so far.
    pub fn count(&self) -> usize {
        self.book.state.lock().seen.len()
    }

    /// Returns the only request; panics when there is none or more than one.
    pub fn only_request(&self) -> Seen {
        let mut all = self.requests();
        assert_eq!(all.len(), 1, "exactly one request reaches the upstream");
        all.remove(0)
    }

    /// Returns how many connections are open now.
    pub fn open_connections(&self) -> usize {
        self.book.open.load(Ordering::SeqCst)
    }

    /// Returns how many connections were ever accepted.
    pub fn connections(&self) -> u64 {
        self.book.connections.load(Ordering::SeqCst)
    }

    /// Returns the bytes which the peers' side (kernel included) has accepted.
    pub fn bytes_accepted(&self) -> u64 {
        self.book.accepted.load(Ordering::SeqCst)
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
