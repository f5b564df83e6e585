//! The price sheet of the tests and the cost it makes, computed here a second time and exactly.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::upstream::answers::Tokens;

/// A model that has a price.
pub const MODEL: &str = "test-model";
/// A model that has none.
pub const UNPRICED: &str = "test-model-without-price";

/// Nano-dollars a token: input, output, cache read, cache write 5 m, cache write 1 h.
const RATES: [u64; 5] = [3_000, 15_000, 300, 3_750, 6_000];

/// Returns the sheet in LiteLLM's form.
pub fn sheet() -> Value {
    json!({ MODEL: {
        "mode": "chat",
        "litellm_provider": "test",
        "input_cost_per_token": 3e-6,
        "output_cost_per_token": 1.5e-5,
        "cache_read_input_token_cost": 3e-7,
        "cache_creation_input_token_cost": 3.75e-6,
        "cache_creation_input_token_cost_above_1hr": 6e-6,
        "max_output_tokens": 8192,
    } })
}

/// Returns the cost of an answer in nano-dollars.
pub fn cost_nano(tokens: &Tokens) -> u64 {
    let counts = [tokens.input, tokens.output, tokens.cache_read, tokens.write_5m, tokens.write_1h];
    counts.iter().zip(RATES).map(|(count, rate)| count * rate).sum()
}

/// Reads dollars as text (any number of places) into nano-dollars; panics on anything finer.
pub fn nano(usd: &str) -> u64 {
    let (whole, fraction) = usd.split_once('.').unwrap_or((usd, ""));
    let (kept, rest) = fraction.split_at(fraction.len().min(9));
    assert!(rest.bytes().all(|digit| digit == b'0'), "{usd} is finer than a nano-dollar");
    let digits = format!("{whole}{kept:0<9}");
    digits.parse().unwrap_or_else(|_| panic!("{usd} is not an amount"))
}

/// Every dialect the relay speaks natively.
pub const DIALECTS: [Dialect; 5] = Dialect::ALL;
