//! What a request says about the session it belongs to.

/// Hints read from one request, before anybody is asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionHints {
    /// The session id the client sent, in whichever place its kind uses.
    pub client: Option<String>,
    /// SHA-256 of the system text and the first user message, for clients that send no id.
    pub content: Option<[u8; 32]>,
    /// Messages in the request, where it was cheap to count.
    pub messages: Option<u32>,
}
