//! The items of a stream, as far as they have come: which part of the answer each is.

use std::collections::HashSet;

use super::super::Broken;
use super::super::hub::{CallKind, Event, Json};
use super::call_seen::CallSeen;
use super::message_seen::{ContentKind, MessageSeen};
use super::parts_seen::{ItemIn, Parts, Place, Said};
use super::thinking_seen::{Shown, ThinkingSeen};

/// Items of one answer, at most.
const MOST_ITEMS: usize = 4_096;

/// All items so far.
#[derive(Debug, Default)]
pub(super) struct Seen {
    items: Vec<Item>,
    /// Ids of items that have ended and whose places others have taken.
    past: HashSet<String>,
    parts: Parts,
}

#[derive(Debug)]
struct Item {
    output: Option<u64>,
    id: String,
    /// Its beginning or its end was told, so that its number and id are its own.
    announced: bool,
    state: State,
}

#[derive(Debug)]
enum State {
    Message(MessageSeen),
    Thinking(ThinkingSeen),
    Call(CallSeen),
    /// Of a kind that comes whole at its end, or that nobody knows.
    Other,
    Done,
}

impl Seen {
    /// Returns those items of an answer's end that have not come before, with their numbers. Where that is not
    /// sure, they have: what is said twice is worse than what is missed. There is one more than may be, where
    /// there are too many.
    pub(super) fn missed(&self, output: Vec<Json>) -> Vec<(u64, Json)> {
        if !self.items.iter().all(|item| item.announced) {
            return Vec::new();
        }
        let numbers: HashSet<Option<u64>> = self.items.iter().map(|item| item.output).collect();
        let ids: HashSet<&str> = self.items.iter().map(|item| item.id.as_str()).collect();
        let is_numbered = !numbers.contains(&None);
        let is_behind = |number| usize::try_from(number).is_ok_and(|it| it >= self.items.len());
        let is_missed = |number: u64, item: &Json| {
            if numbers.contains(&Some(number)) || !(is_numbered || is_behind(number)) {
                return false;
            }
            let id = read(item).ok().and_then(|item| item.id).unwrap_or_default();
            !self.past.contains(&id) && (id.is_empty() || !ids.contains(id.as_str()))
        };
        let numbered = (0..).zip(output).take(MOST_ITEMS + 1);
        numbered.filter(|(number, item)| is_missed(*number, item)).collect()
    }

    /// Notes that an item's beginning or end was told.
    fn announce(&mut self, place: Place<'_>) {
        let found = self.find(place).and_then(|number| self.items.get_mut(number));
        if let Some(item) = found {
            item.announced = true;
        }
    }

    /// Tells whether a whole call has come.
    pub(super) const fn has_call(&self) -> bool {
        self.parts.has_call
    }

    /// Tells whether the model has refused in words.
    pub(super) const fn has_refusal(&self) -> bool {
        self.parts.has_refusal
    }

    /// Takes an event that belongs to an item: `take` gets the item's state and the parts. An item that
    /// was not announced is taken for one in the state that `fresh` makes.
    fn with(
        &mut self,
        place: Place<'_>,
        out: &mut Vec<Event>,
        fresh: impl FnOnce() -> State,
        take: impl FnOnce(&mut State, &mut Parts) -> Result<(), Broken>,
    ) -> Result<(), Broken> {
        let number = self.find(place);
        if number.is_none() {
            if self.items.len() >= MOST_ITEMS {
                return Err(too_many());
            }
            let id = place.item.unwrap_or_default().to_owned();
            let (output, announced) = (place.output, false);
            self.items.push(Item { output, id, announced, state: fresh() });
        }
        let number = number.unwrap_or_else(|| self.items.len().saturating_sub(1));
        if let Some(item) = self.items.get_mut(number) {
            take(&mut item.state, &mut self.parts)?;
        }
        out.append(&mut self.parts.events);
        Ok(())
    }

    /// Finds an item by its number, else by its id, else takes the last.
    fn find(&self, place: Place<'_>) -> Option<usize> {
        if place.output.is_some() {
            return self.items.iter().rposition(|item| item.output == place.output);
        }
        match place.item {
            Some(id) => self.items.iter().rposition(|item| item.id == id),
            None => self.items.len().checked_sub(1),
        }
    }

    /// Takes `response.output_item.added`.
    pub(super) fn added(
        &mut self,
        place: Place<'_>,
        item: Option<&Json>,
        out: &mut Vec<Event>,
    ) -> Result<(), Broken> {
        let Some(item) = item else { return Ok(()) };
        let item = read(item)?;
        let place = known(place, &item);
        self.forget_ended(place)?;
        self.with(
            place,
            out,
            || begin(&item),
            |state, parts| {
                if let State::Call(call) = state {
                    call.added(&item, parts);
                }
                Ok(())
            },
        )?;
        self.announce(place);
        Ok(())
    }

    /// Makes room for an item in the place of one that has ended: some number all their items alike.
    fn forget_ended(&mut self, place: Place<'_>) -> Result<(), Broken> {
        let found = self.find(place).and_then(|number| self.items.get_mut(number));
        if let Some(ended) = found.filter(|item| matches!(item.state, State::Done)) {
            ended.output = None;
            self.past.insert(std::mem::take(&mut ended.id));
        }
        if self.past.len() > MOST_ITEMS { Err(too_many()) } else { Ok(()) }
    }

