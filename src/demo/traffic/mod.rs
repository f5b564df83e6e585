//! Live traffic: sample people go on working, through the relay's own door. Requests come at a pace
//! that swells and ebbs; only so many run at once.

mod body;
mod talk;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_rt::task::JoinHandle;
use awc::Client;
use futures_util::StreamExt as _;
use switchyard_actors::domain::instant::Micros;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use super::dice::Dice;
use super::seed::Sample;
use talk::{Ask, Talk};

/// Requests that run at once.
const MOST_RUNNING: usize = 12;
/// Milliseconds between two requests, when it is busy and when it is quiet.
const PAUSE_MS: (u64, u64) = (330, 1_000);
/// The pace swells and ebbs once in so many requests.
const WAVE: u64 = 120;
/// Of a thousand clients so many leave in the middle of a stream.
const LEAVE: u64 = 15;
/// Nothing here takes as long.
const TIME_OUT: Duration = Duration::from_mins(1);

/// The traffic. It ends when this is dropped; requests that run go on to their end.
#[derive(Debug)]
pub struct Traffic(JoinHandle<()>);

impl Traffic {
    /// Begins to send requests to a relay that is ready.
    #[must_use]
    pub fn start(relay: SocketAddr, sample: &Sample, now: Micros, seed: u64) -> Self {
        let talk = Talk::new(&sample.members, now);
        Self(actix_rt::spawn(go_on(relay, talk, Dice::new(seed))))
    }
}

impl Drop for Traffic {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn go_on(relay: SocketAddr, mut talk: Talk, mut dice: Dice) {
    let client = Client::builder().timeout(TIME_OUT).disable_redirects().finish();
    let places = Arc::new(Semaphore::new(MOST_RUNNING));
    for number in 0_u64.. {
        sleep(pause(number, &mut dice)).await;
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else { continue };
        let Some(ask) = talk.next(&mut dice) else { continue };
        let (client, leaves) = (client.clone(), dice.happens(LEAVE));
        actix_rt::spawn(async move {
            send(&client, relay, ask, leaves).await;
            drop(place);
        });
    }
}

/// Returns the pause before a request: short on the crest of the wave, long in its trough.
fn pause(number: u64, dice: &mut Dice) -> Duration {
    let half = WAVE / 2;
    let place = number % WAVE;
    let up = place.min(WAVE - place);
    let (short, long) = PAUSE_MS;
    let middle = long - (long - short) * up / half;
    Duration::from_millis(dice.between(middle * 6 / 10, middle * 14 / 10))
}

/// Sends one request and reads its answer. Whatever comes of it is in its row.
async fn send(client: &Client, relay: SocketAddr, ask: Ask, leaves: bool) {
    let request = client
        .post(format!("http://{relay}{}", ask.target))
        .insert_header(("authorization", format!("Bearer {}", ask.key.reveal())))
        .insert_header(("user-agent", ask.tool.agent))
        .insert_header(("content-type", "application/json"));
    let Ok(mut answer) = request.send_body(ask.body).await else { return };
    while let Some(Ok(_)) = answer.next().await {
        if leaves {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pace_swells_and_ebbs_between_one_and_three_requests_a_second() {
        let mut dice = Dice::new(1);
        let mut mean = |around: u64| {
            let pauses = (0..40).map(|_| pause(around, &mut dice).as_millis());
            pauses.sum::<u128>() / 40
        };
        let (quiet, busy) = (mean(0), mean(WAVE / 2));
        assert!((850..1_150).contains(&quiet), "{quiet}");
        assert!((280..380).contains(&busy), "{busy}");
    }
}
