//! A provider's whole answer: it is broken, or can be written for each client, as an answer that its format
//! reads.

use switchyard_actors::domain::dialect::Dialect;

use super::{is_bounded, is_json, reply};
use crate::wire::convert::codec::{decode_answer, encode_answer};
use crate::wire::convert::hub::{Answer, Finish, Part};
use crate::wire::convert::loss::Losses;

/// Reads any bytes as an answer of a format, and writes it in each.
pub fn any(from: Dialect, data: &[u8]) {
    let Ok(answer) = decode_answer(from, data) else { return };
    for to in Dialect::ALL {
        let body = encode_answer(to, &answer, &reply(), &mut Losses::default());
        let what = format!("an answer for {to}");
        is_bounded(data, &body, &what);
        is_json(&body, &what);
        match decode_answer(to, &body) {
            Ok(back) => assert_eq!(calls(&back), calls(&answer), "{what}: its calls"),
            Err(broken) => {
                assert_eq!(answer.finish, Finish::BadToolCall, "{what} is none: {broken}");
            }
        }
    }
}

fn calls(answer: &Answer) -> usize {
    answer.parts.iter().filter(|part| matches!(part, Part::Call(_))).count()
}
