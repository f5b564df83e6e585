//! Server-sent events as bytes: what WHATWG's HTML standard calls the event stream format.

use serde::Serialize;
use switchyard_actors::domain::live::EventId;

/// Silence that no proxy should take for the end.
pub const COMMENT: &str = ":\n\n";

/// Writes how long a browser waits before it opens a stream anew.
#[must_use]
pub fn retry(milliseconds: u32) -> String {
    format!("retry: {milliseconds}\n\n")
}

/// Adds an event. One without an id leaves the place where it is.
pub fn event(out: &mut String, name: &str, id: Option<EventId>, data: &impl Serialize) {
    // JSON has no line breaks outside its strings, and inside they are escaped.
    let Ok(data) = serde_json::to_string(data) else { return };
    if let Some(id) = id {
        out.push_str("id: ");
        out.push_str(&id.to_string());
        out.push('\n');
    }
    for part in ["event: ", name, "\ndata: ", &data, "\n\n"] {
        out.push_str(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_block_whatever_it_says() {
        let mut out = String::new();
        event(&mut out, "row", Some(EventId { boot: 0xab, seq: 7 }), &"a\nb\r\nc");
        event(&mut out, "sessions", None, &1);
        let expected =
            "id: ab-7\nevent: row\ndata: \"a\\nb\\r\\nc\"\n\nevent: sessions\ndata: 1\n\n";
        assert_eq!(out, expected);
    }
}
