//! The use cases: for each one, one place of validation, audit, write and reload. The management
//! API, the console and the command line are thin doors to them (D14).

mod context;
mod error;
pub mod figure;
mod live;
pub mod login;
pub mod model_prices;
pub mod overview;
pub mod providers;
pub mod random;
pub mod shape;
pub mod time;
pub mod usage_logs;

pub use context::{Actor, ActorKind, AppContext, Reload};
pub use error::{AppError, Refusal};
pub use live::{Live, ProviderHook};
