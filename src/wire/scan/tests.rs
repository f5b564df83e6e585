//! The scanner against `serde_json`, against any split of the bytes, and at its bounds.

use proptest::prelude::*;
use serde_json::Value as Json;

use super::*;

/// Enters everything and writes down what it is told.
#[derive(Default)]
struct Recorder {
    events: Vec<String>,
    scalars: Vec<(String, Range<usize>, Option<String>)>,
}

fn written(path: &Path<'_>) -> String {
    path.segments().fold(String::new(), |text, segment| format!("{text}/{segment:?}"))
}

impl Visitor for Recorder {
    fn wants(&mut self, path: &Path<'_>, kind: Kind) -> Want {
        self.events.push(format!("? {} {kind:?}", written(path)));
        Want::Enter
    }

    fn value(&mut self, path: &Path<'_>, value: &Value<'_>) {
        self.events.push(format!("= {} {value:?}", written(path)));
        if value.kind == Kind::String || value.kind == Kind::Number {
            let text = value.text.filter(|_| !value.truncated).map(str::to_owned);
            self.scalars.push((written(path), value.span.clone(), text));
        }
    }
}

fn in_pieces(document: &[u8], cuts: &[usize]) -> (Vec<String>, Result<(), ScanError>) {
    let mut scanner = Scanner::new(Recorder::default());
    let mut rest = document;
    let mut outcome = Ok(());
    for cut in cuts {
        let (head, tail) = rest.split_at((*cut).min(rest.len()));
        outcome = outcome.and(scanner.push(head));
        rest = tail;
    }
    let outcome = outcome.and_then(|()| scanner.push(rest)).and_then(|()| scanner.finish());
    (scanner.into_visitor().events, outcome)
}

fn is_valid(document: &[u8]) -> bool {
    std::str::from_utf8(document).is_ok()
        && serde_json::from_slice::<serde::de::IgnoredAny>(document).is_ok()
}

fn any_json() -> impl Strategy<Value = Json> {
    let text = prop_oneof![
        3 => "[a-z\\\\\"/\u{8}\n é€😀\u{7f}]{0,12}",
        1 => any::<String>(),
    ];
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        text.clone().prop_map(Json::from),
    ];
    leaf.prop_recursive(6, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Json::from),
            prop::collection::vec((text.clone(), inner), 0..5)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

fn any_document() -> impl Strategy<Value = Vec<u8>> {
    (any_json(), any::<bool>()).prop_map(|(json, pretty)| {
        let text = if pretty { serde_json::to_string_pretty(&json) } else { Ok(json.to_string()) };
        text.unwrap().into_bytes()
    })
}

/// Bytes that break or bend JSON when they land in it.
fn any_mutation() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        "[\\[\\]{}\",:0-9eE+\\-.\\\\u tfn\n\u{1}]{0,3}".prop_map(String::into_bytes),
        Just(br"\ud83d".to_vec()),
        Just(br"\u12g4".to_vec()),
        prop::collection::vec(any::<u8>(), 0..3),
        Just(vec![0xe2, 0x82]),
    ]
}

fn mutated(mut document: Vec<u8>, at: usize, removed: usize, inserted: Vec<u8>) -> Vec<u8> {
    let at = at % (document.len() + 1);
    let end = (at + removed).min(document.len());
    document.splice(at..end, inserted);
    document
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_split_of_the_bytes_gives_the_same_events(
        document in any_document(),
        (at, removed, inserted) in (any::<usize>(), 0..3_usize, any_mutation()),
        keep in any::<bool>(),
        cuts in prop::collection::vec(0..9_usize, 0..200),
    ) {
        let document = if keep { document } else { mutated(document, at, removed, inserted) };
        let whole = in_pieces(&document, &[]);
        prop_assert_eq!(&in_pieces(&document, &cuts), &whole);
        prop_assert_eq!(&in_pieces(&document, &vec![1; document.len()]), &whole);
    }

    #[test]
    fn valid_documents_are_read_as_serde_json_reads_them(document in any_document()) {
        let seen = scan(&document, Recorder::default()).unwrap();
        for (path, span, text) in seen.scalars {
            let json: Json = serde_json::from_slice(&document[span]).unwrap();
            let expected = json.as_str().map_or_else(|| json.to_string(), str::to_owned);
            if json.is_string() && expected.len() <= TEXT_LIMIT {
                prop_assert_eq!(text, Some(expected), "{}", path);
            }
        }
    }

    #[test]
    fn validity_agrees_with_serde_json(
        document in any_document(),
        (at, removed, inserted) in (any::<usize>(), 0..3_usize, any_mutation()),
    ) {
        let document = mutated(document, at, removed, inserted);
        prop_assert_eq!(scan(&document, ()).is_ok(), is_valid(&document));
        let entered = in_pieces(&document, &[]).1;
        prop_assert_eq!(entered, scan(&document, ()));
    }

    #[test]
    fn arbitrary_bytes_agree_with_serde_json(
        document in prop::collection::vec(prop_oneof![
            Just(b'"'), Just(b'\\'), Just(b'u'), Just(b'0'), Just(b'e'), Just(b'-'), Just(b'.'),
            Just(b'['), Just(b']'), Just(b'{'), Just(b'}'), Just(b','), Just(b':'), any::<u8>(),
        ], 0..12),
    ) {
        prop_assert_eq!(scan(&document, ()).is_ok(), is_valid(&document));
    }
}

