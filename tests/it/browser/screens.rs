//! Pictures of the pages, for people who read about them: `make screens`.

use std::fs;
use std::path::Path;

use super::places::{self, Place};
use crate::relay::demo::{self, Demo};
use crate::support::browser::{NARROW, Page, Theme, WIDE};
use crate::support::launch::ADMIN_TOKEN;
use crate::support::switchyard::Switchyard;

/// Where pictures go.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/screens");
/// A long page is cut here.
const HIGHEST: u32 = 1_400;
/// What makes the dashboard show more than the hours since midnight, which may be few.
const BUSY: &str = "?range=7d";
/// Forms that look like others, of which there is a picture.
const ALIKE: [&str; 3] = ["user-edit", "key-new", "key-edit"];

#[tokio::test]
#[ignore = "takes pictures: make screens"]
async fn pictures_of_every_page() {
    let fresh = Switchyard::launch(&[]).await;
    let site = format!("http://{}", fresh.address());
    let page = Page::open().await;
    take(&page, &site, &places::of_a_stranger(), "empty").await;
    page.enter(&site, ADMIN_TOKEN, "/dashboard").await;
    take(&page, &site, &places::of_an_admin(), "empty").await;

    let demo = Demo::start(&[]).await;
    let site = format!("http://{}", demo.address());
    let page = Page::open().await;
    page.resize(WIDE).await;
    take(&page, &site, &places::of_a_stranger(), "full").await;
    page.enter(&site, demo::KEY, "/dashboard").await;
    let things = places::of_things(&page, &site).await;
    let mut all = [places::of_an_admin(), things].concat();
    all[0].path.push_str(BUSY);
    take(&page, &site, &all, "full").await;
    page.prefer(Theme::Light).await;
    page.resize(WIDE).await;
    page.speak("zh-CN").await;
    for (room, asked) in [("dashboard", BUSY), ("requests", "")] {
        page.goto(&format!("{site}/{room}{asked}")).await;
        keep(&format!("{room}-full-light-wide-zh"), &page.picture(WIDE, HIGHEST).await);
    }
}

/// Takes every picture of places: both colours, both widths.
async fn take(page: &Page, site: &str, places: &[Place], content: &str) {
    for place in places.iter().filter(|place| !ALIKE.contains(&place.name)) {
        for theme in Theme::ALL {
            for (size, width) in [(WIDE, "wide"), (NARROW, "narrow")] {
                page.resize(size).await;
                page.prefer(theme).await;
                page.goto(&format!("{site}{}", place.path)).await;
                let name = format!("{}-{content}-{}-{width}", place.name, theme.name());
                keep(&name, &page.picture(size, HIGHEST).await);
            }
        }
    }
}

fn keep(name: &str, picture: &[u8]) {
    let file = Path::new(FOLDER).join(format!("{name}.webp"));
    fs::create_dir_all(FOLDER).expect("a folder for pictures");
    fs::write(&file, picture).expect("a picture is written");
    println!("{} ({} bytes)", file.display(), picture.len());
}
