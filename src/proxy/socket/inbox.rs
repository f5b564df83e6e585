//! What a client says on its socket: bytes come in, whole messages go out, within bounds.

use actix_http::ws::{CloseReason, Codec, ProtocolError};
use bytes::{Bytes, BytesMut};
use tokio_util::codec::Decoder as _;

use crate::upstream::frames::{Assembler, BoundedCodec, Unfit, Whole};

/// Something that a client said.
#[derive(Debug, PartialEq, Eq)]
pub enum Heard {
    /// A text, whole and in UTF-8.
    Text(Bytes),
    /// A ping to answer.
    Ping(Bytes),
    /// An answer to ours.
    Pong,
    /// It says goodbye.
    Close(Option<CloseReason>),
}

/// Why what a client says cannot be listened to any longer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A message is not text.
    Binary,
    /// A message is longer than one may be.
    TooLong,
    /// A text is not UTF-8.
    NotUtf8,
    /// The frames are not as the protocol has them.
    Protocol(String),
}

/// Puts messages together.
#[derive(Debug)]
pub struct Inbox {
    codec: BoundedCodec,
    buffer: BytesMut,
    messages: Assembler,
}

impl Inbox {
    /// Makes an inbox for messages up to `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        let codec = BoundedCodec::new(Codec::new(), limit);
        Self { codec, buffer: BytesMut::new(), messages: Assembler::new(limit) }
    }

    /// Adds bytes as they came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Returns how many bytes wait for the end of their message.
    #[must_use]
    pub fn held(&self) -> usize {
        self.buffer.len() + self.messages.held()
    }

    /// Takes the next message; `None` when more bytes are needed.
    ///
    /// # Errors
    /// The socket has to be closed.
    pub fn next(&mut self) -> Result<Option<Heard>, Trouble> {
        loop {
            let frame = match self.codec.decode(&mut self.buffer) {
                Ok(Some(frame)) => frame,
                Ok(None) => return Ok(None),
                Err(ProtocolError::Overflow) => return Err(Trouble::TooLong),
                Err(error) => return Err(Trouble::Protocol(error.to_string())),
            };
            let whole = self.messages.frame(frame).map_err(|unfit| match unfit {
                Unfit::NotText => Trouble::Binary,
                Unfit::TooLong => Trouble::TooLong,
            })?;
            return match whole {
                None => continue,
                Some(Whole::Text(bytes)) => text(bytes).map(Some),
                Some(Whole::Ping(bytes)) => Ok(Some(Heard::Ping(bytes))),
                Some(Whole::Pong) => Ok(Some(Heard::Pong)),
                Some(Whole::Close(reason)) => Ok(Some(Heard::Close(reason))),
            };
        }
    }
}

fn text(bytes: Bytes) -> Result<Heard, Trouble> {
    match std::str::from_utf8(&bytes) {
        Ok(_) => Ok(Heard::Text(bytes)),
        Err(_) => Err(Trouble::NotUtf8),
    }
}

#[cfg(test)]
mod tests {
    use actix_http::ws::{CloseCode, Item, Message, OpCode, Parser};
    use proptest::prelude::*;
    use tokio_util::codec::Encoder as _;

    use super::*;

    fn sent(messages: Vec<Message>) -> BytesMut {
        let mut codec = Codec::new().client_mode();
        let mut bytes = BytesMut::new();
        for message in messages {
            codec.encode(message, &mut bytes).unwrap();
        }
        bytes
    }

    fn heard(bytes: &[u8], limit: usize) -> Result<Vec<Heard>, Trouble> {
        let mut inbox = Inbox::new(limit);
        let mut all = Vec::new();
        for byte in bytes {
            inbox.push(&[*byte]);
            while let Some(one) = inbox.next()? {
                all.push(one);
            }
        }
        assert_eq!(inbox.held(), 0);
        Ok(all)
    }

    fn part(text: &'static str) -> Bytes {
        Bytes::from_static(text.as_bytes())
    }

    #[test]
    fn a_message_may_come_in_parts_with_a_ping_between_them() {
        let bytes = sent(vec![
            Message::Continuation(Item::FirstText(part("he"))),
            Message::Ping(part("?")),
            Message::Continuation(Item::Continue(part("ll"))),
            Message::Continuation(Item::Last(part("o"))),
            Message::Text("é".into()),
            Message::Close(Some(CloseCode::Normal.into())),
        ]);
        assert_eq!(
            heard(&bytes, 64).unwrap(),
            [
                Heard::Ping(part("?")),
                Heard::Text(part("hello")),
                Heard::Text(part("é")),
                Heard::Close(Some(CloseCode::Normal.into())),
            ]
        );
    }

    #[test]
    fn what_is_no_text_ends_the_listening() {
        let binary = sent(vec![Message::Binary(part("x"))]);
        assert_eq!(heard(&binary, 64), Err(Trouble::Binary));
        let mut broken = BytesMut::new();
        Parser::write_message(&mut broken, b"\xff".as_slice(), OpCode::Text, true, true);
        assert_eq!(heard(&broken, 64), Err(Trouble::NotUtf8));
        let unmasked = [0x81, 0x01, b'x'];
        assert!(matches!(heard(&unmasked, 64), Err(Trouble::Protocol(_))));
    }

    #[test]
    fn a_message_is_too_long_whole_and_in_parts() {
        let whole = sent(vec![Message::Text("12345".into())]);
        assert_eq!(heard(&whole, 4), Err(Trouble::TooLong));
        assert!(heard(&whole, 5).is_ok());
        let parts = sent(vec![
            Message::Continuation(Item::FirstText(part("123"))),
            Message::Continuation(Item::Last(part("45"))),
        ]);
        assert_eq!(heard(&parts, 4), Err(Trouble::TooLong));
        assert!(heard(&parts, 5).is_ok());
    }

    proptest! {
        #[test]
        fn no_bytes_break_the_inbox(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut inbox = Inbox::new(32);
            inbox.push(&bytes);
            while let Ok(Some(_)) = inbox.next() {}
        }
    }
}
