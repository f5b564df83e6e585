//! `error-rules list` and `error-rules test`.

use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

use super::error::CliError;
use super::management::Management;
use super::output::table;
use super::providers::{cell, items};

/// What to do with error rules.
#[derive(Debug, Subcommand)]
pub enum ErrorRulesCommand {
    /// List them in the order in which they are asked
    List,
    /// Tell what would become of an upstream's answer, without asking anybody
    Test(Answer),
}

/// An upstream's answer that nobody gave.
#[derive(Args, Debug)]
pub struct Answer {
    /// Its status
    #[arg(long, default_value_t = 400)]
    status: u16,
    /// The kind of its provider, as `provider add` takes it
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    /// Its content type; text/event-stream is read as a stream
    #[arg(long, value_name = "TYPE")]
    content_type: Option<String>,
    /// Its body; - reads it from standard input
    body: String,
}

/// Runs the command and returns what to print.
pub fn run(api: &Management, what: ErrorRulesCommand) -> Result<String, CliError> {
    match what {
        ErrorRulesCommand::List => list(api),
        ErrorRulesCommand::Test(answer) => test(api, answer),
    }
}

fn list(api: &Management) -> Result<String, CliError> {
    let all = api.call("error-rules/listErrorRules", &json!({}))?;
    let names = ["id", "matchType", "pattern", "statuses", "action", "category", "priority"];
    let row = |rule: &Value| {
        let mut row: Vec<String> = names.iter().map(|name| cell(rule, name)).collect();
        let is_on = rule.get("isEnabled").and_then(Value::as_bool) == Some(true);
        row.push(if is_on { "on" } else { "off" }.to_owned());
        row.push(told(rule));
        row
    };
    let rows: Vec<Vec<String>> = items(&all).iter().map(row).collect();
    let head = ["id", "match", "pattern", "statuses", "action", "category", "priority", "", "told"];
    Ok(table(&head, &rows))
}

/// Says what of the answer a rule changes for clients.
fn told(rule: &Value) -> String {
    let status = cell(rule, "overrideStatusCode");
    let has_words = rule.get("overrideResponse").is_some_and(Value::is_object);
    if has_words { format!("{status} own words").trim().to_owned() } else { status }
}

fn test(api: &Management, answer: Answer) -> Result<String, CliError> {
    let said = match answer.body.as_str() {
        "-" => std::io::read_to_string(std::io::stdin())
            .map_err(|error| CliError::Failed(error.into()))?,
        _ => answer.body,
    };
    let mut body = Map::new();
    body.insert("body".to_owned(), json!(said));
    body.insert("statusCode".to_owned(), json!(answer.status));
    body.extend(answer.kind.map(|kind| ("providerType".to_owned(), json!(kind))));
    body.extend(answer.content_type.map(|kind| ("contentType".to_owned(), json!(kind))));
    let fate = api.call("error-rules/testErrorRuleAction", &Value::Object(body))?;
    Ok(shown(&fate))
}

fn shown(fate: &Value) -> String {
    let rule = fate.get("rule").filter(|rule| !rule.is_null());
    let rule = rule.map_or_else(
        || "no rule matches".to_owned(),
        |rule| {
            let part = |name: &str| cell(rule, name);
            format!("rule {} ({} {:?})", part("id"), part("matchType"), part("pattern"))
        },
    );
    let is = |name: &str| fate.get(name).and_then(Value::as_bool) == Some(true);
    let inferred = if is("statusCodeInferred") { ", inferred" } else { "" };
    let mut then = Vec::new();
    for (name, words) in [
        ("repeats", "the same provider is asked again"),
        ("switches", "another provider is asked"),
        ("charges", "the provider is charged"),
    ] {
        then.extend(is(name).then_some(words));
    }
    if then.is_empty() {
        then.push("nobody else is asked, nobody is charged");
    }
    let mut lines = vec![
        rule,
        format!("taken for {} ({}{inferred})", cell(fate, "outcome"), cell(fate, "statusCode")),
        then.join("; "),
    ];
    for told in items(fate.get("told").unwrap_or(&Value::Null)) {
        let body = told.get("body").map(Value::to_string).unwrap_or_default();
        lines.push(format!("{:<12} {} {body}", cell(told, "dialect"), cell(told, "statusCode")));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fate_is_told_in_words() {
        let rule = json!({ "id": 7, "matchType": "contains", "pattern": "no channel" });
        let told = json!([{ "dialect": "anthropic", "statusCode": 503, "body": { "a": 1 } }]);
        let fate = json!({ "rule": rule, "outcome": "provider_fault", "statusCode": 502,
            "statusCodeInferred": true, "repeats": false, "switches": true, "charges": true,
            "told": told });
        assert_eq!(
            shown(&fate),
            "rule 7 (contains \"no channel\")\n\
             taken for provider_fault (502, inferred)\n\
             another provider is asked; the provider is charged\n\
             anthropic    503 {\"a\":1}"
        );
        let own = json!({ "rule": null, "outcome": "client_fault", "statusCode": 400 });
        assert_eq!(
            shown(&own),
            "no rule matches\ntaken for client_fault (400)\nnobody else is asked, nobody is charged"
        );
    }
}
