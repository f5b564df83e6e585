//! The `switchyard` program.

use std::process::ExitCode;

/// The allocator decides every memory figure; to use the system's, take these two lines out. Huge
/// pages are off (`no_thp`): they made an idle process twice as large.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Tests end the process at named places; a release has none of them.
    #[cfg(feature = "failpoints")]
    let _faults = fail::FailScenario::setup();
    switchyard::cli::main()
}
