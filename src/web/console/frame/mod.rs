//! What all rooms share: who looks, in which language, how a page is made, how forms come in, what
//! is said when something fails.

#[cfg(test)]
pub mod catalogue;
pub mod chart;
mod confirm;
pub mod csrf;
mod cursor;
mod dialect;
mod error;
mod filters;
mod flash;
mod form;
mod form_view;
mod fragments;
mod handover;
pub mod health;
pub mod late;
mod locale;
mod messages;
mod page;
pub mod preferences;
mod problem;
mod room;
mod sealed;
mod shell;
mod state;
mod stranger;
mod templates;
mod text;
mod theme;
mod tone;
mod visitor;
mod wrong;

pub use confirm::ConfirmPage;
pub use csrf::Seal;
pub use cursor::{Cursor, Pager, address};
pub use dialect::dialect_title;
pub use error::PageError;
pub use filters::{money, number, time, visible};
pub use flash::Flash;
pub use form::{Form, StrangersForm};
pub use form_view::{FormView, is_lost};
pub use fragments::Fragments;
pub use locale::Locale;
pub use messages::MessageError;
#[cfg(test)]
pub use messages::Messages;
pub use page::{Page, Room};
pub use room::{not_found_page, room};
pub use shell::ShellView;
#[cfg(test)]
pub use shell::UserView;
pub use state::Console;
pub use stranger::{Stranger, is_safe_return};
pub use templates::{TemplateError, Templates};
pub use text::{Arg, Text};
pub use theme::Theme;
pub use tone::tone;
pub use visitor::{Admin, Visitor};

/// Returns the samples of the frame's own pages.
#[cfg(test)]
pub(super) fn samples() -> Vec<catalogue::Sample> {
    use catalogue::page;
    [
        page::<problem::Problem>(),
        page::<ConfirmPage>(),
        page::<late::EndedPage>(),
        page::<late::SendPage>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
