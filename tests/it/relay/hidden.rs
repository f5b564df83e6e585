//! What a request hides from the lists and the counting of this relay, and a server behind it would see.

use serde_json::json;

use crate::support::client::Request;
use crate::support::prices::MODEL;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::{Script, Upstream};

/// A user who may not ask for a model, at providers of three kinds.
struct Stand {
    upstream: Upstream,
    switchyard: Switchyard,
    key: String,
}

impl Stand {
    /// Starts it all; each provider's address is the upstream's with a path behind it.
    async fn new(path: &str) -> Self {
        let upstream = Upstream::start();
        upstream.always(Script::json(200, json!({ "data": [] }).to_string()));
        let switchyard = Switchyard::start().await;
        for kind in ["openai-compatible", "claude", "gemini"] {
            switchyard.add_provider(kind, &format!("{}{path}", upstream.url()), json!({})).await;
        }
        let user = switchyard.add_user(json!({ "blockedModels": [MODEL] })).await;
        Self { upstream, switchyard, key: user.key }
    }

    /// Asserts that a request is refused here, with words for the one who sent it.
    async fn refuses(&self, request: Request, status: u16, words: &str) {
        let request = request.bearer(&self.key);
        let answer = self.switchyard.send(&request).await;
        let told = answer.text();
        assert!(answer.status == status && told.contains(words), "{}: {told}", request.target);
        assert_eq!(self.upstream.count(), 0, "{}", request.target);
    }
}

#[tokio::test]
async fn a_path_that_would_be_another_endpoint_behind_an_address_is_none() {
    for path in ["/v1/chat/completions", "/x/responses", ""] {
        let stand = Stand::new(path).await;
        let body = json!({ "model": "free", "messages": [], "input": "x" }).to_string();
        for path in [
            "/v1/files/chat/completions",
            "/v1/x/responses",
            "/v1/engines/m/embeddings",
            "/v1beta/openai/chat/completions",
            "/v1beta/tunedModels/m:generateContent",
            "/v1/chat/completions;x",
        ] {
            stand.refuses(Request::post(path, body.clone()), 404, "").await;
        }
    }
}

#[tokio::test]
async fn a_key_in_other_letters_is_told() {
    let stand = Stand::new("").await;
    for (path, body, words) in [
        (
            "/v1/chat/completions",
            json!({ "model": "free", "Model": MODEL, "messages": [] }),
            "must be written `model`",
        ),
        (
            "/v1/messages",
            json!({ "model": "free", "Messages": [], "max_tokens": 1 }),
            "must be written `messages`",
        ),
        ("/v1/images/generations", json!({ "Model": MODEL }), "must be written `model`"),
        ("/v1/responses", json!({ "model": "free", "\u{17f}tream": true }), "must be written"),
    ] {
        stand.refuses(Request::post(path, body.to_string()), 400, words).await;
    }
}

#[tokio::test]
async fn a_body_that_may_be_read_in_two_ways_is_told() {
    let stand = Stand::new("").await;
    let kind = "multipart/form-data; boundary=XX";
    let field = format!("Content-Disposition: form-data; name=\"model\"\r\n\r\n{MODEL}\r\n");
    let form = format!("--XX\r\n{field}--XX--");
    let post = |kind: &str, body: Vec<u8>| {
        let mut request = Request::get("/v1/audio/transcriptions").header("content-type", kind);
        "POST".clone_into(&mut request.method);
        request.body(body)
    };
    let json = json!({ "model": MODEL }).to_string();
    let wide: Vec<u8> = json.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let twice = post("application/json", form.clone().into_bytes()).header("content-type", kind);
    let hidden = form.replace("\"model\"", "\"model\"; x");
    let before = format!("{{}}\r\n{form}");
    for (request, words) in [
        (post(kind, form.clone().into_bytes()), "may not use"),
        (post(&format!("{kind}; x=\u{ff}"), form.into_bytes()), "not ASCII"),
        (twice, "more than one content-type"),
        (
            post("application/x-www-form-urlencoded", format!("model={MODEL}").into_bytes()),
            "multipart/form-data",
        ),
        (post("application/json", wide), "not valid JSON"),
        (post(kind, hidden.into_bytes()), "not a whole form"),
        (post(kind, before.into_bytes()), "not a whole form"),
    ] {
        stand.refuses(request, 400, words).await;
    }
}

#[tokio::test]
async fn models_in_googles_other_bodies_are_judged_and_methods_are_what_they_are() {
    let stand = Stand::new("").await;
    let body = json!({ "model": format!("models/{MODEL}"), "input": "x" }).to_string();
    for path in ["/v1beta/interactions", "/v1beta/cachedContents"] {
        stand.refuses(Request::post(path, body.clone()), 400, "may not use").await;
    }
    stand.refuses(Request::post("/v1beta/files", "{'model': 1}"), 400, "not valid JSON").await;
    let request = Request::post("/v1/files/file-1", json!({}).to_string()).bearer(&stand.key);
    let request = request.header("x-http-method-override", "DELETE");
    assert_eq!(stand.switchyard.send(&request).await.status, 200);
    assert_eq!(stand.upstream.only_request().header("x-http-method-override"), None);
}

#[tokio::test]
async fn what_a_vendor_says_to_browsers_is_not_said_in_our_name() {
    let stand = Stand::new("").await;
    let page = Script::status(200)
        .header("content-type", "text/html")
        .header("set-cookie", "auth-token=evil; Path=/")
        .header("service-worker-allowed", "/")
        .header("connection", "x-hop")
        .header("x-hop", "1")
        .header("x-kept", "1")
        .body("<script>1</script>");
    stand.upstream.reset();
    stand.upstream.always(page);
    let ours = [("x-goog-iap-jwt-assertion", "token"), ("remote-user", "ada")];
    let request = Request::get("/v1/files/file-1/content").bearer(&stand.key);
    let request = ours.iter().fold(request, |request, (name, value)| request.header(name, value));
    let answer = stand.switchyard.send(&request).await;
    assert_eq!((answer.status, answer.header("x-kept")), (200, Some("1")));
    for name in ["set-cookie", "service-worker-allowed", "x-hop"] {
        assert_eq!(answer.header(name), None, "{name}");
    }
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("content-security-policy"), Some("default-src 'none'; sandbox"));
    let seen = stand.upstream.only_request();
    assert!(ours.iter().all(|(name, _)| seen.header(name).is_none()), "{seen:?}");
}
