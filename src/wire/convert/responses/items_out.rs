//! Turns of a conversation, written as items: what was said as messages, calls, results and thinking as
//! their siblings, all in order.

use std::collections::HashMap;

use serde::Serialize;

use super::super::Refused;
use super::super::hub::{
    Call, CallKind, Family, Json, Opaque, Part, Role, ServerTool, Thinking, ToolResult, Turn,
    setting,
};
use super::super::json_mode::JSON_MODE;
use super::super::loss::{Losses, Token};
use super::super::names::{Bounds, Names, ToolName};
use super::content_out::{self, Piece};
use super::shells;

/// What stands before the text of a tool's result that says it failed.
const FAILED: &str = "Error: ";

/// An item of `input`.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Item {
    Message { role: &'static str, content: Vec<Piece> },
    Reasoning { summary: Vec<Summary>, encrypted_content: String },
    FunctionCall { call_id: String, name: String, arguments: String },
    CustomToolCall { call_id: String, name: String, input: String },
    LocalShellCall { call_id: String, status: &'static str, action: Json },
    ShellCall { call_id: String, status: &'static str, action: Json },
    ApplyPatchCall { call_id: String, status: &'static str, operation: Json },
    FunctionCallOutput { call_id: String, output: Output },
    CustomToolCallOutput { call_id: String, output: Output },
    LocalShellCallOutput { call_id: String, output: String },
    ShellCallOutput { call_id: String, output: Json },
    ApplyPatchCallOutput { call_id: String, status: &'static str, output: String },
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Summary {
    SummaryText { text: String },
}

/// A result: a text, or pieces when there is more than text.
#[derive(Serialize)]
#[serde(untagged)]
enum Output {
    Text(String),
    Pieces(Vec<Piece>),
}

/// Items in the making.
pub(super) struct Items<'a> {
    list: Vec<Json>,
    names: &'a mut Names,
    losses: &'a mut Losses,
    /// As what each call was written: its result must be of the same kind.
    kinds: HashMap<String, CallKind>,
}

impl<'a> Items<'a> {
    pub(super) fn new(names: &'a mut Names, losses: &'a mut Losses) -> Self {
        Self { list: Vec::new(), names, losses, kinds: HashMap::new() }
    }

    /// Returns the items.
    pub(super) fn finish(self) -> Vec<Json> {
        self.list
    }

    /// Writes instructions that stand among the items.
    pub(super) fn developer(&mut self, text: &str) {
        self.message(Role::System, vec![Piece::InputText { text: text.to_owned() }]);
    }

    /// Writes the instruction that an answer of JSON needs.
    pub(super) fn json_mode(&mut self) {
        self.losses.push(Token::ApproxJsonMode, setting::FORMAT);
        self.developer(JSON_MODE);
    }

    /// Writes a turn.
    pub(super) fn turn(&mut self, turn: &Turn) -> Result<(), Refused> {
        let mut said = Vec::new();
        for part in &turn.parts {
            let at = part.place(&turn.at);
            let piece = match turn.role {
                Role::Assistant => content_out::output(part, at, self.losses),
                Role::User | Role::System => content_out::input(part, at, self.losses),
            };
            said.extend(piece);
            let stands_alone = !matches!(
                part,
                Part::Text(_) | Part::Image(_) | Part::Document(_) | Part::Refusal(_)
            );
            if stands_alone {
                self.message(turn.role, std::mem::take(&mut said));
                self.sibling(part, turn)?;
            }
        }
        self.message(turn.role, said);
        Ok(())
    }

    fn message(&mut self, role: Role, content: Vec<Piece>) {
        let role = match role {
            Role::User => "user",
            Role::Assistant => "assistant",
            Role::System => "developer",
        };
        if !content.is_empty() {
            self.push(&Item::Message { role, content });
        }
    }

    fn sibling(&mut self, part: &Part, turn: &Turn) -> Result<(), Refused> {
        let at = part.place(&turn.at);
        match part {
            Part::Thinking(thinking) => self.thinking(thinking, at),
            Part::Call(call) => self.call(call, at),
            Part::Result(result) => self.result(result, at),
            Part::Server(ServerTool { family: Family::OpenAi, raw, .. })
            | Part::Opaque(Opaque { family: Family::OpenAi, raw, .. }) => {
                self.list.push(raw.clone());
            }
            Part::Server(_) => self.losses.push(Token::DropHostedTool, at),
            Part::Opaque(opaque) => self.foreign(opaque, turn)?,
            Part::Text(_) | Part::Image(_) | Part::Document(_) | Part::Refusal(_) => {}
        }
        Ok(())
    }

    /// Writes what another vendor made for itself by what may be read of it.
    fn foreign(&mut self, opaque: &Opaque, turn: &Turn) -> Result<(), Refused> {
        let tree = opaque.raw.tree();
        let text = tree.get("content").and_then(|content| content.as_str()).unwrap_or_default();
        if text.is_empty() {
            return Err(Refused::new(format!(
                "What stands at {} ({}) can be read by its own vendor alone.",
                turn.at, opaque.kind
            )));
        }
        let text = text.to_owned();
        let piece = match turn.role {
            Role::Assistant => Piece::OutputText { text, annotations: Vec::new() },
            Role::User | Role::System => Piece::InputText { text },
        };
        self.message(turn.role, vec![piece]);
        Ok(())
    }

    /// Writes thinking that `OpenAI` sealed; without its seal it is of no use to it.
    fn thinking(&mut self, thinking: &Thinking, at: &str) {
        match &thinking.seal {
            Some(seal) if seal.family == Family::OpenAi => {
                let text = thinking.text.clone();
                let shown = !text.is_empty();
                let summary = shown.then_some(Summary::SummaryText { text }).into_iter().collect();
                let encrypted_content = seal.blob.clone();
                self.push(&Item::Reasoning { summary, encrypted_content });
            }
            Some(_) => self.losses.push(Token::DropThinkingForeign, at),
            None => self.losses.push(Token::DropThinking, at),
        }
    }

    fn call(&mut self, call: &Call, at: &str) {
        self.losses.push_if(call.cache.is_some(), Token::DropCacheControl, at);
        self.losses.push_if(call.seal.is_some(), Token::DropThinkingForeign, at);
        let call_id = self.names.call(&call.id, Bounds::SHORT_CALL_ID);
        let (namespace, name) = (call.namespace.clone(), call.name.clone());
        let tool = ToolName { namespace, name, kind: call.kind };
        let name = self.names.tool(tool, Bounds::OPENAI_NAME);
        let status = "completed";
        let (kind, item) = match (call.kind, shells::action(call.kind, &call.args)) {
            (CallKind::LocalShell, Some(action)) => {
                (call.kind, Item::LocalShellCall { call_id, status, action })
            }
            (CallKind::Shell, Some(action)) => {
                (call.kind, Item::ShellCall { call_id, status, action })
            }
            (CallKind::ApplyPatch, Some(operation)) => {
                (call.kind, Item::ApplyPatchCall { call_id, status, operation })
            }
            (CallKind::Custom, _) => {
                let input = call.args.clone();
                (call.kind, Item::CustomToolCall { call_id, name, input })
            }
            _ => {
                let arguments =
                    if call.args.trim().is_empty() { "{}".to_owned() } else { call.args.clone() };
                (CallKind::Function, Item::FunctionCall { call_id, name, arguments })
            }
        };
        self.kinds.insert(call.id.clone(), kind);
        self.push(&item);
    }

    fn result(&mut self, result: &ToolResult, at: &str) {
        self.losses.push_if(result.cache.is_some(), Token::DropCacheControl, at);
        let call_id = self.names.call(&result.call, Bounds::SHORT_CALL_ID);
        let kind = self.kinds.get(&result.call).copied().unwrap_or(result.kind);
        let item = match kind {
            CallKind::ApplyPatch => {
                let status = if result.error { "failed" } else { "completed" };
                Item::ApplyPatchCallOutput { call_id, status, output: text_of(result) }
            }
            CallKind::Shell => match shells::shell_output(&text_of(result), result.error) {
                Some(output) => Item::ShellCallOutput { call_id, output },
                None => Item::FunctionCallOutput { call_id, output: self.output(result, at) },
            },
            // Codex answers its local shell as a function, and that is taken.
            CallKind::LocalShell if result.kind == CallKind::LocalShell => {
                Item::LocalShellCallOutput { call_id, output: text_of(result) }
            }
            CallKind::Custom => {
                Item::CustomToolCallOutput { call_id, output: self.output(result, at) }
            }
            CallKind::Function | CallKind::LocalShell => {
                Item::FunctionCallOutput { call_id, output: self.output(result, at) }
            }
        };
        self.push(&item);
    }

    fn output(&mut self, result: &ToolResult, at: &str) -> Output {
        self.losses.push_if(result.error, Token::ApproxToolErrorAsText, at);
        let failed = if result.error { FAILED } else { "" };
        if result.content.iter().all(|part| matches!(part, Part::Text(_))) {
            for part in &result.content {
                if let Part::Text(text) = part {
                    content_out::say_lost(text, part.place(at), self.losses);
                }
            }
            return Output::Text(text_behind(failed, result));
        }
        let mut pieces = Vec::with_capacity(result.content.len());
        if result.error {
            pieces.push(Piece::InputText { text: failed.trim().to_owned() });
        }
        let content = result.content.iter();
        pieces.extend(
            content.filter_map(|part| content_out::input(part, part.place(at), self.losses)),
        );
        Output::Pieces(pieces)
    }

    fn push(&mut self, item: &Item) {
        self.list.extend(Json::of(item));
    }
}

/// Returns the texts of a result, a line apart.
fn text_of(result: &ToolResult) -> String {
    text_behind("", result)
}

/// Returns the texts of a result, a line apart, behind other words. They may be long: each is copied once.
fn text_behind(words: &str, result: &ToolResult) -> String {
    let texts = || {
        result.content.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.text.as_str()),
            _ => None,
        })
    };
    let length = texts().map(|text| text.len() + 1).fold(words.len(), usize::saturating_add);
    let mut whole = String::with_capacity(length);
    whole.push_str(words);
    for (number, text) in texts().enumerate() {
        if number > 0 {
            whole.push('\n');
        }
        whole.push_str(text);
    }
    whole
}
