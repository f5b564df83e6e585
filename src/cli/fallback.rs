//! `fallback list` and `fallback set`.

use serde_json::{Map, Value, json};

use super::arguments::FallbackCommand;
use super::error::CliError;
use super::management::Management;
use super::output::table;
use super::providers::{cell, items};

/// Runs the command and returns what to print.
pub fn run(api: &Management, what: &FallbackCommand) -> Result<String, CliError> {
    match what {
        FallbackCommand::List => list(api),
        FallbackCommand::Set { key, group, rules } => {
            api.call("routing/setFallbackModels", &body(*key, group.as_deref(), rules))?;
            Ok(format!("{} rules set", rules.len()))
        }
    }
}

fn body(key: Option<i64>, group: Option<&str>, rules: &[(String, Vec<String>)]) -> Value {
    let rules: Vec<Value> =
        rules.iter().map(|(model, then)| json!({ "model": model, "then": then })).collect();
    let mut body = Map::new();
    body.insert("rules".to_owned(), json!(rules));
    body.extend(key.map(|key| ("keyId".to_owned(), json!(key))));
    body.extend(group.map(|group| ("group".to_owned(), json!(group))));
    Value::Object(body)
}

fn list(api: &Management) -> Result<String, CliError> {
    let all = api.call("routing/getFallbackModels", &json!({}))?;
    let mut rows: Vec<Vec<String>> = Vec::new();
    for owner in items(&all) {
        for rule in items(owner.get("rules").unwrap_or(&Value::Null)) {
            let then = items(rule.get("then").unwrap_or(&Value::Null));
            let then: Vec<&str> = then.iter().filter_map(Value::as_str).collect();
            let mut row: Vec<String> =
                ["group", "keyId", "keyName", "userName"].map(|name| cell(owner, name)).into();
            row.extend([cell(rule, "model"), then.join(", ")]);
            rows.push(row);
        }
    }
    Ok(table(&["group", "key", "key name", "user", "model", "then"], &rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_or_a_group_is_named_with_its_rules() {
        let rules = [("opus".to_owned(), vec!["sonnet".to_owned(), "haiku".to_owned()])];
        let wanted =
            json!({ "keyId": 3, "rules": [{ "model": "opus", "then": ["sonnet", "haiku"] }] });
        assert_eq!(body(Some(3), None, &rules), wanted);
        assert_eq!(body(None, Some("vip"), &[]), json!({ "group": "vip", "rules": [] }));
    }
}
