//! Everything that is wrong with a body, at once: people mend a form in one go. Nothing is changed,
//! and whatever passes here is checked again where it is written.

use serde_json::Value;
use switchyard_actors::domain::dialect::ProviderKind;

use super::{addition, address, credential, edition};
use crate::app::{AppContext, AppError};

/// Lists what is wrong with the body of a new provider, or of a change of one that is kept.
#[must_use]
pub fn faults(app: &AppContext, raw: &Value, is_kept: bool) -> Vec<AppError> {
    let shape = if is_kept { edition() } else { addition() };
    let text = |name: &str| raw.get(name).and_then(Value::as_str);
    let mut found = Vec::new();
    found.extend(address::check_proxy(raw).err());
    found.extend(shape.check(raw, &app.moment()).err().map(AppError::from));
    let allowed = raw.get("allow_private").and_then(Value::as_bool).unwrap_or_default();
    let further = raw.get("endpoints").and_then(Value::as_array).into_iter().flatten();
    let urls = text("url").into_iter().chain(further.filter_map(Value::as_str));
    let urls: Vec<String> = urls.map(str::to_owned).collect();
    found.extend(address::check(&urls, allowed || app.live.allow_private_urls).err());
    let kind = text("provider_type").and_then(ProviderKind::parse);
    let key = text("key").filter(|key| !key.is_empty());
    if let (Some(kind), Some(key)) = (kind, key) {
        found.extend(credential::taken(app, kind, key).err());
    }
    found
}
