//! The room of prices: what is in force, found by name, page by page, and synced on demand.

use serde_json::{Value, json};

use crate::support::person::Person;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::{Script, Upstream};
use crate::support::waiting::{self, SOON};

/// Uploads a table by hand.
async fn upload(switchyard: &Switchyard, table: &Value) {
    let body = json!({ "jsonContent": table.to_string() });
    switchyard.admin("model-prices/uploadPriceTable", body).await;
}

fn many(count: usize) -> Value {
    let price =
        json!({ "mode": "chat", "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6 });
    (0..count)
        .map(|number| (format!("bulk-{number:04}"), price.clone()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// Returns the models of a page, in order.
fn models(html: &str) -> Vec<&str> {
    let cells = html.split("<th scope=\"row\" class=\"model whole\">").skip(1);
    cells.filter_map(|rest| rest.split(['<', ' ']).next()).collect()
}

/// Returns the address of the next page.
fn next(html: &str) -> Option<String> {
    let (before, _) = html.split_once("\" rel=\"next\"")?;
    Some(before.rsplit('"').next()?.replace("&amp;", "&"))
}

#[actix_rt::test]
async fn a_model_s_price_is_found_with_its_exact_rates_and_its_source() {
    let switchyard = Switchyard::launch(&[]).await;
    let table = r#"{"claude-x": {"mode": "chat", "input_cost_per_token": 3e-06,
        "output_cost_per_token": 1.5e-05, "cache_read_input_token_cost": 3.0000000000000001e-07,
        "cache_creation_input_token_cost": 3.75e-06},
        "<script>alert(1)</script>": {"mode": "ocr", "ocr_cost_per_page": 0.001}}"#;
    let body = json!({ "jsonContent": table });
    switchyard.admin("model-prices/uploadPriceTable", body).await;
    let person = Person::admin(&switchyard).await;
    let html = person.page("/prices?q=CLAUDE-X").await;
    assert_eq!(models(&html), ["claude-x"]);
    for text in [">3.00<", ">15.00<", ">0.30000000000000001<", ">3.75<", ">By hand<", "1 model<"] {
        assert!(html.contains(text), "{text} is missing in {html}");
    }
    let odd = person.page("/prices?q=script").await;
    assert!(odd.contains("&lt;script&gt;alert") && odd.contains("Cannot be billed"), "{odd}");
    let chinese = Person::admin(&switchyard).await.in_chinese().page("/prices?q=claude-x").await;
    assert!(chinese.contains(">手动<") && chinese.contains("1 个模型"), "{chinese}");
}

#[actix_rt::test]
async fn pages_follow_each_other_and_keep_the_search() {
    let switchyard = Switchyard::launch(&[]).await;
    upload(&switchyard, &many(120)).await;
    let person = Person::admin(&switchyard).await;
    let (mut at, mut seen) = (Some("/prices?q=bulk-&source=manual".to_owned()), Vec::new());
    let mut pages = 0;
    while let Some(address) = at {
        let html = person.page(&address).await;
        assert!(html.contains("120 models"), "{html}");
        seen.extend(models(&html).into_iter().map(str::to_owned));
        at = next(&html);
        pages += 1;
    }
    let wanted: Vec<String> = (0..120).map(|number| format!("bulk-{number:04}")).collect();
    assert_eq!((seen, pages), (wanted, 3));
    let other = person.page("/prices?q=bulk-&source=synced").await;
    assert!(models(&other).is_empty() && other.contains("No model is called that"), "{other}");
    let odd = person.page("/prices?before=nonsense&source=nonsense&q=bulk-0119").await;
    assert_eq!(models(&odd), ["bulk-0119"]);
}

#[actix_rt::test]
async fn without_a_feed_the_bundled_prices_are_there_and_nothing_is_to_be_pressed() {
    let switchyard = Switchyard::launch(&[]).await;
    let person = Person::admin(&switchyard).await;
    let html = waiting::until("the bundled prices are stored", SOON, async || {
        let html = person.page("/prices?source=seed").await;
        (!models(&html).is_empty()).then_some(html)
    })
    .await;
    assert!(html.contains("Sync is off") && html.contains("PRICE_FEED_URL"), "{html}");
    assert!(html.contains(">Bundled<") && !html.contains("action=\"/prices/sync\""), "{html}");
    let refused = person.submit("/prices", "/prices/sync", &[]).await;
    let html = person.follow(&refused).await;
    assert!(html.contains("Price sync is switched off"), "{html}");
    let chinese = person.in_chinese().page("/prices?q=no-such-model").await;
    assert!(chinese.contains("没有这样的模型") && chinese.contains("同步已关闭"), "{chinese}");
}

#[actix_rt::test]
async fn a_sync_on_demand_says_what_it_changed_or_why_it_did_not() {
    let feed = Upstream::start();
    feed.always(Script::json(200, many(100).to_string()));
    let url = format!("{}/prices.json", feed.url());
    let switchyard = Switchyard::launch(&[("PRICE_FEED_URL", &url)]).await;
    let person = Person::admin(&switchyard).await;
    let sync = async |query| {
        let answer = person.submit("/prices", "/prices/sync", &[("q", query)]).await;
        person.follow(&answer).await
    };
    let html = sync("bulk").await;
    assert!(html.contains("name=\"q\" value=\"bulk\"") && html.contains(">Synced<"), "{html}");
    assert!(html.contains("100 models"), "{html}");

    let mut table = many(101);
    table["bulk-0000"]["input_cost_per_token"] = json!(9e-6);
    table["no-price"] = json!({});
    feed.reset();
    feed.always(Script::json(200, table.to_string()));
    let html = sync("bulk").await;
    let told =
        "Prices synced: 1 new, 1 changed, 99 as they were. 1 entry of the table is no price.";
    assert!(html.contains(told) && html.contains(">9.00<"), "{html}");

    feed.reset();
    feed.always(Script::json(503, "{}"));
    let html = sync("").await;
    assert!(html.contains("Prices stay as they were. The sync failed"), "{html}");
    assert!(html.contains("the one since then failed") && html.contains("503"), "{html}");
    assert!(html.contains("bulk-0000"), "what was synced is still there: {html}");
}

#[actix_rt::test]
async fn the_room_is_for_admins() {
    let switchyard = Switchyard::launch(&[]).await;
    let body = json!({ "name": "ann", "canLoginWebUi": true });
    let user = switchyard.admin("users/addUser", body).await;
    let key = user["defaultKey"]["key"].as_str().unwrap().to_owned();
    let person = Person::with_key(&switchyard, &key).await;
    let answer = person.get("/prices").await;
    assert_eq!(answer.status, 403);
    assert!(!answer.text().contains("href=\"/prices\""), "{}", answer.text());
    let stranger = Person::stranger(&switchyard).get("/prices?q=a").await;
    assert_eq!(stranger.header("location"), Some("/login?from=%2Fprices%3Fq%3Da"));
}