const ESCAPES: [&str; 7] = [r"\n", r#"\""#, r"\\", r"\/", r"\u00e9", r"\ud83d\ude00", r"\udc00"];

/// Strings long enough for every fast path, and all that ends one.
fn any_string() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => "[ -!#-\\[\\]-~]{0,90}".prop_map(String::into_bytes),
        3 => prop::sample::select(&ESCAPES[..]).prop_map(|escape| escape.as_bytes().to_vec()),
        3 => "[aé€😀]{1,9}".prop_map(String::into_bytes),
        1 => any_mutation(),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| {
        let text = pieces.concat();
        [&b"{\""[..], &text, b"\" : [\"", &text, b"\",\"", &text, b"\"]}"].concat()
    })
}

fn skimmed(document: &[u8], piece: usize) -> Result<(), ScanError> {
    let mut scanner = Scanner::new(());
    for piece in document.chunks(piece) {
        scanner.push(piece)?;
    }
    scanner.finish()
}

proptest! {
    #[test]
    fn long_strings_are_read_at_once_as_they_are_byte_by_byte(
        document in any_string(),
        cuts in prop::collection::vec(0..150_usize, 0..9),
        piece in 2..200_usize,
    ) {
        let slowly = in_pieces(&document, &vec![1; document.len()]);
        prop_assert_eq!(&in_pieces(&document, &[]), &slowly);
        prop_assert_eq!(&in_pieces(&document, &cuts), &slowly);
        prop_assert_eq!(slowly.1.is_ok(), is_valid(&document));
        prop_assert_eq!(&scan(&document, ()), &slowly.1);
        prop_assert_eq!(&skimmed(&document, piece), &slowly.1);
        prop_assert_eq!(&skimmed(&document, 1), &slowly.1);
    }
}

fn error_of(document: &[u8]) -> ScanError {
    scan(document, ()).unwrap_err()
}

#[test]
fn errors_name_the_offending_byte() {
    assert_eq!(error_of(b"{\"a\":tru}"), ScanError::Malformed { offset: 8 });
    assert_eq!(error_of(b"{\"a\" 1}"), ScanError::Malformed { offset: 5 });
    assert_eq!(error_of(b"[1,]"), ScanError::Malformed { offset: 3 });
    assert_eq!(error_of(b"[01]"), ScanError::Malformed { offset: 2 });
    assert_eq!(error_of(b"{} x"), ScanError::Malformed { offset: 3 });
    assert_eq!(error_of(b"\"a\nb\""), ScanError::Malformed { offset: 2 });
    assert_eq!(error_of(b"\"a\xe2\x82\""), ScanError::InvalidUtf8 { offset: 2 });
    assert_eq!(error_of(b"\"\xff\n\""), ScanError::InvalidUtf8 { offset: 1 });
    assert_eq!(error_of(b"{\"a\":[1"), ScanError::UnexpectedEnd);
    assert_eq!(error_of(b""), ScanError::UnexpectedEnd);
    assert_eq!(error_of(b"-"), ScanError::UnexpectedEnd);
}

