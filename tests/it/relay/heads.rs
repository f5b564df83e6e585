//! Clients that keep a connection and take their time between its requests.

use std::io;
use std::time::{Duration, Instant};

use actix_http::ws::Message;
use switchyard_actors::domain::dialect::Dialect;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

use super::stand::Stand;
use crate::support::prices::MODEL;
use crate::support::socket::{Said, Socket};
use crate::support::switchyard::Switchyard;
use crate::support::upstream::Script;
use crate::support::upstream::answers::{middle_frame, truncated};

const HEAD: (&str, &str) = ("SWITCHYARD_HEAD_TIMEOUT_SECONDS", "1");
const LIVE: &[u8] = b"GET /api/health/live HTTP/1.1\r\nHost: x\r\n\r\n";
const HALF: &[u8] = b"GET /api/health/live HTTP/1.1\r\nHost: x\r\n";
/// What ends the answer.
const OK: &str = "\"}";
/// So long after its limit a connection must be gone.
const LATE: Duration = Duration::from_secs(8);

/// Reads what is said until it contains something.
async fn hear(stream: &mut TcpStream, what: &str) -> String {
    let mut heard = Vec::new();
    let reading = async {
        while !String::from_utf8_lossy(&heard).contains(what) {
            assert_ne!(stream.read_buf(&mut heard).await.unwrap(), 0, "it ended without {what}");
        }
    };
    timeout(LATE, reading).await.unwrap_or_else(|_| panic!("{what} is never said"));
    String::from_utf8_lossy(&heard).into_owned()
}

/// Reads to the end of the connection, in order or not, and returns what was said.
async fn hear_out(mut stream: impl AsyncRead + Unpin) -> String {
    let mut heard = Vec::new();
    while matches!(stream.read_buf(&mut heard).await, Ok(read) if read > 0) {}
    String::from_utf8_lossy(&heard).into_owned()
}

/// A connection whose first request was answered.
async fn acquainted(switchyard: &Switchyard, first: &[u8]) -> TcpStream {
    let mut stream = switchyard.client().connect().await.unwrap();
    stream.write_all(first).await.unwrap();
    let heard = hear(&mut stream, OK).await;
    assert!(heard.starts_with("HTTP/1.1 200"), "{heard}");
    stream
}

/// Sends header lines for as long as they are taken.
async fn trickle(mut stream: impl AsyncWrite + Unpin) -> io::Error {
    loop {
        sleep(Duration::from_millis(200)).await;
        if let Err(error) = stream.write_all(b"X: a\r\n").await {
            return error;
        }
    }
}

#[tokio::test]
async fn a_later_head_has_as_much_time_as_the_first() {
    let switchyard = Switchyard::launch(&[HEAD]).await;
    let mut silent = acquainted(&switchyard, LIVE).await;
    silent.write_all(HALF).await.unwrap();
    let heard = timeout(LATE, hear_out(silent)).await.expect("the connection ends");
    assert!(heard.starts_with("HTTP/1.1 408") && heard.contains("connection: close"), "{heard}");
    let begun_early = [LIVE, HALF].concat();
    for first in [LIVE, &begun_early] {
        let (reading, mut writing) = acquainted(&switchyard, first).await.into_split();
        if first == LIVE {
            writing.write_all(HALF).await.unwrap();
        }
        let start = Instant::now();
        tokio::select! {
            _ = hear_out(reading) => {}
            _ = trickle(writing) => {}
            () = sleep(LATE) => panic!("a head of {} s goes on", LATE.as_secs()),
        }
        assert!(start.elapsed() > Duration::from_millis(900), "{:?}", start.elapsed());
    }
}

#[tokio::test]
async fn what_is_left_of_a_refused_upload_keeps_no_connection() {
    let switchyard = Switchyard::launch(&[HEAD, ("SWITCHYARD_KEEP_ALIVE_SECONDS", "1")]).await;
    let upload =
        b"POST /v1/messages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n";
    for goes_on in [false, true] {
        let mut stream = switchyard.client().connect().await.unwrap();
        stream.write_all(upload).await.unwrap();
        let heard = hear(&mut stream, "missing_api_key").await;
        assert!(heard.starts_with("HTTP/1.1 401"), "{heard}");
        let (reading, mut writing) = stream.into_split();
        let going_on = async {
            loop {
                sleep(Duration::from_millis(200)).await;
                if !goes_on || writing.write_all(b"1\r\na\r\n").await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::select! {
            _ = hear_out(reading) => {}
            () = going_on => {}
            () = sleep(Duration::from_secs(20)) => panic!("it is kept, going on: {goes_on}"),
        }
    }
}

/// What takes long and is no head: each for some times the limit of one.
#[tokio::test]
async fn answers_uploads_sockets_and_rest_may_take_longer_than_a_head() {
    let stand = Stand::with(&[HEAD]).await;
    let long = Duration::from_secs(4);
    let socket = async {
        let mut socket = Socket::open(&stand.switchyard, &stand.user.key).await;
        sleep(long).await;
        socket.send(Message::Ping("there?".into())).await;
        assert_eq!(socket.next().await, Said::Pong("there?".into()));
    };
    let rest = async {
        let mut stream = acquainted(&stand.switchyard, LIVE).await;
        sleep(long).await;
        stream.write_all(LIVE).await.unwrap();
        hear(&mut stream, OK).await;
    };
    let upload = async {
        let request = stand.request(Dialect::Anthropic, false);
        let bytes = String::from_utf8_lossy(&request.bytes()).replace("Connection: close\r\n", "");
        let (head, body) = bytes.split_once("\r\n\r\n").unwrap();
        let mut stream = acquainted(&stand.switchyard, LIVE).await;
        stream.write_all(format!("{head}\r\n\r\n").as_bytes()).await.unwrap();
        for piece in body.as_bytes().chunks(body.len().div_ceil(10)) {
            sleep(long / 10).await;
            stream.write_all(piece).await.unwrap();
        }
        let answer = hear(&mut stream, "\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    };
    tokio::join!(socket, rest, upload);
    let piece = middle_frame(Dialect::Anthropic, MODEL);
    let script: Script = truncated(Dialect::Anthropic, MODEL, 1);
    stand.upstream.always(script.endless(piece, Duration::from_millis(100)));
    let request = stand.request(Dialect::Anthropic, true);
    let mut stream = acquainted(&stand.switchyard, LIVE).await;
    let kept = String::from_utf8_lossy(&request.bytes()).replace("Connection: close\r\n", "");
    stream.write_all(kept.as_bytes()).await.unwrap();
    let start = Instant::now();
    while start.elapsed() < long {
        hear(&mut stream, "content_block_delta").await;
    }
    // The next request may be begun meanwhile.
    stream.write_all(HALF).await.unwrap();
    sleep(long / 2).await;
    hear(&mut stream, "content_block_delta").await;
}
