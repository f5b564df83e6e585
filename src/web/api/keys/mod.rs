//! `/api/actions/keys`.

mod add_key;
mod edit_key;
mod get_key_limit_usage;
mod get_keys;
mod remove_key;
mod reset_key_limits;

use super::Routes;
use crate::app::shape::{Field, Rule};

/// Lists the operations.
pub fn routes(routes: &mut Routes<'_, '_>) {
    routes
        .action::<get_keys::GetKeys>()
        .action::<add_key::AddKey>()
        .action::<edit_key::EditKey>()
        .action::<remove_key::RemoveKey>()
        .action::<get_key_limit_usage::GetKeyLimitUsage>()
        .action::<reset_key_limits::ResetKeyLimits>();
}

/// The fields of a key that the route itself checks. They are stricter in type and freer in range
/// than what the action takes, as in the original.
fn strict_fields() -> [Field; 9] {
    let money = || Rule::NUMBER.nullable();
    [
        Field::required("name", Rule::TEXT).about("1 to 64 characters."),
        Field::optional("expiresAt", Rule::TEXT).about("When the key ends; empty for never."),
        Field::optional("canLoginWebUi", Rule::Flag).about("It may log in to the console."),
        Field::optional("limit5hUsd", money()).about("US dollars in five hours, at most 10000."),
        Field::optional("limitDailyUsd", money()).about("US dollars a day, at most 10000."),
        Field::optional("limitWeeklyUsd", money()).about("US dollars a week, at most 50000."),
        Field::optional("limitMonthlyUsd", money()).about("US dollars a month, at most 200000."),
        Field::optional("limitTotalUsd", money()).about("US dollars for ever, at most 10000000."),
        Field::optional("limitConcurrentSessions", Rule::NUMBER)
            .about("Sessions at once, 0 to 1000; 0 is any number."),
    ]
}
