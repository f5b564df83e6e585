//! An upstream that speaks WebSocket: it answers each message by a script, and records what it gets.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread::JoinHandle;

use actix_http::ws::{CloseCode, Codec, Frame, Message, hash_key};
use bytes::BytesMut;
use parking_lot::Mutex;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio_util::codec::{Decoder as _, Encoder as _};

/// What is done with a connection or a message.
#[derive(Clone, Debug)]
pub enum Act {
    /// The events of a good answer, each a message.
    Say(Vec<String>),
    /// Some events, then a goodbye with a code.
    SayAndClose(Vec<String>, u16),
    /// Some events, then the end of the connection.
    SayAndFin(Vec<String>),
    /// Some events, and a little later a ping.
    SayAndPing(Vec<String>),
    /// Some events, and a little later another that nobody asked for.
    SayAndAdd(Vec<String>, String),
    /// Silence.
    Nothing,
}

/// How handshakes are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// They are accepted.
    Open,
    /// They get a status.
    Refuse(u16),
    /// They get no answer.
    Silent,
}

/// Everything it got.
#[derive(Default)]
struct Book {
    door: Option<Door>,
    acts: Vec<Act>,
    handshakes: Vec<String>,
    messages: Vec<(u64, Value)>,
    posts: Vec<(String, Value)>,
    open: usize,
    opened: u64,
    pings: u32,
}

/// A running upstream. What comes as a `POST` is answered well.
pub struct SocketUpstream {
    address: SocketAddr,
    book: Arc<Mutex<Book>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl SocketUpstream {
    /// Starts on a free port. `answer` are the events of a good answer.
    pub fn start(door: Door, answer: Vec<String>) -> Self {
        let book = Arc::new(Mutex::new(Book { door: Some(door), ..Book::default() }));
        let (stop, stopped) = oneshot::channel();
        let (tell, told) = std::sync::mpsc::channel();
        let shared = Arc::clone(&book);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
                tell.send(listener.local_addr().expect("own address")).expect("tell the address");
                tokio::select! {
                    () = accept(listener, shared, answer) => {}
                    _ = stopped => {}
                }
            });
        });
        let address = told.recv().expect("the upstream starts");
        Self { address, book, stop: Some(stop), thread: Some(thread) }
    }

    /// Returns the base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Does something else than a good answer with the next message.
    pub fn next(&self, act: Act) {
        self.book.lock().acts.push(act);
    }

    /// Returns the heads of the handshakes.
    pub fn handshakes(&self) -> Vec<String> {
        self.book.lock().handshakes.clone()
    }

    /// Returns the messages, each with the number of its connection.
    pub fn messages(&self) -> Vec<(u64, Value)> {
        self.book.lock().messages.clone()
    }

    /// Returns the bodies that came over HTTP, each with its head.
    pub fn posts(&self) -> Vec<(String, Value)> {
        self.book.lock().posts.clone()
    }

    /// Returns how many connections are open.
    pub fn open_connections(&self) -> usize {
        self.book.lock().open
    }

    /// Returns how many pongs came.
    pub fn pongs(&self) -> u32 {
        self.book.lock().pings
    }
}

impl Drop for SocketUpstream {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

async fn accept(listener: TcpListener, book: Arc<Mutex<Book>>, answer: Vec<String>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (book, answer) = (Arc::clone(&book), answer.clone());
        let number = {
            let mut book = book.lock();
            book.open += 1;
            book.opened += 1;
            book.opened
        };
        connections.spawn(async move {
            drop(connection(stream, number, &book, &answer).await);
            book.lock().open -= 1;
        });
    }
}

