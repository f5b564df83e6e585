//! Frames do not depend on how their bytes arrive.

use proptest::prelude::*;

use super::*;

fn frames(chunks: &[&[u8]]) -> (Vec<RawFrame>, Vec<u8>) {
    let mut reader = FrameReader::new(1 << 20);
    let mut found = Vec::new();
    for chunk in chunks {
        reader.push(chunk);
        while let Some(frame) = reader.next_frame().unwrap() {
            found.push(frame);
        }
    }
    let rest = reader.take_rest().to_vec();
    (found, rest)
}

fn simple(text: &str) -> Vec<(String, String)> {
    let (found, _) = frames(&[text.as_bytes()]);
    found
        .into_iter()
        .map(|frame| (frame.event, String::from_utf8(frame.data.to_vec()).unwrap()))
        .collect()
}

fn pair(event: &str, data: &str) -> (String, String) {
    (event.to_owned(), data.to_owned())
}

#[test]
fn all_three_line_ends_give_the_same_frames() {
    for end in ["\n", "\r\n", "\r"] {
        let text = ["event: a", "data: {1}", "", "data:x", "data: y", "", ""].join(end);
        assert_eq!(simple(&text), [pair("a", "{1}"), pair("", "x\ny")], "{end:?}");
    }
}

#[test]
fn a_byte_order_mark_comments_and_unknown_fields_are_skipped_but_kept_raw() {
    let text = "\u{feff}: hello\nid: 7\nretry: 1\ndatabase: no\ndata\ndata: {}\n\n";
    let (found, rest) = frames(&[text.as_bytes()]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].data.as_ref(), b"\n{}");
    assert_eq!(found[0].raw.as_ref(), text.as_bytes());
    assert!(rest.is_empty());
}

#[test]
fn a_line_feed_behind_the_last_carriage_return_belongs_to_its_frame() {
    let text = b"data: 1\r\n\r\ndata: 2\r\n\r\n";
    let (found, rest) = frames(&[&text[..10], &text[10..11], &text[11..]]);
    assert_eq!(found[0].raw.as_ref(), b"data: 1\r\n\r\n");
    assert_eq!(found[1].raw.as_ref(), b"data: 2\r\n\r\n");
    assert!(rest.is_empty());
}

#[test]
fn the_event_name_of_one_frame_is_not_the_next_frame_s() {
    assert_eq!(simple("event: a\ndata: 1\n\ndata: 2\n\n"), [pair("a", "1"), pair("", "2")]);
}

#[test]
fn a_tail_without_its_blank_line_is_a_frame_only_at_the_end() {
    let mut reader = FrameReader::new(64);
    reader.push(b"data: [DONE]");
    assert_eq!(reader.next_frame(), Ok(None));
    assert_eq!(reader.finish().unwrap().data.as_ref(), b"[DONE]");
    assert_eq!(reader.finish(), None);
}

#[test]
fn a_frame_over_the_bound_is_refused_and_its_bytes_can_still_be_passed_on() {
    let mut reader = FrameReader::new(16);
    reader.push(&[b'x'; 17]);
    assert_eq!(reader.next_frame(), Err(FrameTooLong { limit: 16 }));
    assert_eq!(reader.take_rest().len(), 17);
}

#[test]
fn a_document_instead_of_frames_is_known_before_its_end() {
    let holds = |text: &str| {
        let mut reader = FrameReader::new(64);
        reader.push(text.as_bytes());
        assert_eq!(reader.next_frame(), Ok(None));
        reader.holds_document()
    };
    assert!(holds("\u{feff} {\"choices\":") && holds("<html>") && holds("[{"));
    assert!(!holds("data: {") && !holds("") && !holds(": note"));
}

/// Text in which every byte matters to the machine.
fn stream_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("data: ".to_owned()),
        Just("data:".to_owned()),
        Just("event: ping".to_owned()),
        Just(": note".to_owned()),
        Just("\n".to_owned()),
        Just("\r\n".to_owned()),
        Just("\r".to_owned()),
        Just("\n\n".to_owned()),
        Just("\r\n\r\n".to_owned()),
        Just("\u{feff}".to_owned()),
        "[a-zé{}: ]{0,9}",
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_split_gives_the_same_frames_and_loses_no_byte(
        text in stream_text(),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let bytes = text.as_bytes();
        let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        places.extend([0, bytes.len()]);
        places.sort_unstable();
        let chunks: Vec<&[u8]> = places.windows(2).map(|pair| &bytes[pair[0]..pair[1]]).collect();
        let (whole, whole_rest) = frames(&[bytes]);
        let (split, split_rest) = frames(&chunks);
        prop_assert_eq!(&whole, &split);
        prop_assert_eq!(&whole_rest, &split_rest);
        let mut again: Vec<u8> = whole.iter().flat_map(|frame| frame.raw.to_vec()).collect();
        again.extend(whole_rest);
        prop_assert_eq!(again, bytes);
    }
}
