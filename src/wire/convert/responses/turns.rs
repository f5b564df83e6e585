//! Items of a conversation gathered into turns: neighbours of one speaker are one turn, and results stand
//! in the user's turn right behind the turn that called, whatever a client has put between.

use std::collections::HashMap;

use super::super::hub::{Call, Part, Role, Seal, ToolResult, Turn};
use super::seals::Slot;

/// Turns in the making.
#[derive(Default)]
pub(super) struct Turns {
    turns: Vec<Answered>,
    /// The turn of each call, by the call's id.
    calls: HashMap<String, usize>,
}

/// A turn with the results of its calls.
struct Answered {
    turn: Turn,
    results: Vec<Part>,
    results_at: String,
}

impl Turns {
    /// Adds what somebody says.
    pub(super) fn say(&mut self, role: Role, parts: Vec<Part>, at: &str) {
        match self.turns.last_mut() {
            _ if parts.is_empty() => {}
            Some(last) if last.turn.role == role && last.results.is_empty() => {
                last.turn.parts.extend(parts);
            }
            _ => {
                let turn = Turn::new(role, parts, at.to_owned());
                self.turns.push(Answered { turn, results: Vec::new(), results_at: String::new() });
            }
        }
    }

    /// Adds a call.
    pub(super) fn call(&mut self, call: Call, at: &str) {
        let id = call.id.clone();
        self.say(Role::Assistant, vec![Part::Call(call)], at);
        self.calls.insert(id, self.turns.len().saturating_sub(1));
    }

    /// Adds a result, to the turn that called.
    pub(super) fn result(&mut self, result: ToolResult, at: &str) {
        let place = self.calls.get(&result.call).copied();
        let Some(caller) = place.and_then(|place| self.turns.get_mut(place)) else {
            self.say(Role::User, vec![Part::Result(result)], at);
            return;
        };
        if caller.results.is_empty() {
            at.clone_into(&mut caller.results_at);
        }
        caller.results.push(Part::Result(result));
    }

    /// Puts a seal on what was said last, when that is what the seal was on.
    pub(super) fn seal(&mut self, seal: Seal, slot: &Slot) {
        let last = self.turns.last_mut().and_then(|last| last.turn.parts.last_mut());
        match (last, slot) {
            (Some(Part::Call(call)), Slot::Call) => call.seal = Some(seal),
            (Some(Part::Text(text)), Slot::Text) => text.seal = Some(seal),
            _ => {}
        }
    }

    /// Tells whether anybody but the system has spoken.
    pub(super) const fn has_begun(&self) -> bool {
        !self.turns.is_empty()
    }

    /// Returns the turns.
    pub(super) fn finish(self) -> Vec<Turn> {
        let mut turns: Vec<Turn> = Vec::with_capacity(self.turns.len().saturating_mul(2));
        for Answered { turn, results, results_at } in self.turns {
            let answered = Turn { role: Role::User, parts: results, at: results_at };
            for turn in [turn, answered] {
                match turns.last_mut() {
                    _ if turn.parts.is_empty() => {}
                    Some(last) if last.role == turn.role => last.parts.extend(turn.parts),
                    _ => turns.push(turn),
                }
            }
        }
        turns
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::hub::{CallKind, Place, Text};
    use super::*;

    fn call(id: &str) -> Call {
        Call {
            at: Place::default(),
            id: id.to_owned(),
            name: "f".to_owned(),
            args: "{}".to_owned(),
            kind: CallKind::Function,
            namespace: None,
            seal: None,
            cache: None,
        }
    }

    fn result(id: &str) -> ToolResult {
        let (call, kind) = (id.to_owned(), CallKind::Function);
        ToolResult {
            at: Place::default(),
            call,
            kind,
            content: Vec::new(),
            error: false,
            cache: None,
        }
    }

    fn text(text: &str) -> Vec<Part> {
        vec![Part::Text(Text::plain(text))]
    }

    #[test]
    fn results_stand_behind_their_calls_whatever_came_between() {
        let mut turns = Turns::default();
        turns.call(call("a"), "/input/0");
        turns.call(call("b"), "/input/1");
        turns.result(result("b"), "/input/2");
        turns.say(Role::System, text("rule"), "/input/3");
        turns.result(result("a"), "/input/4");
        turns.say(Role::User, text("go on"), "/input/5");
        let turns = turns.finish();
        let roles: Vec<Role> = turns.iter().map(|turn| turn.role).collect();
        assert_eq!(roles, [Role::Assistant, Role::User, Role::System, Role::User]);
        assert_eq!(turns[1].parts, [Part::Result(result("b")), Part::Result(result("a"))]);
        assert_eq!(turns[1].at, "/input/2");
    }

    #[test]
    fn what_is_said_behind_results_stays_behind_them() {
        let mut turns = Turns::default();
        turns.call(call("a"), "/input/0");
        turns.result(result("a"), "/input/1");
        turns.say(Role::Assistant, text("done"), "/input/2");
        let turns = turns.finish();
        let roles: Vec<Role> = turns.iter().map(|turn| turn.role).collect();
        assert_eq!(roles, [Role::Assistant, Role::User, Role::Assistant]);
    }

    #[test]
    fn results_and_what_the_user_says_are_one_turn() {
        let mut turns = Turns::default();
        turns.call(call("a"), "/input/0");
        turns.result(result("a"), "/input/1");
        turns.say(Role::User, text("and"), "/input/2");
        turns.say(Role::User, text("so on"), "/input/3");
        let turns = turns.finish();
        assert_eq!(turns.len(), 2);
        assert_eq!(turns[1].parts.len(), 3);
    }
}
