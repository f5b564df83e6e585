//! Streams cut anywhere: a split of their bytes changes nothing, and what is cut off is missed.

use proptest::prelude::*;
use switchyard_actors::domain::dialect::Dialect;

use super::dialects;
use super::streams::{answers, frames, read, reply};
use crate::wire::convert::codec::StreamOut;
use crate::wire::convert::fold::unfold;
use crate::wire::convert::hub::{
    Answer, Call, CallKind, Event, Finish, HubUsage, Part, Text, Thinking,
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

/// An answer with all that answers have: thinking, words beyond ASCII, two calls, tokens.
fn full() -> Answer {
    let call = |id: &str, args: &str| {
        Part::Call(Call {
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
            Part::Thinking(Thinking { text: "Hm ☃".to_owned(), redacted: false, seal: None }),
            Part::Text(Text::plain("Größe: 5 ☃")),
            call("call_1", "{\"path\":\"ä\"}"),
            call("call_2", "{}"),
        ],
        usage: Some(HubUsage { fresh: 9, output: 4, ..HubUsage::default() }),
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
                    let whole = |event: &&Event| matches!(event, Event::PartEnd { .. });
                    let calls = came.iter().filter(whole).count();
                    assert!(calls <= full().parts.len(), "{from} to {to}, cut at {cut}");
                }
            }
            assert!(ends > 0, "{from} to {to} never ends");
        }
    }
}
