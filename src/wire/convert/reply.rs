//! What whoever writes an answer needs to know of the request it answers.

use super::names::Names;

/// The request, as far as its answer depends on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// The id of the answer when the upstream gave none: unique, and of letters and digits alone. Codecs
    /// put their own prefix before it (`msg_`, `chatcmpl-`, `resp_`).
    pub id: String,
    /// The model as the client asked for it.
    pub model: String,
    /// Now, in seconds since 1970.
    pub created: i64,
    /// What was renamed on the way out.
    pub names: Names,
    /// The client wants usage at the end of a chat stream.
    pub want_usage: bool,
    /// The client wants to see thinking; it is kept from those that do not where the format allows it.
    pub show_thinking: bool,
}
