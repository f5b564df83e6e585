//! Instants as the management API writes them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use switchyard_actors::domain::instant::Micros;

/// Writes an instant as ISO 8601 in UTC with milliseconds: `2026-05-05T12:00:00.000Z`.
#[must_use]
pub fn iso(instant: Micros) -> String {
    write(instant, "%Y-%m-%dT%H:%M:%S%.3fZ", &TimeZone::UTC)
}

/// Writes the UTC date of an instant: `2026-05-05`.
#[must_use]
pub fn date(instant: Micros) -> String {
    write(instant, "%Y-%m-%d", &TimeZone::UTC)
}

/// Writes an instant as people in China read it, in a zone: `2026/05/05 20:00:00`.
#[must_use]
pub fn local(instant: Micros, zone: &TimeZone) -> String {
    write(instant, "%Y/%m/%d %H:%M:%S", zone)
}

fn write(instant: Micros, form: &str, zone: &TimeZone) -> String {
    // Milliseconds are cut, not rounded, as JavaScript does.
    let at = Timestamp::from_millisecond(instant.millis()).unwrap_or(Timestamp::UNIX_EPOCH);
    zone.to_datetime(at).strftime(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_as_javascript_writes_them() {
        let instant = Micros(1_777_982_400_123_999);
        assert_eq!(iso(instant), "2026-05-05T12:00:00.123Z");
        assert_eq!(date(instant), "2026-05-05");
        let shanghai = TimeZone::get("Asia/Shanghai").unwrap();
        assert_eq!(local(instant, &shanghai), "2026/05/05 20:00:00");
        assert_eq!(iso(Micros(1_777_982_400_000_000)), "2026-05-05T12:00:00.000Z");
    }
}
