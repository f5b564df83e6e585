//! Light, dark, or as the system says.

use actix_web::HttpRequest;
use serde::Serialize;

use crate::web::cookies;

/// The cookie that keeps the choice.
pub const COOKIE: &str = "theme";

/// How pages look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the system says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// Returns the word of the cookie and of the page's attribute.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::System, Self::Light, Self::Dark].into_iter().find(|theme| theme.name() == name)
    }

    /// Returns what was chosen before.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Self {
        let chosen = cookies::read(request, COOKIE);
        chosen.and_then(|name| Self::parse(&name)).unwrap_or_default()
    }
}
