//! The use cases: for each one, one place of validation, audit, write and reload. The management
//! API, the console and the command line are thin doors to them (D14).

mod context;
mod error;
pub mod error_rules;
pub mod figure;
mod judged;
pub mod keys;
pub mod limits;
mod live;
pub mod login;
pub mod meters;
pub mod model_prices;
pub mod overview;
pub mod providers;
pub mod random;
pub mod request_filters;
pub mod routing;
pub mod sensitive_words;
pub mod sessions;
pub mod shape;
pub mod time;
pub mod usage_logs;
pub mod users;

pub use context::{Actor, ActorKind, AppContext, OpenSessions, Reload, Zone};
pub use error::{About, AppError, Refusal};
pub use live::{Live, Look, ProviderHook, SpendHook};
