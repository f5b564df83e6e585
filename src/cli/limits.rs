//! `limits list`, `limits set` and `limits reset`.

use clap::{Args, Subcommand, ValueEnum};
use serde_json::{Map, Value, json};

use super::error::CliError;
use super::management::Management;
use super::output::table;
use super::providers::{cell, items};

/// What to do with limits.
#[derive(Debug, Subcommand)]
pub enum LimitsCommand {
    /// List the limits that are set, and what is used of them
    List {
        /// Only of one kind of owner: key, user, group, tag or provider
        #[arg(long)]
        owner: Option<String>,
    },
    /// Set limits of one owner; those that are not named stay, 0 is no limit
    Set(Box<Set>),
    /// Reset what somebody has spent: limits count from now on, rows and statistics stay
    Reset {
        /// Whose: user, key, provider, group or tag
        #[arg(value_enum)]
        owner: Spender,
        /// Its id; the name of a group or tag
        which: String,
    },
}

/// Who spends and can be reset.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Spender {
    /// A user
    User,
    /// A key
    Key,
    /// A provider
    Provider,
    /// A group
    Group,
    /// A tag
    Tag,
}

impl Spender {
    /// Returns the body of the action that resets it.
    fn body(self, which: &str) -> Value {
        let id = || which.parse::<i64>().map_or_else(|_| json!(which), |id| json!(id));
        match self {
            Self::User => json!({ "owner": "user", "id": id() }),
            Self::Key => json!({ "owner": "key", "id": id() }),
            Self::Provider => json!({ "owner": "provider", "id": id() }),
            Self::Group => json!({ "owner": "group", "name": which }),
            Self::Tag => json!({ "owner": "tag", "name": which }),
        }
    }
}

/// Whose limits are set, and which.
#[derive(Args, Debug)]
pub struct Set {
    #[command(flatten)]
    of: Whose,
    /// Requests a minute
    #[arg(long, value_name = "COUNT")]
    rpm: Option<u32>,
    /// Tokens a minute
    #[arg(long, value_name = "COUNT")]
    tpm: Option<u32>,
    /// Sessions at once
    #[arg(long, value_name = "COUNT")]
    sessions: Option<u32>,
    /// Requests at once
    #[arg(long, value_name = "COUNT")]
    requests: Option<u32>,
    /// Dollars in five hours
    #[arg(long, value_name = "USD")]
    five_hours: Option<String>,
    /// Dollars a day
    #[arg(long, value_name = "USD")]
    daily: Option<String>,
    /// Dollars a week
    #[arg(long, value_name = "USD")]
    weekly: Option<String>,
    /// Dollars a month
    #[arg(long, value_name = "USD")]
    monthly: Option<String>,
    /// Dollars for ever
    #[arg(long, value_name = "USD")]
    total: Option<String>,
    /// How the five hours move: rolling, or fixed from the first charge on
    #[arg(long, value_name = "MODE")]
    five_hour_mode: Option<String>,
    /// How the day moves: fixed or rolling
    #[arg(long, value_name = "MODE")]
    daily_mode: Option<String>,
    /// When a fixed day begins, as HH:mm
    #[arg(long, value_name = "TIME")]
    daily_at: Option<String>,
}

/// Whose limits they are.
#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
struct Whose {
    /// The key: its id
    #[arg(long, value_name = "ID")]
    key: Option<i64>,
    /// The user: its id
    #[arg(long, value_name = "ID")]
    user: Option<i64>,
    /// The group: its name
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// The tag: its name
    #[arg(long, value_name = "NAME")]
    tag: Option<String>,
    /// The provider: its id
    #[arg(long, value_name = "ID")]
    provider: Option<i64>,
}

/// Runs the command and returns what to print.
pub fn run(api: &Management, what: &LimitsCommand) -> Result<String, CliError> {
    match what {
        LimitsCommand::List { owner } => list(api, owner.as_deref()),
        LimitsCommand::Set(set) => {
            api.call("limits/setLimits", &body(set))?;
            Ok("limits set".to_owned())
        }
        LimitsCommand::Reset { owner, which } => {
            api.call("limits/resetLimits", &owner.body(which))?;
            Ok("limits count from now on".to_owned())
        }
    }
}

