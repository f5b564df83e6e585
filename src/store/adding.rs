//! Sums that cannot fail. A sum beyond what a BIGINT holds ends a statement with an error on both
//! engines, and a statement that adds up a ledger would end so for good. The files say
//! `CAST(SUM(x) AS BIGINT)`; here each engine gets the form that stays at the largest number instead.

/// Adds halves apart in SQLite, where a sum of integers fails when it is too large: neither half's sum
/// can be, and where putting them together is, that is a float, which the cast around it takes down to
/// the largest integer.
pub(super) fn for_sqlite(text: &str) -> String {
    rewrite(text, "SUM(", |sum| {
        format!("(SUM(({sum}) >> 32) * 4294967296 + SUM(({sum}) & 4294967295))")
    })
}

/// Bounds sums before they are cast in PostgreSQL, where a sum of BIGINT is a NUMERIC of any size.
/// `LEAST` will not do: it makes a number of NULL. The same sum said twice is added up once.
pub(super) fn for_postgres(text: &str) -> String {
    const MOST: i64 = i64::MAX;
    rewrite(text, "CAST(", |cast| match cast.strip_suffix("AS BIGINT").map(str::trim_end) {
        Some(sum) if sum.contains("SUM(") => {
            format!("CAST(CASE WHEN ({sum}) > {MOST} THEN {MOST} ELSE ({sum}) END AS BIGINT)")
        }
        _ => format!("CAST({cast})"),
    })
}

/// Replaces each call of a function by what is made of its argument. A call inside its own argument
/// stays as it is.
fn rewrite(text: &str, call: &str, make: impl Fn(&str) -> String) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(call) {
        out.push_str(before);
        let is_name = before.ends_with(|char: char| char.is_ascii_alphanumeric() || char == '_');
        let end = closing(after).filter(|_| !is_name);
        let Some((argument, behind)) = end.and_then(|end| after.split_at_checked(end)) else {
            out.push_str(call);
            rest = after;
            continue;
        };
        out.push_str(&make(argument));
        rest = behind.strip_prefix(')').unwrap_or(behind);
    }
    out.push_str(rest);
    out
}

/// Finds the bracket that closes one which was opened before the text, outside literals.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut quoted) = (0_usize, false);
    for (at, char) in text.char_indices() {
        match char {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted && depth == 0 => return Some(at),
            ')' if !quoted => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sqlite_adds_halves_apart() {
        assert_eq!(
            for_sqlite("SELECT CAST(COALESCE(SUM(r.cost), 0) AS BIGINT) AS cost, CHECKSUM(a)"),
            "SELECT CAST(COALESCE((SUM((r.cost) >> 32) * 4294967296 + SUM((r.cost) & 4294967295)), \
             0) AS BIGINT) AS cost, CHECKSUM(a)"
        );
        assert_eq!(
            for_sqlite("SUM(CASE WHEN a IN (')', 'b') THEN 1 ELSE 0 END) + 1"),
            "(SUM((CASE WHEN a IN (')', 'b') THEN 1 ELSE 0 END) >> 32) * 4294967296 \
             + SUM((CASE WHEN a IN (')', 'b') THEN 1 ELSE 0 END) & 4294967295)) + 1"
        );
    }

    #[test]
    fn postgres_bounds_a_sum_before_its_cast_and_no_other_cast() {
        assert_eq!(
            for_postgres("SELECT CAST(SUM(a) + SUM(b)\n AS BIGINT) AS c, CAST(d AS BIGINT)"),
            "SELECT CAST(CASE WHEN (SUM(a) + SUM(b)) > 9223372036854775807 THEN \
             9223372036854775807 ELSE (SUM(a) + SUM(b)) END AS BIGINT) AS c, CAST(d AS BIGINT)"
        );
    }

    #[test]
    fn what_adds_nothing_up_stays_as_it_is() {
        for text in ["SELECT a FROM b", "SELECT CAST(a AS TEXT)", "SELECT (CAST(", "SUM("] {
            assert_eq!((for_sqlite(text).as_str(), for_postgres(text).as_str()), (text, text));
        }
    }
}
