//! `breakers list` and `breakers reset`.

use clap::Subcommand;
use serde_json::{Value, json};

use super::error::CliError;
use super::management::Management;
use super::output::table;
use super::providers::{cell, id, items};
use super::users::pick;

/// What to do with circuit breakers.
#[derive(Debug, Subcommand)]
pub enum BreakersCommand {
    /// List those that keep requests away or have counted failures
    List,
    /// Close breakers: their providers are chosen again at once
    Reset {
        /// The providers: names or ids
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        providers: Vec<String>,
        /// Or those of all providers
        #[arg(long)]
        all: bool,
    },
}

/// As many providers as the server resets in one call.
const AT_ONCE: usize = 500;

/// Runs the command and returns what to print.
pub fn run(api: &Management, what: &BreakersCommand) -> Result<String, CliError> {
    match what {
        BreakersCommand::List => list(api),
        BreakersCommand::Reset { providers, all } => reset(api, providers, *all),
    }
}

fn list(api: &Management) -> Result<String, CliError> {
    let listed = api.call("providers/getBreakers", &json!({}))?;
    let rows: Vec<Vec<String>> = items(&listed).iter().map(row).collect();
    if rows.is_empty() {
        return Ok("all breakers are closed, and none has counted a failure".to_owned());
    }
    Ok(table(&["id", "provider", "address", "state", "failures", "until", "last failures"], &rows))
}

fn row(breaker: &Value) -> Vec<String> {
    let columns = ["providerId", "providerName", "endpointUrl", "state", "failureCount", "until"];
    let mut row: Vec<String> = columns.iter().map(|name| cell(breaker, name)).collect();
    let causes = items(breaker.get("causes").unwrap_or(&Value::Null)).iter().map(|cause| {
        let detail = Some(cell(cause, "detail")).filter(|detail| !detail.is_empty());
        let what = detail.unwrap_or_else(|| cell(cause, "outcome"));
        format!("{what} {}", cell(cause, "at"))
    });
    row.push(causes.collect::<Vec<_>>().join(", "));
    row
}

fn reset(api: &Management, providers: &[String], all: bool) -> Result<String, CliError> {
    let listed = api.call("providers/getProviders", &json!({}))?;
    let known = items(&listed);
    let mut ids: Vec<i64> = Vec::new();
    if all {
        ids.extend(known.iter().filter_map(id));
    }
    for name in providers {
        ids.extend(id(pick(known, "provider", name)?));
    }
    let mut reset = 0;
    for some in ids.chunks(AT_ONCE) {
        let done =
            api.call("providers/batchResetProviderCircuits", &json!({ "providerIds": some }))?;
        reset += done.get("resetCount").and_then(Value::as_i64).unwrap_or_default();
    }
    Ok(format!("reset: {reset}; closed already: {}", i64::try_from(ids.len()).unwrap_or(0) - reset))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_breaker_is_one_line_with_its_last_failures() {
        let breaker = json!({
            "providerId": 7, "providerName": "one", "endpointId": 3,
            "endpointUrl": "https://b.example", "state": "open", "failureCount": 5,
            "until": "2026-05-05T12:00:00.000Z",
            "causes": [
                { "at": "2026-05-05T11:30:00.000Z", "outcome": "provider_fault", "detail": "http 503" },
                { "at": "2026-05-05T11:29:00.000Z", "outcome": "transport_fault", "detail": null },
            ],
        });
        let expected = [
            "7",
            "one",
            "https://b.example",
            "open",
            "5",
            "2026-05-05T12:00:00.000Z",
            "http 503 2026-05-05T11:30:00.000Z, transport_fault 2026-05-05T11:29:00.000Z",
        ];
        assert_eq!(row(&breaker), expected);
    }
}
