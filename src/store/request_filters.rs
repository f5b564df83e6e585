//! Request filters as they are kept.

use std::sync::Arc;

use serde_json::Value as Document;
use switchyard_actors::domain::filters::{
    Binding, FilterError, Filters, Operations, Phase, RequestFilter, Simple, check_leaving,
    only_leaving, read_operations, read_simple,
};
use switchyard_actors::domain::ids::ProviderId;
use switchyard_actors::domain::instant::Micros;

use super::aside::aside;
use super::error::StoreError;
use super::sql::Store;
use super::tx::Tx;
use super::value::{Row, Value};
use crate::params;

/// The section of the catalogue that changes with them.
const SECTION: &str = "request_filters";

/// A filter as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredFilter {
    /// Its id.
    pub id: i64,
    /// What it says.
    pub fields: FilterFields,
    /// When it was made.
    pub created_at: Micros,
    /// When it was changed.
    pub updated_at: Micros,
}

/// What a filter says, in the words of its columns.
#[derive(Clone, Debug, PartialEq)]
pub struct FilterFields {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// `header` or `body`.
    pub scope: String,
    /// `remove`, `set`, `json_path` or `text_replace`.
    pub action: String,
    /// `contains`, `exact` or `regex`.
    pub match_type: Option<String>,
    /// The header, the path or the text.
    pub target: String,
    /// What it becomes.
    pub replacement: Option<Document>,
    /// Smaller ones run first.
    pub priority: i64,
    /// It runs.
    pub is_enabled: bool,
    /// `global`, `providers` or `groups`.
    pub binding_type: String,
    /// The providers it is bound to.
    pub provider_ids: Vec<i64>,
    /// The groups it is bound to.
    pub group_tags: Vec<String>,
    /// `simple` or `advanced`.
    pub rule_mode: String,
    /// `guard` or `final`.
    pub execution_phase: String,
    /// The operations of an advanced one.
    pub operations: Option<Document>,
}

impl FilterFields {
    /// Reads what the filter changes.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn changes(&self) -> Result<Operations, FilterError> {
        if self.rule_mode == "advanced" {
            return read_operations(self.operations.as_ref().unwrap_or(&Document::Null));
        }
        read_simple(Simple {
            scope: &self.scope,
            action: &self.action,
            match_type: self.match_type.as_deref(),
            target: &self.target,
            replacement: self.replacement.as_ref(),
        })
    }

    /// Tells whether it runs before a provider is chosen, on what the client sent.
    fn runs_before_choice(&self) -> bool {
        self.execution_phase != "final"
            && !["providers", "groups"].contains(&self.binding_type.as_str())
    }

    /// Reads what the filter changes, and refuses what nothing could come of.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn sound_changes(&self) -> Result<Operations, FilterError> {
        let changes = self.changes()?;
        if self.runs_before_choice() {
            check_leaving(&changes)?;
        }
        Ok(changes)
    }

    /// Makes the filter that runs. One whose changes cannot be read says so at every request it is for.
    #[must_use]
    pub fn filter(&self, id: i64) -> RequestFilter {
        let read = self.changes();
        let read = if self.runs_before_choice() { read.and_then(only_leaving) } else { read };
        let fault = read.as_ref().err().map(|error| Arc::from(error.to_string()));
        let (headers, body) = read.unwrap_or_default();
        let ids = || self.provider_ids.iter().copied().map(ProviderId).collect();
        let groups = || self.group_tags.iter().map(|tag| Arc::from(tag.trim())).collect();
        RequestFilter {
            id,
            name: Arc::from(self.name.as_str()),
            priority: self.priority,
            phase: if self.execution_phase == "final" { Phase::Final } else { Phase::Guard },
            binding: match self.binding_type.as_str() {
                "providers" => Binding::Providers(ids()),
                "groups" => Binding::Groups(groups()),
                _ => Binding::Global,
            },
            headers,
            body,
            fault,
        }
    }

    fn params(&self) -> Result<Vec<Value>, StoreError> {
        let document = |value: &Option<Document>| value.as_ref().map(Value::json).transpose();
        Ok(params![
            &self.name,
            self.description.clone(),
            &self.scope,
            &self.action,
            self.match_type.clone(),
            &self.target,
            document(&self.replacement)?,
            self.priority,
            self.is_enabled,
            &self.binding_type,
            Value::json(&self.provider_ids)?,
            Value::json(&self.group_tags)?,
            &self.rule_mode,
            &self.execution_phase,
            document(&self.operations)?,
        ])
    }
}

