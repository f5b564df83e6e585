//! Whether a call is whole: what an answer was cut off in must not look as if it could be run.

use super::hub::{Answer, Call, CallKind, Finish, Part};

/// Follows the text of a JSON object as it comes, without keeping it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shape {
    depth: usize,
    in_text: bool,
    escaped: bool,
    state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Before,
    Within,
    Behind,
    Other,
}

impl Shape {
    /// Takes what is added.
    pub fn push(&mut self, more: &str) {
        for byte in more.bytes() {
            self.byte(byte);
        }
    }

    /// Tells whether the object has ended.
    #[must_use]
    pub fn is_whole(self) -> bool {
        self.state == State::Behind
    }

    fn byte(&mut self, byte: u8) {
        if self.in_text {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_text = false,
                _ => {}
            }
            return;
        }
        match (self.state, byte) {
            (_, byte) if byte.is_ascii_whitespace() => {}
            (State::Before, b'{') => (self.state, self.depth) = (State::Within, 1),
            (State::Within, b'"') => self.in_text = true,
            (State::Within, b'{' | b'[') => self.depth = self.depth.saturating_add(1),
            (State::Within, b'}' | b']') => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    self.state = State::Behind;
                }
            }
            (State::Within, _) => {}
            _ => self.state = State::Other,
        }
    }
}

impl Finish {
    /// Tells whether the answer was cut off, wherever it was.
    #[must_use]
    pub const fn cuts(&self) -> bool {
        matches!(self, Self::MaxOutput | Self::ContextFull | Self::Refusal | Self::Filtered(_))
    }
}

impl Answer {
    /// Tells whether the answer was cut off in its last part, a call. Nobody calls a tool with nothing
    /// and is cut off right behind it: that is how some vendors show a call that has only begun. Of plain
    /// text nobody can tell where it ends.
    #[must_use]
    pub fn is_cut_in_call(&self) -> bool {
        let Some(Part::Call(call)) = self.parts.last() else { return false };
        self.finish.cuts() && !is_whole(call)
    }
}

fn is_whole(call: &Call) -> bool {
    let mut shape = Shape::default();
    shape.push(&call.args);
    let is_nothing = call.args.bytes().filter(|byte| !byte.is_ascii_whitespace()).count() <= 2;
    call.kind != CallKind::Custom && shape.is_whole() && !is_nothing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_whole_when_it_has_ended() {
        for (pieces, whole) in [
            (&["{\"a\":", "\"}\\\"\"", "}"][..], true),
            (&[" {", "} "], true),
            (&["{\"a\":[{}]"], false),
            (&["{\"a\":\"}"], false),
            (&["{\"a\":\"\\", "\"}"], false),
            (&["{}{"], false),
            (&["[]"], false),
            (&[""], false),
        ] {
            let mut shape = Shape::default();
            for piece in pieces {
                shape.push(piece);
            }
            assert_eq!(shape.is_whole(), whole, "{pieces:?}");
        }
    }
}
