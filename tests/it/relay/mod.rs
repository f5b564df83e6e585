//! The relay as its clients and its operators see it: answers, rows, costs, and what breaks.

mod bad_requests;
mod command_line;
mod credentials;
mod failover;
mod fidelity;
mod kill;
mod late_prices;
mod leaving;
mod limits;
mod native;
mod nodes;
mod process;
mod request_log;
mod shutdown;
mod slow;
mod stand;
mod starting;
mod strangers;
mod truncation;
mod uploads;
mod variables;
