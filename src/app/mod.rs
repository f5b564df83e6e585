//! The use cases: for each one, one place of validation, audit, write and reload. The management
//! API, the console and the command line are thin doors to them (D14).

mod context;
mod error;
pub mod keys;
pub mod login;
pub mod random;
pub mod shape;
pub mod time;
pub mod users;

pub use context::{Actor, ActorKind, AppContext, OpenSessions, Reload, Zone};
pub use error::{AppError, Refusal};
