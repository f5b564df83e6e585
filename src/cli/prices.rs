//! `price fill`.

use std::time::Duration;

use serde_json::{Value, json};
use switchyard_actors::domain::money::parse_decimal;

use super::arguments::PriceCommand;
use super::error::CliError;
use super::management::Management;

/// How long a fill may take: it looks at every request without a price.
const PATIENCE: Duration = Duration::from_mins(10);

/// Runs the command and returns what to print.
pub fn run(api: &Management, what: &PriceCommand) -> Result<String, CliError> {
    match what {
        PriceCommand::Fill { model } => {
            let body = model.as_ref().map_or_else(|| json!({}), |model| json!({ "model": model }));
            Ok(told(&api.call_within(PATIENCE, "model-prices/fillCosts", &body)?))
        }
    }
}

fn told(filled: &Value) -> String {
    let count = |name: &str| filled.get(name).and_then(Value::as_u64).unwrap_or_default();
    let cost = filled.get("costUsd").and_then(Value::as_str).unwrap_or_default();
    let cost = parse_decimal(cost).unwrap_or_default().normalize();
    format!(
        "filled: {}\ncost_usd: {cost}\nstill without a price: {}",
        count("filled"),
        count("stillUnpriced")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figures_are_told_without_places_that_say_nothing() {
        let filled = json!({ "filled": 3, "costUsd": "0.026100000000000", "stillUnpriced": 2 });
        assert_eq!(told(&filled), "filled: 3\ncost_usd: 0.0261\nstill without a price: 2");
        let none = json!({ "filled": 0, "costUsd": "0.000000000000000", "stillUnpriced": 0 });
        assert_eq!(told(&none), "filled: 0\ncost_usd: 0\nstill without a price: 0");
    }
}
