//! The pieces of a body on their way into one place. Pure.
//!
//! Pieces come in the small buffers of many connections, side by side in the same pages. Kept until the
//! last one and joined then, the pages of those that were joined would stay for those that were not: many
//! large bodies at once would take up to twice their memory. So each piece is copied as it comes, and its
//! buffer is free again: into a place of the length that the client has declared, or, where it has declared
//! none, into one that has room for the longest body. The system gives only what of it is written to.

use std::collections::TryReserveError;

use bytes::Bytes;

/// The least room for a body in more than one piece, in bytes.
const LEAST: usize = 64 << 10;
/// A body beyond this is copied to no larger place a second time: it has room for as much as may come.
const LARGE: usize = 1 << 20;

/// What of a body has come.
#[derive(Debug, Default)]
pub struct Gathering {
    declared: usize,
    most: usize,
    /// Most calls of SDKs come in one piece: it is held as it is.
    only: Option<Bytes>,
    place: Vec<u8>,
}

impl Gathering {
    /// Waits for a body of a length, if one was declared, and in any case of at most `most` bytes.
    #[must_use]
    pub fn of(declared: Option<usize>, most: usize) -> Self {
        Self { declared: declared.unwrap_or(0), most, ..Self::default() }
    }

    /// Takes a piece.
    ///
    /// # Errors
    /// The system has no memory for it.
    pub fn push(&mut self, piece: Bytes) -> Result<(), TryReserveError> {
        match self.only.take() {
            None if self.place.is_empty() => {
                self.only = Some(piece);
                return Ok(());
            }
            Some(first) => self.copy(&first)?,
            None => {}
        }
        self.copy(&piece)
    }

    /// Copies a piece of somebody else's.
    ///
    /// # Errors
    /// The system has no memory for it.
    pub fn copy(&mut self, piece: &[u8]) -> Result<(), TryReserveError> {
        let length = self.place.len() + piece.len();
        if length > self.place.capacity() {
            let room = self.room_for(length);
            self.place.try_reserve_exact(room - self.place.len())?;
        }
        self.place.extend_from_slice(piece);
        Ok(())
    }

    fn room_for(&self, length: usize) -> usize {
        if length <= self.declared {
            self.declared
        } else if length <= LARGE {
            length.next_power_of_two().max(LEAST)
        } else {
            length.max(self.most)
        }
    }

    /// Returns the body.
    #[must_use]
    pub fn whole(self) -> Bytes {
        self.only.unwrap_or_else(|| self.place.into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_body_in_one_piece_is_not_copied() {
        let piece = Bytes::from_static(b"{}");
        let mut body = Gathering::of(Some(2), 9);
        body.push(piece.clone()).unwrap();
        assert_eq!(body.whole().as_ptr(), piece.as_ptr());
        assert!(Gathering::of(None, 9).whole().is_empty());
    }

    #[test]
    fn a_large_body_stays_where_it_is_once_it_has_its_place() {
        for declared in [Some(10 << 20), None] {
            let mut body = Gathering::of(declared, 12 << 20);
            let mut places = Vec::new();
            for _ in 0..160 {
                body.push(vec![b'x'; 64 << 10].into()).unwrap();
                places.push((body.place.as_ptr(), body.place.capacity()));
            }
            let last = *places.last().unwrap();
            assert!(places[17..].iter().all(|place| *place == last), "{declared:?}");
            assert_eq!(last.1, declared.unwrap_or(12 << 20));
            let whole = body.whole();
            assert_eq!((whole.as_ptr(), whole.len()), (last.0, 10 << 20));
        }
    }

    proptest! {
        #[test]
        fn what_comes_in_pieces_is_the_whole_whatever_was_declared(
            pieces in proptest::collection::vec(0..200_000_usize, 0..12),
            declared in proptest::option::of(0..1_000_000_usize),
            most in 0..3_000_000_usize,
        ) {
            let mut body = Gathering::of(declared, most);
            let mut wanted = Vec::new();
            for (number, length) in pieces.into_iter().enumerate() {
                let piece = vec![u8::try_from(number).unwrap(); length];
                wanted.extend_from_slice(&piece);
                body.push(piece.into()).unwrap();
            }
            prop_assert!(body.whole() == wanted);
        }
    }
}
