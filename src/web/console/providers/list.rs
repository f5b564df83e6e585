//! `/providers`: all of them, in the order in which they are chosen.

use actix_web::HttpResponse;
use serde::Serialize;

use super::choose::PresetView;
use super::row::RowView;
use super::samples;
use crate::app::{providers, users};
use crate::web::console::frame::{Admin, Page, PageError, Room, Text};

/// All providers.
#[derive(Clone, Debug, Serialize)]
pub struct ListPage {
    rows: Vec<RowView>,
    /// Vendors to begin with, when there is no provider.
    presets: Vec<PresetView>,
    /// Nobody may use them yet.
    no_user: bool,
}

/// Shows the list.
pub async fn show(Admin(visitor): Admin) -> Result<HttpResponse, PageError> {
    let app = visitor.app();
    let standings = providers::standings(app).await?;
    let rows: Vec<RowView> = standings.iter().map(RowView::of).collect();
    let presets = if rows.is_empty() { PresetView::all() } else { Vec::new() };
    let no_user = !users::is_anybody_there(app).await?;
    visitor.show(&ListPage { rows, presets, no_user })
}

impl Page for ListPage {
    const TEMPLATE: &'static str = "pages/providers/list.html";
    const ROOM: Room = Room::Providers;

    fn title(&self) -> Text {
        Text::of("providers-title")
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let empty = Self { rows: Vec::new(), presets: PresetView::all(), no_user: true };
        let page = |rows, no_user| Self { rows, presets: Vec::new(), no_user };
        vec![
            ("empty", empty),
            ("typical", page(samples::typical(), true)),
            ("extreme", page(samples::extreme(), false)),
        ]
    }
}
