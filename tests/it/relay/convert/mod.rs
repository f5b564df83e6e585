//! Every client format served by every kind of provider.

mod coming_back;
mod cuts;
mod envelope;
mod failover;
mod large;
mod lists;
mod losses;
mod matrix;
mod read;
mod room;
mod slow;
mod stand;
mod talk;
mod tools;
mod whole;
