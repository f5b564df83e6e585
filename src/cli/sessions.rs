//! `sessions list` and `sessions end`.

use serde_json::{Value, json};

use super::arguments::{SessionsCommand, WhoseSessions};
use super::error::CliError;
use super::management::Management;
use super::output::table;
use super::providers::{cell, id, items};
use super::users::{all, pick};

/// As many sessions as the server lists or ends in one call.
const AT_ONCE: usize = 200;

/// Runs the command and returns what to print.
pub fn run(api: &Management, what: &SessionsCommand) -> Result<String, CliError> {
    match what {
        SessionsCommand::List => list(api),
        SessionsCommand::End { sessions, of } => match target(api, of)? {
            Some((name, id)) => end_of(api, name, id),
            None => end(api, sessions),
        },
    }
}

fn list(api: &Management) -> Result<String, CliError> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    for page in 1_u32.. {
        let wanted = json!({ "pageSize": AT_ONCE, "page": page });
        let listed = api.call("active-sessions/getActiveSessions", &wanted)?;
        rows.extend(items(&listed).iter().map(row));
        if items(&listed).len() < AT_ONCE {
            break;
        }
    }
    let head =
        ["session", "user", "key", "kept on", "running", "requests", "usd", "started", "last used"];
    Ok(table(&head, &rows))
}

fn row(session: &Value) -> Vec<String> {
    let mut row: Vec<String> =
        ["sessionId", "userName", "keyName"].iter().map(|name| cell(session, name)).collect();
    let kept = items(session.get("bindings").unwrap_or(&Value::Null)).iter().map(|binding| {
        let name = Some(cell(binding, "providerName")).filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| format!("#{}", cell(binding, "providerId")));
        format!("{}={name}", cell(binding, "model"))
    });
    row.push(kept.collect::<Vec<_>>().join(", "));
    row.extend(["inFlight", "requestCount"].iter().map(|name| cell(session, name)));
    let cost = cell(session, "costUsd");
    row.push(cost.trim_end_matches('0').trim_end_matches('.').to_owned());
    row.push(started(session));
    row.push(cell(session, "lastSeenAt"));
    row
}

fn started(session: &Value) -> String {
    let millis = session.get("startTime").and_then(Value::as_i64).unwrap_or_default();
    crate::app::time::iso(switchyard_actors::domain::instant::Micros::from_millis(millis))
}

fn end(api: &Management, sessions: &[String]) -> Result<String, CliError> {
    let (mut ended, mut running, mut missing) = (0, 0, Vec::new());
    for some in sessions.chunks(AT_ONCE) {
        let body = json!({ "sessionIds": some });
        let done = api.call("active-sessions/terminateActiveSessionsBatch", &body)?;
        let count = |name| done.get(name).and_then(Value::as_i64).unwrap_or_default();
        ended += count("successCount");
        running += count("inFlight");
        let absent = items(done.get("missing").unwrap_or(&Value::Null)).iter();
        missing.extend(absent.filter_map(|one| one.as_str().map(str::to_owned)));
    }
    if !missing.is_empty() {
        return Err(CliError::Refused(format!(
            "ended: {ended}; there is no session {}",
            missing.join(", ")
        )));
    }
    Ok(format!("ended: {ended}; requests that go on to their end: {running}"))
}

/// Finds whose sessions are meant, by name or id.
fn target(
    api: &Management,
    of: &WhoseSessions,
) -> Result<Option<(&'static str, Option<i64>)>, CliError> {
    if let Some(user) = &of.user {
        let users = all(api)?;
        return Ok(Some(("userId", id(pick(items(&users), "user", user)?))));
    }
    if let Some(provider) = &of.provider {
        let providers = api.call("providers/getProviders", &json!({}))?;
        return Ok(Some(("providerId", id(pick(items(&providers), "provider", provider)?))));
    }
    Ok(of.key.map(|key| ("keyId", Some(key))))
}

fn end_of(api: &Management, name: &str, id: Option<i64>) -> Result<String, CliError> {
    let done = api.call("active-sessions/terminateSessionsOf", &json!({ name: id }))?;
    Ok(format!("ended: {}", cell(&done, "ended")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_one_line_with_every_model_s_provider() {
        let session = json!({
            "sessionId": "s_1", "userName": "anna", "keyName": "laptop", "inFlight": 2,
            "requestCount": 7, "costUsd": "0.012300000000000", "startTime": 1_777_982_400_000_i64,
            "lastSeenAt": "2026-05-05T12:01:00.000Z",
            "bindings": [
                { "model": "opus", "providerId": 1, "providerName": "one" },
                { "model": null, "providerId": 9, "providerName": null },
            ],
        });
        let expected = [
            "s_1",
            "anna",
            "laptop",
            "opus=one, =#9",
            "2",
            "7",
            "0.0123",
            "2026-05-05T12:00:00.000Z",
            "2026-05-05T12:01:00.000Z",
        ];
        assert_eq!(row(&session), expected);
    }
}
