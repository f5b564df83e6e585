//! Sessions: who they are, which provider they are kept on, what they count, and how they end.

mod ending;
mod identity;
mod seats;
mod sticky;

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::stand::Pair;
use crate::support::client::{Answer, Request};
use crate::support::prices::MODEL;
use crate::support::services::Database;
use crate::support::waiting::{SOON, until};

/// What nodes on one database must have in common.
pub const SECRET: (&str, &str) =
    ("SWITCHYARD_SECRET_KEY", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");

/// Two providers, the first of which every new session is drawn to, and conversations with them.
pub struct Talks {
    pub pair: Pair,
    begun: AtomicU32,
}

/// A conversation of a client that names it.
#[derive(Clone, Debug)]
pub struct Talk {
    pub name: String,
    pub key: String,
    turns: u32,
}

impl Talk {
    /// Begins a conversation.
    pub fn new(name: &str, key: &str) -> Self {
        Self { name: name.to_owned(), key: key.to_owned(), turns: 0 }
    }

    /// Makes its next turn: 1, 3, 5, ... messages.
    pub fn turn(&mut self, model: &str, stream: bool) -> Request {
        self.turns += 1;
        self.request(model, stream, 2 * self.turns - 1)
    }

    /// Makes a request of so many messages.
    pub fn request(&self, model: &str, stream: bool, messages: u32) -> Request {
        let messages: Vec<Value> = (0..messages).map(message).collect();
        let body = json!({
            "model": model, "max_tokens": 64, "stream": stream, "messages": messages,
        });
        Request::model(Dialect::Anthropic, &self.key, model, stream)
            .body(body.to_string())
            .header("x-claude-code-session-id", &self.name)
            .header("user-agent", "opencode/1.18.33")
    }
}

fn message(number: u32) -> Value {
    let role = if number.is_multiple_of(2) { "user" } else { "assistant" };
    json!({ "role": role, "content": format!("message {number}") })
}

impl Talks {
    /// Starts the two providers on the embedded store.
    pub async fn new(extra: &[(&str, &str)]) -> Self {
        Self { pair: Pair::with(Dialect::Anthropic, extra).await, begun: AtomicU32::new(0) }
    }

    /// Starts them on a database.
    pub async fn on(database: &Database) -> Self {
        let dsn = database.dsn();
        Self::new(&[("DSN", &dsn), SECRET]).await
    }

    /// Begins a conversation of the usual user.
    pub fn begin(&self) -> Talk {
        let number = self.begun.fetch_add(1, Ordering::Relaxed);
        Talk::new(&format!("talk-{number}"), &self.pair.user.key)
    }

    /// Begins a conversation and lets a provider serve its first turn.
    pub async fn begin_on(&self, provider: i64) -> Talk {
        let mut talk = self.begin();
        self.switch(self.pair.first_id, provider == self.pair.first_id).await;
        assert_eq!(self.serve(&mut talk).await, provider);
        self.switch(self.pair.first_id, true).await;
        talk
    }

    /// Takes the next turn of a conversation; returns the provider that served it.
    pub async fn serve(&self, talk: &mut Talk) -> i64 {
        self.serve_model(talk, MODEL).await
    }

    /// Takes the next turn with a model; returns the provider that served it.
    pub async fn serve_model(&self, talk: &mut Talk, model: &str) -> i64 {
        let request = talk.turn(model, false);
        self.server_of(&request).await
    }

    /// Sends a request that must go well; returns the provider that served it.
    pub async fn server_of(&self, request: &Request) -> i64 {
        let before = (self.pair.first.count(), self.pair.second.count());
        let answer = self.pair.switchyard.send(request).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let asked = (self.pair.first.count() - before.0, self.pair.second.count() - before.1);
        match asked {
            (_, 0) => self.pair.first_id,
            (0, _) => self.pair.second_id,
            // Both were asked: its row tells who has served it.
            _ => self.last_of(answer.header("x-switchyard-request-id").expect("an id")).await,
        }
    }

    /// Returns the provider that was asked last for a request.
    async fn last_of(&self, request: &str) -> i64 {
        let row = until("the request's row", SOON, async || {
            let rows = self.pair.switchyard.rows().await;
            rows.into_iter().find(|row| row["requestId"] == request)
        })
        .await;
        *Pair::chain(&row).last().expect("a try")
    }

    /// Switches a provider on or off.
    pub async fn switch(&self, provider: i64, on: bool) {
        self.edit(provider, json!({ "is_enabled": on })).await;
    }

    /// Changes a provider.
    pub async fn edit(&self, provider: i64, mut change: Value) {
        change["providerId"] = json!(provider);
        self.pair.switchyard.admin("providers/editProvider", change).await;
    }

    /// Returns the sessions under way, as an admin sees them.
    pub async fn active(&self) -> Vec<Value> {
        let listed = self.pair.switchyard.admin("active-sessions/getActiveSessions", json!({}));
        listed.await.as_array().expect("a list").clone()
    }

    /// Returns the providers that the models of the latest session are bound to.
    pub async fn bindings(&self) -> Vec<(String, i64)> {
        let active = self.active().await;
        let bindings = active.first().map_or(&Value::Null, |session| &session["bindings"]);
        let read =
            |one: &Value| Some((one["model"].as_str()?.to_owned(), one["providerId"].as_i64()?));
        bindings.as_array().into_iter().flatten().filter_map(read).collect()
    }
}

/// Calls an action as a user.
pub async fn as_user(pair: &Pair, key: &str, action: &str, body: &Value) -> Answer {
    let target = format!("/api/actions/{action}");
    pair.switchyard.send(&Request::post(&target, body.to_string()).bearer(key)).await
}
