//! `provider add` and `provider list`.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::arguments::{NewProvider, ProviderCommand};
use super::endpoints;
use super::error::CliError;
use super::management::Management;
use super::output::table;

/// Runs the command and returns what to print.
pub fn run(api: &Management, what: ProviderCommand) -> Result<String, CliError> {
    match what {
        ProviderCommand::Add(provider) => add(api, *provider),
        ProviderCommand::List => list(api),
        ProviderCommand::Endpoints { provider } => endpoints::list(api, &provider),
        ProviderCommand::Endpoint { endpoint, to } => endpoints::switch(api, endpoint, to),
    }
}

fn add(api: &Management, mut provider: NewProvider) -> Result<String, CliError> {
    if provider.key == "-" {
        provider.key = typed()?;
    }
    if let Some(file) = provider.key.strip_prefix('@') {
        let read = std::fs::read_to_string(file);
        let text = read.map_err(|error| CliError::Failed(error.into()))?;
        text.trim().clone_into(&mut provider.key);
    }
    if provider.proxy.as_deref() == Some("-") {
        provider.proxy = Some(typed()?);
    }
    api.call("providers/addProvider", &body(&provider))?;
    // The contract's answer has no id; the newest of the name is ours.
    let all = api.call("providers/getProviders", &json!({}))?;
    let named = |one: &&Value| one.get("name").and_then(Value::as_str) == Some(&provider.name);
    let newest = items(&all).iter().filter(named).filter_map(id).max();
    let id = newest.map(|id| format!("{id} ")).unwrap_or_default();
    Ok(format!("provider {id}added: {} ({}) at {}", provider.name, provider.kind, provider.url))
}

/// Reads a line of standard input: the key's, then the proxy's.
fn typed() -> Result<String, CliError> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).map_err(|error| CliError::Failed(error.into()))?;
    Ok(line.trim().to_owned())
}

fn body(provider: &NewProvider) -> Value {
    let mut body = Map::new();
    let mut set = |name: &str, value: Value| body.insert(name.to_owned(), value);
    set("name", json!(provider.name));
    set("url", json!(provider.url));
    set("key", json!(provider.key));
    set("provider_type", json!(provider.kind.name()));
    set("is_enabled", json!(!provider.disabled));
    let optional = [
        ("group_tag", provider.group.as_ref().map(|group| json!(group))),
        ("priority", provider.priority.map(|priority| json!(priority))),
        ("weight", provider.weight.map(|weight| json!(weight))),
        ("cost_multiplier", provider.cost_multiplier.as_ref().map(|factor| json!(factor))),
        ("proxy_url", provider.proxy.as_ref().map(|proxy| json!(proxy))),
        ("proxy_fallback_to_direct", provider.proxy_fallback_to_direct.then_some(json!(true))),
        ("allowed_models", (!provider.models.is_empty()).then(|| json!(provider.models))),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            set(name, value);
        }
    }
    if !provider.redirects.is_empty() {
        let pairs = provider.redirects.iter().map(|(from, to)| (from.clone(), json!(to)));
        set("model_redirects", Value::Object(pairs.collect()));
    }
    Value::Object(body)
}

fn list(api: &Management) -> Result<String, CliError> {
    let all = api.call("providers/getProviders", &json!({}))?;
    let columns =
        ["id", "name", "providerType", "url", "isEnabled", "priority", "weight", "groupTag"];
    let rows: Vec<Vec<String>> = items(&all)
        .iter()
        .map(|one| {
            let cells = columns.iter().map(|name| cell(one, name));
            cells.chain([credential(one)]).collect()
        })
        .collect();
    let names =
        ["id", "name", "kind", "url", "enabled", "priority", "weight", "groups", "credential"];
    Ok(table(&names, &rows))
}

/// Writes what a provider's credential is, and until when its token is good or why there is none.
fn credential(provider: &Value) -> String {
    let Some(credential) = provider.get("credential").filter(|one| one.is_object()) else {
        return String::new();
    };
    let kind = cell(credential, "kind");
    if let Some(trouble) = credential.get("trouble").filter(|one| one.is_object()) {
        let refused = trouble.get("refused").and_then(Value::as_bool) == Some(true);
        let word = if refused { "refused" } else { "no token" };
        return format!("{kind}, {word}: {}", cell(trouble, "why"));
    }
    let ends = credential.get("expiresAt").and_then(Value::as_i64);
    match ends.and_then(|ends| Timestamp::from_millisecond(ends).ok()) {
        Some(ends) => format!("{kind}, token until {ends:.0}"),
        None => kind,
    }
}

/// Returns the items of a list, none when it is no list.
pub fn items(list: &Value) -> &[Value] {
    list.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Returns an item's id.
pub fn id(item: &Value) -> Option<i64> {
    item.get("id").and_then(Value::as_i64)
}

/// Writes one value for a table.
pub fn cell(item: &Value, name: &str) -> String {
    match item.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::super::arguments::{Arguments, Command};
    use super::*;

    fn parsed(extra: &[&str]) -> Value {
        let fixed = ["switchyard", "provider", "add", "a", "--url", "https://h", "--key", "k"];
        let given = Arguments::parse_from(fixed.iter().chain(extra));
        match given.command {
            Some(Command::Provider(ProviderCommand::Add(provider))) => body(&provider),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_what_was_said_is_sent() {
        assert_eq!(
            parsed(&[]),
            json!({"name": "a", "url": "https://h", "key": "k", "provider_type": "claude", "is_enabled": true})
        );
    }

    #[test]
    fn a_credential_is_told_with_its_end_or_its_trouble() {
        let told = |value: Value| credential(&json!({ "credential": value }));
        assert_eq!(told(Value::Null), "");
        let kind = "service_account";
        assert_eq!(told(json!({"kind": kind, "expiresAt": null, "trouble": null})), kind);
        assert_eq!(
            told(json!({"kind": kind, "expiresAt": 1_772_452_800_000_i64, "trouble": null})),
            "service_account, token until 2026-03-02T12:00:00Z"
        );
        let trouble = json!({"refused": true, "why": "invalid_grant"});
        assert_eq!(
            told(json!({"kind": kind, "expiresAt": 1, "trouble": trouble})),
            "service_account, refused: invalid_grant"
        );
    }

    #[test]
    fn lists_and_pairs_take_the_contract_s_form() {
        let body =
            parsed(&["--kind", "gemini-cli", "--model", "m", "--redirect", "a=b", "--weight", "7"]);
        assert_eq!(body["provider_type"], "gemini-cli");
        assert_eq!(body["allowed_models"], json!(["m"]));
        assert_eq!(body["model_redirects"], json!({"a": "b"}));
        assert_eq!(body["weight"], 7);
        let proxied = parsed(&["--proxy", "socks5h://p:1080", "--proxy-fallback-to-direct"]);
        assert_eq!(proxied["proxy_url"], "socks5h://p:1080");
        assert_eq!(proxied["proxy_fallback_to_direct"], true);
    }
}
