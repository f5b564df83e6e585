//! The conversation that was held on a socket up to its last response. Clients send what is new and
//! the id of that response; whoever is asked over HTTP needs all of it.

use std::sync::Arc;

use bytes::Bytes;

use crate::proxy::admission::{Door, HeldBytes};
use crate::wire::responses::socket::{Before, Learned};

/// The last response of a socket and what led to it.
pub struct History {
    before: Arc<Before>,
    _held: HeldBytes,
}

impl History {
    /// Adds a turn to what came before it; `None` when its response has no id, or there is no room
    /// for so much.
    #[must_use]
    pub fn after(
        door: &Arc<Door>,
        before: Option<&Before>,
        asked: Bytes,
        answered: &Learned,
        limit: usize,
    ) -> Option<Self> {
        let id = answered.id.clone()?;
        let mut items = before.map(|before| before.items.clone()).unwrap_or_default();
        items.push(asked);
        items.extend(answered.items.iter().cloned());
        items.retain(|part| !part.is_empty());
        let before = Before { id, items };
        let mut held = door.hold();
        let fits = before.bytes() <= limit && held.grow(before.bytes());
        fits.then(|| Self { before: Arc::new(before), _held: held })
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
        Learned { id: Some(id.to_owned()), items, ended: true }
    }

    #[test]
    fn turns_add_up_and_what_is_held_is_given_back() {
        let door = Door::new(1, 100);
        let first = History::after(&door, None, "1".into(), &learned("a", &["2"]), 100).unwrap();
        let before = Some(&**first.before());
        let second = History::after(&door, before, "3".into(), &learned("b", &["4"]), 100).unwrap();
        assert_eq!(second.before().items, ["1", "2", "3", "4"].map(Bytes::from));
        assert_eq!((second.before().id.as_str(), door.held_bytes()), ("b", 6));
        drop((first, second));
        assert_eq!(door.held_bytes(), 0);
    }

    #[test]
    fn what_has_no_room_is_forgotten() {
        let door = Door::new(1, 3);
        let long = learned("a", &["1234"]);
        assert!(History::after(&door, None, Bytes::new(), &long, 100).is_none(), "no memory");
        assert!(History::after(&door, None, "12".into(), &learned("a", &[]), 1).is_none());
        assert!(History::after(&door, None, "1".into(), &Learned::default(), 9).is_none());
        assert_eq!(door.held_bytes(), 0);
    }
}
