//! The journal's one thread: syncs what was written and tries a disk that refused again.

use std::io;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::Fsync;
use super::writer::Writer;

/// How often it works.
const EVERY: Duration = Duration::from_millis(200);

/// The running thread. Dropping it ends the thread after a last round.
pub(super) struct Keeper {
    signal: Arc<(Mutex<bool>, Condvar)>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Keeper {
    /// Starts the thread.
    pub fn start(writers: Arc<Mutex<Vec<Arc<Writer>>>>, fsync: Fsync) -> io::Result<Self> {
        let signal = Arc::new((Mutex::new(false), Condvar::new()));
        let ends = Arc::clone(&signal);
        let work = move || keep(&ends, &writers, fsync);
        let thread = std::thread::Builder::new().name("journal".to_owned()).spawn(work)?;
        Ok(Self { signal, thread: Mutex::new(Some(thread)) })
    }

    /// Ends the thread and waits for its last round.
    pub fn stop(&self) {
        *self.signal.0.lock() = true;
        self.signal.1.notify_all();
        let thread = self.thread.lock().take();
        if thread.is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the journal's thread had panicked");
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Works until told to end, and once more then.
fn keep(signal: &(Mutex<bool>, Condvar), writers: &Mutex<Vec<Arc<Writer>>>, fsync: Fsync) {
    let mut ending = false;
    while !ending {
        {
            let mut end = signal.0.lock();
            if !*end {
                signal.1.wait_for(&mut end, EVERY);
            }
            ending = *end;
        }
        let writers = writers.lock().clone();
        for writer in writers {
            writer.recover();
            if fsync != Fsync::Off {
                writer.sync();
            }
        }
    }
}