fn body(set: &Set) -> Value {
    let Whose { key, user, group, tag, provider } = &set.of;
    let mut body = Map::new();
    for (owner, id) in [("key", key), ("user", user), ("provider", provider)] {
        if let Some(id) = id {
            body.extend([("owner".to_owned(), json!(owner)), ("id".to_owned(), json!(id))]);
        }
    }
    for (owner, name) in [("group", group), ("tag", tag)] {
        if let Some(name) = name {
            body.extend([("owner".to_owned(), json!(owner)), ("name".to_owned(), json!(name))]);
        }
    }
    let counts = [
        ("limitRpm", set.rpm),
        ("limitTpm", set.tpm),
        ("limitConcurrentSessions", set.sessions),
        ("limitConcurrentRequests", set.requests),
    ];
    let texts = [
        ("limit5hUsd", &set.five_hours),
        ("limitDailyUsd", &set.daily),
        ("limitWeeklyUsd", &set.weekly),
        ("limitMonthlyUsd", &set.monthly),
        ("limitTotalUsd", &set.total),
        ("fiveHourResetMode", &set.five_hour_mode),
        ("dailyResetMode", &set.daily_mode),
        ("dailyResetTime", &set.daily_at),
    ];
    body.extend(counts.into_iter().filter_map(|(name, n)| Some((name.to_owned(), json!(n?)))));
    let given = texts.into_iter().filter_map(|(name, text)| Some((name, text.as_ref()?)));
    body.extend(given.map(|(name, text)| (name.to_owned(), json!(text))));
    Value::Object(body)
}

fn list(api: &Management, owner: Option<&str>) -> Result<String, CliError> {
    let question = owner.map_or_else(|| json!({}), |owner| json!({ "owner": owner }));
    let all = api.call("limits/getLimits", &question)?;
    let mut rows: Vec<Vec<String>> = Vec::new();
    for one in items(&all) {
        for limit in items(one.get("limits").unwrap_or(&Value::Null)) {
            let whose = ["owner", "id", "name"].map(|name| cell(one, name));
            let what = ["limitType", "current", "limit", "resetAt"].map(|name| cell(limit, name));
            rows.push(whose.into_iter().chain(what).collect());
        }
    }
    Ok(table(&["owner", "id", "name", "limit", "used", "at most", "starts anew"], &rows))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(subcommand)]
        what: LimitsCommand,
    }

    fn typed(words: &str) -> Option<Value> {
        match Line::try_parse_from(words.split(' ')).ok()?.what {
            LimitsCommand::Set(set) => Some(body(&set)),
            LimitsCommand::List { .. } | LimitsCommand::Reset { .. } => None,
        }
    }

    #[test]
    fn what_is_typed_is_what_is_asked() {
        assert_eq!(
            typed("limits set --tag blue --tpm 5000 --daily 2.5 --daily-at 04:00"),
            Some(json!({ "owner": "tag", "name": "blue", "limitTpm": 5000,
                "limitDailyUsd": "2.5", "dailyResetTime": "04:00" }))
        );
        assert_eq!(
            typed("limits set --user 7 --requests 0"),
            Some(json!({ "owner": "user", "id": 7, "limitConcurrentRequests": 0 }))
        );
        assert_eq!(typed("limits set --daily 1"), None, "nobody is named");
        assert_eq!(typed("limits set --user 7 --group g"), None, "two are named");
    }

    #[test]
    fn a_reset_names_its_owner_by_id_or_by_name() {
        let asked = |words: &str| match Line::try_parse_from(words.split(' ')).ok()?.what {
            LimitsCommand::Reset { owner, which } => Some(owner.body(&which)),
            _ => None,
        };
        for owner in ["user", "key", "provider"] {
            let body = json!({ "owner": owner, "id": 7 });
            assert_eq!(asked(&format!("limits reset {owner} 7")), Some(body));
        }
        for owner in ["group", "tag"] {
            let body = json!({ "owner": owner, "name": "7" });
            assert_eq!(asked(&format!("limits reset {owner} 7")), Some(body));
        }
        assert_eq!(asked("limits reset node 3"), None);
    }
}
