//! Tests of the outbox.

use std::sync::Arc;
use std::time::Duration;

use super::charges::MOST;
use super::*;
use crate::domain::ids::SessionId;
use crate::domain::sharing::{Charge, Reset, Standing};

fn moved(money: i64) -> Movement {
    Movement { money, running: 1, ..Movement::default() }
}

fn charged(cost: i64) -> Charge {
    Charge {
        request: None,
        user: Some(UserId(1)),
        owners: vec![Dimension::User(UserId(1))],
        at: Micros(0),
        ended: Micros(0),
        booked: None,
        cost: Nano(cost),
        tokens: 0,
    }
}

#[test]
fn what_happened_first_is_taken_first() {
    let outbox = Outbox::default();
    for money in 1..=3 {
        outbox.change(|telling| telling.moved(moved(money)));
        outbox.tell(Happened::Charged(charged(money)));
    }
    let (first, charges) = outbox.take(2);
    assert_eq!(first, [moved(1), moved(2)]);
    assert_eq!(charges, [charged(1), charged(2)].map(Happened::Charged));
    assert_eq!(outbox.backlog(), (3, 0), "what is on its way waits for its answer");
    outbox.arrived(1, 2);
    assert_eq!(outbox.take(9), (vec![moved(3)], vec![Happened::Charged(charged(3))]));
}

#[test]
fn charges_behind_a_reset_wait_for_the_next_turn() {
    let outbox = Outbox::default();
    let reset = |at: i64| {
        Happened::Reset(Reset {
            owner: Dimension::User(UserId(1)),
            user: UserId(1),
            at: Micros(at),
        })
    };
    let charge = |cost: i64| Happened::Charged(charged(cost));
    for one in [charge(1), reset(1), reset(2), charge(2), charge(3)] {
        outbox.tell(one);
    }
    assert_eq!(outbox.take(9).1, [charge(1), reset(1), reset(2)]);
    assert_eq!(outbox.take(1).1, [charge(2)]);
    assert_eq!(outbox.take(9).1, [charge(3)]);
}

#[test]
fn a_look_at_what_is_held_replaces_what_has_moved_but_for_seats() {
    let outbox = Outbox::default();
    let session = SessionId(Arc::from("s"));
    let leaves = Some((session, Duration::from_secs(5)));
    outbox.change(|telling| telling.moved(moved(7)));
    outbox.change(|telling| telling.moved(Movement { leaves: leaves.clone(), ..moved(8) }));
    assert_eq!(outbox.weigh(|_, _, _| ()), Weighing::default());
    assert_eq!(outbox.take(9), (Vec::new(), Vec::new()), "it lies aside");
    outbox.tell(Happened::Charged(charged(9)));
    outbox.said(&[]);
    let rests = Movement { leaves, ..Movement::default() };
    assert_eq!(outbox.take(9), (vec![rests], vec![Happened::Charged(charged(9))]));
}

#[test]
fn what_waits_for_too_long_is_given_up_and_counted() {
    let outbox = Outbox::default();
    for _ in 0..MOST + 2 {
        outbox.tell(Happened::Charged(charged(1)));
    }
    assert_eq!(outbox.backlog(), (MOST, 2));
    let unheard = outbox.change(|telling| telling.unheard(&Dimension::User(UserId(1))));
    assert_eq!(unheard, Nano(i64::try_from(MOST).unwrap()));
}

#[test]
fn limits_are_divided_only_while_the_common_counter_is_away() {
    let outbox = Outbox::default();
    let anna = Dimension::User(UserId(1));
    let share = || outbox.alone_on([&anna]);
    assert_eq!(share(), None);
    outbox.is_common(3);
    assert_eq!(share(), None);
    outbox.is_away();
    assert_eq!(share(), Some(3));
    outbox.is_common(2);
    assert_eq!(share(), None);
}

