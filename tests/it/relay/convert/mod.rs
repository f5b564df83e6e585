//! Every client format served by every kind of provider.

mod matrix;
mod read;
mod stand;
