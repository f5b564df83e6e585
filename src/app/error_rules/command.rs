//! What the body of a rule may hold, and what is read from it.

use serde_json::Value as Document;
use switchyard_actors::domain::error_rules::{
    ErrorRule, MatchType, RuleAction, Statuses, ToldError, ToldFault, check_beside,
};
use switchyard_actors::domain::ids::ErrorRuleId;

use crate::app::shape::{Body, Fault, Field, Rule, Shape};
use crate::app::{AppContext, AppError};
use crate::store::{ErrorRuleFields, StoredErrorRule, aside};

/// How patterns are compared.
pub const MATCH_TYPES: &[&str] =
    &[MatchType::Contains.name(), MatchType::Exact.name(), MatchType::Regex.name()];
/// What answers are taken for.
pub const ACTIONS: &[&str] = &[
    RuleAction::Client.name(),
    RuleAction::Provider.name(),
    RuleAction::NotFound.name(),
    RuleAction::SwitchAndCharge.name(),
];

const LONGEST_CATEGORY: usize = 50;
const LONGEST_DESCRIPTION: usize = 1_000;
const LONGEST_PATTERN: usize = 1_024;
const LONGEST_STATUSES: usize = 255;
/// How far priorities go.
const PRIORITIES: i64 = 1_000_000;
/// The sort of a rule that names none.
const NO_CATEGORY: &str = "custom";

const NOT_STATUSES: Fault = Fault {
    id: "wrong-statuses",
    text: "Not statuses from 200 to 599 and ranges of them, separated by commas: 429, 500-599",
};
const NOT_TOLD: Fault = Fault {
    id: "wrong-told",
    text: "Not an error as Claude, OpenAI or Gemini have it, of at most 10 KiB",
};

const NO_STATUS: Fault = Fault {
    id: "wrong-told-code",
    text: "error.code in Gemini's form is an HTTP status: a whole number from 100 to 599, or not there",
};

/// Returns what the body of a new rule may hold.
#[must_use]
pub fn adding() -> Shape {
    Shape::from([
        Field::required("pattern", Rule::text(1, LONGEST_PATTERN))
            .about("What is looked for, without regard to case. No two rules have the same."),
        Field::optional("matchType", Rule::OneOf(MATCH_TYPES)).about(
            "contains (the default): somewhere in it; exact: all of it; regex: a regular expression, in linear time, so without look-around.",
        ),
        Field::optional("statuses", Rule::text(0, LONGEST_STATUSES).checked(statuses).nullable())
            .about(
                "The statuses it is about, as 429,500-599. Without any: 4xx, and errors inside answers with a good status. An answer that seems good is looked at only by rules that name its status.",
            ),
        Field::optional("action", Rule::OneOf(ACTIONS)).about(
            "client (the default): the request is at fault, its client is told, nobody is charged; provider: tried again, then another one, charged; not_found: another one, nobody is charged; switch_and_charge: another one at once, charged.",
        ),
        Field::optional("category", Rule::text(1, LONGEST_CATEGORY))
            .about("Your word for rules of one sort."),
        Field::optional("description", Rule::text(0, LONGEST_DESCRIPTION).nullable())
            .about("What it is for."),
        Field::optional("overrideResponse", Rule::Any.checked(told).nullable()).about(
            "What clients are told, as Claude, OpenAI or Gemini have errors; each client gets it in its own dialect. An empty message keeps the usual one.",
        ),
        Field::optional("overrideStatusCode", Rule::integer(400, 599).nullable())
            .about("The status clients are told."),
        Field::optional("isEnabled", Rule::Flag).about("It is asked; so unless said otherwise."),
        Field::optional("priority", Rule::integer(-PRIORITIES, PRIORITIES))
            .about("Lower ones are asked first among rules of one match type."),
    ])
}

/// Returns what an edit's body may hold.
#[must_use]
pub fn editing() -> Shape {
    Shape::from([Field::required("id", Rule::ID)]).and(adding().all_optional().0)
}

/// Returns the body that only names a rule.
#[must_use]
pub fn naming() -> Shape {
    Shape::from([Field::required("id", Rule::ID)])
}

