//! Prices of models: uploaded by hand, or synced from LiteLLM's table.

mod feed;
mod fill;
mod list;
mod models;
mod search;
mod sync;
mod upload;

pub use feed::{Feed, feed};
pub use fill::{Filled, fill_costs, filling};
pub use list::{Listed, has_any, list};
pub use models::chat_models;
pub use search::{MillionRates, PriceInForce, PricePage, search};
pub use sync::sync;
pub use upload::{upload, uploading};
