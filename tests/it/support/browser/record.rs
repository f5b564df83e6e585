//! What a page has told since it was last forgotten: complaints, loads, and what was fetched.

use parking_lot::Mutex;
use serde_json::Value;

/// The story of one page.
#[derive(Default)]
pub struct Record {
    events: Mutex<Vec<(String, Value)>>,
}

/// Something that a page has asked for over the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The address that was asked.
    pub url: String,
    /// What for, in the browser's words: `Document`, `Stylesheet`, `Script`, `EventSource` ...
    pub kind: String,
    /// The status, once there is an answer.
    pub status: Option<u16>,
    /// The bytes that came over the network, heads included; so far, when it has not ended.
    pub bytes: u64,
    /// Whether it has ended, well or not.
    pub ended: bool,
}

impl Record {
    /// Adds an event.
    pub fn add(&self, method: String, params: Value) {
        self.events.lock().push((method, params));
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.events.lock().clear();
    }

    /// Tells whether a document and all it needs is loaded.
    pub fn has_loaded(&self, loader: &str) -> bool {
        self.events.lock().iter().any(|(method, params)| {
            method == "Page.lifecycleEvent"
                && params["name"] == "load"
                && params["loaderId"] == loader
        })
    }

    /// Returns every error and warning of the console, exception, refusal by the content security
    /// policy, and failed load.
    pub fn complaints(&self) -> Vec<String> {
        let events = self.events.lock();
        events.iter().filter_map(|(method, params)| complaint(method, params)).collect()
    }

    /// Returns everything that was asked for, in order. What leads on to somewhere else is an entry
    /// of its own.
    pub fn fetched(&self) -> Vec<Fetched> {
        let mut all: Vec<(String, Fetched)> = Vec::new();
        for (method, params) in self.events.lock().iter() {
            let id = params["requestId"].as_str().unwrap_or_default();
            let place = all.iter().rposition(|(known, _)| known == id);
            if method == "Network.requestWillBeSent" {
                if let Some(place) = place {
                    let response = &params["redirectResponse"];
                    answered(&mut all[place].1, response);
                    all[place].1.ended = true;
                }
                all.push((id.to_owned(), asked(params)));
            } else if let Some(place) = place {
                advance(&mut all[place].1, method, params);
            }
        }
        all.into_iter().map(|(_, fetched)| fetched).collect()
    }
}

fn asked(params: &Value) -> Fetched {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (url, kind) = (text(&params["request"]["url"]), text(&params["type"]));
    Fetched { url, kind, status: None, bytes: 0, ended: false }
}

fn advance(fetched: &mut Fetched, method: &str, params: &Value) {
    match method {
        "Network.responseReceived" => answered(fetched, &params["response"]),
        "Network.dataReceived" => fetched.bytes += bytes(&params["encodedDataLength"]),
        "Network.loadingFinished" => {
            fetched.bytes = bytes(&params["encodedDataLength"]);
            fetched.ended = true;
        }
        "Network.loadingFailed" => fetched.ended = true,
        _ => {}
    }
}

fn answered(fetched: &mut Fetched, response: &Value) {
    fetched.status = response["status"].as_u64().and_then(|status| u16::try_from(status).ok());
    fetched.bytes = bytes(&response["encodedDataLength"]);
}

/// Sizes are JSON numbers with a point.
fn bytes(value: &Value) -> u64 {
    let text = value.as_f64().map(|number| format!("{number:.0}"));
    text.and_then(|text| text.parse().ok()).unwrap_or_default()
}

fn complaint(method: &str, params: &Value) -> Option<String> {
    match method {
        "Runtime.consoleAPICalled" => {
            let kind = params["type"].as_str()?;
            let is_bad = matches!(kind, "error" | "warning" | "assert");
            is_bad.then(|| format!("console.{kind}: {}", words(&params["args"])))
        }
        "Runtime.exceptionThrown" => {
            let details = &params["exceptionDetails"];
            Some(format!("exception: {} {}", details["text"], details["exception"]["description"]))
        }
        "Log.entryAdded" => {
            let entry = &params["entry"];
            let is_bad = matches!(entry["level"].as_str()?, "error" | "warning");
            is_bad.then(|| format!("{}: {} ({})", entry["source"], entry["text"], entry["url"]))
        }
        "Inspector.targetCrashed" => Some("the page crashed".to_owned()),
        "Page.javascriptDialogOpening" => Some(format!("a dialog: {}", params["message"])),
        _ => None,
    }
}

fn words(arguments: &Value) -> String {
    let word = |one: &Value| match &one["value"] {
        Value::Null => one["description"].as_str().unwrap_or("null").to_owned(),
        value => value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned),
    };
    arguments.as_array().into_iter().flatten().map(word).collect::<Vec<_>>().join(" ")
}
