//! What a request used and what that cost, line by line.

use rust_decimal::Decimal;
use serde::Serialize;
use switchyard_actors::domain::billing::{Line, Part, Tier};
use switchyard_actors::domain::ledger::LedgerRow;
use switchyard_actors::domain::money::Nano;
use switchyard_actors::domain::price::PriceSource;
use switchyard_actors::domain::usage::Usage;

use crate::app::usage_logs::Bill;
use crate::web::console::frame::Text;
use crate::web::console::requests::row::{Free, whole};

/// What a request used and what that cost.
#[derive(Clone, Debug, Serialize)]
pub struct BillView {
    /// What was counted.
    pub lines: Vec<BillLine>,
    /// The part of the output that was spent on reasoning.
    pub reasoning: Option<i64>,
    /// The count is the last word.
    pub complete: bool,
    /// The money.
    pub cost: Option<CostView>,
    /// Why there is none.
    pub free: Option<Free>,
}

/// One line.
#[derive(Clone, Debug, Serialize)]
pub struct BillLine {
    /// What is counted.
    pub label: Text,
    /// How many of it.
    pub count: i64,
    /// The price of a million of it, in nano-dollars.
    pub rate: Option<i64>,
    /// The amount, in nano-dollars.
    pub amount: Option<i64>,
}

/// How the list price became the cost.
#[derive(Clone, Debug, Serialize)]
pub struct CostView {
    /// At list price.
    pub list: i64,
    /// The provider's factor, as decimal text.
    pub provider_factor: String,
    /// The group's factor.
    pub group_factor: String,
    /// The group.
    pub group: Option<String>,
    /// What it cost.
    pub cost: i64,
    /// The price version.
    pub version: i64,
    /// Whose price that is, and since when.
    pub price: Option<PriceView>,
    /// The service tier was the dearer one.
    pub priority: bool,
}

/// A price version.
#[derive(Clone, Debug, Serialize)]
pub struct PriceView {
    /// The model.
    pub model: String,
    /// Where the price came from.
    pub source: Text,
    /// Since when there is this version.
    pub since: i64,
}

impl BillView {
    /// Shows a row's usage and cost; `None` where neither is there to be shown.
    #[must_use]
    pub fn of(row: &LedgerRow, bill: Option<&Bill>) -> Self {
        let lines = match (bill, &row.usage) {
            (Some(bill), _) if !bill.lines.is_empty() => bill.lines.iter().map(priced).collect(),
            (_, Some(usage)) => counted(usage),
            _ => Vec::new(),
        };
        let reasoning = row.usage.map(|usage| usage.reasoning).filter(|tokens| *tokens > 0);
        let free = || Free::of(row.unbilled.as_deref().unwrap_or_default());
        Self {
            lines,
            reasoning: reasoning.map(whole),
            complete: row.usage_complete,
            cost: cost(row, bill),
            free: row.cost.is_none().then(free),
        }
    }
}

fn cost(row: &LedgerRow, bill: Option<&Bill>) -> Option<CostView> {
    let cost = row.cost.as_ref()?;
    let terms = row.terms.as_ref();
    let factor = |text: Option<&std::sync::Arc<str>>| text.map_or("1", |text| text).to_owned();
    Some(CostView {
        list: cost.list.0,
        provider_factor: factor(terms.map(|terms| &terms.provider_factor)),
        group_factor: factor(terms.map(|terms| &terms.group_factor)),
        group: row.group.as_deref().map(str::to_owned),
        cost: cost.cost.0,
        version: cost.price.0,
        price: bill.map(|bill| PriceView {
            model: bill.version.model.clone(),
            source: source(bill.version.source),
            since: bill.version.created_at.0,
        }),
        priority: terms.is_some_and(|terms| terms.tier == Tier::Priority),
    })
}

const fn source(source: PriceSource) -> Text {
    Text::of(match source {
        PriceSource::Seed => "request-price-seed",
        PriceSource::Synced => "request-price-synced",
        PriceSource::Manual => "request-price-manual",
    })
}

fn priced(line: &Line) -> BillLine {
    let times = if line.part == Part::Request { Decimal::ONE } else { Decimal::from(1_000_000) };
    let nano = |amount: Decimal| Nano::round(amount).map(|amount| amount.0);
    BillLine {
        label: label(line.part),
        count: whole(line.count),
        rate: line.rate.and_then(|rate| rate.checked_mul(times)).and_then(nano),
        amount: line.amount().and_then(nano),
    }
}

fn counted(usage: &Usage) -> Vec<BillLine> {
    [
        (Part::Input, usage.input),
        (Part::Output, usage.output),
        (Part::CacheWrite5m, usage.cache_write_5m),
        (Part::CacheWrite1h, usage.cache_write_1h),
        (Part::CacheRead, usage.cache_read),
        (Part::ImageInput, usage.image_input),
        (Part::ImageOutput, usage.image_output),
    ]
    .into_iter()
    .filter(|(part, count)| *count > 0 || matches!(part, Part::Input | Part::Output))
    .map(|(part, count)| BillLine {
        label: label(part),
        count: whole(count),
        rate: None,
        amount: None,
    })
    .collect()
}

const fn label(part: Part) -> Text {
    Text::of(match part {
        Part::Input => "request-part-input",
        Part::Output => "request-part-output",
        Part::CacheWrite5m => "request-part-write-5m",
        Part::CacheWrite1h => "request-part-write-1h",
        Part::CacheRead => "request-part-read",
        Part::ImageInput => "request-part-image-input",
        Part::ImageOutput => "request-part-image-output",
        Part::Request => "request-part-request",
    })
}
