//! A try that failed before its client saw anything of it, and what its upstream said.

use std::sync::Arc;
use std::time::Duration;

use awc::http::header::HeaderMap;
use bytes::Bytes;
use switchyard_actors::domain::error_rules::ErrorRule;
use switchyard_actors::domain::outcome::TryOutcome;

use super::error_rules::Said;
use crate::wire::upstream_error::{Doubt, error_of};

/// A try that failed before the client saw anything of it.
#[derive(Clone, Debug)]
pub struct AttemptFailure {
    /// What it means for breakers and failover.
    pub outcome: TryOutcome,
    /// The upstream's status, or the one inferred.
    pub status: Option<u16>,
    /// The status was inferred.
    pub inferred: bool,
    /// The upstream's own words, shortened.
    pub message: Option<Arc<str>>,
    /// The upstream's error code.
    pub code: Option<Arc<str>>,
    /// When the upstream wants to be asked again.
    pub retry_after: Option<Duration>,
    /// Asking the same provider once more may help.
    pub repeatable: bool,
    /// The provider's other addresses would fail the same way.
    pub everywhere: bool,
    /// Its address gave no sign of life: another one of the same provider may.
    pub address_is_silent: bool,
    /// The provider refuses the operator's account.
    pub refuses_account: bool,
    /// Why another provider may take the request, though it is refused here as the client's fault.
    pub doubt: Option<Doubt>,
    /// The body was mended for one more try: how.
    pub mended: Option<&'static str>,
    /// The upstream's answer, for a client that is to hear it unchanged.
    pub answer: Option<Arc<UpstreamAnswer>>,
    /// It was said in another format than the client's: the code is none that the client knows.
    pub foreign: bool,
    /// What error rules are asked about; `None` where there are no words of the upstream's.
    pub said: Option<Said>,
    /// The error rule that decided.
    pub rule: Option<Arc<ErrorRule>>,
}

/// How vendors say that a conversation is too long.
const CONTEXT_LENGTH: [&str; 5] = [
    "context_length_exceeded",
    "prompt is too long",
    "exceed context limit",
    "maximum context length",
    "maximum number of tokens",
];

/// An upstream's answer with a status that is not good.
#[derive(Clone, Debug)]
pub struct UpstreamAnswer {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body, cut at 64 KiB.
    pub body: Bytes,
}

impl UpstreamAnswer {
    /// Tells whether the body is a JSON object that names an error, as every dialect's do.
    #[must_use]
    pub fn is_error_object(&self) -> bool {
        serde_json::from_slice::<&serde_json::value::RawValue>(&self.body)
            .is_ok_and(|value| value.get().trim_start().starts_with('{'))
            && error_of(self.status, &self.body).doubt != Some(Doubt::Bare)
    }
}

impl AttemptFailure {
    /// Makes a failure that has no answer of the upstream behind it.
    #[must_use]
    pub fn of(outcome: TryOutcome, message: impl Into<Arc<str>>) -> Self {
        Self {
            outcome,
            status: None,
            inferred: false,
            message: Some(message.into()),
            code: None,
            retry_after: None,
            repeatable: true,
            everywhere: false,
            address_is_silent: false,
            refuses_account: false,
            doubt: None,
            mended: None,
            answer: None,
            foreign: false,
            said: None,
            rule: None,
        }
    }

    /// Says that it was said in another format than the client's: it is told in the client's own.
    #[must_use]
    pub fn foreign(self) -> Self {
        Self { foreign: true, answer: None, ..self }
    }

    /// Returns the upstream's code, where the client's format may have it.
    #[must_use]
    pub fn own_code(&self) -> Option<&str> {
        self.code.as_deref().filter(|_| !self.foreign)
    }

    /// Tells whether the conversation is longer than the model reads: clients shorten it then.
    #[must_use]
    pub fn is_context_length(&self) -> bool {
        let says = |text: &Arc<str>| {
            let text = text.to_ascii_lowercase();
            CONTEXT_LENGTH.iter().any(|words| text.contains(words))
        };
        [&self.code, &self.message].into_iter().flatten().any(says)
    }

    /// Says that asking the same provider again is of no use.
    #[must_use]
    pub const fn final_here(mut self) -> Self {
        self.repeatable = false;
        self
    }

    /// Adds a status that the upstream did not say itself.
    #[must_use]
    pub const fn inferred(mut self, status: u16) -> Self {
        self.status = Some(status);
        self.inferred = true;
        self
    }

    /// Tells whether it may be the provider's account rather than its host that is at fault: another
    /// account of the same vendor may do better.
    #[must_use]
    pub const fn blames_account(&self) -> bool {
        matches!(self.outcome, TryOutcome::NotFound) || self.refuses_account
    }

    /// Tells whether the provider refuses who asks, its operator's account or the client's program: it would
    /// refuse the next turn of the conversation as well.
    #[must_use]
    pub fn refuses_who_asks(&self) -> bool {
        self.refuses_account || self.doubt == Some(Doubt::Program)
    }

    /// Tells whether the provider says that it does not have the model. Vendors say 404 of much else
    /// that a request may name (a file, an earlier answer): of those one request is no reason to pass
    /// the provider over in the next.
    #[must_use]
    pub fn lacks_model(&self) -> bool {
        let is_of_model =
            |text: &str| text.to_lowercase().contains("model") || text.contains("模型");
        self.outcome == TryOutcome::NotFound
            && [&self.code, &self.message].into_iter().flatten().any(|text| is_of_model(text))
    }

    /// Returns the chain's word for it.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self.outcome {
            _ if self.mended.is_some() || self.doubt.is_some() => "retry_failed",
            TryOutcome::TransportFault => "system_error",
            TryOutcome::NotFound => "resource_not_found",
            TryOutcome::ClientFault => "client_error_non_retryable",
            TryOutcome::ClientGone => "client_abort",
            _ => "retry_failed",
        }
    }
}
