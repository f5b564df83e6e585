//! Codex' shells and patches, whose calls and results have forms of their own here and are functions
//! everywhere else.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::super::hub::{CallKind, Json};

/// What a local shell is to run. On the wire it also says `"type": "exec"`, and always has an environment.
#[derive(Deserialize, Serialize)]
struct Exec<'a> {
    command: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    working_directory: Option<String>,
    #[serde(borrow, skip_serializing_if = "is_absent")]
    env: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
}

#[expect(clippy::ref_option_ref, reason = "serde hands a field over so")]
fn is_absent(env: &Option<&RawValue>) -> bool {
    env.is_none_or(|env| matches!(env.get().trim(), "{}" | "null"))
}

/// As [`Exec`], for the wire.
#[derive(Serialize)]
struct Action<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    command: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_ms: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    working_directory: Option<String>,
    env: &'a RawValue,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<String>,
}

#[derive(Deserialize)]
struct Commands {
    #[serde(rename = "commands")]
    _commands: Vec<String>,
}

#[derive(Deserialize)]
struct Operation {
    #[serde(rename = "type")]
    _kind: String,
    #[serde(rename = "path")]
    _path: String,
}

/// Returns what stands in `action` or `operation` for a call's arguments; `None` when they are not of the
/// kind's form, or the kind has none: then the call is one of a function.
pub(super) fn action(kind: CallKind, args: &str) -> Option<Json> {
    match kind {
        CallKind::LocalShell => {
            let exec = serde_json::from_str::<Exec<'_>>(args).ok()?;
            let nothing = serde_json::from_str::<&RawValue>("{}").ok()?;
            Json::of(&Action {
                kind: "exec",
                command: exec.command,
                timeout_ms: exec.timeout_ms,
                working_directory: exec.working_directory,
                env: exec.env.unwrap_or(nothing),
                user: exec.user,
            })
        }
        CallKind::Shell => {
            let _fits = serde_json::from_str::<Commands>(args).ok()?;
            Json::parse(args)
        }
        CallKind::ApplyPatch => {
            let _fits = serde_json::from_str::<Operation>(args).ok()?;
            Json::parse(args)
        }
        CallKind::Function | CallKind::Custom => None,
    }
}

/// Returns the arguments that an `action` or `operation` stands for.
pub(super) fn args(kind: CallKind, action: &Json) -> String {
    let plain = || action.text().to_owned();
    if kind != CallKind::LocalShell {
        return plain();
    }
    let exec = action.read::<Exec<'_>>().ok().and_then(|exec| Json::of(&exec));
    exec.map_or_else(plain, |exec| exec.text().to_owned())
}

/// A piece of what a shell put out.
#[derive(Serialize)]
struct Printed<'a> {
    stdout: &'a str,
    stderr: &'static str,
    outcome: Outcome,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Outcome {
    Exit { exit_code: u8 },
}

/// Returns what stands in a shell's `output`: the pieces as the client sent them, or a text as one.
pub(super) fn shell_output(text: &str, error: bool) -> Option<Json> {
    #[derive(Deserialize)]
    struct Piece {
        #[serde(rename = "outcome")]
        _outcome: Value,
    }
    if serde_json::from_str::<Vec<Piece>>(text).is_ok() {
        return Json::parse(text);
    }
    let outcome = Outcome::Exit { exit_code: u8::from(error) };
    Json::of(&[Printed { stdout: text, stderr: "", outcome }])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_model_wants_run_comes_back_as_it_wrote_it() {
        let args_text = r#"{"command":["ls","-l"],"working_directory":"/tmp"}"#;
        let on_wire = action(CallKind::LocalShell, args_text).unwrap();
        let wanted = r#"{"type":"exec","command":["ls","-l"],"working_directory":"/tmp","env":{}}"#;
        assert_eq!(on_wire.text(), wanted);
        assert_eq!(args(CallKind::LocalShell, &on_wire), args_text);
    }

    #[test]
    fn what_has_not_the_form_of_its_kind_is_told_apart() {
        for (kind, args) in [
            (CallKind::LocalShell, r#"{"command":"ls"}"#),
            (CallKind::LocalShell, "{"),
            (CallKind::Shell, r#"{"command":["ls"]}"#),
            (CallKind::ApplyPatch, r#"{"path":"a"}"#),
            (CallKind::Function, "{}"),
        ] {
            assert_eq!(action(kind, args), None, "{args}");
        }
        let patch = r#"{"type":"delete_file","path":"a"}"#;
        assert_eq!(action(CallKind::ApplyPatch, patch).unwrap().text(), patch);
    }

    #[test]
    fn the_output_of_a_shell_keeps_its_form_or_is_given_one() {
        let pieces = r#"[{"stdout":"a","stderr":"","outcome":{"type":"timeout"}}]"#;
        assert_eq!(shell_output(pieces, false).unwrap().text(), pieces);
        let made = shell_output("no such file", true).unwrap().tree();
        assert_eq!(made[0]["stdout"], "no such file");
        assert_eq!(made[0]["outcome"]["exit_code"], 1);
    }
}
