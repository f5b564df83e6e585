//! Operations on conversations under way.

mod get_active_sessions;
mod get_session_details;
mod terminate_active_session;
mod terminate_active_sessions_batch;
mod terminate_sessions_of;

use std::sync::Arc;

use switchyard_actors::domain::ids::SessionId;

use super::Routes;
use crate::app::shape::{Body, Field, Rule};

/// Adds the operations.
pub fn routes(routes: &mut Routes<'_, '_>) {
    routes
        .action::<get_active_sessions::GetActiveSessions>()
        .action::<get_session_details::GetSessionDetails>()
        .action::<terminate_active_session::TerminateActiveSession>()
        .action::<terminate_active_sessions_batch::TerminateActiveSessionsBatch>()
        .action::<terminate_sessions_of::TerminateSessionsOf>();
}

/// What a name of a session may be; names are longer nowhere.
const NAME: Rule = Rule::text(1, 64);

fn session_field() -> Field {
    Field::required("sessionId", NAME).about("The session, as getActiveSessions names it.")
}

fn session(body: &Body) -> SessionId {
    SessionId(Arc::from(body.text("sessionId").unwrap_or_default()))
}
