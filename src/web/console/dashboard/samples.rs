//! Samples of the dashboard: fresh, at work, with figures of any size, and with everything wrong.

use std::time::Duration;

use jiff::tz::TimeZone;
use switchyard_actors::domain::breaker_view::BreakerState;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::live::Lately;
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::window;

use super::feed::FeedRow;
use super::page::{DashboardPage, View};
use crate::app::overview::{
    Asked, Cell, Dashboard, Figures, Line, Metric, OpenBreaker, Percentiles, Present, Range,
    Series, Setup, Strip, Trouble,
};
use crate::process::{Reason, Severity};
use crate::store::{SLOT, SplitBy, Sums};

/// 2026-05-05 20:00 in Shanghai.
const NOW: Micros = Micros(1_777_982_400_000_000);
const DONE: Setup = Setup { provider: true, user: true, client: true };

/// Returns all samples.
pub fn all() -> Vec<(&'static str, DashboardPage)> {
    vec![
        ("empty", page(&empty(), Asked::default(), true, Vec::new())),
        ("step", page(&half(), Asked::default(), true, Vec::new())),
        ("typical", typical()),
        ("latency", page(&latency(), asked(Range::Day, Metric::Latency, None), true, Vec::new())),
        ("extreme", extreme()),
        ("broken", broken()),
        (
            "own_idle",
            page(&Dashboard { setup: DONE, ..empty() }, Asked::default(), false, Vec::new()),
        ),
    ]
}

fn zone() -> TimeZone {
    window::zone_or_utc("Asia/Shanghai")
}

fn page(found: &Dashboard, asked: Asked, is_admin: bool, reasons: Vec<Reason>) -> DashboardPage {
    let address = "https://relay.example";
    DashboardPage::new(found, asked, &View { is_admin, address, reasons, zone: zone(), now: NOW })
}

const fn asked(range: Range, metric: Metric, by: Option<SplitBy>) -> Asked {
    Asked { range, metric, by }
}

/// Values by bucket and line until now; the rest of the day is still to come.
fn series(range: Range, lines: Vec<Line>, value: impl Fn(i64, i64) -> Option<i64>) -> Series {
    let grid = range.grid(&zone(), NOW);
    let mut values = Vec::new();
    for (bucket, (start, _)) in (0_i64..).zip(grid.buckets()) {
        let of = |line: i64| if start > NOW { None } else { value(bucket, line) };
        values.push((0_i64..).zip(&lines).map(|(line, _)| of(line)).collect());
    }
    Series { grid, lines, values }
}

fn empty() -> Dashboard {
    Dashboard {
        present: Present {
            figures: Figures {
                since: NOW.minus(Duration::from_hours(20)),
                today: Sums::default(),
                yesterday: Sums::default(),
                sessions: 0,
                in_flight: Some(0),
                first_content: None,
            },
            strips: Vec::new(),
            troubles: vec![Trouble::NoProvider],
            latest: Vec::new(),
        },
        series: series(Range::Today, plain_lines(), |_, _| None),
        setup: Setup { provider: false, user: false, client: false },
    }
}

fn plain_lines() -> Vec<Line> {
    vec![Line::Served, Line::Refused, Line::Failed]
}

fn half() -> Dashboard {
    let setup = Setup { provider: true, user: false, client: false };
    let present = Present { troubles: Vec::new(), ..empty().present };
    Dashboard { present, setup, ..empty() }
}

fn working() -> Dashboard {
    let today = Sums {
        requests: 1_240,
        errors: 18,
        faults: 11,
        unmetered: 2,
        unpriced: 0,
        cost: Nano(42_123_456_789),
        input: 18_200_000,
        output: 2_400_000,
        cache_write: 900_000,
        cache_read: 61_000_000,
    };
    let yesterday =
        Sums { requests: 1_107, errors: 9, faults: 8, cost: Nano(39_000_000_000), ..today };
    let figures = Figures {
        today,
        yesterday,
        sessions: 7,
        in_flight: Some(3),
        first_content: Some(Percentiles { p50: 820, p95: 3_199, count: 1_222 }),
        ..empty().present.figures
    };
    Dashboard {
        present: Present {
            figures,
            strips: vec![
                strip(1, "claude-main", BreakerState::Closed, |cell| (20 + cell, cell % 2)),
                strip(2, "claude-spare", BreakerState::Closed, |_| (0, 0)),
                strip(3, "codex", BreakerState::Closed, |cell| (9, if cell == 7 { 6 } else { 0 })),
            ],
            troubles: Vec::new(),
            latest: Vec::new(),
        },
        series: series(Range::Today, plain_lines(), |hour, line| {
            Some(if line == 0 { (hour * 37) % 90 } else { (hour + line) % 3 })
        }),
        setup: DONE,
    }
}

fn typical() -> DashboardPage {
    let mut page = page(&working(), Asked::default(), true, Vec::new());
    page.present.feed = vec![row(200, Some("claude-main"), Some(31_200_000)), row(529, None, None)];
    page
}

