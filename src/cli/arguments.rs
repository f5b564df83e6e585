//! The command line, as clap reads it.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use switchyard_actors::domain::dialect::{Dialect, ProviderKind};

/// A relay between AI coding agents and AI vendors.
#[derive(Debug, Parser)]
#[command(
    name = "switchyard",
    version,
    after_help = "Exit codes: 0 done, 1 failed, 2 wrong command line, 3 wrong setting, \
                  4 no server answers, 130 ended by a second signal."
)]
pub struct Arguments {
    /// A settings file to read in place of switchyard.toml
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The server that management commands talk to; by default the one on the data directory
    #[arg(long, global = true, value_name = "URL")]
    pub server: Option<String>,
    /// What to do; serves when there is none
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the relay (also without a command)
    Serve,
    /// Show everything at work with sample data, on this machine alone; nothing of it is kept
    Demo,
    /// Show every setting with its origin; secrets are masked
    CheckConfig {
        /// Write .env.example instead
        #[arg(long)]
        env_example: bool,
    },
    /// Bring the database up to date
    Migrate(MigrateMode),
    /// Providers: what requests are relayed to
    #[command(subcommand)]
    Provider(ProviderCommand),
    /// Users: who may send requests
    #[command(subcommand)]
    User(UserCommand),
    /// Keys: what users send requests with
    #[command(subcommand)]
    Key(KeyCommand),
    /// Prices: what requests are billed by
    #[command(subcommand)]
    Price(PriceCommand),
    /// Tell who would serve a model for a key now, and why not the others
    Route(RouteQuestion),
    /// Limits of keys, users, groups, tags and providers
    #[command(subcommand)]
    Limits(super::limits::LimitsCommand),
    /// Models that stand in for others which nobody can serve
    #[command(subcommand)]
    Fallback(FallbackCommand),
    /// Error rules: what upstreams' words mean
    #[command(subcommand, alias = "error-rule")]
    ErrorRules(super::error_rules::ErrorRulesCommand),
    /// Sessions: conversations under way, and the providers they are kept on
    #[command(subcommand, alias = "session")]
    Sessions(SessionsCommand),
    /// Circuit breakers: what is kept away from requests, and why
    #[command(subcommand, alias = "breaker")]
    Breakers(super::breakers::BreakersCommand),
    /// The administrator's token
    #[command(subcommand)]
    AdminToken(TokenCommand),
    /// Ask the server whether it is ready, for health checks of containers
    Health,
    /// Show the version
    Version,
}

/// How far to migrate.
#[derive(Args, Clone, Copy, Debug, PartialEq, Eq)]
pub struct MigrateMode {
    /// Only list what has run and what is pending
    #[arg(long, conflicts_with = "dry_run")]
    pub status: bool,
    /// Only print the statements that would run
    #[arg(long)]
    pub dry_run: bool,
}

/// What to do with providers.
#[derive(Debug, Subcommand)]
pub enum ProviderCommand {
    /// Add a provider
    Add(Box<NewProvider>),
    /// List the providers
    List,
    /// List the addresses of a provider, with their switches, breakers and last checks
    Endpoints {
        /// The provider: a name or an id
        provider: String,
    },
    /// Switch an address on or off
    Endpoint {
        /// The address: its id
        endpoint: i64,
        /// on or off
        to: Switch,
    },
}

/// Whether something is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// It is
    On,
    /// It is not
    Off,
}

