//! How settings are read by their kinds, and what is refused.

use super::*;

fn read(rule: &str, raw: &str) -> Option<Parsed> {
    Rule::parse(rule).unwrap().read(raw)
}

#[test]
fn sizes_are_read_with_and_without_a_unit() {
    let rule = "bytes 1 KiB to 1 GiB";
    assert_eq!(read(rule, "2048"), Some(Parsed::Number(2048)));
    assert_eq!(read(rule, "2 kib"), Some(Parsed::Number(2048)));
    assert_eq!(read(rule, "1GiB"), Some(Parsed::Number(1 << 30)));
    assert_eq!(read(rule, "1025 MiB"), None);
    assert_eq!(read(rule, "1.5 MiB"), None);
    assert_eq!(read(rule, "99999999999999999999 GiB"), None);
}

#[test]
fn numbers_have_no_sign_no_exponent_and_no_spaces_inside() {
    for raw in ["+5", "-1", "5e0", "5.0", "1 0", "0x5", "５"] {
        assert_eq!(read("integer 0 to 100", raw), None, "{raw}");
    }
}

#[test]
fn auto_is_only_understood_where_it_is_allowed() {
    assert_eq!(read("auto or integer 1 to 4", "AUTO"), Some(Parsed::Auto));
    assert_eq!(read("integer 1 to 4", "auto"), None);
}

#[test]
fn a_time_zone_must_exist() {
    assert_eq!(read("time zone", ":UTC"), Some(Parsed::Text("UTC".into())));
    assert_eq!(read("time zone", "Mars/Olympus"), None);
}

#[test]
fn an_address_has_no_port_and_no_scheme() {
    for good in ["0.0.0.0", "::1", "localhost"] {
        assert!(read("address", good).is_some(), "{good}");
    }
    for bad in ["0.0.0.0:80", "http://localhost", "256.1.1.1", "a b"] {
        assert_eq!(read("address", bad), None, "{bad}");
    }
}

#[test]
fn a_host_and_port_has_both() {
    for good in ["one.one.one.one:443", "1.1.1.1:53", "[2606:4700::1111]:443"] {
        assert!(read("host:port", good).is_some(), "{good}");
    }
    for bad in ["one.one.one.one", "1.1.1.1:0", ":443", "::1:443", "http://a:1", "a:70000"] {
        assert_eq!(read("host:port", bad), None, "{bad}");
    }
}

#[test]
fn what_is_allowed_is_said_in_words() {
    let words = |rule: &str| Rule::parse(rule).unwrap().to_string();
    assert_eq!(words("seconds 1 to 9"), "whole seconds from 1 to 9");
    assert_eq!(
        words("url http, https or empty"),
        "a URL that begins with http:// or https://, or nothing"
    );
}
