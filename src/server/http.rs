//! The HTTP server, built by hand one level below `actix_web::HttpServer`: only so can half-closed
//! connections be switched off (else a client's disconnect is seen at the next write at the
//! earliest) and a refused upload linger long enough that the client reads our answer.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_http::error::DispatchError;
use actix_http::{HttpService, KeepAlive, Protocol};
use actix_rt::net::TcpStream;
use actix_server::Server;
use actix_service::{IntoServiceFactory as _, ServiceFactoryExt as _, fn_service, map_config};
use actix_web::App;
use actix_web::dev::AppConfig;
use actix_web::web::{Data, ServiceConfig};

use super::client_stream::ClientStream;
use super::machine;
use super::stop::LAST_WORDS;
use crate::settings::ServerSettings;
use crate::web::Shell;
use crate::web::middleware::Edge;
use crate::web::relay::Relay;

/// How long a connection is read after an early refusal, so that its client sees the answer.
const LINGER: Duration = Duration::from_secs(2);

/// The numbers of the server.
#[derive(Clone, Copy, Debug)]
pub struct HttpOptions {
    /// Threads that serve requests.
    pub workers: usize,
    /// How long an idle connection is kept.
    pub keep_alive: Duration,
    /// How long a request's head may take.
    pub head_timeout: Duration,
    /// How long running answers may take to end.
    pub grace: Duration,
}

impl From<&ServerSettings> for HttpOptions {
    fn from(settings: &ServerSettings) -> Self {
        Self {
            workers: settings.workers.unwrap_or_else(machine::workers),
            keep_alive: settings.keep_alive,
            head_timeout: settings.head_timeout,
            grace: settings.shutdown_grace,
        }
    }
}

/// Starts the workers. `make_worker` runs once on each worker's own thread and arbiter, so what it
/// starts there is local to it; `configure` then adds the routes with that worker's state. The
/// server stops only when its handle says so.
///
/// # Errors
/// The listener cannot be used.
pub fn start<S, M, C>(
    listener: TcpListener,
    options: HttpOptions,
    shell: Arc<Shell>,
    make_worker: M,
    configure: C,
) -> io::Result<Server>
where
    S: 'static,
    M: Fn() -> S + Clone + Send + 'static,
    C: Fn(&mut ServiceConfig, &S) + Clone + Send + 'static,
{
    // The worker rounds down to whole seconds. What it cuts itself hears nothing of it.
    let patience = (options.grace + LAST_WORDS).as_secs();
    let builder =
        Server::build().workers(options.workers).disable_signals().shutdown_timeout(patience);
    let stopping = builder.graceful_shutdown_signal();
    let service = move || {
        let (state, configure) = (Rc::new(make_worker()), configure.clone());
        let app = App::new()
            .app_data(Data::from(Arc::clone(&shell)))
            .app_data(stopping.clone())
            .configure(move |routes| configure(routes, &state))
            .wrap(Relay)
            .wrap(Edge::new(Arc::clone(&shell)));
        let app = app.into_factory().map_err(|error: actix_web::Error| error.error_response());
        let stopping = stopping.clone();
        let http = HttpService::build()
            .keep_alive(KeepAlive::Timeout(options.keep_alive))
            .client_request_timeout(options.head_timeout)
            .client_disconnect_timeout(LINGER)
            .h1_allow_half_closed(false)
            // Idle connections close when the stop begins instead of holding it up.
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .on_connect_ext(|stream: &ClientStream, data| {
                data.insert(stream.line().clone());
            })
            .finish(map_config(app, |()| AppConfig::default()));
        fn_service(accepted).and_then(http)
    };
    Ok(builder.listen("switchyard", listener, service)?.run())
}

/// Makes an accepted connection ready for HTTP: small answers leave at once.
async fn accepted(
    socket: TcpStream,
) -> Result<(ClientStream, Protocol, Option<SocketAddr>), DispatchError> {
    socket.set_nodelay(true)?;
    let peer = socket.peer_addr().ok();
    Ok((ClientStream::new(socket), Protocol::Http1, peer))
}
