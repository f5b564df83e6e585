//! Headers that an operator adds to each request of a provider: what goes out, what is refused when it is
//! saved, and that one which cannot go out is told and not only left out.

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;

use crate::support::client::Request;
use crate::support::filled;
use crate::support::person::Person;
use crate::support::prices::MODEL;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::Upstream;

const DIALECT: Dialect = Dialect::Anthropic;

#[tokio::test]
async fn a_header_in_any_script_goes_out_as_utf_8() {
    let (switchyard, upstream) = (Switchyard::start().await, Upstream::start());
    let user = switchyard.add_user(json!({})).await;
    let own = json!({ "custom_headers": { "X-Team": "Zürich 北京", "x-tab": "a\tb" } });
    switchyard.add_provider("claude", &upstream.url(), own).await;
    let answer = switchyard.send(&Request::model(DIALECT, &user.key, MODEL, false)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let seen = upstream.only_request();
    assert_eq!(seen.header("x-team"), Some("Zürich 北京"));
    assert_eq!(seen.header("x-tab"), Some("a\tb"));
}

#[tokio::test]
async fn a_header_that_cannot_go_out_is_refused_by_its_name() {
    let switchyard = Switchyard::start().await;
    let kept = switchyard.add_provider("claude", "https://a.example", json!({})).await;
    for (name, value, words) in [
        ("X-Bell", "hush\u{7}hush", "control characters"),
        ("X-Lines", "hush\nX-Other: hush", "control characters"),
        ("X Blank", "hush", "letters, digits"),
        ("Authorization", "hush", "set by the relay itself"),
    ] {
        let headers = json!({ "X-Fine": "yes", name: value });
        let change = json!({ "providerId": kept, "custom_headers": headers });
        let new = json!({ "name": "N", "url": "https://a.example", "key": "sk-12345",
            "custom_headers": headers });
        for (action, body) in [("providers/addProvider", new), ("providers/editProvider", change)] {
            let answer = switchyard.action(action, &body).await;
            let said = answer.json()["error"]["message"].as_str().expect("issues").to_owned();
            assert_eq!(answer.status, 400, "{name}: {said}");
            assert!(said.contains(name) && said.contains(words), "{name}: {said}");
            assert!(!said.contains("hush"), "values are secrets: {said}");
        }
    }
    let person = Person::admin(&switchyard).await;
    let form = format!("/providers/{kept}");
    let html = person.page(&form).await;
    let typed = [("custom_headers", "X-Fine: yes\nX-Bell: a\u{7}b")];
    let fields = filled::typed(filled::filled(&html, &form), typed);
    let answer = person.post(&form, &filled::pairs(&fields)).await;
    let html = answer.text();
    assert_eq!(answer.status, 422, "{html}");
    let said = html.split("id=\"e-custom_headers\"").nth(1).expect("the field has an error");
    assert!(said.split('<').next().unwrap().contains("X-Bell: a header’s value"), "{said}");
}

#[tokio::test]
async fn a_header_of_yesterday_that_cannot_go_out_is_told() {
    let upstream = Upstream::start();
    let mut switchyard = Switchyard::start().await;
    let provider = switchyard.add_provider("claude", &upstream.url(), json!({})).await;
    let user = switchyard.add_user(json!({})).await;
    switchyard.sigkill();
    let file = rusqlite::Connection::open(switchyard.data().join("switchyard.db")).unwrap();
    let headers = json!([["X-Bell", "hush\u{7}"], ["X-Fine", "yes"]]).to_string();
    file.execute("UPDATE providers SET custom_headers = ?1 WHERE id = ?2", (headers, provider))
        .unwrap();
    drop(file);
    switchyard.restart().await;
    for _ in 0..3 {
        let answer = switchyard.send(&Request::model(DIALECT, &user.key, MODEL, false)).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    let seen = &upstream.requests()[0];
    assert_eq!((seen.header("x-fine"), seen.header("x-bell")), (Some("yes"), None));
    let log = switchyard.logs();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let told: Vec<Value> = lines.filter(|line| line["event"] == "header.unsent").collect();
    assert_eq!(told.len(), 1, "once, and not for each request: {told:?}");
    assert_eq!(
        (&told[0]["provider.id"], &told[0]["header"]),
        (&json!(provider), &json!("X-Bell")),
        "{told:?}"
    );
    let page = Person::admin(&switchyard).await.page("/providers").await;
    assert!(page.contains("Requests go out without X-Bell"), "{page}");
    assert!(!log.contains("hush") && !page.contains("hush"));
}
