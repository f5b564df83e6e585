//! What carries the relay: the data directory and its lock, the listener, the HTTP server whose
//! clients' disconnects are seen at once, signals, and the order of stopping.

mod client_stream;
pub mod http;
pub mod listen;
pub mod lock;
pub mod machine;
pub mod signals;
pub mod stop;
#[cfg(test)]
mod tests;
mod watch;

pub use http::{HttpOptions, start};
pub use listen::{ListenError, listen};
pub use lock::{DataDir, DataDirError};
pub use signals::{Signal, Signals};
pub use stop::{AFTER_GRACE, Ending, Steps, run_until_stopped};
