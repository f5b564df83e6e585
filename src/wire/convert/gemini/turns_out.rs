//! Turns of the hub for Google. Results stand alone in their turn; the first call of each step bears a
//! signature.

use std::collections::VecDeque;
use std::iter::Peekable;
use std::vec::IntoIter;

use super::super::Refused;
use super::super::functions::args_of;
use super::super::hub::{
    Call, Family, Json, Opaque, Part, Request, Role, Seal, Text, Thinking, Turn,
};
use super::super::loss::{Losses, Token};
use super::super::names::{Bounds, Names, ToolName};
use super::super::pairing::paired;
use super::super::target::Target;
use super::pairs::Pairs;
use super::part_out::{CallOut, ContentOut, PartOut, Piece};
use super::request_in::CACHED_CONTENT;
use super::{is_newest, seal};

const MODEL: &str = "model";
pub(super) const USER: &str = "user";

/// All turns, and the cached prompt that stands before them.
pub(super) struct TurnsOut {
    pub(super) contents: Vec<ContentOut>,
    pub(super) cached: Option<Json>,
}

/// Writes all turns.
pub(super) fn turns(
    request: &Request,
    target: &Target,
    names: &mut Names,
    losses: &mut Losses,
) -> Result<TurnsOut, Refused> {
    let turns = paired(&request.turns, losses);
    if let Some(last) = turns.last().filter(|last| last.role == Role::Assistant) {
        losses.push(Token::ApproxPrefill, last.at.clone());
    }
    let mut writer = Writer::new(target, names, losses);
    for turn in turns {
        writer.readable = true;
        match turn.role {
            Role::Assistant => writer.model(turn)?,
            Role::User => writer.user(turn)?,
            Role::System => {
                writer.losses.push(Token::ApproxSystemAsUser, turn.at.clone());
                writer.user(turn)?;
            }
        }
    }
    if !writer.readable {
        return Err(Refused::new(
            "the last turn has nothing but pictures or files that Gemini cannot read",
        ));
    }
    writer.begin();
    Ok(TurnsOut { contents: writer.contents, cached: writer.cached })
}

/// Writes turns one after the other.
pub(super) struct Writer<'a> {
    names: &'a mut Names,
    pub(super) losses: &'a mut Losses,
    /// Ids are written.
    call_ids: bool,
    /// The model looks at signatures and takes pictures in results.
    pub(super) is_newest: bool,
    contents: Vec<ContentOut>,
    /// The last turn has results, so that nothing else goes into it.
    pub(super) has_results: bool,
    /// Names of the last turn's calls that have no result yet: a result bears its call's, and results
    /// stand in the calls' order.
    pub(super) called: VecDeque<String>,
    cached: Option<Json>,
    /// The turn being written has something that can be read.
    pub(super) readable: bool,
}

impl<'a> Writer<'a> {
    fn new(target: &Target, names: &'a mut Names, losses: &'a mut Losses) -> Self {
        Self {
            names,
            losses,
            call_ids: target.options.call_ids,
            is_newest: is_newest(target),
            contents: Vec::new(),
            has_results: false,
            called: VecDeque::new(),
            cached: None,
            readable: true,
        }
    }

    pub(super) fn push(&mut self, role: &'static str, parts: Vec<Piece>) {
        match self.contents.last_mut() {
            _ if parts.is_empty() => return,
            Some(last) if last.role == Some(role) && !self.has_results => last.parts.extend(parts),
            _ => self.contents.push(ContentOut { role: Some(role), parts }),
        }
        self.has_results = false;
    }

    /// There is at least one turn, and none begins with the model's calls.
    fn begin(&mut self) {
        let calls =
            |part: &Piece| matches!(part, Piece::Ours(part) if part.function_call.is_some());
        let first = self.contents.first();
        let add =
            first.is_none_or(|first| first.role == Some(MODEL) && first.parts.iter().any(calls));
        if add {
            self.losses.push_if(first.is_some(), Token::ApproxTurnAdded, "");
            let parts = vec![PartOut::text(" ", None).into()];
            self.contents.insert(0, ContentOut { role: Some(USER), parts });
        }
    }

    fn model(&mut self, turn: Turn) -> Result<(), Refused> {
        let (at, mut pieces) = (turn.at, Vec::with_capacity(turn.parts.len()));
        let mut parts = turn.parts.into_iter().peekable();
        self.called.clear();
        // A seal of the thinking before, for what comes now.
        let mut carried = None;
        let mut is_first_call = true;
        while let Some(part) = parts.next() {
            let at = part.place(&at).to_owned();
            match part {
                Part::Thinking(thinking) => {
                    carried = self.thinking(thinking, &mut parts, &mut pieces, &at);
                }
                Part::Text(text) => {
                    pieces.extend(self.text(text, carried.take(), &at));
                }
                Part::Call(mut call) => {
                    let own = self.own(call.seal.take(), &at).or_else(|| carried.take());
                    let needs = self.is_newest && is_first_call;
                    let sign = own.or_else(|| needs.then(|| seal::PLACEHOLDER.to_owned()));
                    is_first_call = false;
                    pieces.push(self.call(call, sign, &at));
                }
                other => pieces.extend(self.other(other, &at)?),
            }
        }
        self.push(MODEL, pieces);
        Ok(())
    }

