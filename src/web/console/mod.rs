//! The console: pages for people, one folder a room over the frame that they share. A page reads
//! and changes through the use cases, as the management API does.

mod dashboard;
mod frame;
mod keys;
mod live;
mod login;
mod prices;
mod providers;
mod requests;
mod users;

use actix_web::web::ServiceConfig;

pub use frame::{
    Arg, Console, Locale, MessageError, Seal, ShellView, TemplateError, Templates, Text, Theme,
    money, not_found_page, number, time,
};

/// Adds every room. `web::Data<Console>` must be in the application's data.
pub fn mount(config: &mut ServiceConfig) {
    frame::room(config, "/preferences", frame::preferences::configure);
    frame::room(config, "/live", live::configure);
    frame::room(config, "/dashboard", dashboard::configure);
    frame::room(config, "/login", login::configure);
    frame::room(config, "/logout", login::configure_logout);
    frame::room(config, "/prices", prices::configure);
    frame::room(config, "/providers", providers::configure);
    frame::room(config, "/requests", requests::configure);
    frame::room(config, "/users", users::configure);
    frame::room(config, "/keys", keys::configure);
}

/// Returns the samples of every page.
#[cfg(test)]
fn samples() -> Vec<frame::catalogue::Sample> {
    let mut all = frame::samples();
    all.extend(dashboard::samples());
    all.extend(keys::samples());
    all.extend(login::samples());
    all.extend(prices::samples());
    all.extend(providers::samples());
    all.extend(requests::samples());
    all.extend(users::samples());
    all
}

#[cfg(test)]
mod tests;
