//! What `/metrics` says.

use super::*;

#[test]
fn what_happened_can_be_read_in_the_text() {
    let metrics = Metrics::new().unwrap();
    let (whole, first) = (Duration::from_secs(3), Duration::from_millis(300));
    metrics.request_ended(Dialect::Anthropic, RowOutcome::Success, whole, Some(first));
    metrics.request_ended(Dialect::Gemini, RowOutcome::Refused, first, None);
    metrics.attempt_ended(TryOutcome::Overloaded);
    metrics.shed(Shed::Bytes);
    metrics.set_breakers(BreakerState::HalfOpen, 2);
    metrics.proxy_failed("credentials");
    metrics.set_proxies([(ProviderId(3), true), (ProviderId(4), true)].into_iter());
    metrics.set_proxies([(ProviderId(4), false)].into_iter());
    let text = metrics.render().unwrap();
    for line in [
        r#"switchyard_requests_total{dialect="anthropic",outcome="success"} 1"#,
        r#"switchyard_requests_total{dialect="gemini",outcome="refused"} 1"#,
        r#"switchyard_requests_total{dialect="responses",outcome="success"} 0"#,
        r#"switchyard_attempts_total{outcome="overloaded"} 1"#,
        r#"switchyard_shed_total{outcome="bytes"} 1"#,
        r#"switchyard_breakers{state="half_open"} 2"#,
        r#"switchyard_proxy_failures_total{outcome="credentials"} 1"#,
        r#"switchyard_proxy_up{provider="4"} 0"#,
        r#"switchyard_first_byte_seconds_bucket{le="0.5"} 1"#,
        "switchyard_first_byte_seconds_count 1",
        "switchyard_request_seconds_count 2",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is missing in\n{text}");
    }
    assert!(!text.contains(r#"proxy_up{provider="3"}"#), "nobody has it any more");
}

#[test]
fn the_process_says_how_much_memory_it_takes() {
    let text = Metrics::new().unwrap().render().unwrap();
    let line = text.lines().find(|l| l.starts_with("process_resident_memory_bytes ")).unwrap();
    let bytes: i64 = line.split(' ').nth(1).unwrap().parse().unwrap();
    assert!(bytes > 1 << 20, "{line}");
}
