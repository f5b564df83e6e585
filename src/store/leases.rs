//! Jobs that one node does for all, and the nodes there are: leases and heartbeats.

use std::time::Duration;

use switchyard_actors::domain::instant::Micros;

use super::error::StoreError;
use super::sql::Store;
use crate::params;

/// A node as its heartbeat tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The id of its process.
    pub id: String,
    /// The machine's name.
    pub host: String,
    /// The program's version.
    pub version: String,
    /// It shares its counters through Redis.
    pub has_redis: bool,
    /// When it started.
    pub started_at: Micros,
    /// When it was last seen.
    pub seen_at: Micros,
}

impl Store {
    /// Takes or renews a lease until `now + span`; tells whether the holder has it.
    pub async fn take_lease(
        &self,
        name: &str,
        holder: &str,
        now: Micros,
        span: Duration,
    ) -> Result<bool, StoreError> {
        let until = now.plus(span);
        let taken = self.execute("leases/take", params![name, holder, until, now]).await?;
        Ok(taken == 1)
    }

    /// Gives a lease back, so that another need not wait for its end.
    pub async fn give_back_lease(&self, name: &str, holder: &str) -> Result<(), StoreError> {
        self.execute("leases/give_back", params![name, holder]).await.map(drop)
    }

    /// Notes that a node lives.
    pub async fn beat(&self, node: &Node) -> Result<(), StoreError> {
        let params = params![
            node.id.as_str(),
            node.host.as_str(),
            node.version.as_str(),
            node.has_redis,
            node.started_at,
            node.seen_at
        ];
        self.execute("nodes/beat", params).await.map(drop)
    }

    /// Returns the nodes seen since an instant.
    pub async fn nodes(&self, since: Micros) -> Result<Vec<Node>, StoreError> {
        let rows = self.query("nodes/alive", params![since]).await?;
        let mut nodes = Vec::with_capacity(rows.len());
        for row in rows {
            nodes.push(Node {
                id: row.text("id")?.to_owned(),
                host: row.text("host")?.to_owned(),
                version: row.text("version")?.to_owned(),
                has_redis: row.flag("has_redis")?,
                started_at: row.instant("started_at")?,
                seen_at: row.instant("seen_at")?,
            });
        }
        Ok(nodes)
    }

    /// Forgets a node that says goodbye, and all not seen since an instant.
    pub async fn forget_nodes(&self, before: Micros, id: &str) -> Result<(), StoreError> {
        self.execute("nodes/remove", params![before, id]).await.map(drop)
    }
}
