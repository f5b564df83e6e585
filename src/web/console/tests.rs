//! Every page's samples, in every language, through the real templates.

use std::collections::BTreeSet;

use super::frame::{Flash, Room};
use super::*;
use crate::web::console::frame::UserView;
use crate::web::console::frame::health::HealthView;

fn shell(locale: Locale) -> ShellView {
    ShellView {
        user: Some(UserView { name: "Admin <Token>".to_owned(), is_admin: true }),
        rooms: Vec::new(),
        room: Room::None,
        title: Text::of("frame-name"),
        csrf: "token-of-the-form".to_owned(),
        flash: Some(Flash::good(Text::of("frame-done"))),
        locale,
        locales: ShellView::locales(locale),
        theme: Theme::System,
        zone: "Asia/Shanghai".to_owned(),
        now: 1_777_982_400_000_000,
        demo: false,
        here: "/here?a=b".to_owned(),
        version: "1.2.3",
        health: HealthView::good(),
        live_since: "b007-41".to_owned(),
    }
}

#[test]
fn every_page_is_shown_with_all_its_samples_in_every_language() {
    let templates = Templates::strict().unwrap();
    for locale in Locale::ALL {
        for sample in samples() {
            let html = (sample.render)(&templates, &shell(locale))
                .unwrap_or_else(|error| panic!("{} {}: {error}", sample.template, sample.name));
            let name = sample.template.trim_start_matches("pages/").trim_end_matches(".html");
            let name = format!("{}__{}__{}", name.replace('/', "_"), sample.name, locale.tag());
            // Links may lead elsewhere; nothing of a page may come from there.
            let banned = [
                " style=",
                "<style",
                "<script>",
                " onclick=",
                " onload=",
                "src=\"http",
                "stylesheet\" href=\"http",
            ];
            for banned in banned {
                assert!(!html.contains(banned), "{name}: {banned}");
            }
            insta::with_settings!({ prepend_module_to_snapshot => false, snapshot_path => "snapshots" }, {
                insta::assert_snapshot!(name, without_hashes(&html));
            });
        }
    }
}

/// An asset's hash changes with each of its edits and says nothing about the page.
fn without_hashes(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    for (index, part) in html.split("/assets/").enumerate() {
        if index == 0 {
            out.push_str(part);
            continue;
        }
        let (address, rest) = part.split_once('"').unwrap();
        let mut parts: Vec<&str> = address.split('.').collect();
        parts.retain(|part| part.len() != 12 || !part.bytes().all(|b| b.is_ascii_hexdigit()));
        out.push_str("/assets/");
        out.push_str(&parts.join("."));
        out.push('"');
        out.push_str(rest);
    }
    out.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_template_of_a_page_belongs_to_a_page() {
    let shown: BTreeSet<String> =
        samples().iter().map(|sample| sample.template.to_owned()).collect();
    let there: BTreeSet<String> = Templates::page_names().into_iter().collect();
    assert_eq!(there, shown);
}
