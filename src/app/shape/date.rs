//! Dates as clients write them: ISO 8601 and the other forms that JavaScript's `Date` reads and
//! that are met in practice. A date alone is UTC midnight; a time without a zone is local.

use jiff::civil::{Date, DateTime};
use jiff::fmt::rfc2822;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use switchyard_actors::domain::instant::Micros;

/// Forms without a zone besides ISO 8601; a date alone is local here.
const LOCAL_FORMS: &[&str] = &[
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%B %d, %Y %H:%M:%S",
    "%B %d, %Y %H:%M",
];
const LOCAL_DATES: &[&str] = &["%Y/%m/%d", "%m/%d/%Y", "%B %d, %Y", "%d %B %Y", "%B %d %Y"];

/// Reads a date.
pub(super) fn parse(text: &str, zone: &TimeZone) -> Option<Micros> {
    let text = text.trim();
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Some(Micros(instant.as_microsecond()));
    }
    if is_plain_date(text) {
        let date: Date = text.parse().ok()?;
        return local(date.to_datetime(jiff::civil::Time::midnight()), &TimeZone::UTC);
    }
    if let Ok(instant) = rfc2822::parse(text) {
        return Some(Micros(instant.timestamp().as_microsecond()));
    }
    civil(text).and_then(|civil| local(civil, zone))
}

fn is_plain_date(text: &str) -> bool {
    text.len() == 10 && text.bytes().filter(|byte| *byte == b'-').count() == 2
}

fn civil(text: &str) -> Option<DateTime> {
    if text.contains('-') {
        return text.parse().ok();
    }
    let read = |form: &&str| BrokenDownTime::parse(form, text).ok();
    let time = LOCAL_FORMS.iter().find_map(read).and_then(|parts| parts.to_datetime().ok());
    let date = || LOCAL_DATES.iter().find_map(read).and_then(|parts| parts.to_date().ok());
    time.or_else(|| Some(date()?.to_datetime(jiff::civil::Time::midnight())))
}

fn local(civil: DateTime, zone: &TimeZone) -> Option<Micros> {
    let instant = zone.to_ambiguous_timestamp(civil).compatible().ok()?;
    Some(Micros(instant.as_microsecond()))
}

/// Returns the same civil time ten years later.
pub(super) fn ten_years_after(now: Micros, zone: &TimeZone) -> Micros {
    let Ok(here) = Timestamp::from_microsecond(now.0) else { return now };
    let later = zone.to_datetime(here).checked_add(10.years());
    later.ok().and_then(|later| local(later, zone)).unwrap_or(now)
}

/// Tells whether the text is an ISO 8601 instant in UTC, as the original's validator demands.
pub(super) fn is_instant(text: &str) -> bool {
    text.ends_with('Z')
        && text.as_bytes().get(10) == Some(&b'T')
        && text.parse::<Timestamp>().is_ok()
}
