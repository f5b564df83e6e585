//! What is counted for one user: requests, money, seats (D1). Plain values, changed under a lock
//! that others hold.

mod bindings;
mod borders;
mod ends;
mod lessons;
mod meter;
mod seat;
mod tenant;

pub use bindings::{Binding, Bindings};
pub use borders::Borders;
pub use ends::{Bond, EndScope, Ends, SessionEnd};
pub use lessons::{Lesson, Lessons, Taught};
pub use meter::{Meter, MeterView, Spent};
pub use seat::{Place, Seat, SeatView, Sessions};
pub use tenant::{Opening, Tenant};
