//! Items of `input`, read into turns.

use serde::Deserialize;

use super::super::Refused;
use super::super::fields::{read_noticing, say_unknown};
use super::super::hub::{
    Call, CallKind, Family, Json, Opaque, Part, Place, Role, ServerTool, SystemText, Text,
    Thinking, ToolResult,
};
use super::super::loss::{Losses, Token};
use super::super::unread;
use super::content_in::{parts, string};
use super::seals::{self, Slot};
use super::shells;
use super::turns::Turns;

/// What is read of items, and what in them is their vendor's own: ids, and how far they have come.
const KNOWN: [&str; 17] = [
    "type",
    "role",
    "content",
    "id",
    "call_id",
    "name",
    "namespace",
    "arguments",
    "input",
    "output",
    "status",
    "action",
    "operation",
    "summary",
    "encrypted_content",
    "tools",
    "phase",
];

/// An item, of any kind.
#[derive(Deserialize)]
struct Item {
    #[serde(rename = "type")]
    kind: Option<String>,
    role: Option<String>,
    content: Option<Json>,
    id: Option<String>,
    call_id: Option<String>,
    name: Option<String>,
    namespace: Option<String>,
    arguments: Option<Json>,
    input: Option<Json>,
    output: Option<Json>,
    status: Option<String>,
    action: Option<Json>,
    operation: Option<Json>,
    summary: Option<Json>,
    encrypted_content: Option<String>,
    tools: Option<Json>,
    phase: Option<Json>,
}

impl Item {
    fn kind(&self) -> &str {
        match &self.kind {
            Some(kind) => kind,
            None if self.role.is_some() => "message",
            // The one kind that may go unnamed besides messages.
            None => "item_reference",
        }
    }

    /// Tells whether it is kept or lost as a whole: nothing more is to be said of it.
    fn is_kept(&self) -> bool {
        let kind = self.kind();
        is_opaque(kind) || is_hosted(kind) || kind.starts_with("tool_search")
    }
}

/// What stands in `input`.
#[derive(Default)]
pub(super) struct Input {
    /// Instructions before anybody speaks.
    pub(super) system: Vec<SystemText>,
    /// The conversation.
    pub(super) turns: Turns,
    /// Tools that became known on the way, with their places.
    pub(super) tools: Vec<(Json, String)>,
}

impl Input {
    /// Reads `input`: a text, or items.
    pub(super) fn read(&mut self, input: &Json, losses: &mut Losses) -> Result<(), Refused> {
        if let Ok(text) = input.read::<String>() {
            let text = Text { at: Place::new("/input"), ..Text::plain(text) };
            self.turns.say(Role::User, vec![Part::Text(text)], "/input");
            return Ok(());
        }
        let items = input
            .read::<Vec<Json>>()
            .map_err(|_| Refused::new("`input` must be a string or a list of items"))?;
        for (number, raw) in items.into_iter().enumerate() {
            let at = format!("/input/{number}");
            let (item, has_unknown) = read_noticing::<Item>(raw.text(), &KNOWN)
                .map_err(|error| Refused::new(format!("`input[{number}]` is no item: {error}")))?;
            if !item.is_kept() {
                if has_unknown {
                    say_unknown(raw.text(), &KNOWN, &at, losses);
                }
                losses.push_if(item.phase.is_some(), Token::DropHint, &format!("{at}/phase"));
            }
            self.item(item, raw, &at, losses);
        }
        Ok(())
    }

