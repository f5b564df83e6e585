//! Threads that write rows go behind those that relay: a batch takes some milliseconds of a core, and
//! a client's answer is not to wait for it. The rows are in the journal already, so being late loses
//! nothing. An administrator's change goes through the same writer: it waits a little longer then.

#[cfg(target_os = "linux")]
use rustix::process::{getpriority_process, setpriority_process};

/// How far such a thread steps back from where the process stands. It still gets a quarter of a core
/// that a worker wants at the same time, so that rows never starve on a machine that is busy for long.
#[cfg(target_os = "linux")]
const NICENESS: i32 = 5;

/// Lets the present thread go behind the others. Where the system refuses, nothing changes.
pub fn step_back() {
    #[cfg(target_os = "linux")]
    {
        let thread = Some(rustix::thread::gettid());
        let done = getpriority_process(thread)
            .and_then(|own| setpriority_process(thread, own.saturating_add(NICENESS)));
        if let Err(error) = done {
            tracing::debug!(%error, "a background thread keeps its priority");
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn only_the_thread_that_asks_steps_back() {
        let own = || getpriority_process(Some(rustix::thread::gettid())).unwrap();
        let before = own();
        let there = std::thread::spawn(move || {
            step_back();
            own()
        });
        assert_eq!(there.join().unwrap(), (before + NICENESS).min(19));
        assert_eq!(own(), before);
    }
}
