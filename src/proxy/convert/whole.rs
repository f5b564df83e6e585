//! Whole answers: one of a provider for its client, a stream folded into one, and one unfolded into the
//! stream that its client asked for. Pure.

use switchyard_actors::domain::dialect::Dialect;

use super::Conversion;
use super::translator::FRAME_MAX;
use crate::wire::convert::Broken;
use crate::wire::convert::codec::{
    StreamIn, StreamOut, decode_answer, encode_answer, encode_stream,
};
use crate::wire::convert::gather::Gather;
use crate::wire::convert::hub::{Answer, Event, Finish, StreamError};
use crate::wire::convert::loss::Token;
use crate::wire::convert::rewrap::{self, Rewrapper};
use crate::wire::sse::{FrameReader, RawFrame};

/// An answer longer than this is not converted: it is held whole.
pub const ANSWER_MAX: usize = 32 << 20;

/// Why there is no answer for the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// The provider's answer is none of its format, or has no end.
    Broken(String),
    /// It is an error.
    Trouble(StreamError),
    /// The model wrote a call that nobody can read, for which the client's format has no word.
    BadCall,
    /// It is longer than what we hold of one.
    TooLong,
}

impl From<Broken> for NoAnswer {
    fn from(Broken(message): Broken) -> Self {
        Self::Broken(message)
    }
}

/// Converts a whole answer of the provider.
///
/// # Errors
/// It is none.
pub fn converted(conversion: &mut Conversion, body: &[u8]) -> Result<Vec<u8>, NoAnswer> {
    // It is read also where it passes as it is: what is no answer reaches nobody.
    let answer = decode_answer(conversion.to, body)?;
    let Conversion { from: client, to: provider, streams, list, .. } = *conversion;
    if !rewrap::is_rewrap(client, provider) {
        return for_client(conversion, &answer);
    }
    if !streams {
        return Ok(rewrap::answer(client, body)?);
    }
    let (mut stream, mut out) = (Rewrapper::new(client, list), Vec::new());
    stream.whole(&String::from_utf8_lossy(body), &mut out);
    Ok(out)
}

/// Writes an answer as the client wants it: whole, or as the stream it would have been.
///
/// # Errors
/// The model wrote a call that nobody can read, for which no client but Gemini's has a word; or it is
/// longer than a stream's writer keeps.
pub fn for_client(conversion: &mut Conversion, answer: &Answer) -> Result<Vec<u8>, NoAnswer> {
    let Conversion { from: client, streams, list, .. } = *conversion;
    if answer.finish == Finish::BadToolCall && !client.is_gemini() {
        return Err(NoAnswer::BadCall);
    }
    let Conversion { reply, losses, .. } = conversion;
    if !streams {
        return Ok(encode_answer(client, answer, reply, losses));
    }
    let reply = reply.clone();
    let stream = if list { StreamOut::list(client, reply) } else { StreamOut::new(client, reply) };
    encode_stream(stream, answer, losses).ok_or(NoAnswer::TooLong)
}

/// Folds a provider's stream into an answer, piece by piece.
#[derive(Debug)]
pub struct Folding {
    reader: FrameReader,
    stream: StreamIn,
    gather: Gather,
    events: Vec<Event>,
    broken: Option<NoAnswer>,
}

impl Folding {
    /// Begins a stream of a format.
    #[must_use]
    pub fn new(dialect: Dialect) -> Self {
        Self {
            reader: FrameReader::new(FRAME_MAX),
            stream: StreamIn::lenient(dialect),
            gather: Gather::default(),
            events: Vec::new(),
            broken: None,
        }
    }

    /// Reads a piece. Returns whether the answer has ended.
    pub fn push(&mut self, bytes: &[u8]) -> bool {
        self.reader.push(bytes);
        while !self.has_ended() {
            match self.reader.next_frame() {
                Ok(Some(frame)) => self.frame(&frame),
                Ok(None) => return false,
                // A frame that is too long for us is the only one that cannot be read.
                Err(_) => self.broken = Some(NoAnswer::TooLong),
            }
        }
        true
    }