#[test]
fn an_error_stays_until_the_reset() {
    let mut scanner = Scanner::new(());
    assert!(scanner.push(b"]").is_err());
    assert_eq!(scanner.push(b"{}"), Err(ScanError::Malformed { offset: 0 }));
    assert_eq!(scanner.finish(), Err(ScanError::Malformed { offset: 0 }));
    scanner.reset();
    assert!(scanner.push(b"{}").is_ok() && scanner.is_done());
    assert_eq!(scanner.finish(), Ok(()));
}

#[test]
fn nesting_is_accepted_to_the_limit_and_no_further() {
    let nested = |depth| [vec![b'['; depth], vec![b']'; depth]].concat();
    assert!(scan(&nested(DEPTH_LIMIT), ()).is_ok());
    assert!(scan(&nested(DEPTH_LIMIT), Recorder::default()).is_ok());
    assert_eq!(error_of(&nested(DEPTH_LIMIT + 1)), ScanError::TooDeep);
}

#[test]
fn a_long_text_is_cut_between_characters_and_marked() {
    struct Take(Option<(usize, bool)>);
    impl Visitor for Take {
        fn wants(&mut self, _: &Path<'_>, _: Kind) -> Want {
            Want::Scalar
        }
        fn value(&mut self, _: &Path<'_>, value: &Value<'_>) {
            self.0 = value.text.map(|text| (text.len(), value.truncated));
            assert_eq!(value.as_str(), None);
        }
    }
    let document = format!("\"a{}\"", "€".repeat(100_000));
    let mut scanner = Scanner::new(Take(None)).with_text_limit(9);
    for piece in document.as_bytes().chunks(7) {
        scanner.push(piece).unwrap();
    }
    scanner.finish().unwrap();
    assert_eq!(scanner.into_visitor().0, Some((7, true)));
}

#[test]
fn only_what_was_asked_for_is_reported() {
    struct Pick(Vec<String>);
    impl Visitor for Pick {
        fn wants(&mut self, path: &Path<'_>, _: Kind) -> Want {
            match () {
                () if path.leads_to(&["usage", "details", "cached"]) => Want::Enter,
                () if path.is(&["list", "[]", "id"]) => Want::Scalar,
                () if path.leads_to(&["list", "[]", "id"]) => Want::Enter,
                () if path.is(&["body"]) => Want::Span,
                () => Want::Skip,
            }
        }
        fn value(&mut self, path: &Path<'_>, value: &Value<'_>) {
            self.0.push(format!("{} {:?} {:?}", written(path), value.span, value.text));
        }
    }
    let document =
        br#"{"usage":{"x":[1],"details":{"cached":7}},"list":[0,{"id":"a"}],"body":[{}]}"#;
    let seen = scan(document, Pick(Vec::new())).unwrap().0;
    assert_eq!(
        seen,
        [
            "/Key(\"usage\")/Key(\"details\")/Key(\"cached\") 38..39 Some(\"7\")",
            "/Key(\"usage\")/Key(\"details\") 28..40 None",
            "/Key(\"usage\") 9..41 None",
            "/Key(\"list\")/Index(0) 50..51 Some(\"0\")",
            "/Key(\"list\")/Index(1)/Key(\"id\") 58..61 Some(\"a\")",
            "/Key(\"list\")/Index(1) 52..62 None",
            "/Key(\"list\") 49..63 None",
            "/Key(\"body\") 71..75 None",
            " 0..76 None",
        ]
    );
}

#[test]
fn an_escaped_key_is_the_same_key_and_a_key_met_twice_is_told_twice() {
    let (events, outcome) = in_pieces(br#"{"model":1,"mod\u0065l":2}"#, &[]);
    assert_eq!(outcome, Ok(()));
    let asked = events.iter().filter(|event| *event == "? /Key(\"model\") Number").count();
    assert_eq!(asked, 2);
    assert!(events.iter().any(|event| event.contains("span: 24..25, member_start: 11")));
}

#[test]
fn surrogates_are_joined_and_lone_ones_replaced() {
    let (events, outcome) = in_pieces(br#"["\ud83d\ude00\ud83dx\udc00\ud83d"]"#, &[]);
    assert_eq!(outcome, Ok(()));
    assert!(events.iter().any(|event| event.contains("😀\u{fffd}x\u{fffd}\u{fffd}")), "{events:?}");
}
