//! The console as people see it: real pages of the real program.

mod dashboard;
mod forms;
mod frame;
mod html;
mod keys;
mod live;
mod login;
mod meanwhile;
mod prices;
mod providers;
mod requests;
mod users;
mod wrong;