fn row(status: u16, provider: Option<&str>, cost: Option<i64>) -> FeedRow {
    FeedRow {
        href: "/requests/019df4a1-0000-7000-8000-000000000001".to_owned(),
        at: NOW,
        status,
        state: if status < 400 { "good" } else { "bad" },
        model: Some("claude-opus-4".to_owned()),
        user: Some("anna".to_owned()),
        provider: provider.map(str::to_owned),
        cost,
        duration_ms: 12_400,
    }
}

fn latency() -> Dashboard {
    let lines = vec![Line::P50, Line::P95];
    let took = |hour: i64, line: i64| (hour % 5 != 0).then_some(400 + hour * 20 + line * 2_100);
    Dashboard { series: series(Range::Day, lines, took), ..working() }
}

/// Names that want to break out, and figures that fill every place.
fn extreme() -> DashboardPage {
    let by = Some(SplitBy::User);
    let name = "<b>O’Brien</b> & Söhne · 一个非常非常长的用户名称".to_owned();
    let mut lines: Vec<Line> =
        (1..=5).map(|id| Line::Part(id.to_string(), (id < 4).then(|| name.clone()))).collect();
    lines.push(Line::Others);
    let huge = |day: i64, line: i64| Some(i64::MAX / (day + 7) / (line + 9));
    let sums = Sums {
        requests: 9_876_543_210,
        errors: 9_876_543_210,
        faults: 1_876_543_210,
        unmetered: 1_234_567,
        unpriced: 7_654_321,
        cost: Nano(i64::MAX),
        input: i64::MAX,
        output: i64::MAX,
        cache_write: i64::MAX,
        cache_read: i64::MAX,
    };
    let figures = Figures {
        today: sums,
        yesterday: Sums { requests: 1, cost: Nano(1), ..Sums::default() },
        sessions: 65_000,
        in_flight: Some(10_000),
        first_content: Some(Percentiles { p50: 61_000, p95: 9_000_000, count: 9_876_543_210 }),
        ..working().present.figures
    };
    let many = |id| strip(id, &name, BreakerState::HalfOpen, |cell| (cell * 1_000_000, cell));
    let strips = (1..=3).map(many).collect();
    let present = Present { figures, strips, ..working().present };
    let series = series(Range::Month, lines, huge);
    let found = Dashboard { present, series, ..working() };
    let mut page = page(&found, asked(Range::Month, Metric::Spend, by), true, Vec::new());
    page.present.feed = vec![FeedRow {
        model: Some("m".repeat(120)),
        user: Some(name.clone()),
        cost: Some(i64::MAX),
        duration_ms: i64::MAX,
        ..row(599, Some(&name), None)
    }];
    page
}

fn broken() -> DashboardPage {
    let open = OpenBreaker {
        provider: ProviderId(1),
        name: "claude-main".to_owned(),
        since: Some(NOW.minus(Duration::from_mins(12))),
        until: Some(NOW.plus(Duration::from_mins(18))),
        failures: 14,
        cause: Some("http 529".to_owned()),
    };
    let probed = OpenBreaker {
        provider: ProviderId(3),
        name: "codex <3".to_owned(),
        until: None,
        cause: None,
        ..open.clone()
    };
    let models = ["new-model", "newer-model", "newest-model", "next-model"].map(str::to_owned);
    let troubles = vec![
        Trouble::AllOff,
        Trouble::AllResting,
        Trouble::Failing(Lately { served: 1, faults: 40 }),
        Trouble::Unpriced { requests: 31, models: models.to_vec() },
        Trouble::Open(open),
        Trouble::Open(probed),
    ];
    let off = Strip { enabled: false, ..strip(2, "off", BreakerState::Closed, |_| (0, 0)) };
    let strips = vec![strip(1, "claude-main", BreakerState::Open, |cell| (14, cell)), off];
    let reasons = vec![
        Reason {
            part: "store",
            severity: Severity::Degraded,
            text: "the database does not answer; rows wait in the journal".into(),
        },
        Reason { part: "journal", severity: Severity::Down, text: "the disk is full".into() },
    ];
    let present = Present { strips, troubles, ..working().present };
    page(&Dashboard { present, ..working() }, Asked::default(), true, reasons)
}

fn strip(id: i64, name: &str, breaker: BreakerState, figures: impl Fn(i64) -> (i64, i64)) -> Strip {
    let first = NOW.minus(SLOT * 15);
    let cell = |number: u32| {
        let (requests, faults) = figures(i64::from(number));
        let start = first.plus(SLOT * number);
        Cell { start, end: start.plus(SLOT), requests, faults }
    };
    Strip {
        provider: ProviderId(id),
        name: name.to_owned(),
        enabled: true,
        breaker,
        cells: (0..16).map(cell).collect(),
    }
}
