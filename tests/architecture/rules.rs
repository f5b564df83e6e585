//! The rules that are not about one wall: each takes files and returns what breaks it, with why.

use std::collections::BTreeSet;

use super::sources::SourceFile;
use super::walls::{actor_of, is_policy};

/// The concerns that are actors, by their folders.
const CONCERNS: &[&str] = &[
    "circuit_breaker",
    "price_sync",
    "provider_pool",
    "rate_limiter",
    "session_manager",
    "usage_recorder",
];

const MOST_LINES: usize = 400;

/// What the `mod.rs` of an actor says about it, as the beginnings of its points.
const CONTRACT: &[&str] = &["owns", "asked", "published", "if silent", "restart"];

/// The packages that the project is built on.
const PACKAGES: &[&str] = &[
    "actix",
    "actix-web",
    "awc",
    "config",
    "deadpool-postgres",
    "paperclip",
    "parking_lot",
    "redis",
    "serde",
    "serde_json",
    "tera",
    "tokio",
    "tokio-postgres",
    "tracing",
];

/// Those of them that no source names yet. The list only ever shrinks.
const NOT_IN_USE_YET: &[&str] = &[];

/// What must not come in, not even by way of another package.
const UNWANTED: &[(&str, &str)] = &[
    ("aws-lc-rs", "ring is our provider; a second one makes rustls ambiguous and needs cmake"),
    ("aws-lc-sys", "ring is our provider; a second one makes rustls ambiguous and needs cmake"),
    ("hyper", "actix-http is the HTTP stack; a second one would need guards of its own"),
    ("native-tls", "TLS is rustls everywhere: one stack to audit, no system library"),
    ("openssl", "TLS is rustls everywhere: one stack to audit, no system library"),
    ("openssl-sys", "TLS is rustls everywhere: one stack to audit, no system library"),
    ("reqwest", "awc is the HTTP client; a second stack would need guards of its own"),
];

/// An actor's folder names no other actor's folder.
pub fn actors_apart(files: &[SourceFile]) -> Vec<String> {
    let actors: Vec<&str> = files.iter().filter_map(|file| actor_of(&file.path)).collect();
    let mut found = Vec::new();
    for file in files.iter().filter(|file| !file.is_for_tests()) {
        let Some(own) = actor_of(&file.path) else { continue };
        for name in file.names() {
            let folder = name.strip_prefix("crate::").and_then(|rest| rest.split("::").next());
            if folder.is_some_and(|folder| folder != own && actors.contains(&folder)) {
                found.push(format!(
                    "{} names {name}: actors do not know each other; what two share is a noun in \
                     domain, and between them are snapshots and one-way notices",
                    file.path
                ));
            }
        }
    }
    found
}

/// Inside an actor's folder: policies, then messages, then the actor, then its handle.
pub fn layers(files: &[SourceFile]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files.iter().filter(|file| !file.is_for_tests()) {
        let Some(own) = actor_of(&file.path) else { continue };
        let above: &[&str] = match file.path.rsplit('/').next() {
            _ if is_policy(&file.path) => &["messages", "actor", "handle"],
            Some("messages.rs") => &["actor", "handle"],
            Some("actor.rs") => &["handle"],
            _ => &[],
        };
        for name in file.names() {
            let inside = name.strip_prefix(&format!("crate::{own}::")).unwrap_or_default();
            if above.contains(&inside.split("::").next().unwrap_or_default()) {
                found.push(format!(
                    "{} names {name}: the order is policies, messages, actor, handle; each knows \
                     only those before it",
                    file.path
                ));
            }
        }
    }
    found
}

/// What is pure neither waits nor is waited for: the wire, the domain, the policies.
pub fn the_pure_does_not_wait(files: &[SourceFile]) -> Vec<String> {
    let pure = files.iter().filter(|file| {
        let is_domain = file.path.starts_with("actors/src/domain/");
        let is_wire = file.path.starts_with("src/wire/");
        (is_wire || is_domain || is_policy(&file.path)) && !file.is_for_tests()
    });
    pure.filter(|file| file.tokens().iter().any(|token| token == "async" || token == "await"))
        .map(|file| {
            format!("{} is async: what is pure is given all it needs before it runs", file.path)
        })
        .collect()
}

/// No production file is too long to be read in one go.
pub fn sizes(files: &[SourceFile]) -> Vec<String> {
    let ours = files.iter().filter(|file| file.is_rust() && !file.is_for_tests());
    ours.filter(|file| file.text.lines().count() > MOST_LINES)
        .map(|file| {
            format!(
                "{} has {} lines of at most {MOST_LINES}: a file is one idea; split it by \
                 responsibility, or move its tests to a tests.rs beside it",
                file.path,
                file.text.lines().count()
            )
        })
        .collect()
}

/// Each of the six concerns is an actor, and every actor states its contract in the fixed form.
pub fn contracts(files: &[SourceFile]) -> Vec<String> {
    let text_of = |path: &str| files.iter().find(|file| file.path == path).map(|file| &file.text);
    let mut actors: Vec<&str> = files
        .iter()
        .filter(|file| file.path.ends_with("/actor.rs"))
        .filter_map(|file| actor_of(&file.path))
        .chain(CONCERNS.iter().copied())
        .collect();
    actors.sort_unstable();
    actors.dedup();
    let mut found = Vec::new();
    for actor in actors {
        if text_of(&format!("actors/src/{actor}/actor.rs")).is_none() {
            found.push(format!("actors/src/{actor} has no actor.rs: each concern is an actor"));
        }
        let path = format!("actors/src/{actor}/mod.rs");
        let contract = text_of(&path).map_or("", String::as_str);
        for point in CONTRACT.iter().filter(|point| !states(contract, point)) {
            found.push(format!(
                "{path} does not say `//! - {point}`: the contract is what a reader trusts \
                 without reading the actor"
            ));
        }
    }
    found
}

