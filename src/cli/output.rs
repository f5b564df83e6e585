//! What commands print: answers on standard output, failures on standard error, tables for people.

use std::io::Write as _;
use std::process::ExitCode;

use super::error::CliError;

/// Prints an answer. A reader that went away (a closed pipe) is no failure.
pub fn say(text: &str) -> Result<ExitCode, CliError> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{}", text.trim_end()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(CliError::Failed(error.into()))
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// Prints a failure; there is nobody to tell when that fails too.
pub fn complain(error: &CliError) {
    let _ = writeln!(std::io::stderr(), "switchyard: {error}");
}

/// Prints a remark beside the answer, so that scripts that read the answer do not see it.
pub fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Lays rows out in columns as wide as their widest cell.
#[must_use]
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = head.iter().map(|cell| width(cell)).collect();
    for row in rows {
        for (wide, cell) in widths.iter_mut().zip(row) {
            *wide = width(cell).max(*wide);
        }
    }
    let head: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
    let lines = std::iter::once(&head).chain(rows).map(|row| line(row, &widths));
    lines.collect::<Vec<_>>().join("\n")
}

fn line(row: &[String], widths: &[usize]) -> String {
    let padded = row.iter().zip(widths).map(|(cell, wide)| {
        let missing = wide.saturating_sub(width(cell));
        format!("{cell}{}", " ".repeat(missing))
    });
    padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

/// Counts what a terminal shows; East Asian characters take two places.
fn width(cell: &str) -> usize {
    cell.chars()
        .map(|c| if matches!(u32::from(c), 0x1100..=0x115F | 0x2E80..=0xFFE6) { 2 } else { 1 })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_also_with_wide_characters() {
        let rows = vec![
            vec!["1".into(), "供应商".into(), "x".into()],
            vec!["20".into(), "a".into(), "y".into()],
        ];
        assert_eq!(
            table(&["id", "name", "kind"], &rows),
            "id  name    kind\n1   供应商  x\n20  a       y"
        );
    }
}
