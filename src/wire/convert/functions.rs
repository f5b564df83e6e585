//! Tools that are no functions, as functions: what Codex offers besides them (tools that take text, its
//! shells, its patches) goes to vendors who know functions alone, and what they call comes back as what it
//! was.

use serde::{Deserialize, Serialize};

use super::hub::{CallKind, CustomFormat, Json, Tool, ToolKind};
use super::loss::{Losses, Token};
use super::names::ToolName;

/// A tool as a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// What it is for; with a grammar behind it, when it has one.
    pub description: Option<String>,
    /// The schema of its arguments, always an object's.
    pub schema: Json,
    /// The arguments must keep to it.
    pub strict: Option<bool>,
}

impl Tool {
    /// Returns it as the client knows it, for the way back.
    #[must_use]
    pub fn name_of(&self) -> ToolName {
        let (namespace, name) = (self.namespace.clone(), self.name.clone());
        ToolName { namespace, name, kind: self.call_kind() }
    }

    /// Returns what kind of call calls it.
    #[must_use]
    pub const fn call_kind(&self) -> CallKind {
        match self.kind {
            ToolKind::Function { .. } | ToolKind::Hosted { .. } => CallKind::Function,
            ToolKind::Custom(_) => CallKind::Custom,
            ToolKind::LocalShell => CallKind::LocalShell,
            ToolKind::Shell => CallKind::Shell,
            ToolKind::ApplyPatch => CallKind::ApplyPatch,
        }
    }

    /// Returns it as a function; `None` for what the vendor itself runs. `at` is its place in the body.
    #[must_use]
    pub fn as_function(&self, losses: &mut Losses, at: &str) -> Option<Function> {
        let described = self.description.clone();
        Some(match &self.kind {
            ToolKind::Function { schema, strict } => Function {
                description: described,
                schema: schema.clone().unwrap_or_else(|| of(ANYTHING)),
                strict: *strict,
            },
            ToolKind::Custom(format) => {
                losses.push(Token::ApproxCustomAsFunction, at);
                let grammar = match format {
                    CustomFormat::Text => None,
                    CustomFormat::Grammar { syntax, definition } => {
                        losses.push(Token::ApproxGrammarAsPrompt, at);
                        Some(format!(
                            "The input must be text of this {syntax} grammar:\n{definition}"
                        ))
                    }
                };
                let said = [described, grammar].into_iter().flatten().collect::<Vec<_>>();
                Function {
                    description: (!said.is_empty()).then(|| said.join("\n\n")),
                    schema: of(TEXT),
                    strict: None,
                }
            }
            ToolKind::LocalShell => Function {
                description: described
                    .or_else(|| Some("Runs a command on the user's machine.".to_owned())),
                schema: of(LOCAL_SHELL),
                strict: None,
            },
            ToolKind::Shell => Function {
                description: described
                    .or_else(|| Some("Runs commands in a shell on the user's machine.".to_owned())),
                schema: of(SHELL),
                strict: None,
            },
            ToolKind::ApplyPatch => Function {
                description: described
                    .or_else(|| Some("Creates, changes or deletes one file by a diff.".to_owned())),
                schema: of(APPLY_PATCH),
                strict: None,
            },
            ToolKind::Hosted { .. } => return None,
        })
    }
}

fn of(schema: &str) -> Json {
    Json::parse(schema).unwrap_or_else(Json::empty_object)
}

const ANYTHING: &str = r#"{"type":"object","properties":{}}"#;

const TEXT: &str =
    r#"{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}"#;

const LOCAL_SHELL: &str = concat!(
    r#"{"type":"object","properties":{"command":{"type":"array","items":{"type":"string"}},"#,
    r#""timeout_ms":{"type":"integer"},"working_directory":{"type":"string"},"#,
    r#""env":{"type":"object","properties":{}},"user":{"type":"string"}},"required":["command"]}"#,
);

const SHELL: &str = concat!(
    r#"{"type":"object","properties":{"commands":{"type":"array","items":{"type":"string"}},"#,
    r#""timeout_ms":{"type":"integer"},"max_output_length":{"type":"integer"}},"#,
    r#""required":["commands"]}"#,
);

