//! Forms that should not go through, and those that come too late: nothing is changed, and what was
//! typed is not lost.

use std::fs;
use std::path::Path;

use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;
use url::form_urlencoded;

use crate::support::client::{Answer, Request};
use crate::support::launch::ADMIN_TOKEN;
use crate::support::person::{Person, token};
use crate::support::switchyard::Switchyard;
use crate::support::upstream::Upstream;

/// A form as a page of ours sends it.
fn form(target: &str, fields: &[(&str, &str)]) -> Request {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let mut request =
        Request::get(target).header("content-type", "application/x-www-form-urlencoded").body(body);
    "POST".clone_into(&mut request.method);
    request
}

async fn sent(person: &Person<'_>, target: &str, fields: &[(&str, &str)]) -> Answer {
    person.send(form(target, fields).header("sec-fetch-site", "same-origin")).await
}

/// What a page has in a hidden field.
fn hidden(html: &str, name: &str) -> Option<String> {
    let (_, rest) = html.split_once(&format!("name=\"{name}\" value=\""))?;
    Some(rest.split('"').next()?.replace("&#x2F;", "/").replace("&#x3D;", "="))
}

fn kept(answer: &Answer) -> String {
    hidden(&answer.text(), "kept_form").unwrap_or_else(|| panic!("{}", answer.text()))
}

async fn users(switchyard: &Switchyard) -> Vec<String> {
    let users = switchyard.admin("users/getUsers", json!({})).await;
    let names = users.as_array().unwrap().iter();
    names.map(|user| user["name"].as_str().unwrap().to_owned()).collect()
}

/// Somebody with a form in front of them whose login is over.
async fn too_late(switchyard: &Switchyard) -> (Person<'_>, String) {
    let person = Person::admin(switchyard).await;
    let old = token(&person.page("/users/new").await);
    let out = person.post("/logout", &[("csrf", &old)]).await;
    assert_eq!(out.status, 303);
    (person, old)
}

#[actix_rt::test]
async fn what_is_typed_while_the_login_ends_is_sent_after_the_next_one() {
    let switchyard = Switchyard::launch(&[]).await;
    let (person, old) = too_late(&switchyard).await;
    let fields = [("csrf", &*old), ("name", "Ann of the form"), ("rpm", "60"), ("note", "private")];
    let ended = sent(&person, "/users/new", &fields).await;
    assert_eq!(ended.status, 401);
    let html = ended.text();
    assert!(html.contains("Your login has ended") && html.contains("is kept"), "{html}");
    assert!(!html.contains("Ann of the form") && !html.contains("private"), "sealed: {html}");
    assert!(!html.contains("action=\"/preferences"), "no switch that would lose it: {html}");

    let wrong = sent(&person, "/login", &[("key", "guess"), ("kept_form", &kept(&ended))]).await;
    assert_eq!((wrong.status, kept(&wrong)), (401, kept(&ended)), "a slip loses nothing");
    let entered =
        sent(&person, "/login", &[("key", ADMIN_TOKEN), ("kept_form", &kept(&wrong))]).await;
    let html = entered.text();
    assert_eq!(entered.status, 200, "{html}");
    assert!(html.contains("Send what you typed") && html.contains(">/users/new<"), "{html}");
    assert!(!html.contains("private"), "{html}");
    assert_eq!(users(&switchyard).await, [""; 0], "nothing is sent without a click");

    let fields = [("csrf", &*token(&html)), ("kept_form", &kept(&entered))];
    let elsewhere = sent(&person, "/users/1/remove", &fields).await;
    assert_eq!(elsewhere.status, 410, "it goes to its own place alone");
    let done = sent(&person, "/users/new", &fields).await;
    assert!(person.follow(&done).await.contains("Ann of the form"));
    assert_eq!(users(&switchyard).await, ["Ann of the form"]);
}

#[actix_rt::test]
async fn what_is_kept_for_one_browser_is_nothing_in_another() {
    let switchyard = Switchyard::launch(&[]).await;
    let (person, old) = too_late(&switchyard).await;
    let fields = [("csrf", &*old), ("name", "Eve"), ("rpm", "60")];
    let sealed = kept(&sent(&person, "/users/new", &fields).await);

    let other = Person::stranger(&switchyard);
    let entered = sent(&other, "/login", &[("key", ADMIN_TOKEN), ("kept_form", &sealed)]).await;
    assert_eq!(entered.status, 303);
    let checked = other.get(entered.header("location").unwrap()).await;
    let html = other.follow(&checked).await;
    assert!(html.contains("What you typed before is gone"), "{html}");
    let fields = [("csrf", &*token(&html)), ("kept_form", &sealed)];
    assert_eq!(sent(&other, "/users/new", &fields).await.status, 410);
    assert_eq!(users(&switchyard).await, [""; 0]);
}

