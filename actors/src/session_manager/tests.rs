//! The shell: sessions are found again, by their owner alone.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;
use std::{hint, thread};

use super::*;
use crate::domain::caller::Caller;
use crate::domain::counters::{EndScope, SessionEnd};
use crate::domain::ids::{KeyId, ProviderId, RequestId, SessionId, UserId};
use crate::domain::instant::Micros;
use crate::domain::limits::Limits;
use crate::domain::session::SessionHints;
use crate::shared::counters::{Counters, Lifetimes};
use crate::testing::{TestUniverse, caller};

const P1: ProviderId = ProviderId(1);
const P2: ProviderId = ProviderId(2);
const MODEL: &str = "m";

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
        self.ask_for(caller, hints, MODEL).await
    }

    async fn ask_for(
        &mut self,
        caller: &Arc<Caller>,
        hints: &SessionHints,
        model: &str,
    ) -> Resolved {
        self.requests += 1;
        let fallback = RequestId([self.requests; 16]);
        let (caller, now) = (Arc::clone(caller), self.universe.now());
        let model = Some(Arc::from(model));
        self.sessions.resolve(Resolve { caller, hints: hints.clone(), model, now, fallback }).await
    }

    /// Ends a request that a provider served.
    fn served(&self, caller: &Caller, resolved: &Resolved, provider: ProviderId) -> Verdict {
        self.served_for(caller, resolved, provider, MODEL)
    }

    fn served_for(
        &self,
        caller: &Caller,
        resolved: &Resolved,
        provider: ProviderId,
        model: &str,
    ) -> Verdict {
        let now = self.universe.now();
        let request = RequestOf {
            owner: Owner { user: caller.user, key: caller.key },
            session: &resolved.session,
            model: Some(model),
            arrived: now,
            now,
        };
        let server = Some(Server { provider, sticky: true });
        let turn = Turn {
            beside: resolved.beside,
            found: resolved.held,
            absence: Some(Absence::Barred),
            server,
            ..Turn::default()
        };
        self.sessions.settle(&request, &turn)
    }

    fn end(&self, scope: EndScope) -> usize {
        self.counters.end_sessions(&SessionEnd { scope, at: self.universe.now() })
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
    desk.served(&anna, &first, P1);
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
            desk.served(caller, &resolved, ProviderId(provider));
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
    desk.served(&anna, &first, P1);
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
    desk.served(&anna, &one, P1);
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
            model: Some(Arc::from(MODEL)),
            arrived: before.universe.now(),
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
async fn a_model_that_the_session_s_provider_lacks_gets_its_own_binding() {
    let mut desk = Desk::open();
    let anna = someone(1, 1);
    let chat = named("chat");
    let opus = desk.ask_for(&anna, &chat, "opus").await;
    desk.served_for(&anna, &opus, P1, "opus");
    let high = desk.ask_for(&anna, &chat, "opus(high)").await;
    assert_eq!((high.bound, high.held), (Some(P1), None));
    let haiku = desk.ask_for(&anna, &chat, "haiku").await;
    assert_eq!(haiku.bound, Some(P1), "the session's provider goes first");
    desk.served_for(&anna, &haiku, P2, "haiku");
    assert_eq!(desk.ask_for(&anna, &chat, "haiku").await.bound, Some(P2));
    assert_eq!(desk.ask_for(&anna, &chat, "opus").await.bound, Some(P1));
    assert_eq!(desk.ask_for(&anna, &chat, "opus(high)").await.bound, Some(P1));
}

#[actix::test]
async fn short_requests_beside_a_running_one_follow_the_session_and_move_nothing() {
    let mut desk = Desk::open();
    let anna = someone(1, 1);
    let chat = |messages| SessionHints { messages: Some(messages), ..named("chat") };
    let main = desk.ask(&anna, &chat(1)).await;
    assert!(!main.beside);
    let enter = |session: &_| {
        desk.counters.tenant(anna.user, |tenant| {
            tenant.sessions.enter(session, anna.key, Micros(0));
        });
    };
    enter(&main.session);
    for _ in 0..10 {
        let title = desk.ask(&anna, &chat(1)).await;
        assert_eq!((&title.session, title.beside, title.fresh), (&main.session, true, false));
        assert_eq!(desk.served(&anna, &title, P2).change, Change::Nothing);
    }
    desk.served(&anna, &main, P1);
    let agent = desk.ask(&anna, &chat(2)).await;
    assert_eq!((agent.bound, agent.beside), (Some(P1), true), "it follows");
    desk.served(&anna, &agent, P2);
    let turn = desk.ask(&anna, &chat(3)).await;
    assert_eq!((turn.bound, turn.beside), (Some(P1), false), "and moves nothing");
}

#[actix::test]
async fn sessions_end_by_one_by_user_by_key_and_by_provider() {
    let mut desk = Desk::open();
    let (anna, other_key, bob) = (someone(1, 1), someone(1, 2), someone(2, 3));
    for scope in 0..4 {
        let mut resolved = Vec::new();
        for person in [&anna, &other_key, &bob] {
            let chat = desk.ask(person, &named("chat")).await;
            desk.served(person, &chat, P1);
            resolved.push(chat);
        }
        let (scope, left) = match scope {
            0 => (EndScope::Session(resolved[0].session.clone()), [false, true, true]),
            1 => (EndScope::User(anna.user), [false, false, true]),
            2 => (EndScope::Key(other_key.key), [true, false, true]),
            _ => (EndScope::Provider(P1), [false, false, false]),
        };
        let gone = left.iter().filter(|left| !**left).count();
        assert_eq!(desk.end(scope.clone()), gone, "{scope:?}");
        assert_eq!(desk.end(scope.clone()), 0, "{scope:?}: once is enough");
        for (person, (chat, left)) in
            [&anna, &other_key, &bob].into_iter().zip(resolved.iter().zip(left))
        {
            desk.served(person, chat, P1);
            let bound = desk.ask(person, &named("chat")).await.bound;
            let expected = left.then_some(P1);
            assert_eq!(bound, expected, "{scope:?}: what came before the end binds nothing");
        }
        desk.universe.advance(Duration::from_secs(1)).await;
    }
    let chat = desk.ask(&anna, &named("chat")).await;
    desk.served(&anna, &chat, P1);
    assert_eq!(desk.ask(&anna, &named("chat")).await.bound, Some(P1), "what came later does");
}

#[actix::test]
async fn an_ended_session_does_not_come_back_with_a_restart() {
    let mut desk = Desk::open();
    let anna = someone(1, 1);
    let mut kept = Vec::new();
    for (name, provider) in [("ended", P1), ("kept", P1), ("freed", P2)] {
        let session = desk.ask(&anna, &named(name)).await.session;
        let now = desk.universe.now();
        kept.push(RestoredBinding {
            user: UserId(1),
            key: KeyId(1),
            session,
            provider,
            model: Some(Arc::from(MODEL)),
            arrived: now,
            last_seen: now.plus(Duration::from_secs(30)),
        });
    }
    let mut after = Desk::in_universe(desk.universe.clone());
    after.end(EndScope::Session(kept[0].session.clone()));
    after.end(EndScope::Provider(P2));
    restore(&after.counters, kept, after.universe.now());
    assert_eq!(after.ask(&anna, &named("ended")).await.bound, None);
    assert_eq!(after.ask(&anna, &named("kept")).await.bound, Some(P1));
    assert_eq!(after.ask(&anna, &named("freed")).await.bound, None);
}

#[actix::test]
async fn what_is_freed_while_a_request_settles_is_not_bound_again() {
    let desk = Desk::open();
    let (counters, sessions) = (&desk.counters, &desk.sessions);
    let (anna, now) = (someone(1, 1), desk.universe.now());
    let owner = Owner { user: anna.user, key: anna.key };
    let begin = |session: &SessionId| {
        counters.tenant(anna.user, |tenant| {
            tenant.sessions.register(session, anna.key, None, now);
            tenant.sessions.enter(session, anna.key, now);
        });
    };
    let (done, both) = (AtomicBool::new(false), Barrier::new(2));
    let bound = thread::scope(|threads| {
        // Others work on the same counters: whoever settles or ends has to wait for them.
        threads.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                counters.tenant(anna.user, |_| (0..500).for_each(|_| hint::spin_loop()));
            }
        });
        let mut bound = Vec::new();
        for round in 0..1_000 {
            let (session, provider) =
                (SessionId(Arc::from(format!("s_{round}"))), ProviderId(round));
            begin(&session);
            let end = SessionEnd { scope: EndScope::Provider(provider), at: now };
            let server = Some(Server { provider, sticky: true });
            let turn = Turn { server, ..Turn::default() };
            let request =
                RequestOf { owner, session: &session, model: Some(MODEL), arrived: now, now };
            thread::scope(|pair| {
                pair.spawn(|| {
                    both.wait();
                    counters.end_sessions(&end)
                });
                both.wait();
                sessions.settle(&request, &turn);
            });
            let left =
                counters.tenant(anna.user, |tenant| tenant.sessions.bound(&session, Some(MODEL)));
            bound.extend(left.map(|_| round));
        }
        done.store(true, Ordering::Relaxed);
        bound
    });
    assert!(bound.is_empty(), "bindings outlived their end: {}", bound.len());
}
