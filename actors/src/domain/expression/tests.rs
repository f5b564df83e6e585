//! What expressions cost, and what is known of what they find.

use proptest::prelude::*;

use super::*;

fn read(pattern: &str) -> Expression {
    Expression::read(pattern, Case::Matters).unwrap()
}

fn fault(pattern: &str) -> String {
    Expression::read(pattern, Case::Ignored).unwrap_err().to_string()
}

fn found(pattern: &str, text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let told = read(pattern).finder().each(text, true, |place| {
        all.push(format!("{:?} {} {}", place.span(), place.group(1), place.named("n")));
        Ok::<(), ()>(())
    });
    assert_eq!(told, Ok(()));
    all
}

#[test]
fn what_cannot_be_used_is_said_with_what_to_do() {
    assert_eq!(fault("a("), "not a regular expression: unclosed group");
    assert!(fault("(?=a)b").contains("look-around"));
    let large = fault(r"(\w{1000}){1000}");
    assert!(large.contains("size limit of 2 MiB") && large.contains(r"(?-u:\w)"), "{large}");
    for pattern in [r"sk-\w{20,}", r"\w{8}", r"(?-u:\w){1000}", "[A-Za-z0-9_]{2000}"] {
        assert!(Expression::read(pattern, Case::Ignored).is_ok(), "{pattern}");
    }
}

#[test]
fn what_is_found_everywhere_is_known() {
    for everywhere in ["secret|", "x*", "^x*", "", "()", "^|secret", r"\b", "$", "(a|b)?"] {
        assert_eq!(read(everywhere).somewhere().err(), Some(Unusable::Everywhere), "{everywhere}");
    }
    for somewhere in ["secret", "^$", r"^\s*$", "(?m)^$", r"\bsecret\b", "x+", ".+", "^x*$"] {
        assert!(read(somewhere).somewhere().is_ok(), "{somewhere}");
    }
    for between in
        ["x*", "secret|", r"\bacme\b|", "(^a)?", r"\D*", "[^0-9]*", r"\S*", r"\w*", r"\W*", "[^-]*"]
    {
        assert!(read(between).is_between_letters(), "{between}");
    }
    for ends in ["^", "$", r"\b", "(?m)^", "secret"] {
        assert!(!read(ends).is_between_letters(), "{ends}: at the ends of texts alone");
    }
}

#[test]
fn places_and_groups_are_told() {
    assert_eq!(found("a(?<n>b)?", "ab a"), ["0..2 b b", "3..4  "]);
    assert_eq!(found("é*", "éx"), ["0..2  ", "3..3  "], "never within a letter");
    let mut first = Vec::new();
    let stopped = read("a").finder().each("aaa", false, |place| {
        first.push((place.span(), place.count(), place.group(0).to_owned()));
        Err("enough")
    });
    assert_eq!((stopped, first), (Err("enough"), vec![(0..1, 1, "a".to_owned())]));
}

#[test]
fn several_are_looked_for_at_once() {
    let any = |largest| AnyOf::read(["a+", r"\w{3}9"], Case::Ignored, largest);
    let both = any(8 << 20).unwrap();
    assert!(both.is_in("xAx") && both.is_in("xyz9") && !both.is_in("xyz8"));
    assert!(both.weight() > 1_000);
    assert_eq!(any(1_000).err(), Some(Unusable::TooLarge));
}

#[test]
fn how_far_a_search_reads_is_known() {
    for (pattern, reach) in [
        (r"(?-u:\bacme\b)", Some(4)),
        ("secret", Some(6)),
        ("a{2,5}", Some(5)),
        ("sk-[a-z0-9]+", Some(3 + 2)),
        ("(sk|pk)-[a-z]{20,}", Some(3 + 21)),
        ("x|(sk-[a-z]*)", Some(4)),
        ("a.*z|a", None),
        ("key *= *[a-z]+", None),
        ("a+$", None),
        ("(a+b)+", None),
    ] {
        assert_eq!(read(pattern).reach(), reach, "{pattern}");
    }
}

proptest! {
    /// What an engine cannot have read cannot change what it finds: behind the find and its reach, any
    /// text may follow.
    #[test]
    fn what_is_beyond_the_reach_changes_nothing(
        pattern in prop::sample::select(vec![
            "ab?", "a{1,3}b|a", "ab+", "(a|bb)+", "(ba){2,}|b", "b(aa|a)*", "abc|ab|a", "(aab|a)+",
        ]),
        text in "[abc]{0,12}", after in "[abc]{0,6}",
    ) {
        let expression = read(pattern);
        let first = |text: &str| {
            let mut first = None;
            let _ = expression.finder().each(text, false, |place| {
                first = Some(place.span());
                Err(())
            });
            first
        };
        let reach = expression.reach().unwrap();
        if let Some(found) = first(&text) {
            let seen = text.get(..found.end + reach + 1).unwrap_or(&text).to_owned();
            if seen.len() < text.len() {
                prop_assert_eq!(first(&(seen + &after)), Some(found));
            }
        }
    }
}
