//! Who may import whom: one entry a wall, each with the sample that it must stop.

use super::sources::SourceFile;

/// A border that imports may not cross.
pub struct Wall {
    /// Whom it binds, in words.
    pub name: &'static str,
    /// Picks the files that it binds, by path.
    pub binds: fn(&str) -> bool,
    /// Paths that must not be named.
    pub bans: &'static [&'static str],
    /// When not empty: of our own two crates only these paths may be named.
    pub only: &'static [&'static str],
    /// Why it stands.
    pub why: &'static str,
    /// A file that must be stopped: its path and its text.
    pub stops: (&'static str, &'static str),
}

impl Wall {
    /// Returns what crosses the wall.
    pub fn breaches(&self, files: &[SourceFile]) -> Vec<String> {
        let mut found = Vec::new();
        for file in files.iter().filter(|file| (self.binds)(&file.path) && !file.is_for_tests()) {
            for name in file.names().iter().filter(|name| !self.allows(name)) {
                found.push(format!("{} names {name}: {}", file.path, self.why));
            }
        }
        found
    }

    fn allows(&self, name: &str) -> bool {
        let is_ours = is_under(name, "crate") || is_under(name, "switchyard_actors");
        let is_free = self.only.is_empty() || !is_ours;
        !self.bans.iter().any(|ban| is_under(name, ban))
            && (is_free || self.only.iter().any(|allowed| is_under(name, allowed)))
    }
}

