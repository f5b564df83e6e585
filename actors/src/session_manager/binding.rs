//! When a session is bound to a provider, kept on it, moved, or let go. Pure; the rules and their
//! reasons are in `docs/decisions/0012-sticky-is-a-preference.md`.

use crate::domain::counters::{Binding, Bindings};
use crate::domain::decision::{ChainLink, Exclusion};
use crate::domain::ids::ProviderId;

/// Turns in a row that others may serve before a session moves to them.
const MISSES: u32 = 2;

/// Why the session's provider did not serve a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absence {
    /// It rests for some seconds, and others went first.
    Resting,
    /// It had no room just then, or all its probes were out.
    Full,
    /// It was asked and failed in a way that passes: busy, an error, a lost connection, too slow.
    Faltered,
    /// It may not serve: switched off, out of its hours or groups, at a limit, cooling, its breaker
    /// open, without the model, never sticky, or gone.
    Barred,
    /// It was asked and does not have the model or the path.
    Lacks,
    /// It was asked and refuses the operator's account, or the client's program.
    Refuses,
}

/// The provider that answered a request to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Server {
    /// The provider.
    pub provider: ProviderId,
    /// Sessions may be kept on it.
    pub sticky: bool,
}

/// What became of a request, as far as its session is concerned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// It is no turn of the conversation: a short request beside a running one, or one that counts
    /// tokens. It leaves everything as it is.
    pub beside: bool,
    /// Who its model was bound to when it came.
    pub found: Option<ProviderId>,
    /// Why that provider did not serve it.
    pub absence: Option<Absence>,
    /// Who answered it to the end.
    pub server: Option<Server>,
    /// Whose answer broke off before the client's eyes.
    pub broken: Option<ProviderId>,
}

/// What a turn changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    Nothing,
    /// The model is bound to a provider, newly or further.
    Bind(ProviderId),
    /// It stays on its provider, although another one served this turn.
    Stay(ProviderId),
    /// The model is bound to nobody.
    Free,
}

/// What becomes of a session's bindings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// All models of the session are freed from a provider first.
    pub dropped: Option<ProviderId>,
    /// Then this happens to the model of the turn.
    pub change: Change,
}

/// Finds out why a provider did not serve a request, from the tries made. `rests` tells whether it
/// rested when the first one was chosen.
#[must_use]
pub fn absence(of: ProviderId, chain: &[ChainLink], rests: bool) -> Absence {
    if let Some(last) = chain.iter().rev().find(|link| link.provider == of) {
        return match (last.status, last.reason.as_ref()) {
            // The request was at fault, or nobody waited for the answer.
            (_, "client_error_non_retryable" | "client_abort") => Absence::Faltered,
            (Some(401..=403), _) => Absence::Refuses,
            (Some(404), _) => Absence::Lacks,
            _ => Absence::Faltered,
        };
    }
    let excluded = chain.first().and_then(|link| link.decision.as_ref());
    let excluded = excluded.into_iter().flat_map(|decision| &decision.excluded);
    let mut reasons = excluded.filter(|(_, who)| who.contains(&of)).map(|(reason, _)| *reason);
    match reasons.next() {
        Some(Exclusion::ConcurrencyLimit | Exclusion::RateLimit | Exclusion::ProbesOut) => {
            Absence::Full
        }
        Some(Exclusion::Cooling) if rests => Absence::Resting,
        _ => Absence::Barred,
    }
}

/// Decides; `now` is the binding of the turn's model at its end.
#[must_use]
pub fn decide(turn: &Turn, now: Option<&Binding>) -> Verdict {
    let bound = now.map(|binding| binding.provider);
    let nothing = Verdict { dropped: None, change: Change::Nothing };
    if turn.beside {
        return nothing;
    }
    let refused = turn.found.filter(|_| turn.absence == Some(Absence::Refuses));
    let dropped = turn.broken.or(refused);
    let server = turn.server.map(|server| server.provider);
    // Who looked at another binding than there is now decides nothing: somebody was quicker.
    if bound != turn.found && (bound.is_none() || bound != server) {
        return Verdict { dropped, ..nothing };
    }
    let change = match turn.server {
        None if turn.absence == Some(Absence::Lacks) => Change::Free,
        None => Change::Nothing,
        Some(server) => served(turn, server, now),
    };
    Verdict { dropped, change }
}

/// Decides on a turn that was served.
fn served(turn: &Turn, server: Server, now: Option<&Binding>) -> Change {
    let to_server = if server.sticky { Change::Bind(server.provider) } else { Change::Free };
    let Some(binding) = now.filter(|binding| binding.provider != server.provider) else {
        return to_server;
    };
    match turn.absence.unwrap_or(Absence::Barred) {
        Absence::Resting => Change::Stay(binding.provider),
        Absence::Full | Absence::Faltered if binding.misses + 1 < MISSES => {
            Change::Stay(binding.provider)
        }
        _ => to_server,
    }
}

/// Does what was decided.
pub fn apply(bindings: &mut Bindings, model: Option<&str>, turn: &Turn, verdict: Verdict) {
    if let Some(provider) = verdict.dropped {
        bindings.free(provider);
    }
    match verdict.change {
        Change::Nothing => {}
        Change::Free => bindings.free_model(model),
        Change::Bind(provider) => bindings.set(Binding::new(model.map(Into::into), provider)),
        Change::Stay(_) if turn.absence == Some(Absence::Resting) => {}
        Change::Stay(_) => bindings.miss(model),
    }
}

#[cfg(test)]
#[path = "binding_tests.rs"]
mod tests;
