//! Pictures of the pages, for people who read about them: `make screens`.

use std::fs;
use std::path::Path;

use super::places;
use crate::support::browser::{NARROW, Page, Theme, WIDE};
use crate::support::switchyard::Switchyard;

/// Where pictures go.
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/screens");
/// A long page is cut here.
const HIGHEST: u32 = 1_400;

#[tokio::test]
#[ignore = "takes pictures: make screens"]
async fn pictures_of_every_page() {
    let switchyard = Switchyard::launch(&[]).await;
    let page = Page::open().await;
    for place in places::of_a_stranger() {
        for theme in Theme::ALL {
            for (size, width) in [(WIDE, "wide"), (NARROW, "narrow")] {
                page.resize(size).await;
                page.prefer(theme).await;
                page.goto(&format!("http://{}{}", switchyard.address(), place.path)).await;
                let name = format!("{}-empty-{}-{width}", place.name, theme.name());
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
