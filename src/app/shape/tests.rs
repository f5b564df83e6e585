use jiff::tz::TimeZone;
use serde_json::{Value, json};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::money::Nano;

use super::{Body, Field, Issue, Moment, Patch, Rule, Shape};

fn moment() -> Moment {
    // 2026-05-05 12:00 UTC, 20:00 in Shanghai.
    Moment { now: Micros(1_777_982_400_000_000), zone: TimeZone::get("Asia/Shanghai").unwrap() }
}

fn plain(rule: &Rule, value: &Value) -> Result<Value, Vec<Issue>> {
    let mut issues = Vec::new();
    rule.check(value, &moment(), &mut issues).ok_or(issues)
}

fn code(rule: &Rule, value: &Value) -> &'static str {
    plain(rule, value).unwrap_err()[0].code
}

fn body(shape: &Shape, value: &Value) -> Result<Body, Vec<Issue>> {
    shape.check(value, &moment())
}

#[test]
fn an_id_is_a_strict_whole_number_from_one() {
    for good in [json!(1), json!(9_007_199_254_740_991_i64), json!(2.0)] {
        assert!(plain(&Rule::ID, &good).is_ok(), "{good}");
    }
    for bad in [json!("1"), json!(0), json!(-1), json!(1.5), json!(null), json!(1e300), json!(true)]
    {
        assert!(plain(&Rule::ID, &bad).is_err(), "{bad}");
    }
}

#[test]
fn coercion_follows_the_number_function_of_javascript() {
    let rule = Rule::coerced(-1000, None);
    let table = [
        (json!("12"), json!(12)),
        (json!(" 1.50 "), json!(1.5)),
        (json!(""), json!(0)),
        (json!(true), json!(1)),
        (json!(false), json!(0)),
        (json!(null), json!(0)),
        (json!("0x1F"), json!(31)),
        (json!("1e2"), json!(100)),
        (json!(".5"), json!(0.5)),
        (json!([]), json!(0)),
        (json!(["7"]), json!(7)),
    ];
    for (given, wanted) in table {
        assert_eq!(plain(&rule, &given), Ok(wanted), "{given}");
    }
    for bad in ["abc", "12abc", "inf", "Infinity", "NaN", "1_000", "0x", "--1"] {
        assert_eq!(code(&rule, &json!(bad)), "invalid_type", "{bad}");
    }
}

#[test]
fn null_stays_null_where_it_is_allowed() {
    assert_eq!(plain(&Rule::usd(100), &json!(null)), Ok(json!(null)));
    assert_eq!(code(&Rule::coerced_integer(1, 10), &json!(null)), "too_small");
}

#[test]
fn bounds_are_inclusive() {
    let rule = Rule::usd(10_000);
    assert!(plain(&rule, &json!(0)).is_ok() && plain(&rule, &json!(10_000)).is_ok());
    assert_eq!(code(&rule, &json!(-0.01)), "too_small");
    assert_eq!(code(&rule, &json!("10000.01")), "too_big");
    assert_eq!(code(&Rule::coerced_integer(1, 5), &json!(2.5)), "invalid_type");
}

#[test]
fn text_is_measured_in_utf_16_units() {
    let rule = Rule::text(1, 2);
    assert!(plain(&rule, &json!("😀")).is_ok());
    assert_eq!(code(&rule, &json!("😀a")), "too_big");
    assert_eq!(code(&rule, &json!("")), "too_small");
    assert_eq!(code(&rule, &json!(7)), "invalid_type");
}

#[test]
fn an_address_is_what_the_whatwg_parser_takes() {
    let rule = Rule::Url { most: Some(255) };
    for good in ["https://a.example/v1", "ftp://x", "localhost:80"] {
        assert!(plain(&rule, &json!(good)).is_ok(), "{good}");
    }
    assert_eq!(code(&rule, &json!("abc")), "invalid_format");
}

#[test]
fn a_time_of_day_may_be_short_only_where_that_is_said() {
    let (strict, short) = (Rule::TimeOfDay { short: false }, Rule::TimeOfDay { short: true });
    assert!(plain(&strict, &json!("09:05")).is_ok() && plain(&short, &json!("9:05")).is_ok());
    for bad in ["9:05", "24:00", "12:60", "12:5", "+1:05", "1205"] {
        assert!(plain(&strict, &json!(bad)).is_err(), "{bad}");
    }
}

