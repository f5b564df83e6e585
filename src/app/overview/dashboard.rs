//! The first page: today's figures, a chart, health, and what is wrong or still to do.

use switchyard_actors::domain::ids::UserId;

use super::series::{Asked, Series, series};
use super::strip::{Strip, strips};
use super::today::{Figures, figures};
use super::trouble::{Trouble, troubles};
use crate::app::usage_logs::for_eyes;
use crate::app::{Actor, ActorKind, AppContext, AppError};
use crate::store::{LedgerEntry, LedgerFilter, Page};

/// So many of the latest requests stand on the page.
const LATEST: u32 = 10;

/// How far an installation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setup {
    /// There is a provider.
    pub provider: bool,
    /// There is a user.
    pub user: bool,
    /// A client has asked for something.
    pub client: bool,
}

impl Setup {
    /// Tells whether nothing is left to do.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.provider && self.user && self.client
    }
}

/// What the first page shows of the present. Others than admins see their own requests, and neither
/// providers nor what is wrong with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Present {
    /// Today's figures.
    pub figures: Figures,
    /// How providers do; empty for others than admins.
    pub strips: Vec<Strip>,
    /// What is wrong; empty for others than admins.
    pub troubles: Vec<Trouble>,
    /// The latest requests, the newest first.
    pub latest: Vec<LedgerEntry>,
}

/// What the first page shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dashboard {
    /// The present.
    pub present: Present,
    /// The chart.
    pub series: Series,
    /// How far the installation has come.
    pub setup: Setup,
}

/// Reads what the first page shows.
pub async fn dashboard(
    app: &AppContext,
    actor: &Actor,
    asked: Asked,
) -> Result<Dashboard, AppError> {
    let installed = app.store.installed().await?;
    Ok(Dashboard {
        present: present(app, actor).await?,
        series: series(app, whose(actor)?, asked, installed.first_slot).await?,
        setup: Setup {
            provider: installed.providers > 0,
            user: installed.users > 0,
            client: installed.first_slot.is_some(),
        },
    })
}

/// Reads the present alone, for those who look again and again.
pub async fn present(app: &AppContext, actor: &Actor) -> Result<Present, AppError> {
    let (user, now) = (whose(actor)?, app.clock.now());
    let everything = user.is_none();
    Ok(Present {
        figures: figures(app, user, now).await?,
        strips: if everything { strips(app, now).await? } else { Vec::new() },
        troubles: if everything { troubles(app, now).await? } else { Vec::new() },
        latest: latest(app, actor, user).await?,
    })
}

async fn latest(
    app: &AppContext,
    actor: &Actor,
    user: Option<UserId>,
) -> Result<Vec<LedgerEntry>, AppError> {
    let filter = LedgerFilter { user, ..LedgerFilter::default() };
    let page = Page { before: None, offset: 0, limit: LATEST };
    let entries = app.store.ledger_page(&filter, page).await?;
    Ok(entries.into_iter().map(|entry| for_eyes(actor, entry)).collect())
}

/// Returns whose requests somebody may see; everybody's when `None`.
fn whose(actor: &Actor) -> Result<Option<UserId>, AppError> {
    match actor.kind {
        _ if actor.is_admin() => Ok(None),
        ActorKind::User(user) => Ok(Some(user)),
        _ => Err(AppError::denied()),
    }
}
