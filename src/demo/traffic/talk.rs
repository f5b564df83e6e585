//! Who asks what next: some conversations are open at any time; each request goes on with one of
//! them or begins another. Pure.

use serde_json::Value;
use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::secret::Secret;

use super::body;
use crate::demo::dice::Dice;
use crate::demo::people::Member;
use crate::demo::tools::Tool;

/// Conversations that are open at once.
const OPEN: usize = 9;
/// Of a thousand requests so many begin a conversation.
const BEGIN: u64 = 120;
/// Of a thousand requests so many are streams.
const STREAMS: u64 = 750;
/// Requests of a conversation, at most.
const TURNS: (u64, u64) = (2, 24);

/// Somebody who works here with the key that they use.
#[derive(Clone, Debug)]
struct Worker {
    key: Secret,
    tools: &'static [(Tool, u32)],
}

/// A conversation that goes on.
#[derive(Clone, Debug)]
struct Conversation {
    key: Secret,
    tool: Tool,
    name: String,
    turn: u64,
    turns: u64,
}

/// One request to send.
#[derive(Clone, Debug)]
pub struct Ask {
    /// Path and query.
    pub target: String,
    /// The body.
    pub body: String,
    /// The key.
    pub key: Secret,
    /// The client.
    pub tool: Tool,
}

/// All conversations.
#[derive(Clone, Debug)]
pub struct Talk {
    workers: Vec<(Worker, u32)>,
    open: Vec<Conversation>,
}

impl Talk {
    /// Makes the talk of everybody who still has a key.
    #[must_use]
    pub fn new(members: &[Member], now: Micros) -> Self {
        let worker = |member: &Member| {
            let key = member.key_at(now, now)?.text.clone();
            let persona = member.persona;
            // Whoever is near their limit is soon refused; that is shown now and then.
            let weight = if persona.near_limit { 1 } else { persona.sessions };
            Some((Worker { key, tools: persona.tools }, weight))
        };
        Self { workers: members.iter().filter_map(worker).collect(), open: Vec::new() }
    }

    /// Says what is asked next; `None` when there is nobody.
    pub fn next(&mut self, dice: &mut Dice) -> Option<Ask> {
        if self.open.len() < OPEN && (self.open.len() < 2 || dice.happens(BEGIN)) {
            self.begin(dice);
        }
        let last = u64::try_from(self.open.len()).ok()?.checked_sub(1)?;
        let place = usize::try_from(dice.between(0, last)).ok()?;
        let conversation = self.open.get_mut(place)?;
        conversation.turn += 1;
        let ask = conversation.ask(dice.happens(STREAMS));
        if conversation.turn >= conversation.turns {
            self.open.swap_remove(place);
        }
        Some(ask)
    }

    fn begin(&mut self, dice: &mut Dice) {
        let Some(worker) = dice.weigh(&self.workers).cloned() else { return };
        let Some(tool) = dice.weigh(worker.tools).copied() else { return };
        let [low, high] = [dice.any(), dice.any()];
        let turns = dice.between(TURNS.0, TURNS.1);
        let name = uuid::Uuid::from_u64_pair(low, high).to_string();
        self.open.push(Conversation { key: worker.key, tool, name, turn: 0, turns });
    }
}

impl Conversation {
    fn ask(&self, stream: bool) -> Ask {
        let mut target = self.tool.path(stream);
        if target.ends_with(":streamGenerateContent") {
            target.push_str("?alt=sse");
        }
        let body: Value = body::of(&self.tool, &self.name, self.turn, stream);
        Ask { target, body: body.to_string(), key: self.key.clone(), tool: self.tool }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::Arc;

    use switchyard_actors::domain::ids::{KeyId, UserId};

    use super::*;
    use crate::demo::people::{PERSONAS, SampleKey};

    const NOW: Micros = Micros(1_777_435_200_000_000);

    /// Everybody, with a key that ended before one that did not.
    fn members() -> Vec<Member> {
        let key =
            |id: i64, ends| SampleKey { id: KeyId(id), text: Secret::new(&id.to_string()), ends };
        let member = |(number, persona)| Member {
            persona,
            user: UserId(number),
            keys: Arc::from([key(number, Some(NOW)), key(100 + number, None)]),
        };
        (1..).zip(PERSONAS).map(member).collect()
    }

    fn asks(seed: u64, count: usize) -> Vec<Ask> {
        let (mut talk, mut dice) = (Talk::new(&members(), NOW), Dice::new(seed));
        (0..count).filter_map(|_| talk.next(&mut dice)).collect()
    }

    #[test]
    fn the_same_seed_talks_the_same() {
        let bodies = |seed| asks(seed, 50).into_iter().map(|ask| ask.body).collect::<Vec<_>>();
        assert_eq!(bodies(1), bodies(1));
        assert_ne!(bodies(1), bodies(2));
    }

    #[test]
    fn every_dialect_is_spoken_with_keys_that_open() {
        let asks = asks(1, 2_000);
        assert_eq!(asks.len(), 2_000);
        let dialects: BTreeSet<_> = asks.iter().map(|ask| ask.tool.dialect).collect();
        assert_eq!(dialects.len(), 4, "{dialects:?}");
        for ask in &asks {
            let key: i64 = ask.key.reveal().parse().unwrap();
            assert!(key > 100, "a key that has ended");
            let gone = PERSONAS[usize::try_from(key - 101).unwrap()].left_days_ago;
            assert_eq!(gone, None, "somebody who has left");
        }
    }

    #[test]
    fn conversations_go_on_and_are_streamed_mostly() {
        let asks = asks(1, 1_000);
        let mut turns: BTreeMap<String, usize> = BTreeMap::new();
        for ask in asks.iter().filter(|ask| ask.body.contains("prompt_cache_key")) {
            let body: Value = serde_json::from_str(&ask.body).unwrap();
            *turns.entry(body["prompt_cache_key"].to_string()).or_default() += 1;
        }
        assert!(turns.values().any(|turns| *turns > 3), "{turns:?}");
        let streams = asks.iter().filter(|ask| {
            ask.body.contains(r#""stream":true"#) || ask.target.contains("streamGenerate")
        });
        assert!((650..850).contains(&streams.count()));
    }

    #[test]
    fn nobody_says_nothing() {
        assert!(Talk::new(&[], NOW).next(&mut Dice::new(1)).is_none());
    }
}
