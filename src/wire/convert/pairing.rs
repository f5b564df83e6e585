//! Calls and their results, as vendors demand them: the user's turn behind a turn with calls begins with
//! exactly one result for each, in the calls' order; there is no result without a call.

use std::collections::HashMap;

use super::hub::{Part, Place, Role, Text, ToolResult, Turn};
use super::loss::{Losses, Token};
use super::names::Distinct;

/// What stands for a result that the client has not sent.
const NO_RESULT: &str = "No result was given for this call.";

/// Returns the turns so that each call has its result where it is demanded. Neighbours of one role become
/// one turn; instructions between calls and their results go behind those. What is missing is made up, what
/// belongs to no call becomes text, of two results for one call the last counts; each of these is said.
#[must_use]
pub fn paired(turns: &[Turn], losses: &mut Losses) -> Vec<Turn> {
    let mut out: Vec<Turn> = Vec::with_capacity(turns.len() + 1);
    // Instructions that stand between calls and their results.
    let mut between: Vec<Turn> = Vec::new();
    for turn in merged(turns.iter().cloned().flat_map(by_role)) {
        match turn.role {
            Role::User => {
                let open = open_calls(&mut out);
                out.push(answered(turn, &open, losses));
                out.append(&mut between);
            }
            Role::System if out.last().is_some_and(has_calls) => between.push(turn),
            Role::Assistant | Role::System => {
                close(&mut out, losses);
                out.append(&mut between);
                out.push(turn);
            }
        }
    }
    close(&mut out, losses);
    out.append(&mut between);
    merged(out)
}

/// Cuts a turn where its parts are another's: the model alone calls, and the user alone has results.
fn by_role(turn: Turn) -> Vec<Turn> {
    let Turn { role, parts, at } = turn;
    let role_of = |part: &Part| match part {
        Part::Call(_) => Role::Assistant,
        Part::Result(_) => Role::User,
        _ => role,
    };
    if parts.iter().all(|part| role_of(part) == role) {
        return vec![Turn { role, parts, at }];
    }
    let pieces = parts.into_iter();
    pieces.map(|part| Turn { role: role_of(&part), parts: vec![part], at: at.clone() }).collect()
}

/// Makes neighbours of one role one turn.
#[must_use]
pub fn merged(turns: impl IntoIterator<Item = Turn>) -> Vec<Turn> {
    let mut out: Vec<Turn> = Vec::new();
    for turn in turns {
        match out.last_mut() {
            Some(last) if last.role == turn.role => last.parts.extend(turn.parts),
            _ => out.push(turn),
        }
    }
    out
}

/// Adds a turn of results when calls are open and another turn than the user's comes, or none.
fn close(out: &mut Vec<Turn>, losses: &mut Losses) {
    let open = open_calls(out);
    // Calls at the very end, or before another turn of the model, lack their results.
    if open.is_empty() {
        return;
    }
    let at = out.last().map(|turn| turn.at.clone()).unwrap_or_default();
    let turn = Turn { role: Role::User, parts: Vec::new(), at };
    out.push(answered(turn, &open, losses));
}

fn has_calls(turn: &Turn) -> bool {
    turn.role == Role::Assistant && turn.parts.iter().any(|part| matches!(part, Part::Call(_)))
}

/// A call that waits for its result.
struct Open {
    /// The id that its result names.
    named: String,
    /// The id that both go by.
    id: String,
    /// Where it stood.
    at: Place,
}

/// Returns the calls of the last turn. Of two with one id the second gets another: no vendor takes an id
/// twice in one turn.
fn open_calls(out: &mut [Turn]) -> Vec<Open> {
    let last = out.last_mut().filter(|last| last.role == Role::Assistant);
    let mut open: Vec<Open> = Vec::new();
    let mut distinct = Distinct::default();
    for part in last.into_iter().flat_map(|last| last.parts.iter_mut()) {
        let Part::Call(call) = part else { continue };
        let named = call.id.clone();
        distinct.take(&mut call.id);
        open.push(Open { named, id: call.id.clone(), at: call.at.clone() });
    }
    open
}

/// Calls of one id.
#[derive(Default)]
struct Waiting {
    /// Their places among all calls of the turn.
    places: Vec<usize>,
    /// How many of them have their result.
    done: usize,
}

impl Waiting {
    /// Returns the place of the call that the next result of this id belongs to: each step goes on from the
    /// last, so that many calls of one id cost no more than many of different ones.
    fn next(&mut self) -> Option<usize> {
        let next = self.places.get(self.done).or_else(|| self.places.last()).copied();
        self.done = self.places.len().min(self.done + 1);
        next
    }
}

