//! What a conversation is known by when its client gives it no name.

use std::ops::Range;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::wire::scan::{self, Kind, Path, Value, Visitor, Want};
use crate::wire::wishes::BILLING_HEADER;

/// Hashed of each text; with its length that tells conversations apart, and a huge paste stays cheap.
const HASHED: usize = 64 * 1024;
/// Enough of a system text to see what its first block begins with.
const BEGINNING: usize = 256;
/// Texts of one message that are looked at; a million empty blocks must not cost memory.
const TEXTS_LIMIT: usize = 1024;

/// Where the texts stand that name a conversation.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) system: Vec<Range<usize>>,
    pub(super) user: Option<Range<usize>>,
}

/// Hashes the system texts and the first user message as they are written in the body.
pub(super) fn identity(body: &[u8], parts: &Parts) -> Option<[u8; 32]> {
    let mut hash = Sha256::new();
    // System texts first: whether `system` stands before or after `messages` must not matter.
    for span in &parts.system {
        for text in texts(body, span) {
            add(&mut hash, b's', text);
        }
    }
    let user = texts(body, parts.user.as_ref()?);
    if user.is_empty() {
        return None;
    }
    for text in user {
        add(&mut hash, b'u', text);
    }
    Some(hash.finalize().into())
}

fn add(hash: &mut Sha256, kind: u8, text: &[u8]) {
    hash.update([kind]);
    hash.update(text.len().to_le_bytes());
    hash.update(text.get(..HASHED).unwrap_or(text));
}

/// Looks for the billing block of Claude Code at the beginning of a system text, where it always is.
pub(super) fn begins_with_billing(body: &[u8], system: &Range<usize>) -> bool {
    let end = system.end.min(system.start.saturating_add(BEGINNING));
    let beginning = body.get(system.start..end).unwrap_or_default();
    memchr::memmem::find(beginning, BILLING_HEADER.as_bytes()).is_some()
}

/// Finds the texts of a content: a string, a list of strings or blocks, or an object with `parts`.
fn texts<'b>(body: &'b [u8], span: &Range<usize>) -> Vec<&'b [u8]> {
    let content = body.get(span.clone()).unwrap_or_default();
    if let Some(text) = content.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")) {
        return if text.is_empty() { Vec::new() } else { vec![text] };
    }
    // The span was scanned before, so it cannot fail now.
    let spans = scan::scan(content, Texts::default()).unwrap_or_default().0;
    spans
        .into_iter()
        .filter_map(|text| content.get(text.start + 1..text.end - 1))
        .filter(|text| !text.is_empty())
        .collect()
}

#[derive(Default)]
struct Texts(Vec<Range<usize>>);

impl Visitor for Texts {
    fn wants(&mut self, path: &Path<'_>, kind: Kind) -> Want {
        let is_text = matches!(
            path.steps().as_slice(),
            [] | ["[]" | "text" | "parts"]
                | ["[]", "text"]
                | ["parts", "[]"]
                | ["parts", "[]", "text"]
        );
        match (is_text, kind) {
            (true, Kind::String) => Want::Span,
            (true, Kind::Object | Kind::Array) => Want::Enter,
            _ => Want::Skip,
        }
    }

    fn value(&mut self, _path: &Path<'_>, value: &Value<'_>) {
        if value.kind == Kind::String && self.0.len() < TEXTS_LIMIT {
            self.0.push(value.span.clone());
        }
    }
}

/// Reads the session out of `metadata.user_id`: Claude Code writes JSON, and before 2.1.78 wrote
/// `user_<id>_account_<id>_session_<id>`.
pub(super) fn session_of_user(user: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct User {
        session_id: Option<String>,
    }
    if let Ok(User { session_id }) = serde_json::from_str(user) {
        return session_id.filter(|session| !session.is_empty());
    }
    let (_, session) = user.strip_prefix("user_")?.rsplit_once("_session_")?;
    Some(session.to_owned()).filter(|session| !session.is_empty())
}
