//! Prices are searched while one types.

use serde_json::{Map, json};

use crate::support::browser::{NARROW, Page, Role};
use crate::support::switchyard::Switchyard;

#[tokio::test]
async fn results_follow_the_typing_and_the_field_keeps_its_focus() {
    let switchyard = Switchyard::launch(&[]).await;
    let price = json!({ "mode": "chat", "input_cost_per_token": 1e-6 });
    let table: Map<_, _> =
        (0..60).map(|number| (format!("bulk-{number:02}"), price.clone())).collect();
    let body = json!({ "jsonContent": json!(table).to_string() });
    switchyard.admin("model-prices/uploadPriceTable", body).await;
    let page = Page::of_admin(&switchyard, "/prices").await;
    page.fill("Model", "BULK-5").await;
    page.until_holds("ten rows", "document.querySelectorAll('tbody tr').length === 10").await;
    assert!(page.url().await.ends_with("/prices?q=BULK-5"), "{}", page.url().await);
    let told = page.evaluate("document.querySelector('[data-announce]').textContent").await;
    assert_eq!(told, json!("10 models"));
    page.write("7").await;
    page.until_holds("one row", "document.querySelectorAll('tbody tr').length === 1").await;
    assert!(page.focused().await.is_some_and(|field| field.is(Role::Field, "Model")));
    page.resize(NARROW).await;
    assert_eq!(page.overhang().await, 0, "a phone shows all of it");
    page.fill("Model", "nothing is called so").await;
    page.see("No model is called that").await;
    let complaints = page.complaints();
    assert!(complaints.is_empty(), "{complaints:#?}");
}
