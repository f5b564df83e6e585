//! What a page of the console is: one Rust file with what the template shows, and one template.

use serde::Serialize;

use super::shell::RoomLink;
use super::text::Text;

/// A room of the console: a place in the navigation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Room {
    /// Beside the navigation: login, errors.
    #[default]
    None,
    /// Today at a glance.
    Dashboard,
    /// The ledger.
    Requests,
    /// Where requests go.
    Providers,
    /// Who may send them.
    Users,
    /// What they cost.
    Prices,
}

/// A room as the navigation knows it.
struct Door {
    room: Room,
    label: Text,
    href: &'static str,
    icon: &'static str,
    key: char,
    admins_only: bool,
}

impl Room {
    /// Returns the links of the navigation.
    #[must_use]
    pub fn links(self, is_admin: bool) -> Vec<RoomLink> {
        let doors = doors().into_iter().filter(|door| is_admin || !door.admins_only);
        doors
            .map(|door| RoomLink {
                label: door.label,
                href: door.href,
                icon: door.icon,
                key: door.key,
                current: door.room == self,
            })
            .collect()
    }
}

fn doors() -> [Door; 5] {
    let door = |room, id, href, key| Door {
        room,
        label: Text::of(id),
        href,
        icon: href.get(1..).unwrap_or_default(),
        key,
        admins_only: false,
    };
    [
        door(Room::Dashboard, "nav-dashboard", "/dashboard", 'd'),
        door(Room::Requests, "nav-requests", "/requests", 'r'),
        Door { admins_only: true, ..door(Room::Providers, "nav-providers", "/providers", 'p') },
        door(Room::Users, "nav-users", "/users", 'u'),
        Door { admins_only: true, ..door(Room::Prices, "nav-prices", "/prices", 'c') },
    ]
}

/// A page: what its template shows, finished, nothing to compute.
pub trait Page: Serialize {
    /// The template.
    const TEMPLATE: &'static str;
    /// The room it is in.
    const ROOM: Room;

    /// Returns the title.
    fn title(&self) -> Text;

    /// Returns the address that shows the same again, where that is not the one that was asked: of a
    /// form that was posted, the address that it stands at. Empty where there is none.
    fn here(&self) -> Option<String> {
        None
    }

    /// Returns samples by name, such as empty, typical and extreme ones. A test renders them all
    /// in every language, so a broken page cannot land.
    #[cfg_attr(not(test), expect(dead_code, reason = "a test shows them"))]
    fn samples() -> Vec<(&'static str, Self)>
    where
        Self: Sized;
}
