//! What templates may call: filters that write values, functions that say messages and find assets.
//! Each takes what it needs of the visitor from `shell`; a component that uses one declares
//! `@shell`.

pub mod money;
pub mod number;
pub mod time;
pub mod visible;

use std::sync::Arc;

use jiff::tz::TimeZone;
use tera::{Error, Kwargs, State, Tera, TeraResult, Value};

use super::locale::Locale;
use super::messages::Messages;
use super::text::{Arg, Text};
use crate::web::assets::Assets;

/// Stands where there is no value.
const NONE: &str = "–";

/// Registers everything. With `strict`, a message that nobody wrote is an error; without, its id is
/// shown, because a page with one odd word is better than none.
pub fn register(tera: &mut Tera, messages: &Arc<Messages>, assets: &Arc<Assets>, strict: bool) {
    numbers(tera);
    times(tera, messages, strict);
    words(tera, messages, strict);
    tera.register_filter("visible", |value: Value, _: Kwargs, _: &State| -> TeraResult<String> {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Ok(visible::visible(&text).into_owned())
    });
    let assets = Arc::clone(assets);
    tera.register_function("asset", move |args: Kwargs, _: &State| -> TeraResult<String> {
        let name: &str = args.must_get("name")?;
        assets.address(name).ok_or_else(|| Error::message(format!("there is no asset {name}")))
    });
}

/// Writes a whole number.
type Write = fn(i64) -> String;

fn numbers(tera: &mut Tera) {
    let all: [(&'static str, Write); 7] = [
        ("usd", money::usd),
        ("usd_exact", money::exact),
        ("count", number::grouped),
        ("tokens", number::short),
        ("percent", number::percent),
        ("bytes", number::bytes),
        ("ms", time::duration),
    ];
    for (name, write) in all {
        tera.register_filter(
            name,
            move |value: Value, _: Kwargs, _: &State| -> TeraResult<String> {
                whole(&value, name)?.map_or_else(|| Ok(NONE.to_owned()), |number| Ok(write(number)))
            },
        );
    }
}

fn times(tera: &mut Tera, messages: &Arc<Messages>, strict: bool) {
    for (name, pattern) in [
        ("clock", "%H:%M:%S"),
        ("minute", "%H:%M"),
        ("day", "%m-%d"),
        ("date", "%Y-%m-%d"),
        ("datetime", "%Y-%m-%d %H:%M:%S"),
    ] {
        tera.register_filter(
            name,
            move |value: Value, _: Kwargs, state: &State| -> TeraResult<String> {
                let Some(at) = whole(&value, name)? else { return Ok(NONE.to_owned()) };
                Ok(time::local(at, pattern, &zone(state)?))
            },
        );
    }
    tera.register_filter("iso", |value: Value, _: Kwargs, _: &State| -> TeraResult<String> {
        Ok(whole(&value, "iso")?.map_or_else(String::new, time::iso))
    });
    let messages = Arc::clone(messages);
    tera.register_filter(
        "ago",
        move |value: Value, _: Kwargs, state: &State| -> TeraResult<String> {
            let Some(at) = whole(&value, "ago")? else { return Ok(NONE.to_owned()) };
            let now = shell(state, "now")?.as_i64().unwrap_or_default();
            said(&messages, state, &time::relative(at, now), strict)
        },
    );
}

fn words(tera: &mut Tera, messages: &Arc<Messages>, strict: bool) {
    let own = Arc::clone(messages);
    tera.register_function("t", move |args: Kwargs, state: &State| -> TeraResult<String> {
        let mut text = Text::of("");
        for (name, value) in args.iter() {
            if name.as_str() == Some("key") {
                text.id = value.as_str().unwrap_or_default().to_owned().into();
                continue;
            }
            let arg = value.as_i64().map_or_else(
                || Arg::Text(value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
                Arg::Number,
            );
            text.args.insert(name.to_string().into(), arg);
        }
        said(&own, state, &text, strict)
    });
    let own = Arc::clone(messages);
    tera.register_function("say", move |args: Kwargs, state: &State| -> TeraResult<String> {
        let value: Value = args.must_get("text")?;
        let document = serde_json::to_value(&value).map_err(Error::message)?;
        let text: Text = serde_json::from_value(document).map_err(Error::message)?;
        said(&own, state, &text, strict)
    });
}

/// Reads a whole number; `None` where there is no value.
fn whole(value: &Value, filter: &str) -> TeraResult<Option<i64>> {
    if value.is_none() {
        return Ok(None);
    }
    let number = value.as_i64();
    number.map(Some).ok_or_else(|| Error::message(format!("{filter}: not a whole number: {value}")))
}

fn said(messages: &Messages, state: &State, text: &Text, strict: bool) -> TeraResult<String> {
    let locale = Locale::parse(shell(state, "locale")?.as_str().unwrap_or_default());
    if let Some(said) = messages.say(locale.unwrap_or_default(), text) {
        return Ok(said);
    }
    if strict {
        return Err(Error::message(format!("no message, or one that needs more: {text:?}")));
    }
    tracing::warn!(message.id = %text.id, "a message of the console is missing");
    Ok(text.id.to_string())
}

fn zone(state: &State) -> TeraResult<TimeZone> {
    let name = shell(state, "zone")?;
    Ok(TimeZone::get(name.as_str().unwrap_or_default()).unwrap_or(TimeZone::UTC))
}

/// Reads what the page knows of its visitor.
fn shell(state: &State, name: &str) -> TeraResult<Value> {
    let shell: Option<Value> = state.get("shell")?;
    let value = shell.as_ref().and_then(|shell| shell.get_from_path(name).cloned());
    value.ok_or_else(|| {
        Error::message(format!("no shell.{name} here: does the component declare @shell?"))
    })
}
