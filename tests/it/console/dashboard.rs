//! The first page: what leads a stranger on, and figures that are those of the relay's rows.

use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use crate::support::client::Request;
use crate::support::person::Person;
use crate::support::prices::{MODEL, UNPRICED, cost_nano};
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::{self, PLAIN};
use crate::support::upstream::{Match, Rule, Script, Upstream};

/// Returns the words and the address of the page's primary buttons.
fn primary(html: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for part in html.split(r#"class="button primary" href=""#).skip(1) {
        let (href, rest) = part.split_once("\">").unwrap();
        found.push((rest.split('<').next().unwrap().to_owned(), href.to_owned()));
    }
    found
}

fn one(text: &str, href: &str) -> Vec<(String, String)> {
    vec![(text.to_owned(), href.to_owned())]
}

async fn ask(switchyard: &Switchyard, key: &str, model: &str) -> u16 {
    switchyard.send(&Request::model(Dialect::Anthropic, key, model, false)).await.status
}

/// Returns the figure under a heading.
fn figure(html: &str, heading: &str) -> String {
    let (_, rest) = html.split_once(&format!("<dt>{heading}</dt>")).expect(heading);
    let (figure, _) = rest.split_once("<span class=\"sub\">").unwrap();
    let mut text = String::new();
    for part in figure.split('<').skip(1) {
        text.push_str(part.split_once('>').map_or("", |(_, words)| words.trim()));
    }
    text
}

