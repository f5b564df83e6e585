//! What is left to do before a fresh installation relays its first request.

use serde::Serialize;

use super::super::frame::Text;
use crate::app::overview::Setup;

/// The steps, with the next one marked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SetupView {
    pub(super) steps: Vec<Step>,
    /// What a client is given, once there is a user.
    pub(super) client: Option<String>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    pub(super) done: bool,
    pub(super) next: bool,
    pub(super) title: Text,
    pub(super) text: Text,
    pub(super) href: &'static str,
    pub(super) label: Text,
}

impl SetupView {
    /// Lists the steps; `address` is where clients reach us.
    #[must_use]
    pub fn of(setup: Setup, address: &str) -> Self {
        let provider = Step::new(
            setup.provider,
            ["dashboard-step-provider", "dashboard-step-provider-why", "dashboard-add-provider"],
            "/providers/new",
        );
        let user = Step::new(
            setup.user,
            ["dashboard-step-user", "dashboard-step-user-why", "dashboard-add-user"],
            "/users/new",
        );
        let client = Step::new(
            setup.client,
            ["dashboard-step-client", "dashboard-step-client-why", "dashboard-to-keys"],
            "/users",
        );
        let mut steps = vec![provider, user, client];
        if let Some(step) = steps.iter_mut().find(|step| !step.done) {
            step.next = true;
        }
        Self { steps, client: setup.user.then(|| self::client(address)) }
    }
}

impl Step {
    fn new(done: bool, [title, text, label]: [&'static str; 3], href: &'static str) -> Self {
        let (title, text, label) = (Text::of(title), Text::of(text), Text::of(label));
        Self { done, next: false, title, text, href, label }
    }
}

/// Returns what somebody types to point Claude Code here.
#[must_use]
pub fn client(address: &str) -> String {
    format!("export ANTHROPIC_BASE_URL={address}\nexport ANTHROPIC_AUTH_TOKEN=sk-...\nclaude")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_that_is_not_done_is_the_next_one() {
        let next = |provider, user| {
            let view = SetupView::of(Setup { provider, user, client: false }, "http://here");
            view.steps.iter().map(|step| step.next).collect::<Vec<_>>()
        };
        assert_eq!(next(false, false), [true, false, false]);
        assert_eq!(next(true, false), [false, true, false]);
        assert_eq!(next(false, true), [true, false, false]);
        assert_eq!(next(true, true), [false, false, true]);
    }
}
