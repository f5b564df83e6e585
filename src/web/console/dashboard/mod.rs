//! The dashboard: today's figures, a chart, the health of providers, the latest requests, and in
//! one sentence each what is wrong. On a fresh installation: what to do first.

mod feed;
mod figures;
mod links;
mod page;
mod plot;
mod samples;
mod setup;
mod strip;
mod trouble;

use actix_web::HttpResponse;
use actix_web::web::{self, Query, ServiceConfig};
use serde::Deserialize;

use super::frame::{PageError, Visitor};
use crate::app::overview::{self, Asked, Metric, Range};
use crate::store::SplitBy;
use page::{DashboardPage, PresentView, View};

/// The template of the parts that are kept up to date.
const PRESENT: &str = "partials/dashboard_present.html";

/// Adds the routes.
pub fn configure(routes: &mut ServiceConfig) {
    routes.route("", web::get().to(show)).route("/present", web::get().to(show_present));
}

/// What the address asks for; what it does not name, or names wrongly, is the default.
#[derive(Debug, Deserialize)]
struct Asking {
    #[serde(default)]
    range: String,
    #[serde(default)]
    metric: String,
    #[serde(default)]
    by: String,
}

impl Asking {
    fn read(&self, is_admin: bool) -> Asked {
        let metric = Metric::parse(&self.metric).unwrap_or_default();
        let by = match self.by.as_str() {
            "model" => Some(SplitBy::Model),
            "provider" if is_admin => Some(SplitBy::Provider),
            "user" if is_admin => Some(SplitBy::User),
            _ => None,
        };
        Asked {
            range: Range::parse(&self.range).unwrap_or_default(),
            metric,
            by: by.filter(|_| page::can_split(metric)),
        }
    }
}

async fn show(visitor: Visitor, asking: Query<Asking>) -> Result<HttpResponse, PageError> {
    let asked = asking.read(visitor.is_admin());
    let found = overview::dashboard(visitor.app(), &visitor.actor, asked).await?;
    visitor.show(&DashboardPage::new(&found, asked, &view(&visitor)))
}

/// Answers with the parts that change alone, for the page that keeps them up to date.
async fn show_present(visitor: Visitor) -> Result<HttpResponse, PageError> {
    let found = overview::present(visitor.app(), &visitor.actor).await?;
    visitor.show_fragment(PRESENT, &PresentView::new(&found, &view(&visitor)))
}

fn view(visitor: &Visitor) -> View<'_> {
    let app = visitor.app();
    View {
        is_admin: visitor.is_admin(),
        address: visitor.address(),
        reasons: visitor.console().readiness().reasons(),
        zone: (app.zone)(),
        now: app.clock.now(),
    }
}

/// Returns the samples of this room's pages.
#[cfg(test)]
pub(super) fn samples() -> Vec<super::frame::catalogue::Sample> {
    super::frame::catalogue::page::<DashboardPage>()
}