#[actix_rt::test]
async fn a_form_too_long_to_be_kept_is_told_so() {
    let switchyard = Switchyard::launch(&[]).await;
    let (person, old) = too_late(&switchyard).await;
    let note = |letters: usize| "x".repeat(letters);
    let fits = note(10_000);
    let fields = [("csrf", &*old), ("name", "Ann"), ("rpm", "60"), ("note", &*fits)];
    let ended = sent(&person, "/users/new", &fields).await;
    let entered =
        sent(&person, "/login", &[("key", ADMIN_TOKEN), ("kept_form", &kept(&ended))]).await;
    assert_eq!(entered.status, 200, "it fits into the form of a login");

    let (person, old) = too_late(&switchyard).await;
    let long = note(100_000);
    let ended = sent(&person, "/users/new", &[("csrf", &old), ("note", &long)]).await;
    let html = ended.text();
    assert_eq!(ended.status, 401);
    assert!(html.contains("too long to be kept") && !html.contains("kept_form"), "{html}");

    let person = Person::admin(&switchyard).await;
    let old = token(&person.page("/users/new").await);
    person.post("/login", &[("key", ADMIN_TOKEN)]).await;
    let longer = note(200_000);
    let stale = sent(&person, "/users/new", &[("csrf", &old), ("note", &longer)]).await;
    let html = stale.text();
    assert_eq!(stale.status, 403);
    assert!(html.contains("signed in anew") && html.contains("too long to be kept"), "{html}");
}

#[actix_rt::test]
async fn who_is_shut_out_while_something_is_kept_loses_nothing() {
    let switchyard = Switchyard::launch(&[]).await;
    let (person, old) = too_late(&switchyard).await;
    let fields = [("csrf", &*old), ("name", "Ann"), ("rpm", "60")];
    let ended = sent(&person, "/users/new", &fields).await;
    let form = [("key", "guess"), ("kept_form", &*kept(&ended))];
    let told = loop {
        let told = sent(&person, "/login", &form).await;
        if told.status != 401 {
            break told;
        }
    };
    assert_eq!((told.status, kept(&told)), (429, kept(&ended)));
}

#[actix_rt::test]
async fn a_page_of_an_earlier_login_offers_to_send_again() {
    let switchyard = Switchyard::launch(&[]).await;
    let person = Person::admin(&switchyard).await;
    let old = token(&person.page("/users/new").await);
    person.post("/login", &[("key", ADMIN_TOKEN)]).await;
    let fields = [("csrf", &*old), ("name", "Ann"), ("rpm", "60")];
    let stale = sent(&person, "/users/new", &fields).await;
    let html = stale.text();
    assert_eq!(stale.status, 403, "{html}");
    assert!(html.contains("signed in anew") && !html.contains("too old"), "{html}");
    assert_eq!(users(&switchyard).await, [""; 0]);
    // Too late once more, in between: it is not wrapped twice.
    let again = [("csrf", &*old), ("kept_form", &kept(&stale))];
    let stale = sent(&person, "/users/new", &again).await;
    let fields = [("csrf", &*token(&stale.text())), ("kept_form", &kept(&stale))];
    assert_eq!(sent(&person, "/users/new", &fields).await.status, 303);
    assert_eq!(users(&switchyard).await, ["Ann"]);
}

#[actix_rt::test]
async fn nothing_is_kept_of_what_no_page_of_ours_has_sent() {
    let switchyard = Switchyard::launch(&[]).await;
    let (stranger, old) = too_late(&switchyard).await;
    let known = Person::admin(&switchyard).await;
    let fields = [("csrf", old.as_str()), ("name", "Eve"), ("rpm", "60")];
    for (name, value) in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "none"),
        ("origin", "https://evil.test"),
        ("x-says", "nothing"),
    ] {
        let late = stranger.send(form("/users/new", &fields).header(name, value)).await;
        assert_eq!(late.header("location"), Some("/login"), "{name}: {value}");
        let wrong = known.send(form("/users/new", &fields).header(name, value)).await;
        assert_eq!(wrong.status, 403, "{name}: {value}");
        assert!(!wrong.text().contains("kept_form"), "{name}: {value}: {}", wrong.text());
    }
    let out = sent(&known, "/logout", &fields).await;
    assert!(out.status == 403 && !out.text().contains("kept_form"), "{}", out.text());
    assert_eq!(users(&switchyard).await, [""; 0]);
}

