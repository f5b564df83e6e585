//! What can be done about users.

mod command;
mod create;
mod edit;
mod list;
mod remove;
mod usage;

pub use command::{NewUser, UserEdit, create_shape, edit_shape, reset_mode};
pub use create::{CreatedUser, create};
pub use edit::edit;
pub use list::{KeyToday, Keys, UserWithKeys, list};
pub use remove::remove;
pub use usage::{UserUsage, usage};
