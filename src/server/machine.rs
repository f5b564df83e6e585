//! What the machine gives this process: open files and memory, and the bounds that follow.

use std::fs;

/// More open files than this are of no use to us and cost the kernel memory.
const FILES_WANTED: u64 = 1_048_576;
/// Files that are not connections: store, journal, logs, pools.
const FILES_KEPT: u64 = 256;
/// The most memory bodies get without being asked.
const BODY_MEMORY_MOST: u64 = 512 << 20;

/// The open-file limit before and after it was raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileLimit {
    /// What the process was started with.
    pub before: u64,
    /// What it has now.
    pub now: u64,
}

/// Raises the soft limit of open files as far as the hard limit allows. Where that fails the
/// present limit stands; it sizes the in-flight permit, so nothing breaks.
#[must_use]
pub fn raise_file_limit() -> FileLimit {
    let before = rlimit::Resource::NOFILE.get().map_or(1024, |(soft, _)| soft);
    let now = rlimit::increase_nofile_limit(FILES_WANTED.max(before)).unwrap_or(before);
    FileLimit { before, now }
}

/// Sizes the in-flight permit: a request holds a client's socket and an upstream's, and a third
/// place is left for pooled connections and those being made. Sockets take of the same files.
#[must_use]
pub fn in_flight_for(files: u64) -> usize {
    usize::try_from(files.saturating_sub(FILES_KEPT) / 3).unwrap_or(usize::MAX).clamp(64, 100_000)
}

/// Sizes the byte budget of bodies: a quarter of the memory, at most 512 MiB.
#[must_use]
pub fn body_memory_for(memory: Option<u64>) -> u64 {
    memory.map_or(BODY_MEMORY_MOST, |bytes| (bytes / 4).min(BODY_MEMORY_MOST))
}

/// Returns the memory this process may use: the smaller of the control group's and the machine's.
#[must_use]
pub fn memory_limit() -> Option<u64> {
    let group = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
    let limits = group.iter().filter_map(|path| fs::read_to_string(path).ok());
    let machine = fs::read_to_string("/proc/meminfo").ok().and_then(|text| total_of(&text));
    limits.filter_map(|text| text.trim().parse().ok()).chain(machine).min()
}

/// Returns the machine's name, for people who look at a list of nodes.
#[must_use]
pub fn host_name() -> String {
    let files = ["/proc/sys/kernel/hostname", "/etc/hostname"];
    let name = files.iter().find_map(|path| fs::read_to_string(path).ok());
    name.map_or_else(|| "unknown".to_owned(), |name| name.trim().to_owned())
}

/// Returns the number of workers: one a core.
#[must_use]
pub fn workers() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZeroUsize::get)
}

fn total_of(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_in_flight_permit_follows_the_file_limit() {
        assert_eq!(in_flight_for(1024), 256);
        assert_eq!(in_flight_for(10), 64);
        assert_eq!(in_flight_for(u64::MAX), 100_000);
    }

    #[test]
    fn bodies_get_a_quarter_of_a_small_memory() {
        assert_eq!(body_memory_for(Some(256 << 20)), 64 << 20);
        assert_eq!(body_memory_for(Some(64 << 30)), 512 << 20);
        assert_eq!(body_memory_for(None), 512 << 20);
    }

    #[test]
    fn the_machine_s_memory_is_read() {
        assert_eq!(
            total_of("MemTotal:       24684032 kB\nMemFree: 1 kB\n"),
            Some(24_684_032 << 10)
        );
        assert_eq!(total_of("nothing"), None);
    }
}
