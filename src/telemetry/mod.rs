//! Logs: sentences with fields, as JSON or for people, on standard error.
//!
//! What must never be in a line: keys and tokens (they are wrapped in `Secret`, whose `Debug` hides
//! them), bodies and prompts, query strings of providers (they may carry a key: log host and path).
//! A key is named by its id. The stable field names are listed in `docs/LOGGING.md`.

mod escape;
mod json;
mod lines;
mod stamp;

use std::io::IsTerminal as _;
use std::panic::PanicHookInfo;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use tracing::Level;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};

use self::json::JsonLines;
use self::lines::Lines;
use crate::settings::{LogFormat, LogSettings};

/// Our own crates; what libraries say is heard from `warn` up, or at `trace`.
const OURS: [&str; 2] = ["switchyard", "switchyard_actors"];

/// The HTTP library calls it an error when a stranger sends what is no HTTP, when an upstream does, and
/// when an answer breaks off: as often as they like, and without an address. We tell of it ourselves, at
/// the level that it has here; the library is heard by who asks for more.
const LOUD: &str = "actix_http::h1";

/// Panics since the start. A hook is one for the process, and so is its counter.
static PANICS: AtomicU64 = AtomicU64::new(0);

/// Lines that are not written yet; one a process, as standard error is.
static LINES: OnceLock<Lines> = OnceLock::new();

/// Writes the lines that wait. Call it before the process ends.
pub fn flush() {
    if let Some(lines) = LINES.get() {
        lines.flush();
    }
}

/// Logging cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// It was started before.
    #[error(transparent)]
    Again(#[from] TryInitError),
    /// The thread that writes lines cannot be started.
    #[error("the thread that writes the log cannot be started: {0}")]
    Thread(#[from] std::io::Error),
}

/// Returns how many panics there were.
#[must_use]
pub fn panics() -> u64 {
    PANICS.load(Ordering::Relaxed)
}

/// Starts logging and takes over panics, so that each is logged once and nothing is printed raw.
///
/// # Errors
/// Logging was started before, or its thread cannot be started.
pub fn start(settings: &LogSettings) -> Result<(), TelemetryError> {
    let terminal = std::io::stderr().is_terminal();
    let filter = targets(&settings.level);
    let writer = Lines::start(std::io::stderr())?;
    let writer = LINES.get_or_init(|| writer).clone();
    let json = match settings.format {
        LogFormat::Json => true,
        LogFormat::Pretty => false,
        LogFormat::Auto => !terminal,
    };
    // The filter is the registry's own: a layer's filter asks a thread-local at every event.
    let registry = tracing_subscriber::registry().with(filter);
    if json {
        registry.with(JsonLines::new(writer)).try_init()?;
    } else {
        let pretty = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(terminal);
        registry.with(pretty.compact()).try_init()?;
    }
    std::panic::set_hook(Box::new(log_panic));
    Ok(())
}

fn targets(level: &str) -> Targets {
    let level: Level = level.parse().unwrap_or(Level::INFO);
    let others = if level == Level::TRACE { LevelFilter::TRACE } else { LevelFilter::WARN };
    let others = others.min(LevelFilter::from_level(level));
    let loud = if level >= Level::DEBUG { others } else { LevelFilter::OFF };
    let targets = Targets::new().with_default(others).with_target(LOUD, loud);
    OURS.iter().fold(targets, |targets, name| targets.with_target(*name, level))
}

fn log_panic(panic: &PanicHookInfo<'_>) {
    PANICS.fetch_add(1, Ordering::Relaxed);
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let text = panic.payload_as_str().unwrap_or("no message");
    tracing::error!(panic.place = place, panic.message = text, "the program has a fault: {text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_heard_from_warnings_up_and_ours_from_the_level_set() {
        let debug = targets("debug");
        assert!(debug.would_enable("switchyard::proxy", &Level::DEBUG));
        assert!(!debug.would_enable("actix_server", &Level::INFO));
        assert!(debug.would_enable("actix_server", &Level::WARN));
        assert!(!targets("error").would_enable("actix_server", &Level::WARN));
        assert!(targets("trace").would_enable("h2", &Level::TRACE));
        let loud = |level| targets(level).would_enable("actix_http::h1::dispatcher", &Level::ERROR);
        assert!(["error", "warn", "info"].into_iter().all(|level| !loud(level)));
        assert!(loud("debug") && loud("trace"));
        assert!(targets("info").would_enable("actix_http::h2", &Level::ERROR));
    }
}
