//! What all pages share: language, theme, errors, headers.

use std::io::Read as _;

use flate2::read::GzDecoder;
use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use crate::support::client::Request;
use crate::support::person::Person;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::Upstream;

#[actix_rt::test]
async fn pages_speak_the_browser_s_language_until_another_is_chosen() {
    let switchyard = Switchyard::launch(&[]).await;
    let person = Person::stranger(&switchyard).in_chinese();
    let html = person.page("/login").await;
    assert!(html.contains(r#"lang="zh-CN""#) && html.contains("管理员令牌"), "{html}");
    let chosen = person.post("/preferences", &[("lang", "en"), ("back", "/login?from=/x")]).await;
    assert_eq!((chosen.status, chosen.header("location")), (303, Some("/login?from=/x")));
    let html = person.page("/login").await;
    assert!(html.contains(r#"<html lang="en""#) && html.contains("Admin token"), "{html}");
}

#[actix_rt::test]
async fn a_theme_is_kept_and_nonsense_is_not() {
    let switchyard = Switchyard::launch(&[]).await;
    let person = Person::stranger(&switchyard);
    assert!(person.page("/login").await.contains(r#"data-theme="system""#));
    person.post("/preferences", &[("theme", "dark"), ("back", "/login")]).await;
    assert!(person.page("/login").await.contains(r#"data-theme="dark""#));
    person.post("/preferences", &[("theme", "pink")]).await;
    assert!(person.page("/login").await.contains(r#"data-theme="dark""#));
    let outside = person.post("/preferences", &[("theme", "light"), ("back", "//evil.test")]).await;
    assert_eq!(outside.header("location"), Some("/"));
}

#[actix_rt::test]
async fn people_get_a_page_where_there_is_none_and_programs_get_json() {
    let switchyard = Switchyard::launch(&[]).await;
    let person = Person::stranger(&switchyard);
    let page = person.get("/nowhere").await;
    assert_eq!(page.status, 404);
    assert!(page.text().contains("There is nothing here"), "{}", page.text());
    let program = switchyard.send(&Request::get("/nowhere")).await;
    assert_eq!(
        (program.status, program.json()["error"]["code"].as_str()),
        (404, Some("not_found"))
    );
}

#[actix_rt::test]
async fn a_page_is_kept_by_nobody_and_its_assets_for_ever() {
    let switchyard = Switchyard::launch(&[]).await;
    let page = Person::stranger(&switchyard).get("/login").await;
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    // With "no-referrer" a form would say that it comes from nowhere.
    assert_eq!(page.header("referrer-policy"), Some("same-origin"));
    let html = page.text();
    let assets: Vec<&str> = html.split('"').filter(|part| part.starts_with("/assets/")).collect();
    assert!(assets.len() > 6, "{assets:?}");
    for address in assets {
        let asset = switchyard.send(&Request::get(address)).await;
        assert_eq!(asset.status, 200, "{address}");
        assert!(asset.header("cache-control").unwrap().contains("immutable"), "{address}");
    }
}

#[actix_rt::test]
async fn assets_come_packed_to_whoever_takes_that_and_pages_never() {
    let switchyard = Switchyard::launch(&[]).await;
    let person = Person::admin(&switchyard).await;
    let html = person.page("/requests").await;
    let assets: Vec<&str> = html.split('"').filter(|part| part.starts_with("/assets/")).collect();
    let (mut whole, mut packed) = (0, 0);
    for address in assets {
        let ask = |encoding: &str| Request::get(address).header("accept-encoding", encoding);
        let plain = switchyard.send(&ask("identity")).await;
        let small = switchyard.send(&ask("gzip, br")).await;
        assert_eq!(plain.header("content-encoding"), None, "{address}");
        assert_ne!(plain.header("etag"), small.header("etag"), "{address}");
        for answer in [&plain, &small] {
            assert_eq!(answer.header("vary"), Some("accept-encoding"), "{address}");
        }
        if small.header("content-encoding") == Some("gzip") {
            let mut unpacked = Vec::new();
            GzDecoder::new(&*small.body).read_to_end(&mut unpacked).unwrap();
            assert_eq!(unpacked, plain.body, "{address}");
        }
        whole += plain.body.len();
        packed += small.body.len();
    }
    assert!(packed * 2 < whole, "{packed} of {whole} bytes");
    let page = Request::get("/requests").header("accept-encoding", "gzip");
    let page = person.send(page).await;
    assert_eq!((page.status, page.header("content-encoding")), (200, None));
}

#[actix_rt::test]
async fn a_form_that_is_shown_again_is_gone_back_to_where_it_stands() {
    let (upstream, switchyard) = (Upstream::start(), Switchyard::start().await);
    let id = switchyard.serve(Dialect::Anthropic, &upstream).await;
    let user = switchyard.add_user(json!({})).await.id;
    let person = Person::admin(&switchyard).await;
    let new = "/providers/new?preset=anthropic";
    for (target, stands_at) in [
        ("/users/new".to_owned(), "/users/new".to_owned()),
        (format!("/users/{user}/edit"), format!("/users/{user}/edit")),
        (format!("/users/{user}/keys/new"), format!("/users/{user}/keys/new")),
        ("/providers/new".to_owned(), new.to_owned()),
        ("/providers/test".to_owned(), new.to_owned()),
        ("/providers/models".to_owned(), new.to_owned()),
        (format!("/providers/{id}/test"), format!("/providers/{id}")),
    ] {
        let fields = [("name", ""), ("url", "x"), ("limitDailyUsd", "x"), ("preset", "anthropic")];
        let again = person.submit("/users/new", &target, &fields).await;
        assert_eq!(again.status, 422, "{target}: {}", again.text());
        let back = format!("name=\"back\" value=\"{stands_at}\"");
        assert!(again.text().contains(&back), "{target}: {}", again.text());
        assert_eq!(person.get(&stands_at).await.status, 200, "{stands_at}");
    }
    let nowhere = person.submit("/users/new", "/users/99/switch", &[]).await;
    assert_eq!(nowhere.status, 404);
    assert!(nowhere.text().contains("name=\"back\" value=\"/\""), "{}", nowhere.text());
}

#[actix_rt::test]
async fn an_address_that_cannot_be_one_of_ours_gets_a_page() {
    let switchyard = Switchyard::launch(&[]).await;
    let person = Person::admin(&switchyard).await;
    for target in ["/providers/abc", "/keys/99999999999999999999", "/requests?user=1&user=2"] {
        let page = person.get(target).await;
        assert_eq!(page.status, 404, "{target}");
        assert!(page.text().contains("There is nothing here"), "{target}: {}", page.text());
    }
}
