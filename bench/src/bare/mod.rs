//! The bare relay: the product's way to serve and to ask (own server build, EOF-guard connector,
//! header copying), and nothing else. It is a yardstick: do not tune it to make ratios look well.

mod eof;
mod forward;

use std::net::SocketAddr;
use std::time::Duration;

use actix_service::map_config;
use actix_web::dev::AppConfig;
use actix_web::{App, web};
use anyhow::anyhow;

/// Bodies up to this size are taken.
const BODY_LIMIT: usize = 100 << 20;
const KEEP_ALIVE: Duration = Duration::from_secs(75);
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
const LINGER: Duration = Duration::from_secs(2);
const BACKLOG: u32 = 8_192;

/// Serves until the process is ended.
pub async fn serve(listen: SocketAddr, upstream: String, workers: usize) -> anyhow::Result<()> {
    drop(rustls::crypto::ring::default_provider().install_default());
    drop(rlimit::increase_nofile_limit(u64::MAX));
    let server = actix_server::Server::build().workers(workers).backlog(BACKLOG).bind(
        "bare",
        listen,
        move || {
            let upstream = upstream.clone();
            let app = App::new()
                .app_data(web::PayloadConfig::new(BODY_LIMIT))
                .app_data(web::Data::new(forward::Upstream::new(upstream)))
                .default_service(web::to(forward::forward));
            actix_http::HttpService::build()
                .keep_alive(KEEP_ALIVE)
                .client_request_timeout(HEAD_TIMEOUT)
                .client_disconnect_timeout(LINGER)
                // Else a client that leaves is only noticed by a failing write.
                .h1_allow_half_closed(false)
                .h1(map_config(actix_service::IntoServiceFactory::into_factory(app), |()| {
                    AppConfig::default()
                }))
                .tcp()
        },
    )?;
    server.run().await.map_err(|error| anyhow!("the bare relay ended: {error}"))
}
