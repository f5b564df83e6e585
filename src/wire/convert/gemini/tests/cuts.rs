//! Calls that an end cuts off.

use super::super::super::hub::{Delta, Event, Finish};
use super::super::super::sequence::Sequencer;
use super::super::super::tests::gathered;
use super::super::{StreamOut, encode_answer};
use super::streams::{calls, delta, ends, reply, start, write};
use super::*;

#[test]
fn a_call_that_the_end_has_cut_is_left_out() {
    for (args, finish, is_told) in [
        ("{\"a\":\"x", Finish::MaxOutput, false),
        ("", Finish::MaxOutput, false),
        ("{\"a\":\"x", Finish::Filtered(None), false),
        ("{\"a\":1}", Finish::MaxOutput, true),
        ("{}", Finish::MaxOutput, true),
        ("", Finish::ToolCalls, true),
        ("{\"a\":\"x", Finish::ToolCalls, true),
    ] {
        let mut events = vec![start(), calls(0, "c", "first"), ends(0), calls(1, "d", "second")];
        events.extend([delta(1, Delta::Args(args.to_owned())), ends(1)]);
        events.push(Event::Finish(finish.clone()));
        let (mut sequencer, mut ordered) = (Sequencer::default(), Vec::new());
        for event in events.clone() {
            sequencer.push(event, &mut ordered).unwrap();
        }
        let (bytes, _) = write(StreamOut::new(reply()), &ordered);
        assert!(bytes.contains("first"), "{bytes}");
        assert_eq!(bytes.contains("second"), is_told, "{args} {finish:?}: {bytes}");
        let answer = gathered(events).unwrap().unwrap();
        assert_eq!(answer.lacks_call, !is_told);
        let mut losses = Losses::default();
        let body = String::from_utf8(encode_answer(&answer, &reply(), &mut losses)).unwrap();
        assert!(body.contains("first"), "{body}");
        assert_eq!(body.contains("second"), is_told, "{args} {finish:?}: {body}");
    }
}
