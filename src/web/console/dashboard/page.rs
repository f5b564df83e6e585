//! What the dashboard's template shows.

use jiff::tz::TimeZone;
use serde::Serialize;
use switchyard_actors::domain::instant::Micros;

use super::super::frame::chart::Chart;
use super::super::frame::{Page, Room, Text};
use super::feed::FeedRow;
use super::figures::FiguresView;
use super::setup::{SetupView, client};
use super::strip::StripView;
use super::trouble::{TroubleView, sentences};
use super::{links, plot, samples};
use crate::app::overview::{Asked, Dashboard, Metric, Present, Range};
use crate::process::Reason;
use crate::store::SplitBy;

/// The dashboard.
#[derive(Clone, Debug, Serialize)]
pub struct DashboardPage {
    /// What is left to do; then there is nothing else to show.
    pub(super) setup: Option<SetupView>,
    /// What points a client here, for somebody who has not sent anything yet.
    pub(super) client: Option<String>,
    pub(super) present: PresentView,
    pub(super) ranges: Vec<Choice>,
    pub(super) metrics: Vec<Choice>,
    pub(super) splits: Vec<Choice>,
    pub(super) chart: Chart,
}

/// The parts of the page that are kept up to date.
#[derive(Clone, Debug, Serialize)]
pub struct PresentView {
    pub(super) is_admin: bool,
    pub(super) troubles: Vec<TroubleView>,
    pub(super) figures: FiguresView,
    pub(super) strips: Vec<StripView>,
    pub(super) feed: Vec<FeedRow>,
}

/// A way to see the chart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    pub(super) label: Text,
    pub(super) href: String,
    pub(super) current: bool,
}

/// Who looks, from where, when.
pub struct View<'a> {
    /// They manage everything.
    pub is_admin: bool,
    /// Where they reach us.
    pub address: &'a str,
    /// What is said of the process.
    pub reasons: Vec<Reason>,
    /// The zone of days.
    pub zone: TimeZone,
    /// Now.
    pub now: Micros,
}

impl DashboardPage {
    /// Prepares the page.
    #[must_use]
    pub fn new(found: &Dashboard, asked: Asked, view: &View<'_>) -> Self {
        let fresh = view.is_admin && !found.setup.client;
        let idle = !view.is_admin && found.present.latest.is_empty();
        let mut present = PresentView::new(&found.present, view);
        if fresh && !found.setup.provider {
            // The first step says it.
            present.troubles.retain(|trouble| trouble.text.id != "dashboard-no-provider");
        }
        Self {
            setup: fresh.then(|| SetupView::of(found.setup, view.address)),
            client: idle.then(|| client(view.address)),
            present,
            ranges: ranges(asked),
            metrics: metrics(asked),
            splits: splits(asked, view.is_admin),
            chart: plot::chart(&found.series, asked, &view.zone),
        }
    }
}

impl PresentView {
    /// Prepares the parts.
    #[must_use]
    pub fn new(found: &Present, view: &View<'_>) -> Self {
        Self {
            is_admin: view.is_admin,
            troubles: sentences(
                if view.is_admin { &view.reasons } else { &[] },
                &found.troubles,
                &view.zone,
                view.now,
            ),
            figures: FiguresView::of(&found.figures),
            strips: found.strips.iter().map(|strip| StripView::of(strip, &view.zone)).collect(),
            feed: found.latest.iter().map(FeedRow::of).collect(),
        }
    }
}

impl Page for DashboardPage {
    const TEMPLATE: &'static str = "pages/dashboard/dashboard.html";
    const ROOM: Room = Room::Dashboard;

    fn title(&self) -> Text {
        Text::of("dashboard-title")
    }

    fn samples() -> Vec<(&'static str, Self)> {
        samples::all()
    }
}

fn ranges(asked: Asked) -> Vec<Choice> {
    let choice = |range| Choice {
        label: Text::of(match range {
            Range::Today => "dashboard-range-today",
            Range::Day => "dashboard-range-day",
            Range::Week => "dashboard-range-week",
            Range::Month => "dashboard-range-month",
        }),
        href: links::chart(Asked { range, ..asked }),
        current: range == asked.range,
    };
    Range::ALL.into_iter().map(choice).collect()
}

fn metrics(asked: Asked) -> Vec<Choice> {
    let choice = |metric| Choice {
        label: Text::of(match metric {
            Metric::Requests => "dashboard-metric-requests",
            Metric::Spend => "dashboard-metric-spend",
            Metric::Tokens => "dashboard-metric-tokens",
            Metric::Latency => "dashboard-metric-latency",
        }),
        href: links::chart(Asked { metric, by: asked.by.filter(|_| can_split(metric)), ..asked }),
        current: metric == asked.metric,
    };
    Metric::ALL.into_iter().map(choice).collect()
}

/// Others than admins have one user, and providers are none of their business.
fn splits(asked: Asked, is_admin: bool) -> Vec<Choice> {
    if !can_split(asked.metric) {
        return Vec::new();
    }
    let choice = |by| Choice {
        label: Text::of(match by {
            None => "dashboard-by-none",
            Some(SplitBy::Provider) => "dashboard-by-provider",
            Some(SplitBy::User) => "dashboard-by-user",
            Some(SplitBy::Model) => "dashboard-by-model",
        }),
        href: links::chart(Asked { by, ..asked }),
        current: by == asked.by,
    };
    let all = [None, Some(SplitBy::Provider), Some(SplitBy::User), Some(SplitBy::Model)];
    let theirs = |by: &Option<SplitBy>| is_admin || matches!(by, None | Some(SplitBy::Model));
    all.into_iter().filter(theirs).map(choice).collect()
}

/// Tokens are split by kind already, and percentiles cannot be added.
pub(super) const fn can_split(metric: Metric) -> bool {
    matches!(metric, Metric::Requests | Metric::Spend)
}
