//! Golden usage, and in `golden/` golden conversions and what fuzzing has found.
//!
//! Usage: what each vendor's answer is worth, to the token and to the nano-dollar, however
//! its bytes arrive. Each case stands in `tests/fixtures/usage/<dialect>/`: the answer as `.sse`,
//! `.json` or `.array`, and what must be read from it as `.expected.json`.

#![expect(clippy::unwrap_used, reason = "a broken fixture should end the test")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use rust_decimal::Decimal;
use serde::Deserialize;
// The targets of fuzzing name the formats so.
#[cfg(test)]
use switchyard::wire;
use switchyard::wire::answer::{BodyClass, check_body};
use switchyard::wire::usage::{Form, TapReport, UsageTap};
use switchyard_actors::domain::billing::{Factors, Tier, charge};
use switchyard_actors::domain::dialect::{Dialect, Operation};
use switchyard_actors::domain::ids::PriceId;
use switchyard_actors::domain::money::{Nano, parse_decimal};
use switchyard_actors::domain::price::{ModelPrice, PriceSource, Rates};
use switchyard_actors::domain::usage::Usage;

#[cfg(test)]
#[path = "golden/convert.rs"]
mod convert;
#[cfg(test)]
#[path = "golden/convert_run.rs"]
mod convert_run;
#[cfg(test)]
#[path = "golden/fuzz_corpus.rs"]
mod fuzz_corpus;
#[cfg(test)]
#[path = "../fuzz/src/targets/mod.rs"]
mod targets;

/// What must be read from an answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    #[serde(rename = "why")]
    _why: String,
    usage: Option<Usage>,
    price: Option<String>,
    cost_usd: Option<String>,
    complete: bool,
    terminal: bool,
    model: Option<String>,
    finish: Option<String>,
    service_tier: Option<String>,
    open_tool_call: bool,
    content_seen: bool,
    error: Option<String>,
}

struct Case {
    name: String,
    dialect: Dialect,
    expected: Expected,
    answers: Vec<(Form, Vec<u8>)>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/usage")
}

static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let mut cases: Vec<Case> = Dialect::ALL.into_iter().flat_map(cases_of).collect();
    cases.sort_by(|left, right| left.name.cmp(&right.name));
    cases
});

fn cases_of(dialect: Dialect) -> Vec<Case> {
    let folder = root().join(dialect.name());
    fs::read_dir(&folder)
        .unwrap()
        .filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let name = name.strip_suffix(".expected.json")?.to_owned();
            Some(case(dialect, &folder, &name))
        })
        .collect()
}

fn case(dialect: Dialect, folder: &Path, name: &str) -> Case {
    let read = |extension: &str| fs::read(folder.join(format!("{name}.{extension}"))).ok();
    let forms = [("sse", Form::Sse), ("json", Form::Json), ("array", Form::GeminiArray)];
    let answers: Vec<(Form, Vec<u8>)> =
        forms.into_iter().filter_map(|(extension, form)| Some((form, read(extension)?))).collect();
    assert!(!answers.is_empty(), "{name} has no answer");
    let expected = serde_json::from_slice(&read("expected.json").unwrap()).unwrap();
    Case { name: format!("{dialect}/{name}"), dialect, expected, answers }
}

/// What a run through the tap showed.
#[derive(Debug, PartialEq)]
struct Seen {
    report: TapReport,
    error: Option<String>,
    first_contents: usize,
}

fn tapped<'a>(dialect: Dialect, form: Form, chunks: impl Iterator<Item = &'a [u8]>) -> Seen {
    let mut tap = UsageTap::new(dialect, form);
    let mut first_contents = 0;
    for chunk in chunks {
        first_contents += usize::from(tap.push(chunk).first_content);
    }
    let report = tap.finish();
    Seen { report, error: tap.error().map(|error| error.code.clone()), first_contents }
}

fn whole(case: &Case, form: Form, answer: &[u8]) -> Seen {
    tapped(case.dialect, form, [answer].into_iter())
}

