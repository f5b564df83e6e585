//! An upstream may stop at any byte: whatever a strict client has understood then, the upstream had
//! said. Streams with tool calls are cut at each of their bytes, in every dialect.

mod clients;

use bytes::Bytes;
use proptest::prelude::*;
use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::ids::RequestId;

use self::clients::Understood;
use super::super::config::RelayConfig;
use super::super::gate::{Gate, Verdict};
use super::*;

/// A recorded answer with tool calls.
struct Recording {
    dialect: Dialect,
    form: Form,
    bytes: &'static [u8],
}

macro_rules! recording {
    ($dialect:ident, $form:ident, $file:literal) => {
        Recording {
            dialect: Dialect::$dialect,
            form: Form::$form,
            bytes: include_bytes!(concat!("../../../tests/fixtures/cuts/", $file)),
        }
    };
}

const RECORDINGS: [Recording; 7] = [
    recording!(Anthropic, Sse, "anthropic.sse"),
    recording!(Anthropic, Sse, "anthropic_crlf.sse"),
    recording!(OpenaiChat, Sse, "openai_chat.sse"),
    recording!(Responses, Sse, "responses.sse"),
    recording!(Gemini, Sse, "gemini.sse"),
    recording!(GeminiCli, Sse, "gemini_cli.sse"),
    recording!(Gemini, GeminiArray, "gemini.array"),
];

/// How an upstream stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stop {
    /// Its HTTP says that this was all.
    Clean,
    /// Its connection breaks.
    Break,
}

/// What a client got of an answer.
#[derive(Debug)]
struct Got {
    bytes: Vec<u8>,
    /// How it ended; `None` when nothing was committed, so that another provider is asked.
    closed: Option<Closed>,
}

impl Recording {
    /// Relays pieces of the answer and then stops, as the relay does around its sockets.
    fn relay(&self, pieces: Vec<Bytes>, stop: Stop) -> Got {
        let id = RequestId([7; 16]);
        let config = RelayConfig::default().gate;
        let mut gate = Gate::new(self.dialect, self.form, config, config.hold);
        let mut pieces = pieces.into_iter();
        loop {
            let Some(piece) = pieces.next() else { return Got { bytes: Vec::new(), closed: None } };
            match gate.push(piece) {
                Verdict::Hold => {}
                Verdict::Commit(_) => break,
                verdict => panic!("a good answer is taken for a bad one: {verdict:?}"),
            }
        }
        let mut passage = Passage::new(self.dialect, Some(self.form), Ending::Protocol, false);
        let mut closed = None;
        for piece in gate.release().into_iter().chain(pieces) {
            let progress = passage.read(&piece);
            assert_eq!(progress.error, None);
            if passage.pass(piece, &progress) && self.form == Form::Sse {
                passage.release();
                closed = Some(Closed::Whole);
                break;
            }
        }
        let closed = closed.unwrap_or_else(|| match stop {
            Stop::Clean => passage.http_ended(id),
            Stop::Break => passage.broke_off(false, id),
        });
        let mut bytes = Vec::new();
        while let Some(piece) = passage.pop() {
            bytes.extend_from_slice(&piece);
        }
        Got { bytes, closed: Some(closed) }
    }

    fn understand(&self, bytes: &[u8]) -> Understood {
        match self.form {
            Form::GeminiArray => clients::list(self.dialect, bytes),
            _ => clients::events(self.dialect, bytes),
        }
    }

    /// Returns what the upstream has said in so many bytes; a last event that only lacks its blank
    /// line is said.
    fn said(&self, length: usize) -> Understood {
        let bytes = &self.bytes[..length];
        match self.form {
            Form::GeminiArray => said_in_list(self.dialect, bytes),
            _ => clients::events(self.dialect, &[bytes, b"\n\n"].concat()),
        }
    }

