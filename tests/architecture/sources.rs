//! The project's files, and just enough of Rust's grammar to tell which paths a file names.

use std::fs;
use std::path::Path;

/// A file of the project.
pub struct SourceFile {
    /// Its path from the top of the repository, with `/`.
    pub path: String,
    /// What is in it.
    pub text: String,
}

impl SourceFile {
    /// Makes a file that lies nowhere, for feeding a rule.
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// Tells whether the file is Rust.
    pub fn is_rust(&self) -> bool {
        Path::new(&self.path).extension().is_some_and(|ending| ending == "rs")
    }

    /// Tells whether the whole file is there for tests only.
    pub fn is_for_tests(&self) -> bool {
        let in_test_folder = ["/tests/", "/testing/", "/benches/"];
        self.path.starts_with("tests/")
            || self.path.ends_with("/tests.rs")
            || self.path.ends_with("_tests.rs")
            || in_test_folder.iter().any(|folder| self.path.contains(folder))
    }

    /// Returns every path that the production code of the file names, `crate::` written out.
    pub fn names(&self) -> Vec<String> {
        let home = module_of(&self.path);
        let tokens = self.tokens();
        let own = modules_in(&tokens);
        let mut names: Vec<String> =
            paths_in(&tokens).iter().map(|path| absolute(path, &home, &own).join("::")).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Returns the words and signs of the production code, without comments and literals.
    pub fn tokens(&self) -> Vec<String> {
        without_test_items(&tokens_of(&self.text))
    }
}

/// Reads all files below the named folders, and the named files.
pub fn read(places: &[&str]) -> Vec<SourceFile> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for place in places {
        collect(top, &top.join(place), &mut files);
    }
    files.sort_by(|left, right| left.path.cmp(&right.path));
    files
}

fn collect(top: &Path, place: &Path, files: &mut Vec<SourceFile>) {
    if place.is_dir() {
        for entry in fs::read_dir(place).unwrap() {
            collect(top, &entry.unwrap().path(), files);
        }
    } else if let Ok(text) = fs::read_to_string(place) {
        let path = place.strip_prefix(top).unwrap().to_string_lossy().replace('\\', "/");
        files.push(SourceFile { path, text });
    }
}

/// `actors/src/rate_limiter/policy.rs` is the module `rate_limiter::policy`.
fn module_of(path: &str) -> Vec<String> {
    let inside = path.split_once("src/").map_or(path, |(_, inside)| inside);
    let mut parts: Vec<String> =
        inside.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if parts.last().is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main")) {
        parts.pop();
    }
    parts
}

/// The modules that the file declares: their names hide packages of the same name.
fn modules_in(tokens: &[String]) -> Vec<String> {
    tokens.windows(2).filter(|pair| pair[0] == "mod").map(|pair| pair[1].clone()).collect()
}

fn absolute(path: &[String], home: &[String], own: &[String]) -> Vec<String> {
    let ups = path.iter().take_while(|part| *part == "super").count();
    let (kept, skipped) = match path.first().map(String::as_str) {
        Some("self") => (home.len(), 1),
        Some("super") => (home.len().saturating_sub(ups), ups),
        Some(first) if own.iter().any(|module| module == first) => (home.len(), 0),
        _ => return path.to_vec(),
    };
    let mut whole = vec!["crate".to_owned()];
    whole.extend(home.iter().take(kept).cloned());
    whole.extend(path.iter().skip(skipped).cloned());
    whole
}

// ---- tokens -----------------------------------------------------------------------------------

fn is_word(token: &str) -> bool {
    token.starts_with(|first: char| first == '_' || first.is_alphabetic())
}

/// Cuts the text into words, `::` and single signs; drops comments, turns literals into `""`.
pub fn tokens_of(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let rest = &chars[at..];
        let (token, length) = next_token(rest);
        tokens.extend(token);
        at += length;
    }
    tokens
}

fn next_token(rest: &[char]) -> (Option<String>, usize) {
    let literal = || Some("\"\"".to_owned());
    match rest {
        ['/', '/', ..] => (None, rest.iter().take_while(|sign| **sign != '\n').count()),
        ['/', '*', ..] => (None, block_comment(rest)),
        ['"', ..] => (literal(), quoted(rest, 0, '"')),
        ['b' | 'c', '"', ..] => (literal(), quoted(rest, 1, '"')),
        ['b', '\'', ..] => (literal(), quoted(rest, 1, '\'')),
        ['r', '"' | '#', ..] if raw_string(rest, 1).is_some() => {
            (literal(), raw_string(rest, 1).unwrap_or(1))
        }
        ['b' | 'c', 'r', '"' | '#', ..] if raw_string(rest, 2).is_some() => {
            (literal(), raw_string(rest, 2).unwrap_or(1))
        }
        ['\'', '\\', ..] | ['\'', _, '\'', ..] => (literal(), quoted(rest, 0, '\'')),
        [':', ':', ..] => (Some("::".to_owned()), 2),
        [first, ..] if *first == '_' || first.is_alphanumeric() => {
            let word: String =
                rest.iter().take_while(|sign| **sign == '_' || sign.is_alphanumeric()).collect();
            let length = word.chars().count();
            (Some(word), length)
        }
        [first, ..] if first.is_whitespace() => (None, 1),
        [first, ..] => (Some(first.to_string()), 1),
        [] => (None, 1),
    }
}