#[actix_rt::test]
async fn an_address_that_guesses_is_told_how_long_and_why_before_its_form_is_read() {
    let switchyard = Switchyard::launch(&[]).await;
    let (person, _) = too_late(&switchyard).await;
    for _ in 0..10 {
        assert_eq!(person.post("/login", &[("key", "guess")]).await.status, 401);
    }
    for target in ["/login", "/users/new"] {
        // The body that is announced never comes.
        let announced = form(target, &[]).unframed().header("content-length", "900");
        let told = person.send(announced.header("sec-fetch-site", "same-origin")).await;
        assert_eq!(told.status, 429, "{target}");
        assert!(told.header("retry-after").unwrap().parse::<u64>().unwrap() > 800, "{target}");
        let html = told.text();
        assert!(html.contains("Too many wrong keys") && html.contains("15 "), "{target}: {html}");
    }
}

/// Every address of the console that takes a form, out of the sources: a new one cannot be left out.
fn forms() -> Vec<String> {
    let console = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/console");
    let rooms = fs::read_to_string(console.join("mod.rs")).unwrap();
    let mut found = Vec::new();
    for room in rooms.lines().filter_map(|line| line.trim().strip_prefix("frame::room(config, ")) {
        let (path, routes) = room.split_once(", ").unwrap();
        let (module, function) = routes.trim_end_matches(");").rsplit_once("::").unwrap();
        let module = module.replace("::", "/");
        let file = [format!("{module}.rs"), format!("{module}/mod.rs")]
            .map(|file| console.join(file))
            .into_iter()
            .find(|file| file.exists())
            .unwrap();
        let text = fs::read_to_string(file).unwrap();
        let (_, body) = text.split_once(&format!("pub fn {function}(")).unwrap();
        let body = body.split("\n}\n").next().unwrap();
        for route in body.split(".route(").skip(1) {
            let (own, method) = route.split_once(", ").unwrap();
            if method.starts_with("post()") {
                found.push(format!("{}{}", path.trim_matches('"'), own.trim_matches('"')));
            }
        }
    }
    assert_eq!(
        found.len(),
        posts(&console),
        "a form is added in a way that is not found: {found:?}"
    );
    found
}

/// How often a route that takes a form is added anywhere in a folder.
fn posts(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let count = |path: std::path::PathBuf| match path.extension() {
        _ if path.is_dir() => posts(&path),
        Some(kind) if kind == "rs" => {
            let text = fs::read_to_string(path).unwrap();
            text.matches("post()").count() + text.matches("Method::POST)").count()
        }
        _ => 0,
    };
    entries.map(count).sum()
}

#[actix_rt::test]
async fn no_form_changes_anything_without_the_token_of_its_page() {
    let (upstream, switchyard) = (Upstream::start(), Switchyard::start().await);
    let provider = switchyard.serve(Dialect::Anthropic, &upstream).await;
    let user = switchyard.add_user(json!({ "name": "Ann" })).await;
    let admin = Person::admin(&switchyard).await;
    let right = token(&admin.page("/users/new").await);
    let state = async || {
        let nothing = || json!({});
        let users = switchyard.admin("users/getUsers", nothing()).await;
        (users, switchyard.admin("providers/getProviders", nothing()).await)
    };
    let before = state().await;
    let forms = forms();
    assert!(forms.len() > 20, "{forms:?}");
    for form_at in &forms {
        // A login has none yet, and a theme is nobody's secret: for them the page's address is it.
        let is_open = form_at == "/login" || form_at == "/preferences";
        let id = if form_at.starts_with("/providers") { provider } else { user.id };
        let id = if form_at.starts_with("/keys") { user.key_id } else { id };
        let target = form_at.replace("{id:\\\\d+}", "{id}").replace("{id}", &id.to_string());
        assert!(!target.contains('{'), "{target}");
        let fields = [("name", "Eve"), ("rpm", "60"), ("url", "https://a.example"), ("on", "")];
        for csrf in ["", "guess", &right].into_iter().filter(|_| !is_open) {
            let fields = [&fields[..], &[("csrf", csrf)]].concat();
            let site = if csrf == right { "cross-site" } else { "same-origin" };
            let answer = admin.send(form(&target, &fields).header("sec-fetch-site", site)).await;
            assert_eq!(answer.status, 403, "{target} with {csrf:?}");
        }
        let cross = form(&target, &fields).header("origin", "https://evil.test");
        assert_eq!(admin.send(cross).await.status, 403, "{target}");
    }
    assert_eq!(state().await, before);
    assert_eq!(upstream.count(), 0, "nobody was asked anything");
}
