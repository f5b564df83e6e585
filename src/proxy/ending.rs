//! What ends an answer that is passed on, and whether one that ended is whole. Pure.

use switchyard_actors::domain::dialect::Dialect;

use crate::wire::frame::end_is_final;
use crate::wire::gemini::list::ListPlace;
use crate::wire::usage::{Form, TapReport};

/// What ends an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// What its protocol says.
    Protocol,
    /// HTTP's own end: the protocol is one that is not judged here.
    Http,
}

impl Ending {
    /// Tells whether what the tap takes for the end is the last thing for sure.
    #[must_use]
    pub fn is_known(self, form: Option<Form>, dialect: Dialect) -> bool {
        self == Self::Protocol && (form != Some(Form::Sse) || end_is_final(dialect))
    }

    /// Tells whether an answer whose HTTP has ended is one; a list stands at `place`.
    #[must_use]
    pub fn is_whole(
        self,
        form: Option<Form>,
        report: Option<&TapReport>,
        place: ListPlace,
    ) -> bool {
        let Some(report) = report.filter(|_| self == Self::Protocol) else { return true };
        match form {
            Some(Form::Sse) => report.terminal && !report.cut_frame,
            Some(Form::GeminiArray) => report.terminal && place == ListPlace::Ended,
            _ => !report.malformed,
        }
    }
}
