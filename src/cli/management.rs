//! Talks to a running server: finds it by the data directory's lock, and calls the management API
//! with the admin token.

use std::path::PathBuf;
use std::time::Duration;

use actix_web::http::header::{ACCEPT, AUTHORIZATION};
use serde_json::Value;
use switchyard_actors::domain::secret::Secret;

use super::error::CliError;
use crate::process::admin_token;
use crate::run::reachable;
use crate::server::lock;
use crate::settings::Settings;

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The largest answer that is read: a list of many thousand keys.
const LARGEST: usize = 64 << 20;

/// A server that can be asked.
#[derive(Debug)]
pub struct Management {
    address: String,
    token: Option<Secret>,
    /// The server's process, where it is the one on the data directory.
    pid: Option<String>,
    directory: PathBuf,
}

impl Management {
    /// Finds the server of `--server`, or the one on the data directory.
    pub fn find(settings: &Settings, server: Option<&str>) -> Result<Self, CliError> {
        let directory = &settings.storage.data_dir;
        let (address, pid) = if let Some(address) = server {
            (address.trim_end_matches('/').to_owned(), None)
        } else {
            let holder = lock::holder(directory);
            let address = holder.as_ref().and_then(|holder| holder.address);
            let missing = || CliError::NotRunning(directory.display().to_string());
            let address = format!("http://{}", reachable(address.ok_or_else(missing)?));
            (address, holder.map(|holder| holder.pid))
        };
        let setting = settings.access.admin_token.as_ref();
        let token = admin_token::find(setting, directory)?.map(|found| found.secret);
        Ok(Self { address, token, pid, directory: directory.clone() })
    }

    /// Calls an action such as `users/getUsers` and returns its data.
    pub fn call(&self, action: &str, body: &Value) -> Result<Value, CliError> {
        self.call_within(PATIENCE, action, body)
    }

    /// Calls an action that may take longer than others.
    pub fn call_within(
        &self,
        patience: Duration,
        action: &str,
        body: &Value,
    ) -> Result<Value, CliError> {
        let token = self
            .token
            .as_ref()
            .ok_or_else(|| CliError::NoToken(self.directory.display().to_string()))?;
        let url = format!("{}/api/actions/{action}", self.address);
        let (status, bytes) = actix_rt::System::new().block_on(async {
            let request = client(patience)
                .post(url)
                .insert_header((AUTHORIZATION, format!("Bearer {}", token.reveal())))
                .insert_header((ACCEPT, "application/json"));
            self.answer(request.send_json(body)).await
        })?;
        // 429 is what a wrong token gets after some others.
        if matches!(status, 401 | 403 | 429) {
            return Err(self.denied());
        }
        let answer: Value = serde_json::from_slice(&bytes).map_err(|_| self.strange(&bytes))?;
        match answer.get("ok").and_then(Value::as_bool) {
            Some(true) => Ok(answer.get("data").cloned().unwrap_or(Value::Null)),
            _ => Err(refusal(&answer).unwrap_or_else(|| self.strange(&bytes))),
        }
    }

    /// Asks whether the server is ready; returns whether it is, and what it says.
    pub fn ready(&self) -> Result<(bool, String), CliError> {
        let url = format!("{}/api/health/ready", self.address);
        let (status, bytes) = actix_rt::System::new()
            .block_on(async { self.answer(client(PATIENCE).get(url).send()).await })?;
        Ok((status == 200, String::from_utf8_lossy(&bytes).into_owned()))
    }

    async fn answer(&self, sent: awc::SendClientRequest) -> Result<(u16, Vec<u8>), CliError> {
        let silent = |reason: String| CliError::NoAnswer(self.address.clone(), reason);
        let mut answer = sent.await.map_err(|error| silent(error.to_string()))?;
        let status = answer.status().as_u16();
        let body = answer.body().limit(LARGEST).await.map_err(|error| silent(error.to_string()))?;
        Ok((status, body.to_vec()))
    }

    fn denied(&self) -> CliError {
        let pid = self.pid.as_deref().unwrap_or("<pid>");
        CliError::Denied(format!(
            "send it SIGHUP (kill -HUP {pid}) after a rotation, or set ADMIN_TOKEN to the server's"
        ))
    }

    fn strange(&self, bytes: &[u8]) -> CliError {
        let text: String = String::from_utf8_lossy(bytes).chars().take(200).collect();
        CliError::Strange(self.address.clone(), format!("{text:?}"))
    }
}

fn client(patience: Duration) -> awc::Client {
    awc::Client::builder().timeout(patience).disable_redirects().finish()
}

