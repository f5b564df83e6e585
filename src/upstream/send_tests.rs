//! The clocks of a send, against servers that read, answer and close as they please.

use std::cell::Cell;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::pin::Pin;
use std::rc::Rc;
use std::task::Context;
use std::thread;

use actix_http::body::{BodySize, MessageBody};

use super::*;
use crate::upstream::tls;

const MIB: usize = 1 << 20;

/// Starts a server that does `serve` with each connection; returns its URL.
fn server(serve: impl Fn(TcpStream, usize) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        let mut held = Vec::new();
        for (stream, number) in listener.incoming().map_while(Result::ok).zip(1..) {
            held.push(stream.try_clone());
            serve(stream, number);
        }
    });
    url
}

fn client() -> awc::Client {
    awc::Client::builder().disable_timeout().finish()
}

fn millis(count: u64) -> Duration {
    Duration::from_millis(count)
}

async fn post(url: &str, body: usize, limits: SendLimits) -> Result<Reply, SendFailure> {
    post_by(&upstreams(), url, body, limits).await
}

fn upstreams() -> Upstreams {
    Upstreams::new(tls::client_config(None).unwrap(), Duration::from_secs(5))
}

async fn post_by(
    upstreams: &Upstreams,
    url: &str,
    body: usize,
    limits: SendLimits,
) -> Result<Reply, SendFailure> {
    let segments = [Bytes::from(vec![b'a'; body])];
    let headers = HeaderMap::new();
    let out = Outbound { method: Method::POST, url, headers, segments: &segments };
    send(upstreams, &Egress::direct(true), out, limits).await
}

fn limits(first_byte: u64, upload: u64, all: u64) -> SendLimits {
    let by = Instant::now() + millis(all);
    SendLimits { first_byte: millis(first_byte), upload: millis(upload), by }
}

/// A body that counts what it was asked for.
struct Counted {
    body: Outgoing,
    handed_over: Rc<Cell<usize>>,
}

impl MessageBody for Counted {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let next = Pin::new(&mut self.body).poll_next(cx);
        if let Poll::Ready(Some(Ok(piece))) = &next {
            self.handed_over.set(self.handed_over.get() + piece.len());
        }
        next
    }
}

#[actix_rt::test]
async fn a_server_that_does_not_read_stops_the_body_and_it_is_not_called_sent() {
    let url = server(|_stream, _| {});
    let (sent, handed_over) = (SentAt::default(), Rc::new(Cell::new(0)));
    let body = Outgoing::new(&[Bytes::from(vec![b'a'; 64 * MIB])], sent.clone());
    let body = Counted { body, handed_over: Rc::clone(&handed_over) };
    let answer = client().post(&url).send_body(body);
    assert!(tokio::time::timeout(millis(500), answer).await.is_err());
    assert_eq!(sent.get(), None);
    // What was handed over is in the sockets' buffers, but for one piece.
    let handed_over = handed_over.get();
    println!("handed over: {} KiB", handed_over >> 10);
    assert!((1..24 * MIB).contains(&handed_over), "{handed_over} bytes were handed over");
}

#[actix_rt::test]
async fn a_body_that_cannot_be_sent_ends_at_the_upload_limit_or_when_all_time_is_over() {
    let url = server(|_stream, _| {});
    let slow = post(&url, 64 * MIB, limits(60_000, 300, 60_000)).await;
    assert!(matches!(slow, Err(SendFailure::Upload(_))), "{:?}", slow.err());
    let over = post(&url, 64 * MIB, limits(60_000, 60_000, 300)).await;
    assert!(matches!(over, Err(SendFailure::OutOfTime)), "{:?}", over.err());
}

#[actix_rt::test]
async fn a_silence_ends_when_all_time_is_over_and_says_how_long_it_was() {
    let url = server(|_stream, _| {});
    for limits in [limits(60_000, 60_000, 300), limits(300, 60_000, 60_000)] {
        match post(&url, 10, limits).await {
            Err(SendFailure::FirstByte(silent_for)) => {
                assert!((millis(100)..millis(5_000)).contains(&silent_for), "{silent_for:?}");
            }
            other => panic!("{:?}", other.err()),
        }
    }
}

