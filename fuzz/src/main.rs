//! One program for all targets: which one it feeds is said by `SWITCHYARD_FUZZ`. `scripts/fuzz` builds and runs it.

#![no_main]

mod targets;
// The formats alone, so that nothing else is compiled with counters; they have more than the targets use.
#[allow(dead_code, unused_imports, unfulfilled_lint_expectations)]
mod wire;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("SWITCHYARD_FUZZ").unwrap_or_default();
    targets::find(&name).unwrap_or_else(|| panic!("SWITCHYARD_FUZZ names no target: {name:?}"))
});

fuzz_target!(|data: &[u8]| TARGET(data));
