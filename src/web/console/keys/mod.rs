//! `/keys`: one key with ready settings for each client, and what its first request became.

mod acts;
mod clients;
mod edit;
mod form;
pub mod new;
mod page;
mod samples;
mod seen;
mod settings;
mod show;
mod wishes;

use actix_web::web::{ServiceConfig, get, post};

pub use show::introduce;

/// Adds the room; keys are made under the page of their user.
pub fn configure(routes: &mut ServiceConfig) {
    routes
        .route("/{id:\\d+}", get().to(show::show))
        .route("/{id:\\d+}/show", get().to(show::hidden))
        .route("/{id:\\d+}/show", post().to(show::reveal))
        .route("/{id:\\d+}/seen", get().to(seen::seen))
        .route("/{id:\\d+}/edit", get().to(edit::show))
        .route("/{id:\\d+}/edit", post().to(edit::save))
        .route("/{id:\\d+}/switch", post().to(acts::switch))
        .route("/{id:\\d+}/remove", get().to(acts::ask))
        .route("/{id:\\d+}/remove", post().to(acts::remove));
}

/// Returns the samples of the room's pages.
#[cfg(test)]
pub fn samples() -> Vec<super::frame::catalogue::Sample> {
    use super::frame::catalogue::page;
    [page::<page::KeyPage>(), page::<form::KeyFormPage>()].into_iter().flatten().collect()
}
