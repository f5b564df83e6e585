//! The relay's own settings, as plain values.

use std::num::NonZeroU64;
use std::time::Duration;

use switchyard_actors::domain::dialect::Dialect;

use super::attempt::AttemptLimits;
use super::codex::CodexConfig;
use super::intercept::Intercepts;
use super::pace::UploadPace;
use super::socket::clock::SocketTimes;
use super::versions::VersionRules;

/// How the relay behaves; made once from the settings at start.
#[derive(Clone, Debug)]
pub struct RelayConfig {
    /// The largest request body, decoded.
    pub max_body: usize,
    /// The largest request body as it is sent, when it is compressed.
    pub max_compressed_body: usize,
    /// An upload that brings no byte for this long ends.
    pub upload_idle: Duration,
    /// How slow an upload may be all in all.
    pub upload_pace: UploadPace,
    /// Attempts and switches.
    pub attempts: AttemptLimits,
    /// Time limits of providers without their own.
    pub timeouts: DefaultTimeouts,
    /// A streamed request that has nothing for its client by then is given up.
    pub before_commit: Duration,
    /// The same for Gemini clients, which give up after a minute.
    pub before_commit_gemini: Duration,
    /// A count of tokens that no provider has made by then is estimated.
    pub count_deadline: Duration,
    /// The gate.
    pub gate: GateConfig,
    /// A client that takes no byte for this long is gone.
    pub client_stall: Duration,
    /// What is read for a client that left.
    pub drain: DrainConfig,
    /// Requests may be converted for providers of other formats.
    pub convert: bool,
    /// Converted answers say in a header what was lost.
    pub show_losses: bool,
    /// Ask chat vendors for usage when the client did not.
    pub ask_for_usage: bool,
    /// What is asked of the versions of clients.
    pub versions: VersionRules,
    /// Which side requests are answered here.
    pub intercepts: Intercepts,
    /// What is changed without being asked.
    pub proactive: Proactive,
    /// What is mended after a refusal.
    pub rectifiers: Rectifiers,
    /// Refuse requests whose model has no price.
    pub refuse_unpriced: bool,
    /// Providers may resolve to private addresses.
    pub allow_private: bool,
    /// A body above this is scanned away from the worker.
    pub offload_above: usize,
    /// Answers up to this are held whole before anything is sent.
    pub hold_answer: usize,
    /// Responses over WebSocket.
    pub socket: SocketConfig,
    /// What is done for Codex.
    pub codex: CodexConfig,
    /// One line is logged at the end of each request.
    pub log_requests: bool,
}

/// What is changed in bodies before anybody refuses them.
#[derive(Clone, Copy, Debug)]
pub struct Proactive {
    /// The billing block of Claude Code goes, where the vendor is not Anthropic.
    pub without_billing: bool,
    /// A bare `input` becomes a list for the backend of Codex, which takes nothing else.
    pub input_as_list: bool,
}

/// Which refused bodies are mended for one more try.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Rectifiers {
    /// An effort beside thinking that is off.
    pub thinking_effort: bool,
    /// A budget of thinking below the least.
    pub thinking_budget: bool,
    /// Thinking that others have signed.
    pub thinking_signature: bool,
    /// Ids at Gemini's calls.
    pub function_ids: bool,
    /// Gemini's calls without a signature, of a model that demands it.
    pub call_signature: bool,
    /// Thinking items of Responses that the vendor has not made.
    pub reasoning: bool,
    /// An `input` that is no list.
    pub bare_input: bool,
}

/// Bounds of Responses over WebSocket.
#[derive(Clone, Copy, Debug)]
pub struct SocketConfig {
    /// Serve sockets at all.
    pub enabled: bool,
    /// Ask providers that can over sockets, too.
    pub upstream: bool,
    /// Sockets that a key may have open at once.
    pub per_key: usize,
    /// The longest message, and the longest event, in bytes.
    pub frame: usize,
    /// Messages that wait for their turn.
    pub queued: usize,
    /// Their bytes.
    pub queued_bytes: usize,
    /// Bytes that wait for the client before its answer is read on.
    pub backlog: usize,
    /// Its clock.
    pub times: SocketTimes,
}

