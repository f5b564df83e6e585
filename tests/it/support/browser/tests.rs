//! The tools themselves: what a page does is what a visitor gets told.

use super::{Key, NARROW, Page, Role, Theme, WIDE};
use crate::support::upstream::{Match, Rule, Script, Upstream};

const FORM: &str = "<h1>Order</h1><a href=/elsewhere>Elsewhere</a><form action=/sent>
  <label>Name <input name=name value=Bob></label>
  <label>Size <select name=size><option>Small<option>Large</select></label>
  <label><input type=checkbox name=gift value=yes> A gift</label>
  <button>Send</button></form>";

/// A path, what is in the document's body, and headers.
type Document<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

/// Serves documents by path; what is not listed is an empty page.
fn site(documents: &[Document<'_>]) -> Upstream {
    let site = Upstream::start();
    for (path, body, headers) in documents {
        let whole = format!(
            "<!doctype html><html lang=en><title>Test</title><link rel=icon href=data:,>\
             <meta name=viewport content='width=device-width, initial-scale=1'><main>{body}</main>"
        );
        let answer = Script::status(200).header("content-type", "text/html");
        let answer = headers.iter().fold(answer, |made, (name, value)| made.header(name, value));
        site.script(Rule::new(Match::any().path(path), answer.body(whole)));
    }
    let nothing = Script::status(404).header("content-type", "text/html").body("<p>Nothing");
    site.always(nothing);
    site
}

#[tokio::test]
async fn a_visitor_finds_fills_in_and_clicks_what_is_there() {
    let site = site(&[("/form", FORM, &[]), ("/sent", "<p>Thank  you", &[])]);
    let page = Page::open().await;
    assert_eq!(page.goto(&format!("{}/form", site.url())).await, 200);
    page.find(Role::Heading, "Order").await;
    assert!(page.look_for(Role::Button, "Elsewhere").await.is_none(), "a link is no button");
    page.fill("Name", "Ada & co").await;
    page.choose("Size", "Large").await;
    page.click(Role::Check, "A gift").await;
    page.click(Role::Button, "Send").await;
    page.arrive("/sent").await;
    page.see("thank you").await;
    assert!(page.url().await.ends_with("/sent?name=Ada+%26+co&size=Large&gift=yes"));
}

#[tokio::test]
async fn the_keyboard_alone_gets_there_too() {
    let site = site(&[("/form", FORM, &[]), ("/sent", "<p>Thank you", &[])]);
    let page = Page::open().await;
    page.goto(&format!("{}/form", site.url())).await;
    assert_eq!(page.tab_to(Role::Field, "Name", 5).await, 2, "the link is before it");
    page.write_anew("Ada").await;
    page.tab_to(Role::Choice, "Size", 1).await;
    page.press(Key::Down).await;
    page.tab_to(Role::Check, "A gift", 1).await;
    page.press(Key::Space).await;
    page.press(Key::ShiftTab).await;
    page.tab_to(Role::Button, "Send", 2).await;
    page.press(Key::Enter).await;
    page.arrive("/sent").await;
    assert!(page.url().await.ends_with("/sent?name=Ada&size=Large&gift=yes"));
}

#[tokio::test]
async fn a_button_that_is_covered_is_not_clicked() {
    let body = "<button onclick=\"this.textContent='Clicked'\">Under</button>
      <div id=over style='position:fixed;inset:0'></div>
      <script>setTimeout(() => document.getElementById('over').remove(), 300)</script>";
    let site = site(&[("/covered", body, &[])]);
    let page = Page::open().await;
    page.goto(&format!("{}/covered", site.url())).await;
    page.click(Role::Button, "Under").await;
    let gone = page.evaluate("document.getElementById('over') === null").await;
    assert_eq!(gone, true, "the click waited until the button could be met");
    page.find(Role::Button, "Clicked").await;
}

#[tokio::test]
async fn every_complaint_of_a_page_is_heard() {
    let body = "<p style='color:red'>a</p><img alt=a src=http://elsewhere.example/a.png>
      <img alt=b src=/nothing.png><script nonce=a>console.error('bad', 1); lost()</script>";
    let policy = [("content-security-policy", "script-src 'nonce-a'; style-src 'self'")];
    let site = site(&[("/bad", body, &policy), ("/good", "<p>a", &[])]);
    let page = Page::open().await;
    page.goto(&format!("{}/bad", site.url())).await;
    let complaints = page.complaints().join("\n");
    for part in ["console.error: bad 1", "lost is not defined", "Content Security Policy", "404"] {
        assert!(complaints.contains(part), "{part} is missing in:\n{complaints}");
    }
    let fetched = page.fetched();
    assert!(fetched.iter().any(|one| one.url == "http://elsewhere.example/a.png"), "{fetched:?}");
    assert_eq!(page.goto(&format!("{}/good", site.url())).await, 200);
    assert_eq!(page.complaints(), [""; 0], "what was before is forgotten");
}

#[tokio::test]
async fn what_a_page_costs_is_counted_to_the_byte() {
    let padding = "x".repeat(20_000);
    let site = site(&[("/page", "<script src=/script></script>", &[]), ("/script", &padding, &[])]);
    let page = Page::open().await;
    page.without_cache().await;
    for _ in 0..2 {
        page.goto(&format!("{}/page", site.url())).await;
        let fetched = page.fetched();
        let kinds: Vec<&str> = fetched.iter().map(|one| &*one.kind).collect();
        assert_eq!(kinds, ["Document", "Script"], "{fetched:?}");
        assert!(fetched.iter().all(|one| one.ended && one.status == Some(200)), "{fetched:?}");
        let bytes = fetched[1].bytes;
        assert!((20_000..21_000).contains(&bytes), "{bytes} bytes with head and frame");
    }
}

#[tokio::test]
async fn axe_names_what_shuts_somebody_out() {
    let bad = "<h1>Bad</h1><button></button>";
    let site = site(&[("/bad", bad, &[]), ("/good", "<h1>Good</h1><button>Go</button>", &[])]);
    let page = Page::open().await;
    page.goto(&format!("{}/bad", site.url())).await;
    let barriers = page.barriers().await;
    assert_eq!(barriers.len(), 1, "{barriers:?}");
    assert!(barriers[0].starts_with("critical button-name"), "{barriers:?}");
    page.goto(&format!("{}/good", site.url())).await;
    assert_eq!(page.barriers().await, [""; 0]);
}

#[tokio::test]
async fn a_page_is_seen_in_any_size_and_colour() {
    let body = "<style>@media (prefers-color-scheme: dark) { p { width: 500px } }</style><p>a";
    let site = site(&[("/page", body, &[])]);
    let page = Page::open().await;
    page.resize((360, 640)).await;
    page.prefer(Theme::Light).await;
    page.goto(&format!("{}/page", site.url())).await;
    assert_eq!(page.overhang().await, 0);
    page.prefer(Theme::Dark).await;
    assert!(page.overhang().await > 100, "the dark one does not fit");
    page.resize(WIDE).await;
    assert_eq!(page.overhang().await, 0);
    let picture = page.picture(NARROW, 1_400).await;
    assert_eq!((&picture[..4], &picture[8..12]), (&b"RIFF"[..], &b"WEBP"[..]));
}

#[tokio::test]
async fn visitors_know_nothing_of_each_other_and_a_page_can_be_hidden() {
    let cookie = [("set-cookie", "who=ada; Path=/")];
    let site = site(&[("/first", "<p>a", &cookie), ("/second", "<p>a", &[])]);
    let (one, other) = (Page::open().await, Page::open().await);
    one.goto(&format!("{}/first", site.url())).await;
    one.speak("zh-CN").await;
    one.goto(&format!("{}/second", site.url())).await;
    other.goto(&format!("{}/second", site.url())).await;
    let seen = site.requests();
    let seen: Vec<_> = seen.iter().filter(|seen| seen.path == "/second").collect();
    assert_eq!((seen[0].header("cookie"), seen[1].header("cookie")), (Some("who=ada"), None));
    assert_eq!(seen[0].header("accept-language"), Some("zh-CN"));
    one.hide().await;
    assert_eq!(other.evaluate("document.visibilityState").await, "visible");
}
