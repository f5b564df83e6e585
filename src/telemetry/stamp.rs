//! Instants as RFC 3339 writes them, in UTC. By hand: a line is written at every
//! request, and the general formatting of `jiff` costs twice as much, besides that of `fmt`.

use jiff::Timestamp;
use jiff::tz::Offset;
use switchyard_actors::domain::instant::Micros;

/// Writes an instant with microseconds; what is out of the calendar is written as 1970.
pub fn stamp(now: Micros) -> [u8; 27] {
    let instant = Timestamp::from_microsecond(now.0).unwrap_or_default();
    let at = Offset::UTC.to_datetime(instant);
    let year = u32::from(at.year().unsigned_abs());
    let [month, day] = [at.month(), at.day()].map(two_digits);
    let [hour, minute, second] = [at.hour(), at.minute(), at.second()].map(two_digits);
    let micro = at.subsec_nanosecond().unsigned_abs() / 1_000;
    let [y1, y2, y3, y4] = [year / 1_000, year / 100, year / 10, year].map(last_digit);
    let [f1, f2, f3] = [micro / 100_000, micro / 10_000, micro / 1_000].map(last_digit);
    let [f4, f5, f6] = [micro / 100, micro / 10, micro].map(last_digit);
    [
        y1, y2, y3, y4, b'-', month[0], month[1], b'-', day[0], day[1], b'T', hour[0], hour[1],
        b':', minute[0], minute[1], b':', second[0], second[1], b'.', f1, f2, f3, f4, f5, f6, b'Z',
    ]
}

fn two_digits(number: i8) -> [u8; 2] {
    let number = number.unsigned_abs();
    [b'0' + number / 10 % 10, b'0' + number % 10]
}

fn last_digit(number: u32) -> u8 {
    b'0' + (number % 10) as u8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The last instant that `jiff` knows.
    const LAST: i64 = 253_402_207_200_000_000;

    fn same_as_jiff(micros: i64) {
        let expected = format!("{:.6}", Timestamp::from_microsecond(micros).unwrap());
        assert_eq!(std::str::from_utf8(&stamp(Micros(micros))).unwrap(), expected);
    }

    #[test]
    fn borders_are_written_as_jiff_writes_them() {
        let borders = [
            "1970-01-01T00:00:00Z",
            "1999-12-31T23:59:59.999999Z",
            "2024-02-29T00:00:00Z",
            "2024-02-29T23:59:59.999999Z",
            "2026-12-31T23:59:59.999999Z",
            "2100-02-28T23:59:59.999999Z",
        ];
        for border in borders {
            let micros = border.parse::<Timestamp>().unwrap().as_microsecond();
            for near in [micros, micros + 1, micros + 1_000_000, (micros - 1).max(0)] {
                same_as_jiff(near);
            }
        }
        same_as_jiff(LAST);
    }

    #[test]
    fn an_instant_out_of_the_calendar_is_written_as_1970() {
        assert_eq!(&stamp(Micros(i64::MAX)), b"1970-01-01T00:00:00.000000Z");
    }

    proptest! {
        #[test]
        fn any_instant_is_written_as_jiff_writes_it(micros in 0..=LAST) {
            same_as_jiff(micros);
        }

        #[test]
        fn the_microseconds_are_written_as_jiff_writes_them(micros in 0..2_000_000_i64) {
            same_as_jiff(1_800_000_000_000_000 + micros);
        }
    }
}
