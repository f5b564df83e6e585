//! The life of `switchyard serve`: everything is started in one order, each step needing only the
//! ones before it, and stopped in the reverse.

mod checks;
mod core;
mod demo;
mod figures;
mod jobs;
mod management;
mod nodes;
mod parts;
mod payers;
mod prices;
mod relay;
mod rules;
mod seed;
mod sharing;
mod store;

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use switchyard_actors::clock::{Clock, Luck, RequestIds, SystemClock, SystemLuck};

pub use parts::Parts;
pub use store::migrate;

use crate::metrics::Metrics;
use crate::process::admin_token::{self, Established, TokenOrigin};
use crate::process::{Activity, AdminToken, Curfew, Readiness};
use crate::server::{
    DataDir, Ending, HttpOptions, Signal, Signals, Steps, listen, machine, run_until_stopped, start,
};
use crate::settings::Settings;
use crate::telemetry;
use crate::web::Shell;
use crate::web::console::Templates;
use crate::web::health::VERSION;

/// What stands before the store is opened, and everything later may need.
#[derive(Clone)]
pub struct Basics {
    /// The settings.
    pub settings: Arc<Settings>,
    /// The data directory; its lock is ours.
    pub directory: PathBuf,
    /// Whether requests may come.
    pub readiness: Arc<Readiness>,
    /// The figures.
    pub metrics: Arc<Metrics>,
    /// The administrator's token.
    pub admin_token: Arc<AdminToken>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Luck.
    pub luck: Arc<dyn Luck>,
    /// The process's request ids.
    pub request_ids: Arc<RequestIds>,
    /// The answers in flight.
    pub activity: Activity,
    /// When they must end.
    pub curfew: Curfew,
    /// How many requests may run at once.
    pub in_flight: usize,
    /// How many bytes the bodies of all requests may take.
    pub body_memory: u64,
    /// Everything is a sample.
    pub demo: bool,
}

/// How to serve, besides the settings.
#[derive(Debug, Default)]
pub struct Options {
    /// Everything is a sample, made at the start.
    pub demo: Option<Show>,
}

/// A demonstration, as far as the one who looks at it is told.
#[derive(Debug, Default)]
pub struct Show {
    /// Variables that are set and left alone.
    pub ignored: Vec<String>,
}

/// Serves until a signal ends it.
///
/// # Errors
/// Something that is needed is not there; the sentence says what and what to do.
pub fn serve(settings: Settings, options: Options) -> anyhow::Result<Ending> {
    telemetry::start(&settings.log).context("logging cannot be started")?;
    let system = actix_rt::System::new();
    // Held for ever: a worker's thread that ends last would wake the system's own task through what
    // the thread has dropped before, and abort the process (`actix_facts`).
    std::mem::forget(actix_rt::System::current());
    let ending = system.block_on(serve_in_order(Arc::new(settings), options));
    // Taken apart, the runtime would wait for name look-ups and the like without an end. All that
    // has to be done is done, and the process ends.
    std::mem::forget(system);
    telemetry::flush();
    ending
}

async fn serve_in_order(settings: Arc<Settings>, options: Options) -> anyhow::Result<Ending> {
    if let Some(show) = &options.demo {
        demo::begin(show);
    }
    let mut signals = Signals::catch().context("signals cannot be caught")?;
    let mut directory = DataDir::open(&settings.storage.data_dir)?;
    // The port comes before everything that takes time or leaves traces; who connects now waits.
    let listener = listen(&settings.server)?;
    let token = admin_token::establish(settings.access.admin_token.as_ref(), directory.path())?;
    greet(&token, directory.path())?;
    let mut basics = basics(settings, &directory, &token)?;
    basics.demo = options.demo.is_some();
    let parts = tokio::select! {
        parts = Parts::start(&basics) => Arc::new(parts?),
        () = stop_during_start(&mut signals, &basics) => {
            tracing::info!("stopped before the start was done");
            return Ok(Ending::Orderly);
        }
    };
    let shell = Arc::new(shell(&basics, &parts)?);
    let address = listener.local_addr().context("the listener has no address")?;
    let http = HttpOptions::from(&basics.settings.server);
    let (workers, grace) = (http.workers, http.grace);
    let of_worker = Arc::clone(&parts);
    let console = parts.console(&shell);
    let worker = move || of_worker.worker(&console);
    let server = start(listener, http, shell, worker, parts::routes)
        .context("the server cannot be started")?;
    directory.note_address(address)?;
    basics.readiness.started();
    announce(&basics, address, workers);
    let traffic = demo::perform(&basics, &parts, address)?;
    let steps = Steps {
        reload: || reload(&basics.admin_token),
        standing_down: || {
            drop(traffic);
            parts.stand_down();
        },
        grace,
        cut: || basics.curfew.ring(),
        flush: Box::pin(parts.flush()),
    };
    let ending =
        run_until_stopped(server, signals, &basics.readiness, &basics.activity, steps).await;
    tracing::info!("stopped");
    Ok(ending)
}