    fn item(&mut self, item: Item, raw: Json, at: &str, losses: &mut Losses) {
        let kind = item.kind().to_owned();
        let place = || Place::new(at);
        match kind.as_str() {
            "message" => self.message(&item, at, losses),
            "reasoning" => self.reasoning(item, at),
            "function_call" => self.call(item, CallKind::Function, at),
            "custom_tool_call" => self.call(item, CallKind::Custom, at),
            "local_shell_call" => self.call(item, CallKind::LocalShell, at),
            "shell_call" => self.call(item, CallKind::Shell, at),
            "apply_patch_call" => self.call(item, CallKind::ApplyPatch, at),
            "function_call_output" => self.result(item, CallKind::Function, at, losses),
            "custom_tool_call_output" => self.result(item, CallKind::Custom, at, losses),
            "local_shell_call_output" => self.result(item, CallKind::LocalShell, at, losses),
            "shell_call_output" => self.result(item, CallKind::Shell, at, losses),
            "apply_patch_call_output" => self.result(item, CallKind::ApplyPatch, at, losses),
            "tool_search_call" => losses.push(Token::DropToolSearch, at),
            "tool_search_output" => {
                losses.push(Token::DropToolSearch, at);
                self.learn(&item, at);
            }
            "additional_tools" => self.learn(&item, at),
            opaque if is_opaque(opaque) => {
                let family = Family::OpenAi;
                let opaque = Part::Opaque(Opaque { family, kind, raw, at: place() });
                self.turns.say(Role::Assistant, vec![opaque], at);
            }
            hosted if is_hosted(hosted) => {
                let role = if hosted.ends_with("_output") || hosted == "mcp_approval_response" {
                    Role::User
                } else {
                    Role::Assistant
                };
                let family = Family::OpenAi;
                let server = Part::Server(ServerTool { family, kind, raw, at: place() });
                self.turns.say(role, vec![server], at);
            }
            _ => losses.push(Token::DropContent, at),
        }
    }

    fn message(&mut self, item: &Item, at: &str, losses: &mut Losses) {
        let Some(content) = &item.content else { return };
        let mut said = parts(content, &format!("{at}/content"), losses);
        let role = match item.role.as_deref() {
            Some("assistant") => Role::Assistant,
            Some("system" | "developer") => Role::System,
            _ => Role::User,
        };
        if said.is_empty() && role == Role::User {
            said.extend(unread::stub_of(content.text(), at));
        }
        let all_text = || said.iter().all(|part| matches!(part, Part::Text(_)));
        if role != Role::System || self.turns.has_begun() || !all_text() {
            self.turns.say(role, said, at);
            return;
        }
        self.system.extend(said.into_iter().filter_map(|part| match part {
            Part::Text(text) => Some(SystemText::from(text)),
            _ => None,
        }));
    }

    /// Reads thinking. What carries only a seal of the item before it puts that back.
    fn reasoning(&mut self, item: Item, at: &str) {
        let text = readable(item.summary.as_ref(), item.content.as_ref());
        let sealed = item.encrypted_content.filter(|blob| !blob.is_empty());
        let sealed = sealed.map(|blob| seals::read(&blob));
        let place = || Place::new(at);
        let thinking = match sealed {
            Some((Some(seal), slot @ (Slot::Call | Slot::Text))) => {
                self.turns.seal(seal, &slot);
                return;
            }
            Some((Some(seal), Slot::Hidden(text))) => {
                Thinking { text, redacted: false, seal: Some(seal), at: place() }
            }
            Some((Some(seal), slot)) => {
                Thinking { text, redacted: slot == Slot::Redacted, seal: Some(seal), at: place() }
            }
            _ if text.is_empty() => return,
            _ => Thinking { text, redacted: false, seal: None, at: place() },
        };
        self.turns.say(Role::Assistant, vec![Part::Thinking(thinking)], at);
    }

    fn call(&mut self, item: Item, kind: CallKind, at: &str) {
        let (name, args) = match kind {
            CallKind::Function => (item.name, item.arguments.as_ref().map(string)),
            CallKind::Custom => (item.name, item.input.as_ref().map(string)),
            CallKind::LocalShell | CallKind::Shell | CallKind::ApplyPatch => {
                let action = item.action.or(item.operation);
                let args = action.map(|action| shells::args(kind, &action));
                (Some(name_of(kind).to_owned()), args)
            }
        };
        let call = Call {
            id: item.call_id.or(item.id).unwrap_or_else(|| nameless(at)),
            name: name.unwrap_or_default(),
            args: args.unwrap_or_default(),
            kind,
            namespace: item.namespace.filter(|namespace| !namespace.is_empty()),
            seal: None,
            cache: None,
            at: Place::new(at),
        };
        self.turns.call(call, at);
    }

