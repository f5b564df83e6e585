//! Switchyard with everything on: the embedded store or PostgreSQL and Redis, two providers, one user and key with limits,
//! prices. Set up through the management API, as an operator would.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::cases;
use crate::instances::{Instance, free_address};

const ADMIN_TOKEN: &str = "bench-admin-token-0123456789abcdef";
const READY: Duration = Duration::from_secs(30);

/// A running Switchyard and the key to ask with.
#[derive(Debug)]
pub struct Product {
    /// The process.
    pub instance: Instance,
    /// The caller's key.
    pub key: String,
    _data: TempDir,
}

/// Starts the program, with the services that the environment names, and sets it up in front of the
/// mock.
pub fn start(
    program: &Path,
    mock: SocketAddr,
    workers: usize,
    services: &[(&str, &str)],
) -> anyhow::Result<Product> {
    ensure!(program.exists(), "{} is missing: build it first", program.display());
    let data = TempDir::new()?;
    let address = free_address()?;
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", data.path())
        .env("SWITCHYARD_DATA_DIR", data.path())
        .env("APP_HOST", "127.0.0.1")
        .env("APP_PORT", address.port().to_string())
        .env("SWITCHYARD_WORKERS", workers.to_string())
        .env("PRICE_FEED_URL", "")
        .env("ADMIN_TOKEN", ADMIN_TOKEN)
        .env("ALLOW_PRIVATE_PROVIDER_URLS", "true")
        .envs(services.iter().copied())
        // A line a request, written as in production, but not onto the reader's terminal.
        .stderr(File::create(data.path().join("switchyard.log"))?)
        .current_dir(data.path());
    let instance = Instance::spawn(command, address)?;
    wait_ready(address)?;
    let key = set_up(address, mock)?;
    Ok(Product { instance, key, _data: data })
}

/// Adds prices, the provider, and a user whose limits are set and never reached.
fn set_up(address: SocketAddr, mock: SocketAddr) -> anyhow::Result<String> {
    let price = json!({ "mode": "chat", "litellm_provider": "bench",
        "input_cost_per_token": 3e-9, "output_cost_per_token": 1.5e-8 });
    let sheet: Map<String, Value> =
        cases::MODELS.iter().map(|model| ((*model).to_owned(), price.clone())).collect();
    let sheet = Value::Object(sheet).to_string();
    action(address, "model-prices/uploadPriceTable", &json!({ "jsonContent": sheet }))?;
    let provider = json!({ "name": "bench", "url": format!("http://{mock}"), "key": "bench-key",
        "provider_type": "claude", "allowed_models": cases::ANTHROPIC_MODELS,
        "limit_daily_usd": 10_000, "limit_monthly_usd": 50_000 });
    action(address, "providers/addProvider", &provider)?;
    let provider = json!({ "name": "bench-chat", "url": format!("http://{mock}"),
        "key": "bench-key", "provider_type": "openai-compatible",
        "allowed_models": [cases::CHAT_STREAM],
        "limit_daily_usd": 10_000, "limit_monthly_usd": 50_000 });
    action(address, "providers/addProvider", &provider)?;
    let user = json!({ "name": "bench", "rpm": 1_000_000, "dailyQuota": 100_000,
        "limit5hUsd": 10_000, "limitWeeklyUsd": 50_000, "limitMonthlyUsd": 200_000,
        "limitTotalUsd": 10_000_000 });
    let data = action(address, "users/addUser", &user)?;
    let id = data.pointer("/user/id").context("a user id")?;
    let key = json!({ "userId": id, "name": "bench", "limitDailyUsd": 10_000,
        "limit5hUsd": 10_000, "limitTotalUsd": 10_000_000 });
    let data = action(address, "keys/addKey", &key)?;
    let key = data.get("generatedKey").and_then(Value::as_str);
    Ok(key.context("a generated key")?.to_owned())
}

fn wait_ready(address: SocketAddr) -> anyhow::Result<()> {
    let end = Instant::now() + READY;
    loop {
        if matches!(exchange(address, "GET", "/api/health/ready", ""), Ok((200, _))) {
            return Ok(());
        }
        ensure!(Instant::now() < end, "switchyard does not get ready");
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Calls an action of the management API and returns its `data`.
fn action(address: SocketAddr, action: &str, body: &Value) -> anyhow::Result<Value> {
    let path = format!("/api/actions/{action}");
    let (status, text) = exchange(address, "POST", &path, &body.to_string())?;
    let mut answer: Value =
        serde_json::from_str(&text).with_context(|| format!("{action} answered {text}"))?;
    if status != 200 || answer.get("ok") != Some(&Value::Bool(true)) {
        bail!("{action} answered {status}: {text}");
    }
    Ok(answer.get_mut("data").map(Value::take).unwrap_or_default())
}

/// One request on a connection of its own.
fn exchange(
    address: SocketAddr,
    method: &str,
    path: &str,
    body: &str,
) -> anyhow::Result<(u16, String)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: bench.test\r\nConnection: close\r\n\
         Authorization: Bearer {ADMIN_TOKEN}\r\nCookie: auth-token={ADMIN_TOKEN}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let (head, body) = text.split_once("\r\n\r\n").context("an answer with a head")?;
    let status = head.get(9..12).context("a status line")?.parse()?;
    Ok((status, body.to_owned()))
}
