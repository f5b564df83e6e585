//! The way to Redis: one client, one guard, and a connection for each thread that asks.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, FromRedisValue, RedisResult, ScriptInvocation};
use tokio::time::timeout;

use super::guard::{Guard, News};

/// Why Redis did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// It is known to be away and was not asked.
    #[error("redis is away")]
    Away,
    /// It gave no answer in time.
    #[error("redis gave no answer in time")]
    Silent,
    /// It refused, or the connection broke.
    #[error("redis: {0}")]
    Failed(String),
}

/// Hears when Redis goes and comes.
pub type Listener = Arc<dyn Fn(News, Option<&Trouble>) + Send + Sync>;

/// Redis, for the whole process.
#[derive(Clone)]
pub struct RedisLink {
    client: Client,
    guard: Arc<Guard>,
    listener: Listener,
    within: Duration,
}

/// One thread's connection. It is made with the first question.
#[derive(Clone)]
pub struct RedisDoor {
    connection: ConnectionManager,
    link: RedisLink,
}

impl RedisLink {
    /// Makes the link; nothing is connected yet. An answer that takes longer than `within` stops the
    /// asking; `listener` hears each change once.
    #[must_use]
    pub fn new(client: Client, within: Duration, listener: Listener) -> Self {
        Self { client, guard: Arc::default(), listener, within }
    }

    /// Returns how long an answer may take.
    pub(super) const fn within(&self) -> Duration {
        self.within
    }

    /// Tells whether Redis is asked at present.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.guard.is_open()
    }

    /// Makes a connection for the present thread. It must be called inside a runtime.
    pub fn door(&self) -> RedisResult<RedisDoor> {
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(0)
            .set_connection_timeout(Some(self.within))
            .set_response_timeout(Some(self.within));
        let connection = ConnectionManager::new_lazy_with_config(self.client.clone(), config)?;
        Ok(RedisDoor { connection, link: self.clone() })
    }

    /// Returns the client, for connections that wait for news.
    pub(super) const fn client(&self) -> &Client {
        &self.client
    }

    fn failed(&self, trouble: &Trouble) {
        if let Some(news) = self.guard.failed() {
            (self.listener)(news, Some(trouble));
        }
    }

    fn answered(&self) {
        if let Some(news) = self.guard.answered() {
            (self.listener)(news, None);
        }
    }
}

impl RedisDoor {
    /// Returns how long the answer to one call may take.
    pub(super) const fn patience(&self) -> Duration {
        self.link.within
    }

    /// Runs a script unless Redis is away.
    pub async fn ask<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, Trouble> {
        if !self.link.is_open() {
            return Err(Trouble::Away);
        }
        let answer = self.within(script).await;
        if let Err(trouble) = &answer {
            self.link.failed(trouble);
        }
        answer
    }

    /// Stops the asking, as a call that failed does.
    pub(super) fn failed(&self, trouble: &Trouble) {
        self.link.failed(trouble);
    }

    /// Runs a script even while Redis is away: its answer opens the guard.
    pub async fn probe<T: FromRedisValue>(
        &self,
        script: &ScriptInvocation<'_>,
    ) -> Result<T, Trouble> {
        let answer = self.within(script).await;
        match &answer {
            Ok(_) => self.link.answered(),
            Err(trouble) => self.link.failed(trouble),
        }
        answer
    }

    async fn within<T: FromRedisValue>(&self, script: &ScriptInvocation<'_>) -> Result<T, Trouble> {
        let mut connection = self.connection.clone();
        let twice = async {
            match script.invoke_async(&mut connection).await {
                // A connection that broke while nobody looked is made anew by the first question.
                Err(error) if error.is_io_error() && !error.is_timeout() => {
                    script.invoke_async(&mut connection).await
                }
                answer => answer,
            }
        };
        in_time(self.link.within, twice).await
    }
}

/// Waits for an answer, but not for long.
async fn in_time<T>(
    within: Duration,
    work: impl Future<Output = RedisResult<T>>,
) -> Result<T, Trouble> {
    match timeout(within, work).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) if error.is_timeout() => Err(Trouble::Silent),
        // The words of Redis name neither passwords nor values of ours.
        Ok(Err(error)) => Err(Trouble::Failed(error.to_string())),
        Err(_) => Err(Trouble::Silent),
    }
}
