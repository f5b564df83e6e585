//! What is counted for one user: requests, money, seats (D1). Plain values, changed under a lock
//! that others hold.

mod borders;
mod lessons;
mod meter;
mod seat;
mod tenant;

pub use borders::Borders;
pub use lessons::{Lesson, Lessons, Taught};
pub use meter::{Meter, MeterView, Spent};
pub use seat::{Binding, Place, Seat, SeatView, Sessions};
pub use tenant::{Opening, Tenant};
