//! A request that runs, or is on its way into the database.

use serde::Serialize;

use crate::web::console::frame::{Page, Room, Text};

/// The page that looks again by itself.
#[derive(Clone, Debug, Serialize)]
pub struct WaitPage {
    /// The request's id.
    pub id: String,
}

impl Page for WaitPage {
    const TEMPLATE: &'static str = "pages/requests/wait.html";
    const ROOM: Room = Room::Requests;

    fn title(&self) -> Text {
        Text::of("request-wait-title")
    }

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("typical", Self { id: "019df82f-3001-7101-8101-010101010101".to_owned() })]
    }
}
