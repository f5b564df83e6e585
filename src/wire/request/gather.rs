//! The visitor that collects the facts of a body while it is scanned.

use std::ops::Range;

use switchyard_actors::domain::dialect::{Dialect, Operation};

use super::content::{self, Parts};
use super::field::{self, Field};
use super::keys::Keys;
use super::{BodyError, KEYS_LIMIT, RequestFacts, Spanned, StreamOptions, spelling};
use crate::wire::scan::{Kind, Path, Value, Visitor, Want};

/// System messages that are looked at; more than a few are never sent.
const SYSTEM_LIMIT: usize = 64;
/// The most models that a batch may name.
const BATCH_MODELS: usize = 64;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Role {
    #[default]
    Unsaid,
    User,
    System,
    Other,
}

pub(super) struct Gather {
    facts: RequestFacts,
    keys: Keys,
    inner_keys: Keys,
    inner_model: Option<Spanned>,
    prompts: u64,
    refused: Option<BodyError>,
    role: Role,
    message: Option<Range<usize>>,
    parts: Parts,
    /// What stands where the visitor was asked last.
    asked: Field,
}

impl Gather {
    pub(super) fn new(dialect: Dialect, operation: Operation) -> Self {
        Self {
            facts: RequestFacts::empty(dialect, operation),
            keys: Keys::default(),
            inner_keys: Keys::default(),
            inner_model: None,
            prompts: 0,
            refused: None,
            role: Role::Unsaid,
            message: None,
            parts: Parts::default(),
            asked: Field::Unknown,
        }
    }

    /// Ends the gathering; `body` is what was scanned.
    pub(super) fn into_facts(self, body: &[u8]) -> Result<RequestFacts, BodyError> {
        if let Some(refused) = self.refused {
            return Err(refused);
        }
        let mut facts = self.facts;
        if facts.body.is_none() {
            return Err(BodyError::NotAnObject);
        }
        facts.has_members = !self.keys.is_empty();
        if self.prompts > 1 && facts.operation == Operation::Complete {
            facts.choices = Some(facts.choices.unwrap_or(1).saturating_mul(self.prompts));
        }
        facts.model = facts.model.or(self.inner_model);
        facts.user_session = facts.user_id.as_deref().and_then(content::session_of_user);
        facts.has_billing = facts.dialect == Dialect::Anthropic
            && self.parts.system.iter().any(|system| content::begins_with_billing(body, system));
        facts.content = content::identity(body, &self.parts);
        Ok(facts)
    }

    fn refuse(&mut self, error: BodyError) {
        self.refused.get_or_insert(error);
    }

    /// Notes a key of the body, or of the object inside a Gemini CLI envelope.
    fn note_key(&mut self, path: &Path<'_>) {
        let keys = match (path.len(), path.key(0)) {
            (1, _) => &mut self.keys,
            (2, Some("request")) if self.facts.dialect == Dialect::GeminiCli => {
                &mut self.inner_keys
            }
            _ => return,
        };
        let Some(key) = path.key(path.len() - 1) else { return };
        if keys.len() >= KEYS_LIMIT {
            self.refuse(BodyError::TooManyKeys);
        } else if !keys.insert(&spelling::folded(key)) {
            self.refuse(BodyError::DuplicateKey(key.to_owned()));
        } else if let Some(known) = spelling::other_than(key) {
            self.refuse(BodyError::OtherSpelling(key.to_owned(), known));
        }
    }

    fn model(&mut self, value: &Value<'_>) -> Option<Spanned> {
        match (value.kind, value.as_str()) {
            (Kind::Null, _) | (_, Some("")) => None,
            (_, Some(text)) => Some(Spanned { text: text.to_owned(), span: value.span.clone() }),
            (Kind::String, None) => {
                self.refuse(BodyError::ModelTooLong);
                None
            }
            _ => {
                self.refuse(BodyError::ModelNotText);
                None
            }
        }
    }

    fn batch_model(&mut self, value: &Value<'_>) {
        let Some(named) = self.model(value) else { return };
        if self.facts.batch_models.contains(&named.text) {
            return;
        }
        if self.facts.batch_models.len() >= BATCH_MODELS {
            self.refuse(BodyError::TooManyModels);
        } else {
            self.facts.batch_models.push(named.text);
        }
    }

    fn end_message(&mut self, value: &Value<'_>) {
        let Some(content) = self.message.take() else { return };
        let role = match self.role {
            // Gemini's contents may leave out the role; elsewhere such an item is no message.
            Role::Unsaid if is_gemini(self.facts.dialect) => Role::User,
            role => role,
        };
        match role {
            Role::User if value.kind == Kind::Object => self.parts.user = Some(content),
            Role::System if self.parts.system.len() < SYSTEM_LIMIT => {
                self.parts.system.push(content);
            }
            _ => {}
        }
    }

