//! `key add`, `key list` and `key reveal`.

use serde_json::{Value, json};

use super::arguments::KeyCommand;
use super::error::CliError;
use super::management::Management;
use super::output::table;
use super::providers::{cell, id, items};
use super::users::{all, pick};

/// What the contract says of a key without an end.
const NEVER: &str = "永不过期";

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
            rows.push(row(owner, key));
        }
    }
    Ok(table(&["user", "id", "name", "key", "status", "expires"], &rows))
}

fn row(owner: &Value, key: &Value) -> Vec<String> {
    let cells = ["id", "name", "maskedKey", "status"].map(|name| cell(key, name));
    let mut row = vec![cell(owner, "name")];
    row.extend(cells);
    row.push(Some(cell(key, "expiresAt")).filter(|text| text != NEVER).unwrap_or("never".into()));
    row
}

fn reveal(api: &Management, user: &str, key: &str) -> Result<String, CliError> {
    let users = all(api)?;
    let owner = id(pick(items(&users), "user", user)?);
    let keys = api.call("keys/getKeys", &json!({"userId": owner}))?;
    Ok(cell(pick(items(&keys), "key", key)?, "key"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_shows_the_masked_key_and_a_missing_end_in_english() {
        let owner = json!({"name": "ann"});
        let mut key = json!({"id": 5, "name": "laptop", "maskedKey": "sk-1••••••abcd",
            "fullKey": "sk-1234abcd", "status": "enabled", "expiresAt": "永不过期"});
        let shown = ["ann", "5", "laptop", "sk-1••••••abcd", "enabled", "never"];
        assert_eq!(row(&owner, &key), shown);
        key["expiresAt"] = json!("2026-12-31");
        assert_eq!(row(&owner, &key)[5], "2026-12-31");
    }
}