#[actix_rt::test]
async fn a_second_sending_has_only_what_the_first_one_left_of_the_time() {
    let (tell, told) = std::sync::mpsc::channel();
    let url = server(move |mut stream, number| {
        take(&mut stream);
        tell.send(number).unwrap();
        if number == 1 {
            stream.write_all(FINE).unwrap();
            take(&mut stream);
            tell.send(number).unwrap();
            thread::sleep(millis(600));
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    });
    let upstreams = upstreams();
    post_by(&upstreams, &url, 10, limits(10_000, 10_000, 10_000)).await.unwrap();
    let started = Instant::now();
    let failure = post_by(&upstreams, &url, 10, limits(1_000, 60_000, 60_000)).await.err();
    assert!(matches!(failure, Some(SendFailure::FirstByte(_))), "{failure:?}");
    assert!(started.elapsed() < millis(1_500), "{:?}", started.elapsed());
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [1, 1, 2], "it was sent twice");
}

const FINE: &[u8] = b"HTTP/1.1 204 Fine\r\ncontent-length: 0\r\n\r\n";

/// Takes one small request.
fn take(stream: &mut TcpStream) {
    let (mut seen, mut some) = (Vec::new(), [0; 4_096]);
    while !seen.ends_with(b"aaaaaaaaaa") {
        let count = stream.read(&mut some).unwrap();
        assert_ne!(count, 0, "the whole request comes");
        seen.extend_from_slice(&some[..count]);
    }
}

#[actix_rt::test]
async fn a_connection_that_died_in_the_pool_costs_nothing() {
    let url = server(|mut stream, number| {
        take(&mut stream);
        stream.write_all(FINE).unwrap();
        if number == 1 {
            take(&mut stream);
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    });
    let upstreams = upstreams();
    for _ in 0..2 {
        let reply = post_by(&upstreams, &url, 10, limits(10_000, 10_000, 10_000)).await.unwrap();
        assert_eq!(reply.response.status().as_u16(), 204);
    }
}

#[actix_rt::test]
async fn one_that_was_opened_for_a_request_and_breaks_is_not_replaced() {
    let (tell, told) = std::sync::mpsc::channel();
    let url = server(move |mut stream, number| {
        take(&mut stream);
        tell.send(number).unwrap();
        let _ = stream.shutdown(std::net::Shutdown::Both);
    });
    let failure = post(&url, 10, limits(10_000, 10_000, 10_000)).await.err();
    assert!(matches!(failure, Some(SendFailure::Broken(_))), "{failure:?}");
    assert_eq!(told.try_iter().collect::<Vec<_>>(), [1], "the request may have been taken");
}

#[actix_rt::test]
async fn a_body_in_many_pieces_arrives_as_it_was() {
    let url = server(|mut stream, _| {
        let mut seen = Vec::new();
        let mut some = vec![0; MIB];
        let head = |seen: &[u8]| memchr::memmem::find(seen, b"\r\n\r\n").map(|at| at + 4);
        while head(&seen).is_none_or(|head| seen.len() < head + 3 * MIB) {
            let count = stream.read(&mut some).unwrap();
            seen.extend_from_slice(&some[..count]);
        }
        assert!(seen[head(&seen).unwrap()..].iter().all(|byte| *byte == b'a'));
        stream.write_all(b"HTTP/1.1 204 Fine\r\ncontent-length: 0\r\n\r\n").unwrap();
    });
    let reply = post(&url, 3 * MIB, limits(10_000, 10_000, 10_000)).await.unwrap();
    assert_eq!(reply.response.status().as_u16(), 204);
}

#[actix_rt::test]
async fn the_answer_behind_an_interim_one_is_nobody_elses() {
    let url = server(|mut stream, _| {
        thread::spawn(move || {
            let mut asked = [0; 4096];
            while stream.read(&mut asked).is_ok_and(|length| length > 0) {
                let _ = stream.write_all(b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n");
                thread::sleep(millis(150));
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret");
            }
        });
    });
    let upstreams = upstreams();
    for _ in 0..3 {
        let mut all = Vec::new();
        for _ in 0..4 {
            // The next one begins while the answer proper to the one before is on its way.
            all.push(post_by(&upstreams, &url, 10, limits(5_000, 5_000, 5_000)).await);
            tokio::time::sleep(millis(40)).await;
        }
        for answer in all {
            match answer {
                Err(SendFailure::Malformed(text)) => assert!(text.contains("103"), "{text}"),
                Err(other) => panic!("{other:?}"),
                Ok(reply) => panic!("somebody else's answer: {}", reply.response.status()),
            }
        }
    }
}
