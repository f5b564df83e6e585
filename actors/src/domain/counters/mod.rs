//! What is counted: requests, tokens, money, seats (D1). Plain values, changed under a lock that
//! others hold.

mod bindings;
mod books;
mod borders;
mod calendar;
mod ends;
mod lessons;
mod load;
mod meter;
mod seat;
mod tenant;
mod tokens;
mod view;

pub use bindings::{Binding, Bindings};
pub use books::{Account, Books, Common, Opening, log_bound};
pub use borders::Borders;
pub use calendar::Calendar;
pub use ends::{Bond, EndScope, Ends, SessionEnd};
pub use lessons::{Lesson, Lessons, Taught};
pub use load::Load;
pub use meter::Meter;
pub use seat::{Place, Seat, SeatView, Sessions};
pub use tenant::Tenant;
pub use tokens::TokenLog;
pub use view::{MeterView, Spent};
