//! The way of an answer whose client reads another format than comes: what comes is read as ever, what
//! goes out is translated.

use bytes::Bytes;
use switchyard_actors::domain::ids::RequestId;

use super::{Closed, Passage};
use crate::proxy::convert::error_kind;
use crate::proxy::convert::translator::Translator;
use crate::proxy::last_words;
use crate::wire::convert::hub::Finish;
use crate::wire::convert::loss::Losses;
use crate::wire::convert::stream::Ended;
use crate::wire::error_body::ClientError;
use crate::wire::usage::Progress;

/// What the row says of a call that nobody can read.
const BAD_CALL: &str = "the model wrote a call of a tool that cannot be read";

/// How a translated answer came to its end, when it was not a good one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Badly {
    /// The provider's answer went wrong: the client is still to be told.
    Untold(String),
    /// What the model wrote cannot be read: the client was told.
    BadCall(&'static str),
}

impl Passage {
    /// Translates all that passes.
    #[must_use]
    pub fn translated(mut self, translator: Translator) -> Self {
        self.translator = Some(Box::new(translator));
        self
    }

    /// Tells whether the client reads another format than comes.
    #[must_use]
    pub const fn is_translated(&self) -> bool {
        self.translator.is_some()
    }

    /// Returns what was lost in translation so far.
    #[must_use]
    pub fn losses(&self) -> Option<&Losses> {
        self.translator.as_ref().map(|translator| translator.losses())
    }

    /// Hands the client what keeps it waiting, in the form that it bears.
    pub fn keep_alive(&mut self) {
        let alive = self.translator.as_mut().map(|translator| translator.keep_alive());
        self.hand_out(alive.unwrap_or_default());
    }

    /// Returns what was bad about the end, if the answer has one and it was.
    #[must_use]
    pub fn ended_badly(&self) -> Option<Badly> {
        let translator = self.translator.as_ref()?;
        match translator.ended()? {
            Ended::Badly(error) => Some(Badly::Untold(error.message.clone())),
            Ended::Well(Finish::BadToolCall) if !translator.ended_well() => {
                Some(Badly::BadCall(BAD_CALL))
            }
            Ended::Well(_) => None,
        }
    }

    /// Translates a piece. Returns whether the answer's end is in it: what the client has decides, for
    /// nothing can follow its format's end.
    pub(super) fn translate(&mut self, bytes: &[u8], progress: &Progress) -> bool {
        let is_last = progress.ended && self.ending.is_known(self.form, self.dialect);
        self.finish_passed |= progress.ended && !is_last;
        let Some(translator) = &mut self.translator else { return false };
        let mut out = translator.push(bytes);
        if is_last {
            out.append(&mut translator.end());
        }
        self.ended = translator.ended().is_some();
        self.hand_out(out);
        self.ended
    }

    /// Translates what comes before the upstream's own error, and tells that.
    pub(super) fn translate_error(&mut self, bytes: &[u8], told: &ClientError) -> Closed {
        let out = self.translator.as_mut().map(|translator| translator.push(bytes));
        self.hand_out(out.unwrap_or_default());
        let kind = self.translator.as_ref().and_then(|translator| match translator.ended()? {
            Ended::Badly(error) => Some(error_kind(error)),
            Ended::Well(_) => None,
        });
        let kind = kind.unwrap_or(told.kind);
        self.end_translated(&ClientError { kind, ..told.clone() })
    }

    /// Nothing more comes, as HTTP says.
    pub(super) fn translate_end(&mut self, id: RequestId) -> Closed {
        let out = self.translator.as_mut().map(|translator| translator.end());
        self.hand_out(out.unwrap_or_default());
        match self.ended_badly() {
            None => Closed::Whole,
            Some(Badly::BadCall(_)) => Closed::Told,
            Some(Badly::Untold(_)) => self.end_translated(&last_words::error(id)),
        }
    }

    /// Ends the client's answer with an error, where its form has room for one.
    pub fn end_translated(&mut self, told: &ClientError) -> Closed {
        let Some(translator) = &self.translator else { return Closed::Cut };
        let dialect = translator.dialect();
        let words = if translator.is_list() {
            told.array_end(dialect, self.list.place())
        } else {
            Some(told.stream_event(dialect, &translator.position()))
        };
        let closed = if words.is_some() { Closed::Told } else { Closed::Cut };
        self.ready.extend(words);
        closed
    }

    fn hand_out(&mut self, out: Vec<u8>) {
        if out.is_empty() {
            return;
        }
        if self.translator.as_ref().is_some_and(|translator| translator.is_list()) {
            self.list.push(&out);
        }
        self.ready.push_back(Bytes::from(out));
    }
}
