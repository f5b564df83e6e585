//! `key add`, `key list` and `key reveal`.

use serde_json::{Value, json};

use super::arguments::KeyCommand;
use super::error::CliError;
use super::management::Management;
use super::output::table;
use super::providers::{cell, id, items};
use super::users::{all, pick};

/// Runs the command and returns what to print.
pub fn run(api: &Management, what: &KeyCommand) -> Result<String, CliError> {
    match what {
        KeyCommand::Add { user, name } => add(api, user, name),
        KeyCommand::List { user } => list(api, user.as_deref()),
        KeyCommand::Reveal { user, key } => reveal(api, user, key),
    }
}

fn add(api: &Management, user: &str, name: &str) -> Result<String, CliError> {
    let users = all(api)?;
    let owner = id(pick(items(&users), "user", user)?);
    let answer = api.call("keys/addKey", &json!({"userId": owner, "name": name}))?;
    let key = answer.get("generatedKey").and_then(Value::as_str).unwrap_or_default();
    Ok(key.to_owned())
}

fn list(api: &Management, user: Option<&str>) -> Result<String, CliError> {
    let users = all(api)?;
    let only = user.map(|user| pick(items(&users), "user", user)).transpose()?.and_then(id);
    let mut rows: Vec<Vec<String>> = Vec::new();
    for owner in items(&users).iter().filter(|owner| only.is_none() || id(owner) == only) {
        for key in items(owner.get("keys").unwrap_or(&Value::Null)) {
            let columns = ["id", "name", "maskedKey", "status", "expiresAt"];
            let cells = columns.iter().map(|name| cell(key, name));
            rows.push(std::iter::once(cell(owner, "name")).chain(cells).collect());
        }
    }
    Ok(table(&["user", "id", "name", "key", "status", "expires"], &rows))
}

fn reveal(api: &Management, user: &str, key: &str) -> Result<String, CliError> {
    let users = all(api)?;
    let owner = id(pick(items(&users), "user", user)?);
    let keys = api.call("keys/getKeys", &json!({"userId": owner}))?;
    Ok(cell(pick(items(&keys), "key", key)?, "key"))
}
