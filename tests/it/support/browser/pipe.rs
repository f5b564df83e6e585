//! The browser's protocol: JSON messages that end with a zero byte, in both directions.
//!
//! A thread of its own reads, so that one browser can serve tests on runtimes that come and go.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, ChildStdout};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::PATIENCE;
use super::record::Record;

/// What a command came to: its result, or why there is none.
pub type Answer = Result<Value, String>;

/// The way to a browser and back.
pub struct Pipe {
    to: Mutex<Option<ChildStdin>>,
    state: Mutex<State>,
    next: AtomicU64,
}

#[derive(Default)]
struct State {
    waiting: HashMap<u64, oneshot::Sender<Answer>>,
    records: HashMap<String, Arc<Record>>,
    closed: bool,
}

impl Pipe {
    /// Begins to listen.
    pub fn new(to: ChildStdin, from: ChildStdout) -> Arc<Self> {
        let next = AtomicU64::new(1);
        let this = Arc::new(Self { to: Mutex::new(Some(to)), state: Mutex::default(), next });
        let listener = Arc::clone(&this);
        std::thread::spawn(move || {
            for message in BufReader::new(from).split(0).map_while(Result::ok) {
                listener.receive(&message);
            }
            let mut state = listener.state.lock();
            state.closed = true;
            state.waiting.clear();
        });
        this
    }

    /// Tells whether the browser is gone.
    pub fn is_closed(&self) -> bool {
        self.state.lock().closed
    }

    /// Hangs up.
    pub fn close(&self) {
        self.to.lock().take();
    }

    /// Keeps what a session tells in its record.
    pub fn keep(&self, session: &str, record: &Arc<Record>) {
        self.state.lock().records.insert(session.to_owned(), Arc::clone(record));
    }

    /// Keeps no more of it.
    pub fn forget(&self, session: &str) {
        self.state.lock().records.remove(session);
    }

    /// Sends a command, of a session or of the browser itself (an empty one), and waits for what it
    /// comes to.
    pub async fn call(&self, session: &str, method: &str, params: Value) -> Answer {
        let answer = self.send(session, method, params);
        match tokio::time::timeout(PATIENCE, answer).await {
            Ok(Ok(answer)) => answer.map_err(|why| format!("{method}: {why}")),
            Ok(Err(_)) => Err(format!("{method}: the browser is gone")),
            Err(_) => Err(format!("{method}: no answer within {PATIENCE:?}")),
        }
    }

    /// Sends a command; the answer may be dropped.
    pub fn send(&self, session: &str, method: &str, params: Value) -> oneshot::Receiver<Answer> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut message = json!({ "id": id, "method": method });
        message["params"] = params;
        if !session.is_empty() {
            message["sessionId"] = json!(session);
        }
        let (tell, told) = oneshot::channel();
        let mut state = self.state.lock();
        if !state.closed {
            state.waiting.insert(id, tell);
        }
        drop(state);
        let bytes = format!("{message}\0");
        if let Some(to) = &mut *self.to.lock() {
            // Whether it is still there shows when the answer does not come.
            drop(to.write_all(bytes.as_bytes()).and_then(|()| to.flush()));
        }
        told
    }

    fn receive(&self, message: &[u8]) {
        let mut message: Value = serde_json::from_slice(message).expect("the browser speaks JSON");
        let mut state = self.state.lock();
        if let Some(id) = message["id"].as_u64() {
            let Some(waiting) = state.waiting.remove(&id) else { return };
            let error = message.get("error").map(|error| error["message"].to_string());
            let answer = error.map_or_else(|| Ok(message["result"].take()), Err);
            // A test that has given up wants no answer.
            drop(waiting.send(answer));
        } else if let Some(record) =
            message["sessionId"].as_str().and_then(|session| state.records.get(session)).cloned()
        {
            drop(state);
            let method = message["method"].as_str().unwrap_or_default().to_owned();
            record.add(method, message["params"].take());
        }
    }
}
