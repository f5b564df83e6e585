//! The templates: compiled in, checked and parsed once at start, shared by all workers.

use std::sync::Arc;

use include_dir::{Dir, include_dir};
use serde::Serialize;
use tera::{Context, Tera};

use super::filters;
use super::messages::{MessageError, Messages};
use super::shell::ShellView;
use crate::web::assets::Assets;

static TEMPLATES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// A template or a message file is broken, or lacks something.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// A template.
    #[error("a page cannot be made: {0}")]
    Template(#[from] tera::Error),
    /// A message file.
    #[error(transparent)]
    Messages(#[from] MessageError),
}

/// The templates with their messages and assets.
#[derive(Debug)]
pub struct Templates {
    tera: Tera,
    messages: Arc<Messages>,
    assets: Arc<Assets>,
}

impl Templates {
    /// Parses every template and message file.
    ///
    /// # Errors
    /// Names the template and the place that is wrong.
    pub fn new() -> Result<Self, TemplateError> {
        Self::load(false)
    }

    /// The same, and a message that nobody wrote is an error.
    ///
    /// # Errors
    /// Names the template and the place that is wrong.
    #[cfg(test)]
    pub(crate) fn strict() -> Result<Self, TemplateError> {
        Self::load(true)
    }

    fn load(strict: bool) -> Result<Self, TemplateError> {
        let messages = Arc::new(Messages::load()?);
        let assets = Arc::new(Assets::embedded());
        let mut tera = Tera::new();
        filters::register(&mut tera, &messages, &assets, strict);
        tera.add_raw_templates(all(&TEMPLATES))?;
        Ok(Self { tera, messages, assets })
    }

    /// Makes a page or a fragment of one. The template finds the values under `page`, what the
    /// frame shows under `shell`.
    ///
    /// # Errors
    /// The template asks for something that is not there.
    pub fn render(
        &self,
        name: &str,
        page: &(impl Serialize + ?Sized),
        shell: &ShellView,
    ) -> Result<String, TemplateError> {
        let mut context = Context::new();
        context.insert("page", page);
        context.insert("shell", shell);
        Ok(self.tera.render(name, &context)?)
    }

    /// Returns the assets.
    #[must_use]
    pub fn assets(&self) -> &Assets {
        &self.assets
    }

    /// Returns the messages.
    #[must_use]
    pub fn messages(&self) -> &Messages {
        &self.messages
    }

    /// Names every page's template.
    #[cfg(test)]
    pub(crate) fn page_names() -> Vec<String> {
        let names = all(&TEMPLATES).into_iter().map(|(name, _)| name);
        names.filter(|name| name.starts_with("pages/")).collect()
    }
}

/// Returns the templates: name and text. Only HTML is one, and its name decides that it is escaped.
fn all(directory: &Dir<'static>) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    for file in directory.files() {
        let is_html = file.path().extension().is_some_and(|extension| extension == "html");
        if let (true, Some(name), Some(text)) =
            (is_html, file.path().to_str(), file.contents_utf8())
        {
            found.push((name.to_owned(), text));
        }
    }
    for inner in directory.dirs() {
        found.extend(all(inner));
    }
    found
}
