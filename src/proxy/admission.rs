//! The door: how many requests and how many body bytes may be inside at once.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use parking_lot::Mutex;
use switchyard_actors::domain::ids::KeyId;

/// Open files for which a request has room: its client's connection, its upstream's, and a pooled one.
const OF_A_REQUEST: u64 = 3;
/// Open files of a socket: its client's connection, and its provider's, kept from turn to turn.
const OF_A_SOCKET: u64 = 2;

/// Counts what is inside; one a process.
#[derive(Debug)]
pub struct Door {
    places: u64,
    inside: AtomicU64,
    /// The open files of all that is inside, which are as many as those of the requests in all places.
    files: AtomicU64,
    sockets: AtomicU64,
    of_keys: Mutex<HashMap<KeyId, usize>>,
    budget: u64,
    bytes: AtomicU64,
    turned_away: AtomicU64,
}

impl Door {
    /// Makes a door for at most `places` requests that hold at most `budget` bytes of bodies.
    #[must_use]
    pub fn new(places: u64, budget: u64) -> Arc<Self> {
        Arc::new(Self {
            places,
            inside: AtomicU64::new(0),
            files: AtomicU64::new(0),
            sockets: AtomicU64::new(0),
            of_keys: Mutex::default(),
            budget,
            bytes: AtomicU64::new(0),
            turned_away: AtomicU64::new(0),
        })
    }

    /// Lets one request in; `None` when all places are taken, or sockets have taken their files.
    #[must_use]
    pub fn enter(self: &Arc<Self>) -> Option<Place> {
        if !self.take_files(OF_A_REQUEST) {
            self.turned_away.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        self.inside.fetch_add(1, Ordering::AcqRel);
        Some(Place(Arc::clone(self)))
    }

    /// Lets a client open a socket, on which it may ask and be silent, while its key has fewer than
    /// `most`. Sockets share the open files with requests and have at most half as many places, so
    /// that they never keep all requests out.
    ///
    /// # Errors
    /// [`NoSocket`] says what there are too many of.
    pub fn open_socket(self: &Arc<Self>, key: KeyId, most: usize) -> Result<SocketPlace, NoSocket> {
        let mut of_keys = self.of_keys.lock();
        let open = of_keys.get(&key).copied().unwrap_or_default();
        if open >= most {
            return Err(NoSocket::OfKey);
        }
        if !take(&self.sockets, 1, self.places / 2) {
            return Err(NoSocket::Full);
        }
        if !self.take_files(OF_A_SOCKET) {
            self.sockets.fetch_sub(1, Ordering::AcqRel);
            return Err(NoSocket::Full);
        }
        of_keys.insert(key, open + 1);
        Ok(SocketPlace { door: Arc::clone(self), key })
    }

    fn take_files(&self, files: u64) -> bool {
        take(&self.files, files, self.places.saturating_mul(OF_A_REQUEST))
    }

    /// Tells whether half of the places are taken.
    #[must_use]
    pub fn is_half_full(&self) -> bool {
        self.inside().saturating_mul(2) >= self.places
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

    /// Returns how many requests found no place, since the start.
    #[must_use]
    pub fn turned_away(&self) -> u64 {
        self.turned_away.load(Ordering::Relaxed)
    }

    /// Returns how many body bytes may be held.
    #[must_use]
    pub const fn budget(&self) -> u64 {
        self.budget
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

/// Why no socket may be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSocket {
    /// The key has as many as it may have.
    OfKey,
    /// There is no place.
    Full,
}

/// An open socket; dropping it gives its place back.
#[derive(Debug)]
pub struct SocketPlace {
    door: Arc<Door>,
    key: KeyId,
}

impl Drop for SocketPlace {
    fn drop(&mut self) {
        let mut of_keys = self.door.of_keys.lock();
        if let Some(open) = of_keys.get_mut(&self.key) {
            *open -= 1;
            if *open == 0 {
                of_keys.remove(&self.key);
            }
        }
        self.door.sockets.fetch_sub(1, Ordering::AcqRel);
        self.door.files.fetch_sub(OF_A_SOCKET, Ordering::AcqRel);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.inside.fetch_sub(1, Ordering::AcqRel);
        self.0.files.fetch_sub(OF_A_REQUEST, Ordering::AcqRel);
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
        self.grow_by(bytes as u64)
    }

    /// Takes more bytes for what there is besides a body; `false` when the budget is used up.
    #[must_use]
    pub fn grow_by(&mut self, bytes: u64) -> bool {
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
    fn sockets_and_requests_share_the_files_and_sockets_leave_some() {
        let door = Door::new(4, 10);
        let key = KeyId(1);
        let sockets: Vec<_> = (0..2).map(|_| door.open_socket(key, 9).unwrap()).collect();
        assert_eq!(door.open_socket(key, 9).err(), Some(NoSocket::Full), "half of the places");
        // Twelve files in all: four for the sockets, three for each request.
        let requests: Vec<_> = std::iter::from_fn(|| door.enter()).collect();
        assert_eq!((requests.len(), door.inside(), door.sockets()), (2, 2, 2));
        drop(sockets);
        assert_eq!(std::iter::from_fn(|| door.enter()).map(std::mem::forget).count(), 2);
        assert_eq!(door.open_socket(key, 9).err(), Some(NoSocket::Full), "no file is left");
        assert_eq!(door.sockets(), 0);
    }

    #[test]
    fn a_key_has_no_more_sockets_than_it_may_have() {
        let door = Door::new(10, 10);
        let (key, other) = (KeyId(1), KeyId(2));
        let first = door.open_socket(key, 1).unwrap();
        assert_eq!(door.open_socket(key, 1).err(), Some(NoSocket::OfKey));
        assert!(door.open_socket(other, 1).is_ok());
        drop(first);
        assert!(door.open_socket(key, 1).is_ok());
        assert_eq!((door.sockets(), door.of_keys.lock().len()), (0, 0));
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
