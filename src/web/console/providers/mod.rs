//! The providers: the list in the order of selection, adding one from a preset, changing one,
//! testing it before anybody depends on it.

mod acts;
mod beside;
mod choose;
mod credential;
mod edit;
mod fields;
mod fill;
mod form;
mod list;
mod new;
mod row;
mod said;
mod samples;
mod trial;
mod wishes;

use actix_web::HttpRequest;
use actix_web::web::{ServiceConfig, get, post};
use serde::Deserialize;
use switchyard_actors::domain::ids::ProviderId;

/// Adds the room.
pub fn configure(routes: &mut ServiceConfig) {
    routes
        .route("", get().to(list::show))
        .route("/new", get().to(new::show))
        .route("/new", post().to(new::add))
        .route("/preview", get().to(trial::preview))
        .route("/test", post().to(trial::test_typed))
        .route("/models", post().to(trial::models_typed))
        .route("/{id}", get().to(edit::show))
        .route("/{id}", post().to(edit::save))
        .route("/{id}/test", post().to(trial::test_kept))
        .route("/{id}/models", post().to(trial::models_kept))
        .route("/{id}/enable", post().to(acts::enable))
        .route("/{id}/disable", post().to(acts::disable))
        .route("/{id}/reset", post().to(acts::reset))
        .route("/{id}/remove", get().to(acts::ask_to_remove))
        .route("/{id}/remove", post().to(acts::remove));
}

/// Returns the samples of the room's pages.
#[cfg(test)]
pub fn samples() -> Vec<super::frame::catalogue::Sample> {
    use super::frame::catalogue::page;
    [page::<list::ListPage>(), page::<choose::ChoosePage>(), page::<form::FormPage>()]
        .into_iter()
        .flatten()
        .collect()
}

/// The provider that an address names.
#[derive(Clone, Copy, Debug, Deserialize)]
struct At {
    id: i64,
}

impl At {
    const fn provider(self) -> ProviderId {
        ProviderId(self.id)
    }
}

/// Tells whether a script asks for a part of a page.
fn wants_fragment(request: &HttpRequest) -> bool {
    request.headers().contains_key("x-fragment")
}
