//! The templates: compiled in, checked and parsed once at start, shared by all workers.

use include_dir::{Dir, include_dir};
use serde::Serialize;
use tera::{Context, Tera};

use super::assets::Assets;

static TEMPLATES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/templates");

/// A template is broken, or lacks something.
#[derive(Debug, thiserror::Error)]
#[error("a page cannot be made: {0}")]
pub struct PageError(#[from] tera::Error);

/// The templates with their assets.
#[derive(Debug)]
pub struct Pages {
    tera: Tera,
    assets: Assets,
}

impl Pages {
    /// Parses every template.
    ///
    /// # Errors
    /// Names the template and the place that is wrong.
    pub fn new() -> Result<Self, PageError> {
        let mut tera = Tera::new();
        tera.add_raw_templates(all(&TEMPLATES))?;
        Ok(Self { tera, assets: Assets::embedded() })
    }

    /// Makes a page. The template finds the values under `page` and the style sheet's address
    /// under `css`.
    ///
    /// # Errors
    /// The template asks for something that is not there.
    pub fn render(&self, name: &str, page: &impl Serialize) -> Result<String, PageError> {
        let mut context = Context::new();
        context.insert("page", page);
        context.insert("css", &self.assets.address("css/page.css").unwrap_or_default());
        Ok(self.tera.render(name, &context)?)
    }

    /// Returns the assets.
    #[must_use]
    pub const fn assets(&self) -> &Assets {
        &self.assets
    }
}

fn all(directory: &Dir<'static>) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    for file in directory.files() {
        if let (Some(name), Some(text)) = (file.path().to_str(), file.contents_utf8()) {
            found.push((name.to_owned(), text));
        }
    }
    for inner in directory.dirs() {
        found.extend(all(inner));
    }
    found
}
