//! Requests that go to a provider of another format than their client's, and the answers that come
//! back: each try converts the client's own bytes anew. Same formats never come here.
//!
//! | file | has |
//! | --- | --- |
//! | `outgoing.rs` | the request in the provider's format, or why there is none |
//! | `policy.rs` | how much may be lost |
//! | `room.rs` | room in memory while a request is converted |
//! | `place.rs` | where such requests go, and what a provider takes |
//! | `whole.rs` | answers that are examined whole, and folds between streams and answers |
//! | `translator.rs` | streams, as they pass |
//! | `trying.rs` | what a request under way knows of it |

pub mod outgoing;
pub mod place;
pub mod policy;
pub mod room;
pub mod translator;
pub mod trying;
pub mod whole;

use std::sync::{Arc, LazyLock};

use switchyard_actors::domain::dialect::Dialect;

use crate::wire::convert::hub::{StreamError, TroubleKind};
use crate::wire::convert::loss::Losses;
use crate::wire::convert::reply::Reply;
use crate::wire::error_body::ErrorKind;

/// How the present try is converted.
#[derive(Clone, Debug)]
pub struct Conversion {
    /// What the client speaks.
    pub from: Dialect,
    /// What the provider speaks.
    pub to: Dialect,
    /// The client reads a stream.
    pub streams: bool,
    /// It reads that as one list that grows, as Gemini's clients do which did not ask for events.
    pub list: bool,
    /// What its answers are written with.
    pub reply: Reply,
    /// What was lost so far.
    pub losses: Losses,
}

impl Conversion {
    /// Returns the content type of the client's answer.
    #[must_use]
    pub const fn content_type(&self) -> &'static str {
        if self.streams && !self.list { "text/event-stream; charset=utf-8" } else { JSON }
    }
}

const JSON: &str = "application/json; charset=utf-8";

/// What the row says of a body that was converted.
static EDITS: LazyLock<Vec<(Dialect, Dialect, String)>> = LazyLock::new(|| {
    let pairs = Dialect::ALL.into_iter().flat_map(|from| Dialect::ALL.map(|to| (from, to)));
    pairs.map(|(from, to)| (from, to, format!("{EDIT}{from}{ARROW}{to}"))).collect()
});
const EDIT: &str = "convert: ";
const ARROW: &str = " -> ";

/// Returns the name of the edit on the row.
#[must_use]
pub fn edit_name(from: Dialect, to: Dialect) -> &'static str {
    let name = EDITS.iter().find(|(one, other, _)| (*one, *other) == (from, to));
    name.map_or("convert", |(_, _, name)| name)
}

/// Reads the name of such an edit: from what into what.
#[must_use]
pub fn read_edit(name: &str) -> Option<(&str, &str)> {
    name.strip_prefix(EDIT)?.split_once(ARROW)
}

/// Returns what was lost as rows and headers have it: each token, and how often when more than once.
#[must_use]
pub fn told(losses: &Losses) -> Vec<Arc<str>> {
    let one = |(token, count): (_, usize)| match count {
        1 => format!("{token}"),
        _ => format!("{token}={count}"),
    };
    losses.counts().into_iter().map(|counted| Arc::from(one(counted))).collect()
}

/// Names a trouble as clients' errors do.
#[must_use]
pub const fn error_kind(error: &StreamError) -> ErrorKind {
    match error.kind {
        TroubleKind::BadRequest => ErrorKind::BadRequest,
        TroubleKind::ContextLength => ErrorKind::ContextLength,
        TroubleKind::RateLimit => ErrorKind::RateLimit,
        TroubleKind::Quota => ErrorKind::Quota,
        TroubleKind::Overloaded => ErrorKind::Overloaded,
        TroubleKind::Timeout => ErrorKind::Timeout,
        TroubleKind::Upstream => ErrorKind::Upstream,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::convert::loss::Token;

    #[test]
    fn the_edit_says_from_what_into_what() {
        let name = edit_name(Dialect::Anthropic, Dialect::OpenaiChat);
        assert_eq!(name, "convert: anthropic -> openai_chat");
        assert_eq!(read_edit(name), Some(("anthropic", "openai_chat")));
        assert_eq!(read_edit("model_redirect"), None);
    }

    #[test]
    fn losses_are_told_with_how_often() {
        let mut losses = Losses::default();
        losses.push(Token::ApproxSchema, "/tools/0");
        for place in ["/a", "/b", "/b"] {
            losses.push(Token::DropCacheControl, place);
        }
        let told = told(&losses);
        let told: Vec<&str> = told.iter().map(AsRef::as_ref).collect();
        assert_eq!(told, ["drop.cache_control=2", "approx.schema"]);
    }
}
