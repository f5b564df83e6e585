//! Tools, and whether one must be called, as a provider is told.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::search::{self, SearchOptions};
use crate::wire::convert::Refused;
use crate::wire::convert::functions::Function;
use crate::wire::convert::hub::{Choice, CustomFormat, Family, Json, Request, Tool, ToolKind};
use crate::wire::convert::loss::{Losses, Token};
use crate::wire::convert::names::{Bounds, Names};
use crate::wire::convert::search::SearchBounds;
use crate::wire::convert::target::Target;

/// A tool for a provider.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum ToolOut {
    Known(KnownOut),
    /// Another vendor's of this format, as it was.
    Raw(Json),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum KnownOut {
    Function { function: FunctionOut },
    Custom { custom: CustomOut },
}

#[derive(Serialize)]
pub(super) struct FunctionOut {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    parameters: Json,
    #[serde(skip_serializing_if = "Option::is_none")]
    strict: Option<bool>,
}

#[derive(Serialize)]
pub(super) struct CustomOut {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<FormatOut>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum FormatOut {
    Grammar { grammar: GrammarOut },
}

#[derive(Serialize)]
struct GrammarOut {
    syntax: String,
    definition: String,
}

/// The tools of a request as far as they could be written.
#[derive(Default)]
pub(super) struct Tools {
    pub list: Vec<ToolOut>,
    pub search: Option<SearchOptions>,
    /// Those that can be called, by the client's name.
    called: HashMap<String, Vec<Called>>,
    /// The provider's names of them.
    shorts: HashSet<String>,
    /// Names of those that were left out.
    lost: HashSet<String>,
}

struct Called {
    namespace: Option<String>,
    /// Its name for the provider.
    short: String,
    /// It takes text.
    custom: bool,
}

impl Tools {
    /// Writes the tools.
    pub(super) fn of(
        request: &Request,
        target: &Target,
        names: &mut Names,
        losses: &mut Losses,
    ) -> Self {
        let mut tools = Self::default();
        for tool in &request.tools {
            let at = tool.at.or("");
            losses.push_if(tool.cache.is_some(), Token::DropCacheControl, at);
            if let ToolKind::Hosted { family, raw, .. } = &tool.kind {
                // Models that do not search refuse the field.
                let searches = target.options.web_search && request.model.contains("search");
                let bounds = SearchBounds::of(raw);
                let searches = searches && !bounds.has_domains();
                if *family == Family::Other {
                    tools.list.push(ToolOut::Raw(raw.clone()));
                } else if let Some(options) = search::options(tool).filter(|_| searches) {
                    tools.search = Some(options);
                    bounds.say_others(losses, at);
                } else {
                    losses.push(Token::DropHostedTool, at);
                    tools.lost.insert(tool.name.clone());
                }
                continue;
            }
            tools.add(tool, target, names, losses, at);
        }
        tools
    }

    fn add(
        &mut self,
        tool: &Tool,
        target: &Target,
        names: &mut Names,
        losses: &mut Losses,
        at: &str,
    ) {
        let short = names.tool(tool.name_of(), Bounds::OPENAI_NAME);
        if self.shorts.contains(&short) {
            // Vendors refuse two tools of one name; the first is the one that comes back by it.
            return;
        }
        let (name, mut custom) = (short.clone(), false);
        let known = match &tool.kind {
            ToolKind::Custom(format) if target.options.custom_tools => {
                custom = true;
                let (description, format) = (tool.description.clone(), grammar(format));
                KnownOut::Custom { custom: CustomOut { name, description, format } }
            }
            _ => {
                let Some(function) = tool.as_function(losses, at) else { return };
                let Function { description, schema: parameters, strict } = function;
                let function = FunctionOut { name, description, parameters, strict };
                KnownOut::Function { function }
            }
        };
        self.list.push(ToolOut::Known(known));
        self.shorts.insert(short.clone());
        let called = Called { namespace: tool.namespace.clone(), short, custom };
        self.called.entry(tool.name.clone()).or_default().push(called);
    }
}

fn grammar(format: &CustomFormat) -> Option<FormatOut> {
    let CustomFormat::Grammar { syntax, definition } = format else { return None };
    let grammar = GrammarOut { syntax: syntax.clone(), definition: definition.clone() };
    Some(FormatOut::Grammar { grammar })
}

/// A choice for a provider.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum ChoiceOut {
    Word(&'static str),
    Tool(NamedOut),
    Allowed(AllowedOut),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum NamedOut {
    Function { function: NameOut },
    Custom { custom: NameOut },
}

#[derive(Serialize)]
pub(super) struct NameOut {
    name: String,
}

#[derive(Serialize)]
pub(super) struct AllowedOut {
    #[serde(rename = "type")]
    kind: &'static str,
    allowed_tools: AllowedTools,
}

#[derive(Serialize)]
struct AllowedTools {
    mode: &'static str,
    tools: Vec<NamedOut>,
}

impl Tools {
    /// Writes the choice; `None` where there is nothing to choose from.
    ///
    /// # Errors
    /// A tool must be called that could not be written, or none is left.
    pub(super) fn choice(&self, choice: Option<&Choice>) -> Result<Option<ChoiceOut>, Refused> {
        let forced = matches!(
            choice,
            Some(Choice::Required | Choice::Named { .. } | Choice::Allowed { required: true, .. })
        );
        let none_left = || {
            Refused::new(
                "a tool must be called, but none of the tools can be offered to the provider",
            )
        };
        if self.list.is_empty() {
            return if forced { Err(none_left()) } else { Ok(None) };
        }
        Ok(Some(match choice {
            None => return Ok(None),
            Some(Choice::Auto) => ChoiceOut::Word("auto"),
            Some(Choice::None) => ChoiceOut::Word("none"),
            Some(Choice::Required) => ChoiceOut::Word("required"),
            Some(Choice::Named { namespace, name }) => {
                if self.lost.contains(name) && !self.called.contains_key(name) {
                    return Err(Refused::new(format!(
                        "the tool {name} must be called, but it cannot be offered to the provider"
                    )));
                }
                ChoiceOut::Tool(self.named(namespace.as_deref(), name))
            }
            Some(Choice::Allowed { names, required }) => {
                let mode = if *required { "required" } else { "auto" };
                let kept = names.iter().filter(|name| !self.lost.contains(*name));
                let tools: Vec<NamedOut> = kept.map(|name| self.named(None, name)).collect();
                if tools.is_empty() {
                    let none = ChoiceOut::Word("none");
                    return if forced { Err(none_left()) } else { Ok(Some(none)) };
                }
                let allowed_tools = AllowedTools { mode, tools };
                ChoiceOut::Allowed(AllowedOut { kind: "allowed_tools", allowed_tools })
            }
        }))
    }

    fn named(&self, namespace: Option<&str>, name: &str) -> NamedOut {
        let same =
            |called: &&Called| namespace.is_none() || called.namespace.as_deref() == namespace;
        let called = self.called.get(name).and_then(|named| named.iter().find(same));
        let whole = match namespace {
            Some(namespace) => format!("{namespace}__{name}"),
            None => name.to_owned(),
        };
        let short = called.map(|called| called.short.clone());
        let name = NameOut { name: short.unwrap_or_else(|| Bounds::OPENAI_NAME.fit(&whole)) };
        if called.is_some_and(|called| called.custom) {
            return NamedOut::Custom { custom: name };
        }
        NamedOut::Function { function: name }
    }
}
