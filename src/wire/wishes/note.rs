//! How a note tells what stood in the body before: settings in short, never words of a conversation.

use super::Granted;
use crate::wire::edit::Changes;
use crate::wire::tree::Node;

/// A longer value is no setting.
const SHOWN: usize = 64;

impl Granted {
    /// Sets a member of an object, and notes it where that changes anything.
    pub(super) fn set(&mut self, name: &'static str, (object, key): (Node<'_>, &str), json: &str) {
        let before = object.get(key).map_or_else(|| "none".to_owned(), |node| shown(node.raw()));
        self.changes.rename(name);
        if self.changes.set(object, key, json) {
            self.notes.push(format!("{name}: {before} -> {}", shown(json.as_bytes())));
        }
    }

    /// Sets a member of an object that several wishes are about.
    pub(super) fn set_together(
        &mut self,
        names: &[&'static str],
        (object, key): (Node<'_>, &str),
        json: &str,
    ) {
        let Some((first, others)) = names.split_first() else { return };
        let before = self.notes.len();
        self.set(first, (object, key), json);
        if self.notes.len() > before {
            self.also.extend(others);
            let told =
                self.notes.last().and_then(|note| note.strip_prefix(first)).map(str::to_owned);
            let told = told.unwrap_or_default();
            self.notes.extend(others.iter().map(|name| format!("{name}{told}")));
        }
    }

    /// Makes changes, and notes them where there are any.
    pub(super) fn change(
        &mut self,
        name: &'static str,
        note: &str,
        make: impl FnOnce(&mut Changes),
    ) {
        let before = self.changes.count();
        self.changes.rename(name);
        make(&mut self.changes);
        if self.changes.count() > before {
            self.notes.push(format!("{name}: {note}"));
        }
    }
}

fn shown(raw: &[u8]) -> String {
    let is_setting = |byte: &u8| byte.is_ascii_alphanumeric() || b"\"{}:,._- ".contains(byte);
    if raw.len() > SHOWN || !raw.iter().all(is_setting) {
        return "something else".to_owned();
    }
    String::from_utf8_lossy(raw).replace('"', "")
}
