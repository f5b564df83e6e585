//! Error rules as rows: what operators say upstreams' words mean.

use std::sync::Arc;

use serde_json::Value as Document;
use switchyard_actors::domain::error_rules::{
    ErrorRule, ErrorRules, MatchType, RuleAction, Statuses, ToldError,
};
use switchyard_actors::domain::ids::ErrorRuleId;
use switchyard_actors::domain::instant::Micros;

use super::aside::aside;
use super::error::StoreError;
use super::sql::Store;
use super::tx::Tx;
use super::value::{Row, Value};
use crate::params;

/// What is written of a rule.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorRuleFields {
    /// What is looked for; no two rules have the same.
    pub pattern: String,
    /// How.
    pub match_type: MatchType,
    /// The statuses it is about, as `400,500-599`.
    pub statuses: Option<String>,
    /// What an answer is taken for.
    pub action: RuleAction,
    /// The operator's word for rules of one sort.
    pub category: String,
    /// What it is for.
    pub description: Option<String>,
    /// What clients are told, in the form of some vendor.
    pub told: Option<Document>,
    /// The status clients are told.
    pub told_status: Option<u16>,
    /// It is asked.
    pub enabled: bool,
    /// It came with the program.
    pub is_default: bool,
    /// An operator has changed it since.
    pub is_edited: bool,
    /// Lower ones are asked first.
    pub priority: i64,
}

/// A rule as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredErrorRule {
    /// Its id.
    pub id: ErrorRuleId,
    /// What is written of it.
    pub fields: ErrorRuleFields,
    /// When it was made.
    pub created_at: Micros,
    /// When it was changed last.
    pub updated_at: Micros,
}

/// How many rules there are, and what they take.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ErrorRuleTotals {
    /// All of them.
    pub rules: i64,
    /// Those that are regular expressions.
    pub expressions: i64,
    /// Characters of all patterns.
    pub characters: i64,
}

impl ErrorRuleFields {
    /// Reads the fields as requests are judged by them.
    ///
    /// # Errors
    /// A column that can be written by hand holds what cannot be read.
    pub fn rule(&self, id: ErrorRuleId) -> Result<ErrorRule, StoreError> {
        let statuses = Statuses::parse(self.statuses.as_deref().unwrap_or_default());
        let statuses = statuses.map_err(|fault| StoreError::row("statuses", fault.to_string()))?;
        let told = self.told.as_ref().map(ToldError::read).transpose();
        let told = told.map_err(|fault| StoreError::row("override_response", fault.to_string()))?;
        Ok(ErrorRule {
            id,
            pattern: Arc::from(self.pattern.as_str()),
            match_type: self.match_type,
            statuses,
            action: self.action,
            category: Arc::from(self.category.as_str()),
            priority: self.priority,
            told: told.map(Arc::new),
            told_status: self.told_status,
        })
    }

    fn params(&self, now: Micros) -> Result<Vec<Value>, StoreError> {
        let told = self.told.as_ref().map_or(Ok(Value::Null), Value::json)?;
        Ok(params![
            self.pattern.as_str(),
            self.match_type.name(),
            self.statuses.as_deref(),
            self.action.name(),
            self.category.as_str(),
            self.description.as_deref(),
            told,
            self.told_status.map(i64::from),
            i64::from(self.enabled),
            i64::from(self.is_default),
            i64::from(self.is_edited),
            self.priority,
            now,
        ])
    }
}

impl Store {
    /// Reads all rules, the oldest first.
    pub async fn error_rules(&self) -> Result<Vec<StoredErrorRule>, StoreError> {
        self.query("error_rules/list", params![]).await?.iter().map(read).collect()
    }

