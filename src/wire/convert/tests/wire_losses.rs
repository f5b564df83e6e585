//! P3 from the wire: what a client says is in what goes out, or in what is told to be lost. The bodies in
//! `bodies/` have every field and every kind of part that their formats have; each of them is taken away,
//! and things that no format has are put in, and neither may go unseen. Where a loss is told, there
//! is something in the client's body.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use crate::wire::convert::codec::{Asked, decode_request, encode_request};
use crate::wire::convert::gemini_cli::Account;
use crate::wire::convert::loss::Token::{
    self, ApproxMaxTokensDefault, ApproxTurnAdded, DropCacheControl,
};
use crate::wire::convert::loss::{Loss, Losses};
use crate::wire::convert::names::Names;
use crate::wire::convert::target::{ModelTraits, Options, Target};
use switchyard_actors::domain::preferences::ReplayThinking;

/// What is one thing, whatever is in it: schemas, arguments, and what somebody else reads.
const WHOLE: [&str; 9] = [
    "/input_schema",
    "/parameters",
    "/parametersJsonSchema",
    "/responseJsonSchema",
    "/schema",
    "/args",
    "/tool_use/input",
    "/response",
    "/action",
];

/// What may be taken away without anybody seeing it: it says nothing of its own, or is kept to on the way
/// back.
const UNSEEN: [(&str, &str); 20] = [
    ("/type", "what has no type is what it looks like"),
    ("/role", "where nobody is named it is the user who speaks"),
    ("/status", "what stands in a conversation is over"),
    ("/model", "a model is given by who asks"),
    ("/stream", "Google is told in the path"),
    ("/stream_options", "the client's own stream has its usage or not"),
    ("/stream_options/include_usage", "as above"),
    ("/display", "what is shown is decided on the way back"),
    ("/includeThoughts", "as above"),
    ("/summary", "as above"),
    ("/source/media_type", "a source of text is text"),
    ("/functionResponse/id", "its name links it, too"),
    ("/functionResponse/name", "its id links it, too"),
    ("/prompt_cache_breakpoint/mode", "a mark is a mark"),
    ("/response_format/json_schema/name", "it only names the schema"),
    ("/response_format/json_schema/strict", "whoever takes a schema keeps to it"),
    ("/text/format/name", "it only names the schema"),
    ("/text/format/strict", "whoever takes a schema keeps to it"),
    ("/cache_control/type", "a mark is a mark"),
    ("/tool_choice/type", "a choice with a name names a tool"),
];

/// Where what nobody knows is not looked for: a mark and a choice are read by what they are.
const NARROW: [&str; 5] = [
    "/cache_control",
    "/prompt_cache_breakpoint",
    "/tool_choice",
    "/tool_choice/function",
    "/functionCallingConfig",
];

fn full(format: Dialect) -> Value {
    let text = match format {
        Dialect::Anthropic => include_str!("bodies/anthropic.json"),
        Dialect::OpenaiChat => include_str!("bodies/openai_chat.json"),
        Dialect::Responses => include_str!("bodies/responses.json"),
        Dialect::Gemini | Dialect::GeminiCli => include_str!("bodies/gemini.json"),
    };
    let body: Value = serde_json::from_str(text).unwrap();
    match format {
        Dialect::GeminiCli => json!({
            "model": "m", "project": "p", "user_prompt_id": "u", "request": body, "extra": { "a": 1 },
        }),
        _ => body,
    }
}

/// What comes of a body; `None` where it is refused, which nobody can fail to see.
type Outcome = Option<(String, Losses)>;

fn outcome(from: Dialect, body: &Value, to: Dialect, target: &Target, model: &str) -> Outcome {
    let body = serde_json::to_vec(body).unwrap();
    let asked = Asked { body: &body, model: "m", stream: false };
    let (mut names, mut losses) = (Names::default(), Losses::default());
    let mut request = decode_request(from, asked, &mut losses).ok()?;
    model.clone_into(&mut request.model);
    let account = (target, Account::default());
    let body = encode_request(to, &request, account, &mut names, &mut losses).ok()?;
    Some((String::from_utf8(body).unwrap(), losses))
}

