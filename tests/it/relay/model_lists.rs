//! Lists of models: the same for every client, each in the shape that it reads.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use crate::support::client::{Answer, Request};
use crate::support::switchyard::Switchyard;
use crate::support::upstream::{Match, Rule, Script, Upstream};

/// A provider of each kind with names of its own: two said by the operator, one said by the vendor.
struct World {
    switchyard: Switchyard,
    key: String,
    user: i64,
    _upstream: Upstream,
}

impl World {
    async fn new(extra: &[(&str, &str)]) -> Self {
        let upstream = Upstream::start();
        let lists = Match::any().method("GET");
        upstream.script(Rule::made(lists, |seen| {
            assert!(seen.path.ends_with("/models"), "{}", seen.path);
            Script::json(200, json!({ "data": [{ "id": "gpt-said" }, { "id": "B" }] }).to_string())
        }));
        let switchyard = Switchyard::start_with(extra).await;
        let redirected = json!({ "allowed_models": ["B"], "model_redirects": { "A": "B" } });
        switchyard.add_provider("claude", &upstream.url(), redirected).await;
        switchyard.add_provider("openai-compatible", &upstream.url(), json!({})).await;
        let google = json!({ "allowed_models": ["gemini-x", "B"] });
        switchyard.add_provider("gemini", &upstream.url(), google).await;
        let off = json!({ "allowed_models": ["never"], "is_enabled": false });
        switchyard.add_provider("codex", &upstream.url(), off).await;
        let user = switchyard.add_user(json!({})).await;
        Self { switchyard, key: user.key, user: user.id, _upstream: upstream }
    }

    async fn get(&self, dialect: Dialect, target: &str) -> Answer {
        self.switchyard.send(&self.request("GET", dialect, target)).await
    }

    fn request(&self, method: &str, dialect: Dialect, target: &str) -> Request {
        let mut request = Request::get(target);
        method.clone_into(&mut request.method);
        match dialect {
            Dialect::Anthropic => {
                request.bearer(&self.key).header("anthropic-version", "2023-06-01")
            }
            Dialect::Gemini | Dialect::GeminiCli => request.header("x-goog-api-key", &self.key),
            _ => request.bearer(&self.key),
        }
    }
}

fn names(answer: &Answer) -> Vec<String> {
    let said = answer.json();
    let items = said.get("data").or(said.get("models")).and_then(Value::as_array);
    let name = |one: &Value| {
        let name = one.get("id").or(one.get("name")).and_then(Value::as_str).expect("a name");
        name.trim_start_matches("models/").to_owned()
    };
    items.expect("a list").iter().map(name).collect()
}

#[tokio::test]
async fn every_client_sees_every_model_it_may_use_once_under_the_name_it_has_to_send() {
    let world = World::new(&[]).await;
    for (dialect, target) in [
        (Dialect::Anthropic, "/v1/models?limit=1000"),
        (Dialect::OpenaiChat, "/v1/models"),
        (Dialect::OpenaiChat, "/v1/chat/models"),
        (Dialect::Gemini, "/v1beta/models"),
        (Dialect::Gemini, "/v1/models"),
    ] {
        let answer = world.get(dialect, target).await;
        assert_eq!(answer.status, 200, "{target}: {}", answer.text());
        assert_eq!(names(&answer), ["A", "B", "gemini-x", "gpt-said"], "{dialect} {target}");
    }
    let page = world.get(Dialect::Anthropic, "/v1/models?limit=2").await;
    assert_eq!((names(&page).len(), &page.json()["has_more"]), (2, &json!(true)));
    let page = world.get(Dialect::Gemini, "/v1beta/models?pageSize=3").await;
    assert_eq!(page.json()["nextPageToken"], "gemini-x");
    let change = json!({ "userId": world.user, "allowedModels": ["b", "gpt-said"] });
    world.switchyard.admin("users/editUser", change).await;
    let answer = world.get(Dialect::Gemini, "/v1beta/models").await;
    assert_eq!(names(&answer), ["B", "gpt-said"], "only what the user may ask for");
}

