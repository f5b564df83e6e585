//! The settings as a person meets them: names, layers, legal and illegal values, sentences.

use std::time::Duration;

use super::*;

fn environment(pairs: &[(&str, &str)]) -> Sources {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Sources { environment: pairs.iter().map(own).collect(), ..Sources::default() }
}

fn with(name: &str, value: &str) -> Result<Settings, SettingsError> {
    Settings::load(&environment(&[(name, value)]))
}

fn file(text: &str) -> TextFile {
    TextFile { name: "switchyard.toml".into(), text: text.into() }
}

fn revealed(secret: Option<&switchyard_actors::domain::secret::Secret>) -> String {
    secret.map(|s| s.reveal().to_owned()).unwrap_or_default()
}

/// What each of the original's twelve variables does, as the program sees it.
fn behaviour(variable: &str, settings: &Settings) -> String {
    let seconds = |span: Duration| span.as_secs().to_string();
    match variable {
        "ADMIN_TOKEN" => revealed(settings.access.admin_token.as_ref()),
        "DSN" => revealed(settings.storage.dsn.as_ref()),
        "AUTO_MIGRATE" => settings.storage.auto_migrate.to_string(),
        "REDIS_URL" => revealed(settings.redis.url.as_ref()),
        "REDIS_TLS_REJECT_UNAUTHORIZED" => settings.redis.tls_reject_unauthorized.to_string(),
        "ENABLE_RATE_LIMIT" => settings.limits.enabled.to_string(),
        "SESSION_TTL" => seconds(settings.session.ttl),
        "ENABLE_SECURE_COOKIES" => settings.access.secure_cookies.to_string(),
        "ENABLE_CIRCUIT_BREAKER_ON_NETWORK_ERRORS" => settings.breaker.network_errors.to_string(),
        "APP_PORT" => settings.server.port.to_string(),
        "APP_URL" => settings.server.public_url.clone().unwrap_or_default(),
        "API_TEST_TIMEOUT_MS" => settings.upstream.test_timeout.as_millis().to_string(),
        other => panic!("{other} is none of the twelve"),
    }
}

/// Variable, default, (legal text, what it does), boundaries that hold, texts that are refused.
type Row = (
    &'static str,
    &'static str,
    (&'static str, &'static str),
    &'static [&'static str],
    &'static [&'static str],
);

const FLAG_EDGES: &[&str] = &["TRUE", "\"1\"", "'yes'", "On", "0", " no ", "\"False\"", "oFF"];
const NO_FLAGS: &[&str] = &["ja", "2", "truee", "t", "enabled"];

const TWELVE: [Row; 12] = [
    ("ADMIN_TOKEN", "", ("\"s3cret\"", "s3cret"), &["x", "change-me"], &["a\0b"]),
    (
        "DSN",
        "",
        ("postgres://a:b@db:5432/sw", "postgres://a:b@db:5432/sw"),
        &["postgresql://db/sw", "", "postgres://user:password@host:port/db_name"],
        &[
            "mysql://db/sw",
            "db/sw",
            "postgres://a:b@db:99999/sw",
            "postgres://a:b#c@db/sw",
            "postgres://a:b@db/sw?sslmode=bogus",
        ],
    ),
    ("AUTO_MIGRATE", "true", ("false", "false"), FLAG_EDGES, NO_FLAGS),
    (
        "REDIS_URL",
        "",
        ("redis://cache:6379/1", "redis://cache:6379/1"),
        &["rediss://:p@cache", ""],
        &["http://cache", "cache:6379"],
    ),
    ("REDIS_TLS_REJECT_UNAUTHORIZED", "true", ("no", "false"), FLAG_EDGES, NO_FLAGS),
    ("ENABLE_RATE_LIMIT", "true", ("0", "false"), FLAG_EDGES, NO_FLAGS),
    ("SESSION_TTL", "300", ("600", "600"), &["1", "604800"], &["0", "604801", "-5", "5m", "1.5"]),
    ("ENABLE_SECURE_COOKIES", "true", ("off", "false"), FLAG_EDGES, NO_FLAGS),
    ("ENABLE_CIRCUIT_BREAKER_ON_NETWORK_ERRORS", "false", ("YES", "true"), FLAG_EDGES, NO_FLAGS),
    ("APP_PORT", "23000", ("8080", "8080"), &["0", "1", "65535"], &["65536", "-1", "http"]),
    (
        "APP_URL",
        "",
        ("https://ai.example.com", "https://ai.example.com"),
        &["http://10.0.0.2:23000", ""],
        &["ai.example.com", "ftp://ai.example.com"],
    ),
    (
        "API_TEST_TIMEOUT_MS",
        "15000",
        ("'20000'", "20000"),
        &["5000", "120000"],
        &["4999", "120001", "15s"],
    ),
];

