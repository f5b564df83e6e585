//! What can be done about the keys of users.

mod command;
mod create;
mod edit;
mod find;
mod groups;
mod last_request;
mod lately;
mod limits;
mod list;
mod offers;
mod refusals;
mod remove;
mod switch;
mod text;
mod usage;

pub use command::{KeyEdit, NewKey, action_shape, first_key};
pub use create::{CreatedKey, create};
pub use edit::edit;
pub use find::{find, reveal};
pub use last_request::{Seen, last_request};
pub use lately::served_lately;
pub(in crate::app) use limits::within;
pub use list::list;
pub use offers::{Offer, offer};
pub use refusals::{no_key, no_user};
pub use remove::{BeforeRemoval, before_removal, remove};
pub use switch::{Switch, switch};
pub use text::{KeyShown, NewKeyText, shown};
pub use usage::{KeyUsage, usage};
