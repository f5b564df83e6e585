//! The shell: batches, a ledger that is away, rows read back, kills between the steps.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::FutureExt as _;

use super::journal::{Journal, JournalConfig};
use super::*;
use crate::clock::RequestIds;
use crate::domain::billing::{BilledModel, Tier};
use crate::domain::decision::{ChainLink, Decision, Exclusion, LinkEndpoint, Method};
use crate::domain::dialect::{Dialect, Operation};
use crate::domain::ids::{EndpointId, KeyId, PriceId, ProviderId, RequestId, SessionId, UserId};
use crate::domain::instant::Micros;
use crate::domain::ledger::{LedgerRow, Opened, RowCost, Terms};
use crate::domain::limits::{Amount, LimitKind, LimitOwner, Refusal};
use crate::domain::live::Event;
use crate::domain::money::Nano;
use crate::domain::outcome::RowOutcome;
use crate::domain::usage::Usage;
use crate::ports::{BoxFuture, LedgerSink, PortError};
use crate::shared::feed::{Feed, News, Person, Watcher};
use crate::testing::{MemoryLedger, TestUniverse};

const NOW: Micros = Micros(1_772_452_800_000_000);
const TOKEN: Watcher = Watcher { person: Person::Token, is_admin: true };

/// Makes the admission of the `number`-th request.
pub(super) fn opened(number: u64) -> Opened {
    let started_at = NOW.plus(Duration::from_millis(number));
    Opened {
        id: RequestIds::default().mint(started_at, number),
        started_at,
        user: UserId(1),
        key: KeyId(2),
        session: Some(SessionId(Arc::from("1:abc"))),
        dialect: Dialect::Anthropic,
        operation: Operation::Generate,
        path: Arc::from("/v1/messages"),
        model: Some(Arc::from("claude-sonnet-4-5")),
        stream: true,
        estimate: Nano(12_345),
        client_ip: Some(Arc::from("203.0.113.9")),
        user_agent: None,
    }
}

/// Makes the row of the `number`-th request.
pub(super) fn row(number: u64) -> LedgerRow {
    let mut row = LedgerRow::interrupted(opened(number), NOW);
    row.outcome = RowOutcome::Success;
    row.status = 200;
    row.usage = Some(Usage { input: number, output: 7, ..Usage::default() });
    row.notes = vec![Arc::from("gate: slow")];
    row
}

struct World {
    universe: TestUniverse,
    ledger: Arc<MemoryLedger>,
    journal: Arc<Journal>,
    writer: JournalWriter,
    recorder: UsageRecorderHandle,
    feed: Arc<Feed>,
    data: tempfile::TempDir,
}

fn world() -> World {
    let universe = TestUniverse::start();
    let data = tempfile::tempdir().unwrap();
    let config = JournalConfig { segment_bytes: 256 << 10, ..JournalConfig::default() };
    let journal = Journal::open(data.path(), config, universe.clock(), 1).unwrap();
    let writer = journal.writer(0).unwrap();
    let ledger = Arc::<MemoryLedger>::default();
    let feed = Arc::new(Feed::new(1));
    let recorder = UsageRecorderHandle::start(
        ledger.clone(),
        Arc::clone(&journal),
        universe.clock(),
        Arc::clone(&feed),
    );
    World { universe, ledger, journal, writer, recorder, feed, data }
}

impl World {
    fn finish(&self, number: u64) {
        self.writer.opened(&opened(number)).unwrap();
        let row = row(number);
        self.writer.closed(&row).unwrap();
        self.recorder.record(Arc::new(row));
    }

    /// Starts a recorder for the ledger and waits until it has tried twenty rows.
    async fn twenty_rows_for(&self, ledger: &Arc<Picky>) -> UsageRecorderHandle {
        let (journal, feed) = (Arc::clone(&self.journal), Arc::clone(&self.feed));
        let clock = self.universe.clock();
        let recorder = UsageRecorderHandle::start(ledger.clone(), journal, clock, feed);
        for number in 0..20 {
            self.writer.closed(&row(number)).unwrap();
            recorder.record(Arc::new(row(number)));
        }
        recorder.flush(Duration::from_mins(1)).await.unwrap();
        recorder
    }

    /// Returns the data directory as a process killed at this moment would leave it: what was
    /// written is there, the lock is nobody's.
    fn as_after_a_kill(&self) -> tempfile::TempDir {
        let left = tempfile::tempdir().unwrap();
        for boot in std::fs::read_dir(self.data.path().join(journal::JOURNAL)).unwrap() {
            let boot = boot.unwrap();
            let copy = left.path().join(journal::JOURNAL).join(boot.file_name());
            std::fs::create_dir_all(&copy).unwrap();
            for file in std::fs::read_dir(boot.path()).unwrap() {
                let file = file.unwrap();
                std::fs::copy(file.path(), copy.join(file.file_name())).unwrap();
            }
        }
        left
    }
}

