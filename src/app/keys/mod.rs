//! What can be done about the keys of users.

mod command;
mod create;
mod edit;
mod groups;
mod limits;
mod list;
mod remove;
mod text;
mod usage;

pub use command::{KeyEdit, NewKey, action_shape, first_key};
pub use create::{CreatedKey, create};
pub use edit::edit;
pub use list::list;
pub use remove::remove;
pub use text::{KeyShown, NewKeyText, shown};
pub use usage::{KeyUsage, usage};
