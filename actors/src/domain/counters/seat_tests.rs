//! Tests of seats and bindings.

use proptest::prelude::*;

use super::*;

const TTL: Duration = Duration::from_mins(5);
const GRACE: Duration = Duration::from_secs(5);
const KEY: KeyId = KeyId(1);
const START: Micros = Micros(1_000_000_000);

fn session(name: &str) -> SessionId {
    SessionId(Arc::from(name))
}

fn to(provider: i64, model: &str) -> Binding {
    Binding::new(Some(Arc::from(model)), ProviderId(provider))
}

fn after(seconds: u64) -> Micros {
    START.plus(Duration::from_secs(seconds))
}

#[test]
fn a_seat_rests_for_the_grace_and_is_free_then() {
    let mut sessions = Sessions::default();
    let a = session("a");
    sessions.enter(&a, KEY, START);
    sessions.enter(&a, KEY, START);
    assert_eq!((sessions.taken(), sessions.taken_by(KEY)), (1, 1));
    sessions.leave(&a, after(1), GRACE);
    sessions.leave(&a, after(2), GRACE);
    sessions.free_rested(after(6));
    assert!(sessions.is_taken(&a));
    sessions.free_rested(after(7));
    assert_eq!((sessions.taken(), sessions.taken_by(KEY), sessions.len()), (0, 0, 0));
}

#[test]
fn a_session_that_comes_back_within_the_grace_keeps_its_seat() {
    let mut sessions = Sessions::default();
    let a = session("a");
    sessions.register(&a, KEY, None, START);
    sessions.enter(&a, KEY, START);
    sessions.leave(&a, after(1), GRACE);
    sessions.enter(&a, KEY, after(3));
    sessions.free_rested(after(100));
    assert_eq!(sessions.taken(), 1);
}

#[test]
fn only_sessions_that_can_be_named_again_are_bound() {
    let mut sessions = Sessions::default();
    let (named, single) = (session("named"), session("single"));
    sessions.register(&named, KEY, None, START);
    for each in [&named, &single] {
        sessions.enter(each, KEY, START);
        sessions.bind(each, to(7, "m"), START);
    }
    assert_eq!(sessions.bound(&named, None), Some(ProviderId(7)));
    assert_eq!(sessions.bound(&single, None), None);
}

#[test]
fn each_model_of_a_session_keeps_its_own_provider() {
    let mut sessions = Sessions::default();
    let a = session("a");
    sessions.register(&a, KEY, None, START);
    sessions.bind(&a, to(1, "opus"), START);
    sessions.bind(&a, to(2, "haiku"), START);
    assert_eq!(sessions.bound(&a, Some("opus")), Some(ProviderId(1)));
    assert_eq!(sessions.bound(&a, None), Some(ProviderId(2)));
    sessions.rebind(&a, START, |bindings| {
        bindings.free(ProviderId(2));
    });
    assert_eq!(sessions.bound(&a, None), Some(ProviderId(1)));
}

#[test]
fn a_session_lives_for_its_time_after_the_last_use_and_no_longer() {
    let mut sessions = Sessions::default();
    let a = session("a");
    sessions.register(&a, KEY, Some([1; 8]), START);
    sessions.touch(&a, after(200));
    assert_eq!(sessions.at(KEY, [1; 8], after(499), TTL), Some(&a));
    assert_eq!(sessions.at(KeyId(2), [1; 8], after(499), TTL), None);
    assert_eq!(sessions.at(KEY, [1; 8], after(500), TTL), None);
    sessions.expire(after(500), TTL);
    assert!(sessions.is_empty());
    assert!(sessions.places.is_empty());
}

#[test]
fn a_running_request_keeps_its_session_beyond_the_time() {
    let mut sessions = Sessions::default();
    let a = session("a");
    sessions.register(&a, KEY, None, START);
    sessions.enter(&a, KEY, START);
    sessions.expire(after(1_000), TTL);
    assert!(sessions.lives(&a, after(1_000), TTL));
}

#[test]
fn a_seat_that_rests_does_not_lengthen_the_life_of_its_session() {
    let (mut sessions, short) = (Sessions::default(), Duration::from_secs(3));
    let a = session("a");
    sessions.register(&a, KEY, None, START);
    sessions.enter(&a, KEY, START);
    sessions.bind(&a, to(7, "m"), START);
    sessions.leave(&a, START, GRACE);
    assert!(sessions.lives(&a, after(2), short));
    assert!(sessions.is_taken(&a) && !sessions.lives(&a, after(3), short));
    sessions.register(&a, KEY, None, after(3));
    assert_eq!(sessions.bound(&a, None), None, "what begins anew is bound to nobody");
    assert_eq!(sessions.taken(), 1, "and keeps the one seat");
    sessions.free_rested(after(5));
    assert_eq!(sessions.taken(), 0);
}