#[test]
fn who_is_behind_on_an_owner_decides_about_it_alone_until_it_hears_more() {
    let outbox = Outbox::default();
    outbox.is_common(3);
    let (anna, ben) = (Dimension::User(UserId(1)), Dimension::User(UserId(2)));
    let looks = |place: &str| outbox.heard(LogPlace(Arc::from(place)));
    let hears_of_the_cut = || drop(outbox.change(|telling| telling.cut(&anna, Micros(7))));
    looks("6-0");
    let later: [&dyn Fn(); 2] = [&|| looks("7-0"), &hears_of_the_cut];
    for hears_more in later {
        outbox.is_behind_on(vec![anna.clone()]);
        assert_eq!(outbox.alone_on([&ben, &anna]), Some(3));
        assert_eq!(outbox.alone_on([&ben]), None, "others are asked about");
        assert!(outbox.answers(), "it is there");
        outbox.is_common(3);
        looks("6-0");
        assert_eq!(outbox.alone_on([&anna]), Some(3), "that was no news");
        hears_more();
        assert_eq!(outbox.alone_on([&anna]), None);
        looks("6-0");
    }
}

#[test]
fn an_owner_is_noted_once_and_forgotten_when_nothing_is_held() {
    let outbox = Outbox::default();
    let anna = Dimension::User(UserId(1));
    let look = || outbox.weigh(|owner, held, _| (owner.clone(), held.user, held.seats)).standings;
    outbox.note_held(Some(UserId(1)), [(&anna, false), (&anna, true)]);
    assert_eq!(look(), [(anna.clone(), Some(UserId(1)), true)]);
    outbox.note_held(Some(UserId(1)), [(&anna, false)]);
    outbox.forget_held(std::slice::from_ref(&anna));
    assert_eq!(look().len(), 1, "it was noted again since somebody looked");
    outbox.forget_held(&[anna]);
    assert_eq!(look(), []);
}

#[test]
fn what_was_given_back_is_known_until_it_has_arrived() {
    let outbox = Outbox::default();
    let (anna, ben) = (Dimension::User(UserId(1)), Dimension::User(UserId(2)));
    let owners = Arc::from([anna.clone()]);
    outbox.change(|telling| telling.moved(Movement { owners, ..moved(-1) }));
    assert!(outbox.has_given_back(&anna) && !outbox.has_given_back(&ben));
    let _taken = outbox.take(9);
    assert!(outbox.has_given_back(&anna) && !outbox.is_empty());
    outbox.arrived(1, 0);
    assert!(!outbox.has_given_back(&anna) && outbox.is_empty());
}

#[test]
fn what_has_moved_is_told_after_all_of_those_whom_a_beat_has_skipped() {
    let outbox = Outbox::default();
    let (anna, ben) = (Dimension::User(UserId(1)), Dimension::User(UserId(2)));
    let of = |owners: &[Dimension], money| Movement { owners: owners.into(), ..moved(money) };
    let both = [anna.clone(), ben.clone()];
    let tell = |movement: Movement| outbox.change(|telling| telling.moved(movement));
    let leaves = Some((SessionId(Arc::from("s")), Duration::from_secs(5)));
    tell(Movement { leaves: leaves.clone(), ..of(&both, -7) });
    tell(of(&both[..1], 3));
    let _weighed = outbox.weigh(|_, _, _| ());
    assert!(outbox.has_given_back(&anna) && !outbox.is_empty(), "it is on its way");
    tell(of(&both, 9));
    outbox.said(&both[1..]);
    let rest = Movement { leaves, ..Movement { running: 0, ..of(&both, 0) } };
    assert_eq!(outbox.take(9).0, [of(&both[1..], -7), rest, of(&both, 9)]);
    let _weighed = outbox.weigh(|_, _, _| ());
    outbox.said(&both);
    assert_eq!(outbox.take(9).0, [], "it is told once");
}

/// A question for seven of money, five tokens and the seat of a session.
fn flying(owner: &Dimension) -> Flying {
    Flying {
        owners: Arc::from([owner.clone()]),
        money: 7,
        tokens: 5,
        running: 1,
        session: Some(SessionId(Arc::from("s"))),
        ..Flying::default()
    }
}