/// Puts results first, one for each open call in their order; others become text behind them.
fn answered(turn: Turn, open: &[Open], losses: &mut Losses) -> Turn {
    let Turn { role, parts, at } = turn;
    let mut waiting: HashMap<&str, Waiting> = HashMap::new();
    for (place, call) in open.iter().enumerate() {
        waiting.entry(&call.named).or_default().places.push(place);
    }
    let mut results: Vec<Option<ToolResult>> = vec![None; open.len()];
    let mut rest: Vec<Part> = Vec::new();
    for part in parts {
        let Part::Result(result) = part else {
            rest.push(part);
            continue;
        };
        // Calls of one id are answered one after the other; a further result takes the last one's place.
        let place = waiting.get_mut(result.call.as_str()).and_then(Waiting::next);
        if let Some(place) = place.and_then(|place| results.get_mut(place)) {
            // What is said once more is no loss.
            let old = place.replace(result);
            let differs =
                old.filter(|old| place.as_ref().is_none_or(|new| new.content != old.content));
            if let Some(old) = differs {
                losses.push(Token::ApproxResultAsText, old.at.or(&at));
                rest.extend(as_text(old));
            }
        } else {
            losses.push(Token::ApproxResultAsText, result.at.or(&at));
            rest.extend(as_text(result));
        }
    }
    let results = open.iter().zip(results).map(|(call, result)| {
        let result = result.unwrap_or_else(|| {
            losses.push(Token::ApproxResultSynthesized, call.at.or(&at));
            ToolResult {
                call: String::new(),
                kind: super::hub::CallKind::Function,
                content: vec![Part::Text(Text::plain(NO_RESULT))],
                error: true,
                cache: None,
                at: Place::default(),
            }
        });
        Part::Result(ToolResult { call: call.id.clone(), ..result })
    });
    let parts = results.collect::<Vec<_>>().into_iter().chain(rest).collect();
    Turn { role, parts, at }
}

