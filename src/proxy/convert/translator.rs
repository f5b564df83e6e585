//! A provider's stream as its client reads it: pieces of bytes go in, the client's come out. Pure. What
//! has come of a frame waits for its end, up to a bound. Writers keep what their format says again or
//! whole (a Responses answer for its last event, a call for Gemini), up to bounds of theirs, beyond which
//! the stream ends badly.

use switchyard_actors::domain::dialect::Dialect;

use super::Conversion;
use crate::wire::convert::codec::{StreamIn, StreamOut};
use crate::wire::convert::hub::Finish;
use crate::wire::convert::loss::Losses;
use crate::wire::convert::rewrap::{Rewrapper, is_rewrap};
use crate::wire::convert::stream::{Converter, Ended};
use crate::wire::error_body::StreamPosition;
use crate::wire::sse::EventReader;

/// A frame is no longer than this: pictures come whole, in one.
pub const FRAME_MAX: usize = 16 << 20;

/// Translates one stream.
#[derive(Debug)]
pub struct Translator {
    to: Dialect,
    list: bool,
    reader: EventReader,
    way: Way,
    /// A frame came that is longer than what is read of one.
    frame_too_long: bool,
}

/// How frames become the client's.
#[derive(Debug)]
enum Way {
    Converted(Box<Converter>),
    /// The formats differ by an envelope alone.
    Rewrapped(Box<Rewrapper>),
}

impl Way {
    fn frame(&mut self, event: &str, data: &str, out: &mut Vec<u8>) {
        match self {
            Self::Converted(converter) => converter.frame(event, data, out),
            Self::Rewrapped(rewrapper) => rewrapper.frame(data, out),
        }
    }

    fn ended(&self) -> Option<&Ended> {
        match self {
            Self::Converted(converter) => converter.ended(),
            Self::Rewrapped(rewrapper) => rewrapper.ended(),
        }
    }

    fn fail(&mut self, message: String, out: &mut Vec<u8>) {
        match self {
            Self::Converted(converter) => converter.fail(message, out),
            Self::Rewrapped(rewrapper) => rewrapper.fail(message),
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        match self {
            Self::Converted(converter) => converter.end(out),
            Self::Rewrapped(rewrapper) => rewrapper.end(out),
        }
    }
}

impl Translator {
    /// Begins a stream; what its answers are written with is taken from the conversion.
    #[must_use]
    pub fn new(conversion: &mut Conversion) -> Self {
        let Conversion { from: to, to: from, list, .. } = *conversion;
        let reply = std::mem::take(&mut conversion.reply);
        let way = if is_rewrap(from, to) {
            Way::Rewrapped(Box::new(Rewrapper::new(to, list)))
        } else {
            let out = if list { StreamOut::list(to, reply) } else { StreamOut::new(to, reply) };
            Way::Converted(Box::new(Converter::reading(StreamIn::lenient(from), out)))
        };
        Self { to, list, reader: EventReader::new(FRAME_MAX), way, frame_too_long: false }
    }

    /// Returns what the client speaks.
    #[must_use]
    pub const fn dialect(&self) -> Dialect {
        self.to
    }

    /// Tells whether the client reads one list that grows.
    #[must_use]
    pub const fn is_list(&self) -> bool {
        self.list
    }

    /// Reads a piece; returns what it means to the client.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len().saturating_mul(2));
        let Self { reader, way, frame_too_long, .. } = self;
        // Frames without data are comments and pings.
        if let Err(error) = reader.read(bytes, |event, data| way.frame(event, data, &mut out)) {
            *frame_too_long |= way.ended().is_none();
            way.fail(error.to_string(), &mut out);
        }
        out
    }

    /// The provider sends nothing more, as HTTP says: some formats end by that alone.
    pub fn end(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        let Self { reader, way, .. } = self;
        reader.finish(|event, data| way.frame(event, data, &mut out));
        way.end(&mut out);
        out
    }

    /// Returns what keeps the client waiting, in the form that it bears; mostly nothing of it is needed.
    pub fn keep_alive(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        // Gemini's clients bear nothing that is no chunk.
        if let Way::Converted(converter) = &mut self.way {
            converter.keep_alive(&mut out);
        }
        out
    }

    /// Returns how it ended, once it has.
    #[must_use]
    pub fn ended(&self) -> Option<&Ended> {
        self.way.ended()
    }

    /// Tells whether the client has its format's end of a good answer. A call that nobody can read is
    /// an error for all clients but Gemini's, whose format has a word for it.
    #[must_use]
    pub fn ended_well(&self) -> bool {
        if let Way::Rewrapped(rewrapper) = &self.way {
            return rewrapper.may_end();
        }
        match self.ended() {
            Some(Ended::Well(Finish::BadToolCall)) => self.to.is_gemini(),
            Some(Ended::Well(_)) => true,
            Some(Ended::Badly(_)) | None => false,
        }
    }

