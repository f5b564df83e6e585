//! What a client is told when nobody could serve it: the rows of the table in `docs/FAULTS.md`, in
//! every dialect's own shape, with the request's id and without a name or a key of a provider.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use super::stand::Pair;
use crate::support::admin::NewUser;
use crate::support::client::{Answer, Request};
use crate::support::prices::DIALECTS;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::{self, error_body};
use crate::support::upstream::{Match, Rule, Script, Upstream};

/// Two upstreams whose providers serve a model of each case: the first one goes first.
struct Yard {
    dialect: Dialect,
    upstreams: [Upstream; 2],
    switchyard: Switchyard,
    user: NewUser,
}

impl Yard {
    async fn new(dialect: Dialect) -> Self {
        let switchyard = Switchyard::start().await;
        let user = switchyard.add_user(json!({})).await;
        Self { dialect, upstreams: [Upstream::start(), Upstream::start()], switchyard, user }
    }

    /// Adds two providers of a model that answer with the scripts.
    async fn serve(&self, model: &str, scripts: [Script; 2]) {
        self.serve_with(model, scripts, json!({})).await;
    }

    /// Lets the first one answer with its script once, while the second one serves; from then on the
    /// second one answers with its own.
    async fn once_busy_then(&self, model: &str, scripts: [Script; 2], settings: Value) {
        let well = answers::answer(self.dialect, model, "Hello.", &answers::PLAIN);
        let well = Rule::new(Match::any().model(model), Script::json(200, well)).times(1);
        self.upstreams[1].script(well);
        self.serve_with(model, scripts, settings).await;
        assert_eq!(self.ask(model, false).await.status, 200, "{model}");
    }

    /// Adds two such providers with more settings.
    async fn serve_with(&self, model: &str, scripts: [Script; 2], settings: Value) {
        for (place, (upstream, script)) in self.upstreams.iter().zip(scripts).enumerate() {
            upstream.script(Rule::new(Match::any().model(model), script));
            let mut more = json!({ "name": format!("secret-name-{model}-{place}"),
                "priority": place, "key": "secret-key-0123456789", "allowed_models": [model] });
            let own = more.as_object_mut().expect("an object");
            own.extend(settings.as_object().cloned().unwrap_or_default());
            self.switchyard.add_provider(answers::kind(self.dialect), &upstream.url(), more).await;
        }
    }

    async fn ask(&self, model: &str, stream: bool) -> Answer {
        let request = Request::model(self.dialect, &self.user.key, model, stream);
        self.switchyard.send(&request).await
    }

    fn busy(&self, wait: &str) -> Script {
        let body = error_body(self.dialect, 429, "secret-name is busy");
        Script::status(429).header("retry-after", wait).body(body)
    }

    fn refusal(&self, status: u16) -> Script {
        Script::json(status, error_body(self.dialect, status, "no"))
    }

    fn asked(&self, model: &str) -> [usize; 2] {
        let of = |upstream: &Upstream| {
            upstream.requests().iter().filter(|seen| seen.model().as_deref() == Some(model)).count()
        };
        [of(&self.upstreams[0]), of(&self.upstreams[1])]
    }
}

/// Asserts that an answer is an error of the dialect that tells nothing of providers.
pub fn assert_told(dialect: Dialect, what: &str, answer: &Answer, status: u16) {
    let text = answer.text();
    assert_eq!(answer.status, status, "{dialect}, {what}: {text}");
    assert!(!text.contains("secret"), "{dialect}, {what}: {text}");
    let id = answer.header("x-switchyard-request-id").expect("a request id");
    let body = answer.json();
    let error = &body["error"];
    assert!(error["message"].is_string(), "{dialect}, {what}: {text}");
    let named = match dialect {
        Dialect::Anthropic => {
            assert_eq!((&body["type"], error["type"].is_string()), (&json!("error"), true));
            &body["request_id"]
        }
        Dialect::OpenaiChat | Dialect::Responses => {
            assert!(error["type"].is_string() && error["code"].is_string(), "{what}: {text}");
            assert_eq!(error["param"], Value::Null);
            &body["request_id"]
        }
        Dialect::Gemini | Dialect::GeminiCli => {
            assert_eq!((&error["code"], error["status"].is_string()), (&json!(status), true));
            let details = error["details"].as_array().expect("details");
            &details.iter().find(|one| one["requestId"].is_string()).expect("an id")["requestId"]
        }
    };
    assert_eq!(named, id, "{dialect}, {what}: {text}");
}

