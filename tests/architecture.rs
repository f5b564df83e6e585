//! Keeps the walls between the parts, by reading the sources. A failure says which file, what it
//! names, and why the rule stands. Every rule is also fed a sample that it must stop, so that none
//! can go blind unseen.

#[cfg(test)]
#[path = "architecture/cases.rs"]
mod cases;
#[cfg(test)]
#[path = "architecture/fuzzed.rs"]
mod fuzzed;
#[cfg(test)]
#[path = "architecture/rules.rs"]
mod rules;
#[cfg(test)]
#[path = "architecture/sources.rs"]
mod sources;
#[cfg(test)]
#[path = "architecture/walls.rs"]
mod walls;

#[cfg(test)]
mod the_tree {
    use super::sources::{SourceFile, read};
    use super::{cases, fuzzed, rules, walls::WALLS};

    fn tree() -> Vec<SourceFile> {
        read(&["actors", "src", "sql", "Cargo.toml", "Cargo.lock"])
    }

    fn is_kept(breaches: &[String]) {
        assert!(breaches.is_empty(), "\n\n{}\n", breaches.join("\n"));
    }

    #[test]
    fn respects_every_wall() {
        let files = tree();
        is_kept(&WALLS.iter().flat_map(|wall| wall.breaches(&files)).collect::<Vec<_>>());
    }

    #[test]
    fn keeps_actors_apart() {
        is_kept(&rules::actors_apart(&tree()));
    }

    #[test]
    fn keeps_the_layers_of_an_actor_in_order() {
        is_kept(&rules::layers(&tree()));
    }

    #[test]
    fn does_not_wait_where_it_is_pure() {
        is_kept(&rules::the_pure_does_not_wait(&tree()));
    }

    #[test]
    fn has_no_file_too_long_to_read() {
        is_kept(&rules::sizes(&tree()));
    }

    #[test]
    fn states_the_contract_of_every_actor() {
        is_kept(&rules::contracts(&tree()));
    }

    #[test]
    fn names_every_query() {
        is_kept(&rules::queries_are_named(&tree()));
    }

    #[test]
    fn has_the_same_migrations_for_both_engines() {
        is_kept(&rules::migrations_in_step(&tree()));
    }

    #[test]
    fn is_built_on_the_required_packages() {
        is_kept(&rules::packages(&tree()));
    }

    #[test]
    fn locks_nothing_unwanted() {
        is_kept(&rules::locked(&tree()));
    }

    #[test]
    fn can_be_fuzzed() {
        let files = read(&["src/wire", "fuzz/src/wire.rs", "fuzz/Cargo.lock", "actors/Cargo.toml"]);
        assert!(files.iter().any(|file| file.path == "fuzz/src/wire.rs"));
        is_kept(&fuzzed::modules(&files));
        is_kept(&fuzzed::lock(&files));
    }

    #[test]
    fn says_nothing_that_a_language_does_not_know() {
        let files = read(&["src", "templates/messages"]);
        is_kept(&rules::messages_are_there(&files));
    }

    #[test]
    fn has_the_tests_of_its_acceptance_cases() {
        let files = read(&["actors/src", "src", "tests/it", "tests/golden", "docs/ACCEPTANCE.md"]);
        assert!(files.iter().any(|file| file.path == "docs/ACCEPTANCE.md"));
        is_kept(&cases::acceptance(&files));
    }
}

#[cfg(test)]
mod a_sample {
    use super::sources::SourceFile;
    use super::{cases, fuzzed, rules, walls::WALLS};

    type Rule = fn(&[SourceFile]) -> Vec<String>;

    /// Feeds the rule files that break it once, and checks what it says about them.
    fn is_stopped(rule: Rule, files: &[(&str, &str)], saying: &str) {
        let files: Vec<_> = files.iter().map(|(path, text)| SourceFile::new(path, text)).collect();
        let breaches = rule(&files);
        assert_eq!(breaches.len(), 1, "{breaches:?}");
        assert!(breaches[0].contains(saying), "{breaches:?}");
    }

    fn passes(rule: Rule, files: &[(&str, &str)]) {
        let files: Vec<_> = files.iter().map(|(path, text)| SourceFile::new(path, text)).collect();
        assert_eq!(rule(&files), Vec::<String>::new());
    }

    #[test]
    fn that_crosses_a_wall_is_stopped_by_that_wall() {
        for wall in WALLS {
            let sample = SourceFile::new(wall.stops.0, wall.stops.1);
            let breaches = wall.breaches(&[sample]);
            assert_eq!(breaches.len(), 1, "{}: {breaches:?}", wall.name);
            assert!(breaches[0].contains(wall.why), "{}: {breaches:?}", wall.name);
        }
    }

