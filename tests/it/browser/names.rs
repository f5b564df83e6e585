//! Names as long as they may be, and a model's name as long as a client likes: they break, and no
//! page is wider than what it is seen on.

use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use crate::support::browser::Page;
use crate::support::client::Request;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::Upstream;

/// The narrowest phone, a tablet, a small laptop.
const SIZES: [(u32, u32); 3] = [(360, 740), (768, 1_024), (1_280, 900)];

#[tokio::test]
async fn no_name_makes_a_page_wider_than_what_it_is_seen_on() {
    let (upstream, switchyard) = (Upstream::start(), Switchyard::start().await);
    let name = "n".repeat(64);
    let more = json!({ "name": name });
    let provider = switchyard.add_provider("claude", &upstream.url(), more.clone()).await;
    let user = switchyard.add_user(more).await;
    switchyard.add_key(user.id, &name, json!({})).await;
    let model = "m".repeat(300);
    let request = Request::model(Dialect::Anthropic, &user.key, &model, false);
    assert_eq!(switchyard.send(&request).await.status, 200);
    let row = switchyard.only_row().await;
    let row = row["id"].as_str().unwrap();
    let (user, key) = (user.id, user.key_id);
    let paths = [
        "/dashboard".to_owned(),
        "/dashboard?by=model".to_owned(),
        "/requests".to_owned(),
        format!("/requests?model={model}&session={name}&user={user}"),
        format!("/requests/{row}"),
        "/providers".to_owned(),
        format!("/providers/{provider}"),
        format!("/providers/{provider}/remove"),
        "/users".to_owned(),
        format!("/users?q={model}"),
        format!("/users/{user}"),
        format!("/users/{user}/edit"),
        format!("/users/{user}/remove"),
        format!("/users/{user}/keys/new"),
        format!("/keys/{key}"),
        format!("/keys/{key}/edit"),
        format!("/keys/{key}/remove"),
    ];
    let page = Page::of_admin(&switchyard, "/dashboard").await;
    let site = format!("http://{}", switchyard.address());
    let mut found = Vec::new();
    for path in &paths {
        page.resize(SIZES[0]).await;
        assert_eq!(page.goto(&format!("{site}{path}")).await, 200, "{path}");
        found.extend(beyond(&page, path).await);
    }
    // What has just been done is said with the name, too.
    page.goto(&format!("{site}/providers")).await;
    let rest = format!(
        "document.querySelector('[action=\"/providers/{provider}/disable\"] button').click()"
    );
    page.evaluate(&rest).await;
    page.until_holds("it was said", "document.querySelector('.flash.good') !== null").await;
    found.extend(beyond(&page, "the flash").await);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// Lists by how much a page is too wide, in every size.
async fn beyond(page: &Page, what: &str) -> Vec<String> {
    let mut found = Vec::new();
    for size in SIZES {
        page.resize(size).await;
        let pixels = page.overhang().await;
        if pixels > 0 {
            found.push(format!("{what}: {pixels} pixels are beyond a width of {}", size.0));
        }
    }
    found
}

#[tokio::test]
async fn what_the_dot_says_is_seen_as_a_whole_on_the_narrowest_phone() {
    let switchyard = Switchyard::launch(&[]).await;
    let page = Page::of_admin(&switchyard, "/dashboard").await;
    for width in [320, 360] {
        page.resize((width, 740)).await;
        let sheet = "(() => {
            document.querySelector('.health').open = true;
            const box = document.querySelector('.health .sheet').getBoundingClientRect();
            return box.left >= 0 && box.right <= innerWidth;
        })()";
        assert_eq!(page.evaluate(sheet).await, true, "{width}");
    }
}

#[tokio::test]
async fn a_name_that_would_turn_text_around_or_hide_is_shown_by_its_characters() {
    let (upstream, switchyard) = (Upstream::start(), Switchyard::start().await);
    switchyard.serve(Dialect::Anthropic, &upstream).await;
    let user = switchyard.add_user(json!({})).await;
    let request = Request::model(Dialect::Anthropic, &user.key, "claude-\u{202e}lived", false);
    assert_eq!(switchyard.send(&request).await.status, 200);
    switchyard.only_row().await;
    let page = Page::of_admin(&switchyard, "/dashboard").await;
    for path in ["/dashboard", "/requests"] {
        page.goto(&format!("http://{}{path}", switchyard.address())).await;
        page.see("claude-‹U+202E›lived").await;
        assert!(!page.text().await.contains('\u{202e}'), "{path}");
    }
}
