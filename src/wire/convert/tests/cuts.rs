//! Streams cut anywhere: a split of their bytes changes nothing, and what is cut off is missed.

use proptest::prelude::*;
use switchyard_actors::domain::dialect::Dialect;

use super::dialects;
use super::streams::{answers, frames, made_up, read, reply};
use crate::wire::convert::codec::{StreamIn, StreamOut};
use crate::wire::convert::fold::unfold;
use crate::wire::convert::hub::{
    Answer, Call, CallKind, Event, Finish, HubUsage, Part, Place, Text, Thinking,
};
use crate::wire::convert::loss::Losses;
use crate::wire::convert::stream::{Converter, Ended};
use crate::wire::sse::EventReader;

/// The bytes of an answer as a provider of a format streams it.
fn bytes_of(dialect: Dialect, answer: &Answer) -> Vec<u8> {
    let (mut to, mut out) = (StreamOut::new(dialect, reply()), Vec::new());
    for event in unfold(answer) {
        to.event(&event, &mut Losses::default(), &mut out);
    }
    out
}

/// What a client of a format gets of bytes that come in pieces, and how it ended.
fn converted<'a>(
    from: Dialect,
    to: Dialect,
    pieces: impl Iterator<Item = &'a [u8]>,
) -> (Vec<u8>, Ended) {
    let mut reader = EventReader::new(1 << 20);
    let mut converter = Converter::new(from, StreamOut::new(to, reply()));
    let mut out = Vec::new();
    for piece in pieces {
        let read = reader.read(piece, |event, data| converter.frame(event, data, &mut out));
        read.expect("a short frame");
    }
    reader.finish(|event, data| converter.frame(event, data, &mut out));
    converter.end(&mut out);
    let ended = converter.ended().cloned().expect("an end");
    (out, ended)
}

/// What a provider has said in so many bytes.
fn said(from: Dialect, bytes: &[u8]) -> Vec<Event> {
    let (mut reader, mut stream) = (EventReader::new(1 << 20), StreamIn::new(from));
    let mut events = Vec::new();
    let mut broken = false;
    let mut take = |event: &str, data: &str| {
        broken = broken || stream.frame(event, data, &mut events).is_err();
    };
    reader.read(bytes, &mut take).expect("a short frame");
    reader.finish(&mut take);
    events
}

/// An answer with all that answers have: thinking, words beyond ASCII, two calls, tokens.
fn full() -> Answer {
    let call = |id: &str, args: &str| {
        Part::Call(Call {
            at: Place::default(),
            id: id.to_owned(),
            name: "read".to_owned(),
            args: args.to_owned(),
            kind: CallKind::Function,
            namespace: None,
            seal: None,
            cache: None,
        })
    };
    Answer {
        id: Some("up_1".to_owned()),
        model: Some("m".to_owned()),
        parts: vec![
            Part::Thinking(Thinking {
                at: Place::default(),
                text: "Hm ☃".to_owned(),
                redacted: false,
                seal: None,
            }),
            Part::Text(Text::plain("Größe: 5 ☃")),
            call("call_1", "{\"path\":\"ä\"}"),
            call("call_2", "{}"),
        ],
        usage: Some(HubUsage { fresh: 9, output: 4, ..HubUsage::default() }),
        lacks_call: false,
        finish: Finish::ToolCalls,
    }
}

proptest! {
    /// P1.
    #[test]
    fn no_split_of_the_bytes_changes_what_a_client_gets(
        answer in answers(),
        (from, to) in (dialects(), dialects()),
        line_end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let text = String::from_utf8(bytes_of(from, &answer)).unwrap();
        let bytes = text.replace('\n', line_end).into_bytes();
        let whole = converted(from, to, std::iter::once(bytes.as_slice()));
        prop_assert_eq!(&whole, &converted(from, to, bytes.chunks(1)), "byte by byte");
        let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
        places.extend([0, bytes.len()]);
        places.sort_unstable();
        let pieces = places.windows(2).map(|pair| &bytes[pair[0]..pair[1]]);
        prop_assert_eq!(&whole, &converted(from, to, pieces), "cut at {:?}", places);
    }
}

