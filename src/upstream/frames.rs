//! The frames of WebSocket, within a bound. The codec that is used here tells that a frame is too long
//! only when all of it has come: its head says so before.

use actix_http::ws::{Codec, Frame, Message, ProtocolError};
use bytes::BytesMut;
use tokio_util::codec::{Decoder, Encoder};

/// A codec that refuses a frame whose head announces more than it may have.
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
        self.codec.decode(bytes)
    }
}

impl Encoder<Message> for BoundedCodec {
    type Error = ProtocolError;

    fn encode(&mut self, message: Message, bytes: &mut BytesMut) -> Result<(), ProtocolError> {
        self.codec.encode(message, bytes)
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