fn statuses(text: &Document) -> Option<Fault> {
    Statuses::parse(text.as_str()?).is_err().then_some(NOT_STATUSES)
}

fn told(document: &Document) -> Option<Fault> {
    match ToldError::written(document) {
        Ok(_) => None,
        Err(ToldFault::Code) => Some(NO_STATUS),
        Err(ToldFault::Form | ToldFault::TooLarge) => Some(NOT_TOLD),
    }
}

/// Judges a pattern as it will be kept, beside those of the other rules in force; `own` is the rule's.
///
/// # Errors
/// Says what is wrong with it.
pub(super) async fn judge(
    app: &AppContext,
    fields: &ErrorRuleFields,
    own: Option<ErrorRuleId>,
) -> Result<(), AppError> {
    let (pattern, match_type) = (fields.pattern.clone(), fields.match_type);
    let names_statuses = fields.statuses.is_some();
    let mut others = Vec::new();
    if match_type == MatchType::Regex && fields.enabled {
        let is_asked = |rule: &StoredErrorRule| {
            rule.fields.enabled && rule.fields.match_type == match_type && Some(rule.id) != own
        };
        let rules = app.store.error_rules().await?.into_iter().filter(is_asked);
        others.extend(rules.map(|rule| rule.fields.pattern));
    }
    let others = move || {
        check_beside(&pattern, match_type, names_statuses, others.iter().map(String::as_str))
    };
    aside(others).await?.map_err(|fault| {
        AppError::refused("refused-error-pattern", format!("规则无效 (pattern: {fault})"))
            .with("reason", fault.to_string())
            .at("pattern")
    })
}

/// Takes what a body says over what there is.
pub(super) fn change(mut fields: ErrorRuleFields, body: &Body) -> ErrorRuleFields {
    let owned = |name: &str| body.text(name).map(str::to_owned);
    fields.pattern = owned("pattern").unwrap_or(fields.pattern);
    fields.category = owned("category").unwrap_or(fields.category);
    let match_type = body.text("matchType").and_then(MatchType::parse);
    fields.match_type = match_type.unwrap_or(fields.match_type);
    fields.action = body.text("action").and_then(RuleAction::parse).unwrap_or(fields.action);
    fields.enabled = body.flag("isEnabled").unwrap_or(fields.enabled);
    fields.priority = body.int("priority").unwrap_or(fields.priority);
    if body.has("statuses") {
        let read = body.text("statuses").and_then(|text| Statuses::parse(text).ok());
        fields.statuses = read.filter(|read| !read.is_empty()).map(|read| read.to_string());
    }
    if body.has("description") {
        fields.description = owned("description").filter(|text| !text.is_empty());
    }
    if body.has("overrideResponse") {
        fields.told = body.value("overrideResponse").filter(|told| !told.is_null()).cloned();
    }
    if body.has("overrideStatusCode") {
        let status = body.int("overrideStatusCode");
        fields.told_status = status.and_then(|status| u16::try_from(status).ok());
    }
    fields
}

/// Makes a new rule of a body.
pub(super) fn new(body: &Body) -> ErrorRuleFields {
    let blank = ErrorRuleFields {
        pattern: String::new(),
        match_type: MatchType::Contains,
        statuses: None,
        action: RuleAction::Client,
        category: NO_CATEGORY.to_owned(),
        description: None,
        told: None,
        told_status: None,
        enabled: true,
        is_default: false,
        is_edited: false,
        priority: 0,
    };
    change(blank, body)
}

/// Returns the fields that a rule which is only tried out may have.
#[must_use]
pub fn draft_fields() -> Rule {
    Rule::Object(adding())
}

/// Reads a rule that is not there yet; its id is 0.
///
/// # Errors
/// Says what is wrong with it.
pub async fn draft(app: &AppContext, raw: &Document) -> Result<ErrorRule, AppError> {
    let fields = new(&adding().check(raw, &app.moment())?);
    judge(app, &fields, None).await?;
    Ok(fields.rule(ErrorRuleId(0))?)
}
