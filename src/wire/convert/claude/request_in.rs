//! A client's body.

use std::borrow::Cow;
use std::fmt::Display;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::content_in::{self, CacheControl};
use super::tools_in;
use crate::wire::convert::Refused;
use crate::wire::convert::effort::RESTS;
use crate::wire::convert::fields;
use crate::wire::convert::hub::{
    CacheHints, Effort, Format, Identity, Json, Part, Places, Reasoning, Request, Role, Sampling,
    Show, SystemText, Turn, setting,
};
use crate::wire::convert::loss::{Losses, Token};
use crate::wire::convert::unread;

/// What begins Claude Code's text for bills.
const BILLING: &str = "x-anthropic-billing-header:";

/// What is read of the objects in a body.
const THINKING: [&str; 3] = ["type", "budget_tokens", "display"];
const CONFIG: [&str; 2] = ["effort", "format"];
const FORMAT: [&str; 2] = ["type", "schema"];
const MESSAGE: [&str; 2] = ["role", "content"];
/// What is read of a body.
const KNOWN: [&str; 19] = [
    "model",
    "max_tokens",
    "messages",
    "system",
    "tools",
    "tool_choice",
    "thinking",
    "output_config",
    "output_format",
    "stop_sequences",
    "temperature",
    "top_p",
    "top_k",
    "metadata",
    "service_tier",
    "cache_control",
    "context_management",
    "mcp_servers",
    "stream",
];
/// Where settings stand in a body.
const PLACES: [(&str, &str); 12] = [
    (setting::TEMPERATURE, "/temperature"),
    (setting::TOP_P, "/top_p"),
    (setting::TOP_K, "/top_k"),
    (setting::STOP, "/stop_sequences"),
    (setting::MAX_OUTPUT, "/max_tokens"),
    (setting::REASONING, "/thinking"),
    (setting::FORMAT, "/output_config/format"),
    (setting::PARALLEL, "/tool_choice/disable_parallel_tool_use"),
    (setting::CHOICE, "/tool_choice"),
    (setting::CACHE_WHOLE, "/cache_control"),
    (setting::END_USER, "/metadata/user_id"),
    (setting::TIER, "/service_tier"),
];

#[derive(Deserialize)]
struct Body<'a> {
    model: String,
    max_tokens: Option<u64>,
    #[serde(borrow)]
    messages: Vec<&'a RawValue>,
    #[serde(borrow)]
    system: Option<&'a RawValue>,
    #[serde(borrow)]
    tools: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    tool_choice: Option<&'a RawValue>,
    #[serde(borrow)]
    thinking: Option<&'a RawValue>,
    #[serde(borrow)]
    output_config: Option<&'a RawValue>,
    /// Where the form of the answer was said before `output_config`.
    #[serde(borrow)]
    output_format: Option<&'a RawValue>,
    stop_sequences: Option<Vec<String>>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    top_k: Option<i64>,
    #[serde(borrow)]
    metadata: Option<&'a RawValue>,
    service_tier: Option<String>,
    cache_control: Option<CacheControl>,
    #[serde(borrow)]
    context_management: Option<&'a RawValue>,
    #[serde(borrow)]
    mcp_servers: Option<Vec<&'a RawValue>>,
    stream: Option<bool>,
}

#[derive(Deserialize)]
struct ThinkingIn {
    #[serde(rename = "type")]
    kind: String,
    budget_tokens: Option<u64>,
    display: Option<String>,
}

#[derive(Deserialize)]
struct OutputConfig<'a> {
    effort: Option<String>,
    #[serde(borrow)]
    format: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct FormatIn<'a> {
    #[serde(borrow)]
    schema: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Metadata {
    user_id: Option<String>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    role: Cow<'a, str>,
    #[serde(borrow)]
    content: &'a RawValue,
}

/// Reads a client's body.
///
/// # Errors
/// It is not one of this format; the message says what is wrong and where.
pub fn decode_request(body: &[u8], losses: &mut Losses) -> Result<Request, Refused> {
    let whole = std::str::from_utf8(body).map_err(|error| no_request(&error))?;
    let body: Body<'_> =
        fields::read_saying(whole, &KNOWN, "", losses).map_err(|error| no_request(&error))?;
    let (choice, parallel) = tools_in::choice(body.tool_choice, losses)?;
    body.say_lost(losses);
    let mut places = Places::of(&PLACES);
    let thinking: Option<ThinkingIn> = part(body.thinking, "thinking", &THINKING, losses)?;
    let config: Option<OutputConfig<'_>> =
        part(body.output_config, "output_config", &CONFIG, losses)?;
    if thinking.is_none() {
        places.correct(setting::REASONING, "/output_config/effort");
    }
    let reasoning = reasoning(thinking.as_ref(), config.as_ref())?;
    let mut form = config.and_then(|config| config.format);
    let mut form_at = "output_config.format";
    if form.is_none() {
        places.correct(setting::FORMAT, "/output_format");
        (form, form_at) = (body.output_format, "output_format");
    }
    let form: Option<FormatIn<'_>> = part(form, form_at, &FORMAT, losses)?;
    let metadata: Option<Metadata> = part(body.metadata, "metadata", &["user_id"], losses)?;
    Ok(Request {
        model: body.model,
        system: system(body.system, losses)?,
        turns: turns(&body.messages, losses)?,
        tools: tools_in::tools(&body.tools.unwrap_or_default(), losses)?,
        choice,
        parallel,
        reasoning,
        max_output: body.max_tokens,
        stop: body.stop_sequences.unwrap_or_default(),
        sampling: Sampling {
            temperature: body.temperature,
            top_p: body.top_p,
            top_k: body.top_k.and_then(|count| u64::try_from(count).ok()),
            ..Sampling::default()
        },
        format: self::form(form.as_ref()),
        cache: CacheHints { key: None, whole: body.cache_control.map(CacheControl::ttl) },
        stream: body.stream.unwrap_or(false),
        want_usage: false,
        identity: Identity {
            end_user: metadata.and_then(|metadata| metadata.user_id),
            tier: body.service_tier,
        },
        verbosity: None,
        places,
    })
}