fn wait(answer: &Answer) -> Option<u64> {
    answer.header("retry-after").map(|wait| wait.parse().expect("seconds"))
}

#[tokio::test]
async fn all_who_ask_to_wait_are_a_429_with_the_shortest_wait() {
    for dialect in DIALECTS {
        let yard = Yard::new(dialect).await;
        for (model, waits) in [("short-first", ["9", "30"]), ("short-last", ["30", "9"])] {
            yard.serve(model, waits.map(|wait| yard.busy(wait))).await;
            let answer = yard.ask(model, true).await;
            assert_told(dialect, model, &answer, 429);
            let told = wait(&answer).expect("a wait");
            assert!((8..=9).contains(&told), "{dialect}, {model}: {told}");
            if matches!(dialect, Dialect::Gemini | Dialect::GeminiCli) {
                let delay = format!("\"retryDelay\":\"{told}s\"");
                assert!(
                    answer.text().contains(&delay),
                    "its clients look there: {}",
                    answer.text()
                );
            }
            assert_eq!(yard.asked(model), [1, 1], "{dialect}: who asks to wait is not asked twice");
            let answer = yard.ask(model, true).await;
            assert_told(dialect, "while they cool", &answer, 429);
            assert!((1..=9).contains(&wait(&answer).expect("a wait")), "{dialect}, {model}");
            assert_eq!(yard.asked(model), [1, 1], "{dialect}: nobody is asked");
        }
    }
}

#[tokio::test]
async fn who_cools_since_before_counts_among_those_who_ask_to_wait() {
    let dialect = Dialect::Anthropic;
    let yard = Yard::new(dialect).await;
    let well = Script::json(200, answers::answer(dialect, "m", "Hello.", &answers::PLAIN));
    yard.upstreams[1].script(Rule::new(Match::any().model("m"), well).times(1));
    yard.serve("m", [yard.busy("20"), yard.busy("300")]).await;
    assert_eq!(yard.ask("m", false).await.status, 200);
    let answer = yard.ask("m", false).await;
    assert_told(dialect, "one cools", &answer, 429);
    assert!((10..=20).contains(&wait(&answer).expect("a wait")), "{:?}", wait(&answer));
    assert_eq!(yard.asked("m"), [1, 2]);
}

#[tokio::test]
async fn a_wait_that_is_named_as_a_date_is_told_in_seconds() {
    let dialect = Dialect::Anthropic;
    let yard = Yard::new(dialect).await;
    let at = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(300);
    let date = at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    yard.serve("m", [yard.busy(&date), yard.busy("600")]).await;
    let answer = yard.ask("m", true).await;
    assert_told(dialect, "a date", &answer, 429);
    assert!((200..=300).contains(&wait(&answer).expect("a wait")), "{:?}", wait(&answer));
    assert_eq!(yard.ask("m", true).await.status, 429, "it is left alone until then");
    assert_eq!(yard.asked("m"), [1, 1]);
}

#[tokio::test]
async fn a_model_that_somebody_has_who_may_not_be_asked_just_now_is_not_missing() {
    for dialect in [Dialect::Anthropic, Dialect::OpenaiChat] {
        let yard = Yard::new(dialect).await;
        yard.once_busy_then("cools", [yard.busy("300"), yard.refusal(404)], json!({})).await;
        let answer = yard.ask("cools", true).await;
        assert_told(dialect, "it cools", &answer, 429);
        assert!((200..=300).contains(&wait(&answer).expect("a wait")), "{:?}", wait(&answer));

        let opens = json!({ "circuit_breaker_failure_threshold": 1, "max_retry_attempts": 1 });
        yard.once_busy_then("open", [yard.refusal(500), yard.refusal(404)], opens).await;
        let answer = yard.ask("open", true).await;
        assert_told(dialect, "its breaker is open", &answer, 503);
        assert!(answer.text().contains("No provider available"), "{}", answer.text());
        assert_eq!(wait(&answer), None, "{dialect}");
    }
}

