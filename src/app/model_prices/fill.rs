//! Bills requests whose model had no price when they ended, once it has one.

use std::collections::HashSet;

use serde::Serialize;
use serde_json::{Value as Document, json};
use switchyard_actors::domain::billing::charge;
use switchyard_actors::domain::catalogue::PriceBook;
use switchyard_actors::domain::ids::{PriceId, RequestId};
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::ledger::RowCost;
use switchyard_actors::domain::limits::Costs;
use switchyard_actors::domain::money::Nano;
use switchyard_actors::price_sync::{lookup_billed, parse_entry, resolve};
use switchyard_actors::shared::counters::{FormerSpend, Spender};

use crate::app::shape::{Field, Rule, Shape};
use crate::app::{Actor, AppContext, AppError, figure};
use crate::store::{LateBill, UnpricedPage, UnpricedRow};

const MODEL: &str = "model";
/// Rows that are booked in one transaction: others wait for the writer that long.
const PAGE: u32 = 200;

/// What was booked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Filled {
    /// Rows that have a cost now.
    pub filled: u64,
    /// What they cost, in dollars with fifteen places.
    pub cost_usd: String,
    /// Rows that were looked at and still have no price.
    pub still_unpriced: u64,
}

/// Returns what the body may hold.
#[must_use]
pub fn filling() -> Shape {
    let name = Rule::Text { least: 1, most: None };
    Shape::from([Field::optional(MODEL, name)
        .about("Only requests that asked for this model, or sent it upstream; else all.")])
}

/// Bills the requests that have usage and wait for a price, at the prices in force now and by the
/// factors and the tier of their own time. A row that has a cost is never touched, so it does no
/// harm to fill twice, or on two nodes at once.
///
/// # Errors
/// Says that the actor may not, or that the database failed; what was booked until then stays.
pub async fn fill_costs(
    app: &AppContext,
    actor: &Actor,
    raw: &Document,
) -> Result<Filled, AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let body = filling().check(raw, &app.moment())?;
    let model = body.text(MODEL).map(str::to_owned);
    let (app, actor) = (app.clone(), actor.clone());
    // On its own: a caller who leaves must not come between the books and the counters.
    let work = tokio::spawn(async move { fill(&app, &actor, model.as_deref()).await });
    work.await.map_err(|error| AppError::Internal(error.to_string()))?
}

async fn fill(app: &AppContext, actor: &Actor, model: Option<&str>) -> Result<Filled, AppError> {
    let mut tally = Tally::default();
    let ended = fill_pages(app, model, &mut tally).await;
    let cost_usd = figure::cost_text(tally.cost);
    if tally.filled > 0 {
        let detail = json!({ "model": model, "filled": tally.filled, "costUsd": cost_usd,
            "stillUnpriced": tally.still_unpriced });
        let entry = actor.did(app.clock.now(), "prices.fill", ("prices", 0, "costs"), detail);
        app.store.note(&entry).await?;
    }
    ended?;
    Ok(Filled { filled: tally.filled, cost_usd, still_unpriced: tally.still_unpriced })
}

/// What is booked so far.
#[derive(Default)]
struct Tally {
    filled: u64,
    cost: Nano,
    still_unpriced: u64,
}

async fn fill_pages(
    app: &AppContext,
    model: Option<&str>,
    tally: &mut Tally,
) -> Result<(), AppError> {
    let prices = prices(app).await?;
    // Rows that come meanwhile would keep a busy relay from ever ending this.
    let before = Micros(app.clock.now().0.saturating_add(1_000));
    let mut after = None;
    loop {
        let page = UnpricedPage { after, before, model, limit: PAGE };
        let rows = app.store.unpriced_rows(page).await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(last.id);
        book(app, &prices, &rows, tally).await?;
    }
}

/// Returns the prices in force, as the store has them and not as they were last published.
async fn prices(app: &AppContext) -> Result<PriceBook, AppError> {
    let current = app.store.current_prices().await?;
    let price = |id, model: &str, source, body: &str| parse_entry(PriceId(id), model, source, body);
    Ok(resolve(current.iter().filter_map(|now| price(now.id, &now.model, now.source, &now.body))))
}

/// Books a page, and lets the counters know what was booked here and by nobody else.
async fn book(
    app: &AppContext,
    prices: &PriceBook,
    rows: &[UnpricedRow],
    tally: &mut Tally,
) -> Result<(), AppError> {
    let billed: Vec<(&UnpricedRow, RowCost)> =
        rows.iter().filter_map(|row| Some((row, cost_of(row, prices)?))).collect();
    tally.still_unpriced += rows.len().saturating_sub(billed.len()) as u64;
    let bill = |(row, cost): &(&UnpricedRow, RowCost)| LateBill { id: row.id, cost: cost.clone() };
    let bills: Vec<LateBill> = billed.iter().map(bill).collect();
    let booked: HashSet<RequestId> = app.store.fill_costs(&bills).await?.into_iter().collect();
    let spent: Vec<FormerSpend> = billed
        .iter()
        .filter(|(row, _)| booked.contains(&row.id))
        .map(|(row, cost)| spend(row, cost))
        .collect();
    tally.filled += spent.len() as u64;
    tally.cost = tally.cost.plus(spent.iter().map(|spent| spent.costs.charged).sum());
    app.live.spent_late(spent);
    Ok(())
}