    #[test]
    fn inside_its_walls_passes() {
        let samples = [
            ("actors/src/rate_limiter/policy.rs", "use crate::domain::money::Nano;"),
            ("actors/src/rate_limiter/actor.rs", "use actix::Actor;\nuse crate::clock::Clock;"),
            ("actors/src/usage_recorder/journal/segment.rs", "use std::fs::File;"),
            ("src/store/keys.rs", "use rusqlite::Row;\nuse switchyard_actors::ports::PortError;"),
            ("src/wire/sse/mod.rs", "use switchyard_actors::domain::usage::Usage;"),
            ("src/settings/mod.rs", "fn f() { std::env::var(\"APP_PORT\"); }"),
            ("src/web/mod.rs", "#[cfg(test)]\nmod tests { use tokio_postgres::Client; }"),
            ("src/web/mod.rs", "// awc::Client\nconst TEXT: &str = \"redis::Client\";"),
        ];
        for (path, text) in samples {
            let file = [SourceFile::new(path, text)];
            let breaches: Vec<_> = WALLS.iter().flat_map(|wall| wall.breaches(&file)).collect();
            assert_eq!(breaches, Vec::<String>::new());
        }
    }

    #[test]
    fn of_an_actor_that_knows_another_is_stopped() {
        let pool = ("actors/src/provider_pool/mod.rs", "pub use choose::Choose;");
        let text = "use super::super::provider_pool::Choose;";
        is_stopped(
            rules::actors_apart,
            &[pool, ("actors/src/rate_limiter/actor.rs", text)],
            "names crate::provider_pool::Choose: actors do not know each other",
        );
        passes(rules::actors_apart, &[pool, ("actors/src/system/core.rs", text)]);
    }

    #[test]
    fn of_a_policy_that_knows_its_actor_is_stopped() {
        let text = "use super::{actor::RateLimiter, ledger::Ledger};";
        is_stopped(rules::layers, &[("actors/src/rate_limiter/policy.rs", text)], "the order is");
        is_stopped(rules::layers, &[("actors/src/rate_limiter/messages.rs", text)], "the order is");
        passes(rules::layers, &[("actors/src/rate_limiter/handle.rs", text)]);
    }

    #[test]
    fn of_a_pure_file_that_waits_is_stopped() {
        let text = "pub async fn read() {}";
        for path in ["src/wire/detect.rs", "actors/src/price_sync/schedule.rs"] {
            is_stopped(rules::the_pure_does_not_wait, &[(path, text)], "is async");
        }
        passes(rules::the_pure_does_not_wait, &[("src/proxy/gate.rs", text)]);
    }

    #[test]
    fn of_a_long_file_is_stopped() {
        let long = "\n".repeat(401);
        is_stopped(rules::sizes, &[("src/app/users.rs", &long)], "401 lines of at most 400");
        passes(rules::sizes, &[("src/app/users.rs", &long[1..])]);
        passes(rules::sizes, &[("src/app/users/tests.rs", &long)]);
    }

    #[test]
    fn of_an_actor_without_a_full_contract_is_stopped() {
        let full = "//! - owns: x\n//! - asked: `X`\n//! - published: nothing\n\
                    //! - if silent (Redis): x\n//! - restart: nothing is lost\n";
        let six = [
            "circuit_breaker",
            "price_sync",
            "provider_pool",
            "rate_limiter",
            "session_manager",
            "usage_recorder",
        ];
        let mut files = Vec::new();
        for actor in six {
            files.push((format!("actors/src/{actor}/mod.rs"), full.to_owned()));
            files.push((format!("actors/src/{actor}/actor.rs"), String::new()));
        }
        let view = |files: &[(String, String)]| -> Vec<SourceFile> {
            files.iter().map(|(path, text)| SourceFile::new(path, text)).collect()
        };
        assert_eq!(rules::contracts(&view(&files)), Vec::<String>::new());
        files[0].1 = full.replace("//! - restart", "//! - later");
        let said = rules::contracts(&view(&files)).join("\n");
        assert!(said.starts_with("actors/src/circuit_breaker/mod.rs does not say `//! - restart`"));
        files.remove(1);
        assert!(rules::contracts(&view(&files)).join("\n").contains("has no actor.rs"));
    }

    #[test]
    fn that_says_what_a_language_does_not_know_is_stopped() {
        let english = ("templates/messages/en/a.ftl", "users-a = A\nusers-b = B\n");
        let chinese = ("templates/messages/zh-CN/a.ftl", "users-a = 甲\n");
        let known = ("src/web/console/users/new.rs", "Text::of(\"users-a\"); Text::of(id);");
        passes(rules::messages_are_there, &[english, chinese, known]);
        for text in [
            "Text::of(\"users-b\")",
            "AppError::refused(\n    \"users-b\", \"users-a\")",
            "AppError::coded(\"CODE\", \"users-b\", \"users-a\")",
        ] {
            let file = ("src/app/users/new.rs", text);
            is_stopped(rules::messages_are_there, &[english, chinese, file], "zh-CN/ does not");
        }
    }

