//! What can be done about conversations under way: look at them, and end them.

mod details;
mod end;
mod list;

pub use details::{Details, details};
pub use end::{Ended, Whose, end, end_many, end_of};
pub use list::{ActiveSession, ModelBinding, Part, Sums, list};

use switchyard_actors::domain::ids::UserId;

use crate::app::{Actor, ActorKind, AppError};

/// Returns whose sessions alone somebody may see; `None` when that is everybody's.
fn own(actor: &Actor) -> Result<Option<UserId>, AppError> {
    match actor.kind {
        _ if actor.is_admin() => Ok(None),
        ActorKind::User(user) => Ok(Some(user)),
        _ => Err(AppError::denied()),
    }
}

/// Says that there is no such session, also of one that is somebody else's: who guesses learns
/// nothing.
fn unknown() -> AppError {
    AppError::refused("refused-no-session", "Session 不存在")
}
