//! Asks vendors something beside the relay: tests of providers, lists of models. Each request has a
//! connection of its own, so that what it finds is true of the vendor now and not of a pool.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use actix_http::error::ParseError;
use actix_rt::ArbiterHandle;
use actix_web::http::{Method, Uri};
use awc::ClientResponse;
use awc::error::{ConnectError, SendRequestError};
use awc::http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use futures_util::StreamExt as _;
use rustls::ClientConfig;
use switchyard_actors::ports::{
    BoxFuture, VendorAnswer, VendorAsk, VendorFault, VendorReply, Vendors,
};
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout};

use super::client::{Egress, Upstreams};
use super::connector::PRIVATE_REFUSED;
use super::opened::Opened;
use super::proxy::{ProxyFault, forwarding};
use super::send::body_break;

/// Requests that wait to be taken up.
const WAITING: usize = 16;

type Order = (VendorAsk, oneshot::Sender<VendorReply>);

/// The asker, usable from any thread; the asking itself lives on one arbiter, because awc's clients
/// do not leave the thread they are made on.
pub struct HttpVendors {
    orders: mpsc::Sender<Order>,
}

impl HttpVendors {
    /// Starts the asker on an arbiter.
    #[must_use]
    pub fn start(
        arbiter: &ArbiterHandle,
        tls: Arc<ClientConfig>,
        connect_timeout: Duration,
    ) -> Self {
        let (orders, mut inbox) = mpsc::channel::<Order>(WAITING);
        let serve = async move {
            while let Some((ask, heard)) = inbox.recv().await {
                let upstreams = Upstreams::new(Arc::clone(&tls), connect_timeout);
                actix_rt::spawn(async move {
                    // The asker may have given up: nobody misses the reply then.
                    let _unheard = heard.send(reply(&upstreams, ask).await);
                });
            }
        };
        arbiter.spawn(serve);
        Self { orders }
    }
}

impl Vendors for HttpVendors {
    fn ask(&self, ask: VendorAsk) -> BoxFuture<'_, VendorReply> {
        Box::pin(async move {
            let (tell, told) = oneshot::channel();
            let unable = || VendorReply { took: Duration::ZERO, answer: Err(VendorFault::Unable) };
            if self.orders.send((ask, tell)).await.is_err() {
                return unable();
            }
            told.await.unwrap_or_else(|_| unable())
        })
    }
}

async fn reply(upstreams: &Upstreams, ask: VendorAsk) -> VendorReply {
    let started = Instant::now();
    let within = ask.within;
    let answer = timeout(within, fetch(upstreams, ask)).await;
    let answer = answer.unwrap_or(Err(VendorFault::Timeout));
    VendorReply { took: started.elapsed(), answer }
}

async fn fetch(upstreams: &Upstreams, ask: VendorAsk) -> Result<VendorAnswer, VendorFault> {
    let egress = Egress { allow_private: ask.allow_private, proxy: ask.proxy };
    let client = upstreams.client(&egress);
    let address = |error: String| VendorFault::Address(error);
    let uri = Uri::try_from(&ask.url).map_err(|error| address(error.to_string()))?;
    let method = if ask.body.is_some() { Method::POST } else { Method::GET };
    let mut headers = HeaderMap::new();
    for (name, value) in &ask.headers {
        // One that is not legal in HTTP is left out, as on the way of a relayed request.
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value.reveal())) {
            headers.insert(name, value);
        }
    }
    let forwarder = egress.forwarder(&uri);
    let uri = forwarding::address(forwarder, uri, &mut headers).map_err(address)?;
    let mut request = client.request(method, uri);
    *request.headers_mut() = headers;
    let opened = Opened::default();
    let sent = match ask.body {
        Some(body) => opened.watch(request.send_body(body)).await,
        None => opened.watch(request.send()).await,
    };
    let response = sent.map_err(|error| fault(&error))?;
    opened.trust(response.status());
    match forwarding::own_fault(forwarder, &response) {
        Some(fault) => Err(VendorFault::Proxy(fault.to_string())),
        None => read(response, ask.most_bytes).await,
    }
}

async fn read(mut response: ClientResponse, most: usize) -> Result<VendorAnswer, VendorFault> {
    let header = |name| {
        let value: Option<&HeaderValue> = response.headers().get(name);
        value.and_then(|value| value.to_str().ok()).map(str::to_owned)
    };
    let mut answer = VendorAnswer {
        status: response.status().as_u16(),
        content_type: header(CONTENT_TYPE),
        location: header(LOCATION),
        body: Vec::new(),
    };
    while let Some(chunk) = response.next().await {
        match chunk {
            Ok(chunk) => {
                let room = most.saturating_sub(answer.body.len()).min(chunk.len());
                answer.body.extend_from_slice(chunk.get(..room).unwrap_or_default());
            }
            // The status of a refusal says enough, whatever became of its words.
            Err(_) if answer.status >= 400 => break,
            Err(error) => return Err(VendorFault::Broken(body_break(&error))),
        }
        if answer.body.len() >= most {
            break;
        }
    }
    Ok(answer)
}

fn fault(error: &SendRequestError) -> VendorFault {
    match error {
        SendRequestError::Url(_) | SendRequestError::Http(_) => {
            VendorFault::Address(error.to_string())
        }
        SendRequestError::Connect(ConnectError::Io(io)) => connect_fault(io),
        SendRequestError::Connect(ConnectError::Timeout) => VendorFault::ConnectTimeout,
        SendRequestError::Timeout => VendorFault::Timeout,
        SendRequestError::Connect(ConnectError::Disconnected)
        | SendRequestError::Response(ParseError::Io(_) | ParseError::Incomplete)
        | SendRequestError::Send(_) => {
            VendorFault::Broken("it was closed without an answer".to_owned())
        }
        SendRequestError::Connect(connect) => VendorFault::Unreachable(connect.to_string()),
        SendRequestError::Response(parse) => VendorFault::NotHttp(parse.to_string()),
        other => VendorFault::Broken(other.to_string()),
    }
}

fn connect_fault(error: &io::Error) -> VendorFault {
    if let Some(fault) = ProxyFault::of(error) {
        return VendorFault::Proxy(fault.to_string());
    }
    let text = error.to_string();
    match error.kind() {
        io::ErrorKind::PermissionDenied if text == PRIVATE_REFUSED => VendorFault::Private,
        io::ErrorKind::NotFound => VendorFault::Name(text),
        io::ErrorKind::ConnectionRefused => VendorFault::Refused,
        // While connecting, only the handshake reads: what it cannot read is no TLS it knows.
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
            VendorFault::Tls(text)
        }
        _ => VendorFault::Unreachable(text),
    }
}

#[cfg(test)]
#[path = "vendors_tests.rs"]
mod tests;