#[test]
fn an_ended_session_is_bound_to_nobody_and_gives_its_seat_back_with_its_last_request() {
    let mut sessions = Sessions::default();
    let (a, b, idle) = (session("a"), session("b"), session("idle"));
    for (each, place) in [(&a, [1; 8]), (&b, [2; 8]), (&idle, [3; 8])] {
        sessions.register(each, KEY, Some(place), START);
        sessions.enter(each, KEY, START);
        sessions.bind(each, to(7, "m"), START);
    }
    sessions.leave(&b, after(1), GRACE);
    sessions.leave(&idle, after(1), GRACE);
    sessions.free_rested(after(6));
    sessions.enter(&b, KEY, after(6));
    sessions.leave(&b, after(6), GRACE);
    assert!([&a, &b, &idle].into_iter().all(|each| sessions.end(each, after(6))));
    assert!(!sessions.end(&a, after(6)), "it has ended already");
    assert_eq!((sessions.taken(), sessions.len()), (1, 1), "only what runs holds a seat");
    assert_eq!(sessions.views(after(7), TTL), []);
    sessions.bind(&a, to(7, "m"), after(7));
    assert_eq!((sessions.bound(&a, None), sessions.at(KEY, [1; 8], after(7), TTL)), (None, None));
    sessions.leave(&a, after(8), GRACE);
    sessions.free_rested(after(8));
    assert_eq!((sessions.taken(), sessions.len(), sessions.places.len()), (0, 0, 0));
}

#[test]
fn a_session_that_is_used_after_its_end_begins_anew_beside_what_runs() {
    let mut sessions = Sessions::default();
    let a = session("a");
    sessions.register(&a, KEY, None, START);
    sessions.enter(&a, KEY, START);
    assert_eq!(sessions.end_all(Some(KeyId(9)), after(1)), 0);
    assert_eq!(sessions.end_all(Some(KEY), Micros(0)), 0, "it began later");
    assert_eq!(sessions.end_all(Some(KEY), after(1)), 1);
    assert!(!sessions.lives(&a, after(1), TTL));
    sessions.register(&a, KEY, None, after(1));
    sessions.enter(&a, KEY, after(1));
    sessions.bind(&a, to(7, "m"), after(2));
    sessions.leave(&a, after(2), GRACE);
    sessions.leave(&a, after(2), GRACE);
    let views = sessions.views(after(3), TTL);
    assert_eq!((views.len(), views[0].requests, views[0].started_at), (1, 1, after(1)));
    assert_eq!(views[0].provider, Some(ProviderId(7)));
    assert_eq!(sessions.taken(), 1, "it rests for its grace as every other");
}

#[test]
fn idle_sessions_are_bounded_and_the_older_ones_go_first() {
    let mut sessions = Sessions::default();
    for number in 0..=u64::try_from(IDLE).unwrap() {
        sessions.register(&session(&number.to_string()), KEY, None, after(number));
    }
    assert!(sessions.len() <= IDLE / 2 + 1);
    assert!(sessions.seats.contains_key(&session(&IDLE.to_string())));
    assert!(!sessions.seats.contains_key(&session("0")));
}

#[test]
fn an_ended_session_that_comes_back_at_once_lives_anew() {
    let (mut sessions, a) = (Sessions::default(), session("a"));
    sessions.register(&a, KeyId(1), None, after(0));
    sessions.enter(&a, KeyId(1), after(0));
    assert!(sessions.end(&a, after(1)));
    sessions.leave(&a, after(2), GRACE);
    sessions.register(&a, KeyId(1), None, after(2));
    sessions.free_rested(after(2));
    sessions.enter(&a, KeyId(1), after(2));
    sessions.leave(&a, after(3), GRACE);
    assert_eq!(sessions.taken(), 1, "it rests as every session does");
    assert!(sessions.end(&a, after(3)), "and can be ended again");
}

proptest! {
    /// However requests come and go, the seats taken are the sessions that run or rest, and all
    /// come back in the end.
    #[test]
    fn seats_are_neither_lost_nor_doubled(
        steps in prop::collection::vec((0_u8..5, 0_usize..6, 0_u64..4), 1..200),
    ) {
        let names: Vec<SessionId> = (0..6).map(|number| session(&number.to_string())).collect();
        let mut sessions = Sessions::default();
        let mut open = [0_u32; 6];
        let mut clock = 0;
        for (step, which, seconds) in steps {
            clock += seconds;
            let name = &names[which];
            match step {
                0 => sessions.register(name, KeyId(i64::try_from(which % 2).unwrap()), None, after(clock)),
                1 => {
                    sessions.enter(name, KeyId(i64::try_from(which % 2).unwrap()), after(clock));
                    open[which] += 1;
                }
                2 if open[which] > 0 => {
                    sessions.leave(name, after(clock), GRACE);
                    open[which] -= 1;
                }
                3 => {
                    sessions.end(name, after(clock));
                }
                _ => sessions.free_rested(after(clock)),
            }
            let running = u32::try_from(open.iter().filter(|count| **count > 0).count()).unwrap();
            let resting = u32::try_from(sessions.resting.len()).unwrap();
            prop_assert_eq!(sessions.taken(), running + resting);
            prop_assert_eq!(sessions.taken_by(KeyId(0)) + sessions.taken_by(KeyId(1)), sessions.taken());
        }
        for (name, count) in names.iter().zip(open) {
            for _ in 0..count {
                sessions.leave(name, after(clock), GRACE);
            }
        }
        sessions.expire(after(clock + 1_000), TTL);
        prop_assert_eq!((sessions.taken(), sessions.len(), sessions.resting.len()), (0, 0, 0));
    }
}
