//! Tokens through any two formats: none is lost and none is counted twice.

use proptest::prelude::*;
use switchyard_actors::domain::dialect::Dialect;

use super::dialects;
use super::streams::{folded, frames, read, reply};
use crate::wire::convert::codec::{StreamOut, decode_answer, encode_answer};
use crate::wire::convert::fold::unfold;
use crate::wire::convert::hub::{Answer, Event, HubUsage, Part, Text};
use crate::wire::convert::loss::Losses;
use crate::wire::convert::stream::Converter;

fn usages() -> impl Strategy<Value = HubUsage> {
    let counts = prop::array::uniform6(0..1_000_000_u64);
    (counts, 0..1_000_000_u64, prop::option::of(0.0..1.0_f64)).prop_map(|(input, output, part)| {
        let [fresh, cache_read, five_minutes, hour, cache_write_other, tool_input] = input;
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a part of a small count"
        )]
        let reasoning = part.map(|part| (output as f64 * part) as u64);
        HubUsage {
            fresh,
            cache_read,
            cache_write_5m: five_minutes,
            cache_write_1h: hour,
            cache_write_other,
            tool_input,
            output,
            reasoning,
        }
    })
}

fn answer(usage: HubUsage) -> Answer {
    let parts = vec![Part::Text(Text::plain("so"))];
    Answer { parts, usage: Some(usage), ..Answer::default() }
}

/// What every format can say of tokens.
fn worth(usage: Option<HubUsage>) -> Option<(u64, u64, u64)> {
    usage.map(|usage| (usage.input(), usage.cache_read, usage.output))
}

proptest! {
    /// P6.
    #[test]
    fn each_token_is_counted_once_through_any_two_formats(
        usage in usages(), earlier in usages(), from in dialects(), to in dialects(),
    ) {
        let wanted = worth(Some(usage));
        let mut losses = Losses::default();
        let whole = encode_answer(from, &answer(usage), &reply(), &mut losses);
        let whole = encode_answer(to, &decode_answer(from, &whole).unwrap(), &reply(), &mut losses);
        prop_assert_eq!(worth(decode_answer(to, &whole).unwrap().usage), wanted, "{} to {}", from, to);

        // What was said before is taken back by what is said later, not added to it.
        let mut events = unfold(&answer(usage));
        events.insert(1, Event::Usage(earlier));
        let (mut upstream, mut bytes) = (StreamOut::new(from, reply()), Vec::new());
        for event in &events {
            upstream.event(event, &mut losses, &mut bytes);
        }
        let (mut converter, mut out) =
            (Converter::new(from, StreamOut::new(to, reply())), Vec::new());
        for (event, data) in frames(&bytes) {
            converter.frame(&event, &data, &mut out);
        }
        converter.end(&mut out);
        prop_assert_eq!(worth(converter.usage()), wanted, "{} to {}", from, to);
        prop_assert_eq!(worth(folded(read(to, &frames(&out))).usage), wanted, "{} to {}", from, to);
    }
}

#[test]
fn reasoning_is_counted_within_the_output_wherever_it_is_counted() {
    let usage = HubUsage { fresh: 1, output: 10, reasoning: Some(4), ..HubUsage::default() };
    for dialect in Dialect::ALL {
        let body = encode_answer(dialect, &answer(usage), &reply(), &mut Losses::default());
        let back = decode_answer(dialect, &body).unwrap().usage.unwrap();
        assert_eq!(back.output, 10, "{dialect}");
        let wanted = (dialect != Dialect::Anthropic).then_some(4);
        assert_eq!(back.reasoning, wanted, "{dialect}");
    }
}