#[tokio::test]
async fn the_wait_of_who_cools_is_told_beside_one_that_cannot_serve_either() {
    let dialect = Dialect::Anthropic;
    let yard = Yard::new(dialect).await;
    yard.once_busy_then("full", [yard.busy("300"), yard.refusal(529)], json!({})).await;
    let answer = yard.ask("full", true).await;
    assert_told(dialect, "overloaded without a wait", &answer, 529);
    assert!((200..=300).contains(&wait(&answer).expect("a wait")), "{:?}", wait(&answer));

    let opens = json!({ "circuit_breaker_failure_threshold": 1, "max_retry_attempts": 1 });
    yard.serve_with("broken", [yard.refusal(500), yard.busy("300")], opens).await;
    assert_told(dialect, "one broke", &yard.ask("broken", true).await, 503);
    let answer = yard.ask("broken", true).await;
    assert_told(dialect, "one is open and one cools", &answer, 429);
    assert!((200..=300).contains(&wait(&answer).expect("a wait")), "{:?}", wait(&answer));
    assert_eq!(yard.asked("broken"), [1, 1]);
}

#[tokio::test]
async fn no_wait_is_told_where_somebody_could_have_been_asked_and_no_switch_was_left() {
    let dialect = Dialect::Anthropic;
    let pair = Pair::with(dialect, &[("SWITCHYARD_MAX_PROVIDER_SWITCHES", "1")]).await;
    let third = Upstream::start();
    pair.switchyard.serve_at(dialect, &third, 2).await;
    for upstream in [&pair.first, &pair.second] {
        let busy = Script::status(429).header("retry-after", "300");
        upstream.always(busy.body(error_body(dialect, 429, "wait")));
    }
    let answer = pair.ask(dialect, true).await;
    assert_told(dialect, "one is free", &answer, 429);
    assert_eq!(wait(&answer), None);
    assert_eq!(
        (third.count(), pair.ask(dialect, true).await.status),
        (0, 200),
        "it serves at once"
    );
}

#[tokio::test]
async fn a_503_with_a_wait_is_an_overload_and_afterwards_a_cooling() {
    for dialect in DIALECTS {
        let yard = Yard::new(dialect).await;
        let status = if dialect == Dialect::Anthropic { 529 } else { 503 };
        let body = error_body(dialect, 503, "no room");
        let waiting = Script::status(503).header("retry-after", "300").body(body);
        yard.serve("m", [waiting, yard.busy("400")]).await;
        let answer = yard.ask("m", true).await;
        assert_told(dialect, "overloaded", &answer, status);
        assert_eq!(wait(&answer), Some(300), "{dialect}");
        let answer = yard.ask("m", true).await;
        assert_told(dialect, "all cool", &answer, 429);
        assert!((200..=300).contains(&wait(&answer).expect("a wait")), "{:?}", wait(&answer));
    }
}

#[tokio::test]
async fn all_overloaded_is_a_529_for_anthropic_and_a_503_for_others() {
    for dialect in DIALECTS {
        let yard = Yard::new(dialect).await;
        let status = if dialect == Dialect::Anthropic { 529 } else { 503 };
        yard.serve("plain", [yard.refusal(529), yard.refusal(529)]).await;
        let answer = yard.ask("plain", true).await;
        assert_told(dialect, "no wait is named", &answer, status);
        assert_eq!(wait(&answer), None, "{dialect}");
        let body = error_body(dialect, 529, "Overloaded");
        let waiting = Script::status(529).header("retry-after", "7").body(body);
        yard.serve("waiting", [waiting, yard.busy("60")]).await;
        let answer = yard.ask("waiting", true).await;
        assert_told(dialect, "the shortest wait", &answer, status);
        assert_eq!(wait(&answer), Some(7), "{dialect}");
    }
}

