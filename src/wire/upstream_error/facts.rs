//! What an error object said, in whichever dialect's shape.

use std::time::Duration;

use super::super::convert::LONGEST_WAIT;
use super::super::scan::{Kind, Value};

/// The most of an error's text that is kept.
pub(in crate::wire) const MESSAGE_MAX: usize = 2_048;
const CODE_MAX: usize = 96;

/// Where in an error object a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::wire) enum ErrorPlace {
    /// The error itself: a string, or an object whose presence is what counts.
    Whole,
    /// `message`
    Message,
    /// `code`: text, or the status as a number.
    Code,
    /// `type`
    Type,
    /// Gemini's `status`.
    Status,
    /// `reason` of Gemini's `ErrorInfo`.
    Reason,
    /// `retryDelay` of Gemini's `RetryInfo`.
    RetryDelay,
    /// On the way to something.
    Enter,
}

impl ErrorPlace {
    /// Finds the place of a path inside the error object.
    pub(in crate::wire) fn find(keys: &[&str]) -> Option<Self> {
        Some(match keys {
            [] => Self::Whole,
            ["message"] => Self::Message,
            ["code"] => Self::Code,
            ["type"] => Self::Type,
            ["status"] => Self::Status,
            ["details"] | ["details", "[]"] => Self::Enter,
            ["details", "[]", "reason"] => Self::Reason,
            ["details", "[]", "retryDelay"] => Self::RetryDelay,
            _ => return None,
        })
    }
}

/// The bounded facts of one error object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::wire) struct ErrorFacts {
    pub(in crate::wire) present: bool,
    pub(in crate::wire) code: String,
    pub(in crate::wire) kind: String,
    pub(in crate::wire) status: String,
    pub(in crate::wire) reason: String,
    pub(in crate::wire) number: Option<u64>,
    pub(in crate::wire) message: String,
    pub(in crate::wire) retry_after: Option<Duration>,
}

impl ErrorFacts {
    pub(in crate::wire) fn clear(&mut self) {
        if self.present || !self.message.is_empty() || !self.code.is_empty() {
            *self = Self::default();
        }
    }

    pub(in crate::wire) fn take(&mut self, place: ErrorPlace, value: &Value<'_>) {
        let text = value.text.filter(|_| value.kind == Kind::String).unwrap_or_default();
        match place {
            ErrorPlace::Whole => self.whole(value, text),
            ErrorPlace::Message => keep(&mut self.message, text, MESSAGE_MAX),
            ErrorPlace::Code => {
                keep(&mut self.code, text, CODE_MAX);
                self.number = value.as_u64().or_else(|| text.parse().ok()).or(self.number);
            }
            ErrorPlace::Type => keep(&mut self.kind, text, CODE_MAX),
            ErrorPlace::Status => {
                keep(&mut self.status, text, CODE_MAX);
                self.number = self.number.or(value.as_u64());
            }
            ErrorPlace::Reason => keep(&mut self.reason, text, CODE_MAX),
            ErrorPlace::RetryDelay => self.retry_after = seconds(text).or(self.retry_after),
            ErrorPlace::Enter => {}
        }
    }

    /// `"error": null`, `{}`, `""`, `0` and `false` are no error: Responses always has the member.
    fn whole(&mut self, value: &Value<'_>, text: &str) {
        self.present |= match value.kind {
            Kind::Null => false,
            Kind::Bool => value.as_bool() == Some(true),
            Kind::Number => value.as_u64() != Some(0),
            Kind::String => !text.trim().is_empty(),
            Kind::Object => value.span.len() > 5,
            Kind::Array => value.span.len() > 3,
        };
        if value.kind == Kind::String {
            keep(&mut self.message, text, MESSAGE_MAX);
        }
    }
}

/// Keeps the beginning of a text, cut between characters; an empty one changes nothing.
pub(in crate::wire) fn keep(into: &mut String, text: &str, limit: usize) {
    if text.is_empty() {
        return;
    }
    into.clear();
    into.push_str(text.get(..text.floor_char_boundary(limit)).unwrap_or_default());
}

/// Reads a protobuf duration in JSON: `"3s"`, `"0.5s"`; `None` of one that is not meant.
fn seconds(text: &str) -> Option<Duration> {
    let (whole, fraction) = match text.strip_suffix('s')?.split_once('.') {
        Some((whole, fraction)) => (whole, fraction),
        None => (text.strip_suffix('s')?, ""),
    };
    let nanos: u64 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    let whole = Duration::from_secs(whole.parse().ok()?);
    whole.checked_add(Duration::from_nanos(nanos)).filter(|wait| *wait < LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protobuf_durations_are_read_exactly() {
        assert_eq!(seconds("3s"), Some(Duration::from_secs(3)));
        assert_eq!(seconds("0.5s"), Some(Duration::from_millis(500)));
        assert_eq!(seconds("34.074824224s"), Some(Duration::new(34, 74_824_224)));
        assert_eq!(seconds("3"), None);
        assert_eq!(seconds("-3s"), None);
        assert_eq!(seconds("999999.5s"), Some(Duration::from_millis(999_999_500)));
        for endless in ["1000000s", "18446744073709551615.5s"] {
            assert_eq!(seconds(endless), None, "not meant");
        }
    }
}
