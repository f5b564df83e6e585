//! `/providers/new` without a choice: which vendor is it?

use serde::Serialize;

use crate::app::providers::{PRESETS, Preset};
use crate::web::console::frame::{Page, Room, Text};

/// A vendor to choose.
#[derive(Clone, Debug, Serialize)]
pub struct PresetView {
    /// Its word in addresses.
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// How it is spoken to: a message.
    pub kind: Text,
    /// Its base URL; empty where only the operator knows it.
    pub url: &'static str,
    /// Where a key is made.
    pub keys_at: Option<&'static str>,
    /// It listens on a private address.
    pub private: bool,
}

impl PresetView {
    /// Shows a preset.
    pub fn of(preset: &Preset) -> Self {
        Self {
            id: preset.id,
            name: preset.name,
            kind: super::said::kind(preset.kind),
            url: preset.url,
            keys_at: preset.keys_at,
            private: preset.private,
        }
    }

    /// Shows all presets.
    pub fn all() -> Vec<Self> {
        PRESETS.iter().map(Self::of).collect()
    }
}

/// Asks which vendor it is.
#[derive(Clone, Debug, Serialize)]
pub struct ChoosePage {
    presets: Vec<PresetView>,
}

impl ChoosePage {
    /// Makes the page.
    pub fn new() -> Self {
        Self { presets: PresetView::all() }
    }
}

impl Page for ChoosePage {
    const TEMPLATE: &'static str = "pages/providers/choose.html";
    const ROOM: Room = Room::Providers;

    fn title(&self) -> Text {
        Text::of("providers-add")
    }

    fn samples() -> Vec<(&'static str, Self)> {
        vec![("typical", Self::new())]
    }
}
