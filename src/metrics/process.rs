//! What the operating system knows of this process, read when somebody looks.

use std::fs;

use prometheus::{IntGauge, Registry};

/// The size of a memory page on the machines we build for.
const PAGE: i64 = 4096;

/// Figures under the names Prometheus uses for every process.
#[derive(Debug)]
pub struct Process {
    resident: IntGauge,
    open_files: IntGauge,
    file_limit: IntGauge,
    threads: IntGauge,
}

impl Process {
    /// Sets the figures up.
    ///
    /// # Errors
    /// A name is used twice.
    pub fn new(registry: &Registry) -> prometheus::Result<Self> {
        let gauge = |name: &str, help: &str| {
            let gauge = IntGauge::new(name, help)?;
            registry.register(Box::new(gauge.clone()))?;
            Ok::<_, prometheus::Error>(gauge)
        };
        Ok(Self {
            resident: gauge("process_resident_memory_bytes", "Resident memory.")?,
            open_files: gauge("process_open_fds", "Open files.")?,
            file_limit: gauge("process_max_fds", "How many files may be open.")?,
            threads: gauge("process_threads", "Threads.")?,
        })
    }

    /// Reads the figures. What cannot be read keeps its last value.
    pub fn refresh(&self) {
        if let Some(pages) = second_word("/proc/self/statm") {
            self.resident.set(pages * PAGE);
        }
        if let Ok(entries) = fs::read_dir("/proc/self/fd") {
            self.open_files.set(i64::try_from(entries.count()).unwrap_or(i64::MAX));
        }
        if let Ok((soft, _)) = rlimit::Resource::NOFILE.get() {
            self.file_limit.set(i64::try_from(soft).unwrap_or(i64::MAX));
        }
        if let Ok(entries) = fs::read_dir("/proc/self/task") {
            self.threads.set(i64::try_from(entries.count()).unwrap_or(i64::MAX));
        }
    }
}

fn second_word(path: &str) -> Option<i64> {
    fs::read_to_string(path).ok()?.split_whitespace().nth(1)?.parse().ok()
}