fn no_request(error: &dyn Display) -> Refused {
    Refused::new(format!("the body is no Messages request: {error}"))
}

/// Reads an object of the body, and says what of it nobody knows.
fn part<'a, T: Deserialize<'a>>(
    raw: Option<&'a RawValue>,
    at: &str,
    known: &[&str],
    losses: &mut Losses,
) -> Result<Option<T>, Refused> {
    let Some(raw) = raw else { return Ok(None) };
    content_in::read_saying(raw, at, known, losses).map(Some)
}

impl Body<'_> {
    /// Says what no other format has.
    fn say_lost(&self, losses: &mut Losses) {
        let managed = self.context_management.is_some();
        losses.push_if(managed, Token::DropContextManagement, "/context_management");
        let servers = self.mcp_servers.iter().flatten().count();
        for number in 0..servers {
            losses.push(Token::DropHostedTool, format!("/mcp_servers/{number}"));
        }
    }
}

/// Reads the instructions. Claude Code may put a text for its vendor's bills before them: no instruction,
/// and of no use to anybody else. Where all is one text, that is its first line.
fn system(raw: Option<&RawValue>, losses: &mut Losses) -> Result<Vec<SystemText>, Refused> {
    let Some(raw) = raw else { return Ok(Vec::new()) };
    let is_one = raw.get().starts_with('"');
    let mut texts = Vec::new();
    for part in content_in::parts(raw, Role::System, "system", losses)? {
        let Part::Text(mut text) = part else { continue };
        if text.text.starts_with(BILLING) {
            losses.push(Token::DropClientMetadata, text.at.or("/system"));
            let rest = text.text.split_once('\n').filter(|_| is_one);
            let Some((_, rest)) = rest else { continue };
            let rest = rest.trim_start_matches('\n').to_owned();
            text.text = rest;
        }
        texts.push(SystemText::from(text));
    }
    Ok(texts)
}

/// Reads the messages; neighbours of one role become one turn.
fn turns(messages: &[&RawValue], losses: &mut Losses) -> Result<Vec<Turn>, Refused> {
    let mut turns: Vec<Turn> = Vec::with_capacity(messages.len());
    for (number, raw) in messages.iter().enumerate() {
        let at = format!("messages.{number}");
        let message: Message<'_> = content_in::read_saying(raw, &at, &MESSAGE, losses)?;
        let role = match message.role.as_ref() {
            "user" => Role::User,
            "assistant" => Role::Assistant,
            "system" => Role::System,
            other => return Err(Refused::new(format!("{at}.role: there is no role {other:?}"))),
        };
        let place = format!("/messages/{number}");
        let content = format!("{at}.content");
        let mut parts = content_in::parts(message.content, role, &content, losses)?;
        if parts.is_empty() && role == Role::User {
            parts.extend(unread::stub_of(message.content.get(), &place));
        }
        match turns.last_mut() {
            Some(last) if last.role == role => last.parts.extend(parts),
            _ => turns.push(Turn::new(role, parts, place)),
        }
    }
    Ok(turns)
}

fn reasoning(
    thinking: Option<&ThinkingIn>,
    config: Option<&OutputConfig<'_>>,
) -> Result<Option<Reasoning>, Refused> {
    // Efforts may be invented; what nobody knows is left to the model.
    let effort = config.and_then(|config| config.effort.as_deref()).and_then(Effort::parse);
    let Some(thinking) = thinking else {
        return Ok(effort.map(|effort| Reasoning { effort: Some(effort), ..Reasoning::default() }));
    };
    let show = match thinking.display.as_deref() {
        Some("summarized") => Show::Summary,
        Some("omitted") => Show::Nothing,
        _ => Show::Unsaid,
    };
    Ok(match thinking.kind.as_str() {
        "enabled" => {
            let Some(budget) = thinking.budget_tokens else {
                return Err(Refused::new("thinking: enabled without budget_tokens"));
            };
            Some(Reasoning { effort, budget: Some(budget), show })
        }
        kind if RESTS.contains(&kind) => {
            Some(Reasoning { effort: Some(Effort::None), budget: None, show })
        }
        // Adaptive, or newer.
        _ => Some(Reasoning { effort: effort.or(Some(Effort::Auto)), budget: None, show }),
    })
}

fn form(format: Option<&FormatIn<'_>>) -> Format {
    let schema = format.and_then(|format| format.schema).and_then(|raw| Json::parse(raw.get()));
    schema.map_or(Format::Text, |schema| Format::Schema { name: None, schema, strict: None })
}
