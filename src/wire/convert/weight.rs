//! What a conversion takes in memory besides the body that it reads. Pure.
//!
//! A value of the model that requests are converted through has room for all that one may say, so a body of
//! many small ones takes far more than its length. What it takes is bounded here by what it is made of,
//! before any of it is built. The prices were measured with bodies of nothing but messages, parts, calls,
//! tools and lists of words, and are those of the dearest.

use memchr::{memchr_iter, memchr2};

/// The texts of the model, and the body that is written from them, which grows by doubling.
const BYTE: u64 = 3;
/// An object: a message, a part, a call, a tool.
const OBJECT: u64 = 1_280;
/// A value in a list or an object.
const VALUE: u64 = 128;

fn price(bytes: usize, objects: usize, values: usize) -> u64 {
    let times = |count: usize, price: u64| (count as u64).saturating_mul(price);
    times(bytes, BYTE).saturating_add(times(objects, OBJECT)).saturating_add(times(values, VALUE))
}

/// Returns at least what [`weigh`] does, in bytes, at a fraction of its cost: brackets and commas in texts
/// count as well.
#[must_use]
pub fn guess(body: &[u8]) -> u64 {
    let count = |byte| memchr_iter(byte, body).count();
    price(body.len(), count(b'{'), count(b',') + count(b'['))
}

/// Returns what the conversion of a body takes at most, in bytes. What is no JSON is weighed as it would be
/// read up to its fault.
#[must_use]
pub fn weigh(body: &[u8]) -> u64 {
    let (mut objects, mut values) = (0, 0);
    let mut rest = body;
    loop {
        let text = memchr::memchr(b'"', rest);
        let (plain, behind) = rest.split_at(text.unwrap_or(rest.len()));
        for byte in plain {
            match byte {
                b'{' => objects += 1,
                b',' | b'[' => values += 1,
                _ => {}
            }
        }
        if behind.is_empty() {
            return price(body.len(), objects, values);
        }
        rest = behind_text(behind.get(1..).unwrap_or_default());
    }
}

/// Returns what is behind the quotation mark that ends a text.
fn behind_text(mut rest: &[u8]) -> &[u8] {
    while let Some(at) = memchr2(b'"', b'\\', rest) {
        let is_end = rest.get(at) == Some(&b'"');
        let next = if is_end { at + 1 } else { at + 2 };
        rest = rest.get(next..).unwrap_or_default();
        if is_end {
            return rest;
        }
    }
    &[]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_stands_in_texts_weighs_no_more_than_its_bytes() {
        let body = br#"{"a":"{{,[\"{\\","b":[1,{}]}"#;
        let length = body.len() as u64;
        assert_eq!(weigh(body), BYTE * length + 2 * OBJECT + 3 * VALUE);
        assert_eq!(guess(body), BYTE * length + 5 * OBJECT + 5 * VALUE);
        assert_eq!(weigh(br#""{,\"#), BYTE * 4, "a text without an end");
    }

    proptest! {
        #[test]
        fn a_guess_is_never_below_the_weight(body in proptest::collection::vec(
            prop_oneof![Just(b'"'), Just(b'\\'), Just(b'{'), Just(b','), Just(b'['), any::<u8>()],
            0..200,
        )) {
            prop_assert!(guess(&body) >= weigh(&body));
            prop_assert!(weigh(&body) >= BYTE * body.len() as u64);
        }
    }
}