    /// Returns how many bytes are kept of what came.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.reader.held().saturating_add(self.gather.kept())
    }

    /// Ends the stream; notes what was inferred.
    ///
    /// # Errors
    /// It had no end, or was an error.
    pub fn end(mut self, conversion: &mut Conversion) -> Result<Answer, NoAnswer> {
        if let Some(frame) = self.reader.finish().filter(|_| !self.has_ended()) {
            self.frame(&frame);
        }
        if !self.has_ended() {
            self.stream.end(&mut self.events);
            self.take(Ok(()));
        }
        if let Some(broken) = self.broken {
            return Err(broken);
        }
        let inferred = self.stream.inferred();
        conversion.losses.push_if(inferred, Token::ApproxTerminalInferred, "");
        let no_end = || NoAnswer::Broken("the stream ended before its end".to_owned());
        self.gather.finish().ok_or_else(no_end)?.map_err(NoAnswer::Trouble)
    }

    const fn has_ended(&self) -> bool {
        self.gather.is_over() || self.broken.is_some()
    }

    fn frame(&mut self, frame: &RawFrame) {
        let data = frame.data.trim_ascii();
        if data.is_empty() {
            return;
        }
        let data = String::from_utf8_lossy(data);
        let read = self.stream.frame(&frame.event, &data, &mut self.events);
        self.take(read);
    }

    /// Takes what was read; behind all of that, it may have been read no further.
    fn take(&mut self, read: Result<(), Broken>) {
        // The one is a bound of ours, the other what the provider sent.
        let taken = self.events.drain(..).try_for_each(|event| self.gather.push(event));
        let too_long = taken.err().map(|_| NoAnswer::TooLong);
        self.broken = too_long.or(read.err().map(NoAnswer::from));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::convert::hub::{Call, CallKind, Part, Place};
    use crate::wire::convert::loss::Losses;
    use crate::wire::convert::reply::Reply;

    const ANSWER: &str = r#"{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"Hi"},{"type":"tool_use","id":"toolu_1","name":"read","input":{"a":1}}],"stop_reason":"tool_use","usage":{"input_tokens":3,"output_tokens":2}}"#;

    fn conversion(from: Dialect, to: Dialect, streams: bool) -> Conversion {
        let reply = Reply { model: "asked".to_owned(), ..Reply::default() };
        Conversion { from, to, streams, list: false, reply, losses: Losses::default() }
    }

    #[test]
    fn a_stream_that_is_folded_is_the_answer_that_was_unfolded() {
        for between in [Dialect::OpenaiChat, Dialect::Responses, Dialect::Gemini] {
            let mut out = conversion(between, Dialect::Anthropic, true);
            out.reply.want_usage = true;
            let stream = converted(&mut out, ANSWER.as_bytes()).unwrap();
            let mut back = conversion(Dialect::Anthropic, between, false);
            let mut folding = Folding::new(between);
            for piece in stream.chunks(7) {
                folding.push(piece);
            }
            let answer = folding.end(&mut back).unwrap();
            let body = for_client(&mut back, &answer).unwrap();
            let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
            assert_eq!(body["content"][0]["text"], "Hi", "{between}");
            assert_eq!(body["content"][1]["input"]["a"], 1, "{between}");
            assert_eq!(body["stop_reason"], "tool_use", "{between}");
            assert_eq!(body["usage"]["output_tokens"], 2, "{between}");
            assert_eq!(body["model"], "asked", "{between}");
        }
    }

    #[test]
    fn a_stream_without_an_end_and_one_of_errors_are_no_answers() {
        let mut one = conversion(Dialect::Anthropic, Dialect::OpenaiChat, false);
        let begun = b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"H\"}}]}\n\n";
        let mut folding = Folding::new(Dialect::OpenaiChat);
        folding.push(begun);
        assert!(folding.end(&mut one).is_err());
        let mut folding = Folding::new(Dialect::OpenaiChat);
        assert!(folding.push(b"data: {\"error\":{\"message\":\"no\"}}\n\n"));
        assert!(matches!(folding.end(&mut one), Err(NoAnswer::Trouble(_))));
        let mut folding = Folding::new(Dialect::OpenaiChat);
        assert!(folding.push(b"data: <html>\n\n"));
        assert!(matches!(folding.end(&mut one), Err(NoAnswer::Broken(_))));
    }

    #[test]
    fn what_is_kept_of_a_stream_is_what_it_says_and_not_how_it_was_written() {
        let mut folding = Folding::new(Dialect::OpenaiChat);
        let piece = format!(
            "data: {{\"choices\":[{{\"delta\":{{\"content\":\"{}\"}}}}]}}\n\n",
            "x".repeat(10)
        );
        for _ in 0..100 {
            folding.push(": a comment that is dropped\n\n".repeat(10).as_bytes());
            folding.push(piece.as_bytes());
        }
        assert!((1_000..2_000).contains(&folding.kept()), "{}", folding.kept());
        folding.push(b"data: half a frame");
        assert!(folding.kept() > 1_017);
        let mut one = conversion(Dialect::Anthropic, Dialect::OpenaiChat, false);
        folding.push(&vec![b'x'; FRAME_MAX + 1]);
        assert_eq!(folding.end(&mut one), Err(NoAnswer::TooLong));
    }

    #[test]
    fn an_answer_in_an_envelope_and_without_passes_as_it_was_written() {
        let inside = r#"{"candidates":[{"content":{"role":"model","parts":[{"text":"Hi","x":1.50}]},"finishReason":"STOP"},{"index":1}],"responseId":"g1"}"#;
        let wrapped = format!(r#"{{"response":{inside},"traceId":"g1"}}"#);
        let (gemini, cli) = (Dialect::Gemini, Dialect::GeminiCli);
        for (from, to, came, wanted) in
            [(gemini, cli, wrapped.as_str(), inside), (cli, gemini, inside, wrapped.as_str())]
        {
            let one = |streams| converted(&mut conversion(from, to, streams), came.as_bytes());
            assert_eq!(String::from_utf8(one(false).unwrap()).unwrap(), wanted);
            let frame = format!("data: {wanted}\n\n");
            assert_eq!(String::from_utf8(one(true).unwrap()).unwrap(), frame);
            assert!(converted(&mut conversion(from, to, false), b"{\"response\":{}}").is_err());
        }
    }

    #[test]
    fn a_stream_is_folded_in_the_order_and_with_the_ids_that_it_would_pass_with() {
        let mut folding = Folding::new(Dialect::OpenaiChat);
        for (delta, reason) in [
            (
                r#"{"tool_calls":[{"index":0,"id":"x","function":{"name":"f","arguments":"{}"}}]}"#,
                "null",
            ),
            (
                r#"{"tool_calls":[{"index":1,"id":"x","function":{"name":"g","arguments":"{\"a"}}]}"#,
                "null",
            ),
            ("{}", "\"length\""),
        ] {
            let frame = format!(
                "data: {{\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":{reason}}}]}}\n\n"
            );
            folding.push(frame.as_bytes());
        }
        let mut one = conversion(Dialect::Anthropic, Dialect::OpenaiChat, false);
        let answer = folding.end(&mut one).unwrap();
        assert!(answer.lacks_call && answer.parts.len() == 1, "{answer:?}");
        let body = String::from_utf8(for_client(&mut one, &answer).unwrap()).unwrap();
        assert!(!body.contains("\"g\""), "{body}");
        assert!(one.losses.has(Token::DropCallCut));
        let mut streams = conversion(Dialect::Anthropic, Dialect::OpenaiChat, true);
        for_client(&mut streams, &answer).unwrap();
        assert!(streams.losses.has(Token::DropCallCut));
    }

    #[test]
    fn two_calls_of_one_id_are_told_apart_in_a_folded_stream() {
        let call = |index| {
            let function = r#"{"name":"f","arguments":"{\"a\":1}"}"#;
            format!(r#"{{"tool_calls":[{{"index":{index},"id":"x","function":{function}}}]}}"#)
        };
        let mut folding = Folding::new(Dialect::OpenaiChat);
        for (delta, reason) in
            [(call(0), "null"), (call(1), "null"), ("{}".to_owned(), "\"tool_calls\"")]
        {
            let frame = format!(
                "data: {{\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":{reason}}}]}}\n\n"
            );
            folding.push(frame.as_bytes());
        }
        let mut one = conversion(Dialect::Anthropic, Dialect::OpenaiChat, false);
        let answer = folding.end(&mut one).unwrap();
        let ids: Vec<&str> = answer
            .parts
            .iter()
            .map(|part| match part {
                Part::Call(call) => call.id.as_str(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(ids, ["x", "x_2"]);
    }

    #[test]
    fn an_answer_that_no_stream_can_hold_is_none() {
        let call = Call {
            id: "c".to_owned(),
            name: "f".to_owned(),
            args: format!("{{\"a\":\"{}\"}}", "x".repeat(16 << 20)),
            kind: CallKind::Function,
            namespace: None,
            seal: None,
            cache: None,
            at: Place::default(),
        };
        let parts = vec![Part::Call(call)];
        let answer = Answer { parts, finish: Finish::ToolCalls, ..Answer::default() };
        for client in [Dialect::Gemini, Dialect::GeminiCli] {
            let mut one = conversion(client, Dialect::Anthropic, true);
            assert_eq!(for_client(&mut one, &answer), Err(NoAnswer::TooLong), "{client}");
            one.streams = false;
            assert!(for_client(&mut one, &answer).is_ok(), "{client}");
        }
    }

    #[test]
    fn a_call_that_nobody_can_read_is_no_answer_but_for_geminis_clients() {
        let answer = Answer { finish: Finish::BadToolCall, ..Answer::default() };
        for client in [Dialect::Anthropic, Dialect::OpenaiChat, Dialect::Responses] {
            for streams in [false, true] {
                let mut one = conversion(client, Dialect::Gemini, streams);
                assert_eq!(for_client(&mut one, &answer), Err(NoAnswer::BadCall), "{client}");
            }
        }
        let mut one = conversion(Dialect::GeminiCli, Dialect::Gemini, false);
        assert!(for_client(&mut one, &answer).is_ok());
    }
}
