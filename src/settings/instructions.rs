//! The operator's own instructions for Codex: text files, each for the models of a pattern. They are
//! read when settings are, so that one that is missing is found out at the start.

use switchyard_actors::domain::routing::pattern::Pattern;

/// The longest text, in bytes.
const LONGEST: u64 = 1 << 20;

/// Checks a list of files.
///
/// # Errors
/// Says which one is of no use, and why.
pub fn check(list: &str) -> Result<(), String> {
    read(list).map(|_| ())
}

/// Reads the files of a list such as `gpt-5-codex*=/etc/a.md, /etc/b.md`; one without a pattern is
/// for every model.
///
/// # Errors
/// Says which one is of no use, and why.
pub fn read(list: &str) -> Result<Vec<(Pattern, String)>, String> {
    let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    entries.map(one).collect()
}

fn one(entry: &str) -> Result<(Pattern, String), String> {
    let (pattern, path) = entry.split_once('=').unwrap_or(("*", entry));
    let pattern = Pattern::parse(pattern).map_err(|why| format!("{pattern}: {why}"))?;
    let path = path.trim();
    let unreadable = |why: std::io::Error| format!("{path} cannot be read: {why}");
    if std::fs::metadata(path).map_err(unreadable)?.len() > LONGEST {
        return Err(format!("{path} is longer than {} MiB", LONGEST >> 20));
    }
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    if text.trim().is_empty() {
        return Err(format!("{path} is empty"));
    }
    Ok((pattern, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_file_is_for_the_models_of_its_pattern() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name).display().to_string();
        std::fs::write(path("a"), "one\n").unwrap();
        std::fs::write(path("b"), "two").unwrap();
        std::fs::write(path("empty"), " \n").unwrap();
        let texts = read(&format!("gpt-5-codex*={}, {}", path("a"), path("b"))).unwrap();
        let text = |model: &str| {
            let found = texts.iter().find(|(pattern, _)| pattern.matches(model));
            found.map(|(_, text)| text.as_str())
        };
        assert_eq!(text("gpt-5-codex-mini"), Some("one\n"));
        assert_eq!(text("gpt-5"), Some("two"));
        assert!(check(&path("missing")).unwrap_err().contains("cannot be read"));
        assert!(check(&path("empty")).unwrap_err().contains("is empty"));
        assert!(check(&format!("regex:(={}", path("a"))).is_err());
        assert!(read("").unwrap().is_empty());
    }
}
