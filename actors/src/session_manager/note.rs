//! What a request's row says when its success did not bind its session: a restarted process reads
//! it, and so do people.

use std::fmt;

use crate::domain::ids::ProviderId;

const STAYS: &str = "session: stays on provider ";
const NOT_MOVED: &str = "session: not moved";

/// A note of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowNote {
    /// The session stays on this provider, although another one served the request.
    Stays(ProviderId),
    /// The request left the session as it was.
    NotMoved,
}

impl RowNote {
    /// Reads a note; `None` when it says something else.
    #[must_use]
    pub fn read(note: &str) -> Option<Self> {
        if note == NOT_MOVED {
            return Some(Self::NotMoved);
        }
        let provider = note.strip_prefix(STAYS)?.parse().ok()?;
        Some(Self::Stays(ProviderId(provider)))
    }
}

impl fmt::Display for RowNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stays(provider) => write!(f, "{STAYS}{provider}"),
            Self::NotMoved => f.write_str(NOT_MOVED),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_back() {
        for note in [RowNote::Stays(ProviderId(7)), RowNote::NotMoved] {
            assert_eq!(RowNote::read(&note.to_string()), Some(note));
        }
        for other in ["", "gate: slow", "session: stays on provider x", "session: moved"] {
            assert_eq!(RowNote::read(other), None, "{other}");
        }
    }
}
