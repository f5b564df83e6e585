//! The two readers of the API's document: they show it, ask nobody else, and keep to their policy.

use crate::support::browser::{Page, Theme, WIDE};
use crate::support::switchyard::Switchyard;

/// What Scalar tries, is refused, and does without.
const TRIES: &str = "eval";

#[tokio::test]
async fn each_reader_shows_the_document_and_asks_this_server_alone() {
    let switchyard = Switchyard::launch(&[]).await;
    let site = format!("http://{}", switchyard.address());
    let page = Page::open().await;
    page.resize(WIDE).await;
    for (reader, shows) in [("docs", "/api/actions/users/addUser"), ("scalar", "Make a user")] {
        for theme in Theme::ALL {
            page.prefer(theme).await;
            assert_eq!(page.goto(&format!("{site}/api/actions/{reader}")).await, 200);
            page.see("Claude Code Hub API").await;
            page.see(shows).await;
            page.see(&site).await;
            let complaints: Vec<String> =
                page.complaints().into_iter().filter(|text| !text.contains(TRIES)).collect();
            assert!(complaints.is_empty(), "{reader}: {complaints:#?}");
            for one in page.fetched() {
                let is_own = one.url.starts_with(&format!("{site}/"));
                assert!(is_own || one.url.starts_with("data:"), "{reader} asks {}", one.url);
            }
        }
    }
}
