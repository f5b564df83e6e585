//! The answer to a client that only warms its socket up. Over HTTP a vendor can do nothing with it,
//! so nobody is asked: the client gets an id that its first real request may go on from.

use bytes::Bytes;
use serde_json::json;

/// Writes the events of a response that has nothing in it. `created_at` is in seconds since 1970.
#[must_use]
pub fn events(id: &str, model: &str, created_at: i64) -> [Bytes; 2] {
    let response = |status: &str| {
        json!({
            "id": id,
            "object": "response",
            "created_at": created_at,
            "status": status,
            "model": model,
            "output": [],
            "usage": null,
        })
    };
    let event = |kind: &str, number: u8, status: &str| {
        let event =
            json!({ "type": kind, "sequence_number": number, "response": response(status) });
        Bytes::from(event.to_string())
    };
    [event("response.created", 0, "in_progress"), event("response.completed", 1, "completed")]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::responses::socket::EventReader;

    #[test]
    fn it_is_a_complete_response_without_items() {
        let mut reader = EventReader::new(1 << 10);
        for event in events("resp_w", "m", 7) {
            let frame = [b"data: ".as_slice(), &event, b"\n\n"].concat();
            assert_eq!(reader.push(&frame).unwrap(), [event]);
        }
        let learned = reader.take_learned();
        assert_eq!((learned.id.as_deref(), learned.ended), (Some("resp_w"), true));
        assert!(learned.items.is_empty());
    }
}
