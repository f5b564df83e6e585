//! The connection loop: read a request, perform its script, notice when the peer leaves.

use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::answers;
use super::head::Inbound;
use super::record::{Book, How, Left};
use super::rules;
use super::script::{Script, Step};

/// What comes after a script.
enum Next {
    /// Another request may follow.
    Keep,
    /// The connection is over.
    Close,
}

/// Accepts for ever; dropping the future ends every connection.
pub async fn accept(listener: TcpListener, book: Arc<Book>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        drop(stream.set_nodelay(true));
        let id = book.connections.fetch_add(1, Ordering::SeqCst);
        book.open.fetch_add(1, Ordering::SeqCst);
        let own = Arc::clone(&book);
        connections.spawn(async move {
            drop(connection(stream, id, &own).await);
            own.open.fetch_sub(1, Ordering::SeqCst);
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(stream: TcpStream, id: u64, book: &Book) -> io::Result<()> {
    let mut inbound = Inbound::default();
    let mut last = None;
    loop {
        let head = match inbound.head(&stream, id).await {
            Ok(Some(head)) => head,
            ended => {
                let how = if ended.is_ok() { How::Fin } else { How::Reset };
                note_left(book, last, how, false);
                return Ok(());
            }
        };
        let read = rules::reading(&book.state.lock().rules, &head);
        let mut seen = head.clone();
        seen.body = inbound.body(&stream, &head, read).await?;
        let (request, script) = {
            let mut state = book.state.lock();
            let maker = rules::pick(&mut state.rules, &seen);
            let script = maker.map_or_else(|| answers::good(&seen), |make| make(&seen));
            (state.file(seen), script)
        };
        last = Some(request);
        match exchange(&stream, &mut inbound, &script, request, book).await {
            Next::Keep => {}
            Next::Close => return Ok(()),
        }
        if read != rules::ReadBody::All {
            inbound.forget();
        }
    }
}

/// Performs the script, unless the peer leaves before its end.
async fn exchange(
    stream: &TcpStream,
    inbound: &mut Inbound,
    script: &Script,
    request: u64,
    book: &Book,
) -> Next {
    let ended = tokio::select! {
        biased;
        ended = perform(stream, script.steps(), request, book) => ended,
        how = leaving(stream, inbound) => Err(how),
    };
    match ended {
        Ok(next) => {
            if let Some(seen) = book.state.lock().seen.get_mut(&request) {
                seen.answered = true;
            }
            next
        }
        Err(how) => {
            note_left(book, Some(request), how, true);
            Next::Close
        }
    }
}

async fn perform(
    stream: &TcpStream,
    steps: &[Step],
    request: u64,
    book: &Book,
) -> Result<Next, How> {
    for step in steps {
        match step {
            Step::Raw(bytes) => write(stream, bytes, request, book).await?,
            Step::Sleep(time) => tokio::time::sleep(*time).await,
            Step::Wait(gate) => gate.pass().await,
            Step::Stall => std::future::pending::<()>().await,
            Step::Fin => return Ok(Next::Close),
            Step::Reset => {
                drop(stream.set_zero_linger());
                return Ok(Next::Close);
            }
            Step::Endless { bytes, gap } => loop {
                write(stream, bytes, request, book).await?;
                if gap.is_zero() {
                    // A fast stream must not keep other connections of this thread from their turn.
                    tokio::task::yield_now().await;
                } else {
                    tokio::time::sleep(*gap).await;
                }
            },
        }
    }
    Ok(Next::Keep)
}

async fn write(stream: &TcpStream, mut bytes: &[u8], request: u64, book: &Book) -> Result<(), How> {
    while !bytes.is_empty() {
        stream.writable().await.map_err(|_| How::Reset)?;
        match stream.try_write(bytes) {
            Ok(taken) => {
                bytes = &bytes[taken..];
                let taken = u64::try_from(taken).unwrap_or_default();
                book.accepted.fetch_add(taken, Ordering::SeqCst);
                if let Some(seen) = book.state.lock().seen.get_mut(&request) {
                    seen.bytes_accepted += taken;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return Err(How::Reset),
        }
    }
    Ok(())
}

/// Ends when the peer does. What it sends meanwhile is kept, up to a bound.
async fn leaving(stream: &TcpStream, inbound: &mut Inbound) -> How {
    loop {
        if inbound.buffer.len() > 64 * 1024 {
            // An unread upload: its end cannot be seen without reading it.
            std::future::pending::<()>().await;
        }
        match inbound.more(stream).await {
            Ok(0) => return How::Fin,
            Ok(_) => {}
            Err(_) => return How::Reset,
        }
    }
}

fn note_left(book: &Book, request: Option<u64>, how: How, during_answer: bool) {
    let Some(request) = request else { return };
    if let Some(seen) = book.state.lock().seen.get_mut(&request) {
        seen.left = Some(Left { how, at: Instant::now(), during_answer });
    }
}
