//! # `CircuitBreakerRegistry`
//! Tells people what breakers do. It decides nothing: the machine is
//! [`domain::breaker`](crate::domain::breaker), its state [`Breakers`](crate::shared::breakers::Breakers),
//! and outcomes are recorded there synchronously by each attempt's settle (D9).
//! - owns: the last change of each breaker; tallies. One global actor
//! - asked: `Views`, `Reset`, `Observe` (deadline 1 s); told: `Transition`, `PublishTo` (bounded,
//!   `try_send`)
//! - published: changes, to the live feed and through `BreakerNews` to other nodes
//! - asks other actors: never
//! - load: a transition is rare; its mailbox takes 1,024. One that does not get in is counted and
//!   missing in the log; no decision depends on it
//! - if silent: the handle reads and resets the shared state itself
//! - restart: the last changes are forgotten; the breakers are not
//!
//! Each change is one line that starts with `[CircuitBreaker]`.

mod actor;
mod handle;
mod messages;
mod report;
#[cfg(test)]
mod tests;

pub use actor::CircuitBreakerRegistry;
pub use handle::CircuitBreakerHandle;
pub use messages::{CircuitBreakerRegistryView, Observe, ProviderBreaker, PublishTo, Reset, Views};