fn states(contract: &str, point: &str) -> bool {
    let lines = contract.lines().filter_map(|line| line.strip_prefix("//! - "));
    lines.into_iter().any(|line| line.starts_with(point) && line.contains(':'))
}

/// Every query in `sql/` is named by the store.
pub fn queries_are_named(files: &[SourceFile]) -> Vec<String> {
    let store: Vec<&SourceFile> =
        files.iter().filter(|file| file.path.starts_with("src/store/")).collect();
    let mut found = Vec::new();
    for file in files {
        let Some(name) = file.path.strip_prefix("sql/queries/") else { continue };
        let Some(name) = name.strip_suffix(".sql") else { continue };
        let name = name.trim_end_matches(".postgres").trim_end_matches(".sqlite");
        let quoted = format!("\"{name}\"");
        if !store.iter().any(|source| source.text.contains(&quoted)) {
            found.push(format!(
                "{} is named nowhere in src/store as {quoted}: a statement that nobody runs is \
                 still read, migrated and trusted",
                file.path
            ));
        }
    }
    found
}

/// Both engines have the same migrations.
pub fn migrations_in_step(files: &[SourceFile]) -> Vec<String> {
    let has = |path: &str| files.iter().any(|file| file.path == path);
    let mut found = Vec::new();
    for file in files {
        let Some(rest) = file.path.strip_prefix("sql/migrations/") else { continue };
        let Some((engine, name)) = rest.split_once('/') else { continue };
        let twin = if engine == "sqlite" { "postgres" } else { "sqlite" };
        if !has(&format!("sql/migrations/{twin}/{name}")) {
            found.push(format!(
                "{} has no twin for {twin}: both engines go through the same versions, so that a \
                 store can be moved from one to the other",
                file.path
            ));
        }
    }
    found
}

/// Each required package is a dependency, and is really used.
pub fn packages(files: &[SourceFile]) -> Vec<String> {
    let manifests: Vec<&SourceFile> =
        files.iter().filter(|file| file.path.ends_with("Cargo.toml")).collect();
    let mut names: Vec<String> = files
        .iter()
        .filter(|file| file.is_rust() && !file.is_for_tests())
        .flat_map(SourceFile::names)
        .collect();
    names.sort_unstable();
    let mut found = Vec::new();
    for package in PACKAGES {
        if !manifests.iter().any(|manifest| depends_on(&manifest.text, package)) {
            found.push(format!("no manifest depends on {package}: the project is built on it"));
        }
        let root = format!("{}::", package.replace('-', "_"));
        let used = names.iter().any(|name| name.starts_with(&root));
        if !used && !NOT_IN_USE_YET.contains(package) {
            found.push(format!("no source names {package}: declared is not used"));
        }
    }
    found
}

fn depends_on(manifest: &str, package: &str) -> bool {
    let (_, dependencies) = manifest.split_once("\n[dependencies]\n").unwrap_or_default();
    let section = dependencies.split("\n[").next().unwrap_or_default();
    let keys = section.lines().filter_map(|line| line.split_once([' ', '=']));
    keys.into_iter().any(|(key, _)| key == package)
}

/// Nothing unwanted is in the lock file, and nothing from outside the registry.
pub fn locked(files: &[SourceFile]) -> Vec<String> {
    let mut found = Vec::new();
    for lock in files.iter().filter(|file| file.path == "Cargo.lock") {
        for (package, why) in UNWANTED {
            if lock.text.contains(&format!("name = \"{package}\"\n")) {
                found.push(format!("Cargo.lock has {package}: {why}"));
            }
        }
        if lock.text.contains("source = \"git+") {
            found.push("Cargo.lock has a git source: builds must not hang on a branch".to_owned());
        }
    }
    found
}

/// Every message that a use case or a page names is there in every language: else people read
/// nothing, or the words of a program.
pub fn messages_are_there(files: &[SourceFile]) -> Vec<String> {
    let mut found = Vec::new();
    for language in ["en", "zh-CN"] {
        let folder = format!("templates/messages/{language}/");
        let texts = files.iter().filter(|file| file.path.starts_with(&folder));
        let known: BTreeSet<&str> = texts
            .flat_map(|file| file.text.lines())
            .filter_map(|line| line.split_once(" =").map(|(id, _)| id))
            .collect();
        for file in files.iter().filter(|file| file.is_rust() && !file.is_for_tests()) {
            let missing = messages_of(file).into_iter().filter(|id| !known.contains(id.as_str()));
            found.extend(missing.map(|id| {
                format!("{} names the message {id}, which {folder} does not have", file.path)
            }));
        }
    }
    found
}

/// The messages that a file names where it says something to people.
fn messages_of(file: &SourceFile) -> Vec<String> {
    let in_place = ["src/app/", "src/web/console/"].iter().any(|at| file.path.starts_with(at));
    let production = file.text.split("#[cfg(test)]").next().unwrap_or_default();
    let mut found = Vec::new();
    for (marker, before) in
        [("Text::of(", 0), ("AppError::refused(", 0), ("AppError::coded(", 1), ("Fault {", 0)]
    {
        for after in production.split(marker).skip(1).filter(|_| in_place) {
            let statement = after.split(';').next().unwrap_or_default().trim_start();
            let statement = statement.trim_start_matches("id:").trim_start();
            let literal = statement.split('"').nth(1 + 2 * before);
            let is_literal = statement.starts_with('"');
            found.extend(literal.filter(|id| is_literal && !id.is_empty()).map(str::to_owned));
        }
    }
    found
}
