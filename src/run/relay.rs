//! The relay's own state: what its workers share, and what each of them has.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use switchyard_actors::shared::broken::Broken;
use switchyard_actors::shared::proxies::Proxies;
use switchyard_actors::system::{Core, WorkerActors};
use tokio::sync::Semaphore;

use super::Basics;
use crate::proxy::admission::Door;
use crate::proxy::attempt::AttemptLimits;
use crate::proxy::codex::CodexConfig;
use crate::proxy::config::{
    DefaultTimeouts, DrainConfig, GateConfig, Proactive, Rectifiers, RelayConfig, SocketConfig,
};
use crate::proxy::counting::bound::CountBound;
use crate::proxy::door_log::DoorLog;
use crate::proxy::drain::Drainer;
use crate::proxy::errand;
use crate::proxy::intercept::Intercepts;
use crate::proxy::models::ModelLists;
use crate::proxy::pace::UploadPace;
use crate::proxy::socket::clock::SocketTimes;
use crate::proxy::socket::link::Refusals;
use crate::proxy::stall::Streams;
use crate::proxy::turns::Turns;
use crate::proxy::uploading::{self, Uploading};
use crate::proxy::versions::{SeenVersions, VersionRules};
use crate::proxy::worker::{Shared, Worker, WorkerRef};
use crate::settings::{BodySettings, RelaySettings, ServerSettings, Settings, Unpriced};
use crate::upstream::Upstreams;

/// Large bodies that are scanned at once, away from the workers.
const OFFLOADED: usize = 2;
/// Texts that are looked through for operators' patterns at once, away from the workers.
const PATTERNS: usize = 2;

/// Makes what the workers share.
pub fn shared(basics: &Basics, core: &Core) -> Arc<Shared> {
    Arc::new(Shared {
        clock: Arc::clone(&basics.clock),
        luck: Arc::clone(&basics.luck),
        ids: Arc::clone(&basics.request_ids),
        catalogue: core.catalogue(),
        breakers: Arc::clone(core.breakers()),
        proxies: Arc::new(Proxies::default()),
        probes: Arc::default(),
        remaining: Arc::default(),
        lacking: Arc::clone(core.lacking()),
        broken: Broken::default(),
        credentials: core.credentials().clone(),
        registry: core.circuit_breakers().clone(),
        recorder: core.recorder().clone(),
        prices: core.prices().clone(),
        door: Door::new(basics.in_flight as u64, basics.body_memory),
        uploading: Uploading::new(uploads_of_a_user(basics)),
        refused: DoorLog::default(),
        config: config(&basics.settings),
        counting: CountBound::new(basics.settings.limits.counts_a_minute),
        versions: SeenVersions::default(),
        metrics: Arc::clone(&basics.metrics),
        offload: Arc::new(Semaphore::new(OFFLOADED)),
        patterns: Turns::new(PATTERNS),
    })
}

/// Makes a worker on the present thread, with the tasks that look after its streams.
///
/// # Errors
/// Its journal cannot be opened.
pub fn worker(
    basics: &Basics,
    core: &Core,
    shared: &Arc<Shared>,
    tls: &Arc<ClientConfig>,
    index: usize,
) -> io::Result<WorkerRef> {
    let actors = WorkerActors::start(core, index)?;
    let drainer =
        Drainer::new(shared.config.drain, basics.activity.clone(), &basics.metrics.in_use);
    let (streams, curfew) = (Streams::default(), basics.curfew.for_thread());
    actix_rt::spawn(drainer.clone().run());
    actix_rt::spawn(streams.clone().watch_for_stalls(shared.config.client_stall));
    actix_rt::spawn(streams.clone().cut_when(curfew.clone()));
    let worker = WorkerRef::new(Worker {
        shared: Arc::clone(shared),
        sessions: actors.sessions,
        limiter: actors.limits,
        pool: actors.pool,
        journal: actors.journal,
        upstreams: Upstreams::new(Arc::clone(tls), basics.settings.timeouts.connect),
        drainer,
        models: ModelLists::default(),
        sockets: Refusals::default(),
        streams,
        curfew,
    });
    actix_rt::spawn(errand::forget_unnamed(WorkerRef::downgrade(&worker)));
    Ok(worker)
}

