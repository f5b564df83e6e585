//! A transaction on a connection of its own, and batches within it.

use deadpool_postgres::{ClientWrapper, Object};
use futures_util::future::try_join_all;

use super::errors::{is_lost, translate};
use super::perform::{perform, perform_together, prepare};
use super::{Pg, within};
use crate::store::error::StoreError;
use crate::store::sqlite::{Answer, Step};

/// Statements sent before the first answer is awaited; up to 30 are polled in order.
const PIPELINE: usize = 25;

/// A transaction in progress. Dropped before its end, its connection is closed, not reused: the
/// server then rolls back.
pub(crate) struct Talk {
    client: Option<Object>,
}

impl Talk {
    pub(crate) async fn begin(pg: &Pg) -> Result<Self, StoreError> {
        Self::open(pg, "BEGIN").await
    }

    /// Begins one that only reads, and sees one moment. Its sums are read once: compiling them takes
    /// the server longer than running them.
    pub(crate) async fn begin_reading(pg: &Pg) -> Result<Self, StoreError> {
        let words = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL jit = off";
        Self::open(pg, words).await
    }

    async fn open(pg: &Pg, words: &str) -> Result<Self, StoreError> {
        let mut first = true;
        loop {
            let talk = Self { client: Some(pg.client().await?) };
            match within(talk.client()?.batch_execute(words)).await? {
                Ok(()) => return Ok(talk),
                // Nothing has happened yet: a dead connection may be replaced.
                Err(error) if first && is_lost(&error) => {
                    first = false;
                    pg.forget_idle(talk.into_client()?);
                }
                Err(error) => return Err(translate("begin", &error)),
            }
        }
    }

    pub(crate) async fn run(&self, (statement, params): &Step) -> Result<Answer, StoreError> {
        let done = within(perform(self.client()?, statement, params)).await?;
        done.map_err(|error| translate(statement.name, &error))
    }

    pub(crate) async fn batch(&self, steps: &[Step]) -> Result<Vec<u64>, StoreError> {
        let client = self.client()?;
        let mut changed = Vec::with_capacity(steps.len());
        for same in steps.chunk_by(|a, b| a.0.name == b.0.name) {
            if let [(statement, _), _, ..] = same
                && let Some(text) = &statement.together
            {
                let sent = within(perform_together(client, text, statement, same)).await?;
                let rows = sent.map_err(|error| translate(statement.name, &error))?;
                changed.push(rows);
                changed.resize(changed.len() + same.len() - 1, 0);
                continue;
            }
            for piece in same.chunks(PIPELINE) {
                let Some((statement, _)) = piece.first() else { continue };
                let sent = async {
                    prepare(client, statement).await?;
                    try_join_all(piece.iter().map(|step| perform(client, &step.0, &step.1))).await
                };
                let answers = within(sent).await?;
                let answers = answers.map_err(|error| translate(statement.name, &error))?;
                changed.extend(answers.iter().map(|answer| answer.changed));
            }
        }
        Ok(changed)
    }

    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        let done = within(self.client()?.batch_execute("COMMIT")).await?;
        done.map_err(|error| translate("commit", &error))?;
        // Back into the pool.
        drop(self.client.take());
        Ok(())
    }

    fn client(&self) -> Result<&ClientWrapper, StoreError> {
        self.client.as_deref().ok_or_else(ended)
    }

    fn into_client(mut self) -> Result<Object, StoreError> {
        self.client.take().ok_or_else(ended)
    }
}

impl Drop for Talk {
    fn drop(&mut self) {
        if let Some(client) = self.client.take() {
            drop(Object::take(client));
        }
    }
}

fn ended() -> StoreError {
    StoreError::Unavailable("the transaction has ended".to_owned())
}
