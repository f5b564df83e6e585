//! A real browser for tests: a headless Chromium that visits the real program as a person would.
//!
//! Things are found by what the browser tells assistive technology (role and accessible name), are
//! clicked where they are seen, and are waited for with an end. What a page complains about (console,
//! exceptions, its content security policy) and what it fetches is kept beside it.
//!
//! Chromium is spoken to in its own protocol, over a pair of pipes: neither a driver program nor a
//! port is needed, and it ends when the tests do. One process serves all tests that run at a time;
//! each page has cookies, storage and cache of its own.

mod axe;
mod element;
mod enter;
mod input;
mod look;
mod page;
mod pipe;
mod process;
mod record;
mod tests;

use std::time::Duration;

pub use element::Role;
pub use input::Key;
pub use look::{NARROW, Theme, WIDE};
pub use page::Page;
pub use record::Fetched;

/// The longest a test waits for the browser or a page, on a busy machine with a debug build.
pub const PATIENCE: Duration = Duration::from_mins(1);
