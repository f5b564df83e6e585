//! Where requests go, apart from what a provider itself says: models that stand in for others, and who
//! would serve what.

mod fallbacks;
mod forecast;
mod remedy;

pub use fallbacks::{Owned, fallbacks, set_fallbacks, setting};
pub use forecast::{Outcome, forecast, question};