/// Each format in each other one, for models of several minds.
fn each(mut check: impl FnMut(Dialect, Dialect, &Target, &str)) {
    for from in Dialect::ALL {
        for to in Dialect::ALL {
            // Google's two are one format, once in an envelope.
            if to == from || (to.is_gemini() && from.is_gemini()) {
                continue;
            }
            let models: &[&str] = match to {
                Dialect::Anthropic => &["claude-sonnet-4-5", "claude-opus-4-8", "glm-5"],
                Dialect::OpenaiChat | Dialect::Responses => &["gpt-5", "gpt-4o"],
                Dialect::Gemini | Dialect::GeminiCli => &["gemini-3-pro", "gemini-2.5-flash"],
            };
            for model in models {
                let options = Options {
                    replay: ReplayThinking::Always,
                    end_user: *model == "gpt-4o",
                    ..Options::default()
                };
                let target = Target { model: ModelTraits::of(model), options };
                check(from, to, &target, model);
            }
        }
    }
}

fn is_whole(pointer: &str) -> bool {
    WHOLE.iter().any(|end| pointer.ends_with(end))
}

/// Returns the place of everything in a body.
fn pointers(value: &Value, at: &str, out: &mut Vec<String>) {
    if !at.is_empty() {
        out.push(at.to_owned());
    }
    match value {
        _ if is_whole(at) => {}
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| pointers(value, &format!("{at}/{name}"), out));
        }
        Value::Array(list) => {
            let list = list.iter().enumerate();
            list.for_each(|(number, value)| pointers(value, &format!("{at}/{number}"), out));
        }
        _ => {}
    }
}

fn without(body: &Value, pointer: &str) -> Value {
    let mut body = body.clone();
    let (around, name) = pointer.rsplit_once('/').unwrap();
    match body.pointer_mut(around).unwrap() {
        Value::Object(fields) => drop(fields.remove(name)),
        Value::Array(list) => drop(list.remove(name.parse().unwrap())),
        _ => {}
    }
    body
}

