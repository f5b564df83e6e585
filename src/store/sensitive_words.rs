//! Words that requests may not contain, as they are kept.

use std::sync::Arc;

use switchyard_actors::domain::instant::Micros;
use switchyard_actors::domain::words::{Unreadable, WordKind, Words};

use super::aside::aside;
use super::error::StoreError;
use super::sql::Store;
use super::tx::Tx;
use super::value::Row;
use crate::params;

/// The section of the catalogue that changes with them.
const SECTION: &str = "sensitive_words";

/// A word as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredWord {
    /// Its id.
    pub id: i64,
    /// What it says.
    pub fields: WordFields,
    /// When it was made.
    pub created_at: Micros,
    /// When it was changed.
    pub updated_at: Micros,
}

/// What a word says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WordFields {
    /// The word, or the pattern.
    pub word: String,
    /// How it is compared.
    pub kind: WordKind,
    /// What it is for.
    pub description: Option<String>,
    /// It is looked for.
    pub is_enabled: bool,
}

impl Store {
    /// Lists all words, the newest first.
    pub async fn sensitive_words(&self) -> Result<Vec<StoredWord>, StoreError> {
        self.query("sensitive_words/list", params![]).await?.iter().map(read).collect()
    }

    /// Compiles the words that are switched on. One that cannot be looked for is left out, and the log
    /// says so.
    pub async fn compiled_words(&self) -> Result<Words, StoreError> {
        let rows = self.query("catalogue/words", params![]).await?;
        let list: Vec<(WordKind, Arc<str>)> = rows
            .iter()
            .map(|row| Ok((kind(row)?, Arc::from(row.text("word")?))))
            .collect::<Result<_, StoreError>>()?;
        aside(move || Words::compile(list, |word, why| say_of(word, &why))).await
    }
}

fn say_of(word: &str, error: &Unreadable) {
    if matches!(error, Unreadable::Slow(_)) {
        tracing::warn!(event = "word.slow", %word, %error, "words are compared slowly");
    } else {
        tracing::error!(event = "word.unreadable", %word, %error, "a word is left out");
    }
}

impl Tx {
    /// Reads one word.
    pub async fn sensitive_word(&mut self, id: i64) -> Result<Option<StoredWord>, StoreError> {
        self.query_opt("sensitive_words/get", params![id]).await?.as_ref().map(read).transpose()
    }

    /// Adds a word and bumps the catalogue; returns its id.
    pub async fn add_sensitive_word(
        &mut self,
        fields: &WordFields,
        now: Micros,
    ) -> Result<i64, StoreError> {
        let WordFields { word, kind, description, is_enabled } = fields;
        let params = params![word, kind.name(), description.clone(), *is_enabled, now];
        let id = self.query_one("sensitive_words/add", params).await?.int("id")?;
        self.bump_words().await?;
        Ok(id)
    }

    /// Counts the patterns that are looked for. Whoever has written one before has the others wait, so
    /// that all of them are counted.
    pub async fn count_patterns(&mut self) -> Result<usize, StoreError> {
        let row = self.query_one("sensitive_words/patterns", params![]).await?;
        Ok(usize::try_from(row.int("patterns")?).unwrap_or_default())
    }

    /// Changes a word and bumps the catalogue.
    pub async fn set_sensitive_word(
        &mut self,
        id: i64,
        fields: &WordFields,
        now: Micros,
    ) -> Result<(), StoreError> {
        let WordFields { word, kind, description, is_enabled } = fields;
        let params = params![id, word, kind.name(), description.clone(), *is_enabled, now];
        self.execute("sensitive_words/update", params).await?;
        self.bump_words().await
    }

    /// Removes a word and bumps the catalogue.
    pub async fn remove_sensitive_word(&mut self, id: i64) -> Result<(), StoreError> {
        self.execute("sensitive_words/remove", params![id]).await?;
        self.bump_words().await
    }

    /// Has every node read the words again.
    pub async fn bump_words(&mut self) -> Result<(), StoreError> {
        self.execute("catalogue/bump", params![SECTION]).await.map(drop)
    }
}

fn read(row: &Row) -> Result<StoredWord, StoreError> {
    let fields = WordFields {
        word: row.text("word")?.to_owned(),
        kind: kind(row)?,
        description: row.opt_text("description")?.map(str::to_owned),
        is_enabled: row.flag("is_enabled")?,
    };
    let (created_at, updated_at) = (row.instant("created_at")?, row.instant("updated_at")?);
    Ok(StoredWord { id: row.int("id")?, fields, created_at, updated_at })
}

fn kind(row: &Row) -> Result<WordKind, StoreError> {
    WordKind::parse(row.text("match_type")?)
        .ok_or_else(|| StoreError::row("match_type", "out of range"))
}
