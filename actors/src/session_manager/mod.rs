//! # `SessionManager`
//! Names the session a request belongs to and remembers which provider served it well.
//! - owns: tallies only; sessions live in the shared
//!   [`Counters`](crate::shared::counters::Counters). One actor per HTTP worker
//! - asked: `Resolve` (local, no deadline: it neither waits nor calls out), `Observe`; told: nothing;
//!   itself: nothing (the janitor forgets sessions)
//! - `settle`, `restore` and the views are synchronous on the shared state, so that a settle inside
//!   `Drop` can call them
//! - published: nothing            - asks other actors: never
//! - load: expected queue < 64; a handler takes about a microsecond
//! - if silent (ended): the handle resolves on the same shared state itself
//! - restart: nothing is lost; after a restart of the process `restore` brings the bindings back
//!
//! Identity (point 10 of what clients send): `s_` + 24 hexadecimal digits of SHA-256 over user, key,
//! kind and text, so that no two users or keys ever share a session, whatever text they send.
//! 1. the client's own id names the session
//! 2. else the content hash finds one that lives; if none does, a conversation under way (more than
//!    one message) is named after its content and a new one gets a fresh id, so that two one-shot
//!    prompts with the same text on two days are two sessions. The first 16 digits always come from
//!    the content: that is how a restored session is found again
//! 3. else the request is a session of its own, which is not remembered
//!
//! Binding (`binding.rs`): only after success, one provider a model, for `SESSION_TTL` after the last
//! use. It is a preference: whether the provider may serve is decided by the same rules as for
//! everybody else. A provider that fails in passing is kept for the next turn, one that may not serve
//! is replaced by whoever served instead. A short request beside a running one (at most two messages:
//! a title, a sub-agent) follows the session and changes nothing.

mod actor;
mod affinity;
mod binding;
mod handle;
mod identity;
mod messages;
mod note;
#[cfg(test)]
mod tests;

pub use actor::SessionManager;
pub use binding::{Absence, Change, Server, Turn, Verdict, absence};
pub use handle::{RequestOf, RestoredBinding, SessionManagerHandle, restore};
pub use identity::Owner;
pub use messages::{Observe, Resolve, Resolved, SessionManagerView};
pub use note::RowNote;
