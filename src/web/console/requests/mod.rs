//! The ledger: a list of requests that grows while one looks at it, a page for each with all that
//! was decided, and those that were refused at the door.

mod detail;
mod door;
mod list;
mod names;
mod row;
mod samples;
mod words;

use actix_web::web::{ServiceConfig, get};

pub use list::{Asked, wanted};
pub use row::RequestRow;

/// Adds the room.
pub fn configure(routes: &mut ServiceConfig) {
    routes
        .route("", get().to(list::show))
        .route("/sums", get().to(list::show_sums))
        .route("/door", get().to(door::show))
        .route("/{id}", get().to(detail::show));
}

/// Returns the samples of the room's pages.
#[cfg(test)]
pub fn samples() -> Vec<super::frame::catalogue::Sample> {
    use super::frame::catalogue::page;
    [
        page::<list::ListPage>(),
        page::<detail::DetailPage>(),
        page::<detail::WaitPage>(),
        page::<door::DoorPage>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
