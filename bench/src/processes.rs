//! What processes use, read from `/proc`: nanoseconds of CPU (the scheduler's own count, much finer
//! than ticks) and resident memory, children included.

use std::fs;

/// The CPU time of a process and its children in nanoseconds.
#[must_use]
pub fn cpu_nanos(pid: u32) -> u64 {
    tree(pid).into_iter().map(own_cpu).sum()
}

/// The resident memory of a process and its children in KiB.
#[must_use]
pub fn rss_kib(pid: u32) -> u64 {
    tree(pid).into_iter().map(own_rss).sum()
}

fn own_cpu(pid: u32) -> u64 {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return 0 };
    let one = |thread: fs::DirEntry| -> Option<u64> {
        let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse().ok()
    };
    threads.filter_map(Result::ok).filter_map(one).sum()
}

fn own_rss(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|text| text.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}

/// The process and its direct children (nginx works in children).
fn tree(pid: u32) -> Vec<u32> {
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
    let mut all = vec![pid];
    all.extend(children.unwrap_or_default().split(' ').filter_map(|text| text.parse::<u32>().ok()));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_work_and_memory_are_seen() {
        let before = cpu_nanos(std::process::id());
        let mut sum = 0_u64;
        for number in 0..20_000_000_u64 {
            sum = std::hint::black_box(sum ^ number);
        }
        let used = cpu_nanos(std::process::id()) - before;
        assert!(used > 1_000_000, "{used} ns");
        assert!(rss_kib(std::process::id()) > 500);
    }
}