async fn replayed(data: &Path, ledger: &dyn LedgerSink) -> ReplayReport {
    replay(data, ledger, NOW).await.unwrap()
}

#[actix::test]
async fn a_row_is_written_at_once_and_those_after_it_gather_for_a_tenth_of_a_second() {
    let world = world();
    world.finish(1);
    world.universe.settle().await;
    assert_eq!(world.ledger.rows(), [row(1)]);
    world.finish(2);
    world.universe.advance(batch::GATHER * 9 / 10).await;
    world.finish(3);
    world.universe.settle().await;
    assert_eq!(world.ledger.rows(), [row(1)], "the ledger has a pause");
    world.universe.advance(Duration::from_millis(11)).await;
    assert_eq!(world.ledger.rows(), [row(1), row(2), row(3)]);
    assert_eq!(world.ledger.switches.calls(), 2);
    world.universe.advance(batch::GATHER * 2).await;
    world.finish(4);
    world.universe.settle().await;
    assert_eq!(world.ledger.rows().len(), 4, "after a rest nothing waits");
}

#[actix::test]
async fn two_hundred_rows_do_not_wait() {
    let world = world();
    for number in 0..200 {
        world.finish(number);
    }
    world.universe.settle().await;
    assert_eq!(world.ledger.rows().len(), 200);
    assert_eq!(world.ledger.switches.calls(), 1);
}

#[actix::test]
async fn a_ledger_that_comes_back_gets_every_row_once() {
    let world = world();
    world.ledger.switches.fail_next(3);
    for number in 0..250 {
        world.finish(number);
    }
    world.recorder.flush(Duration::from_mins(1)).await.unwrap();
    assert_eq!(world.ledger.rows().len(), 250);
    let view = world.recorder.observe().await.unwrap();
    assert_eq!((view.written, view.queued, view.failures, view.refused), (250, 0, 0, 0));
}

#[actix::test]
async fn a_row_grows_old_while_the_ledger_does_not_answer() {
    let world = world();
    world.ledger.switches.delay(Duration::from_mins(1));
    world.finish(1);
    world.universe.settle().await;
    let before = world.recorder.observe().await.unwrap().oldest_ms;
    world.universe.advance(Duration::from_secs(20)).await;
    assert_eq!(world.recorder.observe().await.unwrap().oldest_ms, before + 20_000);
}

#[actix::test]
async fn who_watches_is_told_of_rows_once_they_are_in_the_ledger() {
    let world = world();
    let mut follower = world.feed.follow(TOKEN, None).unwrap();
    world.ledger.switches.fail_next(1);
    world.finish(1);
    world.finish(2);
    world.universe.settle().await;
    assert!(follower.next().now_or_never().is_none(), "the ledger has not taken them");
    world.recorder.flush(Duration::from_mins(1)).await.unwrap();
    let Some(News::Events(events)) = follower.next().await else { panic!("rows were told") };
    let told = events.iter().map(|numbered| match &numbered.event {
        Event::Row(row) => row.as_ref().clone(),
        other @ Event::Breaker(_) => panic!("{other:?}"),
    });
    assert_eq!(told.collect::<Vec<_>>(), [row(1), row(2)]);
    assert!(follower.next().now_or_never().is_none(), "each is told once");
}

/// A ledger that will not have one certain row, as long as that is set.
struct Picky(MemoryLedger, AtomicBool);

impl Picky {
    fn new() -> Arc<Self> {
        Arc::new(Self(MemoryLedger::default(), AtomicBool::new(true)))
    }
}

impl LedgerSink for Picky {
    fn write<'a>(&'a self, rows: &'a [LedgerRow]) -> BoxFuture<'a, Result<(), PortError>> {
        let refuses = self.1.load(Ordering::SeqCst);
        if refuses && rows.iter().any(|candidate| *candidate == row(7)) {
            return Box::pin(async { Err(PortError::Refused("ledger", "not that one".into())) });
        }
        self.0.write(rows)
    }

    fn known<'a>(
        &'a self,
        ids: &'a [RequestId],
    ) -> BoxFuture<'a, Result<Vec<RequestId>, PortError>> {
        self.0.known(ids)
    }
}

#[actix::test]
async fn one_refused_row_does_not_keep_the_others_out_and_stays_in_the_journal() {
    let (world, picky) = (world(), Picky::new());
    let recorder = world.twenty_rows_for(&picky).await;
    let view = recorder.observe().await.unwrap();
    assert_eq!((view.written, view.refused), (19, 1));
    assert!(view.last_refusal.is_some_and(|told| told.contains("not that one")));
    let report = replayed(world.as_after_a_kill().path(), picky.as_ref()).await;
    assert_eq!((report.refused, report.kept, picky.0.rows().len()), (1, 1, 19));
}

