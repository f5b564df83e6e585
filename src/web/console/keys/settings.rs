//! What a client needs to be told, as text to be copied: pure functions of address, key and model.

use serde::Serialize;
use serde_json::{Map, Value, json};
use switchyard_actors::domain::dialect::Dialect;

use crate::web::console::frame::Text;

/// What the examples ask.
const QUESTION: &str = "Say hello in one sentence.";

/// Where to, and with what.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// Scheme, host and port.
    pub address: &'a str,
    /// The key, or what stands for it.
    pub key: &'a str,
}

/// One text to be copied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Block {
    /// What it is, and where it goes.
    pub label: Text,
    /// The text.
    pub text: String,
}

fn block(label: &'static str, text: String) -> Block {
    Block { label: Text::of(label), text }
}

/// Tells Claude Code; a model is named where its own choice would not be served.
#[must_use]
pub fn claude_code(to: Target<'_>, model: Option<&str>) -> Vec<Block> {
    let mut pairs = vec![("ANTHROPIC_BASE_URL", to.address), ("ANTHROPIC_AUTH_TOKEN", to.key)];
    // Small tasks in the background ask for a model of their own.
    let names = ["ANTHROPIC_MODEL", "ANTHROPIC_DEFAULT_HAIKU_MODEL"];
    pairs.extend(model.into_iter().flat_map(|model| names.map(|name| (name, model))));
    let line = |(name, value): &(&str, &str)| format!("export {name}={}\n", shell_word(value));
    let shell: String = pairs.iter().map(line).chain(["claude".to_owned()]).collect();
    let env: Map<String, Value> =
        pairs.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    vec![
        block("key-block-shell", shell),
        block("key-block-claude-file", pretty(&json!({ "env": env }))),
    ]
}

/// Tells Codex.
#[must_use]
pub fn codex(to: Target<'_>, model: Option<&str>) -> Vec<Block> {
    let model = model.map_or_else(String::new, |model| format!("model = {}\n", json!(model)));
    let base = json!(format!("{}/v1", to.address));
    let file = format!(
        "{model}model_provider = \"switchyard\"\n\n[model_providers.switchyard]\n\
         name = \"Switchyard\"\nbase_url = {base}\nwire_api = \"responses\"\n\
         env_key = \"SWITCHYARD_KEY\""
    );
    let shell = format!("export SWITCHYARD_KEY={}\ncodex", shell_word(to.key));
    vec![block("key-block-codex-file", file), block("key-block-then-shell", shell)]
}

/// Tells the Gemini CLI.
#[must_use]
pub fn gemini_cli(to: Target<'_>, model: Option<&str>) -> Vec<Block> {
    let model = model.map_or_else(String::new, |model| format!(" -m {}", shell_word(model)));
    let (address, key) = (shell_word(to.address), shell_word(to.key));
    let shell = format!(
        "export GOOGLE_GEMINI_BASE_URL={address}\nexport GEMINI_API_KEY={key}\ngemini{model}"
    );
    vec![block("key-block-shell", shell)]
}

/// Tells `OpenCode`, which has an adapter for each dialect.
#[must_use]
pub fn opencode(to: Target<'_>, dialect: Dialect, model: &str) -> Vec<Block> {
    let (package, path) = match dialect {
        Dialect::Anthropic => ("@ai-sdk/anthropic", "/v1"),
        Dialect::Responses => ("@ai-sdk/openai", "/v1"),
        Dialect::OpenaiChat => ("@ai-sdk/openai-compatible", "/v1"),
        Dialect::Gemini | Dialect::GeminiCli => ("@ai-sdk/google", "/v1beta"),
    };
    let file = json!({
        "$schema": "https://opencode.ai/config.json",
        "provider": {
            "switchyard": {
                "npm": package,
                "name": "Switchyard",
                "options": { "baseURL": format!("{}{path}", to.address), "apiKey": to.key },
                "models": { model: { "name": model } },
            },
        },
    });
    let shell = format!("opencode -m {}", shell_word(&format!("switchyard/{model}")));
    vec![block("key-block-opencode-file", pretty(&file)), block("key-block-then-shell", shell)]
}

