//! The tools of a request, and whether one must be called.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::lax::{field, lax, object};
use super::message::Mark;
use crate::wire::convert::Refused;
use crate::wire::convert::fields::{read_noticing, read_saying, say_unknown};
use crate::wire::convert::hub::{Choice, CustomFormat, Family, Json, Place, Tool, ToolKind};
use crate::wire::convert::loss::Losses;

/// What is read of tools, and of what stands in them.
const TOOL: [&str; 4] = ["type", "function", "custom", "cache_control"];
const FUNCTION: [&str; 5] = ["name", "description", "parameters", "strict", "cache_control"];
const CUSTOM: [&str; 3] = ["name", "description", "format"];
const FORMAT: [&str; 2] = ["type", "grammar"];
const GRAMMAR: [&str; 2] = ["syntax", "definition"];

#[derive(Default, Deserialize)]
#[serde(default)]
struct ToolIn<'a> {
    #[serde(rename = "type", deserialize_with = "lax")]
    kind: Option<String>,
    #[serde(borrow)]
    function: Option<&'a RawValue>,
    #[serde(borrow)]
    custom: Option<&'a RawValue>,
    #[serde(deserialize_with = "lax")]
    cache_control: Option<Mark>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FunctionIn<'a> {
    name: String,
    #[serde(deserialize_with = "lax")]
    description: Option<String>,
    #[serde(borrow)]
    parameters: Option<&'a RawValue>,
    #[serde(deserialize_with = "lax")]
    strict: Option<bool>,
    #[serde(deserialize_with = "lax")]
    cache_control: Option<Mark>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CustomIn<'a> {
    name: String,
    #[serde(deserialize_with = "lax")]
    description: Option<String>,
    #[serde(borrow)]
    format: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct FormatIn<'a> {
    #[serde(borrow)]
    grammar: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct GrammarIn {
    #[serde(deserialize_with = "lax")]
    syntax: Option<String>,
    #[serde(deserialize_with = "lax")]
    definition: Option<String>,
}

/// Reads the tools.
///
/// # Errors
/// They are no list, or one of them has no name.
pub(super) fn tools(raw: Option<&RawValue>, losses: &mut Losses) -> Result<Vec<Tool>, Refused> {
    let list: Vec<&RawValue> = field(raw, "/tools", "a list of tools")?.unwrap_or_default();
    let places = list.into_iter().enumerate();
    places.map(|(place, raw)| tool(raw, &format!("/tools/{place}"), losses)).collect()
}

/// Reads `functions`, as tools were called of old.
///
/// # Errors
/// They are no list, or one of them has no name.
pub(super) fn functions(raw: Option<&RawValue>, losses: &mut Losses) -> Result<Vec<Tool>, Refused> {
    let list: Vec<&RawValue> = field(raw, "/functions", "a list of functions")?.unwrap_or_default();
    let read = |(place, raw): (usize, &RawValue)| {
        let at = format!("/functions/{place}");
        named(function(raw, &at, losses)?, &at, "/parameters")
    };
    list.into_iter().enumerate().map(read).collect()
}

fn tool(raw: &RawValue, at: &str, losses: &mut Losses) -> Result<Tool, Refused> {
    let (tool, has_unknown) = read_noticing::<Option<ToolIn<'_>>>(raw.get(), &TOOL)
        .map_err(|_| Refused::new(format!("{at} is not a tool")))?;
    let tool = tool.unwrap_or_default();
    let cache = tool.cache_control.as_ref().map(Mark::ttl);
    let kind = tool.kind.unwrap_or_default();
    let read = match (tool.function, tool.custom) {
        (None, None) if matches!(kind.as_str(), "" | "function" | "custom") => {
            return Err(Refused::new(format!("{at} says nothing of its function")));
        }
        (None, None) => hosted(kind, raw),
        (inner, custom) => {
            if has_unknown {
                say_unknown(raw.get(), &TOOL, at, losses);
            }
            match (inner, custom) {
                (Some(inner), _) => function(inner, &format!("{at}/function"), losses)?,
                (None, custom) => self::custom(custom, &format!("{at}/custom"), losses)?,
            }
        }
    };
    named(Tool { cache: cache.or(read.cache), ..read }, at, "/function/parameters")
}

fn function(raw: &RawValue, at: &str, losses: &mut Losses) -> Result<Tool, Refused> {
    let what = (at, "a function");
    let function: Option<FunctionIn<'_>> = object(Some(raw), what, &FUNCTION, losses)?;
    Ok(function.unwrap_or_default().read())
}