#[actix::test]
async fn a_refused_row_is_tried_again_until_the_ledger_takes_it() {
    let (world, picky) = (world(), Picky::new());
    let mut follower = world.feed.follow(TOKEN, None).unwrap();
    let recorder = world.twenty_rows_for(&picky).await;
    let since = recorder.observe().await.unwrap().refused_since;
    assert_eq!(since, Some(world.universe.now()));
    world.universe.advance(Duration::from_secs(16)).await;
    let view = recorder.observe().await.unwrap();
    assert_eq!((view.refused, view.refused_since, view.behind), (1, since, false), "two rounds");

    picky.1.store(false, Ordering::SeqCst);
    world.universe.advance(Duration::from_secs(19)).await;
    recorder.flush(Duration::from_secs(1)).await.unwrap();
    let view = recorder.observe().await.unwrap();
    assert_eq!((view.written, view.refused, view.refused_since), (20, 0, None));
    assert_eq!(picky.0.rows().len(), 20);
    let mut told = 0;
    while let Some(Some(News::Events(events))) = follower.next().now_or_never() {
        told += events.len();
    }
    assert_eq!(told, 20, "each is told once");
}

#[actix::test]
async fn rows_beyond_the_memory_bound_are_read_back_from_the_journal() {
    let world = world();
    world.ledger.switches.fail_next(4);
    let rows = u64::try_from(batch::KEPT).unwrap() + 500;
    for number in 0..rows {
        world.finish(number);
        if number % 1_000 == 0 {
            world.universe.settle().await;
        }
    }
    world.universe.settle().await;
    assert!(world.recorder.observe().await.unwrap().let_go > 0);
    world.recorder.flush(Duration::from_mins(5)).await.unwrap();
    assert_eq!(world.ledger.rows().len(), usize::try_from(rows).unwrap());
    assert_eq!(world.journal.view().segments, 1, "committed segments are deleted");
}

#[actix::test]
async fn what_did_not_fit_into_the_line_is_read_back_too() {
    let world = world();
    world.universe.settle().await;
    let rows = u64::try_from(batch::KEPT).unwrap() + 500;
    for number in 0..rows {
        world.finish(number);
    }
    world.recorder.flush(Duration::from_mins(5)).await.unwrap();
    assert!(world.recorder.observe().await.unwrap().let_go > 0);
    assert_eq!(world.ledger.rows().len(), usize::try_from(rows).unwrap());
}

#[actix::test]
async fn a_kill_at_any_step_leaves_exactly_one_row() {
    let world = world();
    world.writer.opened(&opened(1)).unwrap();
    let after_opened = world.as_after_a_kill();
    world.writer.closed(&row(1)).unwrap();
    let after_closed = world.as_after_a_kill();
    world.recorder.record(Arc::new(row(1)));
    world.universe.settle().await;
    let after_told = world.as_after_a_kill();

    let ledger = MemoryLedger::default();
    assert_eq!(replayed(after_opened.path(), &ledger).await.interrupted, 1);
    assert_eq!(ledger.rows(), [LedgerRow::interrupted(opened(1), NOW)]);
    for data in [after_closed, after_told] {
        let ledger = MemoryLedger::default();
        let report = replayed(data.path(), &ledger).await;
        assert_eq!((report.closed, report.interrupted, report.directories), (1, 0, 1));
        assert_eq!(ledger.rows(), [row(1)]);
        assert_eq!(replayed(data.path(), &ledger).await, ReplayReport::default());
    }
}

#[actix::test]
async fn a_kill_between_the_ledger_and_the_journal_writes_nothing_twice() {
    let world = world();
    world.finish(1);
    let killed = world.as_after_a_kill();
    world.recorder.flush(Duration::from_secs(5)).await.unwrap();
    assert_eq!(replayed(killed.path(), world.ledger.as_ref()).await.closed, 1);
    assert_eq!(world.ledger.rows(), [row(1)]);
}

#[actix::test]
async fn an_admission_whose_row_is_known_is_not_called_interrupted() {
    let world = world();
    world.writer.opened(&opened(1)).unwrap();
    let killed = world.as_after_a_kill();
    world.ledger.write(&[row(1)]).await.unwrap();
    assert_eq!(replayed(killed.path(), world.ledger.as_ref()).await.interrupted, 0);
    assert_eq!(world.ledger.rows(), [row(1)]);
}

fn refusal() -> Refusal {
    Refusal {
        kind: LimitKind::Usd5h,
        owner: LimitOwner::Tag,
        name: Some(Arc::from("blue \"quoted\"")),
        current: Amount::Money(Nano(7)),
        limit: Amount::Count(3),
        resets_at: Some(NOW),
        retry_after_s: Some(2),
        only_held: true,
    }
}

