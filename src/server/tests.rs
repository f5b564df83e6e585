//! The server on a real port: disconnects, refused uploads, and the order of stopping.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix_web::web::{self, Bytes, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;
use tokio::sync::mpsc::UnboundedSender;

use super::*;
use crate::web::{Shell, base};

/// Counts handlers and bodies that were dropped.
#[derive(Clone, Default)]
struct Dropped(Arc<AtomicUsize>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

struct Running {
    address: SocketAddr,
    dropped: Arc<AtomicUsize>,
    signals: UnboundedSender<Signal>,
    shell: Arc<Shell>,
    /// How many answers ran when the parts were told that the stop begins.
    at_stop: Arc<AtomicUsize>,
    /// Answers were told that they must end.
    cut: Arc<AtomicBool>,
    ending: actix_rt::task::JoinHandle<Ending>,
}

fn routes(config: &mut ServiceConfig, dropped: &Arc<AtomicUsize>) {
    let (silent, slow) = (Arc::clone(dropped), Arc::clone(dropped));
    base(config);
    config.route(
        "/test/silent",
        web::get().to(move || {
            let dropped = Dropped(Arc::clone(&silent));
            async move {
                std::future::pending::<()>().await;
                drop(dropped);
                HttpResponse::Ok().finish()
            }
        }),
    );
    config.route(
        "/test/slow",
        web::get().to(move || {
            let dropped = Dropped(Arc::clone(&slow));
            async move { answer_slowly(dropped) }
        }),
    );
    config.route("/test/fault", web::get().to(fault));
    config.route(
        "/test/refuse",
        web::post()
            .to(|_: HttpRequest| async { HttpResponse::PayloadTooLarge().body("too large") }),
    );
}

async fn fault() -> HttpResponse {
    tokio::task::yield_now().await;
    panic!("on purpose");
}

/// Sends twenty pieces, one every 50 ms.
fn answer_slowly(dropped: Dropped) -> HttpResponse {
    let pieces = stream::unfold((0, dropped), |(sent, dropped)| async move {
        if sent == 20 {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        Some((Ok::<_, actix_web::Error>(Bytes::from_static(b"piece ")), (sent + 1, dropped)))
    });
    HttpResponse::Ok().streaming(pieces)
}

fn run(grace: Duration) -> Running {
    let shell = Shell::for_tests(&[("APP_HOST", "127.0.0.1"), ("APP_PORT", "0")]);
    let listener = listen(&shell.settings.server).unwrap();
    let address = listener.local_addr().unwrap();
    let dropped = Arc::new(AtomicUsize::new(0));
    let of_worker = Arc::clone(&dropped);
    let options = HttpOptions { workers: 1, grace, ..HttpOptions::from(&*shell.settings) };
    let worker = move || Arc::clone(&of_worker);
    let server = start(listener, options, Arc::clone(&shell), worker, routes).unwrap();
    let (signals, received) = Signals::by_hand();
    let own = Arc::clone(&shell);
    let at_stop = Arc::<AtomicUsize>::default();
    let in_order = Arc::clone(&at_stop);
    let cut = Arc::<AtomicBool>::default();
    let of_cut = Arc::clone(&cut);
    let ending = actix_rt::spawn(async move {
        let running = || in_order.store(own.activity.count(), Ordering::SeqCst);
        let cut = || of_cut.store(true, Ordering::SeqCst);
        let flush = async {};
        let steps = Steps { reload: || (), standing_down: running, grace, cut, flush };
        run_until_stopped(server, received, &own.readiness, &own.activity, steps).await
    });
    Running { address, dropped, signals, shell, at_stop, cut, ending }
}

/// Speaks on a thread of its own, so that the runtime of the test goes on.
async fn speak<T: Send + 'static>(talk: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(talk).await.unwrap()
}

fn ask(address: SocketAddr, path: &str) -> TcpStream {
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    write!(socket, "GET {path} HTTP/1.1\r\nhost: test\r\n\r\n").unwrap();
    socket
}

async fn until(reached: impl Fn() -> bool) {
    let limit = Instant::now() + Duration::from_secs(5);
    while !reached() {
        assert!(Instant::now() < limit, "it never came");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[actix_rt::test]
async fn a_client_that_leaves_a_silent_answer_is_seen_at_once() {
    let server = run(Duration::from_secs(1));
    let address = server.address;
    let socket = speak(move || ask(address, "/test/silent")).await;
    until(|| server.shell.activity.count() == 1).await;
    drop(socket);
    let left = Instant::now();
    until(|| server.dropped.load(Ordering::SeqCst) == 1).await;
    assert!(left.elapsed() < Duration::from_millis(500), "it took {:?}", left.elapsed());
    until(|| server.shell.activity.count() == 0).await;
}

#[actix_rt::test]
async fn a_handler_that_panics_ends_its_own_request_alone() {
    let server = run(Duration::from_secs(1));
    let address = server.address;
    let (fault, after) = speak(move || {
        let head = |mut socket: TcpStream| {
            let mut head = [0; 1024];
            let read = socket.read(&mut head).unwrap();
            String::from_utf8_lossy(&head[..read]).into_owned()
        };
        (head(ask(address, "/test/fault")), head(ask(address, "/v1/_ping")))
    })
    .await;
    assert!(fault.starts_with("HTTP/1.1 500") && fault.contains("x-switchyard-request-id"));
    assert!(after.starts_with("HTTP/1.1 200"), "{after}");
    until(|| server.shell.activity.count() == 0).await;
}

#[actix_rt::test]
async fn a_refused_upload_reads_its_answer() {
    let server = run(Duration::from_secs(1));
    let address = server.address;
    let answer = speak(move || {
        let mut socket = TcpStream::connect(address).unwrap();
        let size = 8 << 20;
        write!(
            socket,
            "POST /test/refuse HTTP/1.1\r\nhost: test\r\ncontent-length: {size}\r\n\r\n"
        )
        .unwrap();
        // The server may stop reading at any byte of this.
        let _ = socket.write_all(&vec![b'x'; size]);
        let mut text = Vec::new();
        let _ = socket.read_to_end(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    })
    .await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

#[actix_rt::test]
async fn a_stop_lets_running_answers_end_and_takes_no_new_ones() {
    let server = run(Duration::from_secs(10));
    let address = server.address;
    let idle = speak(move || {
        let mut idle = ask(address, "/v1/_ping");
        let _ = idle.read(&mut [0; 1024]).unwrap();
        idle
    })
    .await;
    let stream = speak(move || ask(address, "/test/slow")).await;
    until(|| server.shell.activity.count() == 1).await;
    server.signals.send(Signal::Reload).unwrap();
    server.signals.send(Signal::Stop).unwrap();
    until(|| server.shell.readiness.is_stopping()).await;
    let (text, closed, refused) = speak(move || {
        let (mut stream, mut idle, mut text) = (stream, idle, Vec::new());
        let closed = idle.read(&mut [0; 16]).is_ok_and(|read| read == 0);
        let refused = TcpStream::connect(address).is_err();
        stream.read_to_end(&mut text).unwrap();
        (String::from_utf8_lossy(&text).into_owned(), closed, refused)
    })
    .await;
    assert_eq!(text.matches("piece").count(), 20, "{text}");
    assert!(text.ends_with("0\r\n\r\n"), "the answer ends as HTTP ends it");
    assert!(closed, "an idle connection does not hold the stop up");
    assert!(refused, "nobody listens any more");
    assert_eq!(server.at_stop.load(Ordering::SeqCst), 1, "told before anything ended");
    assert!(!server.cut.load(Ordering::SeqCst), "nothing had to be cut");
    assert!(matches!(server.ending.await.unwrap(), Ending::Orderly));
}

#[actix_rt::test]
async fn an_answer_that_outlasts_the_grace_is_cut_and_gives_back_what_it_holds() {
    let server = run(Duration::from_secs(1));
    let address = server.address;
    let _socket = speak(move || ask(address, "/test/silent")).await;
    until(|| server.shell.activity.count() == 1).await;
    server.signals.send(Signal::Stop).unwrap();
    assert!(matches!(server.ending.await.unwrap(), Ending::Orderly));
    assert_eq!(server.dropped.load(Ordering::SeqCst), 1);
    assert_eq!(server.shell.activity.count(), 0);
    assert!(server.cut.load(Ordering::SeqCst), "it was told first");
}

#[actix_rt::test]
async fn a_second_signal_waits_for_nothing() {
    let server = run(Duration::from_mins(1));
    let address = server.address;
    let _socket = speak(move || ask(address, "/test/silent")).await;
    until(|| server.shell.activity.count() == 1).await;
    server.signals.send(Signal::Stop).unwrap();
    until(|| server.shell.readiness.is_stopping()).await;
    server.signals.send(Signal::Stop).unwrap();
    assert!(matches!(server.ending.await.unwrap(), Ending::AtOnce));
}
