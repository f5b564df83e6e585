//! Reading what vendors and clients write: leniently where it does not matter, with the place where it does.

use serde::Deserialize;
use serde_json::value::RawValue;

pub(super) use crate::wire::convert::lax::lax;
use crate::wire::convert::loss::Losses;
use crate::wire::convert::{Refused, fields};

/// Reads a field of the client's body: `None` when it is not there or null.
///
/// # Errors
/// It is of another type: the client is told where, and what was expected.
pub(super) fn field<'a, T>(
    raw: Option<&'a RawValue>,
    at: &str,
    what: &str,
) -> Result<Option<T>, Refused>
where
    T: Deserialize<'a>,
{
    let Some(raw) = raw else { return Ok(None) };
    serde_json::from_str(raw.get()).map_err(|_| Refused::new(format!("{at} is not {what}")))
}

/// As [`field`], for an object: says what of it nobody knows.
///
/// # Errors
/// As [`field`].
pub(super) fn object<'a, T: Deserialize<'a>>(
    raw: Option<&'a RawValue>,
    (at, what): (&str, &str),
    known: &[&str],
    losses: &mut Losses,
) -> Result<Option<T>, Refused> {
    let Some(raw) = raw else { return Ok(None) };
    fields::read_saying(raw.get(), known, at, losses)
        .map_err(|_| Refused::new(format!("{at} is not {what}")))
}

/// Reads a number of tokens; what is below 1 is no bound at all.
///
/// # Errors
/// It is no whole number.
pub(super) fn tokens(raw: Option<&RawValue>, at: &str) -> Result<Option<u64>, Refused> {
    let number = field::<serde_json::Number>(raw, at, "a whole number")?;
    let Some(number) = number else { return Ok(None) };
    if number.is_i64() && !number.is_u64() {
        return Ok(None);
    }
    let whole =
        number.as_u64().ok_or_else(|| Refused::new(format!("{at} is not a whole number")))?;
    Ok((whole > 0).then_some(whole))
}