async fn connection(
    mut stream: TcpStream,
    number: u64,
    book: &Mutex<Book>,
    answer: &[String],
) -> std::io::Result<()> {
    let mut buffer = BytesMut::new();
    loop {
        let Some(head) = head(&mut stream, &mut buffer).await? else { return Ok(()) };
        let value = |name: &str| {
            let line = head.lines().find(|line| line.to_lowercase().starts_with(name));
            line.and_then(|line| line.split_once(": ")).map(|(_, value)| value.trim().to_owned())
        };
        if head.starts_with("POST") {
            let length: usize = value("content-length").and_then(|it| it.parse().ok()).unwrap_or(0);
            while buffer.len() < length {
                if stream.read_buf(&mut buffer).await? == 0 {
                    return Ok(());
                }
            }
            let body = buffer.split_to(length);
            let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
            book.lock().posts.push((head, body));
            let events = format!("data: {}\n\n", answer.join("\n\ndata: "));
            let length = events.len();
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {length}\r\n\r\n"
            );
            stream.write_all([head, events].concat().as_bytes()).await?;
            continue;
        }
        let key = value("sec-websocket-key").unwrap_or_default();
        let door = {
            let mut book = book.lock();
            book.handshakes.push(head);
            book.door
        };
        match door {
            Some(Door::Refuse(status)) => {
                let body = r#"{"error":{"message":"no sockets"}}"#;
                let length = body.len();
                let text = format!(
                    "HTTP/1.1 {status} No\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
                );
                stream.write_all(text.as_bytes()).await?;
            }
            Some(Door::Silent) => {
                while stream.read_buf(&mut buffer).await? > 0 {}
                return Ok(());
            }
            _ => {
                let accept = hash_key(key.as_bytes());
                let accept = std::str::from_utf8(&accept).expect("base64");
                let text = format!(
                    "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: {accept}\r\n\r\n"
                );
                stream.write_all(text.as_bytes()).await?;
                return socket(stream, buffer, number, book, answer).await;
            }
        }
    }
}

async fn head(stream: &mut TcpStream, buffer: &mut BytesMut) -> std::io::Result<Option<String>> {
    loop {
        if let Some(at) = memchr::memmem::find(buffer, b"\r\n\r\n") {
            return Ok(Some(String::from_utf8_lossy(&buffer.split_to(at + 4)).into_owned()));
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}

/// What an act comes to.
#[derive(Default)]
struct Doing {
    events: Vec<String>,
    close: Option<u16>,
    fin: bool,
    /// What comes a while behind the answer.
    later: Option<Message>,
}

impl Act {
    fn doing(self) -> Doing {
        let plain = Doing::default();
        match self {
            Self::Say(events) => Doing { events, ..plain },
            Self::SayAndClose(events, code) => Doing { events, close: Some(code), ..plain },
            Self::SayAndFin(events) => Doing { events, fin: true, ..plain },
            Self::SayAndPing(events) => {
                Doing { events, later: Some(Message::Ping("later".into())), ..plain }
            }
            Self::SayAndAdd(events, text) => {
                Doing { events, later: Some(Message::Text(text.into())), ..plain }
            }
            Self::Nothing => plain,
        }
    }
}

async fn socket(
    mut stream: TcpStream,
    mut buffer: BytesMut,
    number: u64,
    book: &Mutex<Book>,
    answer: &[String],
) -> std::io::Result<()> {
    let mut codec = Codec::new().max_size(64 << 20);
    loop {
        let frame = loop {
            match codec.decode(&mut buffer).expect("legal frames") {
                Some(frame) => break frame,
                None if stream.read_buf(&mut buffer).await? == 0 => return Ok(()),
                None => {}
            }
        };
        let text = match frame {
            Frame::Text(text) => text,
            Frame::Pong(_) => {
                book.lock().pings += 1;
                continue;
            }
            Frame::Close(_) => return Ok(()),
            other => panic!("texts alone are sent upstream: {other:?}"),
        };
        let act = {
            let mut book = book.lock();
            book.messages.push((number, serde_json::from_slice(&text).expect("JSON")));
            if book.acts.is_empty() { Act::Say(answer.to_vec()) } else { book.acts.remove(0) }
        };
        let Doing { events, close, fin, later } = act.doing();
        let mut out = BytesMut::new();
        let stays = !fin && close.is_none();
        for event in events {
            if stays && later.is_none() {
                codec.encode(Message::Ping("?".into()), &mut out).expect("a ping");
            }
            codec.encode(Message::Text(event.into()), &mut out).expect("a text");
        }
        if let Some(code) = close {
            let code = CloseCode::from(code);
            codec.encode(Message::Close(Some(code.into())), &mut out).expect("a goodbye");
        }
        stream.write_all(&out).await?;
        if let Some(later) = later {
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            let mut out = BytesMut::new();
            codec.encode(later, &mut out).expect("a legal message");
            stream.write_all(&out).await?;
        }
        if fin || close.is_some() {
            stream.shutdown().await?;
            return Ok(());
        }
    }
}
