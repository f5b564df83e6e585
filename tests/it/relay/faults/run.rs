//! Runs the cells: one instance a dialect, a provider and a model for each cell, many at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use switchyard_actors::domain::dialect::Dialect;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::cells::{self, faults};
use super::expected::{Cells, Facts, Place};
use crate::support::backing::Backing;
use crate::support::client::{Answer, End, Request};
use crate::support::launch::free_port;
use crate::support::switchyard::Switchyard;
use crate::support::upstream::answers::{self, PLAIN};
use crate::support::upstream::{Match, Rule, Upstream};

/// Short limits, so that hanging is over soon.
const LIMITS: [(&str, &str); 5] = [
    ("SWITCHYARD_FIRST_CONTENT_SECONDS", "3"),
    ("SWITCHYARD_STREAM_IDLE_SECONDS", "3"),
    ("SWITCHYARD_GATE_HOLD_SECONDS", "10"),
    ("SWITCHYARD_GATE_HOLD_GEMINI_SECONDS", "10"),
    ("SWITCHYARD_TOTAL_SECONDS", "6"),
];
/// Cells that run at once.
const AT_ONCE: usize = 12;

/// One cell to run.
struct Cell {
    place: Place,
    model: String,
    stream: bool,
    provider: i64,
}

/// Runs all cells of a dialect on an instance of its own, in the order of the faults.
pub async fn all(dialect: Dialect, backing: &Backing) -> Cells {
    let (first, second) = (Upstream::start(), Upstream::start());
    let switchyard = backing.start(&LIMITS).await;
    let mut apart = Vec::new();
    let cells = prepare(dialect, &switchyard, (&first, &second), &mut apart).await;
    let user = switchyard.add_user(json!({})).await;
    let asked = ask(dialect, &switchyard, &user.key, &cells).await;
    let rows = by_model(switchyard.rows_when(cells.len()).await);
    let outcomes = outcomes(&switchyard.logs());
    let failures = switchyard.admin("providers/getProvidersHealthStatus", json!({})).await;
    let count = |upstream: &Upstream, model: &str| {
        upstream.requests().iter().filter(|seen| seen.model().as_deref() == Some(model)).count()
    };
    let shown = cells.into_iter().map(|cell| {
        let Cell { place, model, stream, provider } = cell;
        let mut facts = client(dialect, &model, stream, &asked[&model]);
        let mut fact = |name: &str, value: String| facts.push((name.to_owned(), value));
        let broken = apart.iter().chain([&first]).map(|upstream| count(upstream, &model)).sum();
        let asked: (usize, usize) = (broken, count(&second, &model));
        let charged = failures[provider.to_string()]["failureCount"].as_i64().unwrap_or_default();
        fact("asked", format!("{} + {}", asked.0, asked.1));
        fact("charged", charged.to_string());
        fact("row", format!("{} {}", rows[&model]["statusCode"], outcomes[&model]));
        fact("chain", chain(&rows[&model]));
        (place, facts)
    });
    shown.collect()
}

/// Adds the providers: a broken one for each cell, and a healthy one that all cells beside it share.
async fn prepare(
    dialect: Dialect,
    switchyard: &Switchyard,
    (first, second): (&Upstream, &Upstream),
    apart: &mut Vec<Upstream>,
) -> Vec<Cell> {
    let dead = format!("http://127.0.0.1:{}", free_port());
    let mut cells = Vec::new();
    let mut healthy = Vec::new();
    for (form, stream) in [("stream", true), ("whole", false)] {
        for others in ["alone", "beside"] {
            for number in 0..faults(dialect, "", stream).len() {
                let model = format!("{form}-{others}-{number}");
                let (fault, does) = faults(dialect, &model, stream).swap_remove(number);
                let url = match does {
                    cells::Upstream::Dead => dead.clone(),
                    cells::Upstream::Scripted(script) => {
                        first.script(Rule::new(Match::any().model(&model), script));
                        first.url()
                    }
                    cells::Upstream::Apart(script) => {
                        let own = Upstream::start();
                        own.always(script);
                        let url = own.url();
                        apart.push(own);
                        url
                    }
                };
                let body = provider(dialect, &model, &url, 0, std::slice::from_ref(&model));
                switchyard.admin("providers/addProvider", body).await;
                if others == "beside" {
                    healthy.push(model.clone());
                }
                let place = Place {
                    fault: fault.to_owned(),
                    form: form.to_owned(),
                    others: others.to_owned(),
                };
                cells.push(Cell { place, model, stream, provider: 0 });
            }
        }
    }
    let body = provider(dialect, "healthy", &second.url(), 1, &healthy);
    switchyard.admin("providers/addProvider", body).await;
    let ids = ids(switchyard).await;
    for cell in &mut cells {
        cell.provider = ids[&cell.model];
    }
    cells
}

