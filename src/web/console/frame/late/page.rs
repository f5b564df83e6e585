//! The pages that a form meets that came too late.

use serde::Serialize;

use crate::web::console::frame::form_view::FormView;
use crate::web::console::frame::page::{Page, Room};
use crate::web::console::frame::stranger::Stranger;
use crate::web::console::frame::text::Text;

/// Says that the login has ended, and asks for the next one.
#[derive(Clone, Debug, Serialize)]
pub struct EndedPage {
    /// The form of a login, empty.
    form: FormView,
    /// What was typed, sealed; empty where it was too long.
    kept: String,
    /// The relay holds samples only; this key opens it.
    demo_key: Option<&'static str>,
}

impl EndedPage {
    /// Makes the page for somebody, with what they typed.
    #[must_use]
    pub fn new(looks: &Stranger, kept: Option<String>) -> Self {
        Self {
            form: FormView::default(),
            kept: kept.unwrap_or_default(),
            demo_key: looks.demo_key(),
        }
    }
}

impl Page for EndedPage {
    const TEMPLATE: &'static str = "pages/ended.html";
    const ROOM: Room = Room::None;

    fn title(&self) -> Text {
        Text::of("late-ended")
    }

    /// There is no way back here, and what was typed would be lost on it.
    fn here(&self) -> Option<String> {
        Some(String::new())
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let page =
            |kept: &str| Self { form: FormView::default(), kept: kept.to_owned(), demo_key: None };
        vec![("kept", page("v1.sealed")), ("too-long", page(""))]
    }
}

/// Offers to send what was typed, and names where it goes.
#[derive(Clone, Debug, Serialize)]
pub struct SendPage {
    /// Where it goes.
    to: String,
    /// What was typed, sealed.
    kept: String,
    /// Why it did not go at once.
    why: Text,
}

impl SendPage {
    /// What was typed while the login ended, now that there is another.
    pub(super) fn of_ended_login(to: String, kept: String) -> Self {
        Self { to, kept, why: Text::of("late-why-ended") }
    }

    /// What was typed on a page of an earlier login.
    pub(super) fn of_earlier_login(to: String, kept: String) -> Self {
        Self { to, kept, why: Text::of("late-why-earlier") }
    }
}

impl Page for SendPage {
    const TEMPLATE: &'static str = "pages/send.html";
    const ROOM: Room = Room::None;

    fn title(&self) -> Text {
        Text::of("late-send")
    }

    /// There is no way back here, and what was typed would be lost on it.
    fn here(&self) -> Option<String> {
        Some(String::new())
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let (to, kept) = ("/users/new?a=<b>".to_owned(), "v1.sealed".to_owned());
        vec![
            ("ended", Self::of_ended_login(to.clone(), kept.clone())),
            ("earlier", Self::of_earlier_login(to, kept)),
        ]
    }
}
