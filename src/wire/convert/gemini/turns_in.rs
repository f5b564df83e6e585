//! Turns of a client into the hub; calls and results are linked by ids, which are made where there are
//! none.

use std::collections::{HashMap, HashSet, VecDeque};

use serde_json::value::RawValue;

use super::super::Refused;
use super::super::hub::{
    Call, CallKind, Json, Part, Place, Role, Text, Thinking, ToolResult, Turn,
};
use super::super::loss::{Losses, Token};
use super::pairs::Pairs;
use super::part_in::{self, CONTENT, CallIn, ContentIn, PartIn, ResponseIn, googles_own};
use super::spelling::{Spelled, read_saying};
use super::{media, seal};

/// Reads all turns.
pub(super) fn turns(contents: &[&RawValue], losses: &mut Losses) -> Result<Vec<Turn>, Refused> {
    let mut reader = Reader::default();
    for (place, raw) in contents.iter().enumerate() {
        reader.content(place, raw, losses)?;
    }
    if reader.turns.is_empty() {
        return Err(Refused::new("contents has no parts that say anything"));
    }
    Ok(reader.turns)
}

#[derive(Default)]
struct Reader {
    turns: Vec<Turn>,
    open: OpenCalls,
    ids: HashSet<String>,
}

/// Where a part stands.
struct Where {
    turn: usize,
    part: usize,
    /// As errors name it.
    what: String,
    /// As losses name it.
    at: String,
    /// Names in it.
    spelled: Spelled,
}

/// Calls of the model's last turn.
#[derive(Default)]
struct OpenCalls {
    /// Our ids by those that the client gave; of one that it gave twice the last stays.
    by_given: HashMap<String, VecDeque<String>>,
    /// Our ids of calls that have no response yet, by the function's name, in order.
    by_name: HashMap<String, VecDeque<String>>,
    answered: HashSet<String>,
}

impl OpenCalls {
    fn add(&mut self, id: &str, given: Option<String>, name: &str) {
        if let Some(given) = given {
            self.by_given.entry(given).or_default().push_back(id.to_owned());
        }
        self.by_name.entry(name.to_owned()).or_default().push_back(id.to_owned());
    }

    /// The n-th response of a name belongs to the n-th call of it, unless its id says which.
    fn of(&mut self, response: &ResponseIn<'_>) -> Option<String> {
        let by_given = response.id.as_ref().and_then(|id| self.by_given.get_mut(id));
        if let Some(ids) = by_given {
            let id = if ids.len() > 1 { ids.pop_front() } else { ids.front().cloned() }?;
            self.answered.insert(id.clone());
            return Some(id);
        }
        let waiting = self.by_name.get_mut(response.name.as_ref()?)?;
        while let Some(id) = waiting.pop_front() {
            if self.answered.insert(id.clone()) {
                return Some(id);
            }
        }
        None
    }
}

impl Reader {
    fn content(
        &mut self,
        place: usize,
        raw: &RawValue,
        losses: &mut Losses,
    ) -> Result<(), Refused> {
        let at = format!("/contents/{place}");
        // A text alone is what a user says.
        if let Ok(text) = serde_json::from_str::<String>(raw.get()) {
            let text = Text { at: Place::new(at.as_str()), ..Text::plain(text) };
            self.push(Role::User, at, vec![Part::Text(text)]);
            return Ok(());
        }
        let what = format!("contents[{place}]");
        let (content, _) = read_saying::<ContentIn<'_>>(raw, &what, &CONTENT, &at, losses)?;
        let role = match content.role.as_deref() {
            None | Some("" | "user" | "function" | "tool") => Role::User,
            Some("model") => Role::Assistant,
            Some("system") => Role::System,
            Some(other) => {
                return Err(Refused::new(format!(
                    "{what} has the role {other:?}: it must be user or model"
                )));
            }
        };
        if role == Role::Assistant && self.turns.last().is_none_or(|last| last.role != role) {
            self.open = OpenCalls::default();
        }
        let mut parts = Vec::with_capacity(content.parts.len());
        for (number, raw) in content.parts.iter().enumerate() {
            let what = format!("contents[{place}].parts[{number}]");
            let at = format!("{at}/parts/{number}");
            let (part, spelled) = part_in::read_saying(raw, &what, &at, losses)?;
            let place = Where { turn: place, part: number, what, at, spelled };
            parts.extend(self.part(part, raw, &place, losses)?);
        }
        self.push(role, at, parts);
        Ok(())
    }

