//! How the price sync is.

use switchyard_actors::price_sync::PriceSyncView;

use crate::app::AppContext;

/// How the price sync is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Feed {
    /// It is switched off.
    Off,
    /// It does not answer.
    Silent,
    /// What it knows.
    Known(PriceSyncView),
}

/// Asks the price sync how it is.
pub async fn feed(app: &AppContext) -> Feed {
    let Some(prices) = &app.live.prices else { return Feed::Off };
    prices.observe().await.map_or(Feed::Silent, Feed::Known)
}
