//! Samples of a user's page.

use switchyard_actors::domain::counters::{MeterView, Spent};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::Limits;
use switchyard_actors::domain::money::Nano;

use super::{AccessView, KeyRow, UserPage};
use crate::app::meters::Metered;
use crate::store::UserFields;
use crate::web::console::frame::Text;
use crate::web::console::users::view::UserHead;
use crate::web::console::users::{StateView, bars};

const NOW: i64 = 1_777_982_400_000_000;
const HOUR: i64 = 3_600_000_000;

/// Returns them.
pub fn all() -> Vec<(&'static str, UserPage)> {
    vec![("fresh", fresh()), ("typical", typical()), ("extreme", extreme()), ("own", own())]
}

fn active() -> StateView {
    StateView { state: "good", word: Text::of("users-state-active") }
}

fn key(id: i64, name: &str) -> KeyRow {
    KeyRow {
        id,
        name: name.to_owned(),
        masked: "sk-1••••••9f3c".to_owned(),
        state: active(),
        is_enabled: true,
        can_login: true,
        groups: Vec::new(),
        limits: Vec::new(),
        expires_at: None,
        requests: 0,
        cost: 0,
        last: None,
        provider: None,
    }
}

fn fresh() -> UserPage {
    let limits = Limits { daily: Some(Nano::from_usd(100)), rpm: Some(100), ..Limits::default() };
    let midnight = Spent { amount: Nano::ZERO, resets_at: Some(Micros(NOW + 4 * HOUR)) };
    let used =
        MeterView { daily: midnight, weekly: midnight, monthly: midnight, ..MeterView::default() };
    let head = UserHead {
        id: 1,
        name: "ann".to_owned(),
        note: None,
        tags: Vec::new(),
        state: active(),
        groups: Vec::new(),
        requests: 0,
        cost: 0,
        last: None,
    };
    UserPage {
        head,
        is_enabled: true,
        access: Vec::new(),
        expires_at: None,
        created_at: Micros(NOW),
        bars: bars(&Metered { limits, used }),
        held: None,
        keys: vec![key(1, "default")],
        is_admin: true,
    }
}

fn typical() -> UserPage {
    let limits = Limits {
        spend_5h: Some(Nano::from_usd(10)),
        daily: Some(Nano::from_usd(20)),
        monthly: Some(Nano::from_usd(300)),
        rpm: Some(60),
        concurrent_sessions: Some(3),
        ..Limits::default()
    };
    let spent = |cents: i64, hours: i64| Spent {
        amount: Nano(cents * 10_000_000),
        resets_at: (hours > 0).then_some(Micros(NOW + hours * HOUR)),
    };
    let used = MeterView {
        rpm: 3,
        concurrent_sessions: 3,
        five_hours: spent(812, 0),
        daily: spent(1_034, 4),
        weekly: spent(4_200, 52),
        monthly: spent(12_345, 640),
        total: Nano::from_usd(1_234),
        ..MeterView::default()
    };
    let laptop = KeyRow {
        requests: 140,
        cost: 9_876_543_210,
        last: Some(Micros(NOW - 42_000_000)),
        provider: Some("anthropic".to_owned()),
        limits: vec![Text::of("users-words-daily").with("amount", "$15")],
        ..key(1, "laptop")
    };
    let ci = KeyRow {
        state: StateView { state: "unknown", word: Text::of("users-state-off") },
        is_enabled: false,
        can_login: false,
        groups: vec!["ci".to_owned()],
        expires_at: Some(Micros(NOW + 240 * HOUR)),
        ..key(2, "ci")
    };
    let head = UserHead {
        note: Some("backend team".to_owned()),
        tags: vec!["team-a".to_owned(), "berlin".to_owned()],
        groups: vec!["ci".to_owned()],
        requests: 140,
        cost: 9_876_543_210,
        last: Some(Micros(NOW - 42_000_000)),
        ..fresh().head
    };
    UserPage {
        head,
        bars: bars(&Metered { limits, used }),
        held: Some(120_000_000),
        keys: vec![laptop, ci],
        ..fresh()
    }
}

fn extreme() -> UserPage {
    let name = "<script>alert(1)</script> 很长的名字";
    let limits = Limits { daily: Some(Nano(1)), total: Some(Nano(i64::MAX)), ..Limits::default() };
    let all = Spent { amount: Nano(i64::MAX), resets_at: Some(Micros(NOW)) };
    let used = MeterView {
        daily: all,
        weekly: all,
        monthly: all,
        total: Nano(1),
        rpm: u64::MAX,
        ..MeterView::default()
    };
    let odd = KeyRow {
        requests: i64::MAX,
        cost: i64::MAX,
        groups: vec!["<b>vip</b>".to_owned(), "eu".to_owned()],
        last: Some(Micros(NOW)),
        provider: Some("\"odd\" <provider>".to_owned()),
        limits: (0_i64..7).map(|n| Text::of("users-words-rpm").with("count", n)).collect(),
        ..key(i64::MAX, name)
    };
    let head = UserHead {
        id: i64::MAX,
        name: name.to_owned(),
        note: Some("\"note\" & <i>".to_owned()),
        state: StateView { state: "warn", word: Text::of("users-state-expired") },
        requests: i64::MAX,
        cost: i64::MAX,
        ..typical().head
    };
    UserPage {
        head,
        access: AccessView::all(&UserFields {
            allowed_models: vec!["claude-opus-4-8".to_owned(), "<model>".to_owned()],
            blocked_clients: vec!["opencode/1.*".to_owned()],
            ..UserFields::default()
        }),
        expires_at: Some(Micros(NOW - HOUR)),
        bars: bars(&Metered { limits, used }),
        keys: vec![odd.clone(), odd],
        ..typical()
    }
}

fn own() -> UserPage {
    UserPage { is_admin: false, ..typical() }
}
