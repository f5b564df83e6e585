//! The truth about a failure, as a whole: six providers that cannot serve, each for another reason.
//! What the client is told, what the row keeps, and what operators see and can do about it.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::exhausted::assert_told;
use crate::support::admin::NewUser;
use crate::support::backing::Backing;
use crate::support::client::{Answer, Request};
use crate::support::person::Person;
use crate::support::prices::{DIALECTS, MODEL};
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::{self, error_body};
use crate::support::upstream::{Match, Rule, Script, Upstream};

const CLIENT: &str = "opencode/1";

/// Why the first five are left out, as rows say it and as a forecast does. The sixth is asked.
const REASONS: [(&str, &str); 5] = [
    ("circuit_open", "circuit_open"),
    ("rate_limited", "spend_limit"),
    ("model_not_allowed", "model"),
    ("schedule_inactive", "schedule"),
    ("client_restriction", "client"),
];

/// The six providers of one dialect, in the order in which they are asked.
struct Six<'a> {
    dialect: Dialect,
    switchyard: &'a Switchyard,
    upstream: &'a Upstream,
    user: &'a NewUser,
    ids: Vec<i64>,
}

/// Two hours from now and an hour later, as `HH:mm` in UTC.
fn later() -> [String; 2] {
    let minute = jiff::Timestamp::now().as_second().div_euclid(60);
    [120, 180].map(|ahead| {
        let of_day = (minute + ahead).rem_euclid(1_440);
        format!("{:02}:{:02}", of_day / 60, of_day % 60)
    })
}

impl<'a> Six<'a> {
    async fn new(
        dialect: Dialect,
        switchyard: &'a Switchyard,
        upstream: &'a Upstream,
        user: &'a NewUser,
    ) -> Self {
        let [opens, closes] = later();
        let settings = [
            json!({ "circuit_breaker_failure_threshold": 1, "max_retry_attempts": 1 }),
            json!({}),
            json!({ "allowed_models": ["another-model"] }),
            json!({ "active_time_start": opens, "active_time_end": closes,
                "active_time_zone": "UTC" }),
            json!({ "blocked_clients": ["opencode"] }),
            json!({}),
        ];
        let mut ids = Vec::new();
        for (place, mut more) in settings.into_iter().enumerate() {
            more["name"] = json!(format!("secret-name-{dialect}-{place}"));
            more["key"] = json!(key(dialect, place));
            more["priority"] = json!(place);
            let kind = answers::kind(dialect);
            ids.push(switchyard.add_provider(kind, &upstream.url(), more).await);
        }
        let spent = json!({ "owner": "provider", "id": ids[1], "limitTotalUsd": 0.01 });
        switchyard.admin("limits/setLimits", spent).await;
        let this = Self { dialect, switchyard, upstream, user, ids };
        let broken = error_body(dialect, 500, "secret-name fell over");
        this.lets(0, Script::json(500, broken));
        let full = error_body(dialect, 529, "secret-name is full");
        this.lets(5, Script::status(529).header("retry-after", "7").body(full));
        this
    }

    fn lets(&self, place: usize, script: Script) {
        let whose = Match::any().key(&key(self.dialect, place));
        self.upstream.script(Rule::new(whose, script));
    }

    /// Begins a conversation of its own.
    async fn ask(&self, stream: bool, text: &str) -> Answer {
        let request = Request::saying(self.dialect, &self.user.key, MODEL, stream, text);
        self.switchyard.send(&request.header("user-agent", CLIENT)).await
    }

    /// Returns how often each was asked.
    fn asked(&self) -> Vec<usize> {
        let seen = self.upstream.requests();
        let of = |place| {
            let key = key(self.dialect, place);
            seen.iter().filter(|one| one.key() == Some(key.as_str())).count()
        };
        (0..self.ids.len()).map(of).collect()
    }

    /// The row names everybody: who was asked with what came of it, and why the others were not.
    fn assert_row(&self, row: &Value, status: u16) {
        assert_eq!(
            (&row["statusCode"], &row["outcome"]),
            (&json!(status), &json!("upstream_error"))
        );
        assert!(row["errorMessage"].as_str().is_some_and(|text| text.contains("is full")));
        let chain = row["providerChain"].as_array().expect("a chain");
        let [link] = chain.as_slice() else { panic!("one was asked: {row:#}") };
        assert_eq!((&link["id"], &link["statusCode"]), (&json!(self.ids[5]), &json!(529)));
        assert!(link["errorMessage"].as_str().is_some_and(|text| text.contains("is full")));
        assert!(link["timestamp"].is_i64() && link["durationMs"].is_u64(), "{row:#}");
        let left_out = link["decisionContext"]["filteredProviders"].as_array().expect("a list");
        for (id, (reason, _)) in self.ids.iter().zip(REASONS) {
            let one = left_out.iter().find(|one| one["id"] == *id).expect("everybody is there");
            assert_eq!(one["reason"], reason, "{row:#}");
            assert_eq!(one["until"].is_string(), reason == "circuit_open", "{row:#}");
        }
    }

