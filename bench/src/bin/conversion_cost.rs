//! Prints what conversion costs beside passing through. It fails no run: whether the targets are met is said.

use std::io::Write as _;

use switchyard_bench::conversion::{MOST_MILLIS, MOST_TIMES, measure};

/// As the product has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::io::Result<()> {
    let costs = measure();
    let said = if costs.passes { "met" } else { "MISSED" };
    let mut out = std::io::stdout();
    out.write_all(costs.table.as_bytes())?;
    writeln!(out, "targets: below {MOST_TIMES} times, below {MOST_MILLIS} ms: {said}")
}