const APPLY_PATCH: &str = concat!(
    r#"{"type":"object","properties":{"type":{"type":"string","enum":["create_file","update_file","#,
    r#""delete_file"]},"path":{"type":"string"},"diff":{"type":"string"}},"#,
    r#""required":["type","path"]}"#,
);

/// Returns a call's arguments as a function takes them: the text of a JSON object.
#[must_use]
pub fn args_of(kind: CallKind, args: &str, losses: &mut Losses, at: &str) -> Json {
    if kind == CallKind::Custom {
        return wrapped(args);
    }
    if args.trim().is_empty() {
        return Json::empty_object();
    }
    if let Some(object) = Json::parse(args).filter(Json::is_object) {
        return object;
    }
    losses.push(Token::ApproxArgsWrapped, at);
    Json::parse(args).map_or_else(|| wrapped(args), |raw| wrapped(&raw))
}

#[derive(Serialize)]
struct Wrapped<'a, T: ?Sized> {
    input: &'a T,
}

/// Makes an object of what is none.
fn wrapped<T: Serialize + ?Sized>(input: &T) -> Json {
    Json::of(&Wrapped { input }).unwrap_or_else(Json::empty_object)
}

/// What a function that stands for a tool of text is called with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    input: String,
}

/// Returns what a function was called with, as a call of its kind has it. A tool that takes text is given
/// the text; what is not of the form it was told comes as it is.
#[must_use]
pub fn args_back(kind: CallKind, args: &str) -> String {
    if kind != CallKind::Custom {
        return args.to_owned();
    }
    serde_json::from_str::<Input>(args).map_or_else(|_| args.to_owned(), |input| input.input)
}

#[cfg(test)]
mod tests {
    use super::super::hub::Place;
    use super::*;

    #[test]
    fn text_comes_back_from_a_function() {
        let mut losses = Losses::default();
        let text = "*** Begin \"Patch\"\n";
        let args = args_of(CallKind::Custom, text, &mut losses, "");
        assert_eq!(args_back(CallKind::Custom, args.text()), text);
        assert_eq!(args_back(CallKind::Custom, "{\"other\":1}"), "{\"other\":1}");
        assert!(losses.is_empty());
    }

    #[test]
    fn what_is_no_object_is_wrapped_and_said() {
        let mut losses = Losses::default();
        let args = args_of(CallKind::Function, "[1]", &mut losses, "/a");
        assert_eq!(args.text(), "{\"input\":[1]}");
        assert_eq!(
            args_of(CallKind::Function, "{x", &mut losses, "/a").text(),
            "{\"input\":\"{x\"}"
        );
        assert!(losses.has(Token::ApproxArgsWrapped));
        let mut none = Losses::default();
        assert_eq!(args_of(CallKind::Function, " ", &mut none, "").text(), "{}");
        assert_eq!(
            args_of(CallKind::Function, "{\"n\":1.50}", &mut none, "").text(),
            "{\"n\":1.50}"
        );
        assert!(none.is_empty());
    }

    #[test]
    fn schemas_are_json() {
        for schema in [ANYTHING, TEXT, LOCAL_SHELL, SHELL, APPLY_PATCH] {
            assert!(Json::parse(schema).is_some(), "{schema}");
        }
    }

    #[test]
    fn a_grammar_is_told_in_words() {
        let format = CustomFormat::Grammar { syntax: "lark".into(), definition: "start: x".into() };
        let tool = Tool {
            at: Place::default(),
            name: "apply_patch".into(),
            description: Some("Patches.".into()),
            kind: ToolKind::Custom(format),
            namespace: None,
            cache: None,
        };
        let mut losses = Losses::default();
        let function = tool.as_function(&mut losses, "/tools/0").unwrap();
        assert!(function.description.unwrap().ends_with("start: x"));
        assert!(
            losses.has(Token::ApproxGrammarAsPrompt) && losses.has(Token::ApproxCustomAsFunction)
        );
    }
}
