//! Clients of a soak that speak Responses over a socket: a few turns, each heard to its end or not.

use std::io;
use std::time::Duration;

use actix_http::ws::Message;
use tokio::time::sleep;

use super::dice::Dice;
use crate::support::client::Client;
use crate::support::socket::{Said, Socket, create, handshake};

/// Opens a socket, has some turns, and leaves in one of the ways there are.
pub async fn converse(
    client: &Client,
    key: &str,
    model: &str,
    dice: &mut Dice,
) -> io::Result<String> {
    let mut socket = Socket::ask(client, &handshake("/v1/responses", key)).await?;
    if !socket.is_open() {
        let status = socket.head.split(' ').nth(1).unwrap_or_default();
        return Ok(format!("no socket: {status}"));
    }
    for turn in 0..=dice.below(3) {
        socket.say(&create(model, &format!("turn {turn}"))).await;
        if dice.in_hundred(5) {
            // A second one at once, which may not be.
            socket.say(&create(model, "at once")).await;
        }
        let patience = dice.in_hundred(20).then(|| dice.below(6));
        match hear(&mut socket, patience).await {
            Heard::Whole => {}
            Heard::Enough => break,
            Heard::Gone => return Ok("the socket was closed".to_owned()),
        }
        if dice.in_hundred(20) {
            sleep(Duration::from_millis(dice.below(10))).await;
        }
    }
    match dice.below(3) {
        0 => socket.leave(),
        1 => socket.leave_by_reset(),
        _ => {
            socket.send(Message::Close(None)).await;
            while matches!(socket.next().await, Said::Text(_) | Said::Ping | Said::Pong(_)) {}
        }
    }
    Ok("socket".to_owned())
}

enum Heard {
    /// The turn has ended.
    Whole,
    /// So many events as the client has patience for.
    Enough,
    /// The server has left.
    Gone,
}

async fn hear(socket: &mut Socket, patience: Option<u64>) -> Heard {
    let mut events = 0;
    while patience.is_none_or(|most| events < most) {
        match socket.next().await {
            Said::Text(event) if is_last(&event) => return Heard::Whole,
            Said::Text(_) => events += 1,
            Said::Ping | Said::Pong(_) => {}
            Said::Close(_) | Said::Fin | Said::Reset => return Heard::Gone,
        }
    }
    Heard::Enough
}

/// Vendors may say anything, which is passed on.
fn is_last(event: &str) -> bool {
    let event: serde_json::Value = serde_json::from_str(event).unwrap_or_default();
    let last = ["response.completed", "response.failed", "response.incomplete", "error"];
    event["type"].as_str().is_some_and(|kind| last.contains(&kind))
}
