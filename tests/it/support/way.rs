//! A way to a server that can stand still, as if the server were frozen: connections are taken and
//! stay open, and no byte passes. It can also be slow.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// A way to a server. Dropped, it is closed to new connections.
pub struct Way {
    address: SocketAddr,
    still: watch::Sender<bool>,
    slow: watch::Sender<Duration>,
    taking: JoinHandle<()>,
}

impl Way {
    /// Opens a way to the server at `host:port`.
    pub async fn to(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let address = listener.local_addr().expect("an address");
        let (still, is_still) = watch::channel(false);
        let (slow, is_slow) = watch::channel(Duration::ZERO);
        let pace = Pace { still: is_still, slow: is_slow };
        let taking = tokio::spawn(take(listener, server.to_owned(), pace));
        Self { address, still, slow, taking }
    }

    /// Returns where it begins.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Lets it stand still.
    pub fn freeze(&self) {
        self.still.send_replace(true);
    }

    /// Lets each answer of the server take so long.
    pub fn slow_down(&self, each: Duration) {
        self.slow.send_replace(each);
    }

    /// Lets it go on.
    pub fn thaw(&self) {
        self.still.send_replace(false);
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        self.taking.abort();
    }
}

/// How what passes gets on.
#[derive(Clone)]
struct Pace {
    still: watch::Receiver<bool>,
    /// How long a piece that comes back takes.
    slow: watch::Receiver<Duration>,
}

async fn take(listener: TcpListener, server: String, pace: Pace) {
    while let Ok((near, _)) = listener.accept().await {
        tokio::spawn(carry(near, server.clone(), pace.clone()));
    }
}

async fn carry(near: TcpStream, server: String, Pace { mut still, slow }: Pace) {
    if still.wait_for(|still| !*still).await.is_err() {
        return;
    }
    let Ok(far) = TcpStream::connect(server).await else { return };
    let ((near_out, near_in), (far_out, far_in)) = (near.into_split(), far.into_split());
    let fast = watch::channel(Duration::ZERO).1;
    let (there, back) = (Pace { still: still.clone(), slow: fast }, Pace { still, slow });
    tokio::join!(pass(near_out, far_in, there), pass(far_out, near_in, back));
}

async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    Pace { mut still, slow }: Pace,
) {
    let mut bytes = vec![0; 16 * 1024];
    loop {
        let read = from.read(&mut bytes).await.unwrap_or(0);
        // What was on its way when it froze, an end as well, waits.
        if still.wait_for(|still| !*still).await.is_err() || read == 0 {
            break;
        }
        let Some(piece) = bytes.get(..read) else { break };
        let each = *slow.borrow();
        sleep(each).await;
        if to.write_all(piece).await.is_err() {
            break;
        }
    }
    drop(to.shutdown().await);
}
