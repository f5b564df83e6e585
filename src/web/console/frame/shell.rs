//! What every page's frame shows: who is here, where they may go, what has just happened.

use serde::Serialize;

use super::flash::Flash;
use super::health::HealthView;
use super::locale::Locale;
use super::page::Room;
use super::text::Text;
use super::theme::Theme;

/// What every page's frame shows; templates find it under `shell`.
#[derive(Clone, Debug, Serialize)]
pub struct ShellView {
    /// Whoever is logged in.
    pub user: Option<UserView>,
    /// The rooms they may enter.
    pub rooms: Vec<RoomLink>,
    /// The room that the page is in.
    pub room: Room,
    /// The page's title.
    pub title: Text,
    /// The token that forms carry.
    pub csrf: String,
    /// What has just happened.
    pub flash: Option<Flash>,
    /// The language.
    pub locale: Locale,
    /// All languages, for the switch.
    pub locales: Vec<LocaleLink>,
    /// The look.
    pub theme: Theme,
    /// The time zone's name.
    pub zone: String,
    /// Now, in microseconds.
    pub now: i64,
    /// Everything here is a sample.
    pub demo: bool,
    /// The address that shows the same again, to come back to; empty where there is none.
    pub here: String,
    /// The program's version.
    pub version: &'static str,
    /// How the relay is.
    pub health: HealthView,
    /// The place in the live stream that the page follows from; empty where nothing can be followed.
    pub live_since: String,
}

/// Whoever is logged in.
#[derive(Clone, Debug, Serialize)]
pub struct UserView {
    /// Their name.
    pub name: String,
    /// They manage everything.
    pub is_admin: bool,
}

/// A link of the navigation.
#[derive(Clone, Debug, Serialize)]
pub struct RoomLink {
    /// Its message.
    pub label: Text,
    /// Its address.
    pub href: &'static str,
    /// Its icon.
    pub icon: &'static str,
    /// The page is in it.
    pub current: bool,
    /// The key after `g` that goes there.
    pub key: char,
}

/// A language to switch to.
#[derive(Clone, Debug, Serialize)]
pub struct LocaleLink {
    /// Its tag.
    pub tag: &'static str,
    /// Its name in itself.
    pub name: &'static str,
    /// It is the one in use.
    pub current: bool,
}

impl ShellView {
    /// Lists the languages with the one in use marked.
    #[must_use]
    pub fn locales(current: Locale) -> Vec<LocaleLink> {
        let link = |locale: Locale| LocaleLink {
            tag: locale.tag(),
            name: locale.name(),
            current: locale == current,
        };
        Locale::ALL.into_iter().map(link).collect()
    }
}
