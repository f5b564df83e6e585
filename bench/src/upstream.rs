//! The mock: one thread, fixed bytes, nothing parsed beyond what framing needs.

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use anyhow::bail;
use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::LocalSet;

use crate::cases;

const STREAM_GAP: Duration = Duration::from_millis(2);
const OPEN_GAP: Duration = Duration::from_secs(1);

/// All answers, made once.
struct Answers {
    call: Bytes,
    stream: Vec<Bytes>,
    chat: Vec<Bytes>,
    open: Vec<Bytes>,
}

/// Serves until the process is ended.
pub async fn serve(listen: SocketAddr) -> anyhow::Result<()> {
    drop(rlimit::increase_nofile_limit(u64::MAX));
    let listener = TcpListener::bind(listen).await?;
    let answers = Rc::new(Answers {
        call: cases::call_answer(),
        stream: cases::stream_chunks(cases::STREAM, cases::STREAM_FRAMES),
        chat: cases::chat_chunks(),
        open: cases::stream_chunks(cases::OPEN, cases::OPEN_FRAMES),
    });
    LocalSet::new().run_until(accept(listener, answers)).await
}

async fn accept(listener: TcpListener, answers: Rc<Answers>) -> anyhow::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let answers = Rc::clone(&answers);
        // A peer that leaves ends its connection; there is nobody to tell.
        tokio::task::spawn_local(async move { drop(connection(stream, &answers).await) });
    }
}

async fn connection(mut stream: TcpStream, answers: &Answers) -> anyhow::Result<()> {
    let mut buffer = BytesMut::with_capacity(4_096);
    loop {
        let Some(request) = read_request(&mut stream, &mut buffer).await? else { return Ok(()) };
        let asks = |model: &str| memchr::memmem::find(&request, model.as_bytes()).is_some();
        if asks(cases::CALL) {
            stream.write_all(&answers.call).await?;
        } else if asks(cases::STREAM) {
            dribble(&mut stream, &answers.stream, STREAM_GAP).await?;
        } else if asks(cases::CHAT_STREAM) {
            dribble(&mut stream, &answers.chat, STREAM_GAP).await?;
        } else if asks(cases::OPEN) {
            dribble(&mut stream, &answers.open, OPEN_GAP).await?;
        } else {
            bail!("no model of the bench");
        }
    }
}

/// Sends each chunk by a write of its own: frames arrive one by one, as from a vendor.
async fn dribble(stream: &mut TcpStream, chunks: &[Bytes], gap: Duration) -> anyhow::Result<()> {
    for chunk in chunks {
        stream.write_all(chunk).await?;
        tokio::time::sleep(gap).await;
    }
    Ok(())
}

/// Reads one request and returns its body; `None` when the peer left.
async fn read_request(
    stream: &mut TcpStream,
    buffer: &mut BytesMut,
) -> anyhow::Result<Option<Bytes>> {
    loop {
        if let Some(end) = memchr::memmem::find(buffer, b"\r\n\r\n") {
            let start = end.saturating_add(4);
            let Some(length) = content_length(buffer.get(..start).unwrap_or_default()) else {
                bail!("a request without a length");
            };
            if buffer.len() >= start.saturating_add(length) {
                buffer.advance(start);
                return Ok(Some(buffer.split_to(length).freeze()));
            }
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}

fn content_length(head: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(head).ok()?;
    text.split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
}