/// Asks one question with curl.
#[must_use]
pub fn curl(to: Target<'_>, dialect: Dialect, model: &str) -> String {
    let path = match dialect {
        Dialect::Anthropic => "/v1/messages".to_owned(),
        Dialect::OpenaiChat => "/v1/chat/completions".to_owned(),
        Dialect::Responses => "/v1/responses".to_owned(),
        Dialect::Gemini => format!("/v1beta/models/{model}:generateContent"),
        Dialect::GeminiCli => "/v1internal:generateContent".to_owned(),
    };
    let key = to.key;
    let auth = match dialect {
        Dialect::Anthropic => {
            vec![format!("x-api-key: {key}"), "anthropic-version: 2023-06-01".to_owned()]
        }
        Dialect::Gemini => vec![format!("x-goog-api-key: {key}")],
        _ => vec![format!("authorization: Bearer {key}")],
    };
    let mut lines = vec![format!("curl {}", shell_word(&format!("{}{path}", to.address)))];
    let headers = auth.into_iter().chain(["content-type: application/json".to_owned()]);
    lines.extend(headers.map(|header| format!("-H {}", quoted(&header))));
    lines.push(format!("-d {}", quoted(&body(dialect, model))));
    lines.join(" \\\n  ")
}

/// Writes the body of the question, its fields in the order in which people know them.
fn body(dialect: Dialect, model: &str) -> String {
    let (model, question) = (json!(model), json!(QUESTION));
    let messages = format!(r#"[{{"role":"user","content":{question}}}]"#);
    let contents = format!(r#"[{{"role":"user","parts":[{{"text":{question}}}]}}]"#);
    match dialect {
        Dialect::Anthropic => {
            format!(r#"{{"model":{model},"max_tokens":256,"messages":{messages}}}"#)
        }
        Dialect::OpenaiChat => format!(r#"{{"model":{model},"messages":{messages}}}"#),
        Dialect::Responses => format!(r#"{{"model":{model},"input":{question}}}"#),
        Dialect::Gemini => format!(r#"{{"contents":{contents}}}"#),
        Dialect::GeminiCli => {
            format!(r#"{{"model":{model},"request":{{"contents":{contents}}}}}"#)
        }
    }
}

fn pretty(document: &Value) -> String {
    serde_json::to_string_pretty(document).unwrap_or_default()
}

/// Writes a word as a shell takes it: plain where nothing in it means anything else.
fn shell_word(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._/:@%+=,".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) { text.to_owned() } else { quoted(text) }
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TO: Target<'_> = Target { address: "http://127.0.0.1:23000", key: "sk-0123" };

    #[test]
    fn shells_take_every_word_for_what_it_is() {
        assert_eq!(shell_word("http://h:1/v1"), "http://h:1/v1");
        assert_eq!(shell_word("http://[::1]:1"), "'http://[::1]:1'");
        assert_eq!(shell_word("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(shell_word(""), "''");
    }

    #[test]
    fn each_curl_carries_the_key_where_its_dialect_wants_it() {
        let lines = |dialect| curl(TO, dialect, "m-1");
        let anthropic = lines(Dialect::Anthropic);
        assert!(
            anthropic.starts_with("curl http://127.0.0.1:23000/v1/messages \\\n"),
            "{anthropic}"
        );
        assert!(anthropic.contains("-H 'x-api-key: sk-0123'"), "{anthropic}");
        assert!(anthropic.contains("-H 'anthropic-version: 2023-06-01'"), "{anthropic}");
        for dialect in [Dialect::OpenaiChat, Dialect::Responses, Dialect::GeminiCli] {
            let text = lines(dialect);
            assert!(text.contains("-H 'authorization: Bearer sk-0123'"), "{text}");
            assert!(text.contains(r#""model":"m-1""#), "{text}");
        }
        let gemini = lines(Dialect::Gemini);
        assert!(gemini.contains("/v1beta/models/m-1:generateContent"), "{gemini}");
        assert!(gemini.contains("-H 'x-goog-api-key: sk-0123'"), "{gemini}");
    }

    #[test]
    fn a_model_is_named_where_the_clients_own_choice_would_not_be_served() {
        let shell = |blocks: Vec<Block>| {
            blocks.into_iter().map(|block| block.text).collect::<Vec<_>>().join("\n")
        };
        let told = shell(claude_code(TO, Some("m-1")));
        assert!(told.contains("export ANTHROPIC_MODEL=m-1\n"), "{told}");
        assert!(told.contains("export ANTHROPIC_DEFAULT_HAIKU_MODEL=m-1\n"), "{told}");
        assert!(!shell(claude_code(TO, None)).contains("_MODEL"));
        assert!(shell(codex(TO, Some("m-1"))).starts_with("model = \"m-1\"\n"));
        assert!(shell(codex(TO, None)).starts_with("model_provider"));
        assert!(shell(gemini_cli(TO, Some("m-1"))).ends_with("gemini -m m-1"));
    }

    /// Words that are trouble for whoever writes shell, TOML or JSON without care.
    const ODD: Target<'_> = Target { address: "http://h:1/it's", key: "sk-\"$(id)\" \\ 'x'" };
    const ODD_MODEL: &str = "m \"1\" 'x' \\ $HOME";

    /// Runs lines of shell up to the program, and returns what it would find in its environment.
    fn environment(script: &str, names: &[&str]) -> Vec<String> {
        let lines: Vec<&str> = script.lines().filter(|line| line.starts_with("export ")).collect();
        let asked: Vec<String> = names.iter().map(|name| format!("\"${name}\"")).collect();
        let ask = format!("printf '%s\\n' {}", asked.join(" "));
        let script = format!("set -eu\n{}\n{ask}", lines.join("\n"));
        let ran = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        assert!(ran.status.success(), "{script}: {}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn a_shell_and_the_settings_file_tell_claude_code_the_same() {
        let names = [
            "ANTHROPIC_BASE_URL",
            "ANTHROPIC_AUTH_TOKEN",
            "ANTHROPIC_MODEL",
            "ANTHROPIC_DEFAULT_HAIKU_MODEL",
        ];
        let expected = [ODD.address, ODD.key, ODD_MODEL, ODD_MODEL];
        let blocks = claude_code(ODD, Some(ODD_MODEL));
        assert_eq!(environment(&blocks[0].text, &names), expected);
        let file: Value = serde_json::from_str(&blocks[1].text).unwrap();
        assert_eq!(names.map(|name| file["env"][name].as_str().unwrap()), expected);
        assert_eq!(file.as_object().unwrap().len(), 1);
    }

    #[test]
    fn codex_reads_its_file_and_finds_the_key_where_the_file_says() {
        let blocks = codex(ODD, Some(ODD_MODEL));
        let file: toml::Table = blocks[0].text.parse().unwrap();
        let text = |name: &str| file[name].as_str().unwrap();
        assert_eq!(text("model"), ODD_MODEL);
        let provider = file["model_providers"][text("model_provider")].as_table().unwrap();
        let text = |name: &str| provider[name].as_str().unwrap();
        assert_eq!(text("base_url"), format!("{}/v1", ODD.address));
        assert_eq!((text("wire_api"), text("name")), ("responses", "Switchyard"));
        assert_eq!(environment(&blocks[1].text, &[text("env_key")]), [ODD.key]);
    }

    #[test]
    fn the_gemini_cli_finds_address_and_key_in_its_environment() {
        let shell = &gemini_cli(ODD, Some(ODD_MODEL))[0].text;
        let found = environment(shell, &["GOOGLE_GEMINI_BASE_URL", "GEMINI_API_KEY"]);
        assert_eq!(found, [ODD.address, ODD.key]);
        let last = shell.lines().last().unwrap().replacen("gemini", "printf '%s\\n'", 1);
        let ran = std::process::Command::new("sh").args(["-c", &last]).output().unwrap();
        assert_eq!(String::from_utf8(ran.stdout).unwrap(), format!("-m\n{ODD_MODEL}\n"));
    }

    #[test]
    fn what_a_curl_sends_is_json_in_every_dialect() {
        for dialect in Dialect::ALL {
            let script = curl(ODD, dialect, ODD_MODEL).replacen("curl", "printf '%s\\0'", 1);
            let ran = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            let words = String::from_utf8(ran.stdout).unwrap();
            let words: Vec<&str> = words.split('\0').collect();
            assert!(words[0].starts_with(ODD.address), "{script}");
            assert!(words.iter().any(|word| word.ends_with(ODD.key)), "{script}");
            let at = words.iter().position(|word| *word == "-d").unwrap();
            let body: Value = serde_json::from_str(words[at + 1]).unwrap();
            let in_path = dialect == Dialect::Gemini;
            assert!(in_path || body["model"] == ODD_MODEL, "{script}");
        }
    }

    #[test]
    fn opencode_gets_the_adapter_and_the_path_of_the_dialect() {
        for (dialect, package, base) in [
            (Dialect::Anthropic, "@ai-sdk/anthropic", "http://127.0.0.1:23000/v1"),
            (Dialect::Responses, "@ai-sdk/openai", "http://127.0.0.1:23000/v1"),
            (Dialect::OpenaiChat, "@ai-sdk/openai-compatible", "http://127.0.0.1:23000/v1"),
            (Dialect::Gemini, "@ai-sdk/google", "http://127.0.0.1:23000/v1beta"),
        ] {
            let blocks = opencode(TO, dialect, "m-1");
            let file: Value = serde_json::from_str(&blocks[0].text).unwrap();
            let provider = &file["provider"]["switchyard"];
            assert_eq!(
                (&provider["npm"], &provider["options"]["baseURL"]),
                (&json!(package), &json!(base))
            );
            assert_eq!(provider["options"]["apiKey"], "sk-0123");
            assert_eq!(blocks[1].text, "opencode -m switchyard/m-1");
        }
    }
}