    fn check(
        &self,
        said: &Understood,
        pieces: Vec<Bytes>,
        stop: Stop,
    ) -> Result<(), TestCaseError> {
        let length: usize = pieces.iter().map(Bytes::len).sum();
        let got = self.relay(pieces, stop);
        let Some(closed) = got.closed else { return Ok(()) };
        let client = self.understand(&got.bytes);
        let text = String::from_utf8_lossy(&got.bytes);
        prop_assert!(said.calls.starts_with(&client.calls), "{:?}: {text}", client.calls);
        prop_assert!(said.finished || !client.finished, "finished: {text}");
        prop_assert!(!client.garbage, "half an event: {text}");
        let is_told = client.error || closed == Closed::Cut;
        prop_assert!(said.finished || is_told, "{closed:?}, and nothing is told: {text}");
        prop_assert_eq!(closed == Closed::Whole, !is_told, "{}", text);
        if length == self.bytes.len() {
            prop_assert_eq!(&got.bytes[..], self.bytes, "a whole answer passes as it is");
            prop_assert_eq!(client.calls.len(), 2);
        }
        Ok(())
    }
}

/// Reads the elements of a list that are whole; in the recording each of them ends a line.
fn said_in_list(dialect: Dialect, bytes: &[u8]) -> Understood {
    let end = memchr::memmem::rfind(bytes, b"\n}").map_or(0, |at| at + 2);
    clients::list(dialect, &[&bytes[..end], b"]"].concat())
}

fn split(bytes: &[u8], size: usize) -> Vec<Bytes> {
    bytes.chunks(size.max(1)).map(Bytes::copy_from_slice).collect()
}

#[test]
fn no_cut_makes_a_client_see_more_than_the_upstream_said() {
    for recording in &RECORDINGS {
        for length in 1..=recording.bytes.len() {
            let sent = &recording.bytes[..length];
            let said = recording.said(length);
            for stop in [Stop::Clean, Stop::Break] {
                for size in [37, usize::MAX] {
                    let checked = recording.check(&said, split(sent, size), stop);
                    let (dialect, form) = (recording.dialect, recording.form);
                    checked.unwrap_or_else(|error| {
                        panic!("{dialect} {form:?}, {length} bytes by {size}, {stop:?}: {error}")
                    });
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn nor_does_any_split_of_its_bytes(
        recording in 0..RECORDINGS.len(),
        share in 0_usize..1_000,
        sizes in prop::collection::vec(1_usize..400, 1..60),
        stop in prop_oneof![Just(Stop::Clean), Just(Stop::Break)],
    ) {
        let recording = &RECORDINGS[recording];
        let length = 1 + recording.bytes.len() * share / 1_000;
        let mut rest = &recording.bytes[..length];
        let mut pieces = Vec::new();
        for size in sizes.iter().cycle() {
            let (piece, behind) = rest.split_at((*size).min(rest.len()));
            pieces.push(Bytes::copy_from_slice(piece));
            rest = behind;
            if rest.is_empty() {
                break;
            }
        }
        recording.check(&recording.said(length), pieces, stop)?;
    }
}

#[test]
fn a_finished_chat_that_breaks_gets_its_end_mark_in_the_streams_own_lines() {
    let finish = r#"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    for (lines, wanted) in [("\n\n", "data: [DONE]\n\n"), ("\r\n\r\n", "data: [DONE]\r\n\r\n")] {
        let chat = Dialect::OpenaiChat;
        let mut passage = Passage::new(chat, Some(Form::Sse), Ending::Protocol, true);
        let whole = format!("{finish}{lines}");
        for piece in split(format!("{whole}data: {{\"choices\":[],").as_bytes(), 20) {
            let progress = passage.read(&piece);
            assert!(!passage.pass(piece, &progress));
        }
        assert_eq!(passage.broke_off(false, RequestId([7; 16])), Closed::Whole);
        let mut said = Vec::new();
        while let Some(piece) = passage.pop() {
            said.extend_from_slice(&piece);
        }
        assert_eq!(String::from_utf8(said).unwrap(), whole + wanted, "no half frame");
    }
}
