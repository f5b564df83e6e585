//! A client's body.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::content_in::{self, CacheControl};
use super::tools_in;
use crate::wire::convert::Refused;
use crate::wire::convert::hub::{
    CacheHints, Effort, Format, Identity, Json, Part, Reasoning, Request, Role, Sampling, Show,
    SystemText, Turn,
};
use crate::wire::convert::loss::{Losses, Token};
use crate::wire::convert::unread;

/// What begins Claude Code's text for bills.
const BILLING: &str = "x-anthropic-billing-header:";

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
    thinking: Option<ThinkingIn>,
    #[serde(borrow)]
    output_config: Option<OutputConfig<'a>>,
    /// Where the form of the answer was said before `output_config`.
    #[serde(borrow)]
    output_format: Option<FormatIn<'a>>,
    stop_sequences: Option<Vec<String>>,
    temperature: Option<f64>,
    top_p: Option<f64>,
    top_k: Option<i64>,
    metadata: Option<Metadata>,
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
    format: Option<FormatIn<'a>>,
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
    let body: Body<'_> = serde_json::from_slice(body)
        .map_err(|error| Refused::new(format!("the body is no Messages request: {error}")))?;
    let (choice, parallel) = tools_in::choice(body.tool_choice, losses)?;
    losses.push_if(
        body.context_management.is_some(),
        Token::DropContextManagement,
        "/context_management",
    );
    let servers = body.mcp_servers.is_some_and(|servers| !servers.is_empty());
    losses.push_if(servers, Token::DropHostedTool, "/mcp_servers");
    let reasoning = reasoning(body.thinking.as_ref(), body.output_config.as_ref())?;
    let format = body.output_config.and_then(|config| config.format).or(body.output_format);
    Ok(Request {
        model: body.model,
        system: system(body.system, losses)?,
        turns: turns(&body.messages)?,
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
        format: form(format.as_ref()),
        cache: CacheHints { key: None, whole: body.cache_control.map(CacheControl::ttl) },
        stream: body.stream.unwrap_or(false),
        want_usage: false,
        identity: Identity {
            end_user: body.metadata.and_then(|metadata| metadata.user_id),
            tier: body.service_tier,
        },
    })
}

/// Reads the instructions. Claude Code may put a text for its vendor's bills before them: no instruction,
/// and of no use to anybody else.
fn system(raw: Option<&RawValue>, losses: &mut Losses) -> Result<Vec<SystemText>, Refused> {
    let Some(raw) = raw else { return Ok(Vec::new()) };
    let mut texts = Vec::new();
    for (number, part) in content_in::parts(raw, Role::System, "system")?.into_iter().enumerate() {
        match part {
            Part::Text(text) if text.text.starts_with(BILLING) => {
                losses.push(Token::DropClientMetadata, format!("/system/{number}"));
            }
            Part::Text(text) => texts.push(SystemText { text: text.text, cache: text.cache }),
            _ => {}
        }
    }
    Ok(texts)
}

/// Reads the messages; neighbours of one role become one turn.
fn turns(messages: &[&RawValue]) -> Result<Vec<Turn>, Refused> {
    let mut turns: Vec<Turn> = Vec::with_capacity(messages.len());
    for (number, raw) in messages.iter().enumerate() {
        let at = format!("messages.{number}");
        let message: Message<'_> = content_in::read(raw, &at)?;
        let role = match message.role.as_ref() {
            "user" => Role::User,
            "assistant" => Role::Assistant,
            "system" => Role::System,
            other => return Err(Refused::new(format!("{at}.role: there is no role {other:?}"))),
        };
        let mut parts = content_in::parts(message.content, role, &at)?;
        if parts.is_empty() && role == Role::User {
            parts.extend(unread::stub_of(message.content.get()));
        }
        match turns.last_mut() {
            Some(last) if last.role == role => last.parts.extend(parts),
            _ => turns.push(Turn { role, parts, at: format!("/messages/{number}") }),
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
        "disabled" => Some(Reasoning { effort: Some(Effort::None), budget: None, show }),
        // Adaptive, or newer.
        _ => Some(Reasoning { effort: effort.or(Some(Effort::Auto)), budget: None, show }),
    })
}

fn form(format: Option<&FormatIn<'_>>) -> Format {
    let schema = format.and_then(|format| format.schema).and_then(|raw| Json::parse(raw.get()));
    schema.map_or(Format::Text, |schema| Format::Schema { name: None, schema, strict: None })
}
