//! Hidden state of another family in what goes to a provider of the client's own format: a conversation
//! that was served elsewhere for a while has it in its history, and vendors refuse what they did not seal.
//! It is left out of the bytes, by named edits; a body without any passes as it is.

use std::borrow::Cow;

use memchr::memmem::Finder;
use switchyard_actors::domain::dialect::Dialect;

use super::claude::asked::Asked;
use super::edit::Edit;
use super::{claude, gemini, openai_chat, responses};

/// The edits' name on the row.
pub const STRIP_FOREIGN_THINKING: &str = "strip_foreign_thinking";
/// The name of what switches thinking off, where a call that is being answered has lost its own.
pub const THINKING_OFF: &str = "thinking_off";

/// Tells whether there may be any in a body in a format: a look that is cheap where there is nothing.
/// `model` is the one that goes upstream, `base` the provider's address.
#[must_use]
pub fn may_be_there(dialect: Dialect, body: &[u8], model: &str, base: &str) -> bool {
    match dialect {
        Dialect::Anthropic => claude::foreign::may_be_there(body, Asked::of(model, base)),
        Dialect::Responses => responses::foreign::may_be_there(body),
        Dialect::Gemini | Dialect::GeminiCli => gemini::foreign::may_be_there(body, model),
        Dialect::OpenaiChat => openai_chat::foreign::may_be_there(body),
    }
}

/// Returns what leaves it out of a body in a format. `model` is the one that goes upstream, `base` the
/// provider's address.
#[must_use]
pub fn strip(dialect: Dialect, body: &[u8], model: &str, base: &str) -> Vec<Edit> {
    match dialect {
        Dialect::Anthropic => claude::foreign::strip(body, Asked::of(model, base)),
        Dialect::Responses => responses::foreign::strip(body),
        Dialect::Gemini | Dialect::GeminiCli => gemini::foreign::strip(body, model),
        Dialect::OpenaiChat => openai_chat::foreign::strip(body, model, base),
    }
}

/// Tells whether any of the strings behind a key, as they are written, is so. A look that is cheap where
/// there is nothing; what it finds may stand elsewhere than it means to.
pub(super) fn is_any(body: &[u8], key: &Finder<'_>, is_so: impl Fn(&[u8]) -> bool) -> bool {
    let length = key.needle().len();
    key.find_iter(body).any(|at| {
        let rest = body.get(at + length..).unwrap_or_default();
        text_behind(rest).is_some_and(&is_so)
    })
}

/// Returns the string behind a colon, as it is written.
pub(super) fn text_behind(rest: &[u8]) -> Option<&[u8]> {
    let start =
        rest.iter().position(|byte| !matches!(byte, b':' | b' ' | b'\t' | b'\n' | b'\r'))?;
    let text = rest.get(start..)?.strip_prefix(b"\"")?;
    text.get(..memchr::memchr(b'"', text)?)
}

/// Reads the inside of a string, as it is written.
pub(super) fn plain(written: &[u8]) -> Option<Cow<'_, str>> {
    let text = std::str::from_utf8(written).ok()?;
    if !text.contains('\\') {
        return Some(Cow::Borrowed(text));
    }
    serde_json::from_str(&format!("\"{text}\"")).ok().map(Cow::Owned)
}

/// What the tests of all formats do.
#[cfg(test)]
pub(super) mod trial {
    use bytes::Bytes;

    use super::{STRIP_FOREIGN_THINKING, THINKING_OFF};
    use crate::wire::edit::{Edit, apply, join};

    /// Returns a body without what is foreign; nothing else is edited.
    pub(in crate::wire) fn stripped(body: &str, strip: impl Fn(&[u8]) -> Vec<Edit>) -> String {
        let whole = Bytes::from(body.to_owned());
        let edits = strip(&whole);
        let names = [STRIP_FOREIGN_THINKING, THINKING_OFF];
        assert!(edits.iter().all(|edit| names.contains(&edit.name)));
        String::from_utf8(join(apply(&whole, edits).unwrap()).to_vec()).unwrap()
    }

    /// Asserts that nothing is taken out of what is no conversation: no JSON at all, and bodies of a format's own.
    pub(in crate::wire) fn odd_bodies_stay(own: &[&str], strip: impl Fn(&[u8]) -> Vec<Edit>) {
        for odd in ["", "{", "[]"].iter().chain(own) {
            assert!(strip(odd.as_bytes()).is_empty(), "{odd}");
        }
    }
}
