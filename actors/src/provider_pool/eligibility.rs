//! Whether a provider may serve a request: one pure function, one fixed order of reasons.

use jiff::tz::TimeZone;

use crate::domain::caller::Caller;
use crate::domain::decision::Exclusion;
use crate::domain::dialect::{Dialect, Operation, ProviderKind};
use crate::domain::ids::ProviderId;
use crate::domain::instant::Micros;
use crate::domain::limits::{LimitKind, Refusal};
use crate::domain::provider::Provider;
use crate::domain::routing::client::ClientFacts;

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// What the client speaks.
    pub dialect: Dialect,
    /// What it asks for.
    pub operation: Operation,
    /// Requests may be converted for providers of other formats.
    pub converts: bool,
    /// The model asked for; without one, model lists do not matter.
    pub model: Option<&'a str>,
    /// The program that asks.
    pub client: &'a ClientFacts,
    /// Providers that already failed in this request.
    pub tried: &'a [ProviderId],
    /// The present.
    pub now: Micros,
    /// The zone of schedules that name none.
    pub zone: &'a TimeZone,
}

/// What a provider's breaker says now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Health {
    /// It may be asked (or probed).
    #[default]
    Well,
    /// It is kept away until then.
    Open(Micros),
    /// It is being probed by others.
    ProbesOut,
    /// It asked for a pause until then.
    Cooling(Micros),
    /// It may be asked, but others go first until then.
    Resting(Micros),
}

/// What changes from one request to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Condition {
    /// Its breaker.
    pub health: Health,
    /// The limit that it has reached.
    pub over: Option<Over>,
    /// It said lately that it does not have the model; until when that is remembered. It may be asked,
    /// but everybody else goes first.
    pub lacks: Option<Micros>,
}

/// A provider's limit that is reached: no reason to refuse a request, but to ask somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Over {
    /// What kind of limit.
    pub reason: Exclusion,
    /// When there is room again, if that is known.
    pub until: Option<Micros>,
}

impl Over {
    /// Reads what the limit's own verdict says.
    #[must_use]
    pub fn of(refusal: &Refusal) -> Self {
        let kind = refusal.kind;
        let reason = match kind {
            LimitKind::Rpm | LimitKind::Tpm => Exclusion::RateLimit,
            LimitKind::ConcurrentSessions | LimitKind::ConcurrentRequests => {
                Exclusion::ConcurrencyLimit
            }
            _ => Exclusion::SpendLimit,
        };
        // Places come back when others end, and held money when it is settled; nobody knows when.
        let knows = !kind.is_concurrency() && !refusal.only_held;
        Self { reason, until: refusal.resets_at.filter(|_| knows) }
    }
}

/// Returns the first reason why a provider may not serve, `None` when it may. `condition` is only
/// called for providers that fit.
#[must_use]
pub fn judge(
    wanted: &Wanted<'_>,
    provider: &Provider,
    condition: impl FnOnce() -> Condition,
) -> Option<Exclusion> {
    misfits(wanted, provider)
        .next()
        .or_else(|| unwell(condition()))
        .or_else(|| wanted.tried.contains(&provider.id).then_some(Exclusion::Tried))
}