    /// A forecast says what would let each of them serve, and when those are back who only wait.
    async fn assert_forecast(&self) {
        let question = json!({ "keyId": self.user.key_id, "model": MODEL, "userAgent": CLIENT,
            "dialect": self.dialect.name() });
        let told = self.switchyard.admin("routing/simulateDispatch", question).await;
        assert_eq!(told["ranks"], json!([]), "{told:#}");
        assert!(told["nextAt"].is_string(), "{told:#}");
        let reasons = REASONS.iter().map(|(_, reason)| *reason).chain(["cooling"]);
        let ends = [true, false, false, true, false, true];
        for ((id, reason), ends) in self.ids.iter().zip(reasons).zip(ends) {
            let all = told["excluded"].as_array().expect("who may not");
            let one = all.iter().find(|one| one["id"] == *id).expect("everybody is there");
            let first = &one["reasons"][0];
            assert_eq!(first["reason"], reason, "{told:#}");
            assert_eq!(first["until"].is_string(), ends, "{reason}: {told:#}");
            assert!(first["remedy"].as_str().is_some_and(|text| !text.is_empty()), "{told:#}");
        }
    }

    /// The console says the same in words, and offers to reset the breaker that is open.
    async fn assert_shown(&self, answer: &Answer) {
        let id = answer.header("x-switchyard-request-id").expect("a request id");
        let person = Person::admin(self.switchyard).await;
        let page = person.page(&format!("/requests/{id}")).await;
        for words in [
            "1 provider was resting after failures (breaker open)",
            "1 provider has reached its spend limit",
            "1 provider does not have the model",
            "1 provider is outside its hours",
            "1 provider does not serve this client program",
            "secret-name is full",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let list = person.page("/providers").await;
        assert!(list.contains(&format!("action=\"/providers/{}/reset\"", self.ids[0])), "{list}");
        let chinese = person.in_chinese().page(&format!("/requests/{id}")).await;
        assert!(chinese.contains("1 个供应商已达消费限额"), "{chinese}");
    }
}

fn key(dialect: Dialect, place: usize) -> String {
    format!("secret-key-{dialect}-{place}")
}

#[actix_rt::test]
async fn six_providers_that_cannot_serve_are_told_apart_to_everybody_who_may_know() {
    for backing in Backing::both().await {
        let switchyard = backing.start(&[("ENABLE_FORMAT_CONVERSION", "false")]).await;
        let user = switchyard.add_user(json!({})).await;
        let mut rows = 0;
        for dialect in DIALECTS {
            let what = format!("{}, {dialect}", backing.name());
            let upstream = Upstream::start();
            let six = Six::new(dialect, &switchyard, &upstream, &user).await;
            // The first one's breaker opens, and the second one spends what it may.
            for text in ["Begin.", "Go on."] {
                assert_eq!(six.ask(false, text).await.status, 200, "{what}");
            }
            assert_eq!(six.asked(), [1, 2, 0, 0, 0, 0], "{what}");
            let answer = six.ask(true, "Say hello.").await;
            let status = if dialect == Dialect::Anthropic { 529 } else { 503 };
            assert_told(dialect, &what, &answer, status);
            assert_eq!(answer.header("retry-after"), Some("7"), "{what}");
            assert_eq!(six.asked(), [1, 2, 0, 0, 0, 1], "{what}");
            rows += 3;
            six.assert_row(&switchyard.rows_when(rows).await[0], status);
            six.assert_forecast().await;
            six.assert_shown(&answer).await;
            // What was offered helps.
            six.upstream.reset();
            let reset = json!({ "providerId": six.ids[0] });
            switchyard.admin("providers/resetProviderCircuit", reset).await;
            assert_eq!(six.ask(true, "Once more.").await.status, 200, "{what}");
            assert_eq!(six.asked(), [1, 0, 0, 0, 0, 0], "{what}");
            rows += 1;
        }
    }
}
