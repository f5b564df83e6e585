//! Tools of the hub for Google, and which of them must be called.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::super::Refused;
use super::super::functions::Function;
use super::super::hub::{Choice, Family, Json, Request, Tool, ToolKind};
use super::super::loss::{Losses, Token};
use super::super::names::{Bounds, Names};
use super::super::search::SearchBounds;
use super::super::target::{Options, Target};
use super::is_newest;
use super::schema::{Purpose, Room, Taker, clean_within};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Declarations {
    function_declarations: Vec<Declaration>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Declaration {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<Json>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters_json_schema: Option<Json>,
}

/// Tools as they are offered.
#[derive(Default)]
pub(super) struct Offered {
    /// As they are written.
    pub(super) written: Vec<Json>,
    /// Names of functions for the target, by namespace and name.
    functions: HashMap<(Option<String>, String), String>,
    /// Google runs one of them.
    has_hosted: bool,
}

impl Offered {
    /// Tells whether one of them is a function.
    pub(super) fn has_functions(&self) -> bool {
        !self.functions.is_empty()
    }
}

/// `toolConfig`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ToolConfigOut {
    #[serde(skip_serializing_if = "Option::is_none")]
    function_calling_config: Option<CallingOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    include_server_side_tool_invocations: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CallingOut {
    mode: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allowed_function_names: Vec<String>,
}

/// Returns who reads the schemas.
pub(super) fn taker(options: Options) -> Taker {
    match (options.internal, options.json_schema) {
        (true, _) => Taker::Internal,
        (false, true) => Taker::JsonSchema,
        (false, false) => Taker::Subset,
    }
}

/// Writes all tools.
pub(super) fn tools(
    request: &Request,
    target: &Target,
    names: &mut Names,
    losses: &mut Losses,
) -> Offered {
    let mut offered = Offered::default();
    let (mut declarations, mut seen) = (Vec::new(), HashSet::new());
    let lengths = request.tools.iter().filter_map(|tool| match &tool.kind {
        ToolKind::Function { schema, .. } => schema.as_ref().map(|schema| schema.text().len()),
        _ => None,
    });
    let mut room = Room::of(lengths.fold(0, usize::saturating_add));
    for tool in &request.tools {
        let at = tool.at.or("");
        losses.push_if(tool.cache.is_some(), Token::DropCacheControl, at);
        let Some(function) = tool.as_function(losses, at) else { continue };
        losses.push_if(function.strict == Some(true), Token::DropToolStrict, at);
        let name = names.tool(tool.name_of(), Bounds::GEMINI_NAME);
        let known = (tool.namespace.clone(), tool.name.clone());
        offered.functions.insert(known, name.clone());
        // Two of one name are an error there.
        if seen.insert(name.clone()) {
            let to = (target.options, &mut room);
            let at = tool.at.of_schema("");
            declarations.push(declaration(name, function, to, losses, &at));
        }
    }
    let has_functions = !declarations.is_empty();
    if has_functions {
        offered.written.extend(Json::of(&Declarations { function_declarations: declarations }));
    }
    for tool in &request.tools {
        let ToolKind::Hosted { family, kind, raw } = &tool.kind else { continue };
        // What Google finds beside functions must come back to it whole, and no other client does that.
        let searches = !has_functions && target.options.web_search && is_search(kind, raw);
        let (at, bounds) = (tool.at.or(""), SearchBounds::of(raw));
        if *family == Family::Google {
            offered.written.push(raw.clone());
        } else if searches && !bounds.has_domains() {
            offered.written.extend(Json::parse("{\"googleSearch\":{}}"));
            bounds.say_location(losses, at);
            bounds.say_others(losses, at);
        } else {
            losses.push(Token::DropHostedTool, at);
            continue;
        }
        offered.has_hosted = true;
    }
    offered
}

fn declaration(
    name: String,
    function: Function,
    (options, room): (Options, &mut Room),
    losses: &mut Losses,
    at: &str,
) -> Declaration {
    let cleaned = clean_within(&function.schema, taker(options), Purpose::Arguments, room);
    for pointer in cleaned.places {
        losses.push(Token::ApproxSchema, format!("{at}{pointer}"));
    }
    // An object without properties is an error for older models; a function without a schema is none.
    let schema = (!cleaned.is_bare).then_some(cleaned.schema);
    let (parameters, parameters_json_schema) =
        if options.json_schema { (None, schema) } else { (schema, None) };
    Declaration { name, description: function.description, parameters, parameters_json_schema }
}

/// Tells whether it is another vendor's search of the live web.
fn is_search(kind: &str, raw: &Json) -> bool {
    let cached = super::pairs::Pairs::read(raw.text())
        .and_then(|pairs| pairs.get("external_web_access").map(|live| live.get() == "false"));
    kind.starts_with("web_search") && cached != Some(true)
}

/// Writes whether and which function must be called.
///
/// # Errors
/// What must be called is nothing that Google could call.
pub(super) fn config(
    request: &Request,
    target: &Target,
    offered: &Offered,
) -> Result<Option<ToolConfigOut>, Refused> {
    let function_calling_config = choice(request, offered)?;
    // Beside functions Google runs its own tools only for those that say they can take it; Vertex, which
    // takes no ids either, does not know the word.
    let mixes = offered.has_functions() && offered.has_hosted;
    let says = mixes && is_newest(target) && target.options.call_ids;
    let include_server_side_tool_invocations = says.then_some(true);
    let is_said = function_calling_config.is_some() || says;
    Ok(is_said
        .then_some(ToolConfigOut { function_calling_config, include_server_side_tool_invocations }))
}

fn choice(request: &Request, offered: &Offered) -> Result<Option<CallingOut>, Refused> {
    let Some(choice) = &request.choice else { return Ok(None) };
    let none_left = || Refused::new("a tool must be called, but none is left that Gemini can call");
    let (mode, names) = match choice {
        _ if offered.functions.is_empty() => {
            let forced = match choice {
                Choice::Auto | Choice::None => false,
                Choice::Allowed { required, .. } => *required,
                Choice::Required => !offered.has_hosted,
                Choice::Named { .. } => true,
            };
            return if forced { Err(none_left()) } else { Ok(None) };
        }
        Choice::Auto => ("AUTO", Vec::new()),
        Choice::None => ("NONE", Vec::new()),
        Choice::Required => ("ANY", Vec::new()),
        Choice::Named { namespace, name } => {
            let short = offered.functions.get(&(namespace.clone(), name.clone()));
            let short = short.ok_or_else(|| {
                Refused::new(format!("the tool {name} must be called, but Gemini cannot call it"))
            })?;
            ("ANY", vec![short.clone()])
        }
        Choice::Allowed { names, required } => {
            let names = allowed(names, &request.tools, offered);
            match (names.is_empty(), *required) {
                (true, true) => return Err(none_left()),
                (true, false) => ("NONE", names),
                (false, true) => ("ANY", names),
                (false, false) => ("VALIDATED", names),
            }
        }
    };
    Ok(Some(CallingOut { mode, allowed_function_names: names }))
}

fn allowed(names: &[String], tools: &[Tool], offered: &Offered) -> Vec<String> {
    let names: HashSet<&str> = names.iter().map(String::as_str).collect();
    let tools = tools.iter().filter(|tool| names.contains(tool.name.as_str()));
    tools
        .filter_map(|tool| {
            let known = (tool.namespace.clone(), tool.name.clone());
            offered.functions.get(&known).cloned()
        })
        .collect()
}
