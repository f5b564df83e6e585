//! The sample providers: each one's address leads to the played vendors, its path says how that one
//! behaves.

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::app::{Actor, AppContext, AppError, providers};

/// Returns the providers' bodies, as the management API takes them.
fn bodies(vendors: SocketAddr) -> [Value; 6] {
    let at = |path: &str| format!("http://{vendors}/{path}");
    [
        json!({
            "name": "Claude North", "provider_type": "claude", "url": at("steady"),
            "key": "sample-vendor-key-north", "weight": 3, "group_tag": "default,research",
        }),
        json!({
            "name": "Claude South", "provider_type": "claude", "url": at("flaky"),
            "key": "sample-vendor-key-south", "weight": 1, "cost_multiplier": "0.8",
            "circuit_breaker_failure_threshold": 3, "circuit_breaker_open_duration": 60_000,
        }),
        json!({
            "name": "Claude Reserve", "provider_type": "claude", "url": at("steady"),
            "key": "sample-vendor-key-reserve", "priority": 10, "cost_multiplier": "1.25",
            "group_tag": "default,research", "limit_daily_usd": 500,
        }),
        json!({
            "name": "Codex", "provider_type": "codex", "url": at("busy"),
            "key": "sample-vendor-key-codex", "circuit_breaker_failure_threshold": 4,
            "circuit_breaker_open_duration": 45_000,
        }),
        json!({
            "name": "Codex Reserve", "provider_type": "codex", "url": at("steady"),
            "key": "sample-vendor-key-second", "priority": 10, "cost_multiplier": "1.1",
        }),
        json!({
            "name": "DeepSeek", "provider_type": "openai-compatible", "url": at("steady"),
            "key": "sample-vendor-key-deep", "cost_multiplier": "0.9",
        }),
    ]
}

/// Gemini stands apart: it alone is for two groups and limits its sessions.
fn gemini(vendors: SocketAddr) -> Value {
    json!({
        "name": "Gemini", "provider_type": "gemini", "url": format!("http://{vendors}/busy"),
        "key": "sample-vendor-key-gemini", "group_tag": "default,research",
        "limit_concurrent_sessions": 40, "circuit_breaker_open_duration": 45_000,
    })
}

/// Adds them all.
///
/// # Errors
/// The store does not take one.
pub async fn add(app: &AppContext, actor: &Actor, vendors: SocketAddr) -> Result<(), AppError> {
    for body in bodies(vendors).iter().chain([&gemini(vendors)]) {
        providers::add(app, actor, body).await?;
    }
    Ok(())
}
