//! Fetches the `LiteLLM` price table: at most 20 MB in 30 s, and only when it changed.

use std::time::Duration;

use actix_rt::ArbiterHandle;
use actix_web::http::StatusCode;
use awc::http::header::{ACCEPT_ENCODING, ETAG, IF_NONE_MATCH, USER_AGENT};
use switchyard_actors::ports::{BoxFuture, FeedAnswer, PortError, PriceFeed};
use tokio::sync::{mpsc, oneshot};

use super::client::{Egress, Upstreams};

/// The largest table that is read.
const LIMIT_BYTES: usize = 20 * 1024 * 1024;
/// The longest time one fetch may take.
const LIMIT_TIME: Duration = Duration::from_secs(30);
/// The port's name in errors.
const NAME: &str = "the price feed";

type Ask = (Option<String>, oneshot::Sender<Result<FeedAnswer, PortError>>);

/// The feed, usable from any thread; the fetching itself lives on one arbiter, because awc's
/// clients do not leave the thread they are made on.
pub struct HttpPriceFeed {
    asks: mpsc::Sender<Ask>,
}

impl HttpPriceFeed {
    /// Starts the fetcher on an arbiter. `make` builds the client set there.
    pub fn start(
        arbiter: &ArbiterHandle,
        url: String,
        allow_private: bool,
        make: impl FnOnce() -> Upstreams + Send + 'static,
    ) -> Self {
        let (asks, mut inbox) = mpsc::channel::<Ask>(4);
        let serve = async move |client: awc::Client| {
            while let Some((etag, answer)) = inbox.recv().await {
                let fetched = tokio::time::timeout(LIMIT_TIME, fetch(&client, &url, etag));
                let late = || PortError::Unavailable(NAME, "no answer within 30 s".to_owned());
                // The asker may have given up: nobody misses the answer then.
                let _unheard = answer.send(fetched.await.unwrap_or_else(|_| Err(late())));
            }
        };
        arbiter.spawn_fn(move || {
            let mut serve = serve;
            actix_rt::spawn(
                async move { serve(make().client(&Egress::direct(allow_private))).await },
            );
        });
        Self { asks }
    }
}

impl PriceFeed for HttpPriceFeed {
    fn fetch<'a>(&'a self, etag: Option<&'a str>) -> BoxFuture<'a, Result<FeedAnswer, PortError>> {
        Box::pin(async move {
            let gone = || PortError::Unavailable(NAME, "its fetcher has ended".to_owned());
            let (answer, heard) = oneshot::channel();
            self.asks.send((etag.map(str::to_owned), answer)).await.map_err(|_| gone())?;
            heard.await.map_err(|_| gone())?
        })
    }
}

async fn fetch(
    client: &awc::Client,
    url: &str,
    etag: Option<String>,
) -> Result<FeedAnswer, PortError> {
    let unavailable = |text: String| PortError::Unavailable(NAME, text);
    let mut request = client
        .get(url)
        .insert_header((USER_AGENT, concat!("switchyard/", env!("CARGO_PKG_VERSION"))))
        .insert_header((ACCEPT_ENCODING, "identity"));
    if let Some(etag) = etag {
        request = request.insert_header((IF_NONE_MATCH, etag));
    }
    let mut response = request.send().await.map_err(|error| unavailable(error.to_string()))?;
    match response.status() {
        StatusCode::NOT_MODIFIED => return Ok(FeedAnswer::Unchanged),
        StatusCode::OK => {}
        status => return Err(PortError::Refused(NAME, format!("it answered {status}"))),
    }
    let etag = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok()).map(str::to_owned);
    let body = response.body().limit(LIMIT_BYTES).await;
    let body = body.map_err(|error| unavailable(error.to_string()))?;
    let text = String::from_utf8(body.to_vec())
        .map_err(|_| PortError::Refused(NAME, "the table is not UTF-8".to_owned()))?;
    Ok(FeedAnswer::Table { text, etag })
}
