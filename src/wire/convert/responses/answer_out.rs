//! A whole answer, written for a client: the response object that the stream of it would end with.

use super::super::fold::unfold;
use super::super::hub::{Answer, Event};
use super::super::loss::Losses;
use super::super::reply::Reply;
use super::stream_out::StreamOut;

/// Writes a whole answer.
#[must_use]
pub fn encode_answer(answer: &Answer, reply: &Reply, losses: &mut Losses) -> Vec<u8> {
    let mut stream = StreamOut::of_whole(reply.clone());
    let mut events = Vec::new();
    for event in unfold(answer) {
        if let Event::Finish(finish) = event {
            let ending = stream.end(&finish, losses, &mut events);
            let output = stream.take_output();
            return serde_json::to_vec(&stream.response(&ending, &output)).unwrap_or_default();
        }
        stream.event(&event, losses, &mut events);
        // Only the items that the events end with are wanted.
        events.clear();
    }
    Vec::new()
}
