//! The clients of a soak: most read their answers, others leave before, during or after anything.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use switchyard_actors::domain::dialect::Dialect;
use tokio::io::AsyncWriteExt as _;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::dice::Dice;
use super::sockets;
use super::world::WORD;
use crate::support::client::{Client, Request};
use crate::support::prices::{DIALECTS, MODEL, UNPRICED};

/// Requests under way at once.
const CLIENTS: usize = 64;
/// Conversations of each key.
const SESSIONS: u64 = 12;

/// What became of requests, counted.
pub type Tally = BTreeMap<String, u64>;

/// How one client behaves.
#[derive(Clone, Copy, Debug)]
enum Manner {
    /// It reads to the end.
    Stays,
    /// It sends a part of its request and goes.
    LeavesUploading,
    /// It goes while it waits, in order or by a reset.
    LeavesWaiting { by_reset: bool },
    /// It goes after some frames, in order or by a reset.
    LeavesReading { frames: u64, by_reset: bool },
}

/// Whom the clients ask, and with what.
pub struct Crowd {
    pub seed: u64,
    pub nodes: Vec<Client>,
    pub keys: Vec<String>,
}

impl Crowd {
    /// Sends the requests of these numbers and counts what became of them.
    pub async fn ask(self: &Arc<Self>, numbers: std::ops::Range<usize>) -> Tally {
        let next = Arc::new(AtomicUsize::new(numbers.start));
        let mut clients = JoinSet::new();
        for _ in 0..CLIENTS {
            let (crowd, next) = (Arc::clone(self), Arc::clone(&next));
            clients.spawn(async move {
                let mut tally = Tally::new();
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= numbers.end {
                        return tally;
                    }
                    *tally.entry(crowd.one(number).await).or_default() += 1;
                }
            });
        }
        let mut all = Tally::new();
        while let Some(tally) = clients.join_next().await {
            for (what, count) in tally.expect("a client does not panic") {
                *all.entry(what).or_default() += count;
            }
        }
        all
    }

    /// Sends one request and says what became of it.
    async fn one(&self, number: usize) -> String {
        let mut dice = Dice::of(self.seed, 0, number as u64);
        let stream = dice.in_hundred(60);
        let dialect = *dice.pick(&DIALECTS);
        let key = dice.pick(&self.keys).clone();
        let client = *dice.pick(&self.nodes);
        let model = if dice.in_hundred(3) { UNPRICED } else { MODEL };
        if dialect == Dialect::Responses && dice.in_hundred(30) {
            let talk = sockets::converse(&client, &key, model, &mut dice).await;
            return talk.unwrap_or_else(|_| "socket cut".to_owned());
        }
        let said = if dice.in_hundred(2) { WORD } else { "question" };
        let text = format!("{said} {number}");
        let mut request = Request::saying(dialect, &key, model, stream, &text);
        if dice.in_hundred(70) {
            let session = format!("00000000-0000-4000-8000-{:012}", dice.below(SESSIONS));
            request = request.header("x-claude-code-session-id", &session);
        }
        let manner = manner(&mut dice, stream);
        behave(&client, &request, manner, &mut dice).await.unwrap_or_else(|_| "cut".to_owned())
    }
}

fn manner(dice: &mut Dice, stream: bool) -> Manner {
    let by_reset = dice.in_hundred(50);
    match dice.below(100) {
        0..4 => Manner::LeavesUploading,
        4..14 => Manner::LeavesWaiting { by_reset },
        14..34 if stream => Manner::LeavesReading { frames: dice.below(9), by_reset },
        _ => Manner::Stays,
    }
}

async fn behave(
    client: &Client,
    request: &Request,
    manner: Manner,
    dice: &mut Dice,
) -> io::Result<String> {
    match manner {
        Manner::Stays => {
            let answer = client.try_send(request).await?;
            Ok(format!("{} {:?}", answer.status, answer.end))
        }
        Manner::LeavesUploading => {
            let bytes = request.bytes();
            let part = usize::try_from(dice.below(bytes.len() as u64)).expect("a small number");
            let mut stream = client.connect().await?;
            stream.write_all(&bytes[..part]).await?;
            sleep(Duration::from_millis(dice.below(5))).await;
            Ok("left uploading".to_owned())
        }
        Manner::LeavesWaiting { by_reset: true } => {
            let mut stream = client.connect().await?;
            stream.write_all(&request.bytes()).await?;
            sleep(Duration::from_millis(dice.below(40))).await;
            stream.set_zero_linger()?;
            Ok("left waiting".to_owned())
        }
        Manner::LeavesWaiting { by_reset: false } => {
            let patience = Duration::from_millis(dice.below(40));
            Ok(match timeout(patience, client.try_send(request)).await {
                Ok(answer) => format!("{} before it left", answer?.status),
                Err(_) => "left waiting".to_owned(),
            })
        }
        Manner::LeavesReading { frames, by_reset } => {
            let mut live = client.open(request).await?;
            for _ in 0..frames {
                if live.next_frame().await.is_none() {
                    break;
                }
            }
            let status = live.status;
            if by_reset {
                live.leave_by_reset();
            } else {
                live.leave();
            }
            Ok(format!("{status} left reading"))
        }
    }
}
