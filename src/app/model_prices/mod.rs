//! Prices of models: uploaded by hand, or synced from LiteLLM's table.

mod fill;
mod list;
mod models;
mod sync;
mod upload;

pub use fill::{Filled, fill_costs, filling};
pub use list::{Listed, has_any, list};
pub use models::chat_models;
pub use sync::sync;
pub use upload::{upload, uploading};