    fn result(&mut self, item: Item, kind: CallKind, at: &str, losses: &mut Losses) {
        let (content, failed) = match (&item.output, kind) {
            (None, _) => (Vec::new(), false),
            // Its pieces are for programs: they stay as they are.
            (Some(output), CallKind::Shell) => {
                let text = Text::plain(string(output));
                (vec![Part::Text(Text { at: Place::new(at), ..text })], false)
            }
            (Some(output), _) => output_parts(output, &format!("{at}/output"), losses),
        };
        let result = ToolResult {
            call: item.call_id.or(item.id).unwrap_or_default(),
            kind,
            content,
            error: failed || item.status.as_deref() == Some("failed"),
            cache: None,
            at: Place::new(at),
        };
        self.turns.result(result, at);
    }

    fn learn(&mut self, item: &Item, at: &str) {
        let tools = item.tools.as_ref().and_then(|tools| tools.read::<Vec<Json>>().ok());
        for (number, tool) in tools.unwrap_or_default().into_iter().enumerate() {
            self.tools.push((tool, format!("{at}/tools/{number}")));
        }
    }
}

/// Returns the name that a tool without one goes by.
pub(super) const fn name_of(kind: CallKind) -> &'static str {
    match kind {
        CallKind::Function | CallKind::Custom => "",
        CallKind::LocalShell => "local_shell",
        CallKind::Shell => "shell",
        CallKind::ApplyPatch => "apply_patch",
    }
}

/// Tells whether items of a kind can be read by their vendor alone.
fn is_opaque(kind: &str) -> bool {
    matches!(kind, "compaction" | "compaction_summary" | "context_compaction" | "item_reference")
}

/// Tells whether items of a kind are of a tool that the vendor runs.
pub(super) fn is_hosted(kind: &str) -> bool {
    matches!(
        kind,
        "web_search_call"
            | "file_search_call"
            | "code_interpreter_call"
            | "image_generation_call"
            | "computer_call"
            | "computer_call_output"
            | "mcp_call"
            | "mcp_list_tools"
            | "mcp_approval_request"
            | "mcp_approval_response"
    )
}

/// Returns what may be read of thinking: its summary, else its text.
pub(super) fn readable(summary: Option<&Json>, content: Option<&Json>) -> String {
    #[derive(Deserialize)]
    struct Said {
        text: Option<String>,
    }
    let texts = |list: Option<&Json>| {
        let said = list.and_then(|list| list.read::<Vec<Said>>().ok()).unwrap_or_default();
        said.into_iter().filter_map(|said| said.text).filter(|text| !text.is_empty()).collect()
    };
    let summary: Vec<String> = texts(summary);
    let said = if summary.is_empty() { texts(content) } else { summary };
    said.join("\n\n")
}

/// Makes an id for a call without one: the same in every request.
fn nameless(at: &str) -> String {
    format!("call{}", at.replace('/', "_"))
}

/// Reads a result: a text, pieces, or the object `{content, success}`.
fn output_parts(output: &Json, at: &str, losses: &mut Losses) -> (Vec<Part>, bool) {
    #[derive(Deserialize)]
    struct Wrapped {
        content: Json,
        success: Option<bool>,
    }
    if let Ok(Wrapped { content, success }) = output.read::<Wrapped>() {
        return (parts(&content, &format!("{at}/content"), losses), success == Some(false));
    }
    if output.is_object() {
        let text = Text { at: Place::new(at), ..Text::plain(output.text()) };
        return (vec![Part::Text(text)], false);
    }
    (parts(output, at, losses), false)
}
