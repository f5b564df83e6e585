//! Every page there is, so that one test can show them all.

use super::page::Page;
use super::shell::ShellView;
use super::templates::{TemplateError, Templates};

/// A sample of a page, ready to be shown.
pub struct Sample {
    /// The template.
    pub template: &'static str,
    /// The sample's name.
    pub name: &'static str,
    /// Makes it.
    pub render: Render,
}

/// Shows a sample in a frame.
pub type Render = Box<dyn Fn(&Templates, &ShellView) -> Result<String, TemplateError>>;

/// Returns the samples of a page.
#[must_use]
pub fn page<P: Page + 'static>() -> Vec<Sample> {
    let sample = |(name, page): (&'static str, P)| Sample {
        template: P::TEMPLATE,
        name,
        render: Box::new(move |templates, shell| {
            let mut shell = shell.clone();
            shell.title = page.title();
            shell.here = page.here().unwrap_or(shell.here);
            shell.room = P::ROOM;
            shell.rooms = P::ROOM.links(true);
            templates.render(P::TEMPLATE, &page, &shell)
        }),
    };
    P::samples().into_iter().map(sample).collect()
}
