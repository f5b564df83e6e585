//! What the web shows of the process and the server changes: whether requests may come, how many
//! answers are in flight, when those must end, the administrator's token. It knows neither of the two.

pub mod activity;
pub mod admin_token;
pub mod curfew;
pub mod readiness;

pub use activity::{Activity, Running};
pub use admin_token::{AdminToken, TokenError};
pub use curfew::Curfew;
pub use readiness::{Readiness, Reason, Severity};
