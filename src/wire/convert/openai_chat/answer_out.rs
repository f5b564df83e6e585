//! A whole answer into the body for a client.

use serde::Serialize;

use super::citations::{self, AnnotationOut};
use super::details;
use super::finish::{self, Seen};
use super::said_out::{CallOut, ImageOut, Known, Said};
use super::trouble::BAD_CALL;
use super::usage::UsageOut;
use crate::wire::convert::hub::{Answer, Call, Json, Part, Text, Thinking};
use crate::wire::convert::loss::{Losses, Token};
use crate::wire::convert::reply::Reply;

#[derive(Serialize)]
struct Completion<'a> {
    id: &'a str,
    object: &'static str,
    created: i64,
    model: &'a str,
    choices: [Choice<'a>; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsageOut>,
}

#[derive(Serialize)]
struct Choice<'a> {
    index: u8,
    message: Whole<'a>,
    finish_reason: &'static str,
}

/// A message that has its text always, `null` when there is none.
#[derive(Serialize)]
struct Whole<'a> {
    role: &'static str,
    content: Option<&'a str>,
    #[serde(flatten)]
    said: Said<'a>,
}

/// What the parts of an answer say, put together.
#[derive(Default)]
struct Words {
    text: String,
    thought: String,
    refusal: String,
    details: Option<Json>,
    annotations: Vec<AnnotationOut>,
    images: Vec<ImageOut>,
    calls: Vec<(Call, Known, String)>,
}

/// Writes an answer. One whose call nobody can read becomes the body of an error.
#[must_use]
pub fn encode_answer(answer: &Answer, reply: &Reply, losses: &mut Losses) -> Vec<u8> {
    let mut words = Words::default();
    for part in &answer.parts {
        words.add(part, reply, losses);
    }
    let seen = Seen { call: !words.calls.is_empty(), refusal: !words.refusal.is_empty() };
    let Some(finish_reason) = finish::write(&answer.finish, seen, losses) else {
        return print(&BAD_CALL);
    };
    let minted = format!("chatcmpl-{}", reply.id);
    let model = answer.model.as_ref().filter(|_| reply.model.is_empty()).unwrap_or(&reply.model);
    print(&Completion {
        id: answer.id.as_ref().unwrap_or(&minted),
        object: "chat.completion",
        created: reply.created,
        model,
        choices: [Choice { index: 0, message: words.message(reply), finish_reason }],
        usage: answer.usage.as_ref().map(|usage| UsageOut::of(usage, losses)),
    })
}

fn print<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

impl Words {
    fn add(&mut self, part: &Part, reply: &Reply, losses: &mut Losses) {
        match part {
            Part::Text(text) => self.text(text, losses),
            Part::Thinking(thinking) if reply.show_thinking => self.thinking(thinking, losses),
            Part::Call(call) => {
                let known = Known::of(&call.name, call.kind, &reply.names);
                let args = known.args(&call.args);
                let google = CallOut::default().sealed(call.seal.as_ref()).extra_content.is_some();
                losses.push_if(call.seal.is_some() && !google, Token::DropThinkingSealed, "");
                self.calls.push((call.clone(), known, args));
            }
            Part::Refusal(text) => self.refusal.push_str(&text.text),
            Part::Image(image) => self.images.extend(ImageOut::of(image, losses)),
            Part::Server(_) => losses.push(Token::DropHostedTool, ""),
            Part::Thinking(_) | Part::Document(_) | Part::Result(_) | Part::Opaque(_) => {}
        }
    }

    fn text(&mut self, text: &Text, losses: &mut Losses) {
        losses.push_if(!self.calls.is_empty(), Token::ApproxOrderInTurn, "");
        losses.push_if(text.seal.is_some(), Token::DropThinkingSealed, "");
        let from = self.text.chars().count();
        self.text.push_str(&text.text);
        let to = from + text.text.chars().count();
        for citation in &text.citations {
            let annotation = citations::write(citation, from, to);
            losses.push_if(annotation.is_none(), Token::DropCitations, "");
            self.annotations.extend(annotation);
        }
    }

    fn thinking(&mut self, thinking: &Thinking, losses: &mut Losses) {
        self.thought.push_str(&thinking.text);
        let Some(seal) = &thinking.seal else { return };
        match details::of_seal(seal) {
            Some(details) if self.details.is_none() => self.details = Some(details),
            _ => losses.push(Token::DropThinkingSealed, ""),
        }
    }

    fn message<'a>(&'a mut self, reply: &'a Reply) -> Whole<'a> {
        let annotations = std::mem::take(&mut self.annotations);
        let images = std::mem::take(&mut self.images);
        let reasoning_details = self.details.take();
        let words: &'a Self = self;
        let said = |text: &'a String| (!text.is_empty()).then_some(text.as_str());
        let calls = words.calls.iter().map(|(call, known, args)| {
            let written = CallOut::of(known.custom, Some(&known.name), args).typed();
            let id = Some(reply.names.call_of(&call.id));
            CallOut { id, ..written }.sealed(call.seal.as_ref())
        });
        Whole {
            role: "assistant",
            content: said(&words.text),
            said: Said {
                reasoning_content: said(&words.thought),
                reasoning_details,
                refusal: said(&words.refusal),
                annotations,
                images,
                tool_calls: calls.collect(),
                ..Said::default()
            },
        }
    }
}
