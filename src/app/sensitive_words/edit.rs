//! Makes, changes and removes words. Every node looks for what is saved within a second, this one at
//! its next request.

use serde_json::{Value, json};
use switchyard_actors::domain::words::{MOST_PATTERNS, Unreadable, WordKind, readable};

use super::{Word, creating, removing, updating};
use crate::app::judged;
use crate::app::shape::Body;
use crate::app::{Actor, AppContext, AppError};
use crate::store::{StoredWord, Tx, WordFields, aside};

/// Makes a word.
///
/// # Errors
/// Says what is wrong with the body, or with the pattern.
pub async fn create(app: &AppContext, actor: &Actor, raw: &Value) -> Result<Word, AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let body = creating().check(raw, &app.moment())?;
    let fields = WordFields {
        word: body.text("word").unwrap_or_default().to_owned(),
        kind: kind(&body).unwrap_or(WordKind::Contains),
        description: body.text("description").map(str::to_owned),
        is_enabled: true,
    };
    judge(app, &fields, None).await?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let id = tx.add_sensitive_word(&fields, now).await?;
    keep_bounds(&mut tx, &fields).await?;
    let target = ("sensitive_word", id, fields.word.as_str());
    tx.audit(&actor.did(now, "sensitive_word.create", target, detail(&fields))).await?;
    tx.commit().await?;
    app.publish().await;
    Ok(Word::of(StoredWord { id, fields, created_at: now, updated_at: now }))
}

/// Changes a word.
///
/// # Errors
/// Says what is wrong with the body or the pattern, or that there is no such word.
pub async fn update(app: &AppContext, actor: &Actor, raw: &Value) -> Result<Word, AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let body = updating().check(raw, &app.moment())?;
    let now = app.clock.now();
    let (mut tx, old, fields) = judged(app, &body).await?;
    let (id, was) = (old.id, detail(&old.fields));
    tx.set_sensitive_word(id, &fields, now).await?;
    keep_bounds(&mut tx, &fields).await?;
    let target = ("sensitive_word", id, fields.word.as_str());
    let changes = json!({ "before": was, "after": detail(&fields) });
    tx.audit(&actor.did(now, "sensitive_word.update", target, changes)).await?;
    tx.commit().await?;
    app.publish().await;
    Ok(Word::of(StoredWord { id, fields, created_at: old.created_at, updated_at: now }))
}

/// Removes a word for good.
///
/// # Errors
/// There is no such word.
pub async fn remove(app: &AppContext, actor: &Actor, raw: &Value) -> Result<(), AppError> {
    if !actor.is_admin() {
        return Err(AppError::denied());
    }
    let body = removing().check(raw, &app.moment())?;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let id = body.int("id").unwrap_or_default();
    let old = tx.sensitive_word(id).await?.ok_or_else(no_word)?;
    tx.remove_sensitive_word(id).await?;
    let target = ("sensitive_word", id, old.fields.word.as_str());
    tx.audit(&actor.did(now, "sensitive_word.remove", target, detail(&old.fields))).await?;
    tx.commit().await?;
    app.publish().await;
    Ok(())
}

/// Judges a word as it will be kept, beside the other patterns that are looked for; `own` is the word's id.
async fn judge(app: &AppContext, fields: &WordFields, own: Option<i64>) -> Result<(), AppError> {
    let mut others = Vec::new();
    if is_pattern(fields) {
        let words = app.store.sensitive_words().await?.into_iter();
        let words = words.filter(|it| is_pattern(&it.fields) && Some(it.id) != own);
        others.extend(words.map(|it| it.fields.word));
    }
    let (kind, word) = (fields.kind, fields.word.clone());
    let read = move || readable(kind, &word, others.iter().map(String::as_str));
    aside(read).await?.map_err(|why| unreadable(&why))
}

/// Opens a transaction in which a word can be changed as the body says.
async fn judged(app: &AppContext, body: &Body) -> Result<(Tx, StoredWord, WordFields), AppError> {
    let id = body.int("id").unwrap_or_default();
    let read = async |tx: &mut Tx| {
        let old = tx.sensitive_word(id).await?.ok_or_else(no_word)?;
        let new = changed(old.fields.clone(), body);
        Ok((old, new))
    };
    // One that cannot be read any more can still be switched off.
    let is_news = |old: &StoredWord, new: &WordFields| {
        let is_other = new.kind != old.fields.kind || new.word != old.fields.word;
        is_other || (new.is_enabled && !old.fields.is_enabled)
    };
    judged::open(app, read, is_news, async |_, new| judge(app, new, Some(id)).await).await
}

const fn is_pattern(fields: &WordFields) -> bool {
    fields.is_enabled && matches!(fields.kind, WordKind::Regex)
}

/// A pattern beyond those that are looked for would be kept and let pass. It was written before it is
/// counted: of two at once one waits and counts both.
async fn keep_bounds(tx: &mut Tx, fields: &WordFields) -> Result<(), AppError> {
    if is_pattern(fields) && tx.count_patterns().await? > MOST_PATTERNS {
        return Err(unreadable(&Unreadable::TooMany));
    }
    Ok(())
}

fn changed(mut fields: WordFields, body: &Body) -> WordFields {
    if let Some(word) = body.text("word") {
        word.clone_into(&mut fields.word);
    }
    if let Some(kind) = kind(body) {
        fields.kind = kind;
    }
    if let Some(description) = body.text("description") {
        fields.description = Some(description.to_owned());
    }
    if let Some(is_enabled) = body.flag("isEnabled") {
        fields.is_enabled = is_enabled;
    }
    fields
}

fn kind(body: &Body) -> Option<WordKind> {
    WordKind::parse(body.text("matchType")?)
}

fn detail(fields: &WordFields) -> Value {
    json!({
        "word": fields.word,
        "matchType": fields.kind,
        "description": fields.description,
        "isEnabled": fields.is_enabled,
    })
}

fn no_word() -> AppError {
    AppError::refused("refused-no-word", "敏感词不存在")
}

fn unreadable(why: &Unreadable) -> AppError {
    let text = format!("正则表达式格式错误: {why}");
    AppError::refused("refused-word", text).with("reason", why.to_string()).at("word")
}
