//! Words in texts, however these are cut.

use proptest::prelude::*;

use super::pieces::{PIECE, SHARED, Search};
use super::*;

fn words(list: &[(WordKind, &str)]) -> Words {
    let list = list.iter().map(|(kind, word)| (*kind, Arc::from(*word)));
    Words::compile(list, |word, why| panic!("{word}: {why}"))
}

fn found(words: &Words, text: &str) -> Option<String> {
    let mut search = Search::new(words);
    search.push(text);
    search.end();
    search.into_found().map(|found| format!("{} {}", found.kind, found.word))
}

#[test]
fn each_kind_is_found_whatever_the_case() {
    let list = words(&[
        (WordKind::Contains, "Secret Plan"),
        (WordKind::Exact, "Stop"),
        (WordKind::Regex, r"\bproject-\d+\b"),
        (WordKind::Contains, "ΟΔΟΣ"),
        (WordKind::Contains, "机密"),
    ]);
    for (text, wanted) in [
        ("the SECRET plan is", Some("contains Secret Plan")),
        ("  sTOP\n", Some("exact Stop")),
        ("stop it", None),
        ("see Project-42.", Some("regex \\bproject-\\d+\\b")),
        ("see Project-x", None),
        ("κάποια οδος", Some("contains ΟΔΟΣ")),
        ("这是机密文件", Some("contains 机密")),
        ("", None),
        ("   ", None),
    ] {
        assert_eq!(found(&list, text).as_deref(), wanted, "{text:?}");
    }
    assert_eq!(list.counts(), Counts { contains: 3, exact: 1, regex: 1 });
}

#[test]
fn what_is_contained_is_told_before_an_exact_word_and_that_before_a_pattern() {
    let all = [(WordKind::Regex, "^x$"), (WordKind::Exact, "x"), (WordKind::Contains, "x")];
    assert_eq!(found(&words(&all), "x").as_deref(), Some("contains x"));
    assert_eq!(found(&words(&all[..2]), "x").as_deref(), Some("exact x"));
    assert_eq!(found(&words(&all[..1]), "X").as_deref(), Some("regex ^x$"));
}

#[test]
fn what_cannot_be_looked_for_is_said_and_left_out() {
    let mut said = Vec::new();
    let list = [(WordKind::Regex, "a("), (WordKind::Contains, " "), (WordKind::Regex, "b")];
    let list = list.map(|(kind, word)| (kind, Arc::from(word)));
    let words = Words::compile(list, |word, why| said.push(format!("{word}: {why}")));
    assert_eq!(said, ["a(: not a regular expression: unclosed group", " : the word is blank"]);
    assert_eq!(words.counts().total(), 1);
    for (kind, word) in [(WordKind::Regex, "(?<=a)b"), (WordKind::Exact, "\t")] {
        assert!(readable(kind, word, []).is_err(), "{word}");
    }
    assert!(readable(WordKind::Contains, "(?<=a)b", []).is_ok());
}

#[test]
fn a_word_across_two_pieces_is_found_and_one_piece_is_all_that_is_kept() {
    let list = words(&[(WordKind::Contains, "needle"), (WordKind::Regex, "pin\\s+cushion")]);
    for (word, wanted) in [("Needle", "contains needle"), ("pin  cushion", "regex pin\\s+cushion")]
    {
        for before in [PIECE - 3, PIECE - 1, 2 * PIECE - SHARED - 2, 3 * PIECE] {
            let text = format!("{}{word}é", "é".repeat(before / 2));
            let mut search = Search::new(&list);
            for part in text.as_bytes().chunks(70_000).map(String::from_utf8_lossy) {
                search.push(part.trim_matches('\u{fffd}'));
            }
            search.end();
            let told = search.into_found().map(|one| format!("{} {}", one.kind, one.word));
            assert_eq!(told.as_deref(), Some(wanted), "{before}");
            assert_eq!(found(&list, &text).as_deref(), Some(wanted), "{before}");
        }
    }
}

#[test]
fn an_exact_word_may_have_many_blanks_around_it_and_nothing_else() {
    let list = words(&[(WordKind::Exact, "stop now")]);
    let blanks = " \n".repeat(100_000);
    assert_eq!(
        found(&list, &format!("{blanks}Stop now{blanks}")).as_deref(),
        Some("exact stop now")
    );
    assert_eq!(found(&list, &format!("{blanks}Stop now{blanks}.")), None);
}

#[test]
fn what_stood_where_it_may_is_forgotten() {
    let list = words(&[(WordKind::Contains, "x")]);
    let mut search = Search::new(&list);
    search.push("x");
    search.end();
    assert!(search.found().is_some());
    search.forget();
    search.push("y");
    search.end();
    assert_eq!(search.found(), None);
}

proptest! {
    #[test]
    fn a_text_in_parts_is_the_text(text in "[a-cA-C é\n]{0,40}", cuts in prop::collection::vec(0..40_usize, 0..4)) {
        let list = words(&[
            (WordKind::Contains, "ab"), (WordKind::Exact, "cé"), (WordKind::Regex, "b\\s*c$"),
        ]);
        let mut search = Search::new(&list);
        let mut rest = text.as_str();
        for cut in cuts {
            let (now, later) = rest.split_at(rest.floor_char_boundary(cut));
            search.push(now);
            rest = later;
        }
        search.push(rest);
        search.end();
        let told = search.into_found().map(|one| format!("{} {}", one.kind, one.word));
        prop_assert_eq!(&told, &found(&list, &text));
        let lower = text.to_lowercase();
        prop_assert_eq!(lower.contains("ab"), told.as_deref() == Some("contains ab"));
        let is_exact = !lower.contains("ab") && lower.trim() == "cé";
        prop_assert_eq!(is_exact, told.as_deref() == Some("exact cé"));
    }
}