fn uploads_of_a_user(basics: &Basics) -> usize {
    let said = basics.settings.server.uploads_per_user;
    said.unwrap_or_else(|| uploading::share_of(basics.in_flight))
}

/// The relay's numbers, from the settings.
fn config(settings: &Settings) -> RelayConfig {
    let Settings { server, relay, clients, bodies, codex, timeouts, limits, upstream, log, .. } =
        settings;
    let usual = RelayConfig::default();
    RelayConfig {
        max_body: server.max_body_bytes,
        max_compressed_body: server.max_compressed_body_bytes,
        upload_idle: server.upload_idle,
        upload_pace: pace(server),
        attempts: AttemptLimits {
            per_provider: relay.max_attempts,
            switches: relay.max_provider_switches,
        },
        timeouts: DefaultTimeouts {
            first_content: timeouts.first_content,
            idle: timeouts.stream_idle,
            total: timeouts.total,
            ..usual.timeouts
        },
        before_commit: timeouts.commit_deadline,
        before_commit_gemini: timeouts.commit_deadline_gemini,
        count_deadline: timeouts.count_deadline,
        gate: GateConfig {
            bytes: relay.gate_bytes,
            frames: u32::try_from(relay.gate_frames).unwrap_or(u32::MAX),
            hold: relay.gate_hold,
            hold_gemini: relay.gate_hold_gemini,
            ..usual.gate
        },
        client_stall: timeouts.client_stall.max(Duration::from_secs(1)),
        drain: drain(relay),
        convert: relay.convert,
        show_losses: relay.show_losses,
        ask_for_usage: relay.chat_include_usage,
        versions: VersionRules {
            least: clients.least_versions.clone(),
            common: clients.version_check.then_some(clients.version_users),
        },
        intercepts: Intercepts {
            warmups: clients.intercept_warmups,
            probes: clients.intercept_probes,
        },
        proactive: proactive(bodies),
        rectifiers: rectifiers(bodies),
        refuse_unpriced: limits.unpriced == Unpriced::Refuse,
        allow_private: upstream.allow_private_urls,
        socket: SocketConfig {
            enabled: relay.responses_websocket,
            upstream: relay.responses_websocket_upstream,
            per_key: relay.responses_websocket_per_key,
            times: SocketTimes { idle: relay.responses_websocket_idle, ..usual.socket.times },
            ..usual.socket
        },
        codex: CodexConfig {
            instructions: codex.instructions.clone().into(),
            inject: codex.inject,
            complete_sessions: codex.complete_sessions,
        },
        log_requests: log.requests,
        ..usual
    }
}

const fn pace(server: &ServerSettings) -> UploadPace {
    UploadPace { slack: server.upload_slack, bytes_a_second: server.upload_bytes_a_second }
}

fn drain(relay: &RelaySettings) -> DrainConfig {
    DrainConfig {
        enabled: relay.drain,
        time: relay.drain_for,
        bytes: usize::try_from(relay.drain_bytes).unwrap_or(usize::MAX),
        places: relay.drain_places,
    }
}

const fn proactive(bodies: &BodySettings) -> Proactive {
    Proactive {
        without_billing: bodies.strip_billing_header,
        input_as_list: bodies.responses_input_as_list,
    }
}

const fn rectifiers(bodies: &BodySettings) -> Rectifiers {
    Rectifiers {
        thinking_effort: bodies.rectify_thinking_effort,
        thinking_budget: bodies.rectify_thinking_budget,
        thinking_signature: bodies.rectify_thinking_signature,
        function_ids: bodies.rectify_function_ids,
        call_signature: bodies.rectify_call_signature,
        reasoning: bodies.rectify_reasoning_items,
        bare_input: bodies.responses_input_as_list,
    }
}
