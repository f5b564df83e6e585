//! Counts, tokens, shares and sizes as people read them; whole numbers only, nothing floats.

/// Groups digits by three: `1,234,567`.
#[must_use]
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", group(&digits))
}

/// Groups a run of digits by three.
pub(super) fn group(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// Shortens a count to three digits and a unit: `999`, `12.3k`, `4.56M`.
#[must_use]
pub fn short(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let size = number.unsigned_abs();
    if size < 1_000 {
        return format!("{sign}{size}");
    }
    for (unit, name) in [(1_000, "k"), (1_000_000, "M"), (1_000_000_000, "G")] {
        if let Some(text) = in_unit(size, unit) {
            return format!("{sign}{text}{name}");
        }
    }
    format!("{sign}{}G", group(&(size / 1_000_000_000).to_string()))
}

/// Writes a size in a unit with three digits; `None` when it comes to a thousand of them.
fn in_unit(size: u64, unit: u64) -> Option<String> {
    for (places, factor) in [(2_usize, 100_u64), (1, 10), (0, 1)] {
        let step = unit / factor;
        let scaled = size.saturating_add(step / 2) / step;
        if scaled < 1_000 {
            let (whole, part) = (scaled / factor, scaled % factor);
            return Some(match places {
                0 => whole.to_string(),
                _ => format!("{whole}.{part:0places$}"),
            });
        }
    }
    None
}

/// Writes hundredths of a percent: `1250` is `12.5%`.
#[must_use]
pub fn percent(basis_points: i64) -> String {
    let sign = if basis_points < 0 { "-" } else { "" };
    let size = basis_points.unsigned_abs();
    let tenths = (size + 5) / 10;
    if size > 0 && tenths == 0 {
        return format!("{sign}<0.1%");
    }
    let (whole, tenth) = (group(&(tenths / 10).to_string()), tenths % 10);
    if tenth == 0 { format!("{sign}{whole}%") } else { format!("{sign}{whole}.{tenth}%") }
}

/// Writes a number of bytes: `34.4 KiB`.
#[must_use]
pub fn bytes(count: i64) -> String {
    let mut scaled = u128::from(count.unsigned_abs()) * 10;
    let mut unit = "B";
    for next in ["KiB", "MiB", "GiB", "TiB"] {
        if scaled < 10_240 {
            break;
        }
        scaled = (scaled + 512) / 1_024;
        unit = next;
    }
    let sign = if count < 0 { "-" } else { "" };
    let (whole, tenth) = (scaled / 10, scaled % 10);
    if tenth == 0 {
        format!("{sign}{whole} {unit}")
    } else {
        format!("{sign}{whole}.{tenth} {unit}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped() {
        for (number, text) in
            [(0, "0"), (999, "999"), (1_000, "1,000"), (-12_345_678, "-12,345,678")]
        {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn counts_are_shortened_to_three_digits() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1.00k"),
            (12_345, "12.3k"),
            (99_950, "100k"),
            (999_499, "999k"),
            (999_500, "1.00M"),
            (4_560_000, "4.56M"),
            (1_234_000_000, "1.23G"),
            (5_000_000_000_000, "5,000G"),
            (-1_500, "-1.50k"),
        ] {
            assert_eq!(short(number), text, "{number}");
        }
    }

    #[test]
    fn shares_and_sizes_are_rounded_and_never_vanish() {
        for (number, text) in [(0, "0%"), (1, "<0.1%"), (1_250, "12.5%"), (10_000, "100%")] {
            assert_eq!(percent(number), text);
        }
        for (number, text) in
            [(0, "0 B"), (1_023, "1023 B"), (1_024, "1 KiB"), (35_226, "34.4 KiB")]
        {
            assert_eq!(bytes(number), text);
        }
    }
}