#[tokio::test]
async fn one_model_is_told_or_missing_in_the_clients_shape() {
    let world = World::new(&[]).await;
    let anthropic = world.get(Dialect::Anthropic, "/v1/models/gemini-x").await;
    assert_eq!(anthropic.json()["type"], "model");
    let google = world.get(Dialect::Gemini, "/v1beta/models/A").await;
    assert_eq!(google.json()["name"], "models/A");
    let missing = world.get(Dialect::Anthropic, "/v1/models/never").await;
    assert_eq!((missing.status, &missing.json()["type"]), (404, &json!("error")));
    let missing = world.get(Dialect::OpenaiChat, "/v1/models/never").await;
    assert_eq!(missing.status, 404);
    assert!(missing.json()["error"]["message"].is_string());
}

#[tokio::test]
async fn without_conversion_a_client_sees_its_own_kinds() {
    let world = World::new(&[("ENABLE_FORMAT_CONVERSION", "false")]).await;
    let of = async |dialect, target| names(&world.get(dialect, target).await);
    assert_eq!(of(Dialect::Anthropic, "/v1/models").await, ["A", "B"]);
    assert_eq!(of(Dialect::OpenaiChat, "/v1/models").await, ["B", "gpt-said"]);
    assert_eq!(of(Dialect::Gemini, "/v1beta/models").await, ["B", "gemini-x"]);
}

#[tokio::test]
async fn a_list_that_is_known_is_not_sent_again() {
    let world = World::new(&[]).await;
    for target in ["/v1/models?client_version=0.169.0", "/v1/models"] {
        let answer = world.get(Dialect::OpenaiChat, target).await;
        let tag = answer.header("etag").expect("a tag").to_owned();
        assert!(tag.starts_with("W/\""), "{tag}");
        let again = world.request("GET", Dialect::OpenaiChat, target).header("if-none-match", &tag);
        let again = world.switchyard.send(&again).await;
        assert_eq!((again.status, again.text()), (304, String::new()), "{target}");
        let other =
            world.request("GET", Dialect::OpenaiChat, target).header("if-none-match", "\"x\"");
        assert_eq!(world.switchyard.send(&other).await.status, 200);
    }
    let codex = world.get(Dialect::OpenaiChat, "/v1/models?client_version=0.169.0").await;
    assert_eq!(codex.json(), json!({ "models": [] }));
}

#[tokio::test]
async fn a_head_is_answered_without_a_body() {
    let world = World::new(&[]).await;
    let list = world.request("HEAD", Dialect::OpenaiChat, "/v1/models");
    let answer = world.switchyard.send(&list).await;
    assert_eq!((answer.status, answer.text()), (200, String::new()));
    let mut stranger = Request::get("/v1/models");
    "HEAD".clone_into(&mut stranger.method);
    assert_eq!(world.switchyard.send(&stranger).await.status, 401);
    let mut root = Request::get("/");
    "HEAD".clone_into(&mut root.method);
    assert_eq!(world.switchyard.send(&root).await.status, 200, "without a key");
}

#[tokio::test]
async fn a_list_is_that_of_the_provider_as_it_is_set_now() {
    let upstreams = [Upstream::start(), Upstream::start()];
    for (upstream, name) in upstreams.iter().zip(["first", "second"]) {
        let list = json!({ "data": [{ "id": name }] }).to_string();
        upstream.script(Rule::new(Match::any().method("GET"), Script::json(200, list)));
    }
    let switchyard = Switchyard::start().await;
    let [first, second] = &upstreams;
    let id = switchyard.add_provider("openai-compatible", &first.url(), json!({})).await;
    let user = switchyard.add_user(json!({})).await;
    let list = Request::get("/v1/models").bearer(&user.key);
    // Often enough for each worker to have asked.
    for _ in 0..4 {
        assert_eq!(names(&switchyard.send(&list).await), ["first"]);
    }
    let edit = json!({ "providerId": id, "url": second.url() });
    switchyard.admin("providers/editProvider", edit).await;
    for _ in 0..4 {
        assert_eq!(names(&switchyard.send(&list).await), ["second"]);
    }
}