    /// Tells whether it ended because it is longer than what we hold of an answer, or of a frame: that is
    /// no provider's fault.
    #[must_use]
    pub fn is_too_long(&self) -> bool {
        self.frame_too_long || matches!(&self.way, Way::Converted(one) if one.is_too_long())
    }

    /// Returns what was lost on the way back.
    #[must_use]
    pub fn losses(&self) -> &Losses {
        match &self.way {
            Way::Converted(converter) => converter.losses(),
            Way::Rewrapped(rewrapper) => rewrapper.losses(),
        }
    }

    /// Returns how far the client's stream has come.
    #[must_use]
    pub fn position(&self) -> StreamPosition {
        let Way::Converted(converter) = &self.way else { return StreamPosition::default() };
        let Some(at) = converter.writer().position() else {
            return StreamPosition::default();
        };
        StreamPosition {
            response_id: Some(at.id),
            model: Some(at.model),
            sequence_number: at.sequence_number,
            created_at: u64::try_from(at.created_at).ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::convert::reply::Reply;

    const CHAT: &str = concat!(
        ": hello\n\n",
        "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hé\"}}]}\n\n",
        "data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
        "data: [DONE]\n\n",
    );

    fn translator(from: Dialect, to: Dialect, list: bool) -> Translator {
        let reply = Reply { model: "asked".to_owned(), ..Reply::default() };
        let losses = Losses::default();
        let mut conversion = Conversion { from, to, streams: true, list, reply, losses };
        Translator::new(&mut conversion)
    }

    #[test]
    fn every_split_of_the_bytes_says_the_same_to_the_client() {
        let mut whole = translator(Dialect::Anthropic, Dialect::OpenaiChat, false);
        let all = whole.push(CHAT.as_bytes());
        assert!(whole.ended_well());
        assert!(String::from_utf8_lossy(&all).contains("\"model\":\"asked\""));
        for size in 1..9 {
            let mut parts = translator(Dialect::Anthropic, Dialect::OpenaiChat, false);
            let out: Vec<u8> =
                CHAT.as_bytes().chunks(size).flat_map(|part| parts.push(part)).collect();
            assert_eq!(String::from_utf8_lossy(&out), String::from_utf8_lossy(&all), "{size}");
        }
    }

    #[test]
    fn a_stream_that_ends_before_its_end_ends_badly_and_closes_nothing() {
        let cut = CHAT.find("data: {\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},").unwrap();
        let mut one = translator(Dialect::Responses, Dialect::OpenaiChat, false);
        let mut out = one.push(&CHAT.as_bytes()[..cut]);
        assert_eq!(one.ended(), None);
        out.extend(one.end());
        assert!(matches!(one.ended(), Some(Ended::Badly(_))) && !one.ended_well());
        assert!(!String::from_utf8_lossy(&out).contains("response.completed"));
        assert!(one.position().sequence_number.is_some());
    }

    #[test]
    fn gemini_in_an_envelope_and_without_differ_by_that_alone() {
        let chunk = r#"{"candidates":[{"content":{"parts":[{"text":"H\u00e9","x":1.50}]},"finishReason":"STOP"}],"responseId":"g"}"#;
        let wrapped = format!("{{\"response\":{chunk},\"traceId\":\"g\"}}");
        for (from, to, came, wanted) in [
            (Dialect::Gemini, Dialect::GeminiCli, wrapped.as_str(), chunk),
            (Dialect::GeminiCli, Dialect::Gemini, chunk, wrapped.as_str()),
        ] {
            let stream = format!("data: {came}\r\n\r\n");
            for size in 1..9 {
                let mut one = translator(from, to, false);
                let mut out: Vec<u8> =
                    stream.as_bytes().chunks(size).flat_map(|part| one.push(part)).collect();
                assert!(one.ended().is_none() && one.ended_well());
                out.extend(one.end());
                assert!(one.ended().is_some() && one.ended_well());
                assert_eq!(String::from_utf8_lossy(&out), format!("data: {wanted}\n\n"));
            }
        }
    }

    #[test]
    fn a_frame_that_is_too_long_ends_the_stream() {
        let mut one = translator(Dialect::Anthropic, Dialect::OpenaiChat, false);
        one.push(b"data: ");
        for _ in 0..=FRAME_MAX / (1 << 20) {
            one.push(&vec![b'x'; 1 << 20]);
        }
        assert!(matches!(one.ended(), Some(Ended::Badly(_))) && one.is_too_long());
    }

    #[test]
    fn a_list_is_opened_and_closed_once() {
        let mut one = translator(Dialect::Gemini, Dialect::OpenaiChat, true);
        let out = String::from_utf8(one.push(CHAT.as_bytes())).unwrap();
        let list: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert!(list.as_array().is_some_and(|all| all.len() > 1), "{out}");
    }
}