/// Returns a result that belongs to no call, as what a user says.
fn as_text(result: ToolResult) -> Vec<Part> {
    let ToolResult { call, content, .. } = result;
    let head = Part::Text(Text::plain(format!("Result of the tool call {call}:")));
    std::iter::once(head).chain(content).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::convert::hub::{Call, CallKind};

    fn call(id: u8) -> Part {
        Part::Call(Call {
            at: Place::default(),
            id: format!("c{id}"),
            name: "f".into(),
            args: "{}".into(),
            kind: CallKind::Function,
            namespace: None,
            seal: None,
            cache: None,
        })
    }

    fn result(id: u8, text: &str) -> Part {
        Part::Result(ToolResult {
            at: Place::default(),
            call: format!("c{id}"),
            kind: CallKind::Function,
            content: vec![Part::Text(Text::plain(text))],
            error: false,
            cache: None,
        })
    }

    fn turn(role: Role, parts: Vec<Part>) -> Turn {
        Turn { role, parts, at: "/messages/0".into() }
    }

    fn calls(turn: &Turn) -> Vec<String> {
        let ids = turn.parts.iter().filter_map(|part| match part {
            Part::Call(call) => Some(call.id.clone()),
            _ => None,
        });
        ids.collect()
    }

    fn ids(turn: &Turn) -> Vec<String> {
        turn.parts
            .iter()
            .filter_map(|part| match part {
                Part::Result(result) => Some(result.call.clone()),
                _ => None,
            })
            .collect()
    }

    proptest! {
        #[test]
        fn each_call_has_one_result_first_in_the_next_turn(
            turns in prop::collection::vec((0..3_u8, prop::collection::vec((0..3_u8, 0..6_u8), 0..5)), 0..8),
        ) {
            let mut number = 0;
            let turns: Vec<Turn> = turns.into_iter().map(|(role, parts)| {
                let role = [Role::User, Role::Assistant, Role::System][usize::from(role)];
                // Whoever has them, and whether ids are there twice: clients send what they like.
                let parts = parts.into_iter().map(|(kind, id)| match kind {
                    0 => { number += 1; call(if id > 3 { 0 } else { number }) }
                    1 => result(id, "r"),
                    _ => Part::Text(Text::plain("t")),
                }).collect();
                turn(role, parts)
            }).collect();
            let out = paired(&turns, &mut Losses::default());
            for (place, turn) in out.iter().enumerate() {
                let open = calls(turn);
                let before = place.checked_sub(1).map(|before| calls(&out[before]));
                prop_assert_eq!(ids(turn), before.unwrap_or_default(), "{:?}", &out);
                if !open.is_empty() {
                    prop_assert_eq!(out.get(place + 1).map(|next| next.role), Some(Role::User));
                }
                let results = turn.parts.iter().take_while(|part| matches!(part, Part::Result(_))).count();
                prop_assert_eq!(results, ids(turn).len(), "they come first");
            }
        }
    }

    #[test]
    fn nothing_is_lost_behind_results_and_the_last_of_two_counts() {
        let turns = [
            turn(Role::Assistant, vec![call(1), call(2)]),
            turn(
                Role::User,
                vec![
                    result(2, "old"),
                    Part::Text(Text::plain("and")),
                    result(1, "a"),
                    result(2, "new"),
                ],
            ),
        ];
        let mut losses = Losses::default();
        let out = paired(&turns, &mut losses);
        let said = ["and", "Result of the tool call c2:", "old"];
        let said = said.map(|text| Part::Text(Text::plain(text)));
        let wanted: Vec<Part> =
            [result(1, "a"), result(2, "new")].into_iter().chain(said).collect();
        assert_eq!(out[1].parts, wanted);
        assert_eq!(losses.counts(), [(Token::ApproxResultAsText, 1)]);
    }

    #[test]
    fn a_result_that_is_there_twice_is_no_loss() {
        let turns = [
            turn(Role::Assistant, vec![call(1)]),
            turn(Role::User, vec![result(1, "a"), result(1, "a")]),
        ];
        let mut losses = Losses::default();
        assert_eq!(paired(&turns, &mut losses)[1].parts, [result(1, "a")]);
        assert!(losses.is_empty());
    }

    #[test]
    fn instructions_between_a_call_and_its_result_go_behind_it() {
        let told = turn(Role::System, vec![Part::Text(Text::plain("be brief"))]);
        let turns = [
            turn(Role::Assistant, vec![call(1)]),
            told.clone(),
            turn(Role::User, vec![result(1, "a")]),
        ];
        let mut losses = Losses::default();
        let out = paired(&turns, &mut losses);
        assert_eq!((ids(&out[1]), &out[2]), (vec!["c1".to_owned()], &told));
        assert!(losses.is_empty());
    }

    #[test]
    fn two_calls_of_one_id_have_a_result_each() {
        let turns = [
            turn(Role::Assistant, vec![call(1), call(1)]),
            turn(Role::User, vec![result(1, "a"), result(1, "b")]),
        ];
        let mut losses = Losses::default();
        let out = paired(&turns, &mut losses);
        assert_eq!(
            (calls(&out[0]), ids(&out[1])),
            (ids(&out[1]), vec!["c1".into(), "c1_2".into()])
        );
        let Part::Result(second) = &out[1].parts[1] else { panic!("{out:?}") };
        assert_eq!(second.content, [Part::Text(Text::plain("b"))]);
        assert!(losses.is_empty());
    }

    #[test]
    fn many_calls_of_one_id_cost_no_more_than_many_of_different_ones() {
        const MANY: usize = 100_000;
        // Not timed: if each result was looked for from the first place on, this would not end.
        let turns = [
            turn(Role::Assistant, vec![call(1); MANY]),
            turn(Role::User, (0..MANY).map(|n| result(1, &n.to_string())).collect()),
        ];
        let mut losses = Losses::default();
        let out = paired(&turns, &mut losses);
        let said = out[1].parts.iter().map(|part| match part {
            Part::Result(result) => result.content.clone(),
            other => panic!("{other:?}"),
        });
        let wanted = (0..MANY).map(|n| vec![Part::Text(Text::plain(n.to_string()))]);
        assert!(said.eq(wanted), "each in its place");
        assert!(losses.is_empty());
        let mut waiting = Waiting { places: (0..MANY).collect(), done: 0 };
        let places: Vec<Option<usize>> = (0..=MANY).map(|_| waiting.next()).collect();
        assert_eq!((places[MANY - 1], places[MANY]), (Some(MANY - 1), Some(MANY - 1)));
    }

    #[test]
    fn who_calls_is_the_model_and_who_has_results_the_user() {
        let turns = [
            turn(Role::Assistant, vec![call(1), result(1, "a"), Part::Text(Text::plain("so"))]),
            turn(Role::User, vec![call(2), Part::Text(Text::plain("go"))]),
        ];
        let mut losses = Losses::default();
        let out = paired(&turns, &mut losses);
        let roles: Vec<Role> = out.iter().map(|turn| turn.role).collect();
        assert_eq!(roles, [Role::Assistant, Role::User, Role::Assistant, Role::User]);
        assert_eq!(
            (ids(&out[1]), calls(&out[2]), ids(&out[3])),
            (vec!["c1".to_owned()], vec!["c2".to_owned()], vec!["c2".to_owned()],)
        );
    }

    #[test]
    fn what_is_missing_or_orphaned_is_said() {
        let (mut orphan, mut open) = (result(9, "x"), call(1));
        if let (Part::Result(orphan), Part::Call(open)) = (&mut orphan, &mut open) {
            orphan.at = Place::new("/messages/0/content/0");
            open.at = Place::new("/messages/1/content/0");
        }
        let turns = [turn(Role::User, vec![orphan]), turn(Role::Assistant, vec![open])];
        let mut losses = Losses::default();
        let out = paired(&turns, &mut losses);
        assert_eq!(ids(&out[2]), ["c1"]);
        let said: Vec<_> = losses.iter().map(|loss| (loss.token, loss.path.as_str())).collect();
        let wanted = [
            (Token::ApproxResultAsText, "/messages/0/content/0"),
            (Token::ApproxResultSynthesized, "/messages/1/content/0"),
        ];
        assert_eq!(said, wanted, "each at its own place");
    }
}
