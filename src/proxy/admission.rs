//! The door: how many requests and how many body bytes may be inside at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;

/// Counts what is inside; one a process.
#[derive(Debug)]
pub struct Door {
    places: u64,
    inside: AtomicU64,
    sockets: AtomicU64,
    budget: u64,
    bytes: AtomicU64,
}

impl Door {
    /// Makes a door for at most `places` requests that hold at most `budget` bytes of bodies.
    #[must_use]
    pub fn new(places: u64, budget: u64) -> Arc<Self> {
        Arc::new(Self {
            places,
            inside: AtomicU64::new(0),
            sockets: AtomicU64::new(0),
            budget,
            bytes: AtomicU64::new(0),
        })
    }

    /// Lets one request in; `None` when all places are taken.
    #[must_use]
    pub fn enter(self: &Arc<Self>) -> Option<Place> {
        take(&self.inside, 1, self.places).then(|| Place(Arc::clone(self)))
    }

    /// Lets a client open a socket, on which it may ask and be silent: there may be as many as
    /// requests. `None` when there are.
    #[must_use]
    pub fn open_socket(self: &Arc<Self>) -> Option<SocketPlace> {
        take(&self.sockets, 1, self.places).then(|| SocketPlace(Arc::clone(self)))
    }

    /// Returns how many sockets are open.
    #[must_use]
    pub fn sockets(&self) -> u64 {
        self.sockets.load(Ordering::Relaxed)
    }

    /// Starts to hold bytes that belong to no request yet.
    #[must_use]
    pub fn hold(self: &Arc<Self>) -> HeldBytes {
        HeldBytes { door: Arc::clone(self), bytes: 0 }
    }

    /// Returns how many requests are inside.
    #[must_use]
    pub fn inside(&self) -> u64 {
        self.inside.load(Ordering::Relaxed)
    }

    /// Returns how many body bytes are held.
    #[must_use]
    pub fn held_bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }
}

/// Adds `amount` unless the sum would pass `limit`.
fn take(counter: &AtomicU64, amount: u64, limit: u64) -> bool {
    counter
        .fetch_update(Ordering::AcqRel, Ordering::Relaxed, |now| {
            now.checked_add(amount).filter(|sum| *sum <= limit)
        })
        .is_ok()
}

/// A place inside; dropping it gives it back.
#[derive(Debug)]
pub struct Place(Arc<Door>);

impl Place {
    /// Starts to hold body bytes under this door's budget.
    #[must_use]
    pub fn hold(&self) -> HeldBytes {
        self.0.hold()
    }
}

/// An open socket; dropping it gives its place back.
#[derive(Debug)]
pub struct SocketPlace(Arc<Door>);

impl Drop for SocketPlace {
    fn drop(&mut self) {
        self.0.sockets.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.inside.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Body bytes taken from the budget; dropping it gives them back.
#[derive(Debug)]
pub struct HeldBytes {
    door: Arc<Door>,
    bytes: u64,
}

impl HeldBytes {
    /// Takes more bytes; `false` when the budget is used up.
    #[must_use]
    pub fn grow(&mut self, bytes: usize) -> bool {
        let bytes = bytes as u64;
        let granted = take(&self.door.bytes, bytes, self.door.budget);
        if granted {
            self.bytes += bytes;
        }
        granted
    }

    /// Holds so many bytes, be it more or less than before; `false` when the budget is used up.
    #[must_use]
    pub fn set(&mut self, bytes: usize) -> bool {
        let wanted = bytes as u64;
        if wanted >= self.bytes {
            return self.grow(usize::try_from(wanted - self.bytes).unwrap_or(usize::MAX));
        }
        self.shrink(bytes);
        true
    }

    /// Holds at most so many bytes.
    pub fn shrink(&mut self, bytes: usize) {
        let kept = self.bytes.min(bytes as u64);
        self.door.bytes.fetch_sub(self.bytes - kept, Ordering::AcqRel);
        self.bytes = kept;
    }

    /// Ties bytes to what is held for them: it is given back when the last of them is dropped, wherever
    /// that is by then.
    #[must_use]
    pub fn around(self, bytes: Bytes) -> Bytes {
        if self.bytes == 0 || bytes.is_empty() {
            return bytes;
        }
        Bytes::from_owner(Counted { bytes, _held: self })
    }
}

/// Bytes and their place in the budget.
struct Counted {
    bytes: Bytes,
    _held: HeldBytes,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for HeldBytes {
    fn drop(&mut self) {
        self.door.bytes.fetch_sub(self.bytes, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_door_sheds_and_a_freed_place_is_taken_again() {
        let door = Door::new(1, 10);
        let place = door.enter().unwrap();
        assert!(door.enter().is_none());
        drop(place);
        assert!(door.enter().is_some());
        assert_eq!(door.inside(), 0);
    }

    #[test]
    fn sockets_have_places_of_their_own() {
        let door = Door::new(1, 10);
        let (_request, socket) = (door.enter().unwrap(), door.open_socket().unwrap());
        assert!(door.open_socket().is_none());
        drop(socket);
        assert_eq!(door.sockets(), 0);
    }

    #[test]
    fn what_is_held_may_shrink() {
        let door = Door::new(1, 10);
        let mut held = door.hold();
        assert!(held.set(9) && held.set(4));
        assert_eq!(door.held_bytes(), 4);
        assert!(!held.set(11));
        drop(held);
        assert_eq!(door.held_bytes(), 0);
    }

    #[test]
    fn bytes_are_counted_until_the_last_of_them_is_dropped() {
        let door = Door::new(1, 10);
        let mut held = door.hold();
        assert!(held.grow(6));
        let mut body = held.around(Bytes::from_static(b"abcdef"));
        let begin = body.split_to(2);
        drop(body);
        assert_eq!((&begin[..], door.held_bytes()), (&b"ab"[..], 6));
        drop(begin);
        assert_eq!(door.held_bytes(), 0);
    }

    #[test]
    fn bytes_are_counted_as_they_come_and_given_back() {
        let door = Door::new(2, 10);
        let place = door.enter().unwrap();
        let mut held = place.hold();
        assert!(held.grow(6));
        assert!(!held.grow(5));
        assert!(held.grow(4));
        drop(held);
        assert_eq!(door.held_bytes(), 0);
    }
}
