//! # `CredentialKeeper`
//! Gets the tokens of providers whose keys are Google credentials, one at a time for each of them,
//! however many requests wait for it.
//! - owns: who waits, what could not be kept yet (memory); tokens live in the shared `Tokens`,
//!   credentials in `CredentialStore`
//! - asked: `Renew` (deadline given by who asks), `Observe`, `Finish` at the end of the process; itself: a look
//!   every five seconds for tokens that are nearly over
//! - published: nothing; a new token is in `Tokens` before anybody is answered
//! - asks other actors: never
//! - load: a message a request while there is no token, none while there is one
//! - if silent (issuer or store away): the present token is used to its end; a credential that is
//!   refused or cannot be tried is left alone for longer and longer
//! - restart: the token that was kept last is taken up again

mod actor;
mod handle;
mod messages;
pub mod policy;
mod renewal;

#[cfg(test)]
mod tests;

pub use actor::{CredentialKeeper, CredentialPorts};
pub use handle::CredentialKeeperHandle;
pub use messages::{CredentialKeeperView, Observe};
pub use policy::TokenFault;
