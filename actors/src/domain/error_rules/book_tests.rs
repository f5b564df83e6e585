//! Which rule decides, held against a plain reading of the order, and how long that may take.

use std::sync::Arc;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::rule::{ErrorRule, MatchType, RuleAction};
use super::text::LOOKED_AT;
use super::{ErrorRules, RuleFault, Seen, Standing, Statuses};
use crate::domain::fold::fold;
use crate::domain::ids::ErrorRuleId;

fn rule(id: i64, match_type: MatchType, pattern: &str, statuses: &str) -> ErrorRule {
    ErrorRule {
        id: ErrorRuleId(id),
        pattern: Arc::from(pattern),
        match_type,
        statuses: Statuses::parse(statuses).unwrap(),
        action: RuleAction::Client,
        category: Arc::from("test"),
        priority: 0,
        told: None,
        told_status: None,
    }
}

fn part(id: i64, pattern: &str, statuses: &str) -> ErrorRule {
    rule(id, MatchType::Contains, pattern, statuses)
}

fn book(rules: Vec<ErrorRule>) -> ErrorRules {
    let (book, unreadable) = ErrorRules::compile(rules);
    assert_eq!(unreadable, []);
    book
}

fn found(book: &ErrorRules, status: u16, standing: Standing, body: &str) -> Option<i64> {
    let seen = Seen { status, standing, body: body.as_bytes(), message: "" };
    book.find(&seen).map(|rule| rule.id.0)
}

