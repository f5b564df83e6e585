//! The layers settings come from, lowest first, put on top of each other by the `config` crate;
//! every value keeps its origin.

use std::collections::BTreeMap;
use std::fmt;

use config::{Config, File, FileFormat, Map, Source, Value, ValueKind};

use super::document::{DEFAULT_TOML, Documented};
use super::dotenv;
use super::error::SettingsError;

/// The variable that chooses the profile.
pub const PROFILE_VARIABLE: &str = "SWITCHYARD_PROFILE";
/// What the original's example file sets `DSN` to; people leave it there when they have none.
const DSN_PLACEHOLDER: &str = "postgres://user:password@host:port/db_name";

/// A file's name and text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextFile {
    /// The name as the person knows it.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// Everything settings are read from besides what is built in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// `switchyard.toml` or the file of `--config`.
    pub file: Option<TextFile>,
    /// `.env`.
    pub dotenv: Option<TextFile>,
    /// The environment.
    pub environment: BTreeMap<String, String>,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Built in.
    Default,
    /// The profile's file.
    Profile(String),
    /// A settings file.
    File(String),
    /// `.env`.
    DotEnv,
    /// The environment.
    Environment,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Profile(name) => write!(f, "the profile {name}"),
            Self::File(name) => write!(f, "the file {name}"),
            Self::DotEnv => f.write_str(".env"),
            Self::Environment => f.write_str("the environment"),
        }
    }
}

/// One layer: values by dotted key.
#[derive(Clone, Debug)]
struct Layer {
    origin: Origin,
    values: Map<String, Value>,
}

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, config::ConfigError> {
        Ok(self.values.clone())
    }
}

/// A setting's raw text and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Raw {
    /// The text.
    pub text: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// Puts the layers together and returns each documented key's raw text with its origin.
///
/// # Errors
/// Says which file cannot be read, which key nobody knows, or which profile does not exist.
pub fn merge(
    sources: &Sources,
    settings: &[Documented],
) -> Result<BTreeMap<String, Raw>, SettingsError> {
    let layers = layers(sources, settings)?;
    let mut builder = Config::builder();
    for layer in &layers {
        builder = builder.add_source(layer.clone());
    }
    let bad = |error: config::ConfigError| SettingsError::BadFile {
        origin: Origin::Default,
        reason: one_line(&error.to_string()),
    };
    let merged = builder.build().and_then(|config| config.collect()).map_err(bad)?;
    let mut raw = BTreeMap::new();
    for (key, value) in flatten(merged) {
        let origin = layers.iter().rev().find(|layer| layer.values.contains_key(&key));
        let origin = origin.map_or(Origin::Default, |layer| layer.origin.clone());
        raw.insert(key, Raw { text: text_of(&value), origin });
    }
    Ok(raw)
}

fn layers(sources: &Sources, settings: &[Documented]) -> Result<Vec<Layer>, SettingsError> {
    let dotenv = sources.dotenv.as_ref().map(dotenv::read).transpose()?.unwrap_or_default();
    let name = profile(sources, &dotenv);
    let text = profile_text(&name)?;
    let mut layers = vec![
        from_toml(DEFAULT_TOML, Origin::Default, settings)?,
        from_toml(text, Origin::Profile(name), settings)?,
    ];
    if let Some(file) = &sources.file {
        layers.push(from_toml(&file.text, Origin::File(file.name.clone()), settings)?);
    }
    layers.push(from_variables(&dotenv, Origin::DotEnv, settings));
    layers.push(from_variables(&sources.environment, Origin::Environment, settings));
    Ok(layers)
}

fn profile(sources: &Sources, dotenv: &BTreeMap<String, String>) -> String {
    let named = |variables: &BTreeMap<String, String>| {
        variables.get(PROFILE_VARIABLE).map(|name| unquoted(name).to_ascii_lowercase())
    };
    [named(&sources.environment), named(dotenv)]
        .into_iter()
        .flatten()
        .find(|name| !name.is_empty())
        .unwrap_or_else(|| "production".to_owned())
}

fn profile_text(name: &str) -> Result<&'static str, SettingsError> {
    match name {
        "production" => Ok(include_str!("../../config/production.toml")),
        "development" => Ok(include_str!("../../config/development.toml")),
        "test" => Ok(include_str!("../../config/test.toml")),
        other => Err(SettingsError::UnknownProfile(other.to_owned())),
    }
}

fn from_toml(text: &str, origin: Origin, settings: &[Documented]) -> Result<Layer, SettingsError> {
    let parsed = File::from_str(text, FileFormat::Toml).collect().map_err(|error| {
        SettingsError::BadFile { origin: origin.clone(), reason: one_line(&error.to_string()) }
    })?;
    let values = flatten(parsed);
    let unknown = |key: &&String| !settings.iter().any(|setting| setting.key == **key);
    if let Some(key) = values.keys().find(unknown) {
        return Err(SettingsError::UnknownKey { key: key.clone(), origin });
    }
    Ok(Layer { origin, values })
}

fn from_variables(
    variables: &BTreeMap<String, String>,
    origin: Origin,
    settings: &[Documented],
) -> Layer {
    let mut values = Map::new();
    for setting in settings {
        let Some(raw) = variables.get(&setting.variable) else { continue };
        let text = unquoted(raw);
        let placeholder = setting.variable == "DSN" && text == DSN_PLACEHOLDER;
        if (text.is_empty() && !setting.rule.empty) || placeholder {
            continue;
        }
        values.insert(setting.key.clone(), Value::new(None, text));
    }
    Layer { origin, values }
}

/// Takes off spaces around and one pair of quotes: shells, compose files and people differ here.
fn unquoted(raw: &str) -> &str {
    let text = raw.trim();
    let inner = ['"', '\'']
        .iter()
        .find_map(|quote| text.strip_prefix(*quote).and_then(|rest| rest.strip_suffix(*quote)));
    inner.unwrap_or(text).trim()
}

/// Turns nested tables into dotted keys.
fn flatten(values: Map<String, Value>) -> Map<String, Value> {
    let mut flat = Map::new();
    for (key, value) in values {
        match value.kind {
            ValueKind::Table(inner) => {
                flat.extend(flatten(inner).into_iter().map(|(k, v)| (format!("{key}.{k}"), v)));
            }
            _ => {
                flat.insert(key, value);
            }
        }
    }
    flat
}

/// Writes a value the way a person would put it into the environment.
fn text_of(value: &Value) -> String {
    match &value.kind {
        ValueKind::Array(items) => items.iter().map(text_of).collect::<Vec<_>>().join(","),
        ValueKind::Nil => String::new(),
        kind => kind.to_string().trim().to_owned(),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
