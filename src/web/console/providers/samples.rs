//! Providers that nobody has, for the samples of the list.

use std::time::Duration;

use switchyard_actors::domain::allowance::{Allowance, Allowances};
use switchyard_actors::domain::breaker_view::BreakerState;
use switchyard_actors::domain::dialect::ProviderKind;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::money::Nano;
use switchyard_actors::shared::probes::Probed;
use switchyard_actors::shared::proxies::ProxyResult;

use super::row::RowView;
use crate::app::providers::{
    AddressStanding, Breaker, CredentialTrouble, LimitUse, ProxyStanding, Standing, State, Sums,
    Traffic, Trouble, Window,
};

const NOW: Micros = Micros(1_777_982_400_000_000);
const MINUTE: i64 = 60_000_000;
const DOLLAR: i64 = 1_000_000_000;

/// Two that are well, one that rests.
pub fn typical() -> Vec<RowView> {
    let mut spare = standing(2, "spare", State::Ready);
    spare.priority = 1;
    spare.traffic = Traffic::default();
    spare.last = None;
    let mut off = standing(3, "old account", State::Disabled);
    off.kind = ProviderKind::OpenaiCompatible;
    [standing(1, "Anthropic", State::Ready), spare, off].iter().map(RowView::of).collect()
}

/// Every state, long names, markup, full limits.
pub fn extreme() -> Vec<RowView> {
    let states = [
        State::Ready,
        State::Open,
        State::HalfOpen,
        State::Cooling,
        State::Resting,
        State::NoEndpoint,
        State::BadProxy,
        State::OffDuty,
    ];
    let mut all = Vec::new();
    for (id, state) in (1..).zip(states) {
        let mut one =
            standing(id, "<b>A vendor with a name of sixty-four characters & quotes\"</b>", state);
        one.kind = ProviderKind::GeminiCli;
        one.groups = ["default", "night shift", "<i>"].map(str::to_owned).into();
        one.weight = 100;
        one.priority = 2_147_483_647;
        one.breaker = broken(state);
        one.proxy = (state != State::BadProxy).then(|| through(id));
        one.sessions = (12, Some(12));
        one.addresses = addresses();
        one.credential = (state == State::Cooling).then(|| CredentialTrouble {
            refused: id % 2 == 0,
            since: NOW.millis() - 120_000,
            why: "invalid_grant <i>".to_owned(),
        });
        one.left = Some((Micros(NOW.0 - 2 * MINUTE), left()));
        if state == State::Ready {
            one.unreadable = vec!["regex:(<i>".to_owned(), "regex:[".to_owned()];
            one.lacks = vec![("claude-<b>".into(), Micros(NOW.0 + 4 * MINUTE))];
        }
        one.limits = full_limits();
        all.push(RowView::of(&one));
    }
    all
}

/// One that works, one that fails, one that was not used.
fn through(id: i64) -> ProxyStanding {
    let fault = "the proxy socks5h://proxy.example:1080 refused the credentials";
    let result = |fault| ProxyResult { at: Micros(NOW.0 - 2 * MINUTE), fault };
    ProxyStanding {
        address: "socks5h://proxy.example:1080".to_owned(),
        or_direct: id % 2 == 0,
        last: match id % 3 {
            0 => None,
            1 => Some(result(None)),
            _ => Some(result(Some(fault.into()))),
        },
    }
}

/// One that is well, one that is off, one that is passed over, one whose check failed.
fn addresses() -> Vec<AddressStanding> {
    let well = Probed { at: NOW, took: Duration::from_millis(12), fault: None };
    let failed = Probed { fault: Some("no answer within 5000 ms".into()), ..well.clone() };
    let until = Some(Micros(NOW.0 + 4 * MINUTE));
    let of = |url: &str, enabled, breaker, probed| AddressStanding {
        url: url.to_owned(),
        enabled,
        breaker,
        probed,
    };
    let closed = (BreakerState::Closed, None);
    vec![
        of("https://api.example.com/v1", true, closed, Some(well)),
        of("https://off.example.com", false, closed, None),
        of("https://open.example.com", true, (BreakerState::Open, until), None),
        of("https://probed.example.com", true, (BreakerState::HalfOpen, None), None),
        of("https://gone.example.com", true, closed, Some(failed)),
    ]
}

fn left() -> Allowances {
    Allowances {
        requests: Some(Allowance { remaining: 3, limit: Some(4_000) }),
        tokens: Some(Allowance { remaining: 1_234_567, limit: None }),
    }
}

fn full_limits() -> Vec<LimitUse> {
    let used = |window, spent, most| LimitUse {
        window,
        spent: Nano(spent * DOLLAR),
        most: Nano(most * DOLLAR),
    };
    vec![
        used(Window::FiveHours, 1, 10),
        used(Window::Day, 9, 10),
        used(Window::Week, 50_001, 50_000),
        used(Window::Month, 0, 200_000),
    ]
}

fn broken(state: State) -> Breaker {
    let trouble = |ago, detail: Option<&str>| Trouble {
        at: Micros(NOW.0 - ago * MINUTE),
        outcome: "transport_fault",
        detail: detail.map(str::to_owned),
    };
    Breaker {
        state,
        failures: 14,
        threshold: 20,
        since: Some(Micros(NOW.0 - 12 * MINUTE)),
        until: matches!(state, State::Open | State::Cooling | State::Resting)
            .then_some(Micros(NOW.0 + 18 * MINUTE)),
        troubles: if state == State::HalfOpen {
            vec![trouble(12, None)]
        } else {
            vec![trouble(12, Some("http 529")), trouble(13, Some("http 500"))]
        },
    }
}

fn standing(id: i64, name: &str, state: State) -> Standing {
    Standing {
        id: ProviderId(id),
        name: name.to_owned(),
        kind: ProviderKind::Claude,
        urls: vec!["https://api.example.com/v1".to_owned(), "http://127.0.0.1:9/x".to_owned()],
        groups: vec!["default".to_owned()],
        priority: 0,
        weight: 3,
        multiplier: "1.25".to_owned(),
        state,
        unreadable: Vec::new(),
        unsent_headers: Vec::new(),
        breaker: Breaker {
            state: State::Ready,
            failures: 0,
            threshold: 5,
            since: None,
            until: None,
            troubles: Vec::new(),
        },
        addresses: Vec::new(),
        lacks: Vec::new(),
        credential: None,
        left: None,
        proxy: None,
        today: Sums { requests: 812, errors: 3, cost: Nano(12 * DOLLAR + 345_678_901) },
        traffic: Traffic {
            sums: Sums { requests: 1_204, errors: 5, cost: Nano(18 * DOLLAR) },
            share: Some(9_950),
            error_share: Some(42),
            p95_first_content_ms: Some(2_340),
            measured: 1_190,
        },
        limits: vec![LimitUse {
            window: Window::Day,
            spent: Nano(12 * DOLLAR),
            most: Nano(40 * DOLLAR),
        }],
        sessions: (4, None),
        last: Some((Micros(NOW.0 - 3 * MINUTE), Some("claude-sonnet-4-5".to_owned()))),
    }
}
