//! The nodes of one database: each says that it lives, and all of them have one admin token (D15).
//!
//! The database knows the token's mark, never the token. A node with another token may start when
//! it is alone, for that is how a token is changed; while others live it is turned away.

use std::time::Duration;

use anyhow::bail;
use switchyard_actors::domain::instant::Micros;

use super::Basics;
use crate::process::Severity;
use crate::process::admin_token::FILE;
use crate::server::machine;
use crate::store::{Cipher, Node, Store, StoreError};
use crate::web::health::VERSION;

/// How often a node says that it lives.
pub const BEAT_EVERY: Duration = Duration::from_secs(10);
/// A node that was silent for so long is gone.
const BEAT_COUNTS: Duration = Duration::from_secs(35);
/// The fact in the database: the mark of the nodes' admin token.
const FACT: &str = "admin_token_mark";
/// Held while a node compares its token and joins, so that of two the second sees the first.
const LEASE: &str = "admin_token";
const LEASE_FOR: Duration = Duration::from_secs(10);
/// How often a node that waits looks again.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long until a mark is written again that the database did not take.
const RETRY: Duration = Duration::from_secs(5);
/// What is said when nodes count each for itself.
const UNSHARED: &str = "several nodes use this database and count limits each on its own: a limit \
                        may be passed as many times over as there are nodes";
/// What is said when another node was given another token while both run.
const OTHER_TOKEN: &str = "the admin token of this node is not the one that another node has been \
                           given: give every node the same, then SIGHUP or restart";

/// This process among the nodes of its database.
#[derive(Clone)]
pub struct Membership {
    basics: Basics,
    store: Store,
    cipher: Cipher,
    node: Node,
}

/// What a node with a token is to do.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// The token is the one of the others, or there are no others.
    Join,
    /// Another node is alive with another token.
    Refuse,
    /// Another node was alive a moment ago and may be gone: look again.
    Wait,
}

impl Membership {
    /// Names this process; nobody is told before [`Self::join`].
    pub fn new(basics: &Basics, store: &Store, cipher: &Cipher) -> Self {
        let now = basics.clock.now();
        let node = Node {
            id: basics.request_ids.mint(now, basics.luck.seed()).to_string(),
            host: machine::host_name(),
            version: VERSION.to_owned(),
            has_redis: basics.settings.redis.url.is_some(),
            started_at: now,
            seen_at: now,
        };
        let (basics, store, cipher) = (basics.clone(), store.clone(), cipher.clone());
        Self { basics, store, cipher, node }
    }

    /// Returns the id of this process.
    pub fn id(&self) -> &str {
        &self.node.id
    }

