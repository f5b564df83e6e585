//! Calls that an end cuts off.

use super::super::super::fold::Fold;
use super::super::super::hub::{Delta, Event, Finish, PartKind};
use super::super::{StreamOut, encode_answer};
use super::streams::{begins, calls, delta, ends, reply, start, words, write};
use super::*;

#[test]
fn a_call_that_the_end_has_cut_is_left_out() {
    for (args, finish, is_told) in [
        ("{\"a\":\"x", Finish::MaxOutput, false),
        ("", Finish::MaxOutput, false),
        ("{\"a\":\"x", Finish::Filtered(None), false),
        ("{\"a\":1}", Finish::MaxOutput, true),
        ("", Finish::ToolCalls, true),
        ("{\"a\":\"x", Finish::ToolCalls, true),
    ] {
        let mut events = vec![start(), calls(0, "c", "first"), ends(0), calls(1, "d", "second")];
        events.extend([delta(1, Delta::Args(args.to_owned())), ends(1)]);
        events.push(Event::Finish(finish.clone()));
        let (bytes, tokens) = write(StreamOut::new(reply()), &events);
        assert_eq!(bytes.contains("second"), is_told, "{args} {finish:?}: {bytes}");
        assert_eq!(tokens.contains(&Token::DropCallCut), finish.may_cut(), "{tokens:?}");
        let mut fold = Fold::default();
        for event in events {
            fold.push(event);
        }
        let answer = fold.finish().unwrap().unwrap();
        let mut losses = Losses::default();
        let body = String::from_utf8(encode_answer(&answer, &reply(), &mut losses)).unwrap();
        assert_eq!(body.contains("second"), is_told, "{args} {finish:?}: {body}");
    }
}

#[test]
fn a_call_with_something_behind_it_is_not_cut() {
    let events = [
        start(),
        calls(0, "c", "first"),
        ends(0),
        begins(1, PartKind::Text),
        words(1, "so"),
        ends(1),
        Event::Finish(Finish::MaxOutput),
    ];
    let (bytes, tokens) = write(StreamOut::new(reply()), &events);
    let place = |text| bytes.find(text).unwrap();
    assert!(place("first") < place("so") && place("so") < place("MAX_TOKENS"), "{bytes}");
    assert!(tokens.is_empty());
}