#[tokio::test]
async fn who_failed_among_those_who_wait_leaves_the_door_open() {
    for dialect in DIALECTS {
        let yard = Yard::new(dialect).await;
        yard.serve("broken-last", [yard.busy("60"), yard.refusal(500)]).await;
        yard.serve("broken-first", [yard.refusal(500), yard.busy("60")]).await;
        for model in ["broken-last", "broken-first"] {
            let answer = yard.ask(model, true).await;
            assert_told(dialect, model, &answer, 503);
            assert_eq!(wait(&answer), None, "{dialect}, {model}");
        }
    }
}

#[tokio::test]
async fn nobody_who_may_is_a_503_that_says_so() {
    for dialect in DIALECTS {
        let yard = Yard::new(dialect).await;
        yard.serve("served", [yard.refusal(500), yard.refusal(500)]).await;
        for stream in [true, false] {
            let answer = yard.ask("another-model", stream).await;
            assert_told(dialect, "no provider", &answer, 503);
            assert!(answer.text().contains("No provider available"), "{}", answer.text());
            assert_eq!(wait(&answer), None, "{dialect}");
        }
        assert_eq!(yard.asked("another-model"), [0, 0]);
        let row = yard.switchyard.rows_when(2).await.remove(0);
        assert!(row["notes"].to_string().contains("model"), "why is on the row: {row:#}");
    }
}

#[tokio::test]
async fn a_model_that_nobody_has_is_missing_and_not_overloaded() {
    for dialect in DIALECTS {
        let yard = Yard::new(dialect).await;
        yard.serve("nowhere", [yard.refusal(404), yard.refusal(404)]).await;
        assert_told(dialect, "nowhere", &yard.ask("nowhere", true).await, 404);
        yard.serve("elsewhere", [yard.refusal(404), yard.refusal(500)]).await;
        assert_told(dialect, "elsewhere", &yard.ask("elsewhere", true).await, 503);
    }
}

#[tokio::test]
async fn the_clients_own_fault_keeps_its_status_and_words() {
    for dialect in DIALECTS {
        let yard = Yard::new(dialect).await;
        for status in [400, 413, 422] {
            let model = format!("wrong-{status}");
            let body = error_body(dialect, 400, "your request is wrong");
            let refusal = Script::json(status, body.clone());
            yard.serve(&model, [refusal, yard.refusal(500)]).await;
            let answer = yard.ask(&model, false).await;
            assert_eq!((answer.status, answer.text()), (status, body), "{dialect}");
            assert!(answer.header("x-switchyard-request-id").is_some(), "{dialect}");
            assert_eq!(yard.asked(&model), [1, 0], "{dialect}, {status}");
        }
    }
}

#[tokio::test]
async fn a_last_refusal_that_names_no_error_does_not_hide_what_others_said() {
    let dialect = Dialect::Anthropic;
    let text = Script::status(400).header("content-type", "text/plain").body("Bad Request");
    let named = Script::json(400, error_body(dialect, 400, "your request is wrong"));
    for (last, status) in [(text.clone(), 503), (named, 400)] {
        // No switch is left behind the second one.
        let pair = Pair::with(dialect, &[("SWITCHYARD_MAX_PROVIDER_SWITCHES", "1")]).await;
        let third = Upstream::start();
        pair.switchyard.serve_at(dialect, &third, 2).await;
        pair.first.always(Script::json(503, error_body(dialect, 503, "no")));
        pair.second.always(last);
        let answer = pair.ask(dialect, true).await;
        assert_eq!(answer.status, status, "{}", answer.text());
        assert_eq!((pair.second.count(), third.count()), (1, 0));
        let row = pair.switchyard.only_row().await;
        let outcome = if status == 503 { "upstream_error" } else { "client_error" };
        assert_eq!(row["outcome"], outcome, "{row:#}");
    }
    let pair = Pair::with(dialect, &[("SWITCHYARD_MAX_PROVIDER_SWITCHES", "1")]).await;
    for upstream in [&pair.first, &pair.second] {
        upstream.always(text.clone());
    }
    let answer = pair.ask(dialect, true).await;
    assert_eq!(answer.status, 400, "nobody said otherwise: {}", answer.text());
}
