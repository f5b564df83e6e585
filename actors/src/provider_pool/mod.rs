//! # `ProviderPool`
//! Chooses the provider of a request: who fits, who is well, the best tier, a weighted draw.
//! - owns: nothing that lasts; breakers and leases are shared by all workers behind locks
//! - asked: `Choose` (same thread, no I/O, so no deadline), `Observe`; told: nothing
//! - published: nothing            - asks other actors: never
//! - where nodes share their counters, the handle has the limits of whoever was chosen confirmed over
//!   all of them before the attempt starts; who is full there is left out, and it is chosen again
//! - load: one instance a worker; a request has at most one question open
//! - if silent: it cannot be; when it has ended, requests are answered as if nobody could serve and
//!   the process ends by its health check
//! - restart: forgets its own counts; leases and permits live in their guards

mod actor;
mod choice;
pub mod eligibility;
pub mod explain;
pub mod forecast;
mod handle;
mod messages;
mod outlook;
pub mod selection;

#[cfg(test)]
mod choice_tests;
#[cfg(test)]
mod tests;

pub use actor::ProviderPool;
pub use choice::NoneEligible;
pub use eligibility::Over;
pub use explain::Waiting;
pub use handle::ProviderPoolHandle;
pub use messages::{Choose, Chosen, Observe, ProviderPoolView};
pub use outlook::Outlook;