/// A provider to add.
#[derive(Args, Debug)]
pub struct NewProvider {
    /// Its name
    pub name: String,
    /// Its kind: claude, claude-auth, codex, gemini, gemini-cli or openai-compatible
    #[arg(long, default_value = "claude", value_parser = kind)]
    pub kind: ProviderKind,
    /// Its address with the scheme, and a base path where there is one
    #[arg(long)]
    pub url: String,
    /// Its key; - reads it from standard input, @file a Google credential from a file
    #[arg(long)]
    pub key: String,
    /// Its groups, separated by commas
    #[arg(long)]
    pub group: Option<String>,
    /// Its priority; the lowest number is asked first
    #[arg(long)]
    pub priority: Option<u32>,
    /// Its share among providers of one priority, 1 to 100
    #[arg(long)]
    pub weight: Option<u32>,
    /// What its prices are multiplied with, such as 0.8
    #[arg(long, value_name = "FACTOR")]
    pub cost_multiplier: Option<String>,
    /// A model it serves; may be given several times, and all models are served without it
    #[arg(long = "model", value_name = "MODEL")]
    pub models: Vec<String>,
    /// A model to replace, as FROM=TO; may be given several times
    #[arg(long = "redirect", value_name = "FROM=TO", value_parser = redirect)]
    pub redirects: Vec<(String, String)>,
    /// The proxy it is reached through, as http://, https://, socks5://, socks5h:// or socks4://
    /// with [user:password@]host:port; - reads it from standard input
    #[arg(long, value_name = "URL")]
    pub proxy: Option<String>,
    /// Ask it directly when the proxy fails
    #[arg(long, requires = "proxy")]
    pub proxy_fallback_to_direct: bool,
    /// Add it switched off
    #[arg(long)]
    pub disabled: bool,
}

/// What to do with users.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a user and print its first key
    Add(NewUser),
    /// List the users
    List,
}

/// A user to add.
#[derive(Args, Debug)]
pub struct NewUser {
    /// The name
    pub name: String,
    /// A note
    #[arg(long)]
    pub note: Option<String>,
    /// The groups whose providers the user may use, separated by commas
    #[arg(long)]
    pub group: Option<String>,
    /// Requests a minute
    #[arg(long)]
    pub rpm: Option<u32>,
    /// Dollars a day
    #[arg(long, value_name = "USD")]
    pub daily: Option<String>,
    /// Dollars for ever
    #[arg(long, value_name = "USD")]
    pub total: Option<String>,
    /// Sessions that may be active at once
    #[arg(long, value_name = "COUNT")]
    pub sessions: Option<u32>,
}

/// What to do with keys.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Add a key and print it
    Add {
        /// The user: a name or an id
        #[arg(long)]
        user: String,
        /// The key's name
        name: String,
    },
    /// List the keys, masked
    List {
        /// Only those of one user: a name or an id
        #[arg(long)]
        user: Option<String>,
    },
    /// Print a key again
    Reveal {
        /// The user: a name or an id
        #[arg(long)]
        user: String,
        /// The key: a name or an id
        key: String,
    },
}

/// What to do with prices.
#[derive(Debug, Subcommand)]
pub enum PriceCommand {
    /// Bill requests whose model had no price, at the prices in force now
    Fill {
        /// Only requests that asked for this model, or sent it upstream
        #[arg(long)]
        model: Option<String>,
    },
}

/// A request that is not made.
#[derive(Args, Debug)]
pub struct RouteQuestion {
    /// For whom: the key's id
    #[arg(long)]
    pub key: i64,
    /// The model
    pub model: String,
    /// What the client speaks
    #[arg(long, default_value = "anthropic", value_parser = PossibleValuesParser::new(Dialect::ALL.map(Dialect::name)))]
    pub dialect: String,
    /// What the client program calls itself
    #[arg(long)]
    pub user_agent: Option<String>,
    /// The client behaves as Claude Code does
    #[arg(long)]
    pub claude_code: bool,
}

/// What to do with models that stand in for others.
#[derive(Debug, Subcommand)]
pub enum FallbackCommand {
    /// List them
    List,
    /// Replace those of a key or a group; without rules nothing stands in
    Set {
        /// The key: its id
        #[arg(long, required_unless_present = "group", conflicts_with = "group")]
        key: Option<i64>,
        /// The group: its name
        #[arg(long)]
        group: Option<String>,
        /// What stands in for what, as MODEL=OTHER,ANOTHER
        #[arg(value_name = "MODEL=OTHER,...", value_parser = stand_in)]
        rules: Vec<(String, Vec<String>)>,
    },
}

