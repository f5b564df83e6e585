//! A call for a client, as the tool that it offered: a function, a tool that takes text, a shell, a patch.

use super::super::functions::args_back;
use super::super::hub::{CallKind, Delta, Json, Seal};
use super::super::reply::Reply;
use super::frames_out::{Frame, Frames, Spot};
use super::item_out::{ItemOut, whole};
use super::items_in::name_of;
use super::shells;
use super::unwrap::Unwrap;

/// An open call.
#[derive(Debug)]
pub(super) struct CallOut {
    /// As what the client offered the tool.
    kind: CallKind,
    call_id: String,
    namespace: Option<String>,
    name: String,
    /// What the upstream has said.
    args: String,
    form: Form,
    seal: Option<Seal>,
}

/// How it is told.
#[derive(Debug)]
enum Form {
    /// As it comes.
    Plain(Spot),
    /// As text taken out of JSON; so much of it as has come.
    Unwrapped(Spot, Unwrap, String),
    /// At its end.
    Whole,
}

impl CallOut {
    /// Begins a call of a tool that the upstream knows by a name, as a kind.
    pub(super) fn begin(
        id: &str,
        name: &str,
        kind: CallKind,
        namespace: Option<&str>,
        reply: &Reply,
        (frames, out): (&mut Frames, &mut Vec<u8>),
    ) -> Self {
        let known = reply.names.tool_of(name);
        // What comes in a form of this format needs no other.
        let (told, comes_so) = match known {
            Some(tool) if kind == CallKind::Function => (tool.kind, false),
            _ => (kind, true),
        };
        let mut call = Self {
            kind: told,
            call_id: reply.names.call_of(id).to_owned(),
            namespace: known
                .map_or_else(|| namespace.map(str::to_owned), |tool| tool.namespace.clone()),
            name: known.map_or_else(|| name.to_owned(), |tool| tool.name.clone()),
            args: String::new(),
            form: Form::Whole,
            seal: None,
        };
        let prefix = match told {
            CallKind::Function => "fc",
            CallKind::Custom => "ctc",
            CallKind::LocalShell | CallKind::Shell | CallKind::ApplyPatch => return call,
        };
        let spot = frames.begin(prefix);
        frames.added(&spot, &call.item(&spot.id, "in_progress", ""), out);
        let unwraps = told == CallKind::Custom && !comes_so;
        call.form = if unwraps {
            Form::Unwrapped(spot, Unwrap::default(), String::new())
        } else {
            Form::Plain(spot)
        };
        call
    }

    /// Takes what is added.
    pub(super) fn delta(&mut self, delta: &Delta, frames: &mut Frames, out: &mut Vec<u8>) {
        match delta {
            Delta::Args(args) if !args.is_empty() => {
                self.args.push_str(args);
                match &mut self.form {
                    Form::Plain(spot) => tell(self.kind, spot, args, frames, out),
                    Form::Unwrapped(spot, unwrap, text) => {
                        let before = text.len();
                        unwrap.push(args, text);
                        let more = text.get(before..).unwrap_or_default();
                        if !more.is_empty() {
                            tell(self.kind, spot, more, frames, out);
                        }
                    }
                    Form::Whole => {}
                }
            }
            Delta::Seal(seal) => self.seal = Some(seal.clone()),
            Delta::Args(_) | Delta::Text(_) | Delta::Citation(_) => {}
        }
    }

    /// Ends the call, and returns the seal that was on it.
    pub(super) fn end(mut self, frames: &mut Frames, out: &mut Vec<u8>) -> Option<Seal> {
        match std::mem::replace(&mut self.form, Form::Whole) {
            Form::Plain(spot) => {
                if self.args.is_empty() && self.kind == CallKind::Function {
                    self.args.push_str("{}");
                    tell(self.kind, &spot, "{}", frames, out);
                }
                self.done(&spot, &self.args, frames, out);
            }
            Form::Unwrapped(spot, unwrap, text) if unwrap.is_whole() => {
                self.done(&spot, &text, frames, out);
            }
            Form::Unwrapped(spot, _, text) => {
                // Not the form it was told, or cut: it is given as it is, so that it cannot look whole.
                let args = args_back(self.kind, &self.args);
                if text.is_empty() && !args.is_empty() {
                    tell(self.kind, &spot, &args, frames, out);
                }
                self.done(&spot, &args, frames, out);
            }
            Form::Whole => self.at_once(frames, out),
        }
        self.seal
    }

    /// Writes a call of a shell or a patch; what has not its form is a call of a function, which the
    /// client can refuse.
    fn at_once(&mut self, frames: &mut Frames, out: &mut Vec<u8>) {
        if let Some(action) = shells::action(self.kind, &self.args) {
            let action = super::frames_out::on_one_line(&action);
            whole(prefix(self.kind), frames, out, |id, status| {
                let call_id = self.call_id.as_str();
                match self.kind {
                    CallKind::ApplyPatch => {
                        ItemOut::ApplyPatchCall { id, status, call_id, operation: &action }
                    }
                    CallKind::Shell => ItemOut::ShellCall { id, status, call_id, action: &action },
                    _ => ItemOut::LocalShellCall { id, status, call_id, action: &action },
                }
                .json()
            });
            return;
        }
        if self.name.is_empty() {
            name_of(self.kind).clone_into(&mut self.name);
        }
        self.kind = CallKind::Function;
        if self.args.is_empty() {
            self.args.push_str("{}");
        }
        let spot = frames.begin(prefix(self.kind));
        frames.added(&spot, &self.item(&spot.id, "in_progress", ""), out);
        tell(self.kind, &spot, &self.args, frames, out);
        self.done(&spot, &self.args, frames, out);
    }

    fn done(&self, spot: &Spot, args: &str, frames: &mut Frames, out: &mut Vec<u8>) {
        let (kind, frame) = if self.kind == CallKind::Custom {
            let frame = Frame { input: Some(args), ..spot.frame() };
            ("response.custom_tool_call_input.done", frame)
        } else {
            let frame = Frame { arguments: Some(args), ..spot.frame() };
            ("response.function_call_arguments.done", frame)
        };
        frames.write(kind, &frame, out);
        frames.done(spot, self.item(&spot.id, "completed", args), out);
    }

    fn item(&self, id: &str, status: &'static str, args: &str) -> Json {
        let (call_id, name) = (self.call_id.as_str(), self.name.as_str());
        let namespace = self.namespace.as_deref();
        if self.kind == CallKind::Custom {
            let input = args;
            return ItemOut::CustomToolCall { id, status, call_id, namespace, name, input }.json();
        }
        let arguments = args;
        ItemOut::FunctionCall { id, status, call_id, namespace, name, arguments }.json()
    }
}

const fn prefix(kind: CallKind) -> &'static str {
    match kind {
        CallKind::Function => "fc",
        CallKind::Custom => "ctc",
        CallKind::LocalShell => "lsh",
        CallKind::Shell => "sh",
        CallKind::ApplyPatch => "apc",
    }
}

fn tell(kind: CallKind, spot: &Spot, args: &str, frames: &mut Frames, out: &mut Vec<u8>) {
    let event = if kind == CallKind::Custom {
        "response.custom_tool_call_input.delta"
    } else {
        "response.function_call_arguments.delta"
    };
    frames.write(event, &Frame { delta: Some(args), ..spot.frame() }, out);
}
