//! The console as people see it: real pages of the real program.

mod frame;
mod live;
mod login;
mod prices;
