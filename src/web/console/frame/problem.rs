//! The page that says why there is no page: what happened, and what to do.

use actix_web::ResponseError as _;
use actix_web::http::StatusCode;
use serde::Serialize;

use super::error::PageError;
use super::page::{Page, Room};
use super::text::Text;
use crate::app::AppError;
use crate::store::StoreError;

/// Why there is no page.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    status: u16,
    what: Text,
    then: Text,
}

impl Problem {
    /// Puts an error into words.
    #[must_use]
    pub fn of(error: &PageError) -> Self {
        let (what, then) = error.words();
        Self { status: error.status_code().as_u16(), what, then }
    }
}

impl Page for Problem {
    const TEMPLATE: &'static str = "pages/problem.html";
    const ROOM: Room = Room::None;

    fn title(&self) -> Text {
        let reason =
            StatusCode::from_u16(self.status).ok().and_then(|code| code.canonical_reason());
        Text::plain(format!("{} {}", self.status, reason.unwrap_or_default()))
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let store = StoreError::Unavailable("closed".into());
        vec![
            ("not-found", Self::of(&PageError::NotFound)),
            ("forbidden", Self::of(&PageError::Forbidden)),
            ("forged", Self::of(&PageError::Forged)),
            ("too-large", Self::of(&PageError::TooLarge)),
            ("broken", Self::of(&PageError::Broken)),
            ("over", Self::of(&PageError::Over)),
            ("too-often", Self::of(&PageError::TooOften(890))),
            ("busy", Self::of(&PageError::Busy)),
            ("store", Self::of(&PageError::App(AppError::Store(store)))),
            ("internal", Self::of(&PageError::App(AppError::Internal("x".into())))),
            (
                "refused",
                Self::of(&PageError::App(
                    AppError::refused("refused-sync", "").with("reason", "<b>no</b>"),
                )),
            ),
        ]
    }
}
