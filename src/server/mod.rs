//! The process around the relay: its data directory and lock, the admin token, the listener, the
//! HTTP server whose clients' disconnects are seen at once, readiness, and the order of stopping.

pub mod activity;
pub mod admin_token;
pub mod http;
pub mod listen;
pub mod lock;
pub mod machine;
pub mod readiness;
pub mod signals;
pub mod stop;

pub use activity::Activity;
pub use admin_token::{AdminToken, TokenError};
pub use http::{HttpOptions, start};
pub use listen::{ListenError, listen};
pub use lock::{DataDir, DataDirError};
pub use readiness::{Readiness, Reason, Severity};
pub use signals::{Signal, Signals};
pub use stop::{Ending, run_until_stopped};
