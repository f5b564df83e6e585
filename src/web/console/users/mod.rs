//! `/users`: who may send requests, what they may spend, and the keys they hold.

mod acts;
mod edit;
mod fields;
mod form;
mod limits;
mod list;
mod new;
mod show;
mod view;

use actix_web::web::{ServiceConfig, get, post};

use super::keys;

pub use fields::{
    Body, Shown, expiry_text, looked_over, put_limits, put_text, shown_limits, typed_expiry,
};
pub use form::{OptionView, reset_modes};
pub use limits::{BarView, amount, bars};
pub use new::provider_groups;
pub use show::find;
pub use view::{StateView, key_state, user_state};

/// Adds the room.
pub fn configure(routes: &mut ServiceConfig) {
    routes
        .route("", get().to(list::list))
        .route("/new", get().to(new::show))
        .route("/new", post().to(new::create))
        .route("/{id:\\d+}", get().to(show::show))
        .route("/{id:\\d+}/edit", get().to(edit::show))
        .route("/{id:\\d+}/edit", post().to(edit::save))
        .route("/{id:\\d+}/switch", post().to(acts::switch))
        .route("/{id:\\d+}/remove", get().to(acts::ask))
        .route("/{id:\\d+}/remove", post().to(acts::remove))
        .route("/{id:\\d+}/keys/new", get().to(keys::new::show))
        .route("/{id:\\d+}/keys/new", post().to(keys::new::create));
}

/// Returns the samples of the room's pages.
#[cfg(test)]
pub fn samples() -> Vec<super::frame::catalogue::Sample> {
    use super::frame::catalogue::page;
    [page::<list::UsersPage>(), page::<show::UserPage>(), page::<form::UserFormPage>()]
        .into_iter()
        .flatten()
        .collect()
}
