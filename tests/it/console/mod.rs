//! The console as people see it: real pages of the real program.

mod dashboard;
mod frame;
mod live;
mod login;
mod prices;
mod providers;
mod requests;
mod html;
mod keys;
mod login;
pub mod shell;
mod users;
