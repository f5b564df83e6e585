//! Words of the room that are put together: kinds, states, verdicts, windows.

use std::borrow::Cow;

use switchyard_actors::domain::dialect::ProviderKind;

use crate::app::providers::{Breaker, ProxyStanding, Standing, State, Trouble, Window};
use crate::web::console::frame::Text;

/// Names a message by its family and a stable name.
pub fn text(family: &str, name: &str) -> Text {
    let id = Cow::Owned(format!("providers-{family}-{name}"));
    Text { id, ..Text::of("") }
}

/// Says how a kind of provider is spoken to.
pub fn kind(kind: ProviderKind) -> Text {
    text("kind", kind.name())
}

/// Says whether a provider is chosen.
pub fn state(state: State) -> Text {
    text("state", state.name())
}

/// Returns the colour of a state.
pub const fn colour(state: State) -> &'static str {
    match state {
        State::Ready => "good",
        State::Disabled | State::OffDuty => "unknown",
        State::Open | State::NoEndpoint | State::BadProxy => "bad",
        State::HalfOpen | State::Cooling | State::Resting => "warn",
    }
}

/// Says the window of a limit.
pub fn window(window: Window) -> Text {
    text("window", window.name())
}

/// Says what a breaker's last failure was: the vendor's status where it gave one.
pub fn trouble(trouble: &Trouble) -> Text {
    let is_vendors = trouble.outcome != "transport_fault";
    match trouble.detail.as_ref().filter(|_| is_vendors) {
        Some(detail) => Text::plain(detail.clone()),
        None => text("outcome", &trouble.outcome.replace('_', "-")),
    }
}

/// Says which proxy a provider is reached through.
pub fn through(proxy: &ProxyStanding) -> Text {
    let id = if proxy.or_direct { "providers-via-or-direct" } else { "providers-via" };
    Text::of(id).with("proxy", proxy.address.as_str())
}

/// Says how that proxy did when it was last used.
pub fn proxy_did(proxy: &ProxyStanding) -> Text {
    match &proxy.last {
        None => Text::of("providers-via-untried"),
        Some(result) if result.fault.is_none() => Text::of("providers-via-well"),
        Some(_) => Text::of("providers-via-failed"),
    }
}

/// Says that a provider's lists are not what somebody wrote.
pub fn lists(standing: &Standing) -> Option<Text> {
    let unreadable = standing.unreadable.join(", ");
    (!unreadable.is_empty())
        .then(|| Text::of("providers-why-unreadable").with("patterns", unreadable))
}

/// Says that some of a provider's own headers never go out.
pub fn headers(standing: &Standing) -> Option<Text> {
    let unsent = standing.unsent_headers.join(", ");
    (!unsent.is_empty()).then(|| Text::of("providers-why-unsent-headers").with("headers", unsent))
}

/// Says why a provider is kept back or failed lately; `None` of one that is well.
pub fn why(state: State, breaker: &Breaker) -> Option<Text> {
    let failures = i64::from(breaker.failures);
    match state {
        State::Open => Some(Text::of("providers-why-open").with("count", failures)),
        State::HalfOpen => Some(Text::of("providers-why-half-open").with("count", failures)),
        State::Cooling => Some(Text::of("providers-why-cooling")),
        State::Resting => Some(Text::of("providers-why-resting")),
        State::OffDuty => Some(Text::of("providers-why-off-duty")),
        State::BadProxy => Some(Text::of("providers-why-bad-proxy")),
        State::NoEndpoint => Some(Text::of("providers-why-no-endpoint")),
        State::Ready if failures > 0 => Some(
            Text::of("providers-why-failing")
                .with("count", failures)
                .with("most", i64::from(breaker.threshold)),
        ),
        State::Ready | State::Disabled => None,
    }
}