/// A reason that lies in what was set, and when it holds.
type Rule = (Exclusion, fn(&Wanted<'_>, &Provider) -> bool);

/// Why a provider does not serve such requests, in the order in which reasons are named.
const RULES: [Rule; 8] = [
    (Exclusion::Disabled, |_, provider| !provider.enabled),
    (Exclusion::Group, |wanted, provider| !wanted.caller.sees(&provider.groups)),
    (Exclusion::Format, |wanted, provider| {
        is_foreign(wanted, provider)
            && !(wanted.converts && provider.kind.crosses(wanted.dialect, wanted.operation))
    }),
    (Exclusion::Model, |wanted, provider| {
        wanted.model.is_some_and(|model| !provider.serves(model))
    }),
    (Exclusion::Client, |wanted, provider| !provider.clients.admits(wanted.client)),
    (Exclusion::Schedule, |wanted, provider| !provider.is_on_duty(wanted.now, wanted.zone)),
    (Exclusion::NoEndpoint, |_, provider| provider.endpoints.is_empty()),
    // Going direct instead would show the vendor an address that the operator meant to hide.
    (Exclusion::Proxy, |_, provider| provider.proxy.is_unusable()),
];

/// Returns every reason in what was set, lazily.
fn misfits(wanted: &Wanted<'_>, provider: &Provider) -> impl Iterator<Item = Exclusion> {
    RULES.iter().filter(|(_, holds)| holds(wanted, provider)).map(|(reason, _)| *reason)
}

/// Returns every reason why a provider may not serve: those in what was set, and its condition.
#[must_use]
pub fn judge_all(wanted: &Wanted<'_>, provider: &Provider, condition: Condition) -> Vec<Exclusion> {
    let tried = wanted.tried.contains(&provider.id).then_some(Exclusion::Tried);
    misfits(wanted, provider).chain(unwell(condition)).chain(tried).collect()
}

/// Tells whether a request is converted for a provider, if it is sent there at all.
#[must_use]
pub fn is_foreign(wanted: &Wanted<'_>, provider: &Provider) -> bool {
    !speaks(provider.kind, wanted.dialect, wanted.operation)
}

/// Tells whether a kind of provider takes such a request as it is. Families beside chat (embeddings,
/// images, files, ...) are the same at every vendor of the `OpenAI` family.
fn speaks(kind: ProviderKind, dialect: Dialect, operation: Operation) -> bool {
    let family = matches!(dialect, Dialect::OpenaiChat)
        && matches!(operation, Operation::Complete | Operation::Embed | Operation::Other);
    kind.speaks(dialect) || (family && matches!(kind, ProviderKind::Codex))
}

/// Returns why a provider cannot serve just now.
fn unwell(condition: Condition) -> Option<Exclusion> {
    match condition.health {
        Health::Open(_) => Some(Exclusion::CircuitOpen),
        Health::ProbesOut => Some(Exclusion::ProbesOut),
        Health::Cooling(_) => Some(Exclusion::Cooling),
        Health::Well | Health::Resting(_) => condition.over.map(|over| over.reason),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::domain::proxy::ProxyUse;
    use crate::domain::routing::client::ClientList;
    use crate::domain::routing::pattern::Pattern;
    use crate::domain::routing::schedule::Schedule;
    use crate::testing::{caller_of as caller, provider};

    /// 2026-03-02T12:00:00Z.
    const NOON: Micros = Micros(1_772_452_800_000_000);

    fn reason(provider: &Provider, condition: Condition) -> Option<Exclusion> {
        let caller = caller("a,b");
        let tried = [ProviderId(9)];
        let wanted = Wanted {
            caller: &caller,
            dialect: Dialect::Anthropic,
            operation: Operation::Generate,
            converts: false,
            model: Some("sonnet"),
            client: &ClientFacts::default(),
            tried: &tried,
            now: NOON,
            zone: &TimeZone::UTC,
        };
        judge(&wanted, provider, || condition)
    }

    /// Every reason at once; each step removes the one that must be named first.
    #[test]
    fn the_first_reason_is_named_and_the_order_is_fixed() {
        let mut worst = provider(9);
        worst.enabled = false;
        worst.groups = Arc::from([Arc::from("elsewhere")]);
        worst.kind = ProviderKind::Gemini;
        worst.allowed_models = Arc::from([Pattern::parse("opus").unwrap()]);
        worst.endpoints = Arc::from([]);
        worst.clients.allowed = Arc::from([Arc::from("codex")]);
        worst.schedule = Schedule::new(Some(0), Some(12 * 60), None);
        worst.proxy = ProxyUse::of(Some("proxy.example:8080"), true);
        let mut condition = Condition {
            health: Health::Open(Micros(1)),
            over: Some(Over { reason: Exclusion::ConcurrencyLimit, until: None }),
            lacks: None,
        };
        assert_eq!(reason(&worst, condition), Some(Exclusion::Disabled));
        worst.enabled = true;
        assert_eq!(reason(&worst, condition), Some(Exclusion::Group));
        worst.groups = Arc::from([Arc::from("b")]);
        assert_eq!(reason(&worst, condition), Some(Exclusion::Format));
        worst.kind = ProviderKind::ClaudeAuth;
        assert_eq!(reason(&worst, condition), Some(Exclusion::Model));
        worst.allowed_models = Arc::from([]);
        assert_eq!(reason(&worst, condition), Some(Exclusion::Client));
        worst.clients = ClientList::default();
        assert_eq!(reason(&worst, condition), Some(Exclusion::Schedule));
        worst.schedule = Schedule::new(Some(11 * 60), Some(13 * 60), None);
        assert_eq!(reason(&worst, condition), Some(Exclusion::NoEndpoint));
        worst.endpoints = provider(9).endpoints;
        assert_eq!(reason(&worst, condition), Some(Exclusion::Proxy));
        worst.proxy = ProxyUse::of(Some("http://proxy.example:8080"), true);
        assert_eq!(reason(&worst, condition), Some(Exclusion::CircuitOpen));
        condition.health = Health::ProbesOut;
        assert_eq!(reason(&worst, condition), Some(Exclusion::ProbesOut));
        condition.health = Health::Cooling(Micros(1));
        assert_eq!(reason(&worst, condition), Some(Exclusion::Cooling));
        condition.health = Health::Well;
        assert_eq!(reason(&worst, condition), Some(Exclusion::ConcurrencyLimit));
        condition.over = None;
        assert_eq!(reason(&worst, condition), Some(Exclusion::Tried));
        worst.id = ProviderId(8);
        assert_eq!(reason(&worst, condition), None);
    }

    #[test]
    fn only_families_beside_chat_are_served_by_both_openai_kinds() {
        let chat = Dialect::OpenaiChat;
        for operation in [Operation::Embed, Operation::Other] {
            assert!(speaks(ProviderKind::Codex, chat, operation));
            assert!(speaks(ProviderKind::OpenaiCompatible, chat, operation));
            assert!(!speaks(ProviderKind::Claude, chat, operation));
        }
        assert!(!speaks(ProviderKind::Codex, chat, Operation::Generate));
        assert!(!speaks(ProviderKind::OpenaiCompatible, Dialect::Responses, Operation::Other));
    }

    #[test]
    fn answers_are_made_by_every_kind_when_requests_are_converted_and_all_else_by_its_own() {
        let caller = caller("a");
        let zone = TimeZone::UTC;
        let client = ClientFacts::default();
        let ask = |converts, operation, kind, dialect| {
            let mut one = provider(1);
            one.kind = kind;
            one.groups = Arc::from([Arc::from("a")]);
            let wanted = Wanted {
                caller: &caller,
                dialect,
                operation,
                converts,
                model: None,
                client: &client,
                tried: &[],
                now: NOON,
                zone: &zone,
            };
            (judge(&wanted, &one, Condition::default), is_foreign(&wanted, &one))
        };
        for kind in ProviderKind::ALL {
            for dialect in Dialect::ALL {
                let own = kind.speaks(dialect);
                let off = (!own).then_some(Exclusion::Format);
                assert_eq!(ask(true, Operation::Generate, kind, dialect), (None, !own));
                assert_eq!(ask(false, Operation::Generate, kind, dialect), (off, !own));
                assert_eq!(ask(true, Operation::Compact, kind, dialect), (off, !own));
            }
        }
    }

    #[test]
    fn a_star_sees_all_groups_and_a_request_without_a_model_fits_every_list() {
        let caller = caller("*");
        let mut picky = provider(1);
        picky.groups = Arc::from([Arc::from("secret")]);
        picky.allowed_models = Arc::from([Pattern::parse("opus").unwrap()]);
        let wanted = Wanted {
            caller: &caller,
            dialect: Dialect::Anthropic,
            operation: Operation::Other,
            converts: true,
            model: None,
            client: &ClientFacts::default(),
            tried: &[],
            now: NOON,
            zone: &TimeZone::UTC,
        };
        assert_eq!(judge(&wanted, &picky, Condition::default), None);
    }
}