    /// Writes a thought. Formats that have no place for a call's seal keep it on a thought before the
    /// call, so it goes back to where it came from: then it is returned.
    fn thinking(
        &mut self,
        thinking: Thinking,
        rest: &mut Peekable<IntoIter<Part>>,
        pieces: &mut Vec<Piece>,
        at: &str,
    ) -> Option<String> {
        let is_foreign = thinking.seal.is_some();
        let Some(blob) = seal::own(thinking.seal) else {
            let lost = if is_foreign { Token::DropThinkingForeign } else { Token::DropThinking };
            self.losses.push(lost, at);
            return None;
        };
        let text = thinking.text;
        let moves = match rest.peek() {
            Some(Part::Call(call)) => call.seal.is_none(),
            Some(Part::Text(next)) => text.is_empty() && next.seal.is_none(),
            _ => false,
        };
        match (text.is_empty(), moves) {
            (true, true) => return Some(blob),
            (false, true) => {
                pieces.push(PartOut::thought(text, None).into());
                return Some(blob);
            }
            (false, false) => pieces.push(PartOut::thought(text, Some(blob)).into()),
            // So Google itself sends a seal that belongs to no text.
            (true, false) => pieces.push(PartOut::text("", Some(blob)).into()),
        }
        None
    }

    /// Returns a seal that is Google's; another family's is left out.
    fn own(&mut self, sealed: Option<Seal>, at: &str) -> Option<String> {
        let is_sealed = sealed.is_some();
        let own = seal::own(sealed);
        self.losses.push_if(is_sealed && own.is_none(), Token::DropThinkingForeign, at);
        own
    }

    pub(super) fn text(&mut self, text: Text, carried: Option<String>, at: &str) -> Option<Piece> {
        self.losses.push_if(text.cache.is_some(), Token::DropCacheControl, at);
        self.losses.push_if(!text.citations.is_empty(), Token::DropCitations, at);
        let sign = self.own(text.seal, at).or(carried);
        let says = !text.text.is_empty() || sign.is_some();
        says.then(|| PartOut::text(text.text, sign).into())
    }

    fn call(&mut self, call: Call, sign: Option<String>, at: &str) -> Piece {
        self.losses.push_if(call.cache.is_some(), Token::DropCacheControl, at);
        let Call { id, name, args, kind, namespace, .. } = call;
        let name = self.names.tool(ToolName { namespace, name, kind }, Bounds::GEMINI_NAME);
        self.called.push_back(name.clone());
        let args = args_of(kind, &args, self.losses, at);
        PartOut::call(CallOut { id: self.id(&id), name, args }, sign).into()
    }

    pub(super) fn id(&mut self, id: &str) -> Option<String> {
        self.call_ids.then(|| self.names.call(id, Bounds::CALL_ID))
    }

    /// Writes what both sides may have.
    pub(super) fn other(&mut self, part: Part, at: &str) -> Result<Option<Piece>, Refused> {
        match part {
            Part::Refusal(words) => {
                self.losses.push(Token::ApproxRefusalAsText, at);
                Ok((!words.text.is_empty()).then(|| PartOut::text(words.text, None).into()))
            }
            Part::Image(_) | Part::Document(_) => {
                let media = self.media(part, at);
                Ok(Some(media.unwrap_or_else(|words| PartOut::text(words, None)).into()))
            }
            Part::Server(tool) if tool.family == Family::Google => Ok(Some(Piece::Raw(tool.raw))),
            Part::Opaque(opaque) if opaque.family == Family::Google => {
                if opaque.kind != CACHED_CONTENT {
                    return Ok(Some(Piece::Raw(opaque.raw)));
                }
                self.cached = Some(opaque.raw);
                Ok(None)
            }
            Part::Opaque(opaque) => self.foreign(&opaque, at),
            Part::Server(_) => {
                self.losses.push(Token::DropHostedTool, at);
                Ok(None)
            }
            Part::Text(_) | Part::Thinking(_) | Part::Call(_) | Part::Result(_) => Ok(None),
        }
    }

    /// Writes what another vendor made for itself by what may be read of it. What stands for a part of
    /// the conversation cannot be left out in silence.
    fn foreign(&mut self, opaque: &Opaque, at: &str) -> Result<Option<Piece>, Refused> {
        let kind = &opaque.kind;
        if !kind.contains("compaction") && kind != "item_reference" {
            self.losses.push(Token::DropHostedTool, at);
            return Ok(None);
        }
        let text = Pairs::read(opaque.raw.text()).and_then(|pairs| pairs.text("content"));
        let text = text.filter(|text| !text.is_empty()).ok_or_else(|| {
            Refused::new(format!("{at} has a {kind} that only the vendor it came from can read"))
        })?;
        Ok(Some(PartOut::text(text, None).into()))
    }
}
