//! One worker's questions. One call is under way at a time; what is asked meanwhile goes together in
//! the next one. So a quiet node answers at once, and on a busy one a question costs a part of a call.

use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::json;
use tokio::sync::oneshot;

use super::link::{RedisDoor, Trouble};
use super::message::{KEEP_MS, LIFE_MS};
use super::scripts::Scripts;
use super::{keys, shared::Now};

/// Questions of one call, at most: the script holds up everybody else's.
const MOST: usize = 64;

/// Asks whether requests may go on.
#[derive(Clone)]
pub(super) struct Asking {
    node: Arc<str>,
    scripts: Arc<Scripts>,
    now: Now,
    door: RedisDoor,
    waiting: Arc<Mutex<Waiting>>,
}

#[derive(Default)]
struct Waiting {
    asked: Vec<Asked>,
    /// A task sends what waits.
    busy: bool,
}

struct Asked {
    meters: Vec<String>,
    question: String,
    reply: oneshot::Sender<Result<Vec<i64>, Trouble>>,
}

impl Asking {
    pub(super) fn new(node: Arc<str>, scripts: Arc<Scripts>, now: Now, door: RedisDoor) -> Self {
        Self { node, scripts, now, door, waiting: Arc::default() }
    }

    /// Asks one question, a JSON for the script, about meters by their keys. It must be called inside a
    /// runtime, whose task sends it. Whoever asks no longer when it would be sent is not asked for. It
    /// waits for the rest of the call that is under way and then for its own, each no longer than the
    /// door's patience; where more wait than one call takes, for further calls.
    pub(super) async fn ask(
        &self,
        meters: Vec<String>,
        question: String,
    ) -> Result<Vec<i64>, Trouble> {
        let (reply, answer) = oneshot::channel();
        let begins = {
            let mut waiting = self.waiting.lock();
            waiting.asked.push(Asked { meters, question, reply });
            !std::mem::replace(&mut waiting.busy, true)
        };
        if begins {
            tokio::spawn(self.clone().send_all());
        }
        // The task goes only with its runtime.
        answer.await.unwrap_or(Err(Trouble::Silent))
    }

    /// Sends what waits until nothing does.
    async fn send_all(self) {
        while let Some(together) = self.next() {
            let mut answers = self.send(&together).await.map(Vec::into_iter);
            for asked in together {
                let answer = match &mut answers {
                    Ok(answers) => answers.next().ok_or_else(|| self.lacks_answers()),
                    Err(trouble) => Err(trouble.clone()),
                };
                // Who asked may be gone: what is held then, the next beat corrects.
                let _ = asked.reply.send(answer);
            }
        }
    }

    fn lacks_answers(&self) -> Trouble {
        let trouble = Trouble::Failed("it gave fewer answers than it was asked".to_owned());
        self.door.failed(&trouble);
        trouble
    }

    /// Takes the questions of the next call; `None` when nothing waits, and this task is done.
    fn next(&self) -> Option<Vec<Asked>> {
        let mut waiting = self.waiting.lock();
        waiting.asked.retain(|asked| !asked.reply.is_closed());
        let most = waiting.asked.len().min(MOST);
        waiting.busy = most > 0;
        waiting.busy.then(|| waiting.asked.drain(..most).collect())
    }

    async fn send(&self, together: &[Asked]) -> Result<Vec<Vec<i64>>, Trouble> {
        let (node, now) = (self.node.as_ref(), self.now.millis());
        let from = json!({ "node": node, "now": now, "life": LIFE_MS, "keep": KEEP_MS });
        let mut call = self.scripts.admit.key(keys::NODES);
        call.key(keys::granted(node));
        for meter in together.iter().flat_map(|asked| &asked.meters) {
            call.key(meter);
        }
        call.arg(from.to_string());
        for asked in together {
            call.arg(&asked.question);
        }
        self.door.ask(&call).await
    }
}
