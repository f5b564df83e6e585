//! How long a vendor asks to wait: `retry-after` in seconds, or as a date. Pure.

use std::time::{Duration, UNIX_EPOCH};

use actix_web::http::header::HttpDate;
use awc::http::header::HeaderMap;
use switchyard_actors::domain::instant::Micros;

use crate::wire::convert::LONGEST_WAIT;

/// Reads the header of an answer that came now. A date that is over asks for no wait.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: Micros) -> Option<Duration> {
    let text = headers.get("retry-after")?.to_str().ok()?.trim();
    let wait = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok()?,
        Err(_) => until(text, now)?,
    };
    Some(wait).filter(|wait| *wait < LONGEST_WAIT)
}

fn until(date: &str, now: Micros) -> Option<Duration> {
    let date: HttpDate = date.parse().ok()?;
    let since = std::time::SystemTime::from(date).duration_since(UNIX_EPOCH).ok()?;
    let at = Micros(i64::try_from(since.as_micros()).ok()?);
    Some(at.since(now))
}

#[cfg(test)]
mod tests {
    use awc::http::header::{HeaderName, HeaderValue};

    use super::*;

    /// 1994-11-06T08:49:37Z.
    const NOW: Micros = Micros(784_111_777_000_000);

    fn read(text: &str) -> Option<Duration> {
        let name = HeaderName::from_static("retry-after");
        let headers = HeaderMap::from_iter([(name, HeaderValue::from_str(text).unwrap())]);
        retry_after(&headers, NOW)
    }

    #[test]
    fn seconds_are_taken_as_they_are() {
        assert_eq!(read("7"), Some(Duration::from_secs(7)));
        assert_eq!(read(" 1.5 "), Some(Duration::from_millis(1_500)));
        assert_eq!(read("0"), Some(Duration::ZERO));
        for text in ["-1", "NaN", "inf", "1e9", "soon", ""] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn a_date_is_a_wait_from_now_on() {
        for text in [
            "Sun, 06 Nov 1994 08:51:07 GMT",
            "Sunday, 06-Nov-94 08:51:07 GMT",
            "Sun Nov  6 08:51:07 1994",
        ] {
            assert_eq!(read(text), Some(Duration::from_secs(90)), "{text}");
        }
        assert_eq!(read("Sun, 06 Nov 1994 08:49:00 GMT"), Some(Duration::ZERO), "it is over");
        assert_eq!(read("Mon, 06 Nov 2094 08:49:37 GMT"), None, "not meant");
    }
}
