//! One page: where it is, what it shows, and waiting for that.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::PATIENCE;
use super::pipe::Answer;
use super::process::Browser;
use super::record::{Fetched, Record};

/// How long the browser is left alone between two looks.
const STEP: Duration = Duration::from_millis(25);

/// What is switched on in every page: its events, and that it counts as focused although other
/// tests have pages too.
const DOMAINS: [&str; 5] =
    ["Page.enable", "Runtime.enable", "Network.enable", "Log.enable", "Inspector.enable"];

/// A page of a visitor of its own, whom nobody knows yet.
pub struct Page {
    pub(super) browser: Arc<Browser>,
    visitor: String,
    pub(super) session: String,
    record: Arc<Record>,
}

impl Page {
    /// Opens an empty page for a new visitor.
    pub async fn open() -> Self {
        let browser = Browser::shared();
        let ask =
            async |method: &str, params: Value| match browser.pipe.call("", method, params).await {
                Ok(answer) => answer,
                Err(why) => panic!("{why}; the browser said:\n{}", browser.said()),
            };
        let made = ask("Target.createBrowserContext", json!({ "disposeOnDetach": true })).await;
        let visitor = text_of(&made["browserContextId"]);
        let params = json!({ "url": "about:blank", "browserContextId": visitor });
        let target = ask("Target.createTarget", params).await;
        let params = json!({ "targetId": target["targetId"], "flatten": true });
        let session = text_of(&ask("Target.attachToTarget", params).await["sessionId"]);
        let record = Arc::new(Record::default());
        browser.pipe.keep(&session, &record);
        let this = Self { browser, visitor, session, record };
        for domain in DOMAINS {
            this.call(domain, json!({})).await;
        }
        this.call("Page.setLifecycleEventsEnabled", json!({ "enabled": true })).await;
        this.call("Emulation.setFocusEmulationEnabled", json!({ "enabled": true })).await;
        this
    }

    /// Goes to an address, waits until it is loaded, and returns the status of what it led to.
    /// What was told before is forgotten.
    pub async fn goto(&self, url: &str) -> u16 {
        self.record.clear();
        let answer = self.call("Page.navigate", json!({ "url": url })).await;
        let why = answer["errorText"].as_str().unwrap_or_default();
        assert!(why.is_empty(), "{url} cannot be shown: {why}");
        let loader = text_of(&answer["loaderId"]);
        self.until(&format!("{url} is loaded"), async || {
            self.record.has_loaded(&loader).then_some(())
        })
        .await;
        let fetched = self.fetched();
        let document = fetched.iter().rev().find(|one| one.kind == "Document");
        document.and_then(|document| document.status).expect("a document has a status")
    }

    /// Puts another tab in front of the page, as somebody who works on something else does.
    pub async fn hide(&self) {
        self.call("Emulation.setFocusEmulationEnabled", json!({ "enabled": false })).await;
        let params = json!({ "url": "about:blank", "browserContextId": self.visitor });
        let made = self.browser.pipe.call("", "Target.createTarget", params).await;
        made.expect("another tab");
        self.until_holds("the page is hidden", "document.visibilityState === 'hidden'").await;
    }

    /// Comes back to a page that was hidden.
    pub async fn show(&self) {
        self.call("Page.bringToFront", json!({})).await;
        self.until_holds("the page is seen", "document.visibilityState === 'visible'").await;
        self.call("Emulation.setFocusEmulationEnabled", json!({ "enabled": true })).await;
    }

    /// Waits until the visitor is on the path and everything there is loaded.
    pub async fn arrive(&self, path: &str) {
        let path = json!(path);
        let there = format!("location.pathname === {path} && document.readyState === 'complete'");
        self.until_holds(&format!("arrival at {path}"), &there).await;
    }

    /// Returns where the page is.
    pub async fn url(&self) -> String {
        text_of(&self.evaluate("location.href").await)
    }

    /// Returns the text that is seen.
    pub async fn text(&self) -> String {
        text_of(&self.evaluate("(document.body?.innerText ?? '')").await)
    }

    /// Waits until the text is seen. Capitals are the style sheet's business.
    pub async fn see(&self, text: &str) {
        let wanted = folded(text);
        self.until(&format!("the text {text:?}"), async || {
            folded(&self.text().await).contains(&wanted).then_some(())
        })
        .await;
    }

    /// Waits until an expression of the page is true.
    pub async fn until_holds(&self, what: &str, expression: &str) {
        self.until(what, async || {
            (self.try_evaluate(expression).await == Ok(json!(true))).then_some(())
        })
        .await;
    }

    /// Evaluates an expression in the page; a promise is waited for.
    pub async fn evaluate(&self, expression: &str) -> Value {
        match self.try_evaluate(expression).await {
            Ok(value) => value,
            Err(why) => self.give_up(&why).await,
        }
    }

    /// Returns what the page complained about since it was last gone to.
    pub fn complaints(&self) -> Vec<String> {
        self.record.complaints()
    }

    /// Returns what was fetched since the page was last gone to.
    pub fn fetched(&self) -> Vec<Fetched> {
        self.record.fetched()
    }

    /// Waits until `ready` answers with something; fails with `what` and the page when the time is
    /// over.
    pub async fn until<T>(&self, what: &str, mut ready: impl AsyncFnMut() -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = ready().await {
                return found;
            }
            if Instant::now() > end {
                self.give_up(&format!("waited {PATIENCE:?} in vain for: {what}")).await;
            }
            tokio::time::sleep(STEP).await;
        }
    }

    /// Fails the test, with what is seen.
    pub(super) async fn give_up(&self, why: &str) -> ! {
        let seen =
            "location.href + '\\n' + document.title + '\\n' + (document.body?.innerText ?? '')";
        let seen = self.try_evaluate(seen).await.map_or_else(|why| why, |seen| text_of(&seen));
        let complaints = self.complaints().join("\n");
        panic!(
            "{why}\n--- the page ---\n{seen}\n--- its complaints ---\n{complaints}\n--- end ---"
        );
    }

    pub(super) async fn try_evaluate(&self, expression: &str) -> Answer {
        let params = json!({ "expression": expression, "awaitPromise": true,
            "returnByValue": true, "userGesture": true });
        value_of(self.try_call("Runtime.evaluate", params).await?)
    }

    pub(super) async fn try_call(&self, method: &str, params: Value) -> Answer {
        self.browser.pipe.call(&self.session, method, params).await
    }

    pub(super) async fn call(&self, method: &str, params: Value) -> Value {
        match self.try_call(method, params).await {
            Ok(answer) => answer,
            Err(why) => panic!("{why}"),
        }
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.browser.pipe.forget(&self.session);
        let params = json!({ "browserContextId": self.visitor });
        drop(self.browser.pipe.send("", "Target.disposeBrowserContext", params));
    }
}

/// The value of an evaluation, or the exception that it ended with.
pub(super) fn value_of(mut answer: Value) -> Answer {
    match answer.get("exceptionDetails") {
        None => Ok(answer["result"]["value"].take()),
        Some(details) => {
            Err(format!("{} {}", details["text"], details["exception"]["description"]))
        }
    }
}

pub(super) fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// One space between words, no capitals.
pub(super) fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
