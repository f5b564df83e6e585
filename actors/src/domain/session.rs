//! What a request tells of the conversation it belongs to.

/// Hints of a session, the strongest first; none is proof, all are scoped to the caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionHints {
    /// The client's own name of the session: 1 to 256 visible ASCII characters.
    pub client: Option<String>,
    /// SHA-256 over the system text and the first user message.
    pub content: Option<[u8; 32]>,
    /// How many messages the request carries.
    pub messages: Option<u32>,
}
