//! Room for a conversion in the memory of request bodies: what it builds is counted while it is there.

use std::sync::Arc;

use crate::metrics::Shed;
use crate::proxy::admission::{Door, HeldBytes};
use crate::proxy::failure::{Failure, TOO_LARGE};
use crate::wire::convert::Refused;
use crate::wire::convert::weight::{guess, weigh};

/// A guess that takes no more than this part of the memory is good enough: it is held for milliseconds.
const SMALL_PART: u64 = 8;

/// Converts a body while what that takes at most is held; it is given back when it is done.
///
/// # Errors
/// There is no room for it now, or, whatever else is there, never: then who needs no conversion may be asked.
pub fn within<T>(door: &Arc<Door>, body: &[u8], convert: impl FnOnce() -> T) -> Result<T, Failure> {
    let _until_the_end = hold(door, body)?;
    Ok(convert())
}

fn hold(door: &Arc<Door>, body: &[u8]) -> Result<HeldBytes, Failure> {
    let mut held = door.hold();
    let guessed = guess(body);
    if guessed <= door.budget() / SMALL_PART && held.grow_by(guessed) {
        return Ok(held);
    }
    let weight = weigh(body);
    if weight.saturating_add(body.len() as u64) > door.budget() {
        return Err(Failure::Unfit(Refused::coded(TOO_LARGE, TOO_MUCH)));
    }
    if held.grow_by(weight) { Ok(held) } else { Err(Failure::Shed(Shed::Bytes)) }
}

const TOO_MUCH: &str = "the request has more in it than can be converted for a provider of another \
                        format: it needs fewer or shorter messages";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_held_while_it_is_converted_and_no_longer() {
        let (door, body) = (Door::new(1, 1 << 20), br#"{"messages":[{"role":"user"}]}"#);
        let during = within(&door, body, || door.held_bytes()).unwrap();
        assert_eq!((during, door.held_bytes()), (weigh(body), 0));
    }

    #[test]
    fn what_never_fits_is_told_from_what_does_not_fit_now() {
        let body = [b"[".as_slice(), &b"{},".repeat(300), b"1]"].concat();
        let budget = weigh(&body) + body.len() as u64;
        let (door, small) = (Door::new(1, budget), Door::new(1, budget - 1));
        let refused = within(&small, &body, || ()).unwrap_err();
        assert!(matches!(&refused, Failure::Unfit(why) if why.code == TOO_LARGE), "{refused:?}");
        let mut other = door.hold();
        assert!(other.grow(body.len() + 1));
        let refused = within(&door, &body, || ()).unwrap_err();
        assert!(matches!(refused, Failure::Shed(Shed::Bytes)), "{refused:?}");
        assert_eq!(door.held_bytes(), body.len() as u64 + 1);
        drop(other);
        assert!(within(&door, &body, || ()).is_ok());
    }

    #[test]
    fn texts_full_of_brackets_are_no_reason_to_refuse() {
        let body = format!(r#"{{"content":"{}"}}"#, "{,".repeat(2_000));
        let door = Door::new(1, 64 << 10);
        assert!(guess(body.as_bytes()) > door.budget());
        assert!(within(&door, body.as_bytes(), || ()).is_ok());
    }
}
