//! A client's request in the format of a provider. Pure.

use std::sync::Arc;

use bytes::Bytes;
use switchyard_actors::domain::dialect::Dialect;
use switchyard_actors::domain::loss_policy::LossPolicy;

use super::policy;
use crate::wire::convert::Refused;
use crate::wire::convert::codec::{Asked, decode_request, encode_request};
use crate::wire::convert::gemini_cli::Account;
use crate::wire::convert::hub::{Request, Show};
use crate::wire::convert::loss::{Losses, Token};
use crate::wire::convert::names::Names;
use crate::wire::convert::reply::Reply;
use crate::wire::convert::rewrap;
use crate::wire::convert::target::{ModelTraits, Options, Target};
use crate::wire::edit::{self, Edit};
use crate::wire::foreign;
use crate::wire::wishes::Wishes;

/// Where Claude Code says what is for bills.
const SYSTEM: &str = "/system";

/// A request that is to be converted.
#[derive(Clone, Debug)]
pub struct Question {
    /// The client's body, as it came.
    pub body: Bytes,
    /// The billing block of Claude Code is not for this provider: it is left out as an edit of the row, not as
    /// a loss.
    pub without_billing: bool,
    /// What the client speaks.
    pub from: Dialect,
    /// What the provider speaks.
    pub to: Dialect,
    /// The model of the client's path, for formats that have it there; else empty.
    pub path_model: String,
    /// The client's path asks for a stream.
    pub path_streams: bool,
    /// The model by the name that the client asked for.
    pub asked: String,
    /// The model by the name that goes upstream.
    pub model: String,
    /// What the provider takes.
    pub options: Options,
    /// What the prompt is kept under at vendors that know such a key, where the client names none: the
    /// same for all requests of a session.
    pub cache_key: Option<String>,
    /// The project that the provider's credential names.
    pub project: Option<Arc<str>>,
    /// How much may be lost.
    pub policy: LossPolicy,
    /// The request's id, of letters and digits.
    pub id: String,
    /// When it came, in seconds since 1970.
    pub created: i64,
}

impl Question {
    fn account(&self) -> Account<'_> {
        Account { project: self.project.as_deref(), prompt_id: Some(&self.id) }
    }
}

/// A request in the provider's format.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The body.
    pub body: Vec<u8>,
    /// The provider is asked for a stream; some know nothing else.
    pub streams: bool,
    /// What answers are written with.
    pub reply: Reply,
    /// What was lost.
    pub losses: Losses,
    /// The edits that were made on the client's own bytes before.
    pub edits: Vec<Edit>,
    /// What they have set, for the row.
    pub notes: Vec<String>,
}

/// A request that this provider cannot be asked.
#[derive(Clone, Debug)]
pub struct Unfit {
    /// Why.
    pub refused: Refused,
    /// What would have been lost.
    pub losses: Losses,
}

/// Converts a request.
///
/// # Errors
/// It cannot be read, cannot be said in the provider's format, or would lose too much.
pub fn convert(question: &Question) -> Result<Outgoing, Box<Unfit>> {
    let mut losses = Losses::default();
    let (edits, notes) = edits_of(question);
    match written(question, &mut losses) {
        Ok((body, streams, reply)) => Ok(Outgoing { body, streams, reply, losses, edits, notes }),
        Err(refused) => Err(Box::new(Unfit { refused, losses })),
    }
}

/// Returns what is taken out of the client's body, for the row: what no other vendor has a use for. Whoever
/// reads the body leaves it out by itself, so that places in it stay those that the client knows.
fn edits_of(question: &Question) -> (Vec<Edit>, Vec<String>) {
    if !question.without_billing {
        return (Vec::new(), Vec::new());
    }
    let wishes = Wishes { without_billing: true, ..Wishes::default() };
    let granted = wishes.grant(Dialect::Anthropic, "", true, &question.body);
    (granted.changes.into_edits(), granted.notes)
}

fn written(question: &Question, losses: &mut Losses) -> Result<(Vec<u8>, bool, Reply), Refused> {
    let Question { from, to, options, .. } = *question;
    if rewrap::is_rewrap(from, to) {
        return rewrapped(question, losses);
    }
    let asked =
        Asked { body: &question.body, model: &question.path_model, stream: question.path_streams };
    let mut request = decode_request(from, asked, losses)?;
    if question.without_billing {
        losses.forgive(Token::DropClientMetadata, SYSTEM);
    }
    request.model.clone_from(&question.model);
    let key = request.cache.key.take();
    request.cache.key = key.or_else(|| question.cache_key.clone());
    let mut names = Names::default();
    let target = Target { model: ModelTraits::of(&question.model), options };
    let account = question.account();
    let body = encode_request(to, &request, (&target, account), &mut names, losses)?;
    policy::judge(question.policy, losses)?;
    let reply = Reply {
        id: question.id.clone(),
        model: question.asked.clone(),
        created: question.created,
        names,
        want_usage: request.want_usage,
        show_thinking: shows_thinking(from, &request),
    };
    Ok((body, request.stream || options.codex_backend, reply))
}

