//! Tools of a client into the hub.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::super::Refused;
use super::super::hub::{Family, Json, Tool, ToolKind};
use super::pairs::{Pairs, many};
use super::request_in::read;
use super::schema;

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
pub(super) fn tools(raw: &[&RawValue]) -> Result<Vec<Tool>, Refused> {
    let mut tools = Vec::new();
    for (place, raw) in raw.iter().enumerate() {
        let what = format!("tools[{place}]");
        let pairs: Pairs<'_> = read(raw, &what)?;
        for (key, value) in pairs.0 {
            match key.as_str() {
                _ if value.get() == "null" => {}
                "functionDeclarations" | "function_declarations" => {
                    functions(value, &what, &mut tools)?;
                }
                _ => tools.push(hosted(key, value)),
            }
        }
    }
    Ok(tools)
}

fn functions(raw: &RawValue, what: &str, tools: &mut Vec<Tool>) -> Result<(), Refused> {
    let declarations: Vec<&RawValue> = many(&mut serde_json::Deserializer::from_str(raw.get()))
        .map_err(|error| Refused::new(format!("{what} declares no functions: {error}")))?;
    for (place, raw) in declarations.into_iter().enumerate() {
        let what = format!("{what}.functionDeclarations[{place}]");
        let declared: DeclarationIn = read(raw, &what)?;
        let name = declared.name.filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| Refused::new(format!("{what} has no name")))?;
        let subset = declared.parameters.map(|schema| schema::of_subset(&schema));
        let schema = declared.parameters_json_schema.or(subset);
        tools.push(Tool {
            name,
            description: declared.description.filter(|text| !text.is_empty()),
            kind: ToolKind::Function { schema, strict: None },
            namespace: None,
            cache: None,
        });
    }
    Ok(())
}

fn hosted(kind: String, value: &RawValue) -> Tool {
    let raw = Pairs(vec![(kind.clone(), value)]).json();
    Tool {
        name: kind.clone(),
        description: None,
        kind: ToolKind::Hosted { family: Family::Google, kind, raw },
        namespace: None,
        cache: None,
    }
}
