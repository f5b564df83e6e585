//! Takes a price table that an admin uploads: its prices are manual and beat synced ones.

use serde_json::{Value as Document, json};
use switchyard_actors::domain::price::PriceSource;
use switchyard_actors::ports::SheetEntry;
use switchyard_actors::price_sync::{SyncReport, TableError, diff, parse_table};

use crate::app::shape::{Field, Rule, Shape};
use crate::app::{Actor, AppContext, AppError};

const TABLE: &str = "jsonContent";

/// Returns what the body of an upload may hold.
#[must_use]
pub fn uploading() -> Shape {
    Shape::from([Field::required(TABLE, Rule::TEXT)
        .about("A JSON document as text: an object of models, each with its price object.")])
}

/// Takes a table over: models whose price means something else get a new version.
///
/// # Errors
/// Says what is wrong with the table.
pub async fn upload(
    app: &AppContext,
    actor: &Actor,
    raw: &Document,
) -> Result<SyncReport, AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let body = uploading().check(raw, &app.moment())?;
    let table =
        parse_table(body.text(TABLE).unwrap_or_default()).map_err(|error| refusal(&error))?;
    let known = app.store.current_prices().await?.into_iter();
    let known: Vec<SheetEntry> =
        known.map(|price| SheetEntry { model: price.model, json: price.body }).collect();
    let total = table.total();
    let difference = diff(&known, table.entries);
    let names = |entries: &[SheetEntry]| entries.iter().map(|entry| entry.model.clone()).collect();
    let report = SyncReport {
        added: names(&difference.added),
        updated: names(&difference.updated),
        unchanged: difference.unchanged,
        failed: table.failed,
        total,
    };
    let changed: Vec<SheetEntry> = difference.added.into_iter().chain(difference.updated).collect();
    if !changed.is_empty() {
        write(app, actor, &changed, &report).await?;
        app.publish().await;
    }
    Ok(report)
}

fn refusal(error: &TableError) -> AppError {
    let text = match error {
        TableError::NotJson(reason) => format!("JSON格式不正确，请检查文件内容: {reason}"),
        other => format!("价格表必须是一个JSON对象: {other}"),
    };
    AppError::refused("refused-table", text).with("reason", error.to_string()).at(TABLE)
}

async fn write(
    app: &AppContext,
    actor: &Actor,
    changed: &[SheetEntry],
    report: &SyncReport,
) -> Result<(), AppError> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    tx.add_prices(changed, PriceSource::Manual, now).await?;
    let detail = json!({ "added": report.added, "updated": report.updated });
    tx.audit(&actor.did(now, "prices.upload", ("prices", 0, "manual"), detail)).await?;
    Ok(tx.commit().await?)
}
