//! The shell: sessions are found again, by their owner alone.

use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::domain::caller::Caller;
use crate::domain::ids::{KeyId, ProviderId, RequestId, UserId};
use crate::domain::instant::Micros;
use crate::domain::limits::Limits;
use crate::domain::session::SessionHints;
use crate::shared::counters::{Counters, Lifetimes};
use crate::testing::{TestUniverse, caller};

const P1: ProviderId = ProviderId(1);
const P2: ProviderId = ProviderId(2);

struct Desk {
    universe: TestUniverse,
    counters: Arc<Counters>,
    sessions: SessionManagerHandle,
    requests: u8,
}

impl Desk {
    fn open() -> Self {
        Self::in_universe(TestUniverse::start())
    }

    /// A process that knows nothing yet, in the same world: what is there after a restart.
    fn in_universe(universe: TestUniverse) -> Self {
        let counters = Arc::new(Counters::new(Lifetimes::default()));
        let sessions = SessionManagerHandle::start(Arc::clone(&counters));
        Self { universe, counters, sessions, requests: 0 }
    }

    async fn ask(&mut self, caller: &Arc<Caller>, hints: &SessionHints) -> Resolved {
        self.requests += 1;
        let fallback = RequestId([self.requests; 16]);
        let (caller, now) = (Arc::clone(caller), self.universe.now());
        self.sessions.resolve(Resolve { caller, hints: hints.clone(), now, fallback }).await
    }

    fn bind(&self, caller: &Caller, resolved: &Resolved, provider: ProviderId, model: &str) {
        let now = self.universe.now();
        self.sessions.bind(caller.user, &resolved.session, provider, Some(model), now);
    }
}

fn someone(user: i64, key: i64) -> Arc<Caller> {
    caller(user, key, Limits::default(), Limits::default())
}

fn named(text: &str) -> SessionHints {
    SessionHints { client: Some(text.to_owned()), ..SessionHints::default() }
}

fn content(byte: u8, messages: u32) -> SessionHints {
    SessionHints { client: None, content: Some([byte; 32]), messages: Some(messages) }
}

#[actix::test]
async fn a_bound_session_is_found_until_its_time_is_over() {
    let mut desk = Desk::open();
    let anna = someone(1, 1);
    let first = desk.ask(&anna, &named("chat")).await;
    assert!(first.fresh);
    desk.bind(&anna, &first, P1, "m");
    desk.universe.advance(Duration::from_secs(299)).await;
    let second = desk.ask(&anna, &named("chat")).await;
    assert_eq!((second.bound, second.fresh), (Some(P1), false));
    assert_eq!(second.session, first.session);
    desk.universe.advance(Duration::from_mins(5)).await;
    assert_eq!(desk.ask(&anna, &named("chat")).await.bound, None);
    let view = desk.sessions.observe().await.unwrap();
    assert_eq!((view.known, view.fresh, view.bound), (1, 2, 1));
}

#[actix::test]
async fn the_same_text_of_two_keys_or_users_is_never_one_session() {
    let mut desk = Desk::open();
    let people = [someone(1, 1), someone(1, 2), someone(2, 1), someone(2, 3)];
    for hints in [named("chat"), content(7, 3), content(8, 1)] {
        let mut ids = Vec::new();
        for (caller, provider) in people.iter().zip(10..) {
            let resolved = desk.ask(caller, &hints).await;
            assert_eq!(resolved.bound, None, "nobody finds another's binding");
            desk.bind(caller, &resolved, ProviderId(provider), "m");
            ids.push(resolved.session);
        }
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), people.len());
        for (caller, provider) in people.iter().zip(10..) {
            assert_eq!(desk.ask(caller, &hints).await.bound, Some(ProviderId(provider)));
        }
    }
}

#[actix::test]
async fn a_conversation_without_an_id_is_found_by_its_content() {
    let mut desk = Desk::open();
    let anna = someone(1, 1);
    let first = desk.ask(&anna, &content(1, 1)).await;
    desk.bind(&anna, &first, P1, "m");
    let second = desk.ask(&anna, &content(1, 3)).await;
    assert_eq!((second.session, second.bound), (first.session, Some(P1)));
    assert_eq!(desk.ask(&anna, &content(2, 3)).await.bound, None);
}

#[actix::test]
async fn the_same_prompt_on_another_day_is_another_session() {
    let mut desk = Desk::open();
    let anna = someone(1, 1);
    let monday = desk.ask(&anna, &content(1, 1)).await;
    desk.universe.advance(Duration::from_hours(24)).await;
    let tuesday = desk.ask(&anna, &content(1, 1)).await;
    assert_ne!(monday.session, tuesday.session);
}

#[actix::test]
async fn requests_without_any_hint_are_sessions_of_their_own() {
    let mut desk = Desk::open();
    let anna = someone(1, 1);
    let one = desk.ask(&anna, &SessionHints::default()).await;
    desk.bind(&anna, &one, P1, "m");
    let two = desk.ask(&anna, &SessionHints::default()).await;
    assert_ne!(one.session, two.session);
    assert_eq!(two.bound, None);
}

#[actix::test]
async fn bindings_survive_a_restart_by_name_and_by_content() {
    let mut before = Desk::open();
    let anna = someone(1, 1);
    let mut kept = Vec::new();
    for hints in [named("chat"), content(1, 1)] {
        let resolved = before.ask(&anna, &hints).await;
        kept.push(RestoredBinding {
            user: UserId(1),
            key: KeyId(1),
            session: resolved.session,
            provider: P1,
            model: None,
            last_seen: before.universe.now(),
        });
    }
    let mut after = Desk::in_universe(before.universe.clone());
    restore(&after.counters, kept.clone(), after.universe.now());
    assert_eq!(after.ask(&anna, &named("chat")).await.bound, Some(P1));
    let turn = after.ask(&anna, &content(1, 3)).await;
    assert_eq!((turn.bound, &turn.session), (Some(P1), &kept[1].session));
    let mut late = Desk::in_universe(before.universe.clone());
    let now: Micros = late.universe.now().plus(Duration::from_mins(6));
    restore(&late.counters, kept, now);
    assert_eq!(late.ask(&anna, &named("chat")).await.bound, None);
}

#[actix::test]
async fn a_session_is_freed_only_from_the_provider_it_is_bound_to() {
    let mut desk = Desk::open();
    let anna = someone(1, 1);
    let chat = desk.ask(&anna, &named("chat")).await;
    desk.bind(&anna, &chat, P1, "m");
    desk.sessions.unbind(anna.user, &chat.session, P2);
    assert_eq!(desk.sessions.bound_for(anna.user, &chat.session, "m"), Some(P1));
    desk.sessions.unbind(anna.user, &chat.session, P1);
    assert_eq!(desk.ask(&anna, &named("chat")).await.bound, None);
    desk.bind(&anna, &chat, P2, "m");
    desk.sessions.unbind_provider(P2);
    assert_eq!(desk.ask(&anna, &named("chat")).await.bound, None);
}
