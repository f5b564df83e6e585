//! Providers' keys as they are typed: what is pasted around them is cut off, what no header takes is refused,
//! and one that was kept before lets no request out without a credential.

use serde_json::{Value, json};
use switchyard::store::{Cipher, PROVIDER_KEY};
use switchyard_actors::domain::dialect::Dialect;

use crate::support::client::Request;
use crate::support::person::Person;
use crate::support::prices::MODEL;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::Upstream;

const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const FORM: &str = "/providers/new";

/// A credential of a person with who pays.
fn credential(payer: &str) -> String {
    json!({ "client_id": "c", "client_secret": "s", "refresh_token": "r", "quota_project_id": payer })
        .to_string()
}

#[tokio::test]
async fn what_is_pasted_around_a_key_does_not_go_out() {
    let (switchyard, upstream) = (Switchyard::start().await, Upstream::start());
    let user = switchyard.add_user(json!({})).await;
    for (kind, dialect, typed, sent) in [
        ("claude", Dialect::Anthropic, "sk-abc-12345\n", ("x-api-key", "sk-abc-12345")),
        ("claude", Dialect::Anthropic, "Bearer sk-abc-12345", ("x-api-key", "sk-abc-12345")),
        (
            "claude-auth",
            Dialect::Anthropic,
            " \"bearer sk-abc-12345\"\r\n",
            ("authorization", "Bearer sk-abc-12345"),
        ),
        ("gemini", Dialect::Gemini, "'AIza-12345'\n", ("x-goog-api-key", "AIza-12345")),
        ("gemini", Dialect::Gemini, "ya29.12345\n", ("authorization", "Bearer ya29.12345")),
        ("gemini", Dialect::Gemini, "bearer other-1\n", ("authorization", "Bearer other-1")),
    ] {
        let provider =
            switchyard.add_provider(kind, &upstream.url(), json!({ "key": typed })).await;
        let request = Request::model(dialect, &user.key, MODEL, false);
        let answer = switchyard.send(&request).await;
        assert_eq!(answer.status, 200, "{typed:?}: {}", answer.text());
        assert_eq!(upstream.only_request().header(sent.0), Some(sent.1), "{typed:?}");
        upstream.reset();
        // A change of it is read in the same way.
        let change = json!({ "providerId": provider, "key": format!("'{typed}'") });
        switchyard.admin("providers/editProvider", change).await;
        assert_eq!(switchyard.send(&request).await.status, 200);
        assert_eq!(upstream.only_request().header(sent.0), Some(sent.1), "{typed:?} changed");
        upstream.reset();
        switchyard.admin("providers/removeProvider", json!({ "providerId": provider })).await;
    }
}

#[tokio::test]
async fn a_key_that_no_header_takes_is_refused_at_every_door() {
    let switchyard = Switchyard::start().await;
    let good = switchyard.add_provider("gemini", "https://g.example", json!({})).await;
    let refused = async |action: &str, body: Value| {
        let answer = switchyard.action(action, &body).await;
        let said = answer.json();
        assert_eq!((answer.status, &said["ok"]), (400, &json!(false)), "{body}: {said}");
        said["error"].as_str().unwrap().to_owned()
    };
    for (key, wanted) in [
        ("sk-\u{1}abc".to_owned(), "header"),
        ("sk-abc\nsk-def".to_owned(), "header"),
        ("sk-абв".to_owned(), "header"),
        (" \n".to_owned(), "empty"),
        ("Bearer \"\"".to_owned(), "empty"),
        (credential("pays\u{1}"), "no header takes its quota_project_id"),
        (credential("pay\ns"), "no header takes its quota_project_id"),
        (credential("pay\ts"), "no header takes its quota_project_id"),
        (credential("платит"), "no header takes its quota_project_id"),
    ] {
        let new = json!({ "name": "N", "url": "https://g.example", "provider_type": "gemini", "key": key });
        let text = refused("providers/addProvider", new).await;
        assert!(text.contains(wanted) && !text.contains("abc"), "{key:?}: {text}");
        let change = json!({ "providerId": good, "key": key });
        assert!(refused("providers/editProvider", change).await.contains(wanted), "{key:?}");
    }
    let kept = switchyard.admin("providers/getProviders", json!({})).await;
    assert_eq!(kept.as_array().unwrap().len(), 1, "nothing was kept");

    let person = Person::admin(&switchyard).await;
    let html = person.page(&format!("{FORM}?preset=claude-compatible")).await;
    let typed = [("name", "N"), ("url", "https://g.example"), ("key", "sk-a\nb")];
    let fields = crate::support::filled::typed(crate::support::filled::filled(&html, FORM), typed);
    let answer = person.post(FORM, &crate::support::filled::pairs(&fields)).await;
    let html = answer.text();
    assert_eq!(answer.status, 422, "{html}");
    let said = html.split("id=\"e-key\"").nth(1).expect("the key's field has an error");
    assert!(said.split('<').next().unwrap().contains("cannot be sent"), "{said}");
}

#[tokio::test]
async fn a_key_of_yesterday_that_no_header_takes_sends_nothing_and_charges_nobody() {
    for (kind, dialect, key) in [
        ("claude", Dialect::Anthropic, "sk-abc\n".to_owned()),
        ("openai-compatible", Dialect::OpenaiChat, "sk-abc\u{1}".to_owned()),
        ("gemini", Dialect::Gemini, "ya29.abc\nd".to_owned()),
        ("gemini", Dialect::Gemini, credential("pays\u{1}")),
    ] {
        let upstream = Upstream::start();
        let mut switchyard = Switchyard::start_with(&[("SWITCHYARD_SECRET_KEY", SECRET)]).await;
        let provider = switchyard.add_provider(kind, &upstream.url(), json!({})).await;
        let user = switchyard.add_user(json!({})).await;
        switchyard.sigkill();
        let sealed = Cipher::from_text(SECRET).unwrap().seal(PROVIDER_KEY, &key).unwrap();
        let file = rusqlite::Connection::open(switchyard.data().join("switchyard.db")).unwrap();
        file.execute("UPDATE providers SET sealed_key = ?1 WHERE id = ?2", (sealed, provider))
            .unwrap();
        drop(file);
        switchyard.restart().await;

        let answer = switchyard.send(&Request::model(dialect, &user.key, MODEL, false)).await;
        assert_eq!(answer.status, 503, "{kind}: {}", answer.text());
        assert_eq!(upstream.connections(), 0, "{kind}: nothing goes out without a credential");
        assert_eq!(switchyard.failures(provider).await, 0, "{kind}");
        let row = switchyard.only_row().await;
        let wanted = if key.starts_with('{') { "quota_project_id" } else { "enter the key again" };
        assert!(row["errorMessage"].as_str().unwrap().contains(wanted), "{row:#}");
        let page = Person::admin(&switchyard).await.page(&format!("/providers/{provider}")).await;
        assert!(page.contains("Nothing is sent with it"), "{page}");

        switchyard.serve(dialect, &upstream).await;
        let answer = switchyard.send(&Request::model(dialect, &user.key, MODEL, false)).await;
        assert_eq!(answer.status, 200, "{kind}: another account serves: {}", answer.text());
        // What is kept is not looked at where something else is changed; a new key makes it well.
        let name = json!({ "providerId": provider, "name": "Other" });
        switchyard.admin("providers/editProvider", name).await;
    }
}
