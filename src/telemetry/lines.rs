//! Where log lines go: gathered in memory and written a few times a second by a thread of their
//! own, so that no request pays for a system call, and a reader that has stopped (a full pipe)
//! holds up nobody. Warnings and errors are handed over at once, with all lines before them.

use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// Lines wait at most so long.
const PAUSE: Duration = Duration::from_millis(50);
/// As many bytes are not let wait.
const ENOUGH: usize = 64 * 1024;
/// As many bytes may wait for a reader that has stopped; lines beyond are let go and counted.
const MOST: usize = 4 * 1024 * 1024;
/// How long the end of the process waits for the last lines.
const LAST: Duration = Duration::from_secs(2);

/// Lines on their way. Clones share them.
#[derive(Clone)]
pub struct Lines(Arc<Shared>);

struct Shared {
    waiting: Mutex<Waiting>,
    /// There is something to do.
    due: Condvar,
    /// All that waited was written.
    written: Condvar,
}

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    lost: u64,
    urgent: bool,
    writing: bool,
}

impl Lines {
    /// Starts the thread that writes to `sink`.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub fn start(sink: impl Write + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            waiting: Mutex::default(),
            due: Condvar::new(),
            written: Condvar::new(),
        });
        let own = Arc::clone(&shared);
        std::thread::Builder::new().name("log".to_owned()).spawn(move || own.write(sink))?;
        Ok(Self(shared))
    }

    /// Waits until all lines are written, at most two seconds.
    pub fn flush(&self) {
        let mut waiting = self.0.waiting.lock();
        waiting.urgent = true;
        self.0.due.notify_one();
        let busy = |waiting: &mut Waiting| waiting.writing || !waiting.bytes.is_empty();
        // Who does not read does not want the last lines either.
        let _in_time = self.0.written.wait_while_for(&mut waiting, busy, LAST);
    }

    /// Takes one line of an event.
    pub fn put(&self, line: &[u8], metadata: &Metadata<'_>) {
        self.push(line, is_urgent(metadata));
    }

    fn push(&self, line: &[u8], urgent: bool) {
        let mut waiting = self.0.waiting.lock();
        if waiting.bytes.len() + line.len() > MOST {
            waiting.lost += 1;
            return;
        }
        let is_first = waiting.bytes.is_empty();
        waiting.bytes.extend_from_slice(line);
        waiting.urgent |= urgent || waiting.bytes.len() >= ENOUGH;
        if is_first || waiting.urgent {
            self.0.due.notify_one();
        }
    }
}

impl Shared {
    fn write(&self, mut sink: impl Write) {
        let mut bytes = Vec::new();
        loop {
            let lost = self.take(&mut bytes);
            // A log that cannot be written has nowhere to say so.
            let _unsaid = sink.write_all(&bytes);
            if lost > 0 {
                let _unsaid = writeln!(
                    sink,
                    "{{\"level\":\"WARN\",\"message\":\"{lost} log lines were lost: the reader of the log was too slow\"}}"
                );
            }
            let _unsaid = sink.flush();
            self.waiting.lock().writing = false;
            self.written.notify_all();
        }
    }

    /// Waits for lines, then a moment for more of them. Gives the memory of `bytes`, which were
    /// written, in return, so that lines need not grow theirs anew.
    fn take(&self, bytes: &mut Vec<u8>) -> u64 {
        bytes.clear();
        bytes.shrink_to(2 * ENOUGH);
        let mut waiting = self.waiting.lock();
        self.due.wait_while(&mut waiting, |waiting| waiting.bytes.is_empty());
        let _ended = self.due.wait_while_for(&mut waiting, |waiting| !waiting.urgent, PAUSE);
        waiting.urgent = false;
        waiting.writing = true;
        std::mem::swap(&mut waiting.bytes, bytes);
        std::mem::take(&mut waiting.lost)
    }
}

/// Takes one line.
pub struct Line<'a> {
    lines: &'a Lines,
    urgent: bool,
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lines.push(bytes, self.urgent);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { lines: self, urgent: false }
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> Line<'a> {
        Line { lines: self, urgent: is_urgent(metadata) }
    }
}

/// Warnings and errors are handed over at once.
fn is_urgent(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= Level::WARN
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{self, Receiver, Sender};

    use super::*;

    /// Passes on what is written, once it is let.
    struct Slow(Sender<Vec<u8>>, Receiver<()>);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            // A closed channel lets everything through.
            let _let_go = self.1.recv();
            self.0.send(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn slow() -> (Lines, Receiver<Vec<u8>>, Sender<()>) {
        let ((written, read), (go, gate)) = (mpsc::channel(), mpsc::channel());
        (Lines::start(Slow(written, gate)).unwrap(), read, go)
    }

    #[test]
    fn lines_are_written_together_in_their_order() {
        let (lines, read, go) = slow();
        drop(go);
        for line in [b"one\n", b"two\n"] {
            lines.push(line, false);
        }
        lines.flush();
        let text: Vec<u8> = read.try_iter().flatten().collect();
        assert_eq!(text, b"one\ntwo\n");
    }

    #[test]
    fn a_reader_that_has_stopped_holds_nobody_up_and_learns_what_was_lost() {
        let (lines, read, go) = slow();
        lines.push(b"first\n", true);
        let line = vec![b'x'; 1024 * 1024];
        for _ in 0..10 {
            lines.push(&line, false);
        }
        drop(go);
        lines.flush();
        let text: Vec<u8> = read.try_iter().flatten().collect();
        assert!(text.starts_with(b"first\n"));
        // One part is being written, another waits.
        assert!(text.len() <= 2 * MOST + 1024, "{}", text.len());
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains("log lines were lost"), "told");
    }
}
