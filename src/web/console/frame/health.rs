//! How the relay is, as the dot in every page's frame says it: one word, one colour, and why. What
//! stops all requests is said by the first page, too, in the same sentences.

use serde::Serialize;

use super::address;
use super::flash::NextStep;
use super::text::Text;
use crate::app::overview::{Trouble, is_outage};
use crate::process::{Reason, Severity};

/// How the relay is, in one word and one colour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HealthView {
    /// `good`, `warn` or `bad`.
    pub state: &'static str,
    /// What to say.
    pub text: Text,
    /// Every reason.
    pub reasons: Vec<Text>,
    /// Where to look next.
    pub next: Option<NextStep>,
}

impl HealthView {
    /// Everything is as it should be.
    #[must_use]
    pub const fn good() -> Self {
        Self { state: "good", text: Text::of("health-good"), reasons: Vec::new(), next: None }
    }

    /// Judges what is known: the worst has the word, and all of it is among the reasons.
    #[must_use]
    pub fn judge(reasons: &[Reason], trouble: Option<&Trouble>, open_breakers: usize) -> Self {
        let is_down = reasons.iter().any(|reason| reason.severity == Severity::Down);
        let general = trouble.and_then(General::of);
        let (state, text) = match &general {
            _ if is_down => ("bad", Text::of("health-down")),
            Some(general) => (general.state, Text::of(general.word)),
            None if !reasons.is_empty() => ("warn", Text::of("health-degraded")),
            None if open_breakers > 0 => {
                ("warn", Text::of("health-breakers").with("count", open_breakers))
            }
            None => return Self::good(),
        };
        let resting = (open_breakers > 0).then(|| step("/providers", "health-breakers-more"));
        let next = general.as_ref().map(|general| general.next.clone()).or(resting);
        let mut said = Vec::from_iter(general.map(|general| general.text));
        said.extend(reasons.iter().map(reason));
        Self { state, text, reasons: said, next }
    }

    /// Leaves out what is for admins: why, and that providers rest beside others that serve.
    #[must_use]
    pub fn for_others(self) -> Self {
        if self.text.id == "health-breakers" {
            return Self::good();
        }
        Self { reasons: Vec::new(), next: None, ..self }
    }
}

/// What keeps requests in general from being served.
pub struct General {
    /// `warn` or `bad`.
    pub state: &'static str,
    /// The message of the dot.
    pub word: &'static str,
    /// The sentence.
    pub text: Text,
    /// What to do.
    pub next: NextStep,
}

impl General {
    /// Says it; nothing for what hits single providers or sums.
    #[must_use]
    pub fn of(trouble: &Trouble) -> Option<Self> {
        let nobody =
            |id, next| Self { state: "bad", word: "health-nobody", text: Text::of(id), next };
        let providers = || step("/providers", "dashboard-to-providers");
        Some(match trouble {
            Trouble::NoProvider => {
                nobody("dashboard-no-provider", step("/providers/new", "dashboard-add-provider"))
            }
            Trouble::AllOff => nobody("dashboard-all-off", providers()),
            Trouble::AllResting => nobody("dashboard-all-resting", providers()),
            Trouble::Failing(lately) => {
                let failed = address("/requests", &[("time", "hour"), ("status", "failed")], None);
                Self {
                    state: if is_outage(*lately) { "bad" } else { "warn" },
                    word: "health-failing",
                    text: Text::of("dashboard-failing")
                        .with("faults", lately.faults)
                        .with("served", lately.served),
                    next: step(&failed, "dashboard-to-failed"),
                }
            }
            Trouble::Open(_) | Trouble::Unpriced { .. } => return None,
        })
    }
}

fn step(href: &str, label: &'static str) -> NextStep {
    NextStep { href: href.to_owned(), label: Text::of(label) }
}

/// Says a reason of the process in a sentence of its own. The process says it in English, for logs
/// and for those who ask its health.
#[must_use]
pub fn reason(reason: &Reason) -> Text {
    let id = match (reason.part, reason.severity) {
        ("admin_token", _) => "reason-admin-token",
        ("catalogue", _) => "reason-catalogue",
        ("journal", Severity::Degraded) => "reason-journal-slow",
        ("journal", Severity::Down) => "reason-journal",
        ("ledger", _) => "reason-ledger",
        ("limits", _) => "reason-limits",
        ("network", _) => "reason-network",
        ("nodes", _) => "reason-nodes",
        ("patterns", _) => "reason-patterns",
        ("prices", _) => "reason-prices",
        ("redis", _) => "reason-redis",
        ("roll-ups", _) => "reason-roll-ups",
        ("rows", _) => "reason-rows",
        ("start", _) => "reason-start",
        ("stop", _) => "reason-stop",
        ("worker", _) => "reason-worker",
        (_, Severity::Degraded) => {
            return Text::of("reason-degraded").with("reason", &*reason.text);
        }
        (_, Severity::Down) => return Text::of("reason-down").with("reason", &*reason.text),
    };
    Text::of(id)
}

#[cfg(test)]
mod tests {
    use switchyard_actors::domain::live::Lately;

    use super::*;
    use crate::web::console::frame::{Locale, Messages};

    fn of(part: &'static str, severity: Severity) -> Reason {
        Reason { part, severity, text: "something is wrong".into() }
    }

    #[test]
    fn the_dot_says_the_worst_and_keeps_all_reasons() {
        let failing = Trouble::Failing(Lately { served: 0, faults: 40 });
        let slow = of("journal", Severity::Degraded);
        let health = HealthView::judge(std::slice::from_ref(&slow), Some(&failing), 2);
        assert_eq!((health.state, &*health.text.id), ("bad", "health-failing"));
        assert_eq!(health.reasons.len(), 2);
        assert!(health.next.is_some_and(|next| next.href.contains("status=failed")));
        let half = Trouble::Failing(Lately { served: 9, faults: 9 });
        assert_eq!(HealthView::judge(&[], Some(&half), 0).state, "warn");
        assert_eq!(HealthView::judge(&[], Some(&Trouble::NoProvider), 0).state, "bad");
        let full = of("journal", Severity::Down);
        let health = HealthView::judge(&[full], Some(&failing), 0);
        assert_eq!(&*health.text.id, "health-down", "the process itself comes first");
        assert_eq!(&*HealthView::judge(&[slow], None, 2).text.id, "health-degraded");
        assert_eq!(HealthView::judge(&[], None, 0), HealthView::good());
    }

    #[test]
    fn others_than_admins_hear_that_requests_fail_and_not_why() {
        let failing = Trouble::Failing(Lately { served: 0, faults: 40 });
        let health = HealthView::judge(&[], Some(&failing), 2).for_others();
        assert_eq!((health.state, health.reasons.len(), health.next), ("bad", 0, None));
        assert_eq!(HealthView::judge(&[], None, 1).for_others(), HealthView::good());
    }

    #[test]
    fn every_reason_is_a_sentence_in_every_language() {
        let messages = Messages::load().unwrap();
        let parts = [
            "admin_token",
            "catalogue",
            "journal",
            "ledger",
            "limits",
            "network",
            "nodes",
            "patterns",
            "prices",
            "redis",
            "roll-ups",
            "rows",
            "start",
            "stop",
            "worker",
            "another",
        ];
        for part in parts {
            for severity in [Severity::Degraded, Severity::Down] {
                let text = reason(&of(part, severity));
                let words = Locale::ALL.map(|locale| messages.say(locale, &text).unwrap());
                assert_ne!(words[0], words[1], "{part}");
                let is_english = words[1].contains("something is wrong");
                assert_eq!(is_english, part == "another", "{part}: {words:?}");
            }
        }
    }
}
