//! What is fuzzed is built apart from the project, with a lock of its own: nothing that the fuzz program
//! needs may be missing there, or it would be found out only by whoever fuzzes next.

use std::collections::BTreeSet;

use super::sources::SourceFile;

const MODULES: &str = "fuzz/src/wire.rs";
const LOCK: &str = "fuzz/Cargo.lock";
const MANIFEST: &str = "actors/Cargo.toml";

/// Each format's module that a fuzzed one names is among the fuzzed ones.
pub fn modules(files: &[SourceFile]) -> Vec<String> {
    let list = files.iter().find(|file| file.path == MODULES);
    let known: BTreeSet<&str> = list
        .iter()
        .flat_map(|file| file.text.lines())
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    let is_fuzzed = |file: &&SourceFile| {
        let inner = file.path.strip_prefix("src/wire/").unwrap_or_default();
        let module = inner.split(['/', '.']).next().unwrap_or_default();
        known.contains(module) && file.is_rust() && !file.is_for_tests()
    };
    let mut found = Vec::new();
    for file in files.iter().filter(is_fuzzed) {
        let paths = file.names();
        let named: BTreeSet<&str> = paths
            .iter()
            .filter_map(|name| name.strip_prefix("crate::wire::")?.split("::").next())
            .filter(|module| module.chars().all(|letter| !letter.is_uppercase()))
            .collect();
        let missing = named.difference(&known);
        found.extend(missing.map(|module| {
            format!("{} names crate::wire::{module}, which {MODULES} does not have", file.path)
        }));
    }
    found
}

/// The lock knows what the actors depend on.
pub fn lock(files: &[SourceFile]) -> Vec<String> {
    let of = |path: &str| files.iter().find(|file| file.path == path);
    let manifest = of(MANIFEST).map(|file| depends_on(&file.text)).unwrap_or_default();
    let lock = of(LOCK).map(|file| locked(&file.text)).unwrap_or_default();
    let differ = manifest.symmetric_difference(&lock);
    differ
        .map(|name| format!("{LOCK} and {MANIFEST} differ in {name}: build the fuzz program"))
        .collect()
}

/// The packages of a manifest, but for those of its tests.
fn depends_on(manifest: &str) -> BTreeSet<String> {
    let (_, list) = manifest.split_once("\n[dependencies]\n").unwrap_or_default();
    let list = list.split("\n[").next().unwrap_or_default();
    list.lines()
        .filter_map(|line| line.split_once([' ', '=', '.']))
        .map(|(name, _)| name.to_owned())
        .collect()
}

/// The packages that the actors have in the lock.
fn locked(lock: &str) -> BTreeSet<String> {
    let mut packages = lock.split("[[package]]\n");
    let package = packages.find(|package| package.starts_with("name = \"switchyard-actors\"\n"));
    let (_, list) =
        package.and_then(|text| text.split_once("dependencies = [\n")).unwrap_or_default();
    let lines = list.lines().map_while(|line| line.trim().strip_prefix('"'));
    lines.filter_map(|line| line.split(['"', ' ']).next()).map(str::to_owned).collect()
}
