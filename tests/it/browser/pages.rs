//! What holds for every page, in both colours: it is fine in itself, asks nobody else, weighs little,
//! fits a phone, and shuts nobody out.

use super::places::{self, Place};
use crate::support::browser::{Page, Theme, WIDE};
use crate::support::switchyard::Switchyard;

/// What a page may weigh with everything it needs, on the way over the network.
const WEIGHT: u64 = 150_000;
/// The narrowest phone.
const SLIM: (u32, u32) = (360, 740);

#[tokio::test]
async fn what_a_stranger_sees_is_in_order() {
    let switchyard = Switchyard::launch(&[]).await;
    let page = Page::open().await;
    let site = format!("http://{}", switchyard.address());
    let mut found = Vec::new();
    for place in places::of_a_stranger() {
        found.extend(findings(&page, &site, &place).await);
    }
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}

/// Looks at a place in both colours; returns what is not in order.
async fn findings(page: &Page, site: &str, place: &Place) -> Vec<String> {
    let mut found = Vec::new();
    for theme in Theme::ALL {
        page.prefer(theme).await;
        let here = findings_now(page, site, place).await;
        found.extend(here.iter().map(|one| format!("[{} {}] {one}", place.name, theme.name())));
    }
    found
}

/// Looks at a place as on a laptop and as on a phone.
async fn findings_now(page: &Page, site: &str, place: &Place) -> Vec<String> {
    page.resize(WIDE).await;
    page.without_cache().await;
    let status = page.goto(&format!("{site}{}", place.path)).await;
    let mut found = complaints(page, place);
    if status != place.status {
        found.push(format!("status {status} instead of {}", place.status));
    }
    found.extend(traffic(page, site));
    found.extend(page.barriers().await);
    page.resize(SLIM).await;
    let overhang = page.overhang().await;
    if overhang > 0 {
        found.push(format!("{overhang} pixels are beyond a phone's {}", SLIM.0));
    }
    found.extend(page.barriers().await);
    found
}

/// What the page complained of, but for the status that it is meant to have.
fn complaints(page: &Page, place: &Place) -> Vec<String> {
    let own = format!("status of {}", place.status);
    let is_own = |text: &String| text.contains(&own) && text.contains(&place.path);
    page.complaints().into_iter().filter(|text| !is_own(text)).collect()
}

/// What was asked of others, what did not come, and what came in too many bytes.
fn traffic(page: &Page, site: &str) -> Vec<String> {
    let fetched = page.fetched();
    let mut found = Vec::new();
    for one in fetched.iter().filter(|one| !one.url.starts_with("data:")) {
        if !one.url.starts_with(&format!("{site}/")) {
            found.push(format!("{} is somebody else's", one.url));
        }
    }
    let weight: u64 = fetched.iter().map(|one| one.bytes).sum();
    if weight > WEIGHT {
        found.push(format!("{weight} bytes: {fetched:#?}"));
    }
    found
}
