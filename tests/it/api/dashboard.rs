//! What the first page shows: figures, charts and health are those of the rows.

use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use serde_json::json;
use switchyard::app::overview::{
    Asked, Dashboard, Health, Line, Metric, Range, Trouble, dashboard,
};
use switchyard::app::{Actor, ActorKind};
use switchyard::store::SplitBy;
use switchyard_actors::domain::caller::Role;
use switchyard_actors::domain::ids::{ProviderId, UserId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::ledger::LedgerRow;
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::outcome::{RowOutcome, TryOutcome};
use switchyard_actors::domain::provider::BreakerConfig;
use switchyard_actors::shared::breakers::Report;

use super::stand::{NOW, Stand};

const HOUR: Duration = Duration::from_hours(1);
const MINUTE: Duration = Duration::from_mins(1);

async fn seen_by(stand: &Stand, actor: &Actor, asked: Asked) -> Dashboard {
    dashboard(&stand.server.api.app, actor, asked).await.unwrap()
}

async fn seen(stand: &Stand, asked: Asked) -> Dashboard {
    seen_by(stand, &Actor::cli(), asked).await
}

fn user(id: UserId) -> Actor {
    Actor { kind: ActorKind::User(id), role: Role::User, ..Actor::cli() }
}

fn failed(stand: &Stand, at: Micros) -> LedgerRow {
    let mut row = stand.row(at, 1);
    (row.outcome, row.status, row.cost) = (RowOutcome::UpstreamError, 529, None);
    row
}

/// A request that was its client's own fault.
fn faulty(stand: &Stand, at: Micros) -> LedgerRow {
    let mut row = failed(stand, at);
    (row.outcome, row.status) = (RowOutcome::ClientError, 400);
    row
}

/// Sums each line of a chart over its buckets.
fn sums(found: &Dashboard) -> Vec<(Line, i64)> {
    let of = |place: usize| found.series.values.iter().filter_map(move |values| values[place]);
    let lines = found.series.lines.iter().enumerate();
    lines.map(|(place, line)| (line.clone(), of(place).sum())).collect()
}

#[actix_web::test]
async fn today_stands_beside_yesterday_until_the_same_time() {
    for stand in Stand::both().await {
        let earlier = |hours: u32, minutes: u32| NOW.minus(HOUR * hours).minus(MINUTE * minutes);
        // Ids never step back: the oldest first.
        let rows = [
            stand.row(earlier(44, 1), 1),
            stand.row(earlier(44, 0), 1),
            stand.row(earlier(24, 1), 1),
            stand.row(earlier(20, 1), 1),
            failed(&stand, earlier(19, 59)),
            faulty(&stand, earlier(19, 58)),
            stand.row(NOW, 1),
        ];
        stand.write(&rows).await;
        stand.bind("one", 1);
        let figures = seen(&stand, Asked::default()).await.present.figures;
        assert_eq!(figures.since, NOW.minus(HOUR * 20));
        let today = &figures.today;
        assert_eq!((today.requests, today.errors, today.faults), (3, 2, 1));
        assert_eq!(figures.today.cost, Nano(1_234_567));
        // Of yesterday's three, one came later than it is now, and one belongs to the day before.
        assert_eq!(figures.yesterday.requests, 2);
        assert_eq!((figures.sessions, figures.in_flight), (1, Some(0)));
    }
}

#[actix_web::test]
async fn days_begin_in_the_zone_of_the_deployment() {
    let york = TimeZone::get("America/New_York").unwrap();
    let stand = Stand::with(|app| app.zone = Arc::new(move || york.clone())).await;
    let midnight = NOW.minus(HOUR * 8);
    let rows = [stand.row(midnight.minus(MINUTE), 1), stand.row(midnight, 1)];
    stand.write(&rows).await;
    let found = seen(&stand, Asked::default()).await;
    assert_eq!((found.present.figures.since, found.present.figures.today.requests), (midnight, 1));
    assert_eq!(found.series.grid.start(), midnight);
    assert_eq!(found.series.values[0], [Some(1), Some(0), Some(0)]);
    assert_eq!(found.series.values[8], [Some(0), Some(0), Some(0)], "the hour that runs is known");
    assert_eq!(found.series.values[9], [None, None, None], "the next one is not");
}

#[actix_web::test]
async fn a_chart_of_any_range_adds_up_to_its_rows() {
    for stand in Stand::both().await {
        let mut rows: Vec<LedgerRow> = (0..40_u32)
            .rev()
            .map(|n| stand.row(NOW.minus(HOUR * 19 * n), i64::from(n % 8)))
            .collect();
        (rows[37].outcome, rows[37].status) = (RowOutcome::ClientError, 400);
        (rows[38].outcome, rows[38].status) = (RowOutcome::NoProvider, 503);
        stand.write(&rows).await;
        stand.server.api.app.store.recompute_dirty_slots("me", NOW, Micros(0)..NOW).await.unwrap();
        for range in Range::ALL {
            let found = seen(&stand, Asked { range, ..Asked::default() }).await;
            let start = found.series.grid.start();
            let inside: Vec<_> = rows.iter().filter(|row| row.opened.started_at >= start).collect();
            let count = |status| inside.iter().filter(|row| row.status == status).count();
            let [served, refused, failed] =
                [200, 400, 503].map(|status| i64::try_from(count(status)).unwrap());
            let wanted = [(Line::Served, served), (Line::Refused, refused), (Line::Failed, failed)];
            assert_eq!(sums(&found), wanted, "{range:?}");

            let by = Some(SplitBy::Provider);
            let split = seen(&stand, Asked { range, metric: Metric::Spend, by }).await;
            let spent: i64 = sums(&split).iter().map(|(_, sum)| sum).sum();
            assert_eq!(spent, 1_234_567 * i64::try_from(inside.len()).unwrap(), "{range:?}");
            assert!(split.series.lines.len() <= 6);
        }
    }
}

#[actix_web::test]
async fn before_the_first_request_ever_nothing_is_known() {
    let stand = Stand::new().await;
    stand.write(&[stand.row(NOW.minus(HOUR * 3), 1)]).await;
    let found = seen(&stand, Asked { range: Range::Day, ..Asked::default() }).await;
    let known: Vec<bool> = found.series.values.iter().map(|values| values[0].is_some()).collect();
    let wanted: Vec<bool> = (0..24).map(|hour| hour >= 20).collect();
    assert_eq!(known, wanted);
}

#[actix_web::test]
async fn latencies_have_gaps_where_nothing_was_measured() {
    let stand = Stand::new().await;
    let slow = |at: Micros, took| LedgerRow { first_content_ms: Some(took), ..stand.row(at, 1) };
    stand.write(&[slow(NOW.minus(HOUR * 2), 900), slow(NOW, 100), slow(NOW, 100)]).await;
    let asked = Asked { metric: Metric::Latency, ..Asked::default() };
    for actor in [Actor::cli(), user(stand.user)] {
        let found = seen_by(&stand, &actor, asked).await;
        assert_eq!(found.series.values[19], [None, None]);
        let [half, most] = found.series.values[20][..] else { panic!("two lines") };
        assert_eq!(half, most);
        assert!((100..=112).contains(&half.unwrap()));
        let today = found.present.figures.first_content.unwrap();
        assert_eq!(today.count, 3);
        assert!((900..=1_012).contains(&today.p95));
    }
}

#[actix_web::test]
async fn others_than_admins_see_their_own_requests_alone() {
    for stand in Stand::both().await {
        let mut rows = [1, 2, 3].map(|provider| stand.row(NOW, provider));
        rows[1].opened.user = UserId(stand.user.0 + 1);
        rows[2].opened.user = UserId(stand.user.0 + 1);
        stand.write(&rows).await;
        for metric in Metric::ALL {
            let asked = Asked { metric, by: Some(SplitBy::Model), ..Asked::default() };
            let own = seen_by(&stand, &user(stand.user), asked).await;
            assert_eq!(own.present.figures.today.requests, 1);
            assert_eq!(
                (own.present.strips.len(), own.present.troubles.len(), own.present.latest.len()),
                (0, 0, 1)
            );
            if metric == Metric::Requests {
                assert_eq!(sums(&own).iter().map(|(_, sum)| sum).sum::<i64>(), 1);
            }
        }
        assert_eq!(seen(&stand, Asked::default()).await.present.figures.today.requests, 3);
    }
}

#[actix_web::test]
async fn the_strip_and_the_sentences_tell_which_provider_is_ill_and_why() {
    let stand = Stand::new().await;
    let well = json!({ "name": "well", "url": "https://well.example", "key": "sk-1" });
    let ill = json!({ "name": "ill", "url": "https://ill.example", "key": "sk-2" });
    for provider in [well, ill] {
        stand.done("providers/addProvider", provider).await;
    }
    assert_eq!(seen(&stand, Asked::default()).await.present.troubles, []);
    let (good, mut bad) = (stand.row(NOW, 1), failed(&stand, NOW));
    bad.provider = Some(ProviderId(2));
    bad.unbilled = Some(Arc::from("unpriced"));
    stand.write(&[good, bad]).await;
    open_breaker(&stand, ProviderId(2));
    let found = seen(&stand, Asked::default()).await;
    let last = |place: usize| found.present.strips[place].cells.last().unwrap().health();
    let names: Vec<_> = found.present.strips.iter().map(|strip| strip.name.as_str()).collect();
    assert_eq!(names, ["ill", "well"]);
    assert_eq!((last(0), last(1)), (Health::Bad, Health::Good));
    assert_eq!(found.present.strips[0].cells[0].health(), Health::Unknown);
    let [Trouble::Open(breaker), Trouble::Unpriced { requests: 1, models }] =
        &found.present.troubles[..]
    else {
        panic!("{:?}", found.present.troubles)
    };
    assert_eq!(models, &["sonnet"]);
    assert_eq!((breaker.name.as_str(), breaker.cause.as_deref()), ("ill", Some("http 529")));
    assert!(breaker.until.is_some() && breaker.since == Some(NOW));
}

fn open_breaker(stand: &Stand, provider: ProviderId) {
    let cfg = BreakerConfig { threshold: 1, ..BreakerConfig::default() };
    let report = Report {
        outcome: TryOutcome::ProviderFault,
        detail: Some("http 529"),
        retry_after: None,
        unreached: None,
        now: NOW,
    };
    stand.breakers.breakers().record_with(provider, &cfg, report, None);
}
