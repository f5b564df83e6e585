//! How providers stand: their order, what keeps one back, what they carried, and their limits.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use switchyard::app::providers::{self, LimitUse, ProxyStanding, State, Window};
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::outcome::TryOutcome;
use switchyard_actors::domain::provider::BreakerConfig;
use switchyard_actors::domain::proxy::Proxy;
use switchyard_actors::shared::breakers::Report;
use switchyard_actors::shared::proxies::{Proxies, ProxyResult};

use super::stand::{NOW, Stand};
use crate::store::database::ALWAYS;

const ADD: &str = "providers/addProvider";

async fn add(stand: &Stand, name: &str, more: serde_json::Value) {
    let mut body = json!({ "name": name, "url": "https://a.example", "key": "sk-vendor-012345" });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    stand.done(ADD, body).await;
}

#[actix_web::test]
async fn they_stand_in_the_order_in_which_they_are_chosen() {
    let stand = Stand::new().await;
    add(&stand, "off", json!({ "is_enabled": false })).await;
    add(&stand, "spare", json!({ "priority": 5, "weight": 9 })).await;
    add(&stand, "light", json!({ "weight": 1 })).await;
    add(&stand, "heavy", json!({ "weight": 9, "group_tag": "a, b" })).await;
    let proxy = json!({ "priority": 9, "proxy_url": "http://ada:secret@proxy.example:1" });
    add(&stand, "proxied", proxy).await;
    let all = providers::standings(&stand.server.api.app).await.unwrap();
    let names: Vec<&str> = all.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["heavy", "light", "spare", "proxied", "off"]);
    let states: Vec<State> = all.iter().map(|one| one.state).collect();
    let ready = State::Ready;
    assert_eq!(states, [ready, ready, ready, ready, State::Disabled]);
    assert_eq!(
        (&all[0].groups[..], &all[1].groups[..]),
        (&["a".to_owned(), "b".to_owned()][..], &["default".to_owned()][..])
    );
}

#[actix_web::test]
async fn whose_addresses_are_all_switched_off_is_never_chosen_and_shows_them() {
    for stand in Stand::both().await {
        add(&stand, "one", json!({})).await;
        add(&stand, "two", json!({ "endpoints": ["https://b.example"] })).await;
        let standings = async || providers::standings(&stand.server.api.app).await.unwrap();
        let shown = async || -> Vec<(State, Vec<bool>)> {
            let all = standings().await.into_iter();
            all.map(|one| (one.state, one.addresses.iter().map(|one| one.enabled).collect()))
                .collect()
        };
        let ready = (State::Ready, vec![true, true]);
        assert_eq!(shown().await, [(State::Ready, vec![]), ready]);
        let switch = async |provider: i64, place: usize| {
            let one = json!({ "providerId": provider });
            let all = stand.done("providers/getProviderEndpoints", one).await;
            let off = json!({ "endpointId": all[place]["id"], "isEnabled": false });
            stand.done("providers/editProviderEndpoint", off).await;
        };
        switch(1, 0).await;
        switch(2, 0).await;
        let (none, spare) = (State::NoEndpoint, (State::Ready, vec![false, true]));
        assert_eq!(shown().await, [(none, vec![false]), spare]);
        switch(2, 1).await;
        assert_eq!(shown().await, [(none, vec![false]), (none, vec![false, false])]);
    }
}

#[actix_web::test]
async fn a_proxy_stands_without_its_password_and_tells_how_it_did_last() {
    let proxies = Arc::new(Proxies::default());
    let shared = Arc::clone(&proxies);
    let stand = Stand::with(move |app| app.live.proxies = Some(shared)).await;
    let url = "socks5h://ada:secret@proxy.example";
    add(&stand, "one", json!({ "proxy_url": url, "proxy_fallback_to_direct": true })).await;
    add(&stand, "two", json!({})).await;
    let standings = async || providers::standings(&stand.server.api.app).await.unwrap();
    let all = standings().await;
    let untried = ProxyStanding {
        address: "socks5h://proxy.example:1080".to_owned(),
        or_direct: true,
        last: None,
    };
    assert_eq!((&all[0].proxy, &all[1].proxy), (&Some(untried.clone()), &None));
    let proxy = Arc::new(Proxy::parse(url).unwrap());
    let result = ProxyResult { at: NOW, fault: Some(Arc::from("it is gone")) };
    proxies.note(ProviderId(1), &proxy, result.clone());
    let failed = ProxyStanding { last: Some(result), ..untried };
    assert_eq!(standings().await[0].proxy, Some(failed));
    assert_eq!(standings().await[0].state, State::Ready, "its breaker decides");
}

