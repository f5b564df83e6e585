//! The way of an answer whose client reads another format than comes: what comes is read as ever, what
//! goes out is translated.

use bytes::Bytes;
use switchyard_actors::domain::ids::RequestId;

use super::{Closed, Passage};
use crate::proxy::convert::error_kind;
use crate::proxy::convert::translator::Translator;
use crate::proxy::failure::BAD_CALL;
use crate::wire::convert::hub::Finish;
use crate::wire::convert::loss::Losses;
use crate::wire::convert::stream::Ended;
use crate::wire::error_body::ClientError;
use crate::wire::usage::Progress;

/// How a translated answer came to its end, when it was not a good one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Badly {
    /// The provider's answer went wrong: the client is still to be told.
    Untold(String),
    /// It is longer than what we hold of one: the client is still to be told.
    TooLong(String),
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
            Ended::Badly(error) if translator.is_too_long() => {
                Some(Badly::TooLong(error.message.clone()))
            }
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
            Some(Badly::Untold(_) | Badly::TooLong(_)) => {
                self.end_translated(&self.breaker.error(id))
            }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use switchyard_actors::domain::dialect::Dialect;

    use super::*;
    use crate::proxy::convert::Conversion;
    use crate::proxy::ending::Ending;
    use crate::wire::convert::reply::Reply;
    use crate::wire::usage::Form;

    const CHAT: &str = concat!(
        "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\"}}]}\n\n",
        "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"}}]}\n\n",
        "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"k\",",
        "\"type\":\"function\",\"function\":{\"name\":\"read\",\"arguments\":\"{\\\"a\\\":\"}}]}}]}\n\n",
        "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,",
        "\"function\":{\"arguments\":\"1}\"}}]}}]}\n\n",
        "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n",
        "data: {\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\n",
        "data: [DONE]\n\n",
    );
    const CLIENTS: [Dialect; 4] =
        [Dialect::Anthropic, Dialect::Responses, Dialect::Gemini, Dialect::GeminiCli];

    fn passage(client: Dialect, list: bool) -> Passage {
        let reply = Reply { model: "asked".to_owned(), ..Reply::default() };
        let (from, to) = (client, Dialect::OpenaiChat);
        let losses = Losses::default();
        let mut conversion = Conversion { from, to, streams: true, list, reply, losses };
        let passage = Passage::new(to, Some(Form::Sse), Ending::Protocol, false);
        passage.translated(Translator::new(&mut conversion))
    }

    /// Passes pieces as an answer under way does; returns whether the end was among them.
    fn pass(passage: &mut Passage, bytes: &[u8], size: usize) -> bool {
        for piece in bytes.chunks(size) {
            let progress = passage.read(piece);
            if passage.pass(Bytes::copy_from_slice(piece), &progress) {
                return true;
            }
        }
        false
    }

    fn said(passage: &mut Passage) -> String {
        let mut all = Vec::new();
        while let Some(bytes) = passage.pop() {
            all.extend_from_slice(&bytes);
        }
        String::from_utf8(all).unwrap()
    }

    const ENDS: [&str; 4] = ["message_stop", "response.completed", "\"STOP\"", "functionCall\""];

    proptest! {
        #[test]
        fn whatever_is_cut_and_however_it_is_split_ends_with_an_error_and_no_whole_call(
            cut in 0..CHAT.rfind("data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},").unwrap(),
            size in 1_usize..200,
            client in prop::sample::select(CLIENTS.to_vec()),
            by_http in any::<bool>(),
            list in any::<bool>(),
        ) {
            let list = list && client == Dialect::Gemini;
            let mut passage = passage(client, list);
            prop_assert!(!pass(&mut passage, &CHAT.as_bytes()[..cut], size));
            let id = RequestId([7; 16]);
            let closed = if by_http { passage.http_ended(id) } else { passage.broke_off(false, id) };
            prop_assert_eq!(closed, Closed::Told);
            prop_assert!(!passage.all_handed());
            let text = said(&mut passage);
            prop_assert!(text.contains("error"), "{text}");
            prop_assert!(!ENDS.iter().any(|end| text.contains(end)), "{text}");
            let is_list = serde_json::from_str::<Vec<serde_json::Value>>(&text).is_ok();
            prop_assert_eq!(is_list, list, "{}", text);
        }

        #[test]
        fn whatever_is_whole_ends_well_and_the_tokens_are_the_providers(
            size in 1_usize..200,
            client in prop::sample::select(CLIENTS.to_vec()),
        ) {
            let mut passage = passage(client, false);
            prop_assert!(pass(&mut passage, CHAT.as_bytes(), size));
            prop_assert_eq!(passage.ended_badly(), None);
            let usage = passage.report().and_then(|report| report.usage).unwrap();
            prop_assert_eq!((usage.input, usage.output), (3, 2));
            let text = said(&mut passage);
            prop_assert!(ENDS.iter().any(|end| text.contains(end)), "{text}");
            prop_assert!(passage.all_handed());
        }
    }

    #[test]
    fn a_client_that_hears_nothing_is_kept_waiting_in_its_own_form() {
        let alive = [
            (Dialect::Anthropic, "event: ping"),
            (Dialect::Responses, "event: response.in_progress"),
            (Dialect::Gemini, ""),
        ];
        for (client, words) in alive {
            let mut passage = passage(client, false);
            passage.keep_alive();
            assert_eq!(passage.pop(), None, "not before it has begun");
            let two = CHAT.match_indices("\n\n").nth(1).map_or(0, |(at, end)| at + end.len());
            pass(&mut passage, &CHAT.as_bytes()[..two], 999);
            said(&mut passage);
            passage.keep_alive();
            assert!(said(&mut passage).starts_with(words), "{client}");
        }
    }
}