fn block_comment(rest: &[char]) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match &rest[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn quoted(rest: &[char], prefix: usize, end: char) -> usize {
    let mut at = prefix + 1;
    while at < rest.len() && rest[at] != end {
        at += if rest[at] == '\\' { 2 } else { 1 };
    }
    at + 1
}

fn raw_string(rest: &[char], prefix: usize) -> Option<usize> {
    let hashes = rest[prefix..].iter().take_while(|sign| **sign == '#').count();
    let begin = prefix + hashes + 1;
    if rest.get(begin - 1) != Some(&'"') {
        return None;
    }
    let closes = |at: &usize| {
        rest[*at] == '"'
            && rest[at + 1..].iter().take(hashes).filter(|s| **s == '#').count() == hashes
    };
    (begin..rest.len()).find(closes).map(|at| at + 1 + hashes)
}

/// Drops items under `#[cfg(test)]` and the like: tests may use what production may not.
fn without_test_items(tokens: &[String]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let attribute = attribute_length(&tokens[at..]);
        let words = &tokens[at..at + attribute];
        let says = |word: &str| words.iter().any(|token| token == word);
        if attribute > 0 && says("cfg") && says("test") && !says("not") {
            at += attribute;
            at += item_length(&tokens[at..]);
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

fn attribute_length(tokens: &[String]) -> usize {
    if tokens.len() > 1 && tokens[0] == "#" && tokens[1] == "[" {
        return 1 + bracketed(&tokens[1..]);
    }
    0
}

/// The length of a bracketed group that begins at the first token.
fn bracketed(tokens: &[String]) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}

fn item_length(tokens: &[String]) -> usize {
    let mut at = 0;
    while at < tokens.len() {
        match tokens[at].as_str() {
            ";" => return at + 1,
            "{" => return at + bracketed(&tokens[at..]),
            "(" | "[" => at += bracketed(&tokens[at..]),
            _ => at += 1,
        }
    }
    at
}

// ---- paths ------------------------------------------------------------------------------------

/// Every path that is imported, and every path of two parts or more that is written out.
fn paths_in(tokens: &[String]) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if captures(&tokens[at..]) {
            at += 1;
        } else if tokens[at] == "use" {
            at += 1 + use_tree(&tokens[at + 1..], &[], &mut paths);
        } else if is_word(&tokens[at]) && begins_path(tokens, at) {
            let path = path_at(&tokens[at..]);
            at += path.len() * 2 - 1;
            if path.len() > 1 {
                paths.push(path);
            }
        } else {
            at += 1;
        }
    }
    paths
}

/// Tells whether a type says what it captures (`+ use<'a>`), which imports nothing.
fn captures(tokens: &[String]) -> bool {
    tokens.len() > 1 && tokens[0] == "use" && tokens[1] == "<"
}

/// Not in the middle of a path, and not a field or method.
fn begins_path(tokens: &[String], at: usize) -> bool {
    let before = |back: usize| at.checked_sub(back).map_or("", |index| tokens[index].as_str());
    match before(1) {
        "." => false,
        "::" => !is_word(before(2)) && before(2) != ">",
        _ => true,
    }
}

fn path_at(tokens: &[String]) -> Vec<String> {
    let mut path = vec![tokens[0].clone()];
    let mut at = 1;
    while at + 1 < tokens.len() && tokens[at] == "::" && is_word(&tokens[at + 1]) {
        path.push(tokens[at + 1].clone());
        at += 2;
    }
    path
}

/// Reads one tree of a `use`, adds its paths, and returns how many tokens it took.
fn use_tree(tokens: &[String], prefix: &[String], paths: &mut Vec<Vec<String>>) -> usize {
    let mut path = prefix.to_vec();
    let mut at = 0;
    while at < tokens.len() {
        match tokens[at].as_str() {
            "{" => return at + use_group(&tokens[at..], &path, paths),
            ";" | "," | "}" => break,
            "as" => at += 2,
            "::" => at += 1,
            part => {
                path.push(part.to_owned());
                at += 1;
            }
        }
    }
    paths.push(path);
    at
}

fn use_group(tokens: &[String], prefix: &[String], paths: &mut Vec<Vec<String>>) -> usize {
    let mut at = 1;
    while at < tokens.len() && tokens[at] != "}" {
        if tokens[at] == "," {
            at += 1;
        } else {
            at += use_tree(&tokens[at..], prefix, paths);
        }
    }
    at + 1
}

#[test]
fn paths_are_found_in_nested_imports_and_in_expressions() {
    let text = "use crate::{domain::money::Nano, rate_limiter as limiter};\n\
                fn f(x: &redis::Client) { self::g::<awc::Client>(x.actix::y, \"tera::Tera\", 'r'); }\n\
                // rusqlite::Connection\n\
                #[cfg(test)]\nmod tests { use super::*; use config::Config; }";
    let names = SourceFile::new("actors/src/pool/policy.rs", text).names();
    let expected = [
        "awc::Client",
        "crate::domain::money::Nano",
        "crate::pool::policy::g",
        "crate::rate_limiter",
        "redis::Client",
    ];
    assert_eq!(names, expected);
}

#[test]
fn a_type_that_says_what_it_captures_imports_nothing() {
    let text = "fn f() -> impl Future<Output = ()> + use<> { let a = awc::get(); g(a); }";
    let names = SourceFile::new("src/run/parts.rs", text).names();
    assert_eq!(names, ["awc::get"]);
}

#[test]
fn a_module_of_the_file_hides_a_package() {
    let names = SourceFile::new("src/settings/mod.rs", "mod redis;\npub use redis::Redis;").names();
    assert_eq!(names, ["crate::settings::redis::Redis"]);
}

#[test]
fn literals_and_comments_are_no_code() {
    let text = "r#\"a \" b\"# /* x /* y */ z */ b'\\'' 'a 'b' \"\\\" c\" br\"d\" e";
    assert_eq!(tokens_of(text).join(" "), "\"\" \"\" ' a \"\" \"\" \"\" e");
}