#[test]
fn every_answer_is_read_to_the_token() {
    assert!(CASES.len() >= 40);
    for case in CASES.iter() {
        for (form, answer) in &case.answers {
            let Seen { report, error, first_contents } = whole(case, *form, answer);
            let (name, expected) = (format!("{} as {form:?}", case.name), &case.expected);
            assert_eq!(report.usage, expected.usage, "{name}");
            assert_eq!(report.complete, expected.complete, "{name}: complete");
            assert_eq!(report.terminal, expected.terminal, "{name}: terminal");
            assert_eq!(report.model, expected.model, "{name}");
            assert_eq!(report.finish, expected.finish, "{name}");
            assert_eq!(report.service_tier, expected.service_tier, "{name}");
            assert_eq!(report.open_tool_call, expected.open_tool_call, "{name}: open tool call");
            assert_eq!(report.content_seen, expected.content_seen, "{name}: content");
            assert_eq!(first_contents, usize::from(expected.content_seen), "{name}: told once");
            assert_eq!(error, expected.error, "{name}");
        }
    }
}

#[test]
fn a_stream_and_a_body_of_the_same_answer_are_worth_the_same() {
    let pairs = CASES.iter().filter(|case| case.answers.len() > 1);
    let mut compared = 0;
    for case in pairs {
        let worth: Vec<_> = case
            .answers
            .iter()
            .map(|(form, answer)| {
                let report = whole(case, *form, answer).report;
                (report.usage, report.complete, report.model, report.finish, report.service_tier)
            })
            .collect();
        assert!(worth.windows(2).all(|pair| pair[0] == pair[1]), "{}: {worth:?}", case.name);
        compared += 1;
    }
    assert!(compared >= 20);
}

#[test]
fn one_byte_at_a_time_changes_nothing() {
    for case in CASES.iter() {
        for (form, answer) in &case.answers {
            let bytes = tapped(case.dialect, *form, answer.chunks(1));
            assert_eq!(bytes, whole(case, *form, answer), "{}", case.name);
        }
    }
}

proptest! {
    #[test]
    fn no_split_changes_anything(
        which in any::<prop::sample::Index>(),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..16),
    ) {
        let case = which.get(&CASES);
        for (form, answer) in &case.answers {
            let mut places: Vec<usize> =
                cuts.iter().map(|cut| cut.index(answer.len() + 1)).collect();
            places.extend([0, answer.len()]);
            places.sort_unstable();
            let chunks = places.windows(2).map(|pair| &answer[pair[0]..pair[1]]);
            prop_assert_eq!(tapped(case.dialect, *form, chunks), whole(case, *form, answer));
        }
    }
}

#[test]
fn bodies_are_good_answers_to_the_body_check_too() {
    for case in CASES.iter() {
        let operation = match case.name.as_str() {
            "openai_chat/embeddings" => Operation::Embed,
            _ => Operation::Generate,
        };
        for (form, answer) in &case.answers {
            if *form == Form::Json {
                let (class, report) = check_body(case.dialect, operation, None, answer);
                assert_eq!(class, BodyClass::Good, "{}", case.name);
                assert_eq!(report.usage, case.expected.usage, "{}", case.name);
            }
        }
    }
}

#[test]
fn every_cost_is_the_decimal_reference_rounded_once() {
    let prices = prices();
    let plain = Factors { provider: Decimal::ONE, group: Decimal::ONE };
    for case in CASES.iter() {
        let Some(price) = &case.expected.price else { continue };
        let (form, answer) = &case.answers[0];
        let usage = whole(case, *form, answer).report.usage.unwrap();
        let charged = charge(&usage, &prices[price], Tier::Standard, plain).unwrap();
        let reference = parse_decimal(case.expected.cost_usd.as_deref().unwrap()).unwrap();
        assert_eq!(charged.cost, Nano::round(reference).unwrap(), "{}", case.name);
    }
}

fn prices() -> BTreeMap<String, ModelPrice> {
    let text = fs::read(root().join("prices.json")).unwrap();
    let sheets: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_slice(&text).unwrap();
    sheets.into_iter().map(|(name, sheet)| (name.clone(), price(&name, &sheet))).collect()
}

fn price(name: &str, sheet: &BTreeMap<String, String>) -> ModelPrice {
    let rate = |key: &str| sheet.get(key).map(|text| parse_decimal(text).unwrap());
    ModelPrice {
        id: PriceId(1),
        model: Arc::from(name),
        source: PriceSource::Seed,
        rates: Rates {
            input: rate("input"),
            output: rate("output"),
            cache_read: rate("cache_read"),
            cache_write_5m: rate("cache_write_5m"),
            cache_write_1h: rate("cache_write_1h"),
            image_input: rate("image_input"),
            image_output: rate("image_output"),
        },
        long_context: Vec::new(),
        priority: None,
        per_request: None,
        max_output: None,
        mode: None,
    }
}
