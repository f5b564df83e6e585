//! Tools of a client into the hub.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::Refused;
use super::super::hub::{Family, Json, Place, Tool, ToolKind};
use super::super::loss::Losses;
use super::pairs::{Pairs, many};
use super::schema;
use super::spelling::{read, read_saying};

/// What is read of a function.
const KNOWN: [&str; 4] = ["name", "description", "parameters", "parametersJsonSchema"];

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct DeclarationIn {
    name: Option<String>,
    description: Option<String>,
    parameters: Option<Json>,
    #[serde(alias = "parameters_json_schema")]
    parameters_json_schema: Option<Json>,
}

/// Reads all tools: what is no list of functions is a tool that Google runs.
pub(super) fn tools(raw: &[&RawValue], losses: &mut Losses) -> Result<Vec<Tool>, Refused> {
    let mut tools = Vec::new();
    for (place, raw) in raw.iter().enumerate() {
        let what = format!("tools[{place}]");
        let (pairs, _) = read::<Pairs<'_>>(raw, &what, &[])?;
        for (key, value) in pairs.0 {
            let at = format!("/tools/{place}/{key}");
            match key.as_str() {
                _ if value.get() == "null" => {}
                "functionDeclarations" | "function_declarations" => {
                    functions(value, (&what, &at), &mut tools, losses)?;
                }
                _ => tools.push(hosted(key, value, Place::new(at))),
            }
        }
    }
    Ok(tools)
}

fn functions(
    raw: &RawValue,
    (what, at): (&str, &str),
    tools: &mut Vec<Tool>,
    losses: &mut Losses,
) -> Result<(), Refused> {
    let declarations: Vec<&RawValue> = many(&mut serde_json::Deserializer::from_str(raw.get()))
        .map_err(|error| Refused::new(format!("{what} declares no functions: {error}")))?;
    for (place, raw) in declarations.into_iter().enumerate() {
        let what = format!("{what}.functionDeclarations[{place}]");
        let at = format!("{at}/{place}");
        let (declared, spelled) = read_saying::<DeclarationIn>(raw, &what, &KNOWN, &at, losses)?;
        let name = declared.name.filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| Refused::new(format!("{what} has no name")))?;
        let subset = declared.parameters.map(|schema| schema::of_subset(&schema));
        let mut at = Place::new(at);
        match (&declared.parameters_json_schema, &subset) {
            (Some(_), _) => at.holds_schema(spelled.pointer("/parametersJsonSchema")),
            (None, Some(_)) => at.holds_schema("/parameters"),
            (None, None) => {}
        }
        let schema = declared.parameters_json_schema.or(subset);
        tools.push(Tool {
            name,
            description: declared.description.filter(|text| !text.is_empty()),
            kind: ToolKind::Function { schema, strict: None },
            namespace: None,
            cache: None,
            at,
        });
    }
    Ok(())
}

fn hosted(kind: String, value: &RawValue, at: Place) -> Tool {
    let raw = Pairs(vec![(kind.clone(), value)]).json();
    Tool {
        name: kind.clone(),
        description: None,
        kind: ToolKind::Hosted { family: Family::Google, kind, raw },
        namespace: None,
        cache: None,
        at,
    }
}
