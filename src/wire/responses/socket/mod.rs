//! Responses over WebSocket: the same requests, events and errors as over HTTP, one JSON text a
//! message. A request is a message of type `response.create`; each event of its stream is one back.

pub mod create;
pub mod error;
pub mod events;
pub mod say;
pub mod warm_up;

pub use create::{Before, Create, CreateError};
pub use events::{EventReader, Learned};
