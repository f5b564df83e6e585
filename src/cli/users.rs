//! `user add` and `user list`, and finding a user by name or id.

use serde_json::{Map, Value, json};

use super::arguments::{NewUser, UserCommand};
use super::error::CliError;
use super::management::Management;
use super::output::table;
use super::providers::{cell, id, items};

/// Runs the command and returns what to print.
pub fn run(api: &Management, what: &UserCommand) -> Result<String, CliError> {
    match what {
        UserCommand::Add(user) => add(api, user),
        UserCommand::List => list(api),
    }
}

fn add(api: &Management, user: &NewUser) -> Result<String, CliError> {
    let answer = api.call("users/addUser", &body(user))?;
    let id = answer.pointer("/user/id").and_then(Value::as_i64).unwrap_or_default();
    let key = answer.pointer("/defaultKey/key").and_then(Value::as_str).unwrap_or_default();
    Ok(format!("user {id} added: {}\nkey: {key}", user.name))
}

fn body(user: &NewUser) -> Value {
    let mut body = Map::new();
    body.insert("name".to_owned(), json!(user.name));
    let optional = [
        ("note", user.note.as_ref().map(|note| json!(note))),
        ("providerGroup", user.group.as_ref().map(|group| json!(group))),
        ("rpm", user.rpm.map(|rpm| json!(rpm))),
        ("dailyQuota", user.daily.as_ref().map(|usd| json!(usd))),
        ("limitTotalUsd", user.total.as_ref().map(|usd| json!(usd))),
        ("limitConcurrentSessions", user.sessions.map(|count| json!(count))),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            body.insert(name.to_owned(), value);
        }
    }
    Value::Object(body)
}

fn list(api: &Management) -> Result<String, CliError> {
    let all = all(api)?;
    let row = |user: &Value| {
        let keys = items(user.get("keys").unwrap_or(&Value::Null)).len();
        let columns = ["id", "name", "role", "isEnabled", "rpm", "dailyQuota", "limitTotalUsd"];
        let cells = columns.iter().map(|name| cell(user, name));
        cells.chain([keys.to_string(), cell(user, "providerGroup")]).collect()
    };
    let rows: Vec<Vec<String>> = items(&all).iter().map(row).collect();
    let head = ["id", "name", "role", "enabled", "rpm", "daily", "total", "keys", "groups"];
    Ok(table(&head, &rows))
}

/// Returns every user with its keys, which stay masked: a list reveals nothing.
pub fn all(api: &Management) -> Result<Value, CliError> {
    api.call("users/getUsers", &json!({"masked": true}))
}

/// Finds one item by id or by name.
pub fn pick<'a>(
    list: &'a [Value],
    what: &'static str,
    wanted: &str,
) -> Result<&'a Value, CliError> {
    let number = wanted.parse::<i64>().ok();
    if let Some(found) = list.iter().find(|one| number.is_some() && id(one) == number) {
        return Ok(found);
    }
    let named = |one: &&Value| one.get("name").and_then(Value::as_str) == Some(wanted);
    let found: Vec<&Value> = list.iter().filter(named).collect();
    match found.as_slice() {
        [] => Err(CliError::Unknown(what, wanted.to_owned())),
        [one] => Ok(one),
        several => {
            let ids: Vec<String> =
                several.iter().filter_map(|one| id(one)).map(|id| id.to_string()).collect();
            Err(CliError::Ambiguous(what, wanted.to_owned(), ids.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_must_mean_one_and_an_id_always_does() {
        let list = [
            json!({"id": 1, "name": "alice"}),
            json!({"id": 2, "name": "bob"}),
            json!({"id": 3, "name": "bob"}),
        ];
        assert_eq!(id(pick(&list, "user", "alice").unwrap()), Some(1));
        assert_eq!(id(pick(&list, "user", "3").unwrap()), Some(3));
        let sentence = pick(&list, "user", "bob").unwrap_err().to_string();
        assert_eq!(sentence, "there are several users \"bob\"; name one by its id: 2, 3");
        let sentence = pick(&list, "user", "carol").unwrap_err().to_string();
        assert_eq!(sentence, "there is no user \"carol\"");
    }
}