#[actix_rt::test]
async fn a_fresh_installation_leads_on_step_by_step() {
    let switchyard = Switchyard::launch(&[]).await;
    let person = Person::admin(&switchyard).await;
    let html = person.page("/dashboard").await;
    assert_eq!(primary(&html), one("Add a provider", "/providers/new"));
    assert!(!html.contains("Requests today"), "there is nothing to count: {html}");

    let upstream = Upstream::start();
    switchyard.serve(Dialect::Anthropic, &upstream).await;
    let html = person.page("/dashboard").await;
    assert_eq!(primary(&html), one("Create a user", "/users/new"));
    assert!(html.contains(r#"<span class="badge good">Done</span>"#), "{html}");

    let user = switchyard.add_user(json!({})).await;
    let html = person.page("/dashboard").await;
    assert_eq!(primary(&html), one("Show users and keys", "/users"));
    assert!(html.contains("export ANTHROPIC_BASE_URL=http://"), "{html}");

    assert_eq!(ask(&switchyard, &user.key, MODEL).await, 200);
    switchyard.only_row().await;
    let html = person.page("/dashboard").await;
    assert_eq!(primary(&html), []);
    assert_eq!(figure(&html, "Requests today"), "1");
}

#[actix_rt::test]
async fn figures_chart_and_feed_show_the_rows_of_the_relay() {
    let (upstream, switchyard) =
        (Upstream::start(), Switchyard::start_with(&[("TZ", "UTC")]).await);
    let provider = switchyard.serve(Dialect::Anthropic, &upstream).await;
    let user = switchyard.add_user(json!({})).await;
    for model in [MODEL, MODEL, MODEL, UNPRICED] {
        assert_eq!(ask(&switchyard, &user.key, model).await, 200);
    }
    let refused = json!({ "type": "error", "error": { "type": "invalid_request_error" } });
    upstream.script(Rule::new(Match::any(), Script::json(400, refused.to_string())).times(1));
    assert_eq!(ask(&switchyard, &user.key, MODEL).await, 400);
    let faulty = json!({ "type": "error", "error": { "type": "api_error" } });
    upstream.script(Rule::new(Match::any(), Script::json(500, faulty.to_string())));
    assert_eq!(ask(&switchyard, &user.key, MODEL).await, 503);
    let rows = switchyard.rows_when(6).await;
    let person = Person::admin(&switchyard).await;
    let html = person.page("/dashboard").await;
    assert!(html.contains("by the clock of UTC"), "{html}");
    assert_eq!(figure(&html, "Requests today"), "6");
    assert_eq!(figure(&html, "Errors today"), "116.7%");
    assert!(html.contains("One more was refused, or the client’s own error"), "{html}");
    let spent = cost_nano(&PLAIN) * 3;
    let exact = format!("title=\"${}.{:09}", spent / 1_000_000_000, spent % 1_000_000_000);
    let exact = exact.trim_end_matches('0').to_owned();
    assert!(html.contains(&exact), "{exact}: {html}");
    assert!(html.contains("One request without a price is not in it"), "{html}");
    let sentence =
        format!("One request of today has no price and is missing in every sum: {UNPRICED}.");
    assert!(html.contains(&sentence), "{html}");
    for row in &rows {
        let id = row["id"].as_str().unwrap();
        assert!(html.contains(&format!("/requests/{id}")), "{id}");
    }
    let kind = answers::kind(Dialect::Anthropic);
    let strip = format!("<a href=\"/providers/{provider}\">{kind} 1</a>");
    assert!(html.contains(&strip), "{strip}: {html}");
    assert!(html.contains("6 requests, 1 failed"), "the client's own is not its: {html}");
}

#[actix_rt::test]
async fn every_way_to_see_the_chart_is_a_link_and_nonsense_shows_the_default() {
    let (upstream, switchyard) = (Upstream::start(), Switchyard::start().await);
    switchyard.serve(Dialect::Anthropic, &upstream).await;
    let user = switchyard.add_user(json!({})).await;
    ask(&switchyard, &user.key, MODEL).await;
    switchyard.only_row().await;
    let person = Person::admin(&switchyard).await;
    for range in ["today", "24h", "7d", "30d", "nonsense"] {
        for metric in ["requests", "spend", "tokens", "latency"] {
            for by in ["", "provider", "user", "model"] {
                let path = format!("/dashboard?range={range}&metric={metric}&by={by}");
                let html = person.page(&path).await;
                assert!(html.contains("data-figures"), "{path}");
            }
        }
    }
    let split = person.page("/dashboard?metric=requests&by=user").await;
    assert!(split.contains(">Ada "), "the user is in the legend: {split}");
    assert!(split.contains("/dashboard?range=7d&amp;by=user"), "{split}");
}

#[actix_rt::test]
async fn others_than_admins_see_their_own_figures_alone() {
    let (upstream, switchyard) = (Upstream::start(), Switchyard::start().await);
    switchyard.serve(Dialect::Anthropic, &upstream).await;
    let ada = switchyard.add_user(json!({ "name": "Ada" })).await;
    let bob = switchyard.add_user(json!({ "name": "Bob" })).await;
    for key in [&ada.key, &ada.key, &bob.key] {
        assert_eq!(ask(&switchyard, key, UNPRICED).await, 200);
    }
    switchyard.rows_when(3).await;
    let key = switchyard.add_key(bob.id, "console", json!({ "canLoginWebUi": true })).await;
    let person = Person::with_key(&switchyard, &key).await;
    for path in ["/dashboard", "/dashboard?by=user", "/dashboard/present"] {
        let html = person.page(path).await;
        assert_eq!(figure(&html, "Requests today"), "1", "{path}");
        assert!(!html.contains("Ada") && !html.contains("have no price"), "{path}: {html}");
        assert!(!html.contains("strips-title"), "{path}: {html}");
    }
    let idle = switchyard.add_user(json!({ "name": "Eve" })).await;
    let key = switchyard.add_key(idle.id, "console", json!({ "canLoginWebUi": true })).await;
    let html = Person::with_key(&switchyard, &key).await.page("/dashboard").await;
    assert!(html.contains("You have not sent a request yet"), "{html}");
    assert!(!html.contains("/providers/new"), "{html}");
}

#[actix_rt::test]
async fn a_provider_that_rests_is_named_with_its_reason() {
    let (upstream, switchyard) = (Upstream::start(), Switchyard::start().await);
    upstream.script(Rule::new(Match::any(), Script::json(500, "{}")));
    let more = json!({ "circuit_breaker_failure_threshold": 1 });
    let kind = answers::kind(Dialect::Anthropic);
    switchyard.add_provider(kind, &upstream.url(), more).await;
    let user = switchyard.add_user(json!({})).await;
    assert_ne!(ask(&switchyard, &user.key, MODEL).await, 200);
    switchyard.only_row().await;
    let person = Person::admin(&switchyard).await;
    let html = person.page("/dashboard").await;
    assert!(html.contains("(last: http 500) and gets no requests since"), "{html}");
    assert!(html.contains("Every provider rests"), "{html}");
    assert!(html.contains(r#"<span class="badge bad">resting</span>"#), "{html}");
    let part = person.page("/dashboard/present").await;
    assert!(part.contains("and gets no requests since") && !part.contains("<html"), "{part}");
}

#[actix_rt::test]
async fn strangers_are_sent_to_the_login() {
    let switchyard = Switchyard::launch(&[]).await;
    let person = Person::stranger(&switchyard);
    for path in ["/dashboard", "/dashboard/present"] {
        let answer = person.get(path).await;
        assert_eq!(answer.status, 303, "{path}");
        assert!(answer.header("location").unwrap().starts_with("/login?from="), "{path}");
        assert!(!answer.text().contains("Requests today"), "{path}");
    }
}

/// The dot of a page: its colour and its word.
fn dot(html: &str) -> (String, String) {
    let (_, rest) = html.split_once(r#"<span class="state "#).expect("a dot");
    let (state, rest) = rest.split_once("\">").unwrap();
    (state.to_owned(), rest.split('<').next().unwrap().to_owned())
}

fn bad(word: &str) -> (String, String) {
    ("bad".to_owned(), word.to_owned())
}

#[actix_rt::test]
async fn an_outage_is_said_by_the_dot_of_every_page_and_first_on_the_dashboard() {
    let (upstream, switchyard) = (Upstream::start(), Switchyard::start().await);
    let person = Person::admin(&switchyard).await;
    assert_eq!(dot(&person.page("/dashboard").await), bad("Nobody can serve"));
    assert!(person.page("/users").await.contains("There is no provider: every request is refused"));

    let steady = json!({ "circuit_breaker_failure_threshold": 0 });
    let provider = switchyard.add_provider("claude", &upstream.url(), steady).await;
    let user = switchyard.add_user(json!({})).await;
    let other = switchyard.add_key(user.id, "console", json!({ "canLoginWebUi": true })).await;
    let well = || ("good".to_owned(), "All well".to_owned());
    assert_eq!(dot(&person.page("/users").await), well());

    let faulty = json!({ "type": "error", "error": { "type": "api_error" } });
    upstream.script(Rule::new(Match::any(), Script::json(500, faulty.to_string())));
    for _ in 0..6 {
        assert_eq!(ask(&switchyard, &user.key, MODEL).await, 503);
    }
    switchyard.rows_when(6).await;
    let sentence = "6 requests failed in the last five minutes; none was served.";
    for path in ["/users", "/dashboard", "/dashboard/present"] {
        let html = person.page(path).await;
        assert_eq!(dot(&html), bad("Requests fail"), "{path}");
        assert!(html.contains(sentence), "{path}: {html}");
        assert!(html.contains("/requests?time=hour&amp;status=failed"), "{path}: {html}");
    }
    let html = Person::with_key(&switchyard, &other).await.page("/dashboard").await;
    assert_eq!(dot(&html), bad("Requests fail"));
    assert!(!html.contains(sentence), "why is for admins: {html}");
    let chinese = Person::admin(&switchyard).await.in_chinese().page("/dashboard").await;
    assert!(chinese.contains("最近五分钟内有 6 个请求失败，没有一个成功。"), "{chinese}");

    let off = json!({ "providerId": provider, "is_enabled": false });
    switchyard.admin("providers/editProvider", off).await;
    let html = person.page("/dashboard").await;
    assert_eq!(dot(&html), bad("Nobody can serve"));
    assert!(html.contains("All providers are switched off"), "{html}");
}