#[test]
fn an_expiry_is_read_in_common_forms_and_bounded() {
    let rule = Rule::Expiry { future: true, unbounded: false };
    let table = [
        ("2026-06-01", 1_780_272_000_000_000_i64),
        ("2026-06-01T00:00:00Z", 1_780_272_000_000_000),
        ("2026-06-01T08:00:00+08:00", 1_780_272_000_000_000),
        ("2026-06-01T08:00:00", 1_780_272_000_000_000),
        ("2026/06/01 08:00:00", 1_780_272_000_000_000),
        ("June 1, 2026", 1_780_243_200_000_000),
        ("Mon, 01 Jun 2026 00:00:00 GMT", 1_780_272_000_000_000),
    ];
    for (text, micros) in table {
        assert_eq!(plain(&rule, &json!(text)), Ok(json!(micros)), "{text}");
    }
    assert_eq!(plain(&rule, &json!("")), Ok(json!(null)));
    for bad in ["2026-05-05", "2036-05-06", "soon", "2026-02-30"] {
        assert!(plain(&rule, &json!(bad)).is_err(), "{bad}");
    }
    assert!(plain(&rule, &json!(1_780_272_000)).is_err());
    let past = Rule::Expiry { future: false, unbounded: true };
    assert!(plain(&past, &json!("2001-01-01")).is_ok());
}

#[test]
fn the_number_zero_passes_beside_a_range_but_its_text_does_not() {
    let rule = Rule::coerced_integer(1_000, 180_000).or_zero();
    assert_eq!(plain(&rule, &json!(0)), Ok(json!(0)));
    assert_eq!(plain(&rule, &json!("2000")), Ok(json!(2000)));
    for bad in [json!("0"), json!(null), json!(999)] {
        assert_eq!(code(&rule, &bad), "invalid_union");
    }
}

#[test]
fn issues_name_their_place_from_the_outside_in() {
    let shape = Shape::from([
        Field::required("name", Rule::text(1, 64)),
        Field::optional("tags", Rule::list(Rule::text(0, 3), 2)),
    ]);
    let issues = body(&shape, &json!({ "tags": ["abc", "abcd"] })).unwrap_err();
    assert_eq!(issues[0].path, [json!("name")]);
    assert!(issues[0].message.contains("received undefined"));
    assert_eq!(issues[1].path, [json!("tags"), json!(1)]);
    let printed: Value = serde_json::from_str(&Issue::print(&issues)).unwrap();
    assert_eq!(printed[1]["maximum"], json!(3));
    assert_eq!(body(&shape, &json!([])).unwrap_err()[0].code, "invalid_type");
}

#[test]
fn unknown_keys_are_ignored_and_do_not_come_through() {
    let shape = Shape::from([Field::required("name", Rule::TEXT)]);
    let read = body(&shape, &json!({ "name": "a", "role": "admin" })).unwrap();
    assert_eq!(read.text("name"), Some("a"));
    assert!(!read.has("role"));
}

#[test]
fn money_is_read_from_its_text_to_the_cent() {
    let shape = Shape::from([Field::optional("limit", Rule::usd(10_000))]);
    let read = |value: Value| body(&shape, &json!({ "limit": value })).unwrap().money("limit");
    assert_eq!(read(json!(0.1)), Some(Nano(100_000_000)));
    assert_eq!(read(json!("4.35")), Some(Nano(4_350_000_000)));
    assert_eq!(read(json!(1.005)), Some(Nano(1_010_000_000)));
    assert_eq!(read(json!(null)), None);
}

#[test]
fn an_edit_tells_absent_from_null() {
    let shape = Shape::from([Field::optional("limit", Rule::usd(100))]);
    let read = |value| body(&shape, &value).unwrap().patch("limit", super::body::money);
    assert_eq!(read(json!({})), Patch::Keep);
    assert_eq!(read(json!({ "limit": null })), Patch::Clear);
    assert_eq!(read(json!({ "limit": 2 })), Patch::Set(Nano::from_usd(2)));
}

#[test]
fn the_schema_says_what_is_checked() {
    let shape = Shape::from([
        Field::required("id", Rule::ID),
        Field::optional("mode", Rule::OneOf(&["a", "b"]).nullable()).about("How."),
        Field::optional("limit", Rule::usd(10)),
    ]);
    let wanted = json!({
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": { "type": "integer", "minimum": 1 },
            "mode": { "type": ["string", "null"], "enum": ["a", "b", null], "description": "How." },
            "limit": { "type": ["number", "null"], "minimum": 0, "maximum": 10 },
        }
    });
    assert_eq!(shape.schema(), wanted);
}