    fn push(&mut self, role: Role, at: String, parts: Vec<Part>) {
        match self.turns.last_mut() {
            _ if parts.is_empty() => {}
            Some(last) if last.role == role => last.parts.extend(parts),
            _ => self.turns.push(Turn::new(role, parts, at)),
        }
    }

    fn part(
        &mut self,
        part: PartIn<'_>,
        raw: &RawValue,
        place: &Where,
        losses: &mut Losses,
    ) -> Result<Option<Part>, Refused> {
        let at = || Place::new(place.at.as_str());
        let seal = part.thought_signature.and_then(seal::of_client);
        if let Some(call) = part.function_call {
            let name = call.name.clone().filter(|name| !name.is_empty());
            let nameless = || format!("{} calls a function that has no name", place.what);
            let name = name.ok_or_else(|| Refused::new(nameless()))?;
            let mut call = self.call(&call, name, place);
            call.seal = seal;
            return Ok(Some(Part::Call(call)));
        }
        if let Some(response) = part.function_response {
            return self.result(&response, place, losses).map(|it| Some(Part::Result(it)));
        }
        if let Some(blob) = part.inline_data {
            return Ok(Some(media::of_blob(blob, at(), losses)));
        }
        if let Some(file) = part.file_data {
            return Ok(Some(media::of_file(file, at(), losses)));
        }
        let Some(text) = part.text else { return Ok(googles_own(raw, at()).map(Part::Server)) };
        if text.is_empty() && seal.is_none() {
            return Ok(None);
        }
        Ok(Some(if part.thought == Some(true) {
            Part::Thinking(Thinking { text, redacted: false, seal, at: at() })
        } else {
            Part::Text(Text { seal, at: at(), ..Text::plain(text) })
        }))
    }

    fn call(&mut self, call: &CallIn, name: String, place: &Where) -> Call {
        let given = call.id.clone().filter(|id| !id.is_empty());
        let free = given.clone().filter(|id| !self.ids.contains(id));
        let id = free.unwrap_or_else(|| format!("call_t{}_{}", place.turn, place.part));
        self.ids.insert(id.clone());
        self.open.add(&id, given, &name);
        let (args, kind) = (call.args_text(), CallKind::Function);
        let at = Place::new(place.at.as_str());
        Call { id, name, args, kind, namespace: None, seal: None, cache: None, at }
    }

    fn result(
        &mut self,
        response: &ResponseIn<'_>,
        place: &Where,
        losses: &mut Losses,
    ) -> Result<ToolResult, Refused> {
        // Of a call that nobody made it is an orphan; encoders make text of it.
        let call = self.open.of(response);
        let id = response.id.clone().filter(|id| !id.is_empty());
        let call = call.or(id).unwrap_or_else(|| format!("orphan_t{}_{}", place.turn, place.part));
        let (text, error) = outcome(response.response.as_ref());
        let mut content: Vec<Part> = Vec::new();
        if !text.is_empty() {
            let at = Place::new(place.at.as_str());
            content.push(Part::Text(Text { at, ..Text::plain(text) }));
        }
        for (number, raw) in response.parts.iter().enumerate() {
            let what = format!("a part of {}", place.what);
            let within = place.spelled.pointer("/functionResponse/parts");
            let at = format!("{}{within}/{number}", place.at);
            let (part, _) = part_in::read_saying(raw, &what, &at, losses)?;
            let own = || Place::new(at.as_str());
            match (part.inline_data, part.file_data) {
                (Some(blob), _) => content.push(media::of_blob(blob, own(), losses)),
                (None, Some(file)) => content.push(media::of_file(file, own(), losses)),
                (None, None) => losses.push(Token::DropContent, at),
            }
        }
        let at = Place::new(place.at.as_str());
        Ok(ToolResult { call, kind: CallKind::Function, content, error, cache: None, at })
    }
}

/// Returns the text of a response, and whether it tells of a failure.
fn outcome(response: Option<&Json>) -> (String, bool) {
    let Some(response) = response else { return (String::new(), false) };
    let single = Pairs::read(response.text()).and_then(|pairs| {
        let [(key, value)] = pairs.0.as_slice() else { return None };
        let text = serde_json::from_str::<String>(value.get()).ok();
        match key.as_str() {
            "error" => Some((text.unwrap_or_else(|| value.get().to_owned()), true)),
            "output" | "result" | "content" => text.map(|text| (text, false)),
            _ => None,
        }
    });
    single.unwrap_or_else(|| (response.text().to_owned(), false))
}
