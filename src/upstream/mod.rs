//! The way out: awc clients (one a worker and egress), proxies, a guard against truncated bodies, and
//! the rule that keeps private addresses out of reach.

pub mod address;
pub mod check;
pub mod client;
pub mod connector;
pub mod eof;
pub mod frames;
pub mod issuer;
pub mod opened;
pub mod outgoing;
pub mod price_feed;
pub mod proxy;
pub mod send;
pub mod socket;
pub mod tls;
pub mod vendors;

pub use client::{Egress, Upstreams};
pub use send::{Reply, SendFailure, send};
