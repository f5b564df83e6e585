//! The lock under which migrations run: taken by asking again and again, so that the wait has an
//! end, and a start that waits can be stopped.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tokio_postgres::{Client, Error};

use crate::store::error::StoreError;

/// Any number will do, as long as all nodes take the same one.
const TRY: &str = "SELECT pg_try_advisory_lock(7349873459823)";
const UNLOCK: &str = "SELECT pg_advisory_unlock(7349873459823)";
/// The server keeps the number in two halves.
const HOLDER: &str = "SELECT l.pid FROM pg_locks l \
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 \
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
    AND (l.classid::bigint << 32 | l.objid::bigint) = 7349873459823";
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(250);

/// Takes the lock within `patience`, or says who has it.
pub(in crate::store) async fn take(client: &Client, patience: Duration) -> Result<(), StoreError> {
    let end = Instant::now() + patience;
    loop {
        if try_once(client).await.map_err(|error| fault(&error))? {
            return Ok(());
        }
        if Instant::now() >= end {
            return Err(held(client, patience).await);
        }
        sleep(PAUSE).await;
    }
}

/// Gives the lock back. It ends with the connection as well, so an error here changes nothing.
pub(in crate::store) async fn give_back(client: &Client) {
    let _ended_with_the_connection = client.batch_execute(UNLOCK).await;
}

async fn try_once(client: &Client) -> Result<bool, Error> {
    client.query_one(TRY, &[]).await?.try_get(0)
}

async fn held(client: &Client, patience: Duration) -> StoreError {
    let row = client.query_opt(HOLDER, &[]).await.ok().flatten();
    let pid: Option<i32> = row.and_then(|row| row.try_get(0).ok());
    let (who, advice) = match pid {
        Some(pid) => (
            format!("the connection with the server process {pid}"),
            format!("end it with `SELECT pg_terminate_backend({pid})`"),
        ),
        None => ("another connection".to_owned(), "end it".to_owned()),
    };
    StoreError::Setup(format!(
        "{who} has held the lock for migrations of this database for over {} s: most likely \
         another node that migrates, or `switchyard migrate`; wait until that is done and start \
         again, or, if nothing of the kind runs, {advice}",
        patience.as_secs()
    ))
}

fn fault(error: &Error) -> StoreError {
    let told = error.as_db_error().map_or_else(|| error.to_string(), |db| db.message().to_owned());
    StoreError::Setup(format!("the lock for migrations cannot be taken: {told}"))
}
