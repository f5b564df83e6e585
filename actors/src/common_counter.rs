//! What a request that this node has let in still needs while nodes share their counters: the word of
//! the common counter, over all of them. Callers and providers have their limits confirmed alike.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::{sleep, timeout};

use crate::domain::check::Dimension;
use crate::domain::limits::Refusal;
use crate::domain::sharing::SharedAnswer;
use crate::domain::verdict::{Used, refuse};
use crate::ports::{PortError, SharedDoor};
use crate::shared::claim::{Claim, Claimed};
use crate::shared::outbox::Outbox;

/// How often windows are told while news is on its way, and how long it takes to arrive.
const TRIES: u32 = 10;
const NEWS_ARRIVES: Duration = Duration::from_millis(3);
/// How often it is asked again while what was given back here is on its way.
const AGAIN: u32 = 3;

/// One worker's way to the common counter.
#[derive(Clone)]
pub struct CommonCounter {
    door: Arc<dyn SharedDoor>,
    outbox: Arc<Outbox>,
}

/// What the common counter says.
pub enum Word<G> {
    /// It may go on.
    Held(G),
    /// It may not; nothing is held any more.
    Refused(Refusal),
    /// There is no word: this node decides alone. What it held was taken back.
    Away,
}

impl CommonCounter {
    /// Makes the way.
    #[must_use]
    pub fn new(door: Arc<dyn SharedDoor>, outbox: Arc<Outbox>) -> Self {
        Self { door, outbox }
    }

    /// Asks for the word on something that is held here. What is under no limit is not asked for.
    pub async fn confirm<G: Claimed>(&self, mut guard: G) -> Word<G> {
        let claim = guard.claim();
        if claim.limits().is_empty() {
            return Word::Held(guard);
        }
        if !self.outbox.answers() {
            // It may have gone away since this was let in by what there is of everything.
            if claim.how().share == self.outbox.share() {
                return Word::Held(guard);
            }
            claim.unlog();
            return Word::Away;
        }
        let number = claim.announce(&self.outbox);
        match self.in_time(claim, number).await {
            Ok(SharedAnswer::Held) => {
                guard.claim_mut().is_common();
                Word::Held(guard)
            }
            Ok(SharedAnswer::Unlimited) => Word::Held(guard),
            Ok(SharedAnswer::Refused { check, used }) => {
                claim.unlog();
                let check = claim.limits().get(check);
                let refused = check.map(|check| refuse(check, &used, &claim.want(), claim.how()));
                refused.map_or(Word::Away, Word::Refused)
            }
            Ok(SharedAnswer::Unknown(_)) | Err(_) => {
                self.outbox.is_away();
                claim.unlog();
                Word::Away
            }
        }
    }

    /// Asks, and waits no longer than for one answer, whatever has to be told before there is one.
    async fn in_time(&self, claim: &Claim, number: u64) -> Result<SharedAnswer, PortError> {
        let refused = Mutex::new(None);
        let answer = timeout(self.door.patience(), self.ask(claim, number, &refused)).await;
        answer.unwrap_or_else(|_| {
            // A refusal is an answer, also when it was hoped that it would change.
            let refused = refused.into_inner();
            refused.ok_or_else(|| {
                PortError::Unavailable("the common counter", "no answer in time".to_owned())
            })
        })
    }

    /// Asks, and tells what is not known there.
    async fn ask(
        &self,
        claim: &Claim,
        number: u64,
        refused: &Mutex<Option<SharedAnswer>>,
    ) -> Result<SharedAnswer, PortError> {
        let ask = claim.shared_ask(number);
        let mut told: Vec<Dimension> = Vec::new();
        let mut tries = 0;
        loop {
            let unknown = match self.door.admit(&ask).await? {
                SharedAnswer::Unknown(owners) => owners,
                // What this node has given back is on its way, and may be all that is in the way.
                SharedAnswer::Refused { check, used }
                    if self.may_come_back(claim, check, &used) =>
                {
                    let answer = SharedAnswer::Refused { check, used };
                    tries += 1;
                    if tries > AGAIN {
                        return Ok(answer);
                    }
                    *refused.lock() = Some(answer);
                    sleep(NEWS_ARRIVES).await;
                    continue;
                }
                answer => return Ok(answer),
            };
            if unknown.iter().any(|owner| told.contains(owner)) {
                return Ok(SharedAnswer::Unknown(unknown));
            }
            self.tell(claim, &unknown).await?;
            told.extend(unknown);
        }
    }

    /// Tells the windows of owners. While news is on its way between the two, what one knows is not
    /// what the other lacks: then it waits for a moment, and not for ever.
    async fn tell(&self, claim: &Claim, owners: &[Dimension]) -> Result<(), PortError> {
        let mut left: Vec<&Dimension> = owners.iter().collect();
        for patience in (0..TRIES).rev() {
            let mut behind = Vec::new();
            for owner in left {
                let Some((sums, horizon)) = claim.sums(owner) else { continue };
                let horizon = Some(&horizon).filter(|_| patience > 0);
                if !self.door.seed(&sums, horizon).await? {
                    behind.push(owner);
                }
            }
            if behind.is_empty() {
                return Ok(());
            }
            left = behind;
            sleep(NEWS_ARRIVES).await;
        }
        Ok(())
    }

    /// Tells whether what is in the way is only held, and part of it was given back here meanwhile.
    fn may_come_back(&self, claim: &Claim, check: usize, used: &Used) -> bool {
        let Some(check) = claim.limits().get(check) else { return false };
        let is_held = check.kind.is_concurrency() || used.held > 0;
        is_held && self.outbox.has_given_back(&check.dimension)
    }
}