/// Tells whether something stands within what is told to be lost as a whole.
fn is_within_lost(losses: &Losses, pointer: &str) -> bool {
    losses.iter().any(|loss| {
        let within = |at: &str| {
            pointer.strip_prefix(at).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let in_it: &[&str] = match loss.token {
            DropCacheControl => &["cache_control"],
            Token::DropCitations => &["citations", "annotations"],
            _ => &[],
        };
        // A place that ends with a name is that of a field, and all of the field is lost.
        let is_field = !loss.path.ends_with(|last: char| last.is_ascii_digit());
        let is_lost = loss.token.is_drop() && is_field || is_of_a_whole(loss.token);
        in_it.iter().any(|field| within(&format!("{}/{field}", loss.path)))
            || (is_lost && !loss.path.is_empty() && within(&loss.path))
    })
}

/// Tells whether a token says that a thing is lost with all that is in it.
const fn is_of_a_whole(token: Token) -> bool {
    matches!(
        token,
        Token::DropAudio
            | Token::DropClientMetadata
            | Token::DropContent
            | Token::DropContextManagement
            | Token::DropDocument
            | Token::DropField
            | Token::DropFileRef
            | Token::DropHostedTool
            | Token::DropImageUrl
            | Token::DropLabels
            | Token::DropLogitBias
            | Token::DropMetadata
            | Token::DropModalities
            | Token::DropPrediction
            | Token::DropSafetySettings
            | Token::DropSpeech
            | Token::DropThinking
            | Token::DropThinkingForeign
            | Token::DropThinkingSealed
            | Token::DropToolExamples
            | Token::DropToolSearch
    )
}

fn may_go_unseen(pointer: &str) -> bool {
    UNSEEN.iter().any(|(end, _)| pointer.ends_with(end))
}

#[test]
fn nothing_that_a_client_says_vanishes_unseen() {
    let mut breaches = Vec::new();
    each(|from, to, target, model| {
        let body = full(from);
        let (mut places, whole) = (Vec::new(), outcome(from, &body, to, target, model));
        pointers(&body, "", &mut places);
        let Some((text, losses)) = whole else {
            return breaches.push(format!("{from} to {to} ({model}) is refused"));
        };
        for pointer in places {
            let less = outcome(from, &without(&body, &pointer), to, target, model);
            let is_seen = less.is_none_or(|(less, told)| less != text || told != losses);
            let may = || is_within_lost(&losses, &pointer) || may_go_unseen(&pointer);
            if !is_seen && !may() {
                breaches.push(format!("{from} to {to} ({model}): {pointer} is lost in silence"));
            }
        }
    });
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

#[test]
fn what_no_format_has_is_told_to_be_lost() {
    let mut breaches = Vec::new();
    each(|from, to, target, model| {
        let body = full(from);
        let mut places = vec![String::new()];
        pointers(&body, "", &mut places);
        let Some((_, losses)) = outcome(from, &body, to, target, model) else { return };
        let is_open = |pointer: &&String| {
            !is_whole(pointer) && !NARROW.iter().any(|end| pointer.ends_with(end))
        };
        for pointer in places.iter().filter(is_open) {
            let (mut more, mut at) = (body.clone(), format!("{pointer}/x_new"));
            match more.pointer_mut(pointer).unwrap() {
                Value::Object(fields) => drop(fields.insert("x_new".into(), json!({ "on": 1 }))),
                Value::Array(list) if list.first().is_some_and(Value::is_object) => {
                    at = format!("{pointer}/{}", list.len());
                    list.push(
                        json!({ "type": "video_url", "video_url": { "url": "https://e.org" } }),
                    );
                }
                _ => continue,
            }
            let told = outcome(from, &more, to, target, model);
            let is_told = told.is_none_or(|(text, told)| {
                text.contains("x_new") || told.iter().any(|loss| loss.path.starts_with(&at))
            });
            if !is_told && !is_within_lost(&losses, pointer) {
                breaches.push(format!("{from} to {to} ({model}): {at} is lost in silence"));
            }
        }
    });
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}

/// Writes the names of a body of Google's as its other clients do, with underscores.
fn underscored(value: &Value, at: &str) -> Value {
    let spelled = |name: &String| {
        let letter = |letter: char| match letter {
            'A'..='Z' => format!("_{}", letter.to_ascii_lowercase()),
            _ => letter.to_string(),
        };
        name.chars().map(letter).collect::<String>()
    };
    match value {
        _ if is_whole(at) => value.clone(),
        Value::Object(fields) => {
            let each = fields.iter();
            each.map(|(name, value)| (spelled(name), underscored(value, &format!("{at}/{name}"))))
                .collect::<serde_json::Map<_, _>>()
                .into()
        }
        Value::Array(list) => list.iter().map(|value| underscored(value, at)).collect(),
        _ => value.clone(),
    }
}

/// Tells whether what was lost stands in a body.
fn is_in(body: &Value, loss: &Loss) -> bool {
    let is_there = body.pointer(&loss.path).is_some();
    let is_placed =
        !loss.path.is_empty() || matches!(loss.token, ApproxMaxTokensDefault | ApproxTurnAdded);
    is_there && is_placed
}

#[test]
fn every_loss_names_a_place_of_the_clients_body() {
    let mut breaches = Vec::new();
    each(|from, to, target, model| {
        let mut bodies = vec![full(from)];
        if from.is_gemini() {
            bodies.push(underscored(&bodies[0], ""));
        }
        for body in bodies {
            let Some((_, losses)) = outcome(from, &body, to, target, model) else { return };
            for loss in losses.iter().filter(|loss| !is_in(&body, loss)) {
                let Loss { token, path } = loss;
                breaches.push(format!("{from} to {to} ({model}): {token} at {path:?}"));
            }
        }
    });
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}
