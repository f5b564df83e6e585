//! Parts of pages for one visitor, one after another: what the frame shows is gathered once.

use actix_web::web::Data;
use serde::Serialize;
use switchyard_actors::domain::instant::Micros;

use super::error::PageError;
use super::shell::ShellView;
use super::state::Console;

/// Makes parts of pages as things were for the visitor when this was made.
pub struct Fragments {
    pub(super) console: Data<Console>,
    pub(super) shell: ShellView,
}

impl Fragments {
    /// Makes a part, for scripts that put it into a page that is shown.
    ///
    /// # Errors
    /// The template cannot be made.
    pub fn make(
        &self,
        template: &str,
        page: &(impl Serialize + ?Sized),
    ) -> Result<String, PageError> {
        Ok(self.console.templates().render(template, page, &self.shell)?)
    }

    /// Says what time it is for the parts to come.
    pub const fn set_now(&mut self, now: Micros) {
        self.shell.now = now.0;
    }
}
