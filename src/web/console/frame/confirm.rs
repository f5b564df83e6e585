//! The page that asks before something is destroyed, and names it.

use serde::Serialize;

use super::page::{Page, Room};
use super::text::Text;

/// Asks before something is destroyed.
#[derive(Clone, Debug, Serialize)]
pub struct ConfirmPage {
    /// The question, naming the thing.
    pub question: Text,
    /// What will happen, and what will not.
    pub consequences: Vec<Text>,
    /// The words of the button.
    pub act: Text,
    /// Where the form posts to.
    pub action: String,
    /// Where to go instead.
    pub back: String,
}

impl Page for ConfirmPage {
    const TEMPLATE: &'static str = "pages/confirm.html";
    const ROOM: Room = Room::None;

    fn title(&self) -> Text {
        self.question.clone()
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            question: Text::plain("Remove <anthropic>?"),
            consequences: vec![Text::plain("Requests go elsewhere."), Text::plain("Rows stay.")],
            act: Text::plain("Remove <anthropic>"),
            action: "/providers/1/remove".to_owned(),
            back: "/providers/1".to_owned(),
        };
        vec![("typical", page)]
    }
}