#[test]
fn the_twelve_variables_of_the_original_behave() {
    let untouched = Settings::load(&Sources::default()).unwrap();
    for (variable, default, (legal, expected), edges, refused) in TWELVE {
        assert_eq!(behaviour(variable, &untouched), default, "{variable} by default");
        let settings = with(variable, legal).unwrap();
        assert_eq!(behaviour(variable, &settings), expected, "{variable}={legal}");
        for edge in edges {
            with(variable, edge).unwrap_or_else(|error| panic!("{variable}={edge}: {error}"));
        }
        for text in refused {
            let sentence = with(variable, text).unwrap_err().to_string();
            assert!(sentence.starts_with(variable), "{sentence}");
            assert!(sentence.contains("by the environment, but must be "), "{sentence}");
            assert!(!sentence.contains('\n'), "{sentence}");
        }
    }
}

#[test]
fn every_spelling_of_a_boolean_means_what_it_says() {
    for (text, meaning) in [
        ("TRUE", true),
        ("\"1\"", true),
        ("'yes'", true),
        ("On", true),
        ("0", false),
        (" no ", false),
        ("oFF", false),
    ] {
        assert_eq!(with("AUTO_MIGRATE", text).unwrap().storage.auto_migrate, meaning, "{text}");
    }
}

#[test]
fn an_empty_number_or_boolean_counts_as_unset() {
    let sources = Sources {
        dotenv: Some(TextFile { name: ".env".into(), text: "SESSION_TTL=77\n".into() }),
        ..environment(&[("SESSION_TTL", ""), ("AUTO_MIGRATE", "\"\"")])
    };
    let settings = Settings::load(&sources).unwrap();
    assert_eq!(settings.session.ttl, Duration::from_secs(77));
    assert!(settings.storage.auto_migrate);
}

#[test]
fn an_empty_price_feed_switches_it_off() {
    assert!(Settings::load(&Sources::default()).unwrap().prices.feed_url.is_some());
    assert_eq!(with("PRICE_FEED_URL", "").unwrap().prices.feed_url, None);
}

#[test]
fn later_layers_win_and_are_named_as_origin() {
    let mut sources = Sources::default();
    let origin_and_value = |sources: &Sources| {
        let settings = Settings::load(sources).unwrap();
        let found = settings.effective.iter().find(|one| one.key == "log.level").unwrap().clone();
        (found.origin, found.shown)
    };
    assert_eq!(origin_and_value(&sources), (Origin::Default, "info".into()));
    sources.environment.insert("SWITCHYARD_PROFILE".into(), "development".into());
    assert_eq!(origin_and_value(&sources), (Origin::Profile("development".into()), "debug".into()));
    sources.file = Some(file("[log]\nlevel = \"trace\"\n"));
    assert_eq!(
        origin_and_value(&sources),
        (Origin::File("switchyard.toml".into()), "trace".into())
    );
    sources.dotenv = Some(TextFile { name: ".env".into(), text: "LOG_LEVEL=warn\n".into() });
    assert_eq!(origin_and_value(&sources), (Origin::DotEnv, "warn".into()));
    sources.environment.insert("LOG_LEVEL".into(), "ERROR".into());
    assert_eq!(origin_and_value(&sources).0, Origin::Environment);
    assert_eq!(Settings::load(&sources).unwrap().log.level, "error");
}

#[test]
fn a_bad_database_address_is_told_what_is_wrong_with_it() {
    let sentence = with("DSN", "postgres://u:p#w@h/d").unwrap_err().to_string();
    assert!(sentence.contains("invalid port number") && sentence.contains("# as %23"));
    assert_eq!(
        with("DSN", "postgres://u:p@h/d?sslmode=bogus").unwrap_err().to_string(),
        "DSN (storage.dsn) is \"postgres://u:********@h/d?sslmode=bogus\" by the environment, but \
         must be a URL that begins with postgres:// or postgresql://, or nothing; its sslmode must \
         be one of disable, allow, prefer, require, verify-ca, verify-full"
    );
}

