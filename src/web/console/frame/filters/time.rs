//! Instants and durations as people read them, in the deployment's zone.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::number::grouped;
use crate::web::console::frame::text::Text;

/// Writes a duration in milliseconds: `850 ms`, `1.24 s`, `3 m 12 s`, `2 h 5 m`.
#[must_use]
pub fn duration(ms: i64) -> String {
    // Below the largest number by more than what is added for rounding.
    let ms = ms.clamp(0, i64::MAX - 60_000);
    match ms {
        0..=999 => format!("{ms} ms"),
        1_000..=9_994 => {
            let hundredths = (ms + 5) / 10;
            format!("{}.{:02} s", hundredths / 100, hundredths % 100)
        }
        9_995..=59_949 => {
            let tenths = (ms + 50) / 100;
            format!("{}.{} s", tenths / 10, tenths % 10)
        }
        59_950..=3_599_499 => {
            let seconds = (ms + 500) / 1_000;
            format!("{} m {:02} s", seconds / 60, seconds % 60)
        }
        _ => {
            let minutes = (ms + 30_000) / 60_000;
            format!("{} h {:02} m", grouped(minutes / 60), minutes % 60)
        }
    }
}

/// Writes an instant (microseconds) by a pattern, in a zone.
#[must_use]
pub fn local(micros: i64, pattern: &str, zone: &TimeZone) -> String {
    let at = Timestamp::from_microsecond(micros).unwrap_or(Timestamp::UNIX_EPOCH);
    zone.to_datetime(at).strftime(pattern).to_string()
}

/// Writes an instant for machines: ISO 8601 in UTC.
#[must_use]
pub fn iso(micros: i64) -> String {
    local(micros, "%Y-%m-%dT%H:%M:%SZ", &TimeZone::UTC)
}

/// Says how long ago an instant was, or in how long it will be.
#[must_use]
pub fn relative(micros: i64, now: i64) -> Text {
    let seconds = now.saturating_sub(micros) / 1_000_000;
    let size = i64::try_from(seconds.unsigned_abs()).unwrap_or(i64::MAX);
    let past = seconds >= 0;
    let (id, count) = match size {
        0..=4 => return Text::of("time-now"),
        5..=59 => (["time-seconds-ago", "time-in-seconds"], size),
        60..=3_599 => (["time-minutes-ago", "time-in-minutes"], size / 60),
        3_600..=86_399 => (["time-hours-ago", "time-in-hours"], size / 3_600),
        _ => (["time-days-ago", "time-in-days"], size / 86_400),
    };
    let [ago, ahead] = id;
    Text::of(if past { ago } else { ahead }).with("count", count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_the_unit_that_fits() {
        for (ms, text) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (1_240, "1.24 s"),
            (9_994, "9.99 s"),
            (9_996, "10.0 s"),
            (59_949, "59.9 s"),
            (59_950, "1 m 00 s"),
            (192_000, "3 m 12 s"),
            (3_599_600, "1 h 00 m"),
            (7_500_000, "2 h 05 m"),
            (-5, "0 ms"),
        ] {
            assert_eq!(duration(ms), text, "{ms}");
        }
    }

    #[test]
    fn instants_are_written_in_the_zone() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let at = 1_777_982_400_123_999;
        assert_eq!(local(at, "%Y-%m-%d %H:%M:%S", &zone), "2026-05-05 20:00:00");
        assert_eq!(iso(at), "2026-05-05T12:00:00Z");
    }

    #[test]
    fn what_was_and_what_will_be_are_told_apart() {
        let second = 1_000_000;
        let of = |ago: i64| relative(1_000_000 * second, (1_000_000 + ago) * second);
        assert_eq!(of(3).id, "time-now");
        assert_eq!(of(59), Text::of("time-seconds-ago").with("count", 59_i64));
        assert_eq!(of(7_300), Text::of("time-hours-ago").with("count", 2_i64));
        assert_eq!(of(-86_400), Text::of("time-in-days").with("count", 1_i64));
    }
}