/// Waits for a signal to stop while the start is under way.
async fn stop_during_start(signals: &mut Signals, basics: &Basics) {
    while signals.next().await == Signal::Reload {
        reload(&basics.admin_token);
    }
}

fn basics(
    settings: Arc<Settings>,
    directory: &DataDir,
    token: &Established,
) -> anyhow::Result<Basics> {
    let files = machine::raise_file_limit();
    let in_flight =
        settings.server.max_in_flight.unwrap_or_else(|| machine::in_flight_for(files.now));
    let body_memory = settings
        .server
        .body_memory_bytes
        .unwrap_or_else(|| machine::body_memory_for(machine::memory_limit()));
    tracing::info!(
        files.before = files.before,
        files.now = files.now,
        requests.most = in_flight,
        bodies.bytes = body_memory,
        "up to {} files may be open (it was {}), up to {in_flight} requests may run",
        files.now,
        files.before,
    );
    Ok(Basics {
        directory: directory.path().to_path_buf(),
        readiness: Arc::new(Readiness::default()),
        metrics: Arc::new(Metrics::new()?),
        admin_token: Arc::new(AdminToken::new(token, directory.path())),
        clock: Arc::new(SystemClock),
        luck: Arc::new(SystemLuck),
        request_ids: Arc::new(RequestIds::default()),
        activity: Activity::default(),
        curfew: Curfew::default(),
        in_flight,
        body_memory,
        demo: false,
        settings,
    })
}

fn shell(basics: &Basics, parts: &Parts) -> anyhow::Result<Shell> {
    Ok(Shell {
        settings: Arc::clone(&basics.settings),
        readiness: Arc::clone(&basics.readiness),
        metrics: Arc::clone(&basics.metrics),
        activity: basics.activity.clone(),
        admin_token: Arc::clone(&basics.admin_token),
        guesses: parts.guesses(),
        pages: Arc::new(Templates::new()?),
        clock: Arc::clone(&basics.clock),
        luck: Arc::clone(&basics.luck),
        request_ids: Arc::clone(&basics.request_ids),
        demo: basics.demo,
        refresh: parts.refresh(),
    })
}

/// Shows the token the one time it is made. It goes to standard output and never into a log.
fn greet(token: &Established, directory: &Path) -> anyhow::Result<()> {
    if token.origin != TokenOrigin::Made {
        return Ok(());
    }
    let mut out = std::io::stdout().lock();
    let shown = token.secret.reveal();
    let again = admin_token::command(directory, "show");
    writeln!(out, "Admin token: {shown}\n(`{again}` prints it again.)")
        .and_then(|()| out.flush())
        .context("the admin token cannot be printed")
}

fn announce(basics: &Basics, address: SocketAddr, workers: usize) {
    let shown = reachable(address);
    tracing::info!(
        version = VERSION,
        server.address = %address,
        server.workers = workers,
        data.directory = %basics.directory.display(),
        "switchyard {VERSION} is ready at http://{shown}"
    );
}

/// Turns "every address" into one that can be typed.
#[must_use]
pub fn reachable(address: SocketAddr) -> SocketAddr {
    let mut shown = address;
    if address.ip().is_unspecified() {
        let local: std::net::IpAddr = if address.is_ipv4() {
            std::net::Ipv4Addr::LOCALHOST.into()
        } else {
            std::net::Ipv6Addr::LOCALHOST.into()
        };
        shown.set_ip(local);
    }
    shown
}

fn reload(token: &AdminToken) {
    match token.reload() {
        Ok(true) => tracing::info!("the admin token was read again and has changed"),
        Ok(false) => tracing::info!(
            "the admin token was read again and is the same; other settings are read at start only"
        ),
        Err(error) => tracing::error!(error = %error, "the admin token stays as it was: {error}"),
    }
}
