//! What those who watch are told of while it happens: nouns of the live feed, and the ring that
//! remembers the last ones for who was away for a moment.

mod event;
mod lately;
mod ring;
mod sessions;

pub use event::{Event, EventId, Numbered};
pub use lately::{Lately, MINUTES, Tally};
pub use ring::{After, Bounds, Ring};
pub use sessions::{SessionLoad, SessionLoads};