const fn spend(row: &UnpricedRow, cost: &RowCost) -> FormerSpend {
    let by = Spender { user: row.user, key: row.key, provider: row.provider };
    let costs = Costs { charged: cost.cost, list: cost.list };
    FormerSpend { by, at: row.started_at, ended: row.ended_at, costs }
}

/// Bills a row as its request would have been billed with this price.
fn cost_of(row: &UnpricedRow, prices: &PriceBook) -> Option<RowCost> {
    let terms = row.terms.as_ref()?;
    let price = lookup_billed(prices, &row.asked, &row.sent, terms.billed_model)?;
    let charge = charge(&row.usage, &price, terms.tier, terms.factors()?)?;
    Some(RowCost { cost: charge.cost, list: charge.list, price: price.id })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::Decimal;
    use switchyard_actors::domain::billing::{BilledModel, Factors, Tier};
    use switchyard_actors::domain::dialect::Operation;
    use switchyard_actors::domain::ids::{KeyId, UserId};
    use switchyard_actors::domain::ledger::Terms;
    use switchyard_actors::domain::price::{ModelPrice, PriceSource};
    use switchyard_actors::domain::usage::Usage;

    use super::*;
    use crate::proxy::cost::{Bill, BillInput, bill};

    fn price(model: &str, rates: (u64, u64, u64)) -> ModelPrice {
        let (input, output, priority) = rates;
        let json = format!(
            r#"{{"mode":"chat","input_cost_per_token":{input}e-11,"output_cost_per_token":{output}e-9,
                "input_cost_per_token_priority":{priority}e-10}}"#
        );
        parse_entry(PriceId(7), model, PriceSource::Manual, &json).unwrap()
    }

    fn row(usage: Usage, unpriced: Bill) -> UnpricedRow {
        UnpricedRow {
            id: RequestId([1; 16]),
            started_at: Micros(1),
            ended_at: Micros(1),
            user: UserId(1),
            key: KeyId(1),
            provider: None,
            asked: "alias".to_owned(),
            sent: "true-name".to_owned(),
            usage,
            terms: unpriced.terms,
        }
    }

    fn factor() -> impl Strategy<Value = Decimal> {
        (0..10_000_000_i64, 3..7_u32).prop_map(|(digits, places)| Decimal::new(digits, places))
    }

    proptest! {
        #[test]
        fn a_late_bill_is_the_one_that_was_due(
            tokens in (0..2_000_000_u64, 0..200_000_u64, 0..3_000_000_u64),
            rates in (0..90_000_u64, 0..90_000_u64, 1..90_000_u64),
            factors in (factor(), factor()),
            is_priority in any::<bool>(),
        ) {
            let (input, output, cache_read) = tokens;
            let usage = Usage { input, output, cache_read, ..Usage::default() };
            let price = price("true-name", rates);
            let bill_with = |price| bill(&BillInput {
                operation: Operation::Generate,
                usage: Some(&usage),
                price,
                tier: if is_priority { Tier::Priority } else { Tier::Standard },
                factors: Factors { provider: factors.0, group: factors.1 },
                billed_model: BilledModel::Sent,
                answered: true,
            });
            let due = bill_with(Some(&price)).cost;
            let unpriced = bill_with(None);
            prop_assert_eq!((unpriced.cost.as_ref(), unpriced.unbilled), (None, Some("unpriced")));
            let late = cost_of(&row(usage, unpriced), &resolve([price]));
            prop_assert!(late.is_some());
            prop_assert_eq!(late, due);
        }
    }

    #[test]
    fn a_row_is_billed_by_the_name_that_its_own_time_chose() {
        let prices = resolve([price("alias", (100, 0, 1)), price("true-name", (300, 0, 1))]);
        let usage = Usage { input: 1_000, ..Usage::default() };
        let cost = |billed_model| {
            let factors = Factors { provider: Decimal::ONE, group: Decimal::ONE };
            let input = BillInput {
                operation: Operation::Generate,
                usage: Some(&usage),
                price: None,
                tier: Tier::Standard,
                factors,
                billed_model,
                answered: true,
            };
            cost_of(&row(usage, bill(&input)), &prices).map(|cost| cost.cost)
        };
        assert_eq!(cost(BilledModel::Asked), Some(Nano(1_000)));
        assert_eq!(cost(BilledModel::Sent), Some(Nano(3_000)));
    }

    #[test]
    fn what_a_price_cannot_bill_keeps_waiting() {
        let json = r#"{"mode":"chat","input_cost_per_token":3e-06}"#;
        let price = parse_entry(PriceId(7), "true-name", PriceSource::Manual, json).unwrap();
        let terms = Terms::new(
            Factors { provider: Decimal::ONE, group: Decimal::ONE },
            Tier::Standard,
            BilledModel::Sent,
        );
        let usage = Usage { input: 1, output: 1, ..Usage::default() };
        let unpriced = Bill { cost: None, terms: Some(terms), unbilled: Some("unpriced") };
        assert_eq!(cost_of(&row(usage, unpriced), &resolve([price])), None);
    }
}