fn is_under(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

const NETWORK_AND_STORES: &[&str] = &[
    "actix_http",
    "actix_web",
    "awc",
    "config",
    "deadpool_postgres",
    "paperclip",
    "redis",
    "rusqlite",
    "tera",
    "tokio_postgres",
];

/// What a pure file has no business with: actors, waiting, the machine it runs on.
const IMPURE: &[&str] = &[
    "actix",
    "actix_rt",
    "actix_web",
    "awc",
    "futures_util",
    "rand::rng",
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "tokio",
    "crate::ask",
    "crate::clock::SystemClock",
    "crate::clock::SystemLuck",
];

const ENGINES: &[&str] = &["deadpool_postgres", "redis", "rusqlite", "tokio_postgres"];

/// The files of every actor's folder that are not pure: its contract, its face and its shell.
const SHELL: &[&str] = &["mod.rs", "messages.rs", "actor.rs", "handle.rs", "tests.rs"];

/// Further files that are not pure, each with its reason.
const NOT_PURE: &[(&str, &str)] = &[
    (
        "credential_keeper/renewal.rs",
        "one renewal: asks the issuer, hands the outcome to the store",
    ),
    ("price_sync/sync.rs", "one round: asks the feed, hands the outcome to the price store"),
    ("rate_limiter/door.rs", "the call of a worker: takes the lock, asks the clock"),
    ("rate_limiter/reservation.rs", "a guard: gives back in Drop, for which it needs the clock"),
    ("rate_limiter/waiting.rs", "a line of requests: each waits in it on its own task"),
    ("replicator/breakers.rs", "a loop: looks at the common breakers"),
    ("replicator/incoming.rs", "a loop: follows the common log"),
    ("replicator/outgoing.rs", "a loop: tells what has happened here"),
    ("usage_recorder/journal/", "writes and reads the journal's files"),
    ("usage_recorder/replay.rs", "reads what an earlier process has left, and stores it"),
];

/// Every folder of the core that is not an actor's. `system` starts them all, so it must know them.
const SHARED_FOLDERS: &[&str] = &["domain", "shared", "system", "testing"];

/// Returns the actor whose folder the file is in.
pub fn actor_of(path: &str) -> Option<&str> {
    let (folder, _) = path.strip_prefix("actors/src/")?.split_once('/')?;
    (!SHARED_FOLDERS.contains(&folder)).then_some(folder)
}

/// Tells whether the file is one of an actor's pure ones.
pub fn is_policy(path: &str) -> bool {
    let inside = path.trim_start_matches("actors/src/");
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_shell = SHELL.contains(&name)
        || NOT_PURE.iter().any(|(place, reason)| inside.starts_with(place) && !reason.is_empty());
    actor_of(path).is_some() && !is_shell
}

/// All walls.
pub const WALLS: &[Wall] = &[
    Wall {
        name: "the core",
        binds: |path| path.starts_with("actors/src/"),
        bans: NETWORK_AND_STORES,
        only: &[],
        why: "the core reaches the outside world through ports.rs alone, so that it runs in a test \
              without network, database or templates",
        stops: ("actors/src/price_sync/actor.rs", "use awc::Client;"),
    },
    Wall {
        name: "the domain",
        binds: |path| path.starts_with("actors/src/domain/"),
        bans: IMPURE,
        only: &["crate::domain"],
        why: "the domain is nouns and arithmetic: everything else rests on it, it rests on nothing",
        stops: ("actors/src/domain/money.rs", "use crate::rate_limiter::policy::Verdict;"),
    },
    Wall {
        name: "the shared state",
        binds: |path| path.starts_with("actors/src/shared/"),
        bans: &["actix", "actix_rt", "tokio", "crate::ask"],
        only: &["crate::domain", "crate::shared", "crate::clock", "crate::publish", "crate::ports"],
        why: "guards give back in Drop, under a lock: no mailbox and no await can be involved",
        stops: ("actors/src/shared/counters.rs", "fn f() { tokio::spawn(async {}); }"),
    },
    Wall {
        name: "the policies",
        binds: is_policy,
        bans: IMPURE,
        only: &[],
        why: "a policy is a pure function of what it is given, time and luck included: that is what \
              makes it testable in a microsecond and replayable from a row",
        stops: ("actors/src/rate_limiter/policy.rs", "let now = std::time::Instant::now();"),
    },
    Wall {
        name: "the actor system",
        binds: |path| path.starts_with("actors/src/") && !path.starts_with("actors/src/system/"),
        bans: &["crate::system", "crate::testing"],
        only: &[],
        why: "the system starts the actors; one that knew the system could start others",
        stops: ("actors/src/price_sync/actor.rs", "use crate::system::Core;"),
    },
    Wall {
        name: "the wire",
        binds: |path| path.starts_with("src/wire/"),
        bans: &[
            "actix",
            "actix_http",
            "actix_rt",
            "actix_web",
            "awc",
            "futures_core",
            "futures_util",
            "std::env",
            "std::fs",
            "std::net",
            "std::thread",
            "std::time::Instant",
            "std::time::SystemTime",
            "tokio",
        ],
        only: &["crate::wire", "switchyard_actors::domain"],
        why: "formats are pure, bytes in and types out: so they can be fuzzed, and split anywhere",
        stops: ("src/wire/sse/mod.rs", "use actix_web::web::Bytes;"),
    },
    Wall {
        name: "the store",
        binds: |path| path.starts_with("src/store/"),
        bans: &["actix", "actix_web", "awc", "tera"],
        only: &[
            "crate::params",
            "crate::store",
            "switchyard_actors::clock",
            "switchyard_actors::domain",
            "switchyard_actors::ports",
            "switchyard_actors::priority",
            "switchyard_actors::publish",
        ],
        why: "the store implements ports and knows nobody who uses it",
        stops: ("src/store/keys.rs", "use crate::web::api::keys::KeyView;"),
    },
    Wall {
        name: "the upstream",
        binds: |path| path.starts_with("src/upstream/"),
        bans: &["tera", "deadpool_postgres", "redis", "rusqlite", "tokio_postgres"],
        only: &[
            "crate::upstream",
            "switchyard_actors::clock",
            "switchyard_actors::domain",
            "switchyard_actors::ports",
        ],
        why: "the client side of HTTP serves the proxy and the ports, and knows neither",
        stops: ("src/upstream/client.rs", "use crate::proxy::attempt::Attempt;"),
    },
    Wall {
        name: "the proxy",
        binds: |path| path.starts_with("src/proxy/"),
        bans: &["paperclip", "tera"],
        only: &[
            "crate::metrics",
            "crate::process",
            "crate::proxy",
            "crate::upstream",
            "crate::wire",
            "switchyard_actors",
        ],
        why: "a relayed request reads snapshots and asks local actors: no catalogue I/O, no pages",
        stops: ("src/proxy/authenticate.rs", "use crate::store::keys;"),
    },
    Wall {
        name: "the use cases",
        binds: |path| path.starts_with("src/app/"),
        bans: &[
            "actix_web",
            "awc",
            "crate::cli",
            "crate::proxy",
            "crate::server",
            "crate::web",
            "tera",
        ],
        only: &[],
        why: "forms, the API and the command line are thin doors to one rule; the rule knows no door",
        stops: ("src/app/users/create.rs", "fn f(request: &actix_web::HttpRequest) {}"),
    },
    Wall {
        name: "the web",
        binds: |path| path.starts_with("src/web/"),
        bans: &["awc", "crate::cli", "crate::server"],
        only: &[],
        why: "pages and the API are built into the server, not the other way round",
        stops: ("src/web/health.rs", "use crate::server::Running;"),
    },
    Wall {
        name: "the cookies",
        binds: |path| path.starts_with("src/web/") && path != "src/web/cookies.rs",
        bans: &["actix_web::http::header::COOKIE"],
        only: &[],
        why: "what a browser sends is taken apart in one place, so that no two readers of it can \
              disagree on who is logged in",
        stops: ("src/web/api/authenticate.rs", "use actix_web::http::header::{COOKIE, HOST};"),
    },
    Wall {
        name: "the process",
        binds: |path| path.starts_with("src/process/"),
        bans: &["actix_web", "awc", "tera"],
        only: &["crate::process", "switchyard_actors::domain"],
        why: "what the server changes and the web shows is a noun of both, and knows neither",
        stops: ("src/process/readiness.rs", "use crate::server::Signals;"),
    },
    Wall {
        name: "the demo",
        binds: |path| path.starts_with("src/demo/"),
        bans: &["crate::cli", "crate::run", "crate::server", "crate::web", "tera"],
        only: &[],
        why: "the demo fills a store and sends requests like anybody; how the process starts and \
              what pages show is no business of it",
        stops: ("src/demo/seed.rs", "use crate::run::Basics;"),
    },
    Wall {
        name: "what the demo shows",
        binds: |path| {
            path.starts_with("src/")
                && !["src/cli/", "src/demo/", "src/run/"].iter().any(|own| path.starts_with(own))
        },
        bans: &["crate::demo"],
        only: &[],
        why: "a relay that knew of its demo could behave differently in it, and would show nothing",
        stops: ("src/proxy/forward.rs", "use crate::demo::Sample;"),
    },
    Wall {
        name: "the database engines",
        binds: |path| path.starts_with("src/") && !path.starts_with("src/store/"),
        bans: ENGINES,
        only: &[],
        why: "nothing but the store knows which engine runs",
        stops: ("src/web/health.rs", "fn f(pool: &deadpool_postgres::Pool) {}"),
    },
    Wall {
        name: "the templates",
        binds: |path| path.starts_with("src/") && !path.starts_with("src/web/"),
        bans: &["tera"],
        only: &[],
        why: "only the web renders pages",
        stops: ("src/metrics.rs", "use tera::Tera;"),
    },
    Wall {
        name: "the settings",
        binds: |path| path.starts_with("src/settings/"),
        bans: &["actix_web", "awc", "tera", "tokio"],
        only: &["crate::settings", "switchyard_actors::domain"],
        why: "settings are read before anything else runs, and are given to everyone",
        stops: ("src/settings/network.rs", "use crate::server::bind;"),
    },
    Wall {
        name: "the environment",
        binds: |path| {
            (path.starts_with("src/") || path.starts_with("actors/src/"))
                && !path.starts_with("src/settings/")
        },
        bans: &[
            "env::remove_var",
            "env::set_var",
            "env::var",
            "env::var_os",
            "env::vars",
            "env::vars_os",
            "std::env::remove_var",
            "std::env::set_var",
            "std::env::var",
            "std::env::var_os",
            "std::env::vars",
            "std::env::vars_os",
        ],
        only: &[],
        why: "the environment is read once, in src/settings, where every value has a type, an \
              origin and a mask",
        stops: ("src/upstream/client.rs", "use std::env;\nfn f() { env::var(\"PROXY\"); }"),
    },
];