/// Writes a request for a provider whose format is the client's but for an envelope: nothing inside changes,
/// except that hidden state of other families goes, as in every body that is not converted.
fn rewrapped(question: &Question, losses: &mut Losses) -> Result<(Vec<u8>, bool, Reply), Refused> {
    let Question { body, from, model, .. } = question;
    let none = |_| Refused::new("the body is no request of Gemini's");
    let edits = foreign::strip(*from, body, model, "");
    let left = if edits.is_empty() {
        body.clone()
    } else {
        edit::join(edit::apply(body, edits).map_err(none)?)
    };
    let account = question.account();
    let body = rewrap::request(question.to, &left, model, account, losses)?;
    policy::judge(question.policy, losses)?;
    let reply = Reply {
        id: question.id.clone(),
        model: question.asked.clone(),
        show_thinking: true,
        ..Reply::default()
    };
    Ok((body, question.path_streams, reply))
}

/// Chat's clients have no way to say that they want to see thinking, and expect it; others see what they
/// asked for.
fn shows_thinking(from: Dialect, request: &Request) -> bool {
    let asked = request.reasoning.filter(|asked| !asked.is_off() && asked.show != Show::Nothing);
    from == Dialect::OpenaiChat || asked.is_some()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn question(from: Dialect, to: Dialect, body: &Value) -> Question {
        Question {
            body: Bytes::from(body.to_string()),
            without_billing: false,
            from,
            to,
            path_model: String::new(),
            path_streams: false,
            asked: "asked".to_owned(),
            model: "sent".to_owned(),
            options: Options::default(),
            cache_key: None,
            project: None,
            policy: LossPolicy::Lenient,
            id: "id1".to_owned(),
            created: 7,
        }
    }

    fn chat() -> Value {
        json!({ "model": "asked", "messages": [{ "role": "user", "content": "Hi" }],
            "seed": 4, "stream": true })
    }

    #[test]
    fn the_model_that_goes_out_is_the_redirected_one_and_the_client_sees_its_own() {
        for to in [Dialect::Anthropic, Dialect::Responses, Dialect::GeminiCli] {
            let made = convert(&question(Dialect::OpenaiChat, to, &chat())).unwrap();
            let body: Value = serde_json::from_slice(&made.body).unwrap();
            assert_eq!(body["model"], "sent", "{to}");
            assert_eq!(made.reply.model, "asked");
            assert!(made.streams && made.reply.show_thinking);
        }
    }

    #[test]
    fn a_prompt_is_kept_under_the_clients_key_or_else_the_sessions() {
        let mut body = chat();
        for expected in ["session", "client"] {
            let asked = Question {
                cache_key: Some("session".to_owned()),
                ..question(Dialect::OpenaiChat, Dialect::Responses, &body)
            };
            let sent: Value = serde_json::from_slice(&convert(&asked).unwrap().body).unwrap();
            assert_eq!(sent["prompt_cache_key"], expected);
            body["prompt_cache_key"] = json!("client");
        }
    }

    #[test]
    fn gemini_in_an_envelope_and_without_is_put_on_and_taken_off() {
        let inside = json!({ "contents": [{ "role": "user", "parts": [{ "text": "Hi" }] }],
            "safetySettings": [{ "category": "C" }], "unknown": { "a": 1 } });
        let bare = Question {
            path_streams: true,
            project: Some(Arc::from("ours")),
            policy: LossPolicy::Refuse,
            ..question(Dialect::Gemini, Dialect::GeminiCli, &inside)
        };
        let made = convert(&bare).unwrap();
        let wrapped: Value = serde_json::from_slice(&made.body).unwrap();
        let wanted = json!({ "model": "sent", "project": "ours", "user_prompt_id": "id1",
            "request": inside });
        assert_eq!(wrapped, wanted);
        assert!(made.streams && made.losses.is_empty());
        let made = convert(&question(Dialect::GeminiCli, Dialect::Gemini, &wrapped)).unwrap();
        assert_eq!(serde_json::from_slice::<Value>(&made.body).unwrap(), inside);
    }

    #[test]
    fn hidden_state_of_others_leaves_also_what_is_only_put_into_an_envelope() {
        let with = |part: Value| json!({ "contents": [{ "role": "model", "parts": [part] }] });
        let given = with(json!({ "text": "so", "thoughtSignature": "sy1.a.x" }));
        let made = convert(&question(Dialect::Gemini, Dialect::GeminiCli, &given)).unwrap();
        let made: Value = serde_json::from_slice(&made.body).unwrap();
        assert_eq!(made["request"], with(json!({ "text": "so" })));
    }

    #[test]
    fn a_policy_refuses_before_anything_is_sent_and_says_what_would_be_lost() {
        let strict = Question {
            policy: LossPolicy::Strict,
            ..question(Dialect::OpenaiChat, Dialect::Anthropic, &chat())
        };
        let unfit = convert(&strict).unwrap_err();
        assert_eq!(unfit.refused.code, policy::CODE);
        assert!(!unfit.losses.is_empty());
    }

    #[test]
    fn who_knows_nothing_but_streams_is_asked_for_one() {
        let mut body = chat();
        body["stream"] = json!(false);
        let options = Options { codex_backend: true, ..Options::default() };
        let made = convert(&Question {
            options,
            ..question(Dialect::OpenaiChat, Dialect::Responses, &body)
        });
        assert!(made.unwrap().streams);
    }

    #[test]
    fn a_body_that_is_no_request_is_unfit_for_everybody() {
        let body = json!({ "model": "asked", "messages": 5 });
        for to in [Dialect::Anthropic, Dialect::Gemini] {
            assert!(convert(&question(Dialect::OpenaiChat, to, &body)).is_err());
        }
    }
}