    /// Joins the nodes of the database. A node that was killed looks alive for a while; who comes
    /// with another token waits until it has said something or has been silent for long enough.
    ///
    /// # Errors
    /// Another node is alive with another admin token, or the database failed.
    pub async fn join(&self) -> anyhow::Result<()> {
        if !self.store.is_shared() {
            // The data directory is locked: nobody else is on the embedded store.
            return Ok(self.store.put_fact(FACT, &self.mark()).await?);
        }
        let mut first: Option<Vec<Node>> = None;
        loop {
            if self.store.take_lease(LEASE, self.id(), self.now(), LEASE_FOR).await? {
                let verdict = self.try_to_join(&mut first).await;
                self.store.give_back_lease(LEASE, self.id()).await?;
                match verdict? {
                    Verdict::Join => return Ok(()),
                    Verdict::Refuse => bail!(self.refusal(first.as_deref().unwrap_or_default())),
                    Verdict::Wait => {}
                }
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn try_to_join(&self, first: &mut Option<Vec<Node>>) -> Result<Verdict, StoreError> {
        let (mark, known) = (self.mark(), self.store.fact(FACT).await?);
        let mut others = self.store.nodes(self.now().minus(BEAT_COUNTS)).await?;
        others.retain(|node| node.id != self.node.id);
        let verdict = judge(known.as_deref() == Some(&mark), first.as_deref(), &others);
        if verdict == Verdict::Join {
            self.store.put_fact(FACT, &mark).await?;
            self.store.beat(&Node { seen_at: self.now(), ..self.node.clone() }).await?;
        }
        if first.is_none() {
            if verdict == Verdict::Wait {
                tracing::warn!(
                    nodes = hosts(&others),
                    "another node was seen lately with another admin token; waiting up to {} s to \
                     see whether it still lives",
                    BEAT_COUNTS.as_secs()
                );
            }
            *first = Some(others);
        }
        Ok(verdict)
    }

    fn refusal(&self, others: &[Node]) -> String {
        format!(
            "another node of the database ({}) runs with another admin token (on {}); set \
             ADMIN_TOKEN to the same text on every node, or copy the file {FILE} from that node's \
             data directory; to change the token of all, stop them first, or run `switchyard \
             admin-token rotate` on one, copy its file to the others, and send each SIGHUP",
            self.store.place(),
            hosts(others),
        )
    }

    /// Writes the token's mark whenever the token changes while the process runs.
    pub async fn follow_token(self) {
        loop {
            self.basics.admin_token.changed().await;
            while let Err(error) = self.store.put_fact(FACT, &self.mark()).await {
                tracing::warn!(%error, "the new admin token could not be noted in the database");
                tokio::time::sleep(RETRY).await;
            }
        }
    }

    /// Says that this node lives, and looks how the others do; returns how many there are, this one
    /// among them, when the database says so.
    pub async fn beat(self) -> Option<usize> {
        let now = self.now();
        let work = async {
            self.store.beat(&Node { seen_at: now, ..self.node.clone() }).await?;
            let nodes = self.store.nodes(now.minus(BEAT_COUNTS)).await?;
            Ok::<_, StoreError>((nodes, self.store.fact(FACT).await?))
        };
        let (nodes, known) = work.await.ok()?;
        self.say_unshared(&nodes);
        let differs = known.is_some_and(|known| known != self.mark());
        self.say("admin_token", differs.then_some(OTHER_TOKEN));
        Some(nodes.len())
    }

    /// Says when nodes count limits each for itself.
    fn say_unshared(&self, nodes: &[Node]) {
        let alone = nodes.iter().filter(|node| !node.has_redis).count();
        let unshared = if nodes.len() > 1 { alone } else { 0 };
        self.basics.metrics.unshared_nodes.set(i64::try_from(unshared).unwrap_or(i64::MAX));
        self.say("nodes", (unshared > 0).then_some(UNSHARED));
    }

    fn say(&self, part: &'static str, said: Option<&'static str>) {
        let Some(text) = said else { return self.basics.readiness.clear(part) };
        if self.basics.readiness.report(part, Severity::Degraded, text) {
            tracing::warn!("{text}");
        }
    }

    /// Says goodbye. A node that cannot is forgotten when it stays silent.
    pub async fn leave(&self) {
        if self.store.is_shared() {
            let before = self.now().minus(Duration::from_hours(1));
            let _unsaid = self.store.forget_nodes(before, self.id()).await;
        }
    }

    fn mark(&self) -> String {
        hex::encode(self.cipher.mark(&self.basics.admin_token.hash()))
    }

    fn now(&self) -> Micros {
        self.basics.clock.now()
    }
}

/// Decides on a node by whether its token is the known one, by the others as it first saw them,
/// and as they are now. Instants are compared with others of the same node only, since clocks of
/// machines differ.
fn judge(same_token: bool, first: Option<&[Node]>, others: &[Node]) -> Verdict {
    if same_token || others.is_empty() {
        return Verdict::Join;
    }
    let Some(first) = first else { return Verdict::Wait };
    let is_as_before = |node: &Node| {
        first.iter().any(|before| before.id == node.id && before.seen_at == node.seen_at)
    };
    if others.iter().all(is_as_before) { Verdict::Wait } else { Verdict::Refuse }
}

fn hosts(nodes: &[Node]) -> String {
    nodes.iter().map(|node| node.host.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: &str, seen_at: i64) -> Node {
        let (host, version) = ("host".to_owned(), VERSION.to_owned());
        let seen_at = Micros(seen_at);
        Node { id: id.to_owned(), host, version, has_redis: false, started_at: Micros(0), seen_at }
    }

    #[test]
    fn who_has_the_same_token_or_is_alone_joins() {
        assert_eq!(judge(true, None, &[node("a", 1)]), Verdict::Join);
        assert_eq!(judge(false, None, &[]), Verdict::Join);
        assert_eq!(judge(false, Some(&[node("a", 1)]), &[]), Verdict::Join, "it was a dead one");
    }

    #[test]
    fn another_token_is_refused_as_soon_as_another_node_shows_life() {
        let first = [node("a", 1), node("b", 5)];
        assert_eq!(judge(false, None, &first), Verdict::Wait);
        assert_eq!(judge(false, Some(&first), &first), Verdict::Wait);
        assert_eq!(judge(false, Some(&first), &[node("a", 1), node("b", 6)]), Verdict::Refuse);
        assert_eq!(judge(false, Some(&first), &[node("c", 0)]), Verdict::Refuse);
    }
}
