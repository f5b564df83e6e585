//! Where the time of a request went, as bars on one scale.

use serde::Serialize;
use switchyard_actors::domain::ledger::LedgerRow;

use crate::web::console::frame::Text;
use crate::web::console::requests::row::whole;

/// The width of the scale.
const WIDE: u64 = 1_000;

/// A bar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Bar {
    /// What took the time.
    pub label: Text,
    /// How long it took, in milliseconds.
    pub ms: i64,
    /// Where it begins, of a thousand.
    pub x: u64,
    /// How wide it is; never nothing.
    pub width: u64,
    /// `try`, `failed`, `wait`, `flow`.
    pub kind: &'static str,
}

/// Returns the bars of a request: its tries, then the parts of its answer.
#[must_use]
pub fn bars(row: &LedgerRow) -> Vec<Bar> {
    let tries_end = row.chain.iter().map(|link| link.started_ms.saturating_add(link.took_ms));
    let total = tries_end.fold(row.duration_ms, u64::max).max(1);
    let bar = |label, from: u64, to: u64, kind| {
        let x = place(from.min(to), total).min(WIDE - 4);
        let width = place(to, total).saturating_sub(x).max(4);
        Bar { label, ms: whole(to.saturating_sub(from)), x, width, kind }
    };
    let mut bars = Vec::new();
    for (number, link) in row.chain.iter().enumerate() {
        let label =
            Text::of("request-bar-try").with("number", number + 1).with("name", &*link.name);
        let good = matches!(&*link.reason, "request_success" | "retry_success");
        let to = link.started_ms.saturating_add(link.took_ms);
        bars.push(bar(label, link.started_ms, to, if good { "try" } else { "failed" }));
    }
    if let Some(first) = row.first_byte_ms {
        bars.push(bar(Text::of("request-bar-byte"), 0, first, "wait"));
    }
    if let (Some(byte), Some(content)) = (row.first_byte_ms, row.first_content_ms)
        && content > byte
    {
        bars.push(bar(Text::of("request-bar-content"), byte, content, "wait"));
    }
    if let Some(begun) = row.first_content_ms.or(row.first_byte_ms) {
        bars.push(bar(Text::of("request-bar-rest"), begun, row.duration_ms, "flow"));
    }
    bars
}

fn place(ms: u64, total: u64) -> u64 {
    let scaled = u128::from(ms) * u128::from(WIDE) / u128::from(total);
    u64::try_from(scaled).unwrap_or(WIDE).min(WIDE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::console::requests::samples;

    #[test]
    fn bars_stay_on_the_scale_and_never_vanish() {
        let entries = samples::typical().into_iter().chain(samples::extreme());
        for entry in entries {
            for bar in bars(&entry.row) {
                assert!(bar.width >= 4 && bar.x + bar.width <= WIDE, "{bar:?}");
            }
        }
    }

    #[test]
    fn an_answer_is_waiting_then_flowing() {
        let bars = bars(&samples::served(1).row);
        let parts: Vec<_> =
            bars.iter().map(|bar| (bar.label.id.as_ref(), bar.kind, bar.ms)).collect();
        let expected = [
            ("request-bar-try", "try", 812),
            ("request-bar-byte", "wait", 640),
            ("request-bar-content", "wait", 600),
            ("request-bar-rest", "flow", 37_160),
        ];
        assert_eq!(parts, expected);
    }
}
