//! `provider endpoints` and `provider endpoint`.

use serde_json::{Value, json};

use super::arguments::Switch;
use super::error::CliError;
use super::management::Management;
use super::output::table;
use super::providers::{cell, id, items};
use super::users::pick;

/// Lists the addresses of a provider.
pub fn list(api: &Management, provider: &str) -> Result<String, CliError> {
    let providers = api.call("providers/getProviders", &json!({}))?;
    let provider = id(pick(items(&providers), "provider", provider)?);
    let body = json!({ "providerId": provider });
    let listed = api.call("providers/getProviderEndpoints", &body)?;
    let rows: Vec<Vec<String>> = items(&listed).iter().map(row).collect();
    Ok(table(&["id", "address", "switch", "breaker", "until", "last check"], &rows))
}

fn row(endpoint: &Value) -> Vec<String> {
    let is_on = endpoint.get("isEnabled").and_then(Value::as_bool).unwrap_or_default();
    let checked = match endpoint.get("lastProbeOk").and_then(Value::as_bool) {
        None => String::new(),
        Some(true) => format!("well in {} ms", cell(endpoint, "lastProbeLatencyMs")),
        Some(false) => cell(endpoint, "lastProbeErrorMessage"),
    };
    let text = |name| cell(endpoint, name);
    let switch = if is_on { "on" } else { "off" };
    vec![
        text("id"),
        text("url"),
        switch.to_owned(),
        text("circuitState"),
        text("circuitOpenUntil"),
        checked,
    ]
}

/// Switches an address.
pub fn switch(api: &Management, endpoint: i64, to: Switch) -> Result<String, CliError> {
    let body = json!({ "endpointId": endpoint, "isEnabled": to == Switch::On });
    api.call("providers/editProviderEndpoint", &body)?;
    Ok(format!("address {endpoint} is {}", if to == Switch::On { "on" } else { "off" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_line_with_its_last_check() {
        let mut endpoint = json!({
            "id": 3, "url": "https://b.example", "isEnabled": false, "lastProbeOk": null,
            "circuitState": "closed", "circuitOpenUntil": null,
        });
        assert_eq!(row(&endpoint), ["3", "https://b.example", "off", "closed", "", ""]);
        (endpoint["lastProbeOk"], endpoint["lastProbeLatencyMs"]) = (json!(true), json!(12));
        assert_eq!(row(&endpoint)[5], "well in 12 ms");
        endpoint["lastProbeOk"] = json!(false);
        endpoint["lastProbeErrorMessage"] = json!("refused");
        assert_eq!(row(&endpoint)[5], "refused");
    }
}
