//! The relay as its clients and its operators see it: answers, rows, costs, and what breaks.

mod away;
mod bad_requests;
mod blame;
mod breakers;
mod classes;
mod clocks;
mod command_line;
mod credentials;
pub mod demo;
mod egress;
mod encodings;
mod ends;
mod exhausted;
mod failover;
#[cfg(feature = "failpoints")]
mod failpoints;
mod faults;
mod fidelity;
mod gate;
mod kill;
mod lacking;
mod late_prices;
mod leaving;
mod legal;
mod limits;
mod limits_of_all;
mod native;
mod nodes;
#[cfg(feature = "failpoints")]
mod points;
mod process;
mod proxies;
mod queue;
mod quota;
mod request_log;
mod routing;
mod sessions;
mod shared;
mod shutdown;
mod slow;
pub mod stand;
mod starting;
mod strangers;
mod truncation;
mod truth;
mod uploads;
mod variables;
