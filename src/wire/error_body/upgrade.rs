//! The fields of a refusal of an old client, as the original names them.

use serde::Serialize;

/// The type of such an error, and its code where a dialect has types of its own.
pub(super) const TYPE: &str = "client_upgrade_required";

/// What a client that is too old is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Upgrade {
    /// What it has.
    pub current_version: String,
    /// What it needs.
    pub required_version: String,
    /// Its name in lists.
    pub client_type: String,
    /// Its name for people.
    pub client_display_name: &'static str,
}