fn provider(dialect: Dialect, name: &str, url: &str, priority: i64, models: &[String]) -> Value {
    json!({ "name": name, "url": url, "key": format!("upstream-key-of-{name}"),
        "provider_type": answers::kind(dialect), "priority": priority, "allowed_models": models })
}

async fn ids(switchyard: &Switchyard) -> BTreeMap<String, i64> {
    let all = switchyard.admin("providers/getProviders", json!({})).await;
    let named = |one: &Value| Some((one["name"].as_str()?.to_owned(), one["id"].as_i64()?));
    all.as_array().expect("providers").iter().filter_map(named).collect()
}

/// Sends each cell's request.
async fn ask(
    dialect: Dialect,
    switchyard: &Switchyard,
    key: &str,
    cells: &[Cell],
) -> BTreeMap<String, Answer> {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut asking = JoinSet::new();
    for Cell { model, stream, .. } in cells {
        let (places, client) = (Arc::clone(&places), switchyard.client());
        let request = Request::saying(dialect, key, model, *stream, &format!("Say {model}."));
        let model = model.clone();
        asking.spawn(async move {
            let _place = places.acquire().await;
            (model, client.send(&request).await)
        });
    }
    asking.join_all().await.into_iter().collect()
}

/// What the client got.
fn client(dialect: Dialect, model: &str, stream: bool, answer: &Answer) -> Facts {
    let mut status = answer.status.to_string();
    if let Some(wait) = answer.header("retry-after") {
        status = format!("{status}, retry-after {wait}");
    }
    if answer.end == End::Cut {
        status = format!("{status}, cut");
    }
    let good = if stream {
        answers::frames(dialect, model, 3, &PLAIN).concat()
    } else {
        answers::answer(dialect, model, "Hello.", &PLAIN)
    };
    let body = match answer.text() {
        text if text == good => ("body", "a whole answer, byte for byte".to_owned()),
        text => ("last", last(&text, answer, model)),
    };
    vec![("client".to_owned(), status), (body.0.to_owned(), body.1)]
}

/// The last event of a stream, or the whole document, on one line and without what differs each time.
fn last(text: &str, answer: &Answer, model: &str) -> String {
    let lines = text.replace("\r\n", "\n");
    let last = lines.trim_end().rsplit("\n\n").next().unwrap_or_default();
    let id = answer.header("x-switchyard-request-id").expect("a request id");
    last.replace(id, "ID").replace(model, "MODEL").replace('\n', " ⏎ ")
}

fn by_model(rows: Vec<Value>) -> BTreeMap<String, Value> {
    let model =
        |row: &Value| row["originalModel"].as_str().or(row["model"].as_str()).map(str::to_owned);
    rows.into_iter().filter_map(|row| Some((model(&row)?, row))).collect()
}

/// The outcomes of the rows, by model, as the log tells them.
fn outcomes(logs: &str) -> BTreeMap<String, String> {
    let text = |line: &Value, name: &str| line[name].as_str().map(str::to_owned);
    let lines = logs.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.filter_map(|line| Some((text(&line, "model")?, text(&line, "outcome")?))).collect()
}

/// The tries of a row: why each link stands there, and the status; one that was inferred has a `~`.
fn chain(row: &Value) -> String {
    let links = row["providerChain"].as_array().expect("a provider chain");
    let link = |link: &Value| {
        let mark = if link["statusCodeInferred"] == true { "~" } else { "" };
        format!("{} {mark}{}", link["reason"].as_str().unwrap_or_default(), link["statusCode"])
    };
    links.iter().map(link).collect::<Vec<_>>().join(" > ")
}