#[test]
fn each_match_type_compares_in_its_way_and_without_case() {
    let refused = |book: &ErrorRules, body: &str| found(book, 400, Standing::Refused, body);
    let parts = book(vec![part(1, "Prompt IS too long", "")]);
    assert_eq!(refused(&parts, r#"{"message":"the PROMPT is too long"}"#), Some(1));
    assert_eq!(refused(&parts, "the prompt is long"), None);
    let whole = book(vec![rule(1, MatchType::Exact, " No Channel ", "")]);
    assert_eq!(refused(&whole, "\n no channel\n"), Some(1));
    assert_eq!(refused(&whole, "no channel left"), None);
    let seen = Seen {
        status: 400,
        standing: Standing::Refused,
        body: br#"{"error":"no channel"}"#,
        message: "no channel",
    };
    assert!(whole.find(&seen).is_some(), "the sentence inside counts as a whole too");
    let regex = book(vec![rule(1, MatchType::Regex, r"max(imum)? \d+ tokens", "")]);
    assert_eq!(refused(&regex, "MAXIMUM 200 tokens"), Some(1));
    let cyrillic = book(vec![part(1, "ОШИБКА", "")]);
    assert_eq!(refused(&cyrillic, "ошибка"), Some(1));
    let chinese = book(vec![part(1, "无可用渠道", "")]);
    assert_eq!(refused(&chinese, r#"{"m":"\u65e0\u53ef\u7528\u6e20\u9053"}"#), Some(1), "escaped");
}

#[test]
fn parts_go_before_wholes_and_wholes_before_expressions_then_by_priority() {
    let with = |priority, rule| ErrorRule { priority, ..rule };
    let rules = book(vec![
        with(-9, rule(1, MatchType::Regex, "a", "")),
        with(-5, rule(2, MatchType::Exact, "a", "")),
        with(5, part(3, "a", "")),
        with(4, part(4, "A", "400")),
        with(4, part(5, "a", "401")),
    ]);
    assert_eq!(found(&rules, 400, Standing::Refused, "a"), Some(4));
    assert_eq!(found(&rules, 401, Standing::Refused, "a"), Some(5));
    assert_eq!(found(&rules, 402, Standing::Refused, "a"), Some(3));
    let order: Vec<i64> = rules.rules().iter().map(|rule| rule.id.0).collect();
    assert_eq!(order, [4, 5, 3, 2, 1]);
}

#[test]
fn a_rule_without_statuses_refines_only_what_a_status_leaves_open() {
    let open = book(vec![part(1, "x", "")]);
    for status in [400, 401, 404, 429, 499] {
        assert_eq!(found(&open, status, Standing::Refused, "x"), Some(1), "{status}");
    }
    for status in [302, 500, 502, 503, 529, 599] {
        assert_eq!(found(&open, status, Standing::Refused, "x"), None, "{status}");
    }
    let inside = Standing::Error { stands_for: 529 };
    assert_eq!(found(&open, 200, inside, "x"), Some(1));
    assert_eq!(found(&open, 200, Standing::Good, "x"), None, "an answer may speak of anything");
    assert!(!open.look_at_good(200));
}

#[test]
fn a_status_that_is_named_goes_before_what_it_means_by_itself() {
    let named = book(vec![part(1, "x", "500-503,200")]);
    assert_eq!(found(&named, 500, Standing::Refused, "x"), Some(1));
    assert_eq!(found(&named, 400, Standing::Refused, "x"), None);
    assert_eq!(found(&named, 200, Standing::Good, "x"), Some(1));
    assert!(named.look_at_good(200) && !named.look_at_good(201));
    let stands = |stands_for| Standing::Error { stands_for };
    assert_eq!(found(&named, 200, stands(429), "x"), Some(1), "by its real status");
    let other = book(vec![part(1, "x", "429")]);
    assert_eq!(found(&other, 200, stands(429), "x"), Some(1), "by the one it stands for");
    assert_eq!(found(&other, 200, stands(500), "x"), None);
}

#[test]
fn one_that_cannot_be_read_is_left_out_and_holds_up_no_other() {
    let rules = vec![rule(1, MatchType::Regex, "a(", ""), part(2, "a", ""), part(3, " ", "")];
    let (book, unreadable) = ErrorRules::compile(rules);
    assert_eq!(found(&book, 400, Standing::Refused, "a("), Some(2));
    let ids: Vec<i64> = unreadable.iter().map(|(rule, _)| rule.id.0).collect();
    assert_eq!(ids, [1, 3]);
    assert_eq!(unreadable[1].1, RuleFault::Empty);
}

#[test]
fn ten_thousand_rules_and_a_huge_body_take_a_bounded_time() {
    let mut rules: Vec<ErrorRule> =
        (0..10_000).map(|n| part(n, &format!("no such phrase {n}"), "")).collect();
    rules.extend(
        (0..100).map(|n| rule(20_000 + n, MatchType::Regex, &format!(r"(\w+\s*)+never{n}$"), "")),
    );
    rules.push(part(30_000, "the needle", ""));
    let book = book(rules);
    let mut body =
        "no such phrase and words without an end ".repeat(LOOKED_AT / 40 - 1).into_bytes();
    body.extend_from_slice(b"the needle");
    let near = Seen { status: 400, standing: Standing::Refused, body: &body, message: "" };
    assert_eq!(book.find(&near).map(|rule| rule.id.0), Some(30_000));
    let mut far = vec![b' '; 16 << 20];
    far.extend_from_slice(b"the needle");
    let started = Instant::now();
    let beyond = Seen { body: &far, ..near };
    assert!(book.find(&beyond).is_none(), "so far nobody looks");
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[test]
fn how_long_a_text_is_compared_quickly_depends_on_the_expressions_that_are_asked() {
    let quick = |book: &ErrorRules, status| book.quick_up_to(status, Standing::Refused);
    let parts = book(vec![part(1, "a", ""), rule(2, MatchType::Exact, "b", "")]);
    assert_eq!(quick(&parts, 400), usize::MAX);
    let small = rule(1, MatchType::Regex, r"max(imum)? \d+ tokens", "");
    let large = |id| rule(id, MatchType::Regex, r"\w{15}", "500");
    let rules = book(vec![small.clone(), large(2), large(3)]);
    assert_eq!(quick(&rules, 400), 16 << 10);
    assert_eq!(quick(&rules, 500), 0, "each alone would be quick");
    assert_eq!(quick(&rules, 502), usize::MAX, "nobody asks them");
    assert_eq!(rules.quick_up_to(200, Standing::Error { stands_for: 500 }), 0);
    let many = (0..100).map(|id| ErrorRule { id: ErrorRuleId(id), ..small.clone() }).collect();
    assert_eq!(quick(&book(many), 400), 0, "many small ones are a large one");
}

/// Reads the rules one after the other, as they are told to be asked.
fn plainly(rules: &[ErrorRule], status: u16, standing: Standing, body: &str) -> Option<i64> {
    let mut rules: Vec<&ErrorRule> = rules.iter().collect();
    rules.sort_by_key(|rule| (rule.match_type, rule.priority, rule.category.clone(), rule.id));
    let text = fold(body);
    let is_about = |rule: &ErrorRule| match standing {
        _ if rule.statuses.names(status) => true,
        Standing::Error { stands_for } => {
            rule.statuses.is_empty() || rule.statuses.names(stands_for)
        }
        Standing::Refused => rule.statuses.is_empty() && status / 100 == 4,
        Standing::Good => false,
    };
    let matches = |rule: &ErrorRule| match rule.match_type {
        MatchType::Contains => text.contains(&fold(&rule.pattern)),
        MatchType::Exact => text.trim() == fold(rule.pattern.trim()),
        MatchType::Regex => regex::Regex::new(&fold(&rule.pattern)).unwrap().is_match(&text),
    };
    rules.into_iter().find(|rule| is_about(rule) && matches(rule)).map(|rule| rule.id.0)
}

fn any_rule() -> impl Strategy<Value = ErrorRule> {
    let kinds = prop::sample::select(MatchType::ALL.to_vec());
    let statuses = prop::sample::select(vec!["", "", "400", "200", "500-599", "429,200-299"]);
    ("[abAB ]{0,2}[abABé]", kinds, statuses, -2_i64..3).prop_map(
        |(pattern, match_type, statuses, priority)| ErrorRule {
            priority,
            ..rule(0, match_type, &pattern, statuses)
        },
    )
}

proptest! {
    #[test]
    fn the_book_finds_what_a_plain_reading_finds(
        rules in prop::collection::vec(any_rule(), 0..9),
        body in "[abABé ]{0,8}",
        status in prop::sample::select(vec![200_u16, 400, 401, 429, 500]),
        stands_for in prop::option::of(prop::sample::select(vec![400_u16, 429, 500])),
    ) {
        let rules: Vec<ErrorRule> = (1..)
            .zip(rules)
            .map(|(id, rule)| ErrorRule { id: ErrorRuleId(id), ..rule })
            .collect();
        let standing = match (status, stands_for) {
            (200, Some(stands_for)) => Standing::Error { stands_for },
            (200, None) => Standing::Good,
            _ => Standing::Refused,
        };
        let book = book(rules.clone());
        prop_assert_eq!(
            found(&book, status, standing, &body),
            plainly(&rules, status, standing, &body)
        );
    }

    #[test]
    fn no_bytes_make_it_fail(body in prop::collection::vec(any::<u8>(), 0..64)) {
        let book = book(vec![part(1, "a", ""), rule(2, MatchType::Regex, "^.$", "")]);
        let seen = Seen { status: 400, standing: Standing::Refused, body: &body, message: "" };
        let _ = book.find(&seen);
    }
}
