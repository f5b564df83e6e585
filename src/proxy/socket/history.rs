//! The conversation that was held on a socket up to its last response. Clients send what is new and
//! the id of that response; whoever is asked over HTTP needs all of it.

use std::sync::Arc;

use bytes::Bytes;

use crate::proxy::admission::{Door, HeldBytes};
use crate::wire::responses::socket::{Before, Learned};

/// The last response of a socket and what led to it.
pub struct History {
    before: Arc<Before>,
    held: HeldBytes,
}

/// What a turn was asked, and what it goes on from.
#[derive(Debug, Default)]
pub struct Ground {
    /// What came before it, as far as it is known here.
    pub before: Option<Arc<Before>>,
    /// What was asked, as a list of items without its brackets.
    pub items: Bytes,
    /// Something came before it that is kept elsewhere.
    pub leans_elsewhere: bool,
}

impl History {
    /// Adds a turn to what came before it, which takes the place of `old`; `None` when all of that is
    /// not known here, when its response has no id, or when there is no room for so much.
    #[must_use]
    pub fn after(
        door: &Arc<Door>,
        old: Option<Self>,
        ground: Ground,
        answered: Learned,
        limit: usize,
    ) -> Option<Self> {
        let Ground { before, items: asked, leans_elsewhere } = ground;
        let id = answered.id.filter(|_| !leans_elsewhere && !answered.is_lost)?;
        // Both share what came before: it is counted once.
        let mut held = old.map_or_else(|| door.hold(), |old| old.held);
        let mut items = before.map(Arc::unwrap_or_clone).unwrap_or_default().items;
        items.push(asked);
        items.extend(answered.items);
        items.retain(|part| !part.is_empty());
        let before = Before { id, items };
        let fits = before.bytes() <= limit && held.set(before.bytes());
        fits.then(|| Self { before: Arc::new(before), held })
    }

    /// Returns the conversation.
    #[must_use]
    pub const fn before(&self) -> &Arc<Before> {
        &self.before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned(id: &str, items: &[&'static str]) -> Learned {
        let items = items.iter().map(|item| Bytes::from(*item)).collect();
        Learned { id: Some(id.to_owned()), items, ended: true, is_lost: false }
    }

    fn ground(old: Option<&History>, items: &'static str) -> Ground {
        let before = old.map(|old| Arc::clone(old.before()));
        Ground { before, items: items.into(), leans_elsewhere: false }
    }

    #[test]
    fn turns_add_up_and_what_is_held_is_given_back() {
        let door = Door::new(1, 6);
        let asked = ground(None, "1");
        let first = History::after(&door, None, asked, learned("a", &["2"]), 100).unwrap();
        let asked = ground(Some(&first), "345");
        let second = History::after(&door, Some(first), asked, learned("b", &["6"]), 100).unwrap();
        assert_eq!(second.before().items, ["1", "2", "345", "6"].map(Bytes::from));
        assert_eq!(second.before().id, "b");
        assert_eq!(door.held_bytes(), 6, "what is shared is counted once");
        drop(second);
        assert_eq!(door.held_bytes(), 0);
    }

    #[test]
    fn what_has_no_room_is_forgotten() {
        let door = Door::new(1, 3);
        let after = |items: &'static str, learned: Learned, limit: usize| {
            History::after(&door, None, ground(None, items), learned, limit)
        };
        assert!(after("", learned("a", &["1234"]), 100).is_none(), "no memory");
        assert!(after("12", learned("a", &[]), 1).is_none());
        assert!(after("1", Learned::default(), 9).is_none());
        assert!(after("1", Learned { is_lost: true, ..learned("a", &[]) }, 9).is_none());
        assert_eq!(door.held_bytes(), 0);
    }

    #[test]
    fn a_turn_whose_beginning_is_kept_elsewhere_is_not_remembered() {
        let door = Door::new(1, 100);
        let asked = ground(None, "1");
        let old = History::after(&door, None, asked, learned("a", &[]), 100);
        let asked = Ground { leans_elsewhere: true, ..ground(None, "2") };
        assert!(History::after(&door, old, asked, learned("b", &["3"]), 100).is_none());
        assert_eq!(door.held_bytes(), 0);
    }
}
