//! Whether the arguments of a call are an object, as this format has them: what was passed on piece by piece
//! cannot be taken back, but the row can tell.

use crate::wire::scan::{Kind, Path, Scanner, Value, Visitor, Want};

/// Watches arguments as they pass; nothing of them is kept.
#[derive(Debug)]
pub(super) struct Watched(Scanner<Root>);

/// What the value as a whole is.
#[derive(Debug, Default)]
struct Root {
    is_object: bool,
}

impl Visitor for Root {
    fn wants(&mut self, _path: &Path<'_>, kind: Kind) -> Want {
        self.is_object = kind == Kind::Object;
        Want::Skip
    }

    fn value(&mut self, _path: &Path<'_>, _value: &Value<'_>) {}
}

impl Watched {
    /// Watches what is to come.
    pub(super) fn new() -> Self {
        Self(Scanner::new(Root::default()))
    }

    /// Takes the next piece.
    pub(super) fn push(&mut self, args: &str) {
        // It remembers what was wrong.
        let _ = self.0.push(args.as_bytes());
    }

    /// Tells whether all of it is one object, or nothing at all, which clients take for one.
    pub(super) fn is_object(&mut self) -> bool {
        let is_whole = self.0.finish().is_ok() && self.0.visitor().is_object;
        is_whole || self.0.offset() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_object_or_nothing_is_an_object_however_it_is_split() {
        let is_object = |args: &str, size: usize| {
            let mut watched = Watched::new();
            for piece in args.as_bytes().chunks(size) {
                watched.push(std::str::from_utf8(piece).unwrap());
            }
            watched.is_object()
        };
        for size in [1, 3, 64] {
            for object in ["", "{}", " {\"a\": [1.50]} ", "{\"a\":{\"b\":\"}\"}}"] {
                assert!(is_object(object, size), "{object}");
            }
            for other in ["[1]", "\"x\"", "1", "null", "{\"a\": A}", "{}{\"a\":1}", "{\"a\":1"] {
                assert!(!is_object(other, size), "{other}");
            }
        }
    }
}