#[test]
fn what_is_only_asked_for_flies_until_there_is_an_answer() {
    let outbox = Arc::<Outbox>::default();
    let anna = Dimension::User(UserId(1));
    outbox.note_held(Some(UserId(1)), [(&anna, true)]);
    let session = SessionId(Arc::from("s"));
    let look = || {
        let weighing = outbox.weigh(|_, _, wanted| {
            let seats = [1, 2].map(|open| wanted.leaves_some(&session, open));
            ((wanted.money, wanted.tokens, wanted.running), seats)
        });
        (weighing.asked, weighing.standings, weighing.flying.len())
    };
    assert_eq!(look(), (0, vec![((0, 0, 0), [true, true])], 0));
    let first = outbox.let_in(|_| Ok(flying(&anna))).unwrap().unwrap();
    assert_eq!(look(), (1, vec![((7, 5, 1), [false, true])], 1));
    let second = outbox.let_in(|_| Ok(flying(&anna))).unwrap().unwrap();
    assert_eq!(look(), (2, vec![((14, 10, 2), [false, false])], 2));
    // What is given back before there is an answer is wanted no more.
    outbox.change(|telling| telling.flies(&first, &Movement { running: -1, ..moved(-7) }));
    assert_eq!(look(), (2, vec![((7, 10, 1), [false, true])], 2));
    drop(first);
    drop(second);
    assert_eq!(look(), (2, vec![((0, 0, 0), [true, true])], 0));
    assert!(outbox.is_empty(), "nothing is told of it");
}

#[test]
fn who_is_only_asked_about_is_not_idle() {
    let outbox = Arc::<Outbox>::default();
    let anna = Dimension::User(UserId(1));
    outbox.note_held(Some(UserId(1)), [(&anna, true)]);
    let weigh = || {
        outbox.weigh(|owner, _, _| Standing {
            dimension: owner.clone(),
            money: 0,
            tokens: 0,
            running: 0,
            sessions: Vec::new(),
        })
    };
    let asking = outbox.let_in(|_| Ok(flying(&anna)));
    assert_eq!(weigh().idle(), []);
    drop(asking);
    assert_eq!(weigh().idle(), [anna]);
}

#[test]
fn nothing_is_given_back_before_the_charge_in_its_place_is_told() {
    let outbox = Outbox::default();
    outbox.change(|telling| telling.moved(moved(9)));
    outbox.tell(Happened::Charged(charged(1)));
    outbox.tell(Happened::Charged(charged(2)));
    outbox.change(|telling| {
        telling.tell(Happened::Charged(charged(3)));
        telling.moved(moved(-3));
    });
    let (given, charges) = outbox.take(2);
    assert_eq!((given, charges.len()), (vec![moved(9)], 2));
    let (given, charges) = outbox.take(2);
    assert_eq!((given, charges), (vec![moved(-3)], vec![Happened::Charged(charged(3))]));
}

#[test]
fn what_was_spent_while_limits_are_divided_counts_as_this_nodes_own_until_they_are_not() {
    let outbox = Outbox::default();
    let unheard = || outbox.change(|telling| telling.unheard(&Dimension::User(UserId(1))));
    outbox.is_away();
    outbox.tell(Happened::Charged(charged(7)));
    let due = outbox.added();
    assert!(!outbox.has_told(due));
    let _taken = outbox.take(9);
    assert!(!outbox.has_told(due), "nobody has confirmed it");
    outbox.arrived(1, 1);
    outbox.is_back(2);
    assert!(outbox.has_told(due) && !outbox.answers());
    assert_eq!((unheard(), outbox.nodes()), (Nano(7), 2), "others do not know it yet");
    outbox.tell(Happened::Charged(charged(5)));
    assert_eq!(unheard(), Nano(12));
    outbox.is_common(2);
    assert_eq!(unheard(), Nano(5), "that is on its way");
    let _taken = outbox.take(9);
    outbox.arrived(2, 1);
    assert_eq!(unheard(), Nano(0));
}
