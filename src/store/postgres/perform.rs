//! Statements on a connection: prepared once, values in, rows out.

use std::sync::Arc;

use deadpool_postgres::ClientWrapper;
use tokio_postgres::Error;
use tokio_postgres::types::{ToSql, Type};

use crate::store::sqlite::{Answer, Step};
use crate::store::statement::{Kind, Statement};
use crate::store::value::{Row, Value};

pub(super) async fn prepare(
    client: &ClientWrapper,
    statement: &Statement,
) -> Result<tokio_postgres::Statement, Error> {
    let types: Vec<Type> = statement.params.iter().map(|slot| slot.kind.pg()).collect();
    client.prepare_typed_cached(&statement.pg, &types).await
}

pub(super) async fn perform(
    client: &ClientWrapper,
    statement: &Statement,
    params: &[Value],
) -> Result<Answer, Error> {
    let prepared = prepare(client, statement).await?;
    let params: Vec<&(dyn ToSql + Sync)> =
        params.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
    if statement.returns.is_empty() {
        let changed = client.execute(&prepared, &params).await?;
        return Ok(Answer { rows: Vec::new(), changed });
    }
    let found = client.query(&prepared, &params).await?;
    let mut rows = Vec::with_capacity(found.len());
    for row in &found {
        rows.push(read(statement, row)?);
    }
    let changed = rows.len() as u64;
    Ok(Answer { rows, changed })
}

/// Runs an insert of many rows as one statement; returns how many rows it made.
pub(super) async fn perform_together(
    client: &ClientWrapper,
    text: &str,
    statement: &Statement,
    rows: &[Step],
) -> Result<u64, Error> {
    let types: Vec<Type> = statement.params.iter().map(|slot| slot.kind.pg_array()).collect();
    let prepared = client.prepare_typed_cached(text, &types).await?;
    let columns: Vec<Vec<&Value>> = (0..types.len())
        .map(|column| rows.iter().filter_map(|(_, params)| params.get(column)).collect())
        .collect();
    let columns: Vec<&(dyn ToSql + Sync)> =
        columns.iter().map(|column| column as &(dyn ToSql + Sync)).collect();
    client.execute(&prepared, &columns).await
}

fn read(statement: &Statement, row: &tokio_postgres::Row) -> Result<Row, Error> {
    let mut values = Vec::with_capacity(statement.returns.len());
    for (index, slot) in statement.returns.iter().enumerate() {
        values.push(match (row.try_get(index)?, slot.kind) {
            (Value::Text(text), Kind::Json) => Value::Json(text),
            (value, _) => value,
        });
    }
    Ok(Row::new(Arc::clone(&statement.returns), values))
}
