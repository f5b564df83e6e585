//! What the page of a request shows.

use serde::Serialize;
use switchyard_actors::domain::billing::{Line, Part};
use switchyard_actors::domain::catalogue::Catalogue;
use switchyard_actors::domain::decision::Exclusion;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::money::parse_decimal;
use switchyard_actors::domain::outcome::RowOutcome;
use switchyard_actors::domain::price::PriceSource;

use super::bill::BillView;
use super::edits::{self, EditView, LossesView};
use super::facts;
use super::refusal::RefusalView;
use super::steps::{self, Around, LeftOut, Step};
use super::timing::{self, Bar};
use crate::app::usage_logs::{Bill, is_veiled};
use crate::store::{LedgerEntry, PriceVersion};
use crate::web::console::frame::{Page, Room, Text, address};
use crate::web::console::requests::names::Names;
use crate::web::console::requests::row::RequestRow;
use crate::web::console::requests::{samples, words};

/// The page of a request.
#[derive(Clone, Debug, Serialize)]
pub struct DetailPage {
    /// The request as lists show it.
    pub row: RequestRow,
    /// What happened.
    pub what: Text,
    /// What can be done.
    pub then: Option<Text>,
    /// The page is for an admin.
    pub is_admin: bool,
    /// Who and what.
    pub about: About,
    /// What went wrong, in the words of the upstream.
    pub error: Option<String>,
    /// What we told the client ourselves.
    pub told: Option<String>,
    /// The limit that refused.
    pub refusal: Option<RefusalView>,
    /// Tokens and money.
    pub bill: BillView,
    /// Where the time went.
    pub bars: Vec<Bar>,
    /// What was decided is what one looks for: the request did not go well.
    pub chain_first: bool,
    /// The tries.
    pub steps: Vec<Step>,
    /// Who was left out when nobody was left.
    pub nobody_left: Vec<LeftOut>,
    /// What was changed in the body.
    pub edits: Vec<EditView>,
    /// What was lost where the request was converted.
    pub losses: LossesView,
    /// What gate and relay noted.
    pub notes: Vec<Text>,
}

/// Who and what.
#[derive(Clone, Debug, Serialize)]
pub struct About {
    /// The provider is deleted.
    pub provider_gone: bool,
    /// The user's requests.
    pub user_href: String,
    /// The key's requests.
    pub key_href: String,
    /// The provider's requests.
    pub provider_href: Option<String>,
    /// The model that the answer says it is from.
    pub response_model: Option<String>,
    /// What was asked for.
    pub operation: Text,
    /// The client's name for itself.
    pub user_agent: Option<String>,
    /// The client's address.
    pub client_ip: Option<String>,
    /// Messages in the request.
    pub messages: Option<u32>,
    /// The end.
    pub ended_at: i64,
    /// The status that the client saw, where the row has a worse one.
    pub sent_status: Option<u16>,
}

impl About {
    fn of(entry: &LedgerEntry, around: &Around<'_>) -> Self {
        let (row, opened) = (&entry.row, &entry.row.opened);
        let list = |pairs: &[(&str, &str)]| address("/requests", pairs, None);
        let user = opened.user.to_string();
        let names = Names { catalogue: around.catalogue, chain: &row.chain };
        let provider = row.provider.filter(|_| around.is_admin);
        Self {
            provider_gone: row.provider.is_some_and(|id| names.of(id).gone),
            user_href: list(&[("user", &user)]),
            key_href: list(&[("user", &user), ("key", &opened.key.to_string())]),
            provider_href: provider.map(|id| list(&[("provider", &id.to_string())])),
            response_model: row.response_model.as_deref().map(str::to_owned),
            operation: facts::operation(opened.operation),
            user_agent: opened.user_agent.as_deref().map(str::to_owned),
            client_ip: opened.client_ip.as_deref().map(str::to_owned),
            messages: row.messages,
            ended_at: row.ended_at.0,
            sent_status: row.sent_status.filter(|sent| *sent != row.status),
        }
    }
}

impl DetailPage {
    /// Shows a request.
    #[must_use]
    pub fn of(entry: &LedgerEntry, bill: Option<&Bill>, around: &Around<'_>) -> Self {
        let row = &entry.row;
        let names = Names { catalogue: around.catalogue, chain: &row.chain };
        let provider = row.provider.map(|id| names.of(id).name);
        let provider = entry.provider_name.as_deref().map(str::to_owned).or(provider);
        let nobody_left = steps::nobody_left(row, around);
        let has_chain = !row.chain.is_empty() || !nobody_left.is_empty();
        let error = row.error.as_deref().map(str::to_owned);
        let is_told = is_ours(row.outcome) || !around.is_admin && is_veiled(row);
        let is_note = |note: &&std::sync::Arc<str>| {
            Exclusion::read_note(note).is_none() && !edits::is_beside_edit(row, note)
        };
        Self {
            row: RequestRow::of(entry),
            what: facts::what(row, &provider.unwrap_or_default()),
            then: facts::then(row, around.is_admin),
            is_admin: around.is_admin,
            about: About::of(entry, around),
            error: error.clone().filter(|_| !is_told),
            told: error.filter(|_| is_told),
            refusal: row.refusal.as_ref().map(RefusalView::of),
            bill: BillView::of(row, bill),
            bars: timing::bars(row),
            chain_first: row.outcome != RowOutcome::Success && has_chain,
            steps: steps::steps(row, around),
            nobody_left,
            edits: edits::edits(row, names),
            losses: edits::losses(row),
            notes: row.notes.iter().filter(is_note).map(|note| words::note(note)).collect(),
        }
    }

    fn sample(entry: &LedgerEntry, is_admin: bool) -> Self {
        let bill = entry.row.cost.as_ref().map(|_| sample_bill());
        let catalogue = Catalogue::default();
        Self::of(entry, bill.as_ref(), &Around { catalogue: &catalogue, breakers: &[], is_admin })
    }
}

/// Tells whether an end is told in our own words.
const fn is_ours(outcome: RowOutcome) -> bool {
    matches!(outcome, RowOutcome::Refused | RowOutcome::NoProvider | RowOutcome::Internal)
}

fn sample_bill() -> Bill {
    let line = |part, count, rate| Line { part, count, rate: parse_decimal(rate) };
    Bill {
        version: PriceVersion {
            model: "claude-sonnet-4-5".to_owned(),
            source: PriceSource::Synced,
            body: String::new(),
            created_at: Micros(1_777_000_000_000_000),
        },
        lines: vec![
            line(Part::Input, 1_234, "3e-06"),
            line(Part::Output, 4_567, "1.5e-05"),
            line(Part::CacheWrite5m, 4_321, "3.75e-06"),
            line(Part::CacheRead, 98_765, "3e-07"),
        ],
    }
}

impl Page for DetailPage {
    const TEMPLATE: &'static str = "pages/requests/detail.html";
    const ROOM: Room = Room::Requests;

    fn title(&self) -> Text {
        Text::of("request-title").with("id", self.row.id.as_str())
    }

    fn samples() -> Vec<(&'static str, Self)> {
        let mut samples = vec![
            ("typical", Self::sample(&samples::retried(1), true)),
            ("user", Self::sample(&samples::retried(1), false)),
            ("refused", Self::sample(&samples::refused(2), true)),
            ("unpriced", Self::sample(&samples::unpriced(3), true)),
        ];
        let extremes = samples::extreme();
        let names = ["extreme-tries", "extreme-numbers", "nobody"];
        let extreme = extremes.iter().map(|entry| Self::sample(entry, true));
        samples.extend(names.into_iter().zip(extreme));
        samples
    }
}