    /// Compiles the rules in force. One that cannot be read is left out, and the log says so.
    pub(super) async fn error_rule_book(&self) -> Result<ErrorRules, StoreError> {
        let mut rules = Vec::new();
        for row in self.query("error_rules/list", params![]).await? {
            let rule = read(&row).and_then(|StoredErrorRule { id, fields, .. }| {
                fields.enabled.then(|| fields.rule(id)).transpose()
            });
            match rule {
                Ok(rule) => rules.extend(rule),
                Err(error) => say_unreadable(row.int("id").unwrap_or_default(), &error),
            }
        }
        let (book, unreadable) = aside(move || ErrorRules::compile(rules)).await?;
        for (rule, fault) in unreadable {
            say_unreadable(rule.id.0, &fault);
        }
        Ok(book)
    }
}

fn say_unreadable(id: i64, error: &dyn std::fmt::Display) {
    tracing::error!(
        event = "error_rule.unreadable",
        rule.id = id,
        %error,
        "the error rule {id} cannot be read and is left out"
    );
}

impl Tx {
    /// Reads all rules, the oldest first.
    pub async fn error_rules(&mut self) -> Result<Vec<StoredErrorRule>, StoreError> {
        self.query("error_rules/list", params![]).await?.iter().map(read).collect()
    }

    /// Reads a rule.
    pub async fn error_rule(
        &mut self,
        id: ErrorRuleId,
    ) -> Result<Option<StoredErrorRule>, StoreError> {
        self.query_opt("error_rules/get", params![id.0]).await?.as_ref().map(read).transpose()
    }

    /// Counts the rules.
    pub async fn error_rule_totals(&mut self) -> Result<ErrorRuleTotals, StoreError> {
        let row = self.query_one("error_rules/totals", params![]).await?;
        Ok(ErrorRuleTotals {
            rules: row.int("rules")?,
            expressions: row.int("expressions")?,
            characters: row.int("characters")?,
        })
    }

    /// Adds a rule; `None` when its pattern is there already.
    pub async fn add_error_rule(
        &mut self,
        fields: &ErrorRuleFields,
        now: Micros,
    ) -> Result<Option<ErrorRuleId>, StoreError> {
        let added = self.query_opt("error_rules/insert", fields.params(now)?).await?;
        added.map(|row| row.int("id").map(ErrorRuleId)).transpose()
    }

    /// Changes a rule.
    ///
    /// # Errors
    /// Another rule has the pattern.
    pub async fn edit_error_rule(
        &mut self,
        id: ErrorRuleId,
        fields: &ErrorRuleFields,
        now: Micros,
    ) -> Result<(), StoreError> {
        let mut params = fields.params(now)?;
        params.push(Value::from(id.0));
        self.execute("error_rules/update", params).await.map(drop)
    }

    /// Removes a rule.
    pub async fn remove_error_rule(&mut self, id: ErrorRuleId) -> Result<(), StoreError> {
        self.execute("error_rules/remove", params![id.0]).await.map(drop)
    }

    /// Says that rules have changed; part of every transaction that changes one.
    pub async fn bump_error_rules(&mut self) -> Result<(), StoreError> {
        self.execute("catalogue/bump", params!["error_rules"]).await.map(drop)
    }
}

fn read(row: &Row) -> Result<StoredErrorRule, StoreError> {
    let owned = |column: &str| row.opt_text(column).map(|text| text.map(str::to_owned));
    let unknown = |column: &'static str| move || StoreError::row(column, "unknown");
    let status = row.opt_int("override_status_code")?;
    let fields = ErrorRuleFields {
        pattern: row.text("pattern")?.to_owned(),
        match_type: MatchType::parse(row.text("match_type")?).ok_or_else(unknown("match_type"))?,
        statuses: owned("statuses")?,
        action: RuleAction::parse(row.text("action")?).ok_or_else(unknown("action"))?,
        category: row.text("category")?.to_owned(),
        description: owned("description")?,
        told: row.opt_json("override_response")?,
        told_status: status.and_then(|status| u16::try_from(status).ok()),
        enabled: row.flag("is_enabled")?,
        is_default: row.flag("is_default")?,
        is_edited: row.flag("is_edited")?,
        priority: row.int("priority")?,
    };
    Ok(StoredErrorRule {
        id: ErrorRuleId(row.int("id")?),
        fields,
        created_at: row.instant("created_at")?,
        updated_at: row.instant("updated_at")?,
    })
}