/// Finds the sentence in a refusal: a business failure's text, or the issues of a wrong body.
fn refusal(answer: &Value) -> Option<CliError> {
    let error = answer.get("error")?;
    let text = error.as_str().or_else(|| error.get("message").and_then(Value::as_str))?;
    let issues: Option<Vec<String>> = serde_json::from_str::<Vec<Value>>(text)
        .ok()
        .map(|issues| issues.iter().filter_map(issue).collect());
    let text =
        issues.filter(|all| !all.is_empty()).map_or_else(|| text.to_owned(), |all| all.join("; "));
    Some(CliError::Refused(text))
}

fn issue(issue: &Value) -> Option<String> {
    let message = issue.get("message")?.as_str()?;
    let path = issue.get("path").and_then(Value::as_array).map(|parts| {
        parts
            .iter()
            .map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned))
            .collect::<Vec<_>>()
            .join(".")
    });
    Some(
        path.filter(|path| !path.is_empty())
            .map_or_else(|| message.to_owned(), |path| format!("{path}: {message}")),
    )
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;

    use serde_json::json;

    use super::*;

    /// Answers one request after the other with the given bodies; returns what it was sent.
    fn server(
        status: u16,
        answers: &'static [&'static str],
    ) -> (Management, std::thread::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = std::thread::spawn(move || {
            let one = |answer: &&str| {
                let (mut socket, _) = listener.accept().unwrap();
                let (mut sent, mut buffer) = (String::new(), [0; 4096]);
                while !sent.ends_with('}') {
                    let read = socket.read(&mut buffer).unwrap();
                    sent.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
                }
                let size = answer.len();
                write!(
                    socket,
                    "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {size}\r\n\r\n{answer}"
                )
                .unwrap();
                sent
            };
            answers.iter().map(one).collect()
        });
        (
            Management {
                address,
                token: Some(Secret::new("top")),
                pid: Some("7".to_owned()),
                directory: PathBuf::new(),
            },
            asked,
        )
    }

    #[test]
    fn an_action_is_called_with_the_token_and_its_data_comes_back() {
        let (api, asked) =
            server(200, &[r#"{"ok":true,"data":[1]}"#, r#"{"ok":false,"error":"no"}"#, "<html>"]);
        assert_eq!(api.call("users/getUsers", &json!({})).unwrap(), json!([1]));
        let refused = api.call("users/addUser", &json!({"name": "a"})).unwrap_err();
        assert_eq!(refused.to_string(), "the server refused: no");
        let strange = api.call("keys/addKey", &json!({})).unwrap_err().to_string();
        assert!(strange.contains("not the management API"), "{strange}");
        let asked = asked.join().unwrap();
        assert!(asked[0].starts_with("POST /api/actions/users/getUsers HTTP/1.1"), "{}", asked[0]);
        assert!(
            asked[0].to_ascii_lowercase().contains("authorization: bearer top"),
            "{}",
            asked[0]
        );
        assert!(asked[1].ends_with(r#"{"name":"a"}"#), "{}", asked[1]);
    }

    #[test]
    fn a_token_that_is_not_the_server_s_is_told_with_what_to_do() {
        for status in [401, 403, 429] {
            let (api, asked) = server(status, &[r#"{"ok":false,"error":"认证无效或已过期"}"#]);
            let said = api.call("users/getUsers", &json!({})).unwrap_err().to_string();
            assert_eq!(
                said,
                "the admin token is not the running server's: send it SIGHUP (kill -HUP 7) after a \
                 rotation, or set ADMIN_TOKEN to the server's"
            );
            asked.join().unwrap();
        }
    }

    #[test]
    fn a_server_that_is_not_there_is_named() {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let address = format!("http://{free}");
        let api = Management {
            address: address.clone(),
            token: Some(Secret::new("top")),
            pid: None,
            directory: PathBuf::new(),
        };
        let error = api.call("users/getUsers", &json!({})).unwrap_err();
        assert!(matches!(error, CliError::NoAnswer(..)));
        assert!(error.to_string().contains(&address), "{error}");
    }

    fn said(answer: &Value) -> String {
        refusal(answer).unwrap().to_string()
    }

    #[test]
    fn a_refusal_is_one_sentence_whatever_its_form() {
        assert_eq!(said(&json!({"ok": false, "error": "no"})), "the server refused: no");
        let issues = r#"[{"path":["name"],"message":"too long"},{"path":[],"message":"odd"}]"#;
        let zod = json!({"success": false, "error": {"name": "ZodError", "message": issues}});
        assert_eq!(said(&zod), "the server refused: name: too long; odd");
        assert!(refusal(&json!({"hello": 1})).is_none());
    }
}
