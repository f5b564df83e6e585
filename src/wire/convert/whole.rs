//! Whether a call is whole: what an answer was cut off in must not look as if it could be run.

use super::hub::{CallKind, Finish};

/// What a call is called with, as far as it has come. It is followed, not kept.
#[derive(Clone, Copy, Debug)]
pub struct Args {
    kind: CallKind,
    shape: Shape,
}

impl Args {
    /// Begins the arguments of a call of a kind.
    #[must_use]
    pub fn new(kind: CallKind) -> Self {
        Self { kind, shape: Shape::default() }
    }

    /// Takes what is added.
    pub fn push(&mut self, more: &str) {
        self.shape.push(more);
    }

    /// Tells whether nothing has been said yet.
    #[must_use]
    pub fn say_nothing(self) -> bool {
        self.shape.state == State::Before
    }

    /// Tells whether they show by themselves that nothing of them is missing: they are an object that has
    /// ended. Of plain text nobody can tell where it ends.
    #[must_use]
    pub fn are_whole(self) -> bool {
        self.kind != CallKind::Custom && self.shape.is_whole()
    }
}

/// Follows the text of a JSON object.
#[derive(Clone, Copy, Debug, Default)]
struct Shape {
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
    fn push(&mut self, more: &str) {
        for byte in more.bytes() {
            self.byte(byte);
        }
    }

    /// Tells whether the object has ended.
    fn is_whole(self) -> bool {
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
    /// Tells whether the answer may have been cut off in the middle of its last calls. It may by an end that
    /// nobody knows.
    #[must_use]
    pub const fn cuts(&self) -> bool {
        !matches!(
            self,
            Self::End | Self::Stop(_) | Self::ToolCalls | Self::Pause | Self::BadToolCall
        )
    }
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
            let (mut args, mut text) = (Args::new(CallKind::Function), Args::new(CallKind::Custom));
            for piece in pieces {
                args.push(piece);
                text.push(piece);
            }
            assert_eq!(args.are_whole(), whole, "{pieces:?}");
            assert!(!text.are_whole(), "{pieces:?}");
        }
    }

    #[test]
    fn blank_space_says_nothing() {
        for (text, nothing) in [("", true), (" \n", true), ("{", false), ("x", false)] {
            let mut args = Args::new(CallKind::Function);
            args.push(text);
            assert_eq!(args.say_nothing(), nothing, "{text:?}");
        }
    }
}