/// What to do with sessions.
#[derive(Debug, Subcommand)]
pub enum SessionsCommand {
    /// List the sessions under way
    List,
    /// End sessions: the next request of each begins anew, requests that run go on
    End {
        /// The sessions, as the list names them
        #[arg(required_unless_present_any = ["user", "key", "provider"])]
        sessions: Vec<String>,
        /// Or all of somebody
        #[command(flatten)]
        of: WhoseSessions,
    },
}

/// Whose sessions end.
#[derive(Args, Debug)]
#[group(multiple = false, conflicts_with = "sessions")]
pub struct WhoseSessions {
    /// All of a user: a name or an id
    #[arg(long)]
    pub user: Option<String>,
    /// All of a key: its id
    #[arg(long, value_name = "ID")]
    pub key: Option<i64>,
    /// All that are kept on a provider: a name or an id; they live on, free to be kept on another
    #[arg(long)]
    pub provider: Option<String>,
}

/// What to do with the administrator's token.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Print it
    Show,
    /// Make a new one; the old one ends when the server reads it (SIGHUP or restart)
    Rotate,
}

fn kind(text: &str) -> Result<ProviderKind, String> {
    ProviderKind::parse(text).ok_or_else(|| {
        let known: Vec<&str> = ProviderKind::ALL.iter().map(|kind| kind.name()).collect();
        format!("must be one of {}", known.join(", "))
    })
}

fn stand_in(text: &str) -> Result<(String, Vec<String>), String> {
    let (model, then) = redirect(text).map_err(|_| "must have the form MODEL=OTHER,ANOTHER")?;
    let then: Vec<String> = then.split(',').map(|name| name.trim().to_owned()).collect();
    Ok((model, then))
}

fn redirect(text: &str) -> Result<(String, String), String> {
    let (from, to) = text.split_once('=').unwrap_or_default();
    if from.is_empty() || to.is_empty() {
        return Err("must have the form FROM=TO".to_owned());
    }
    Ok((from.to_owned(), to.to_owned()))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_contradicts_itself_nowhere() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn no_command_means_serve_and_options_may_stand_anywhere() {
        assert!(Arguments::parse_from(["switchyard"]).command.is_none());
        let given = ["switchyard", "provider", "list", "--server", "http://h:1"];
        assert_eq!(Arguments::parse_from(given).server.as_deref(), Some("http://h:1"));
    }

    #[test]
    fn every_command_that_is_written_down_can_be_typed() {
        let texts = [
            include_str!("../../README.md"),
            include_str!("../../README.zh-CN.md"),
            include_str!("../../docs/DEMO.md"),
            include_str!("../../docs/BREAKERS.md"),
            include_str!("../../docs/DEPLOY.md"),
            include_str!("../../docs/prices.md"),
            include_str!("../../templates/pages/login.html"),
        ];
        let mut tried = 0;
        for text in texts {
            let text = text.replace("\\\n", " ").replace("<pre><code>", "").replace("</code>", "#");
            for line in text.lines().map(str::trim).filter(|line| line.starts_with("switchyard ")) {
                let typed = line.split('#').next().unwrap().split_whitespace();
                let parsed = Arguments::try_parse_from(typed);
                assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
                tried += 1;
            }
        }
        assert!(tried >= 8, "the texts hold commands: {tried}");
    }

    #[test]
    fn an_unknown_kind_is_answered_with_the_known_ones() {
        let given =
            ["switchyard", "provider", "add", "x", "--kind", "gpt", "--url", "u", "--key", "k"];
        let said = Arguments::try_parse_from(given).unwrap_err().to_string();
        assert!(said.contains("openai-compatible"), "{said}");
    }
}
