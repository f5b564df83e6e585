//! The relay as its clients and its operators see it: answers, rows, costs, and what breaks.

mod bad_requests;
mod blame;
mod clocks;
mod credentials;
mod egress;
mod failover;
mod fidelity;
mod kill;
mod leaving;
mod limits;
mod native;
mod process;
mod shutdown;
mod slow;
mod stand;
mod truncation;
mod uploads;