#[actix_web::test]
async fn a_breaker_tells_why_since_when_and_until_when() {
    let stand = Stand::new().await;
    add(&stand, "one", json!({ "circuit_breaker_failure_threshold": 2 })).await;
    add(&stand, "two", json!({})).await;
    let cfg = BreakerConfig { threshold: 2, ..BreakerConfig::default() };
    for (minute, detail) in [(0, "http 500"), (1, "http 529")] {
        let now = NOW.plus(Duration::from_mins(minute));
        let outcome = TryOutcome::ProviderFault;
        let detail = Some(detail);
        let report = Report { outcome, detail, retry_after: None, unreached: None, now };
        stand.breakers.breakers().record_with(ProviderId(1), &cfg, report, None);
    }
    let wait = Some(Duration::from_secs(90));
    stand.breakers.breakers().record_overload(ProviderId(2), wait, NOW);
    stand.server.clock.advance(Duration::from_secs(70));
    let all = providers::standings(&stand.server.api.app).await.unwrap();
    let opened = NOW.plus(Duration::from_mins(1));
    let (one, two) = (&all[0].breaker, &all[1].breaker);
    assert_eq!((all[0].state, all[1].state), (State::Open, State::Cooling));
    assert_eq!((one.failures, one.threshold), (2, 2));
    assert_eq!((one.since, one.until), (Some(opened), Some(opened.plus(cfg.open_for))));
    let details: Vec<_> = one.troubles.iter().map(|one| one.detail.as_deref().unwrap()).collect();
    assert_eq!(details, ["http 529", "http 500"], "the latest first");
    assert_eq!(two.until, Some(NOW.plus(Duration::from_secs(90))));
    stand.server.clock.advance(Duration::from_hours(1));
    let all = providers::standings(&stand.server.api.app).await.unwrap();
    assert_eq!((all[0].state, all[1].state), (State::HalfOpen, State::Ready));
}

#[actix_web::test]
async fn what_they_carried_is_told_in_shares_of_the_last_day() {
    for stand in Stand::both().await {
        for name in ["one", "two", "three"] {
            add(&stand, name, json!({})).await;
        }
        let hours = |hours| NOW.minus(Duration::from_hours(hours));
        let mut rows = vec![stand.row(hours(30), 3), stand.row(hours(21), 1)];
        for index in 0..3_u64 {
            let mut row = stand.row(NOW, if index == 2 { 2 } else { 1 });
            row.first_content_ms = Some(10 + index);
            row.status = if index == 1 { 503 } else { 200 };
            rows.push(row);
        }
        stand.write(&rows).await;
        let app = &stand.server.api.app;
        app.store.recompute_dirty_slots("me", NOW, ALWAYS).await.unwrap();
        let all = providers::standings(app).await.unwrap();
        let (one, two, three) = (&all[0], &all[1], &all[2]);
        assert_eq!((one.today.requests, one.traffic.sums.requests), (2, 3), "midnight is ours");
        assert_eq!(one.today.cost, Nano(2 * 1_234_567));
        assert_eq!((one.traffic.share, two.traffic.share), (Some(7_500), Some(2_500)));
        assert_eq!((one.traffic.error_share, two.traffic.error_share), (Some(3_333), Some(0)));
        assert_eq!((one.traffic.p95_first_content_ms, one.traffic.measured), (Some(11), 2));
        assert_eq!((three.traffic.share, three.traffic.error_share), (Some(0), None));
        assert_eq!(three.traffic.p95_first_content_ms, None);
        assert_eq!(two.last.as_ref().unwrap().0, NOW);
    }
}

#[actix_web::test]
async fn only_limits_that_there_are_are_shown_with_what_is_spent() {
    for stand in Stand::both().await {
        add(&stand, "free", json!({})).await;
        let limits = json!({ "limit_5h_usd": 1, "limit_daily_usd": 2, "limit_monthly_usd": 4,
            "daily_reset_time": "19:07", "limit_concurrent_sessions": 3 });
        add(&stand, "held", limits).await;
        let minutes = |ago| NOW.minus(Duration::from_mins(ago));
        // It is 20:00 here: this month; in the last five hours, twice; since 19:07 as well.
        let rows = [60 * 48, 290, 55, 10].map(|ago| stand.row(minutes(ago), 2));
        stand.write(&rows).await;
        let all = providers::standings(&stand.server.api.app).await.unwrap();
        assert_eq!((all[0].limits.len(), all[0].sessions), (0, (0, None)));
        let spent = |window, times: i64, most: i64| LimitUse {
            window,
            spent: Nano(1_234_567 * times),
            most: Nano(most * 1_000_000_000),
        };
        let wanted =
            [spent(Window::FiveHours, 3, 1), spent(Window::Day, 1, 2), spent(Window::Month, 4, 4)];
        assert_eq!(all[1].limits, wanted);
        assert_eq!(all[1].sessions, (0, Some(3)));
    }
}