    #[test]
    fn of_a_case_without_a_test_is_stopped() {
        let test = ("tests/it/relay/mod.rs", "#[tokio::test]\nasync fn it_ends() {}\nfn ask() {}");
        let unit = ("src/wire/sse.rs", "mod tests {\n    #[test]\n    fn it_splits() {}\n}");
        let table = |tests: &str| format!("| case | what | tests |\n|---|---|---|\n{tests}\n");
        for good in [
            "| T1 | x | `relay::it_ends` `wire::sse::tests::it_splits` |",
            "| T2 | x | not there: y |",
        ] {
            passes(cases::acceptance, &[test, unit, ("docs/ACCEPTANCE.md", &table(good))]);
        }
        for (bad, saying) in [
            ("| T1 | x | `relay::ask` |", "there is no test relay::ask"),
            ("| T1 | x | `it_ends` |", "there is no test it_ends"),
            ("| T1 | x | later |", "no test, and no word why"),
        ] {
            is_stopped(cases::acceptance, &[test, ("docs/ACCEPTANCE.md", &table(bad))], saying);
        }
    }

    #[test]
    fn that_cannot_be_fuzzed_is_stopped() {
        let list = ("fuzz/src/wire.rs", "pub mod sse;\npub mod url;\n");
        let fine = ("src/wire/sse/mod.rs", "use crate::wire::url::authority;");
        let other = ("src/wire/scan.rs", "use crate::wire::tree::Node;");
        passes(fuzzed::modules, &[list, fine, other]);
        for text in ["use crate::wire::tree::Node;", "fn f() { crate::wire::tree::read(); }"] {
            is_stopped(fuzzed::modules, &[list, ("src/wire/sse/reader.rs", text)], "names crate");
        }
        let lock = "[[package]]\nname = \"switchyard-actors\"\ndependencies = [\n \"a\",\n]\n";
        let manifest = "[package]\n\n[dependencies]\na = \"1\"\n";
        let files = |manifest| [("fuzz/Cargo.lock", lock), ("actors/Cargo.toml", manifest)];
        passes(fuzzed::lock, &files(manifest));
        let tested = format!("{manifest}\n[dev-dependencies]\nb = \"2\"\n");
        passes(fuzzed::lock, &files(&tested));
        let more = format!("{manifest}b = {{ workspace = true }}\n");
        is_stopped(fuzzed::lock, &files(&more), "differ in b");
    }

    #[test]
    fn of_a_query_that_nobody_names_is_stopped() {
        let store = ("src/store/keys.rs", "const FIND: &str = \"keys/find_by_hash\";");
        let twin = ("sql/queries/keys/find_by_hash.postgres.sql", "");
        passes(rules::queries_are_named, &[store, twin]);
        let orphan = ("sql/queries/keys/find.sql", "");
        is_stopped(rules::queries_are_named, &[store, twin, orphan], "as \"keys/find\"");
    }

    #[test]
    fn of_a_migration_without_its_twin_is_stopped() {
        let one = ("sql/migrations/sqlite/0001_start.sql", "");
        is_stopped(rules::migrations_in_step, &[one], "has no twin for postgres");
        passes(rules::migrations_in_step, &[one, ("sql/migrations/postgres/0001_start.sql", "")]);
    }

    #[test]
    fn without_a_required_package_is_stopped() {
        let names = [
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
        let lines: String = names.map(|name| format!("{name} = {{ workspace = true }}\n")).concat();
        let manifest = format!("[package]\n\n[dependencies]\n{lines}\n[lints]\n");
        let uses: String =
            names.map(|name| format!("use {}::x;\n", name.replace('-', "_"))).concat();
        passes(rules::packages, &[("Cargo.toml", &manifest), ("src/main.rs", &uses)]);
        let undeclared = manifest.replace("\nawc =", "\nawc2 =");
        let said = "no manifest depends on awc";
        is_stopped(rules::packages, &[("Cargo.toml", &undeclared), ("src/main.rs", &uses)], said);
        let unused = uses.replace("use tera::x;", "// use tera::x;");
        let said = "no source names tera";
        is_stopped(rules::packages, &[("Cargo.toml", &manifest), ("src/main.rs", &unused)], said);
    }

    #[test]
    fn of_an_unwanted_package_is_stopped() {
        let lock = "[[package]]\nname = \"openssl\"\nversion = \"0.10.0\"\n";
        is_stopped(rules::locked, &[("Cargo.lock", lock)], "one stack to audit");
        let lock = "[[package]]\nname = \"awc\"\nsource = \"git+https://example.org/awc\"\n";
        is_stopped(rules::locked, &[("Cargo.lock", lock)], "must not hang on a branch");
        passes(rules::locked, &[("Cargo.lock", "name = \"openssl-probe\"\n")]);
    }
}
