//! Lists the models that can be talked to.

use serde::Deserialize;

use crate::app::{Actor, AppContext, AppError};

const CHAT: &str = "chat";

#[derive(Deserialize)]
struct Kind {
    mode: Option<String>,
}

/// Lists the models whose price is one of chat, by name; others than admins see none.
pub async fn chat_models(app: &AppContext, actor: &Actor) -> Result<Vec<String>, AppError> {
    if !actor.is_admin() {
        return Ok(Vec::new());
    }
    let prices = app.store.current_prices().await?;
    Ok(prices.into_iter().filter(|price| is_chat(&price.body)).map(|price| price.model).collect())
}

fn is_chat(price: &str) -> bool {
    serde_json::from_str::<Kind>(price).is_ok_and(|kind| kind.mode.as_deref() == Some(CHAT))
}