fn full_decision() -> Decision {
    Decision {
        seed: u64::MAX,
        catalogue: 12,
        pick: Some(ProviderId(4)),
        method: Method::Draw,
        priority: Some(-1),
        tier: vec![(ProviderId(4), 9)],
        converted: true,
        excluded: [(Exclusion::CircuitOpen, vec![ProviderId(5), ProviderId(6)])].into(),
        room_at: vec![(ProviderId(5), NOW)],
    }
}

/// Makes a row with every optional part, with texts that JSON has to escape.
pub(super) fn full_row() -> LedgerRow {
    let refusal = refusal();
    let link = ChainLink {
        provider: ProviderId(4),
        name: Arc::from("first \"quoted\""),
        reason: Arc::from("initial_selection"),
        attempt: 1,
        endpoint: Some(LinkEndpoint { id: EndpointId(7), url: Arc::from("https://a/\"v1\"") }),
        status: Some(503),
        inferred: true,
        error: Some(Arc::from("überlastet")),
        proxy_fault: Some(Arc::from("the proxy cannot be reached")),
        rule: None,
        started_ms: 1,
        took_ms: 2,
        decision: Some(full_decision()),
    };
    let cost = RowCost { cost: Nano(i64::MAX), list: Nano(-1), price: PriceId(3) };
    let terms = Terms {
        provider_factor: Arc::from("0.5"),
        group_factor: Arc::from("1"),
        tier: Tier::Priority,
        billed_model: BilledModel::Asked,
    };
    let bare = ChainLink { decision: None, ..link.clone() };
    let mut opened = row(9).opened;
    opened.user_agent = Some(Arc::from("agent \"x\"\n\u{1F600}"));
    LedgerRow {
        opened,
        sent_status: Some(200),
        group: Some(Arc::from("g")),
        upstream_model: Some(Arc::from("up")),
        response_model: Some(Arc::from("said")),
        usage: Some(Usage { input: u64::MAX, cache_read: 3, ..Usage::default() }),
        cost: Some(cost),
        terms: Some(terms),
        unbilled: Some(Arc::from("unpriced")),
        first_byte_ms: Some(0),
        first_content_ms: Some(7),
        chain: vec![bare, link],
        edits: vec![Arc::from("model redirect")],
        error: Some(Arc::from("")),
        refusal: Some(refusal),
        messages: Some(3),
        ..row(9)
    }
}

#[actix::test]
async fn every_part_of_a_row_survives_the_journal() {
    let world = world();
    world.writer.closed(&full_row()).unwrap();
    let ledger = MemoryLedger::default();
    replayed(world.as_after_a_kill().path(), &ledger).await;
    assert_eq!(ledger.rows(), [full_row()]);
}

#[actix::test]
async fn a_torn_tail_is_counted_and_what_precedes_it_is_kept() {
    let world = world();
    world.writer.closed(&row(1)).unwrap();
    world.writer.opened(&opened(2)).unwrap();
    let whole = world.journal.view().bytes;
    world.writer.closed(&row(2)).unwrap();
    let killed = world.as_after_a_kill();
    let directory = std::fs::read_dir(killed.path().join(journal::JOURNAL)).unwrap().next();
    let segment = directory.unwrap().unwrap().path().join("w0-0.log");
    std::fs::File::options().write(true).open(segment).unwrap().set_len(whole + 20).unwrap();
    let ledger = MemoryLedger::default();
    let report = replayed(killed.path(), &ledger).await;
    assert_eq!((report.torn, report.closed, report.interrupted), (1, 1, 1));
}

#[actix::test]
async fn an_orderly_stop_leaves_no_journal_behind() {
    let world = world();
    world.finish(1);
    world.recorder.flush(Duration::from_secs(5)).await.unwrap();
    world.journal.close();
    let left = std::fs::read_dir(world.data.path().join(journal::JOURNAL)).unwrap().count();
    assert_eq!(left, 0);
}

#[actix::test]
async fn a_replay_without_the_ledger_keeps_the_journal_for_the_next_one() {
    let world = world();
    world.finish(1);
    let killed = world.as_after_a_kill();
    let ledger = MemoryLedger::default();
    ledger.switches.fail_next(1);
    assert!(replay(killed.path(), &ledger, NOW).await.is_err());
    assert_eq!(replayed(killed.path(), &ledger).await.closed, 1);
    assert_eq!(ledger.rows(), [row(1)]);
}

#[actix::test]
async fn the_journal_of_a_living_process_is_left_alone() {
    let world = world();
    world.finish(1);
    let other = MemoryLedger::default();
    let report = replayed(world.data.path(), &other).await;
    assert_eq!((report.in_use, report.closed), (1, 0));
    assert_eq!(other.rows(), []);
}
