//! `/api/actions/users`.

mod add_user;
mod edit_user;
mod get_user_limit_usage;
mod get_users;
mod remove_user;
mod reset_user_limits;

use switchyard_actors::domain::caller::Role;

use super::Routes;

/// Lists the operations.
pub fn routes(routes: &mut Routes<'_, '_>) {
    routes
        .action::<get_users::GetUsers>()
        .action::<add_user::AddUser>()
        .action::<edit_user::EditUser>()
        .action::<remove_user::RemoveUser>()
        .action::<get_user_limit_usage::GetUserLimitUsage>()
        .action::<reset_user_limits::ResetUserLimits>();
}

/// Requests a minute that are shown where none are stored.
const SHOWN_RPM: i64 = 60;

const fn role(role: Role) -> &'static str {
    match role {
        Role::Admin => "admin",
        Role::User => "user",
    }
}

fn rpm(stored: Option<i64>) -> i64 {
    stored.filter(|rpm| *rpm > 0).unwrap_or(SHOWN_RPM)
}