impl Store {
    /// Lists all filters in the order in which they run.
    pub async fn request_filters(&self) -> Result<Vec<StoredFilter>, StoreError> {
        self.query("request_filters/list", params![]).await?.iter().map(read).collect()
    }

    /// Reads the filters that are switched on. The log names those that cannot be applied.
    pub async fn running_filters(&self) -> Result<Filters, StoreError> {
        let rows = self.query("catalogue/filters", params![]).await?;
        let stored: Vec<StoredFilter> = rows.iter().map(read).collect::<Result<_, _>>()?;
        let filters = move || stored.into_iter().map(|it| it.fields.filter(it.id)).collect();
        let filters: Vec<RequestFilter> = aside(filters).await?;
        filters.iter().for_each(say_of);
        Ok(Filters::new(filters))
    }
}

fn say_of(filter: &RequestFilter) {
    if let Some(error) = &filter.fault {
        let (id, name) = (filter.id, &filter.name);
        tracing::error!(event = "filter.unreadable", filter.id = id, %name, %error,
            "a request filter cannot be applied");
    }
}

impl Tx {
    /// Reads one filter.
    pub async fn request_filter(&mut self, id: i64) -> Result<Option<StoredFilter>, StoreError> {
        self.query_opt("request_filters/get", params![id]).await?.as_ref().map(read).transpose()
    }

    /// Adds a filter and bumps the catalogue; returns its id.
    pub async fn add_request_filter(
        &mut self,
        fields: &FilterFields,
        now: Micros,
    ) -> Result<i64, StoreError> {
        let mut params = fields.params()?;
        params.push(now.into());
        let id = self.query_one("request_filters/add", params).await?.int("id")?;
        self.bump_filters().await?;
        Ok(id)
    }

    /// Counts the filters. Whoever has written one before has the others wait, so that all of them are
    /// counted.
    pub async fn count_filters(&mut self) -> Result<usize, StoreError> {
        let row = self.query_one("request_filters/count", params![]).await?;
        Ok(usize::try_from(row.int("filters")?).unwrap_or_default())
    }

    /// Changes a filter and bumps the catalogue.
    pub async fn set_request_filter(
        &mut self,
        id: i64,
        fields: &FilterFields,
        now: Micros,
    ) -> Result<(), StoreError> {
        let mut params = params![id];
        params.extend(fields.params()?);
        params.push(now.into());
        self.execute("request_filters/update", params).await?;
        self.bump_filters().await
    }

    /// Removes a filter and bumps the catalogue.
    pub async fn remove_request_filter(&mut self, id: i64) -> Result<(), StoreError> {
        self.execute("request_filters/remove", params![id]).await?;
        self.bump_filters().await
    }

    /// Has every node read the filters again.
    pub async fn bump_filters(&mut self) -> Result<(), StoreError> {
        self.execute("catalogue/bump", params![SECTION]).await.map(drop)
    }
}

fn read(row: &Row) -> Result<StoredFilter, StoreError> {
    let text = |column| Ok::<_, StoreError>(row.text(column)?.to_owned());
    let opt_text = |column| Ok::<_, StoreError>(row.opt_text(column)?.map(str::to_owned));
    let fields = FilterFields {
        name: text("name")?,
        description: opt_text("description")?,
        scope: text("scope")?,
        action: text("action")?,
        match_type: opt_text("match_type")?,
        target: text("target")?,
        replacement: row.opt_json("replacement")?,
        priority: row.int("priority")?,
        is_enabled: row.flag("is_enabled")?,
        binding_type: text("binding_type")?,
        provider_ids: row.json("provider_ids")?,
        group_tags: row.json("group_tags")?,
        rule_mode: text("rule_mode")?,
        execution_phase: text("execution_phase")?,
        operations: row.opt_json("operations")?,
    };
    let (created_at, updated_at) = (row.instant("created_at")?, row.instant("updated_at")?);
    Ok(StoredFilter { id: row.int("id")?, fields, created_at, updated_at })
}
