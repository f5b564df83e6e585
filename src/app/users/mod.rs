//! What can be done about users.

mod command;
mod create;
mod edit;
mod list;
mod page;
mod remove;
mod usage;

pub use command::{
    DEFAULT_DAILY, DEFAULT_RPM, NewUser, UserEdit, create_shape, edit_shape, reset_mode,
};
pub use create::{CreatedUser, create, create_in_groups};
pub use edit::edit;
pub use list::{KeyToday, Keys, UserWithKeys, list};
pub use page::{Search, find, is_anybody_there, page};
pub use remove::{BeforeRemoval, before_removal, remove};
pub use usage::{UserUsage, usage};
