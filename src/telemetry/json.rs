//! One JSON object a line, fields flat beside time, level and message. Written without a document
//! in between: a line a request is written at every request.

use std::fmt::{self, Write as _};

use jiff::Timestamp;
use switchyard_actors::clock::{Clock as _, SystemClock};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Formats lines as JSON.
#[derive(Clone, Copy, Debug)]
pub struct JsonLines;

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let metadata = event.metadata();
        let now = Timestamp::from_microsecond(SystemClock.now().0).unwrap_or_default();
        write!(writer, r#"{{"timestamp":"{now:.6}","level":"{}""#, metadata.level())?;
        let mut fields = Fields { writer: writer.by_ref(), result: Ok(()) };
        event.record(&mut fields);
        fields.result?;
        writer.write_str(r#","target":"#)?;
        text(&mut writer, metadata.target())?;
        writer.write_str("}\n")
    }
}

/// Writes an event's fields, each after a comma.
struct Fields<'a> {
    writer: Writer<'a>,
    result: fmt::Result,
}

impl Fields<'_> {
    fn put(&mut self, field: &Field, value: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        if self.result.is_ok() {
            let Self { writer, result } = self;
            // Names are our own: they need no escape.
            *result = write!(writer, ",\"{}\":", field.name()).and_then(|()| value(writer));
        }
    }
}

impl Visit for Fields<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON knows no infinity.
        let value = Some(value).filter(|value| value.is_finite());
        self.put(field, |writer| match value {
            Some(value) => write!(writer, "{value}"),
            None => writer.write_str("null"),
        });
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, |writer| write!(writer, "{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, |writer| write!(writer, "{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, |writer| write!(writer, "{value}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, |writer| text(writer, value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, |writer| {
            writer.write_char('"')?;
            write!(Escaped(writer), "{value:?}")?;
            writer.write_char('"')
        });
    }
}

fn text(writer: &mut Writer<'_>, value: &str) -> fmt::Result {
    writer.write_char('"')?;
    Escaped(writer).write_str(value)?;
    writer.write_char('"')
}

/// Escapes what passes through it.
struct Escaped<'a, 'b>(&'a mut Writer<'b>);

impl fmt::Write for Escaped<'_, '_> {
    fn write_str(&mut self, value: &str) -> fmt::Result {
        let mut rest = value;
        while let Some(at) = rest.find(|c: char| c < ' ' || c == '"' || c == '\\') {
            let (plain, special) = rest.split_at(at);
            self.0.write_str(plain)?;
            let mut behind = special.chars();
            match behind.next() {
                Some('\n') => self.0.write_str("\\n")?,
                Some('\t') => self.0.write_str("\\t")?,
                Some('\r') => self.0.write_str("\\r")?,
                Some(quoted @ ('"' | '\\')) => write!(self.0, "\\{quoted}")?,
                Some(control) => write!(self.0, "\\u{:04x}", u32::from(control))?,
                None => {}
            }
            rest = behind.as_str();
        }
        self.0.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tracing_subscriber::layer::SubscriberExt as _;

    use super::super::lines::Lines;
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

    #[test]
    fn a_line_is_one_object_whatever_its_fields_hold() {
        let (sender, written) = mpsc::channel();
        let lines = Lines::start(Sink(sender)).unwrap();
        let layer = tracing_subscriber::fmt::layer().with_writer(lines.clone());
        let subscriber = tracing_subscriber::registry().with(layer.event_format(JsonLines));
        tracing::subscriber::with_default(subscriber, || {
            let odd = "a \"quoted\"\\ line\nwith \u{1} and ü";
            let none: Option<u64> = None;
            tracing::warn!(odd, count = -3, big = u64::MAX, on = true, ratio = 0.5, none,
                debugged = ?odd, shown = %odd, "it {}", "happened");
        });
        lines.flush();
        let text: Vec<u8> = written.try_iter().flatten().collect();
        let line: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(line["odd"], "a \"quoted\"\\ line\nwith \u{1} and ü");
        assert_eq!(line["shown"], line["odd"]);
        assert_eq!((line["count"].as_i64(), line["big"].as_u64()), (Some(-3), Some(u64::MAX)));
        assert_eq!((&line["on"], &line["ratio"]), (&true.into(), &0.5.into()));
        assert_eq!((&line["message"], &line["level"]), (&"it happened".into(), &"WARN".into()));
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'), "{line}");
        assert!(line["target"].as_str().unwrap().starts_with("switchyard"), "{line}");
        assert!(line.get("none").is_none(), "what is not known is left out");
        assert!(text.ends_with(b"}\n"));
    }
}