    /// Takes `response.output_item.done`.
    pub(super) fn done(
        &mut self,
        place: Place<'_>,
        raw: Option<&Json>,
        out: &mut Vec<Event>,
    ) -> Result<(), Broken> {
        let Some(raw) = raw else { return Ok(()) };
        let item = read(raw)?;
        let place = known(place, &item);
        self.with(
            place,
            out,
            || begin(&item),
            |state, parts| {
                match state {
                    State::Message(message) => message.done(item.content.as_ref(), parts),
                    State::Thinking(thinking) => {
                        let (summary, content) = (item.summary.as_ref(), item.content.as_ref());
                        thinking.done(summary, content, item.encrypted_content.clone(), parts);
                    }
                    State::Call(call) => call.done(&item, parts)?,
                    State::Other => parts.ran(&item, raw),
                    State::Done => {}
                }
                *state = State::Done;
                Ok(())
            },
        )?;
        self.announce(place);
        Ok(())
    }

    /// Takes more text of a message, or all of it.
    pub(super) fn said(
        &mut self,
        place: Place<'_>,
        kind: ContentKind,
        text: Said<'_>,
        out: &mut Vec<Event>,
    ) -> Result<(), Broken> {
        let fresh = || State::Message(MessageSeen::default());
        self.with(place, out, fresh, |state, parts| {
            if let State::Message(message) = state {
                match text {
                    Said::More(text) => message.more(place.content, kind, text, parts),
                    Said::All(text) => message.whole(place.content, kind, text, parts),
                }
            }
            Ok(())
        })
    }

    /// Takes a source of a text.
    pub(super) fn annotation(
        &mut self,
        place: Place<'_>,
        annotation: Option<&Json>,
        out: &mut Vec<Event>,
    ) -> Result<(), Broken> {
        let Some(annotation) = annotation else { return Ok(()) };
        let fresh = || State::Message(MessageSeen::default());
        self.with(place, out, fresh, |state, parts| {
            if let State::Message(message) = state {
                message.cite(place.content, annotation.clone(), parts);
            }
            Ok(())
        })
    }

    /// Takes the end of a content.
    pub(super) fn content_done(
        &mut self,
        place: Place<'_>,
        content: Option<&Json>,
        out: &mut Vec<Event>,
    ) -> Result<(), Broken> {
        let Some(content) = content else { return Ok(()) };
        self.with(
            place,
            out,
            || State::Other,
            |state, parts| {
                if let State::Message(message) = state {
                    message.content_done(place.content, content, parts);
                }
                Ok(())
            },
        )
    }

    /// Takes more of thinking.
    pub(super) fn thought(
        &mut self,
        place: Place<'_>,
        what: Shown,
        text: &str,
        out: &mut Vec<Event>,
    ) -> Result<(), Broken> {
        let fresh = || State::Thinking(ThinkingSeen::default());
        let number = match what {
            Shown::Summary => place.summary,
            Shown::Text => place.content,
        };
        self.with(place, out, fresh, |state, parts| {
            if let State::Thinking(thinking) = state {
                thinking.more(what, number, text, parts);
            }
            Ok(())
        })
    }

    /// Takes more arguments of a call, or all of them.
    pub(super) fn args(
        &mut self,
        place: Place<'_>,
        kind: CallKind,
        args: Said<'_>,
        out: &mut Vec<Event>,
    ) -> Result<(), Broken> {
        self.with(
            place,
            out,
            || State::Call(CallSeen::new(kind)),
            |state, parts| match (state, args) {
                (State::Call(call), Said::More(args)) => call.more(args, parts),
                (State::Call(call), Said::All(args)) => call.whole(args, parts),
                _ => Ok(()),
            },
        )
    }

    /// Ends all that is open.
    pub(super) fn close(&mut self, out: &mut Vec<Event>) {
        for item in &mut self.items {
            match &mut item.state {
                State::Message(message) => message.close(&mut self.parts),
                State::Thinking(thinking) => thinking.close(&mut self.parts),
                State::Call(call) => call.close(&mut self.parts),
                State::Other | State::Done => {}
            }
            item.state = State::Done;
        }
        out.append(&mut self.parts.events);
    }
}

fn too_many() -> Broken {
    Broken(format!("more than {MOST_ITEMS} items in one answer"))
}

fn read(item: &Json) -> Result<ItemIn, Broken> {
    item.read::<ItemIn>()
        .map_err(|error| Broken(format!("an item of the answer cannot be read: {error}")))
}

/// Names an item by its own id, where the event has neither number nor id.
fn known<'a>(place: Place<'a>, item: &'a ItemIn) -> Place<'a> {
    Place { item: place.item.or(Some(item.id.as_deref().unwrap_or_default())), ..place }
}

fn begin(item: &ItemIn) -> State {
    match item.kind.as_deref().unwrap_or_default() {
        "message" => State::Message(MessageSeen::default()),
        "reasoning" => State::Thinking(ThinkingSeen::default()),
        "function_call" => State::Call(CallSeen::new(CallKind::Function)),
        "custom_tool_call" => State::Call(CallSeen::new(CallKind::Custom)),
        "local_shell_call" => State::Call(CallSeen::new(CallKind::LocalShell)),
        "shell_call" => State::Call(CallSeen::new(CallKind::Shell)),
        "apply_patch_call" => State::Call(CallSeen::new(CallKind::ApplyPatch)),
        _ => State::Other,
    }
}
