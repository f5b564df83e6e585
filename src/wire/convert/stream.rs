//! A provider's stream as another format's, frame by frame: read, put into one order, written.

use switchyard_actors::domain::dialect::Dialect;

use super::Broken;
use super::codec::{StreamIn, StreamOut};
use super::hub::{Event, Finish, StreamError, TroubleKind};
use super::loss::{Losses, Token};
use super::sequence::Sequencer;

/// Converts one stream.
#[derive(Debug)]
pub struct Converter {
    from: StreamIn,
    sequencer: Sequencer,
    to: StreamOut,
    losses: Losses,
    ended: Option<Ended>,
    is_too_long: bool,
    read: Vec<Event>,
    ordered: Vec<Event>,
}

/// How a stream ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// In order: the client has its format's end.
    Well(Finish),
    /// By an error: the client has no end yet, and what is open was not closed.
    Badly(StreamError),
}

fn too_long() -> StreamError {
    let message = "the answer is longer than what is kept of one".to_owned();
    StreamError { kind: TroubleKind::Upstream, message, retry_after_s: None }
}

impl Converter {
    /// Begins a stream.
    #[must_use]
    pub fn new(from: Dialect, to: StreamOut) -> Self {
        Self::reading(StreamIn::new(from), to)
    }

    /// Begins a stream that is read by a reader.
    #[must_use]
    pub fn reading(from: StreamIn, to: StreamOut) -> Self {
        Self {
            from,
            sequencer: Sequencer::default(),
            to,
            losses: Losses::default(),
            ended: None,
            is_too_long: false,
            read: Vec::new(),
            ordered: Vec::new(),
        }
    }

    /// Reads a frame of the provider, and writes what that means to the client.
    pub fn frame(&mut self, event: &str, data: &str, out: &mut Vec<u8>) {
        if self.ended.is_some() {
            return;
        }
        let read = self.from.frame(event, data, &mut self.read);
        self.go_on(out);
        if let Err(broken) = read {
            self.broke(broken, out);
        }
    }

    /// Says that the provider sends nothing more.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        if self.ended.is_none() {
            self.from.end(&mut self.read);
            self.go_on(out);
        }
    }

    /// Ends the stream by an error of ours: what came is more than is read.
    pub fn fail(&mut self, message: impl Into<String>, out: &mut Vec<u8>) {
        self.broke(Broken(message.into()), out);
    }

    /// Writes what keeps the client waiting.
    pub fn keep_alive(&mut self, out: &mut Vec<u8>) {
        if self.ended.is_none() {
            self.to.keep_alive(out);
        }
    }

    /// Returns how it ended, once it has.
    #[must_use]
    pub const fn ended(&self) -> Option<&Ended> {
        self.ended.as_ref()
    }

    /// Returns what was lost on the way back.
    #[must_use]
    pub const fn losses(&self) -> &Losses {
        &self.losses
    }

    /// Tells whether it ended because it is more than what we hold of an answer.
    #[must_use]
    pub const fn is_too_long(&self) -> bool {
        self.is_too_long
    }

    /// Returns the writer, whose place an error event continues.
    #[must_use]
    pub const fn writer(&self) -> &StreamOut {
        &self.to
    }

    fn go_on(&mut self, out: &mut Vec<u8>) {
        let mut broken = None;
        for event in self.read.drain(..) {
            if let Err(fault) = self.sequencer.push(event, &mut self.ordered) {
                broken = Some(fault);
                break;
            }
        }
        self.write(out);
        if let Some(fault) = broken {
            self.is_too_long = true;
            self.broke(fault, out);
        }
    }

    fn write(&mut self, out: &mut Vec<u8>) {
        for event in self.ordered.drain(..) {
            if self.ended.is_some() {
                return;
            }
            match &event {
                Event::PartCut { .. } => self.losses.push(Token::DropCallCut, ""),
                Event::Finish(finish) => {
                    let inferred = self.from.inferred();
                    self.losses.push_if(inferred, Token::ApproxTerminalInferred, "");
                    self.ended = Some(Ended::Well(finish.clone()));
                }
                Event::Error(error) => self.ended = Some(Ended::Badly(error.clone())),
                _ => {}
            }
            self.to.event(&event, &mut self.losses, out);
            if self.to.is_full() {
                self.is_too_long = true;
                self.ended = Some(Ended::Badly(too_long()));
            }
        }
    }

    fn broke(&mut self, Broken(message): Broken, out: &mut Vec<u8>) {
        if self.ended.is_none() {
            let kind = TroubleKind::Upstream;
            self.ordered.push(Event::Error(StreamError { kind, message, retry_after_s: None }));
            self.write(out);
        }
    }
}