fn custom(raw: Option<&RawValue>, at: &str, losses: &mut Losses) -> Result<Tool, Refused> {
    let custom: Option<CustomIn<'_>> = object(raw, (at, "a tool of text"), &CUSTOM, losses)?;
    Ok(custom.unwrap_or_default().read(at, losses))
}

fn named(tool: Tool, at: &str, schema: &'static str) -> Result<Tool, Refused> {
    if tool.name.is_empty() {
        return Err(Refused::new(format!("{at} has no name")));
    }
    let mut at = Place::new(at);
    if matches!(tool.kind, ToolKind::Function { schema: Some(_), .. }) {
        at.holds_schema(schema);
    }
    Ok(Tool { at, ..tool })
}

impl FunctionIn<'_> {
    fn read(self) -> Tool {
        let schema = self.parameters.and_then(|raw| Json::parse(raw.get()));
        Tool {
            name: self.name,
            description: self.description,
            kind: ToolKind::Function { schema, strict: self.strict },
            namespace: None,
            cache: self.cache_control.as_ref().map(Mark::ttl),
            at: Place::default(),
        }
    }
}

impl CustomIn<'_> {
    fn read(self, at: &str, losses: &mut Losses) -> Tool {
        let at = format!("{at}/format");
        let raw = self.format.map_or("", RawValue::get);
        let format: FormatIn<'_> = read_saying(raw, &FORMAT, &at, losses).unwrap_or_default();
        let at = format!("{at}/grammar");
        let raw = format.grammar.map_or("", RawValue::get);
        let grammar: GrammarIn = read_saying(raw, &GRAMMAR, &at, losses).unwrap_or_default();
        let format = match grammar {
            GrammarIn { syntax: Some(syntax), definition: Some(definition) } => {
                CustomFormat::Grammar { syntax, definition }
            }
            _ => CustomFormat::Text,
        };
        let kind = ToolKind::Custom(format);
        let (name, description) = (self.name, self.description);
        Tool { name, description, kind, namespace: None, cache: None, at: Place::default() }
    }
}

/// Makes a tool that some vendor runs: of which family, only its name tells.
fn hosted(kind: String, raw: &RawValue) -> Tool {
    let family = if kind.starts_with("web_search") { Family::OpenAi } else { Family::Other };
    let raw = Json::parse(raw.get()).unwrap_or_else(Json::empty_object);
    let name = kind.clone();
    let kind = ToolKind::Hosted { family, kind, raw };
    Tool { name, description: None, kind, namespace: None, cache: None, at: Place::default() }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ChoiceIn {
    #[serde(rename = "type", deserialize_with = "lax")]
    kind: Option<String>,
    #[serde(deserialize_with = "lax")]
    function: Option<Named>,
    #[serde(deserialize_with = "lax")]
    custom: Option<Named>,
    #[serde(deserialize_with = "lax")]
    allowed_tools: Option<Allowed>,
    /// The whole of the old `function_call`.
    #[serde(deserialize_with = "lax")]
    name: Option<String>,
}

#[derive(Deserialize)]
struct Named {
    name: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Allowed {
    #[serde(deserialize_with = "lax")]
    mode: Option<String>,
    tools: Vec<ChoiceIn>,
}

/// Reads `tool_choice`, or `function_call` of old.
///
/// # Errors
/// It is a choice that chat has not.
pub(super) fn choice(raw: Option<&RawValue>, at: &str) -> Result<Option<Choice>, Refused> {
    let Some(raw) = raw.filter(|raw| raw.get() != "null") else { return Ok(None) };
    let none = || Refused::new(format!("{at} is {}, which is no choice of tools", raw.get()));
    if let Ok(word) = serde_json::from_str::<String>(raw.get()) {
        return of_word(&word).map(Some).ok_or_else(none);
    }
    let choice: ChoiceIn = serde_json::from_str(raw.get()).map_err(|_| none())?;
    if let Some(Allowed { mode, tools }) = choice.allowed_tools {
        let names = tools.into_iter().filter_map(ChoiceIn::tool).collect();
        let required = mode.as_deref() == Some("required");
        return Ok(Some(Choice::Allowed { names, required }));
    }
    let of_word = of_word(choice.kind.as_deref().unwrap_or_default());
    let named = choice.tool().map(|name| Choice::Named { namespace: None, name });
    named.or(of_word).map(Some).ok_or_else(none)
}

fn of_word(word: &str) -> Option<Choice> {
    match word {
        "auto" => Some(Choice::Auto),
        "none" => Some(Choice::None),
        "required" | "any" => Some(Choice::Required),
        _ => None,
    }
}

impl ChoiceIn {
    fn tool(self) -> Option<String> {
        self.function.or(self.custom).map(|named| named.name).or(self.name)
    }
}
