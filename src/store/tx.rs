//! Transactions that stay open between statements: on a connection of PostgreSQL, or on one of the
//! embedded database's threads, which is talked to.

use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::oneshot;

use super::error::StoreError;
use super::postgres::Talk;
use super::sql::{Batch, Engine, Store, one};
use super::sqlite::{Answer, Step, Work, perform, perform_all, translate};
use super::value::{Row, Value};

/// A transaction that says nothing this long is rolled back: it holds the only writer.
const TRANSACTION_SILENCE: Duration = Duration::from_secs(5);
/// Who writes waits for the others at the beginning; who reads sees what is there at the first look.
const WRITES: TransactionBehavior = TransactionBehavior::Immediate;
const READS: TransactionBehavior = TransactionBehavior::Deferred;

impl Store {
    /// Begins a transaction whose next statement depends on the last one's answer. It holds the
    /// embedded database's only writer: await nothing else while it is open.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let talk = match self.engine() {
            Engine::Lite(lite) => {
                Conversation::Lite(converse(|talk| lite.converse(talk), WRITES).await?)
            }
            Engine::Pg(pg) => Conversation::Pg(Box::new(Talk::begin(pg).await?)),
        };
        Ok(Tx { store: self.clone(), talk })
    }

    /// Begins a transaction that only reads: all its statements see the database as the first one
    /// does. It holds up no writer; of the embedded database it takes a reader.
    pub async fn snapshot(&self) -> Result<Tx, StoreError> {
        let talk = match self.engine() {
            Engine::Lite(lite) => {
                Conversation::Lite(converse(|talk| lite.converse_reading(talk), READS).await?)
            }
            Engine::Pg(pg) => Conversation::Pg(Box::new(Talk::begin_reading(pg).await?)),
        };
        Ok(Tx { store: self.clone(), talk })
    }
}

/// An open transaction. Dropped without [`Tx::commit`], it never happened.
pub struct Tx {
    store: Store,
    talk: Conversation,
}

enum Conversation {
    Lite(Sender<Said>),
    Pg(Box<Talk>),
}

enum Said {
    Run(Step, oneshot::Sender<Result<Answer, StoreError>>),
    Apply(Vec<Step>, oneshot::Sender<Result<Vec<u64>, StoreError>>),
    Commit(oneshot::Sender<Result<(), StoreError>>),
}

impl Tx {
    /// Runs a statement and returns its rows.
    pub async fn query(
        &mut self,
        name: &'static str,
        params: Vec<Value>,
    ) -> Result<Vec<Row>, StoreError> {
        Ok(self.run(name, params).await?.rows)
    }

    /// Runs a statement and returns its first row.
    pub async fn query_opt(
        &mut self,
        name: &'static str,
        params: Vec<Value>,
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.query(name, params).await?.into_iter().next())
    }

    /// Runs a statement that must give a row.
    pub async fn query_one(
        &mut self,
        name: &'static str,
        params: Vec<Value>,
    ) -> Result<Row, StoreError> {
        one(name, self.query(name, params).await?)
    }

    /// Runs a statement and returns how many rows it changed.
    pub async fn execute(
        &mut self,
        name: &'static str,
        params: Vec<Value>,
    ) -> Result<u64, StoreError> {
        Ok(self.run(name, params).await?.changed)
    }

    /// Runs a batch within the transaction; returns how many rows each statement changed, as
    /// [`Store::apply`] does.
    pub async fn apply(&mut self, batch: Batch) -> Result<Vec<u64>, StoreError> {
        let steps = self.store.steps(batch)?;
        match &self.talk {
            Conversation::Lite(said) => tell(said, |reply| Said::Apply(steps, reply)).await,
            Conversation::Pg(talk) => talk.batch(&steps).await,
        }
    }

    /// Makes it all happen.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self.talk {
            Conversation::Lite(said) => tell(&said, Said::Commit).await,
            Conversation::Pg(talk) => talk.commit().await,
        }
    }

    async fn run(&mut self, name: &'static str, params: Vec<Value>) -> Result<Answer, StoreError> {
        let step = self.store.step(name, params)?;
        match &self.talk {
            Conversation::Lite(said) => tell(said, |reply| Said::Run(step, reply)).await,
            Conversation::Pg(talk) => talk.run(&step).await,
        }
    }
}

async fn tell<T>(
    said: &Sender<Said>,
    word: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Said,
) -> Result<T, StoreError> {
    let (reply, answer) = oneshot::channel();
    said.send(word(reply)).map_err(|_| rolled_back())?;
    answer.await.map_err(|_| rolled_back())?
}

fn rolled_back() -> StoreError {
    StoreError::Unavailable("the transaction was silent too long and was rolled back".to_owned())
}

/// Begins a transaction on one of the embedded database's threads, which `hand_over` finds.
async fn converse(
    hand_over: impl FnOnce(Work) -> Result<(), StoreError>,
    behavior: TransactionBehavior,
) -> Result<Sender<Said>, StoreError> {
    let (said, heard) = mpsc::channel();
    let (ready, begun) = oneshot::channel();
    hand_over(Box::new(move |db| serve(db, behavior, &heard, ready)))?;
    begun.await.map_err(|_| rolled_back())??;
    Ok(said)
}

/// Serves one transaction on a thread of the database.
fn serve(
    db: &mut Connection,
    behavior: TransactionBehavior,
    heard: &Receiver<Said>,
    ready: oneshot::Sender<Result<(), StoreError>>,
) {
    let begun = db.transaction_with_behavior(behavior);
    let transaction = match begun {
        Ok(transaction) => transaction,
        Err(error) => {
            let _ = ready.send(Err(translate("begin", &error)));
            return;
        }
    };
    if ready.send(Ok(())).is_err() {
        return;
    }
    // Leaving the loop in any other way than by a commit rolls back.
    while let Ok(said) = heard.recv_timeout(TRANSACTION_SILENCE) {
        match said {
            Said::Run((statement, params), reply) => {
                let _ = reply.send(perform(&transaction, &statement, &params));
            }
            Said::Apply(steps, reply) => {
                let _ = reply.send(perform_all(&transaction, &steps));
            }
            Said::Commit(reply) => {
                let done = transaction.commit().map_err(|error| translate("commit", &error));
                let _ = reply.send(done);
                return;
            }
        }
    }
}
