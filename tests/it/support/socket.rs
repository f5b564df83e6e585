//! A client of Responses over WebSocket on a raw socket: it sends any frame and sees every one.

use std::io;

use actix_http::ws::{Codec, Frame, Item, Message};
use bytes::{Bytes, BytesMut};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::codec::{Decoder as _, Encoder as _};

use super::client::{Client, PATIENCE, Request};
use super::switchyard::Switchyard;

/// An open socket.
pub struct Socket {
    stream: TcpStream,
    codec: Codec,
    buffer: BytesMut,
    /// The head of the answer that opened it.
    pub head: String,
}

/// What the server said.
#[derive(Debug, PartialEq)]
pub enum Said {
    Text(String),
    Ping,
    Pong(Bytes),
    /// A goodbye with its code.
    Close(Option<u16>),
    /// The connection ended in order.
    Fin,
    /// The connection was reset.
    Reset,
}

/// The request that asks for a socket, as Codex makes it.
pub fn handshake(target: &str, key: &str) -> Request {
    Request::get(target)
        .bearer(key)
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
        .header("sec-websocket-extensions", "permessage-deflate; client_max_window_bits")
        .header("openai-beta", "responses_websockets=2026-02-06")
}

/// A message that asks for a response with a text.
pub fn create(model: &str, text: &str) -> Value {
    json!({ "type": "response.create", "model": model, "store": false, "stream": true,
        "input": [{ "type": "message", "role": "user",
            "content": [{ "type": "input_text", "text": text }] }] })
}

impl Socket {
    /// Opens a socket with a key.
    pub async fn open(switchyard: &Switchyard, key: &str) -> Self {
        Self::open_as(switchyard, &handshake("/v1/responses", key)).await
    }

    /// Opens a socket; panics when the server has none.
    pub async fn open_as(switchyard: &Switchyard, request: &Request) -> Self {
        let socket = Self::ask(&switchyard.client(), request).await.expect("an answer");
        assert!(socket.is_open(), "{}", socket.head);
        socket
    }

    /// Asks for a socket and reads the head of the answer.
    pub async fn ask(client: &Client, request: &Request) -> io::Result<Self> {
        let mut stream = client.connect().await?;
        let head = String::from_utf8_lossy(&request.bytes()).into_owned();
        let head = head.replace("Connection: close", "Connection: Upgrade");
        let head = head.replace("Content-Length: 0\r\n", "");
        stream.write_all(head.as_bytes()).await?;
        let mut buffer = BytesMut::new();
        let end = loop {
            if let Some(at) = memchr::memmem::find(&buffer, b"\r\n\r\n") {
                break at + 4;
            }
            let read = timeout(PATIENCE, stream.read_buf(&mut buffer)).await.expect("in time")?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        };
        let head = String::from_utf8_lossy(&buffer.split_to(end)).into_owned();
        let codec = Codec::new().client_mode().max_size(64 << 20);
        Ok(Self { stream, codec, buffer, head })
    }

    /// Tells whether the server has opened it.
    pub fn is_open(&self) -> bool {
        self.head.starts_with("HTTP/1.1 101 ")
    }

    /// Sends a JSON text.
    pub async fn say(&mut self, message: &Value) {
        self.send(Message::Text(message.to_string().into())).await;
    }

    /// Sends a message.
    pub async fn send(&mut self, message: Message) {
        let mut bytes = BytesMut::new();
        self.codec.encode(message, &mut bytes).expect("a legal message");
        self.write(&bytes).await;
    }

    /// Sends a text in parts of so many bytes.
    pub async fn say_in_parts(&mut self, message: &Value, size: usize) {
        let text = Bytes::from(message.to_string());
        let mut parts: Vec<Bytes> = Vec::new();
        for at in (0..text.len()).step_by(size) {
            parts.push(text.slice(at..text.len().min(at + size)));
        }
        let last = parts.pop().expect("a text");
        for (place, part) in parts.into_iter().enumerate() {
            let item = if place == 0 { Item::FirstText(part) } else { Item::Continue(part) };
            self.send(Message::Continuation(item)).await;
        }
        self.send(Message::Continuation(Item::Last(last))).await;
    }

    /// Sends bytes as they are; the server may have gone.
    pub async fn write(&mut self, bytes: &[u8]) {
        drop(self.stream.write_all(bytes).await);
    }

    /// Waits for what the server says next.
    pub async fn next(&mut self) -> Said {
        loop {
            match self.codec.decode(&mut self.buffer).expect("legal frames") {
                Some(Frame::Text(bytes)) => {
                    return Said::Text(String::from_utf8(bytes.to_vec()).expect("UTF-8"));
                }
                Some(Frame::Ping(_)) => return Said::Ping,
                Some(Frame::Pong(bytes)) => return Said::Pong(bytes),
                Some(Frame::Close(reason)) => {
                    return Said::Close(reason.map(|reason| reason.code.into()));
                }
                Some(other) => panic!("the server sends texts alone: {other:?}"),
                None => {}
            }
            let read = timeout(PATIENCE, self.stream.read_buf(&mut self.buffer)).await;
            match read.expect("the server says something in time") {
                Ok(0) => return Said::Fin,
                Ok(_) => {}
                Err(_) => return Said::Reset,
            }
        }
    }

    /// Waits for the next event.
    pub async fn event(&mut self) -> Value {
        loop {
            match self.next().await {
                Said::Text(text) => return serde_json::from_str(&text).expect("JSON"),
                Said::Ping => {}
                other => panic!("an event was expected: {other:?}"),
            }
        }
    }

    /// Reads events up to the one that ends a turn.
    pub async fn events(&mut self) -> Vec<Value> {
        let mut events = Vec::new();
        loop {
            let event = self.event().await;
            let kind = event["type"].as_str().expect("a type").to_owned();
            events.push(event);
            if matches!(
                kind.as_str(),
                "response.completed" | "response.failed" | "response.incomplete" | "error"
            ) {
                return events;
            }
        }
    }

    /// Asks and reads the whole answer.
    pub async fn turn(&mut self, message: &Value) -> Vec<Value> {
        self.say(message).await;
        self.events().await
    }

    /// Waits for the server's goodbye and the end of the connection; returns its code.
    pub async fn farewell(&mut self) -> Option<u16> {
        let code = loop {
            match self.next().await {
                Said::Close(code) => break code,
                Said::Text(_) | Said::Ping => {}
                other => panic!("a goodbye was expected: {other:?}"),
            }
        };
        self.send(Message::Close(None)).await;
        assert_eq!(self.next().await, Said::Fin, "the connection ends in order");
        code
    }

    /// Leaves without a word.
    pub fn leave(self) {
        drop(self);
    }

    /// Leaves by a reset.
    pub fn leave_by_reset(self) {
        drop(self.stream.set_zero_linger());
    }
}
