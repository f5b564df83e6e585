//! Many streams open at once: is every frame delivered, and what does one cost in memory?

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::cases;
use crate::compare::Side;
use crate::driver::Line;
use crate::processes;

/// Connections opened a second, so that no backlog overflows.
const OPENING: u32 = 1_000;
const SAMPLE: Duration = Duration::from_millis(250);

/// What came of it.
#[derive(Clone, Debug, Serialize)]
pub struct OpenStreams {
    /// Whose.
    pub name: String,
    /// Streams wanted.
    pub streams: u32,
    /// Streams that were whole.
    pub whole: u64,
    /// Frames that arrived.
    pub frames: u64,
    /// Frames that should have.
    pub expected: u64,
    /// Resident KiB before, and the most while all were open.
    pub rss_kib: [u64; 2],
    /// KiB a stream.
    pub kib_each: f64,
}

/// Opens the streams, watches memory while they run, and waits for their ends.
pub async fn run(name: &str, side: &Side, streams: u32) -> OpenStreams {
    let pid = side.pid.unwrap_or_default();
    let (whole, frames) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let before = processes::rss_kib(pid);
    let mut tasks = JoinSet::new();
    for _ in 0..streams {
        let (whole, frames) = (Arc::clone(&whole), Arc::clone(&frames));
        let load = side.load.clone();
        tasks.spawn(async move {
            let answer = Line::new(load.address).ask(&load.request).await;
            let Ok(answer) = answer else { return };
            frames.fetch_add(answer.frames, Ordering::Relaxed);
            let complete = answer.status == 200 && answer.frames == cases::OPEN_FRAMES;
            whole.fetch_add(u64::from(complete), Ordering::Relaxed);
        });
        sleep(Duration::from_secs(1) / OPENING).await;
    }
    let most = watch(&mut tasks, pid).await;
    let grown = u32::try_from(most.saturating_sub(before)).unwrap_or(u32::MAX);
    OpenStreams {
        name: name.to_owned(),
        streams,
        whole: whole.load(Ordering::Relaxed),
        frames: frames.load(Ordering::Relaxed),
        expected: u64::from(streams).saturating_mul(cases::OPEN_FRAMES),
        rss_kib: [before, most],
        kib_each: f64::from(grown) / f64::from(streams.max(1)),
    }
}

/// Samples memory until the last stream has ended; returns the most.
async fn watch(tasks: &mut JoinSet<()>, pid: u32) -> u64 {
    let mut most = 0;
    loop {
        most = most.max(processes::rss_kib(pid));
        while tasks.try_join_next().is_some() {}
        if tasks.is_empty() {
            return most;
        }
        sleep(SAMPLE).await;
    }
}
