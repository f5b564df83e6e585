//! What actix 0.13 really does, pinned, because our rules rest on it: a new version that behaves
//! differently fails here first.

use std::cell::RefCell;
use std::os::unix::process::ExitStatusExt as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use actix::prelude::{
    Actor, ActorContext, AsyncContext, Context, Handler, Message, Supervised, Supervisor,
};
use tokio::sync::oneshot;

use super::TestUniverse;

/// The mailbox of `Worker`, and one extra place for each sender.
const CAPACITY: usize = 4;
/// The number of the signal of `abort`.
const SIGABRT: i32 = 6;

#[derive(Default)]
struct Worker {
    done: Arc<AtomicU32>,
    ticks: Arc<AtomicU32>,
    memory: u32,
    starts: Arc<AtomicU32>,
}

impl Actor for Worker {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        context.set_mailbox_capacity(CAPACITY);
        self.starts.fetch_add(1, Ordering::SeqCst);
        context.run_later(Duration::from_mins(1), |worker, _| {
            worker.ticks.fetch_add(1, Ordering::SeqCst);
        });
    }
}

impl Supervised for Worker {}

#[derive(Message)]
#[rtype(result = "u32")]
struct Work;

impl Handler<Work> for Worker {
    type Result = u32;

    fn handle(&mut self, _: Work, _: &mut Self::Context) -> u32 {
        self.memory += 1;
        self.done.fetch_add(1, Ordering::SeqCst);
        self.memory
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct Stop;

impl Handler<Stop> for Worker {
    type Result = ();

    fn handle(&mut self, _: Stop, context: &mut Self::Context) {
        context.stop();
    }
}

#[derive(Message)]
#[rtype(result = "()")]
struct Burst;

impl Handler<Burst> for Worker {
    type Result = ();

    fn handle(&mut self, _: Burst, _: &mut Self::Context) {
        panic!("the panic of a test");
    }
}

#[derive(Message)]
#[rtype(result = "Vec<&'static str>")]
struct Flooded;

/// Notes the order in which its own timer and its mailbox are served.
#[derive(Default)]
struct Diary(Vec<&'static str>);

impl Actor for Diary {
    type Context = Context<Self>;

    fn started(&mut self, context: &mut Self::Context) {
        context.run_later(Duration::ZERO, |diary, _| diary.0.push("timer"));
    }
}

impl Handler<Work> for Diary {
    type Result = u32;

    fn handle(&mut self, _: Work, _: &mut Self::Context) -> u32 {
        self.0.push("message");
        0
    }
}

impl Handler<Flooded> for Diary {
    type Result = Vec<&'static str>;

    fn handle(&mut self, _: Flooded, _: &mut Self::Context) -> Self::Result {
        self.0.clone()
    }
}

/// Starts a worker and waits until its capacity is set.
async fn worker() -> (actix::Addr<Worker>, Arc<AtomicU32>) {
    let done = Arc::new(AtomicU32::new(0));
    let addr = Worker { done: Arc::clone(&done), ..Worker::default() }.start();
    crate::ask::ask(&addr, Work, None).await.unwrap();
    done.store(0, Ordering::SeqCst);
    (addr, done)
}

#[actix::test]
#[expect(clippy::disallowed_methods, reason = "the fact is about do_send")]
async fn do_send_ignores_the_capacity() {
    let (addr, done) = worker().await;
    for _ in 0..1_000 {
        addr.do_send(Work);
    }
    crate::ask::ask(&addr, Work, None).await.unwrap();
    assert_eq!(done.load(Ordering::SeqCst), 1_001);
}

#[actix::test]
async fn try_send_on_one_long_lived_address_is_bounded() {
    let (addr, _done) = worker().await;
    let accepted = (0..1_000).filter(|_| addr.try_send(Work).is_ok()).count();
    assert!(accepted <= CAPACITY + 1, "{accepted} messages got in");
}

#[actix::test]
async fn every_clone_of_an_address_gets_one_message_in_free() {
    let (addr, done) = worker().await;
    for _ in 0..1_000 {
        assert!(addr.clone().try_send(Work).is_ok());
    }
    crate::ask::ask(&addr, Work, None).await.unwrap();
    assert_eq!(done.load(Ordering::SeqCst), 1_001);
}

#[actix::test]
async fn a_panic_in_a_handler_closes_the_address_silently() {
    let universe = TestUniverse::start();
    let (addr, _done) = worker().await;
    assert_eq!(crate::ask::ask(&addr, Burst, None).await, Err(crate::ask::AskError::Gone));
    universe.settle().await;
    assert!(!addr.connected());
    assert!(addr.try_send(Work).is_err());
}

#[actix::test]
async fn the_supervisor_restarts_the_old_struct_without_its_timers() {
    let universe = TestUniverse::start();
    let starts = Arc::new(AtomicU32::new(0));
    let worker = Worker { starts: Arc::clone(&starts), ..Worker::default() };
    let ticks = Arc::clone(&worker.ticks);
    let addr = Supervisor::start(|_| worker);
    assert_eq!(crate::ask::ask(&addr, Work, None).await, Ok(1));
    crate::ask::ask(&addr, Stop, None).await.ok();
    universe.settle().await;
    assert_eq!(crate::ask::ask(&addr, Work, None).await, Ok(2), "its memory survived");
    assert_eq!(starts.load(Ordering::SeqCst), 2, "started ran again");
    universe.advance(Duration::from_secs(61)).await;
    assert_eq!(ticks.load(Ordering::SeqCst), 1, "only the second start's timer is left");
}

#[actix::test]
async fn the_mailbox_is_drained_before_timers_run() {
    let universe = TestUniverse::start();
    let addr = Diary::default().start();
    let line = addr.clone();
    for _ in 0..5 {
        line.try_send(Work).unwrap();
    }
    universe.settle().await;
    universe.advance(Duration::from_millis(2)).await;
    let order = crate::ask::ask(&addr, Flooded, None).await.unwrap();
    assert_eq!(order, ["message", "message", "message", "message", "message", "timer"]);
}

#[actix::test]
async fn paused_time_moves_an_actors_own_timers() {
    let universe = TestUniverse::start();
    let worker = Worker::default();
    let ticks = Arc::clone(&worker.ticks);
    let _addr = worker.start();
    universe.advance(Duration::from_secs(59)).await;
    assert_eq!(ticks.load(Ordering::SeqCst), 0);
    universe.advance(Duration::from_secs(2)).await;
    assert_eq!(ticks.load(Ordering::SeqCst), 1);
}

/// What a thread drops first when it ends: it says so, and waits for leave to go on.
struct Slow {
    ends: Option<oneshot::Sender<()>>,
    may_go_on: mpsc::Receiver<()>,
}

impl Drop for Slow {
    fn drop(&mut self) {
        let _heard = self.ends.take().map(|ends| ends.send(()));
        let _leave = self.may_go_on.recv();
    }
}

thread_local! {
    static SLOW: RefCell<Option<Slow>> = const { RefCell::new(None) };
}

/// Whether somebody holds on to a system when its threads have ended.
#[derive(Clone, Copy)]
enum Held {
    Forever,
    ByItsThreads,
}

/// Ends a system and its main thread while another thread of it still ends, as in a process that
/// stops. That last one drops the last sender to the system's own task, which wakes the task through
/// what the thread has dropped before.
fn end_a_system(held: Held) {
    let (leave, may_go_on) = mpsc::channel();
    let main = std::thread::spawn(move || {
        let runner = actix::System::new();
        if let Held::Forever = held {
            std::mem::forget(actix::System::current());
        }
        let arbiter = runner.block_on(end_a_thread(may_go_on));
        std::mem::forget(runner);
        arbiter
    });
    let last = main.join().unwrap();
    leave.send(()).unwrap();
    last.join().unwrap();
}

/// Returns a thread that has begun to end, when its system has heard of that.
async fn end_a_thread(may_go_on: mpsc::Receiver<()>) -> actix::Arbiter {
    let arbiter = actix::Arbiter::new();
    let ((ready, is_ready), (ends, begins_to_end)) = (oneshot::channel(), oneshot::channel());
    arbiter.spawn_fn(move || {
        SLOW.with(|slow| *slow.borrow_mut() = Some(Slow { ends: Some(ends), may_go_on }));
        ready.send(()).unwrap();
    });
    is_ready.await.unwrap();
    arbiter.stop();
    begins_to_end.await.unwrap();
    // The system's own task takes the news and waits for more.
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    arbiter
}

/// Set in the process of its own that a test of this file ends.
const ALONE: &str = "SWITCHYARD_FACT_ALONE";

#[test]
fn a_thread_that_ends_last_aborts_the_process_unless_its_system_is_held() {
    if std::env::var_os(ALONE).is_some() {
        return end_a_system(Held::ByItsThreads);
    }
    end_a_system(Held::Forever);
    let name = "a_thread_that_ends_last_aborts_the_process_unless_its_system_is_held";
    let ended = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &format!("testing::actix_facts::{name}")])
        .env(ALONE, "1")
        .output()
        .unwrap();
    assert_eq!(ended.status.signal(), Some(SIGABRT), "{ended:?}");
}
