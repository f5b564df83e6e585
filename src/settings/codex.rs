//! What is done for Codex.

use switchyard_actors::domain::routing::pattern::Pattern;

use super::error::SettingsError;
use super::instructions;
use super::reader::Reader;

/// What is done for Codex.
#[derive(Clone, Debug)]
pub struct CodexSettings {
    /// The operator's own instructions, each for the models of a pattern; the first that fits holds.
    pub instructions: Vec<(Pattern, String)>,
    /// Providers that set nothing else get them always.
    pub inject: bool,
    /// Requests that lack a session id are given one.
    pub complete_sessions: bool,
}

impl CodexSettings {
    pub(super) fn read(from: &Reader) -> Result<Self, SettingsError> {
        let files = from.text("codex.instructions")?;
        Ok(Self {
            // They were read once when they were checked.
            instructions: instructions::read(&files).unwrap_or_default(),
            inject: from.flag("codex.inject_instructions")?,
            complete_sessions: from.flag("codex.complete_session_ids")?,
        })
    }
}
