//! The frames of WebSocket, within a bound. The codec that is used here tells that a frame is too long
//! only when all of it has come: its head says so before. Texts that come in parts are put together.

use actix_http::ws::{CloseReason, Codec, Frame, Item, Message, ProtocolError};
use bytes::{Bytes, BytesMut};
use tokio_util::codec::{Decoder, Encoder};

/// A frame up to this may leave its block of memory to those behind it.
const LARGE: usize = 64 << 10;

/// A codec that refuses a frame whose head announces more than it may have, and whose buffer does not
/// keep the memory of a large one.
#[derive(Debug)]
pub struct BoundedCodec {
    codec: Codec,
    limit: usize,
}

impl BoundedCodec {
    /// Bounds a codec, whichever side it is of.
    #[must_use]
    pub fn new(codec: Codec, limit: usize) -> Self {
        Self { codec: codec.max_size(limit), limit }
    }
}

impl Decoder for BoundedCodec {
    type Item = Frame;
    type Error = ProtocolError;

    fn decode(&mut self, bytes: &mut BytesMut) -> Result<Option<Frame>, ProtocolError> {
        if announced(bytes).is_some_and(|length| length > self.limit as u64) {
            return Err(ProtocolError::Overflow);
        }
        let before = bytes.len();
        let frame = self.codec.decode(bytes)?;
        if frame.is_some() && before - bytes.len() > LARGE {
            // The frame shares the buffer's block, which would grow into all of it again.
            *bytes = BytesMut::from(&bytes[..]);
        }
        Ok(frame)
    }
}

impl Encoder<Message> for BoundedCodec {
    type Error = ProtocolError;

    fn encode(&mut self, message: Message, bytes: &mut BytesMut) -> Result<(), ProtocolError> {
        self.codec.encode(message, bytes)
    }
}

/// Writes a text as the frame in which a client sends it. `None` when it is not UTF-8.
#[must_use]
pub fn of_client(text: Bytes) -> Option<Bytes> {
    let text = text.try_into().ok()?;
    let mut frame = BytesMut::new();
    Codec::new().client_mode().encode(Message::Text(text), &mut frame).ok()?;
    Some(frame.freeze())
}

/// Something whole that was said.
#[derive(Debug, PartialEq, Eq)]
pub enum Whole {
    /// A text; nobody has looked whether it is UTF-8.
    Text(Bytes),
    /// A ping to answer.
    Ping(Bytes),
    /// An answer to ours.
    Pong,
    /// A goodbye.
    Close(Option<CloseReason>),
}

/// Why what is said is not listened to any longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// A message is not text.
    NotText,
    /// A message is longer than one may be.
    TooLong,
}

/// Puts frames together.
#[derive(Debug)]
pub struct Assembler {
    /// What came so far of a message in parts; a part without anything in it takes no room.
    parts: BytesMut,
    limit: usize,
}

impl Assembler {
    /// Makes one for messages up to `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { parts: BytesMut::new(), limit }
    }

    /// Returns how many bytes wait for the rest of their message.
    #[must_use]
    pub fn held(&self) -> usize {
        self.parts.len()
    }

    /// Takes a frame; `None` when it is a part and others follow.
    ///
    /// # Errors
    /// The socket has to be closed.
    pub fn frame(&mut self, frame: Frame) -> Result<Option<Whole>, Unfit> {
        Ok(Some(match frame {
            Frame::Text(text) => Whole::Text(text),
            Frame::Binary(_) | Frame::Continuation(Item::FirstBinary(_)) => {
                return Err(Unfit::NotText);
            }
            Frame::Continuation(Item::FirstText(part) | Item::Continue(part)) => {
                self.add(&part)?;
                return Ok(None);
            }
            Frame::Continuation(Item::Last(part)) => {
                self.add(&part)?;
                Whole::Text(std::mem::take(&mut self.parts).freeze())
            }
            Frame::Ping(bytes) => Whole::Ping(bytes),
            Frame::Pong(_) => Whole::Pong,
            Frame::Close(reason) => Whole::Close(reason),
        }))
    }

    fn add(&mut self, part: &[u8]) -> Result<(), Unfit> {
        if self.parts.len() + part.len() > self.limit {
            return Err(Unfit::TooLong);
        }
        self.parts.extend_from_slice(part);
        Ok(())
    }
}

/// Returns the length that the head of a frame announces (RFC 6455, 5.2), once it has come.
fn announced(bytes: &[u8]) -> Option<u64> {
    match bytes.get(1)? & 0x7f {
        126 => {
            let length = bytes.get(2..4)?.try_into().ok()?;
            Some(u64::from(u16::from_be_bytes(length)))
        }
        127 => Some(u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?)),
        short => Some(u64::from(short)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_head_announces_the_length_of_what_is_encoded(length in 0..200_000_usize) {
            let mut bytes = BytesMut::new();
            let text = "x".repeat(length);
            Codec::new().encode(Message::Text(text.into()), &mut bytes).unwrap();
            prop_assert_eq!(announced(&bytes), Some(length as u64));
        }
    }

    #[test]
    fn a_buffer_does_not_keep_the_memory_of_a_large_frame() {
        let mut codec = BoundedCodec::new(Codec::new().client_mode(), 4 << 20);
        let mut bytes = BytesMut::new();
        let text = |length: usize| Message::Text("x".repeat(length).into());
        Codec::new().encode(text(2 << 20), &mut bytes).unwrap();
        Codec::new().encode(text(3), &mut bytes).unwrap();
        assert!(codec.decode(&mut bytes).unwrap().is_some());
        bytes.reserve(1 << 10);
        assert!(bytes.capacity() < 1 << 20, "{}", bytes.capacity());
        let next = codec.decode(&mut bytes).unwrap();
        assert!(matches!(next, Some(Frame::Text(text)) if text == "xxx"));
    }

    #[test]
    fn a_clients_frame_is_what_a_server_reads() {
        let mut bytes = BytesMut::from(of_client("héllo".into()).unwrap().as_ref());
        let frame = Codec::new().decode(&mut bytes).unwrap();
        assert!(matches!(frame, Some(Frame::Text(text)) if text == "héllo".as_bytes()));
        assert_eq!(of_client(Bytes::from_static(b"\xff")), None);
    }

    #[test]
    fn a_frame_is_refused_at_its_head() {
        let mut codec = BoundedCodec::new(Codec::new(), 1_000);
        let mut head = BytesMut::from([0x81, 0xfe, 0x03, 0xe9].as_slice());
        assert!(matches!(codec.decode(&mut head), Err(ProtocolError::Overflow)));
        let mut head = BytesMut::from([0x81, 0xfe, 0x03, 0xe8].as_slice());
        assert!(matches!(codec.decode(&mut head), Ok(None)));
        let mut part = BytesMut::from([0x81, 0xff, 0x03].as_slice());
        assert!(matches!(codec.decode(&mut part), Ok(None)));
    }
}