/// Time limits (D12).
#[derive(Clone, Copy, Debug)]
pub struct DefaultTimeouts {
    /// From the request's last byte to the first content.
    pub first_content: Duration,
    /// Between two pieces of a stream.
    pub idle: Duration,
    /// The whole of an answer that is not a stream.
    pub total: Duration,
    /// Sending the request.
    pub upload: Duration,
}

/// Bounds of the gate (D5).
#[derive(Clone, Copy, Debug)]
pub struct GateConfig {
    /// Bytes held before the first content.
    pub bytes: usize,
    /// Frames held before the first content.
    pub frames: u32,
    /// Bytes of frames that repeat the request.
    pub echo_bytes: usize,
    /// Time held, once a valid frame was seen.
    pub hold: Duration,
    /// The same for Gemini clients.
    pub hold_gemini: Duration,
}

/// Bounds of draining (D6).
#[derive(Clone, Copy, Debug)]
pub struct DrainConfig {
    /// Drain at all.
    pub enabled: bool,
    /// For so long.
    pub time: Duration,
    /// So many bytes.
    pub bytes: usize,
    /// So many at once on a worker.
    pub places: usize,
}

impl GateConfig {
    /// Returns how long an answer is held for a client.
    #[must_use]
    pub const fn hold_for(&self, client: Dialect) -> Duration {
        if client.is_gemini() { self.hold_gemini } else { self.hold }
    }
}

impl Default for SocketConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            upstream: true,
            per_key: 256,
            frame: 32 << 20,
            queued: 64,
            queued_bytes: 64 << 20,
            backlog: 1 << 20,
            times: SocketTimes {
                idle: Duration::from_mins(15),
                ping: Duration::from_secs(30),
                mute: Duration::from_secs(100),
                send: Duration::from_secs(30),
                goodbye: Duration::from_secs(2),
            },
        }
    }
}

impl Default for RelayConfig {
    fn default() -> Self {
        Self {
            max_body: 100 << 20,
            max_compressed_body: 100 << 20,
            upload_idle: Duration::from_secs(30),
            upload_pace: UploadPace {
                slack: Duration::from_mins(1),
                bytes_a_second: NonZeroU64::MIN.saturating_add(8_191),
            },
            attempts: AttemptLimits { per_provider: 2, switches: 3 },
            timeouts: DefaultTimeouts {
                first_content: Duration::from_mins(1),
                idle: Duration::from_mins(2),
                total: Duration::from_mins(10),
                upload: Duration::from_mins(2),
            },
            before_commit: Duration::from_secs(170),
            before_commit_gemini: Duration::from_secs(55),
            count_deadline: Duration::from_secs(10),
            gate: GateConfig {
                bytes: 256 << 10,
                frames: 64,
                echo_bytes: 2 << 20,
                hold: Duration::from_mins(1),
                hold_gemini: Duration::from_secs(20),
            },
            client_stall: Duration::from_mins(10),
            drain: DrainConfig {
                enabled: true,
                time: Duration::from_secs(10),
                bytes: 2 << 20,
                places: 32,
            },
            convert: true,
            show_losses: false,
            ask_for_usage: true,
            versions: VersionRules::default(),
            intercepts: Intercepts::default(),
            proactive: Proactive { without_billing: true, input_as_list: true },
            rectifiers: Rectifiers {
                thinking_effort: true,
                thinking_budget: true,
                thinking_signature: true,
                function_ids: true,
                call_signature: true,
                reasoning: true,
                bare_input: true,
            },
            refuse_unpriced: false,
            allow_private: false,
            offload_above: 256 << 10,
            hold_answer: 256 << 10,
            socket: SocketConfig::default(),
            codex: CodexConfig { complete_sessions: true, ..CodexConfig::default() },
            log_requests: true,
        }
    }
}
