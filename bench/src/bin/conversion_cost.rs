//! Prints what conversion costs beside passing through. It fails no run: whether a long request meets its target is said.

use std::io::Write as _;

use switchyard_bench::conversion::{MOST_MILLIS, measure};

/// As the product has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::io::Result<()> {
    let costs = measure();
    let said = if costs.passes { "met" } else { "MISSED" };
    let mut out = std::io::stdout();
    out.write_all(costs.table.as_bytes())?;
    writeln!(out, "a request below {MOST_MILLIS} ms: {said}")
}
