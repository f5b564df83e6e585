//! The server of the played vendors: a port of its own on the loopback, one worker.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{ContentType, RETRY_AFTER};
use actix_web::web::{Bytes, Data, PayloadConfig};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use futures_util::stream;
use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;
use tokio::time::sleep;

use super::answer::{self, Answer};
use super::manner::{self, Act, Manner};
use super::request::{self, Asked};
use crate::demo::dice::Dice;
use crate::demo::tools::Tool;

/// Bodies of real clients, should somebody point one at the demonstration.
const MOST_BODY: usize = 32 * 1024 * 1024;
/// Milliseconds between two events of a stream.
const BETWEEN_MS: (u64, u64) = (15, 160);
/// A stream breaks off after so many events: when its client has begun to read.
const BEFORE_BREAK: usize = 5;

/// What all requests share: the seed, and how many requests there were in each manner.
struct Vendors {
    seed: u64,
    served: [AtomicU64; 3],
}

impl Vendors {
    /// Returns the number of the next request, with its luck.
    fn next(&self, manner: Manner) -> (u64, Dice) {
        let [steady, flaky, busy] = &self.served;
        let (count, salt) = match manner {
            Manner::Steady => (steady, 1),
            Manner::Flaky => (flaky, 2),
            Manner::Busy => (busy, 3),
        };
        let number = count.fetch_add(1, Ordering::Relaxed);
        (number, Dice::new(self.seed ^ number.wrapping_shl(2) ^ salt))
    }
}

/// Starts the server on a free port, for the life of the process.
///
/// # Errors
/// There is no port.
pub fn start(seed: u64) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let vendors = Data::from(Arc::new(Vendors { seed, served: Default::default() }));
    let app = move || {
        App::new()
            .app_data(vendors.clone())
            .app_data(PayloadConfig::new(MOST_BODY))
            .default_service(web::to(serve))
    };
    let server = HttpServer::new(app).workers(1).disable_signals().listen(listener)?.run();
    actix_rt::spawn(server);
    Ok(address)
}

async fn serve(request: HttpRequest, body: Bytes, vendors: Data<Vendors>) -> HttpResponse {
    let Some((manner, asked)) = request::read(request.path(), &body) else {
        return fail(Dialect::OpenaiChat, 404, None);
    };
    let Asked::Generate { dialect, model, stream } = asked else { return models() };
    let (number, mut dice) = vendors.next(manner);
    sleep(manner::wait(&mut dice)).await;
    let act = manner.act(number, &mut dice);
    if let Act::Fail(status, wait) = act {
        return fail(dialect, status, wait);
    }
    let answer = Answer::draw(dialect, &model, &mut dice);
    if !stream {
        let body = answer.whole(dialect);
        return HttpResponse::Ok().content_type(ContentType::json()).body(body);
    }
    streamed(answer.events(dialect), act, dice)
}

fn fail(dialect: Dialect, status: u16, wait: Option<u64>) -> HttpResponse {
    let status_code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponse::build(status_code);
    if let Some(seconds) = wait {
        response.insert_header((RETRY_AFTER, seconds));
    }
    response.content_type(ContentType::json()).body(answer::error(dialect, status))
}

/// Sends events one by one; one that breaks off ends its connection instead of the stream.
fn streamed(events: Vec<String>, act: Act, mut dice: Dice) -> HttpResponse {
    let whole = if act == Act::BreakOff { BEFORE_BREAK.min(events.len()) } else { events.len() };
    let mut items: Vec<io::Result<Bytes>> =
        events.into_iter().take(whole).map(|event| Ok(Bytes::from(event))).collect();
    if act == Act::BreakOff {
        items.push(Err(io::ErrorKind::ConnectionReset.into()));
    }
    let pace = dice.between(BETWEEN_MS.0, BETWEEN_MS.1);
    let body = stream::unfold(items.into_iter(), move |mut items| async move {
        let item = items.next()?;
        sleep(Duration::from_millis(pace)).await;
        Some((item, items))
    });
    HttpResponse::Ok().content_type("text/event-stream").streaming(Box::pin(body))
}

/// Lists the models in the forms of all dialects at once.
fn models() -> HttpResponse {
    let names = || Tool::ALL.iter().map(|tool| tool.model);
    let data: Vec<_> = names().map(|name| json!({ "id": name, "object": "model" })).collect();
    let models: Vec<_> = names().map(|name| json!({ "name": format!("models/{name}") })).collect();
    HttpResponse::Ok().json(json!({ "object": "list", "data": data, "models": models }))
}