/// P4, of vendors who end good answers by `[DONE]` alone.
#[test]
fn a_call_that_is_cut_before_done_is_whole_for_no_client() {
    let begins = r#"{"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"read","arguments":"{\"path\":\"/e"}}]}}]}"#;
    let cut = format!("data: {begins}\n\ndata: [DONE]\n\n");
    for to in Dialect::ALL {
        for (bytes, well) in [(cut.clone(), false), (cut.replace("/e", "/e\\\"}"), true)] {
            let (mut reader, mut out) = (EventReader::new(1 << 20), Vec::new());
            let reading = StreamIn::lenient(Dialect::OpenaiChat);
            let mut converter = Converter::reading(reading, StreamOut::new(to, reply()));
            let read = reader.read(bytes.as_bytes(), |event, data| {
                converter.frame(event, data, &mut out);
            });
            read.expect("a short frame");
            converter.end(&mut out);
            assert_eq!(matches!(converter.ended(), Some(Ended::Well(_))), well, "to {to}");
            let came = self::read(to, &frames(&out));
            let finished = came.iter().any(|event| matches!(event, Event::Finish(_)));
            let closed = came.iter().any(|event| matches!(event, Event::PartEnd { .. }));
            assert_eq!((finished, closed), (well, well), "to {to}");
        }
    }
}

#[test]
fn an_answer_longer_than_is_kept_ends_badly() {
    for kind in ["thinking", "text"] {
        let mut converter =
            Converter::new(Dialect::Anthropic, StreamOut::new(Dialect::Responses, reply()));
        let mut out = Vec::new();
        let mut say = |event: &str, data: &str| {
            out.clear();
            converter.frame(event, data, &mut out);
            (converter.ended().cloned(), String::from_utf8(out.clone()).unwrap())
        };
        say("message_start", r#"{"type":"message_start","message":{"id":"m","usage":{}}}"#);
        let begins = format!(
            r#"{{"type":"content_block_start","index":0,"content_block":{{"type":"{kind}","{kind}":""}}}}"#
        );
        say("content_block_start", &begins);
        let words = "x".repeat(1 << 20);
        let delta = format!(
            r#"{{"type":"content_block_delta","index":0,"delta":{{"type":"{kind}_delta","{kind}":"{words}"}}}}"#
        );
        for _ in 0..32 {
            let (ended, out) = say("content_block_delta", &delta);
            assert!(ended.is_none() && out.len() > words.len());
        }
        let (ended, out) = say("content_block_delta", &delta);
        assert!(matches!(ended, Some(Ended::Badly(_))) && out.is_empty());
        let (_, out) = say("message_stop", r#"{"type":"message_stop"}"#);
        assert!(out.is_empty(), "{out}");
    }
}

/// P4, at every byte.
#[test]
fn what_is_cut_at_any_byte_has_no_end_that_the_provider_did_not_say() {
    for from in Dialect::ALL {
        let bytes = bytes_of(from, &full());
        for to in Dialect::ALL {
            let mut ends = 0;
            for cut in 0..=bytes.len() {
                let (out, ended) = converted(from, to, std::iter::once(&bytes[..cut]));
                let came = read(to, &frames(&out));
                let finished = came.iter().any(|event| matches!(event, Event::Finish(_)));
                let well = matches!(ended, Ended::Well(_));
                assert_eq!(well, finished, "{from} to {to}, cut at {cut}");
                if well {
                    ends += 1;
                    // What is missing is at most what stands behind the provider's own end.
                    assert!(bytes.len() - cut <= 512, "{from} to {to}, cut at {cut}");
                } else {
                    let sent = said(from, &bytes[..cut]);
                    assert_eq!(made_up(&sent, &came), None, "{from} to {to}, cut at {cut}");
                }
            }
            assert!(ends > 0, "{from} to {to} never ends");
        }
    }
}
