//! The providers' room in a browser: what scripts add to its form, and that it shuts nobody out.

use serde_json::json;
use switchyard_actors::domain::dialect::Dialect;

use crate::support::browser::{Key, Page, Role, Theme, WIDE};
use crate::support::prices::MODEL;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::Upstream;

#[tokio::test]
async fn the_form_shows_where_requests_go_and_tests_without_losing_what_was_typed() {
    let (upstream, switchyard) = (Upstream::start(), Switchyard::start().await);
    let page = Page::of_admin(&switchyard, "/providers").await;
    page.click(Role::Link, "Anthropic-compatible").await;
    page.arrive("/providers/new").await;
    page.fill("Name", "Mine").await;
    page.fill("Address", &format!("{}/v1", upstream.url())).await;
    page.see(&format!("{}/v1/messages", upstream.url())).await;
    page.fill("Key", "sk-vendor-0123456789").await;
    page.fill("Model to test with", MODEL).await;
    page.click(Role::Button, "Test now").await;
    page.see("It works.").await;
    page.see("Hello.").await;
    let key = page.evaluate("document.getElementById('f-key').value").await;
    assert_eq!(key, json!("sk-vendor-0123456789"), "the key is still there to be saved");
    assert_eq!(upstream.only_request().path, "/v1/messages");
    assert_eq!(page.complaints(), Vec::<String>::new());
    page.click(Role::Button, "Add the provider").await;
    page.see("Mine takes part in routing").await;
}

#[tokio::test]
async fn enter_saves_the_form_from_any_field_and_asks_the_vendor_nothing() {
    let (upstream, switchyard) = (Upstream::start(), Switchyard::start().await);
    let page = Page::of_admin(&switchyard, "/providers").await;
    page.click(Role::Link, "Anthropic-compatible").await;
    page.arrive("/providers/new").await;
    page.fill("Address", &upstream.url()).await;
    page.fill("Key", "sk-vendor-0123456789").await;
    page.fill("Name", "Mine").await;
    page.press(Key::Enter).await;
    page.arrive("/providers").await;
    page.see("Mine takes part in routing").await;
    page.click(Role::Link, "Mine").await;
    page.arrive("/providers/1").await;
    page.fill("Model to test with", MODEL).await;
    page.press(Key::Enter).await;
    page.arrive("/providers").await;
    page.see("Mine was saved").await;
    assert_eq!(upstream.connections(), 0, "nothing was tested");
    assert_eq!(page.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn parts_of_the_form_that_were_folded_have_room_between_their_fields() {
    let switchyard = Switchyard::launch(&[]).await;
    let page = Page::of_admin(&switchyard, "/providers").await;
    page.goto(&format!("http://{}/providers/new?preset=anthropic", switchyard.address())).await;
    let narrowest = "(() => {
        const gaps = [];
        for (const part of document.querySelectorAll('details.group')) {
            part.open = true;
            const fields = [...part.querySelector('.form').children];
            const boxes = fields.map((field) => field.getBoundingClientRect());
            boxes.slice(1).forEach((box, at) => gaps.push(box.top - boxes[at].bottom));
        }
        return Math.min(...gaps);
    })()";
    let gap = page.evaluate(narrowest).await;
    assert!(gap.as_f64().is_some_and(|gap| gap >= 8.0), "{gap}");
}

#[tokio::test]
async fn the_room_s_pages_fit_a_phone_and_shut_nobody_out() {
    let (upstream, switchyard) = (Upstream::start(), Switchyard::start().await);
    let id = switchyard.serve(Dialect::Anthropic, &upstream).await;
    switchyard.serve(Dialect::OpenaiChat, &upstream).await;
    let page = Page::of_admin(&switchyard, "/providers").await;
    let one = format!("/providers/{id}");
    let mut found = Vec::new();
    for theme in Theme::ALL {
        page.prefer(theme).await;
        for path in ["/providers", "/providers/new", "/providers/new?preset=compatible", &one] {
            page.resize(WIDE).await;
            page.goto(&format!("http://{}{path}", switchyard.address())).await;
            found.extend(page.complaints());
            found.extend(page.barriers().await);
            page.resize((360, 740)).await;
            let overhang = page.overhang().await;
            if overhang > 0 {
                found.push(format!("{path}: {overhang} pixels are beyond a phone's 360"));
            }
            found.extend(page.barriers().await);
        }
    }
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}

#[tokio::test]
async fn the_field_for_a_key_fits_the_kind_and_keeps_what_was_typed() {
    let (upstream, switchyard) = (Upstream::start(), Switchyard::start().await);
    let page = Page::of_admin(&switchyard, "/providers").await;
    page.click(Role::Link, "Anthropic-compatible").await;
    page.arrive("/providers/new").await;
    page.fill("Address", &upstream.url()).await;
    page.fill("Name", "Google").await;
    page.fill("Key", "AIzaSy-key-0123").await;
    let shown = "[...document.querySelectorAll('[name=key]')].filter((one) => one.offsetParent && !one.disabled)\
                 .map((one) => [one.id, one.value]).flat()";
    assert_eq!(page.evaluate(shown).await, json!(["f-key", "AIzaSy-key-0123"]));
    let choose = "(() => { const kind = document.getElementById('f-provider_type'); kind.value = 'gemini'; \
                  kind.dispatchEvent(new Event('change')); })()";
    page.evaluate(choose).await;
    assert_eq!(page.evaluate(shown).await, json!(["f-credential", "AIzaSy-key-0123"]));
    page.click(Role::Button, "Add the provider").await;
    page.see("Google takes part in routing").await;
    assert_eq!(page.complaints(), Vec::<String>::new());
    let listed = switchyard.admin("providers/getProviders", json!({})).await;
    assert_eq!(listed[0]["maskedKey"], json!("AIza••••••0123"));
}