    fn messages(&mut self, value: &Value<'_>) {
        self.facts.bare_input = matches!(value.kind, Kind::String | Kind::Object);
        // The Responses API takes a bare string for one user message.
        if value.kind == Kind::String {
            self.facts.messages = Some(1);
            self.parts.user = Some(value.span.clone());
        }
    }

    fn stream_options(&mut self, value: &Value<'_>) {
        let span = value.span.clone();
        if value.kind != Kind::Object {
            let is_null = value.kind == Kind::Null;
            self.facts.stream_options = StreamOptions::Value { span, is_null };
        } else if let StreamOptions::Object { span: known, .. } = &mut self.facts.stream_options {
            *known = span;
        }
    }

    fn include_usage(&mut self, value: &Value<'_>) {
        self.facts.include_usage = value.as_bool() == Some(true);
        if let StreamOptions::Object { include_usage, .. } = &mut self.facts.stream_options {
            *include_usage = Some(value.span.clone());
        }
    }
}

impl Visitor for Gather {
    fn wants(&mut self, path: &Path<'_>, kind: Kind) -> Want {
        self.note_key(path);
        self.asked = field::at(self.facts.dialect, path);
        match self.asked {
            Field::Unknown => return Want::Skip,
            Field::Content | Field::System => return Want::Span,
            Field::Prompts if kind != Kind::Array => return Want::Skip,
            Field::Prompt => {
                // Numbers are the tokens of one.
                let is_whole = matches!(kind, Kind::String | Kind::Array);
                self.prompts = self.prompts.saturating_add(u64::from(is_whole));
                return Want::Skip;
            }
            Field::Message => {
                let count = self.facts.messages.get_or_insert(0);
                *count = count.saturating_add(1);
                self.role = Role::Unsaid;
                self.message = None;
                // Behind the first user message only the count matters.
                return if self.parts.user.is_some() { Want::Skip } else { Want::Enter };
            }
            Field::Messages if kind == Kind::Array => self.facts.messages = Some(0),
            Field::StreamOptions if kind == Kind::Object => {
                let (span, include_usage) = (0..0, None);
                let object = StreamOptions::Object { span, has_members: false, include_usage };
                self.facts.stream_options = object;
            }
            Field::IncludeUsage | Field::StreamOption => {
                if let StreamOptions::Object { has_members, .. } = &mut self.facts.stream_options {
                    *has_members = true;
                }
            }
            _ => {}
        }
        Want::Enter
    }

    fn value(&mut self, path: &Path<'_>, value: &Value<'_>) {
        let text = || value.as_str().map(str::to_owned);
        let field = match value.kind {
            Kind::Object | Kind::Array => field::at(self.facts.dialect, path),
            // Nothing was asked about in between.
            Kind::String | Kind::Number | Kind::Bool | Kind::Null => self.asked,
        };
        match field {
            Field::Body if value.kind == Kind::Object => self.facts.body = Some(value.span.clone()),
            Field::Model => self.facts.model = self.model(value),
            Field::InnerModel => self.inner_model = self.model(value),
            // Google's requests to a model name it in their path.
            Field::FreeModel if self.facts.operation == Operation::Other => {
                self.facts.model = self.model(value);
            }
            // A request of its own has none, whatever it says.
            Field::BatchModel if self.facts.operation == Operation::Other => {
                self.batch_model(value);
            }
            Field::Stream => self.facts.stream = value.as_bool() == Some(true),
            Field::OutputLimit => {
                self.facts.max_output_tokens = self.facts.max_output_tokens.max(value.as_u64());
            }
            Field::Choices => self.facts.choices = self.facts.choices.max(value.as_count()),
            Field::Messages => self.messages(value),
            Field::Message => self.end_message(value),
            Field::Role => self.role = role(value.as_str()),
            Field::Content => self.message = Some(value.span.clone()),
            Field::System => self.parts.system.push(value.span.clone()),
            Field::UserId => self.facts.user_id = text(),
            Field::SessionId => self.facts.metadata_session = text(),
            Field::CacheKey => self.facts.prompt_cache_key = text(),
            Field::PreviousResponse => self.facts.previous_response_id = text(),
            Field::ServiceTier => self.facts.service_tier = text(),
            Field::StreamOptions => self.stream_options(value),
            Field::IncludeUsage => self.include_usage(value),
            _ => {}
        }
    }
}

fn role(text: Option<&str>) -> Role {
    match text {
        None => Role::Unsaid,
        Some("user") => Role::User,
        Some("system" | "developer") => Role::System,
        Some(_) => Role::Other,
    }
}

const fn is_gemini(dialect: Dialect) -> bool {
    matches!(dialect, Dialect::Gemini | Dialect::GeminiCli)
}
