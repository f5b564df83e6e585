//! `route`: who would serve a model for a key, and why not the others.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::arguments::RouteQuestion;
use super::error::CliError;
use super::management::Management;
use super::providers::{cell, items};

/// Runs the command and returns what to print.
pub fn run(api: &Management, what: &RouteQuestion) -> Result<String, CliError> {
    let body = json!({ "keyId": what.key, "model": what.model, "dialect": what.dialect,
        "userAgent": what.user_agent.as_deref().unwrap_or_default(), "claudeCode": what.claude_code });
    Ok(told(&api.call("routing/simulateDispatch", &body)?))
}

/// Tells an outcome in lines.
fn told(outcome: &Value) -> String {
    let mut text = String::new();
    let key = cell(outcome, "key");
    if key != "ok" {
        let _ = writeln!(text, "the key would be refused: {key}");
    }
    let list = |value: &Value, name: &str| items(value.get(name).unwrap_or(&Value::Null)).to_vec();
    for (number, rank) in list(outcome, "ranks").iter().enumerate() {
        let when = if number == 0 { "now" } else { "then" };
        let converted = rank.get("converted").and_then(Value::as_bool) == Some(true);
        let how = if converted { ", converted" } else { "" };
        let _ = writeln!(text, "{when}, priority {}{how}:", cell(rank, "priority"));
        for one in list(rank, "providers") {
            let share = one.get("share").and_then(Value::as_u64).unwrap_or(0);
            let _ = write!(text, "  {} {}", cell(&one, "id"), cell(&one, "name"));
            let _ = write!(text, ", {}.{:02} %", share / 100, share % 100);
            let _ = write!(text, ", sends {}", cell(&one, "sends"));
            let until = cell(&one, "restsUntil");
            let rests = if until.is_empty() { until } else { format!(", rests until {until}") };
            let _ = writeln!(text, "{rests}");
        }
    }
    if list(outcome, "ranks").is_empty() {
        let next = cell(outcome, "nextAt");
        let next = if next.is_empty() { next } else { format!(" before {next}") };
        let _ = writeln!(text, "nobody may serve{next}");
    }
    for one in list(outcome, "excluded") {
        let _ = writeln!(text, "not {} {}:", cell(&one, "id"), cell(&one, "name"));
        for reason in list(&one, "reasons") {
            let until = cell(&reason, "until");
            let until = if until.is_empty() { until } else { format!(" until {until}") };
            let (what, remedy) = (cell(&reason, "reason"), cell(&reason, "remedy"));
            let _ = writeln!(text, "  {what}{until}: {remedy}");
        }
    }
    text.truncate(text.trim_end().len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_serves_is_told_first_and_who_does_not_with_what_would_help() {
        let outcome = json!({ "key": "ok", "nextAt": null,
            "ranks": [{ "priority": 0, "providers": [
                { "id": 1, "name": "a", "share": 3333, "sends": "m", "restsUntil": null }] }],
            "excluded": [{ "id": 2, "name": "b", "reasons": [
                { "reason": "schedule", "until": "2026-01-01T00:00:00Z", "remedy": "wait" }] }] });
        let wanted = "now, priority 0:\n  1 a, 33.33 %, sends m\nnot 2 b:\n  \
                      schedule until 2026-01-01T00:00:00Z: wait";
        assert_eq!(told(&outcome), wanted);
        let nobody = json!({ "key": "key_disabled", "nextAt": null, "ranks": [], "excluded": [] });
        assert_eq!(told(&nobody), "the key would be refused: key_disabled\nnobody may serve");
    }
}
