//! What is used of the limits of all providers, as the check counts it; where nothing was metered,
//! added up from the ledger. Only limits that somebody has are looked at.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Duration;

use switchyard_actors::domain::check::Dimension;
use switchyard_actors::domain::counters::MeterView;
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::limits::LimitOwner;
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::window;

use crate::app::{AppContext, AppError};
use crate::store::{LedgerFilter, Row, StoreError};

const FIVE_HOURS: Duration = Duration::from_hours(5);
const DAY: Duration = Duration::from_hours(24);

/// The window of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Window {
    /// The last five hours.
    FiveHours,
    /// A day that starts at a fixed time, or the last 24 hours.
    Day,
    /// Since Monday.
    Week,
    /// Since the first.
    Month,
}

impl Window {
    /// Returns the stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FiveHours => "5h",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    /// Returns what was spent in it.
    const fn of(self, meter: &MeterView) -> Nano {
        match self {
            Self::FiveHours => meter.five_hours.amount,
            Self::Day => meter.daily.amount,
            Self::Week => meter.weekly.amount,
            Self::Month => meter.monthly.amount,
        }
    }
}

/// What is used of one limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitUse {
    /// The limit's window.
    pub window: Window,
    /// Spent in it.
    pub spent: Nano,
    /// At most.
    pub most: Nano,
}

/// A limit before it is known what was spent.
#[derive(Clone, Copy)]
struct Limit {
    window: Window,
    most: Nano,
    since: Micros,
    /// It begins at a moment of the clock, not at a slot's border: rows must be added up one by one.
    rolls: bool,
}

/// Returns what is used of each limit of each provider.
pub(super) async fn all(
    app: &AppContext,
    rows: &[Row],
    now: Micros,
) -> Result<HashMap<ProviderId, Vec<LimitUse>>, AppError> {
    let mut sums = Known::default();
    let meters = meters(app, now).await?;
    let mut all = HashMap::new();
    for row in rows {
        let provider = ProviderId(row.int("id")?);
        let mut used = Vec::new();
        for limit in limits(app, row, now)? {
            let spent = match meters.get(&provider) {
                Some(meter) => limit.window.of(meter),
                None => sums.spent(app, provider, limit).await?,
            };
            used.push(LimitUse { window: limit.window, spent, most: limit.most });
        }
        all.insert(provider, used);
    }
    Ok(all)
}

/// Returns what the check counts, of providers that were metered here.
async fn meters(app: &AppContext, now: Micros) -> Result<HashMap<ProviderId, MeterView>, AppError> {
    let zone = (app.zone)();
    let owned = app.store.limits(Some(LimitOwner::Provider)).await?;
    let metered = owned.into_iter().filter_map(|one| {
        let Dimension::Provider(id) = one.owner else { return None };
        Some((id, app.live.provider_meter(id, &one.limits, &zone, now)?))
    });
    Ok(metered.collect())
}

/// The sums of all providers since an instant, each added up once.
#[derive(Default)]
struct Known(HashMap<Micros, HashMap<ProviderId, Nano>>);

impl Known {
    async fn spent(
        &mut self,
        app: &AppContext,
        provider: ProviderId,
        limit: Limit,
    ) -> Result<Nano, AppError> {
        if limit.rolls {
            let filter = LedgerFilter {
                provider: Some(provider),
                from: Some(limit.since),
                ..LedgerFilter::default()
            };
            return Ok(app.store.ledger_summary(&filter).await?.cost);
        }
        let sums = match self.0.entry(limit.since) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let sums = app.store.provider_sums(limit.since).await?;
                place.insert(sums.into_iter().map(|sum| (sum.provider, sum.cost)).collect())
            }
        };
        Ok(sums.get(&provider).copied().unwrap_or(Nano::ZERO))
    }
}

fn limits(app: &AppContext, row: &Row, now: Micros) -> Result<Vec<Limit>, StoreError> {
    let zone = (app.zone)();
    let day_rolls = row.text("daily_reset_mode")? == "rolling";
    let minute = u16::try_from(row.int("daily_reset_minute")?).unwrap_or(0);
    let day = if day_rolls { now.minus(DAY) } else { window::day(&zone, now, minute).start };
    // A day may start at any minute; only those of a slot's border can be read from roll-ups.
    let day_is_exact = day_rolls || minute % 15 != 0;
    let mut limits = Vec::new();
    for (window, column, since, rolls) in [
        (Window::FiveHours, "limit_5h", now.minus(FIVE_HOURS), true),
        (Window::Day, "limit_daily", day, day_is_exact),
        (Window::Week, "limit_weekly", window::week(&zone, now).start, false),
        (Window::Month, "limit_monthly", window::month(&zone, now).start, false),
    ] {
        // Zero is read as "no limit", as everywhere.
        if let Some(most) = row.opt_money(column)?.filter(|most| most.0 > 0) {
            limits.push(Limit { window, most, since, rolls });
        }
    }
    Ok(limits)
}
