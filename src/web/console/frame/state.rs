//! What the console works with, as one piece of application data.

use std::sync::Arc;

use actix_web::web::Data;

use super::csrf::Seal;
use super::templates::Templates;
use crate::process::Readiness;
use crate::proxy::worker::Shared;
use crate::web::Shell;
use crate::web::api::Api;

/// What the console works with.
pub struct Console {
    /// The management API's state: use cases, who is who.
    pub api: Data<Api>,
    /// What every handler of the program may need.
    pub shell: Arc<Shell>,
    /// What the relay's workers share, for what only memory knows.
    pub relay: Arc<Shared>,
    /// Marks of ours.
    pub seal: Seal,
    /// `APP_URL`.
    pub public_url: Option<String>,
}

impl Console {
    /// Returns the templates.
    #[must_use]
    pub fn templates(&self) -> &Templates {
        &self.shell.pages
    }

    /// Returns how the process is.
    #[must_use]
    pub fn readiness(&self) -> &Readiness {
        &self.shell.readiness
    }
}

impl std::fmt::Debug for Console {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Console").field("seal", &self.seal).finish_non_exhaustive()
    }
}