#[test]
fn a_file_of_authorities_must_hold_some() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("ca.pem");
    let path = file.to_str().unwrap();
    let sentence = with("EXTRA_CA_FILE", path).unwrap_err().to_string();
    let begin = format!("EXTRA_CA_FILE (upstream.extra_ca_file) is \"{path}\" by the environment,");
    assert!(sentence.starts_with(&begin) && sentence.contains("cannot be read"), "{sentence}");
    std::fs::write(&file, "nothing of the kind").unwrap();
    let sentence = with("EXTRA_CA_FILE", path).unwrap_err().to_string();
    assert!(sentence.contains("holds no certificate"), "{sentence}");
}

#[test]
fn every_profile_loads() {
    for profile in ["production", "development", "test", "Test"] {
        with("SWITCHYARD_PROFILE", profile).unwrap();
    }
    let sentence = with("SWITCHYARD_PROFILE", "staging").unwrap_err().to_string();
    assert!(sentence.contains("staging") && sentence.contains("development"), "{sentence}");
}

#[test]
fn a_key_nobody_knows_is_named_with_its_file() {
    let sources = Sources { file: Some(file("[session]\nttl = 5\n")), ..Sources::default() };
    let sentence = Settings::load(&sources).unwrap_err().to_string();
    assert!(sentence.contains("switchyard.toml sets session.ttl"), "{sentence}");
}

#[test]
fn a_wrong_value_in_a_file_names_the_file() {
    let sources = Sources { file: Some(file("[server]\nport = 70000\n")), ..Sources::default() };
    assert_eq!(
        Settings::load(&sources).unwrap_err().to_string(),
        "APP_PORT (server.port) is \"70000\" by the file switchyard.toml, \
         but must be a whole number from 0 to 65535"
    );
}

#[test]
fn broken_toml_is_one_sentence() {
    let sources = Sources { file: Some(file("[server\nport = 1")), ..Sources::default() };
    let sentence = Settings::load(&sources).unwrap_err().to_string();
    assert!(sentence.starts_with("the file switchyard.toml cannot be read: "), "{sentence}");
    assert!(!sentence.contains('\n'), "{sentence}");
}

#[test]
fn secrets_are_in_no_sentence_and_no_listing() {
    let secret = "hunter2";
    for (variable, value) in [
        ("DSN", "mysql://u:hunter2@h/d"),
        ("DSN", "postgres://u:hunter2/x@h/d"),
        ("DSN", "postgres://u:1#hunter2@h/d"),
        ("DSN", "postgres://u:hunter2@h/d?sslmode=bogus"),
        ("REDIS_URL", "hunter2@cache"),
        ("SWITCHYARD_SECRET_KEY", "hunter2"),
        ("ADMIN_TOKEN", "hunter2\0"),
    ] {
        let sentence = with(variable, value).unwrap_err().to_string();
        assert!(!sentence.contains(secret), "{sentence}");
    }
    let sources = environment(&[
        ("DSN", "postgres://u:hunter2@h/d"),
        ("REDIS_URL", "redis://:hunter2@h"),
        ("ADMIN_TOKEN", "hunter2"),
    ]);
    let settings = Settings::load(&sources).unwrap();
    assert!(!format!("{settings:?}").contains(secret));
}

#[test]
fn lists_and_sizes_reach_their_types() {
    let settings = Settings::load(&environment(&[
        ("TRUSTED_PROXIES", "10.0.0.0/8, ::1 ,"),
        ("MAX_DECOMPRESSED_REQUEST_BYTES", "2 MiB"),
        ("SWITCHYARD_WORKERS", "3"),
    ]))
    .unwrap();
    assert_eq!(settings.server.trusted_proxies.len(), 2);
    assert_eq!(settings.server.max_body_bytes, 2 << 20);
    assert_eq!(settings.server.workers, Some(3));
    let sources = Sources {
        file: Some(file("[server]\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n")),
        ..Sources::default()
    };
    assert_eq!(Settings::load(&sources).unwrap().server.trusted_proxies.len(), 2);
}
