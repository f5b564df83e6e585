//! How far an engine reads beyond what it finds.
//!
//! An engine goes on behind something that fits while a way that it prefers could still fit. `a.*z|a` reads
//! to the end of the line behind every `a`; `sk-\w+` stops at the first letter that does not belong to it.

use regex_syntax::hir::{Hir, HirKind, Repetition};

/// Returns how many bytes are read at most beyond the end of what is found; `None` when there is no bound.
///
/// Of bounded length are all ways that begin where the find begins. A repetition without end has one as
/// long as nothing comes behind it: with each further round it is a find by itself.
pub(super) fn reach(hir: &Hir) -> Option<usize> {
    if let Some(longest) = hir.properties().maximum_len() {
        return Some(longest);
    }
    match hir.kind() {
        HirKind::Capture(group) => reach(&group.sub),
        HirKind::Repetition(Repetition { min, max: None, sub, .. }) => {
            let rounds = usize::try_from(*min).ok()?.checked_add(1)?;
            sub.properties().maximum_len()?.checked_mul(rounds)
        }
        HirKind::Concat(parts) => {
            let (last, before) = parts.split_last()?;
            before.iter().try_fold(reach(last)?, |sum, part| {
                sum.checked_add(part.properties().maximum_len()?)
            })
        }
        HirKind::Alternation(ways) => {
            ways.iter().map(reach).try_fold(0, |most, way| Some(most.max(way?)))
        }
        _ => None,
    }
}
