//! One JSON object a line, fields flat beside time, level and message. Written as bytes into a
//! kept buffer, without a document or `fmt` in between: a line is written at every request.

use std::cell::Cell;
use std::fmt::{self, Write as _};

use switchyard_actors::clock::{Clock as _, SystemClock};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

use super::escape::{Escaped, put_text};
use super::lines::Lines;
use super::stamp::stamp;

thread_local! {
    /// The memory of the last line, taken while a line is written.
    static KEPT: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Writes events as lines of JSON. Spans are not shown.
pub struct JsonLines(Lines);

impl JsonLines {
    /// Makes a layer whose lines go to `lines`.
    pub fn new(lines: Lines) -> Self {
        Self(lines)
    }
}

impl<S: Subscriber> Layer<S> for JsonLines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        // A value that logs while it is shown, or a thread that ends, finds nothing kept.
        let mut line = KEPT.try_with(Cell::take).unwrap_or_default();
        line.clear();
        write_event(&mut line, event);
        self.0.put(&line, event.metadata());
        let _thread_ends = KEPT.try_with(|kept| kept.set(line));
    }
}

fn write_event(line: &mut Vec<u8>, event: &Event<'_>) {
    let metadata = event.metadata();
    line.extend_from_slice(br#"{"timestamp":""#);
    line.extend_from_slice(&stamp(SystemClock.now()));
    line.extend_from_slice(br#"","level":""#);
    line.extend_from_slice(metadata.level().as_str().as_bytes());
    line.push(b'"');
    event.record(&mut Fields { line });
    line.extend_from_slice(br#","target":"#);
    put_text(line, metadata.target());
    line.extend_from_slice(b"}\n");
}

/// Writes an event's fields, each after a comma.
struct Fields<'a> {
    line: &'a mut Vec<u8>,
}

impl Fields<'_> {
    /// Writes a field's name. Names are our own: they need no escape.
    fn name(&mut self, field: &Field) -> &mut Vec<u8> {
        self.line.extend_from_slice(b",\"");
        self.line.extend_from_slice(field.name().as_bytes());
        self.line.extend_from_slice(b"\":");
        self.line
    }

    fn put_integer(&mut self, field: &Field, value: impl itoa::Integer) {
        let mut digits = itoa::Buffer::new();
        self.name(field).extend_from_slice(digits.format(value).as_bytes());
    }
}

impl Visit for Fields<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        let line = self.name(field);
        // JSON knows no infinity.
        if !value.is_finite() {
            line.extend_from_slice(b"null");
            return;
        }
        // Nothing that writes a number into memory fails.
        let _written = write!(Escaped(line), "{value}");
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put_integer(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put_integer(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        let text: &[u8] = if value { b"true" } else { b"false" };
        self.name(field).extend_from_slice(text);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        put_text(self.name(field), value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let line = self.name(field);
        line.push(b'"');
        let begun = line.len();
        if write!(Escaped(line), "{value:?}").is_err() {
            line.truncate(begun);
            line.extend_from_slice(b"(cannot be shown)");
        }
        line.push(b'"');
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::{self, Display};
    use std::sync::mpsc;

    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    struct Sink(mpsc::Sender<Vec<u8>>);

    impl std::io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.send(bytes.to_vec()).map_err(std::io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// Returns what was written while `logging` ran.
    fn written(logging: impl FnOnce()) -> String {
        let (sender, written) = mpsc::channel();
        let lines = Lines::start(Sink(sender)).unwrap();
        let subscriber = tracing_subscriber::registry().with(JsonLines::new(lines.clone()));
        tracing::subscriber::with_default(subscriber, logging);
        lines.flush();
        String::from_utf8(written.try_iter().flatten().collect()).unwrap()
    }

    #[test]
    fn a_line_is_one_object_whatever_its_fields_hold() {
        let text = written(|| {
            let odd = "a \"quoted\"\\ line\nwith \u{1} and ü";
            let none: Option<u64> = None;
            tracing::warn!(odd, count = -3, big = u64::MAX, on = true, ratio = 0.5, none,
                endless = f64::INFINITY, debugged = ?odd, shown = %odd, "it {}", "happened");
        });
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(line["odd"], "a \"quoted\"\\ line\nwith \u{1} and ü");
        assert_eq!(line["shown"], line["odd"]);
        assert_eq!(line["debugged"], r#""a \"quoted\"\\ line\nwith \u{1} and ü""#);
        assert_eq!((line["count"].as_i64(), line["big"].as_u64()), (Some(-3), Some(u64::MAX)));
        assert_eq!((&line["on"], &line["ratio"]), (&true.into(), &0.5.into()));
        assert_eq!(line.get("endless"), Some(&serde_json::Value::Null));
        assert_eq!((&line["message"], &line["level"]), (&"it happened".into(), &"WARN".into()));
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'), "{line}");
        assert!(line["target"].as_str().unwrap().starts_with("switchyard"), "{line}");
        assert!(line.get("none").is_none(), "what is not known is left out");
        assert!(text.ends_with("}\n"));
    }

    #[test]
    fn the_order_is_time_level_message_fields_target() {
        let text = written(|| tracing::info!(target: "switchyard::request", { a.b = 1_u16 }, "x"));
        let (start, rest) = text.split_at(r#"{"timestamp":""#.len());
        assert_eq!(start, r#"{"timestamp":""#);
        let (_, rest) = rest.split_at("2026-01-02T03:04:05.678901Z".len());
        let expected = r#"","level":"INFO","message":"x","a.b":1,"target":"switchyard::request"}"#;
        assert_eq!(rest.trim_end(), expected);
    }

    #[test]
    fn integers_are_written_to_their_ends() {
        let text = written(|| {
            tracing::info!(least = i64::MIN, most = i64::MAX, big = u64::MAX, zero = 0, small = -1);
        });
        let numbers = r#""least":-9223372036854775808,"most":9223372036854775807,"big":18446744073709551615,"zero":0,"small":-1"#;
        assert!(text.contains(numbers), "{text}");
    }

    /// A scoped subscriber hears no event inside an event, the process-wide one does: what the inner
    /// one does to the kept memory is done here by hand.
    #[test]
    fn a_value_that_logs_while_it_is_shown_leaves_its_own_line_whole() {
        struct Talks;
        impl Display for Talks {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut inner = KEPT.take();
                assert!(inner.is_empty(), "the outer line is not lent out");
                inner.extend_from_slice(b"inner");
                KEPT.set(inner);
                f.write_str("shown")
            }
        }
        let text = written(|| {
            tracing::info!(talks = %Talks, "outer");
            tracing::info!("after");
        });
        let lines: Vec<serde_json::Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((&lines[0]["message"], &lines[0]["talks"]), (&"outer".into(), &"shown".into()));
        assert_eq!((lines.len(), &lines[1]["message"]), (2, &"after".into()));
    }

    #[test]
    fn a_value_that_cannot_be_shown_says_so_and_the_line_goes_out() {
        struct Fails;
        impl Display for Fails {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("half")?;
                Err(fmt::Error)
            }
        }
        let text = written(|| {
            tracing::error!(fails = %Fails, count = 1, "told");
        });
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&line["fails"], &line["count"]), (&"(cannot be shown)".into(), &1.into()));
        assert_eq!(line["message"], "told");
    }
}
