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
/// How often it is asked again while what was given back here is on its way, or when windows that were
/// told are unknown once more.
const AGAIN: u32 = 3;

/// Its name in errors.
const NAME: &str = "the common counter";

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
        if let Some(share) = self.outbox.alone_on(claim.owners()) {
            // It may be so only since this was let in by what there is of everything.
            if claim.how().share == share {
                guard.claim_mut().is_alone();
                return Word::Held(guard);
            }
            claim.unlog();
            return Word::Away;
        }
        let Some(number) = claim.announce(&self.outbox) else { return Word::Held(guard) };
        match self.in_time(claim, number).await {
            Ok(SharedAnswer::Held) => {
                guard.claim_mut().is_common();
                Word::Held(guard)
            }
            Ok(SharedAnswer::Unlimited) => {
                guard.claim_mut().is_alone();
                Word::Held(guard)
            }
            Ok(SharedAnswer::Refused { check, used }) => {
                claim.unlog();
                let check = claim.limits().get(check);
                let refused = check.map(|check| refuse(check, &used, &claim.want(), claim.how()));
                refused.map_or(Word::Away, Word::Refused)
            }
            // It is there, and does not take this node's word: others may go on to ask it.
            Ok(SharedAnswer::Unknown(owners)) => {
                self.outbox.is_behind_on(owners);
                claim.unlog();
                Word::Away
            }
            Err(_) => {
                self.outbox.is_away();
                claim.unlog();
                Word::Away
            }
        }
    }

    /// Asks, and waits no longer than its patience, whatever has to be told before there is an answer.
    async fn in_time(&self, claim: &Claim, number: u64) -> Result<SharedAnswer, PortError> {
        let last = Mutex::new(None);
        let answer = timeout(self.door.patience(), self.ask(claim, number, &last)).await;
        match answer {
            Ok(Err(error @ PortError::Refused(..))) => Err(self.gives_up(error)),
            // The door knows of calls that have failed.
            Ok(answer) => answer,
            Err(_) => last.into_inner().ok_or_else(|| {
                // What was said last is an answer, also when it was hoped that it would change.
                self.gives_up(PortError::Unavailable(NAME, "no answer in time".to_owned()))
            }),
        }
    }

    /// Asks, and tells what is not known there.
    async fn ask(
        &self,
        claim: &Claim,
        number: u64,
        last: &Mutex<Option<SharedAnswer>>,
    ) -> Result<SharedAnswer, PortError> {
        let ask = claim.shared_ask(number);
        let mut tries = 0;
        loop {
            let may_change = tries < AGAIN;
            match self.door.admit(&ask).await? {
                SharedAnswer::Unknown(owners) if may_change => {
                    let behind = self.tell(claim, owners, last).await?;
                    if !behind.is_empty() {
                        return Ok(SharedAnswer::Unknown(behind));
                    }
                }
                // What this node has given back is on its way, and may be all that is in the way.
                SharedAnswer::Refused { check, used }
                    if may_change && self.may_come_back(claim, check, &used) =>
                {
                    *last.lock() = Some(SharedAnswer::Refused { check, used });
                    sleep(NEWS_ARRIVES).await;
                }
                answer => return Ok(answer),
            }
            tries += 1;
        }
    }

    /// Tells the windows of owners. While news is on its way between the two, what one knows is not
    /// what the other lacks: then it waits for a moment, and not for ever. Returns those whose windows
    /// were not taken even so: a cut is known there that this node has not heard of.
    async fn tell(
        &self,
        claim: &Claim,
        mut owners: Vec<Dimension>,
        last: &Mutex<Option<SharedAnswer>>,
    ) -> Result<Vec<Dimension>, PortError> {
        for patience in (0..TRIES).rev() {
            let mut behind = Vec::new();
            for owner in owners {
                let Some((sums, horizon)) = claim.sums(&owner) else { continue };
                let horizon = Some(&horizon).filter(|_| patience > 0);
                if !self.door.seed(&sums, horizon).await? {
                    behind.push(owner);
                }
            }
            owners = behind;
            if owners.is_empty() {
                *last.lock() = None;
                break;
            }
            *last.lock() = Some(SharedAnswer::Unknown(owners.clone()));
            if patience > 0 {
                sleep(NEWS_ARRIVES).await;
            }
        }
        Ok(owners)
    }

    /// Has the door know of what means that the common counter is away: it says so, and when it is over.
    fn gives_up(&self, error: PortError) -> PortError {
        self.door.gives_up(&error);
        error
    }

    /// Tells whether what is in the way is only held, and part of it was given back here meanwhile.
    fn may_come_back(&self, claim: &Claim, check: usize, used: &Used) -> bool {
        let Some(check) = claim.limits().get(check) else { return false };
        let is_held = check.kind.is_concurrency() || used.held > 0;
        is_held && self.outbox.has_given_back(&check.dimension)
    }
}
