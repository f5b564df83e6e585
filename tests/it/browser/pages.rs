//! What holds for every page, in both colours: it is fine in itself, asks nobody else, weighs little,
//! fits a phone, and shuts nobody out.

use super::places::{self, Place};
use crate::relay::demo::{self, Demo};
use crate::support::browser::{Fetched, Page, Theme, WIDE};
use crate::support::launch::ADMIN_TOKEN;
use crate::support::switchyard::Switchyard;

/// What a page may weigh with everything it needs, on the way over the network.
const WEIGHT: u64 = 150_000;
/// The narrowest phone.
const SLIM: (u32, u32) = (360, 740);
/// Pages that are looked at in Chinese too: words have other widths there.
const SPOKEN: [&str; 6] = ["dashboard", "requests", "request", "providers", "provider", "key"];

#[tokio::test]
async fn what_a_stranger_sees_is_in_order() {
    let switchyard = Switchyard::launch(&[]).await;
    let site = format!("http://{}", switchyard.address());
    let page = Page::open().await;
    assert_eq!(page.goto(&format!("{site}/")).await, 200);
    page.arrive("/login").await;
    in_order(&page, &site, &places::of_a_stranger()).await;
}

#[tokio::test]
async fn every_page_is_in_order_when_nothing_is_there_yet() {
    let switchyard = Switchyard::launch(&[]).await;
    let site = format!("http://{}", switchyard.address());
    let page = Page::open().await;
    page.enter(&site, ADMIN_TOKEN, "/dashboard").await;
    in_order(&page, &site, &places::of_an_admin()).await;
}

#[tokio::test]
async fn every_page_is_in_order_when_there_is_a_month_of_requests() {
    let demo = Demo::start(&[]).await;
    let site = format!("http://{}", demo.address());
    let page = Page::open().await;
    page.resize(WIDE).await;
    in_order(&page, &site, &places::of_a_stranger()).await;
    page.enter(&site, demo::KEY, "/dashboard").await;
    let things = places::of_things(&page, &site).await;
    in_order(&page, &site, &[places::of_an_admin(), things].concat()).await;
}

/// Looks at places in both colours, and at some of them in the other language.
async fn in_order(page: &Page, site: &str, places: &[Place]) {
    let mut found = Vec::new();
    page.without_cache().await;
    for place in places {
        for theme in Theme::ALL {
            page.prefer(theme).await;
            let here = findings(page, site, place, theme).await;
            found.extend(here.iter().map(|one| format!("[{} {}] {one}", place.name, theme.name())));
        }
    }
    page.speak("zh-CN").await;
    for place in places.iter().filter(|place| SPOKEN.contains(&place.name)) {
        let here = looks(page, site, place).await;
        let spoken = page.evaluate("document.documentElement.lang").await;
        assert_eq!(spoken, "zh-CN", "{}", place.name);
        found.extend(here.iter().map(|one| format!("[{} zh-CN] {one}", place.name)));
    }
    page.speak("en").await;
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}

/// Looks at a place as on a laptop and as on a phone. Who is shut out is asked once for each colour:
/// of the light laptop, and of the dark phone.
async fn findings(page: &Page, site: &str, place: &Place, theme: Theme) -> Vec<String> {
    let mut found = looks(page, site, place).await;
    if theme == Theme::Light {
        page.resize(WIDE).await;
    }
    found.extend(page.barriers().await);
    found
}

/// Goes to a place as on a laptop, then holds a phone's width against it.
async fn looks(page: &Page, site: &str, place: &Place) -> Vec<String> {
    page.resize(WIDE).await;
    let address = format!("{site}{}", place.path);
    let status = page.goto(&address).await;
    let mut found = complaints(page, place);
    if status != place.status {
        found.push(format!("status {status} instead of {}", place.status));
    }
    let arrived = page.url().await;
    if arrived != address {
        found.push(format!("it led to {arrived}"));
    }
    found.extend(traffic(page, site));
    for size in [WIDE, SLIM] {
        page.resize(size).await;
        let overhang = page.overhang().await;
        if overhang > 0 {
            found.push(format!("{overhang} pixels are beyond a width of {}", size.0));
        }
    }
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
    // What the page before was still asking for comes first, and is not this one's.
    let of_before = |one: &Fetched| one.kind != "Document";
    let fetched: Vec<_> = page.fetched().into_iter().skip_while(of_before).collect();
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
