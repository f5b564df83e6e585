//! A stream folded into a whole answer, and an answer unfolded into a stream: one decoder and one
//! encoder a format serve both.

use super::hub::{
    Answer, Call, CallKind, Delta, Event, Finish, HubUsage, Image, Part, PartKind, Place,
    ServerTool, Source, StreamError, Text, Thinking,
};

/// Collects events into an answer.
#[derive(Clone, Debug, Default)]
pub struct Fold {
    answer: Answer,
    /// Parts by their numbers; they may be open at once.
    parts: Vec<Option<Part>>,
    finish: Option<Finish>,
    error: Option<StreamError>,
    kept: usize,
}

/// What a part is counted for beside its texts, in bytes.
const PART: usize = 256;

impl Fold {
    /// Takes the next event.
    pub fn push(&mut self, event: Event) {
        self.kept = self.kept.saturating_add(weight(&event));
        match event {
            Event::Start { id, model, usage } => {
                (self.answer.id, self.answer.model) = (id, model);
                self.answer.usage = usage;
            }
            Event::PartStart { index, kind } => self.start(index, kind),
            Event::PartDelta { index, delta } => {
                if let Some(Some(part)) = self.parts.get_mut(index) {
                    add(part, delta);
                }
            }
            Event::PartEnd { .. } => {}
            Event::PartCut { index } => {
                self.answer.lacks_call = true;
                if let Some(part) = self.parts.get_mut(index) {
                    *part = None;
                }
            }
            Event::Usage(usage) => self.answer.usage = Some(usage),
            Event::Finish(finish) => self.finish = Some(finish),
            Event::Error(error) => self.error = Some(error),
        }
    }

    /// Returns how much is kept of what came, in bytes.
    #[must_use]
    pub const fn kept(&self) -> usize {
        self.kept
    }

    /// Returns the answer, or the error that came in its place. A stream that ended without either is an
    /// error: `None`.
    #[must_use]
    pub fn finish(mut self) -> Option<Result<Answer, StreamError>> {
        if let Some(error) = self.error {
            return Some(Err(error));
        }
        self.answer.finish = self.finish?;
        self.answer.parts = self.parts.into_iter().flatten().collect();
        for part in &mut self.answer.parts {
            if let Part::Call(call) = part {
                name_nothing(call);
            }
        }
        Some(Ok(self.answer))
    }

    fn start(&mut self, index: usize, kind: PartKind) {
        if self.parts.len() <= index {
            self.parts.resize_with(index.saturating_add(1), || None);
        }
        if let Some(place) = self.parts.get_mut(index) {
            *place = Some(begin(kind));
        }
    }
}

/// Returns how much an event adds to what is kept.
fn weight(event: &Event) -> usize {
    match event {
        Event::PartStart { kind, .. } => PART.saturating_add(match kind {
            PartKind::Image(Image { source: Source::Base64 { data, .. }, .. }) => data.len(),
            PartKind::Server { raw, .. } => raw.text().len(),
            PartKind::Call { id, name, .. } => id.len().saturating_add(name.len()),
            _ => 0,
        }),
        Event::PartDelta { delta, .. } => match delta {
            Delta::Text(text) | Delta::Args(text) => text.len(),
            Delta::Seal(seal) => seal.blob.len(),
            Delta::Citation(citation) => PART.saturating_add(citation.raw.text().len()),
        },
        _ => 0,
    }
}

/// What is called with nothing is called with an object of nothing, but for a tool that takes text.
fn name_nothing(call: &mut Call) {
    if call.kind != CallKind::Custom && call.args.is_empty() {
        call.args.push_str("{}");
    }
}

fn begin(kind: PartKind) -> Part {
    match kind {
        PartKind::Text => Part::Text(Text::default()),
        PartKind::Thinking { redacted } => {
            Part::Thinking(Thinking { redacted, ..Thinking::default() })
        }
        PartKind::Call { id, name, kind, namespace } => Part::Call(Call {
            id,
            name,
            args: String::new(),
            kind,
            namespace,
            seal: None,
            cache: None,
            at: Place::default(),
        }),
        PartKind::Refusal => Part::Refusal(Text::default()),
        PartKind::Image(image) => Part::Image(image),
        PartKind::Server { family, kind, raw } => {
            Part::Server(ServerTool { family, kind, raw, at: Place::default() })
        }
    }
}

fn add(part: &mut Part, delta: Delta) {
    match (part, delta) {
        (Part::Text(text) | Part::Refusal(text), Delta::Text(more)) => text.text.push_str(&more),
        (Part::Text(text), Delta::Citation(citation)) => text.citations.push(citation),
        (Part::Text(text), Delta::Seal(seal)) => text.seal = Some(seal),
        (Part::Thinking(thinking), Delta::Text(more)) => thinking.text.push_str(&more),
        (Part::Thinking(thinking), Delta::Seal(seal)) => thinking.seal = Some(seal),
        (Part::Call(call), Delta::Args(more)) => call.args.push_str(&more),
        (Part::Call(call), Delta::Seal(seal)) => call.seal = Some(seal),
        _ => {}
    }
}

/// Returns the stream that an answer would have been: each part in one piece. A call that it lacks is told
/// by nothing.
#[must_use]
pub fn unfold(answer: &Answer) -> Vec<Event> {
    let Answer { id, model, parts, usage, finish, lacks_call: _ } = answer;
    let mut events = vec![Event::Start { id: id.clone(), model: model.clone(), usage: *usage }];
    let shown = parts.iter().filter_map(|part| Some((part, kind_of(part)?)));
    for (index, (part, kind)) in shown.enumerate() {
        events.push(Event::PartStart { index, kind });
        let deltas = deltas_of(part).into_iter();
        events.extend(deltas.map(|delta| Event::PartDelta { index, delta }));
        events.push(Event::PartEnd { index });
    }
    events.extend(usage.map(|usage: HubUsage| Event::Usage(usage)));
    events.push(Event::Finish(finish.clone()));
    events
}

/// Returns what a part is in a stream; `None` for what no answer has.
fn kind_of(part: &Part) -> Option<PartKind> {
    Some(match part {
        Part::Text(_) => PartKind::Text,
        Part::Thinking(thinking) => PartKind::Thinking { redacted: thinking.redacted },
        Part::Call(call) => PartKind::Call {
            id: call.id.clone(),
            name: call.name.clone(),
            kind: call.kind,
            namespace: call.namespace.clone(),
        },
        Part::Refusal(_) => PartKind::Refusal,
        Part::Image(image) => PartKind::Image(image.clone()),
        Part::Server(ServerTool { family, kind, raw, .. }) => {
            PartKind::Server { family: *family, kind: kind.clone(), raw: raw.clone() }
        }
        Part::Document(_) | Part::Result(_) | Part::Opaque(_) => return None,
    })
}

fn deltas_of(part: &Part) -> Vec<Delta> {
    let mut deltas = Vec::new();
    let text = |text: &String| (!text.is_empty()).then(|| Delta::Text(text.clone()));
    match part {
        Part::Text(part) => {
            deltas.extend(text(&part.text));
            deltas.extend(part.citations.iter().cloned().map(Delta::Citation));
            deltas.extend(part.seal.clone().map(Delta::Seal));
        }
        Part::Thinking(part) => {
            deltas.extend(text(&part.text));
            deltas.extend(part.seal.clone().map(Delta::Seal));
        }
        Part::Refusal(words) => deltas.extend(text(&words.text)),
        Part::Call(call) => {
            deltas.extend((!call.args.is_empty()).then(|| Delta::Args(call.args.clone())));
            deltas.extend(call.seal.clone().map(Delta::Seal));
        }
        Part::Image(_)
        | Part::Document(_)
        | Part::Result(_)
        | Part::Server(_)
        | Part::Opaque(_) => {}
    }
    deltas
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::convert::hub::{Family, Seal};

    #[test]
    fn an_answer_comes_back_from_its_stream() {
        let seal = Seal { family: Family::Anthropic, blob: "c2ln".to_owned() };
        let call = Call {
            at: Place::default(),
            id: "call_1".to_owned(),
            name: "read".to_owned(),
            args: "{\"a\":1}".to_owned(),
            kind: CallKind::Function,
            namespace: None,
            seal: None,
            cache: None,
        };
        let thinking = Thinking {
            at: Place::default(),
            text: "so".to_owned(),
            redacted: false,
            seal: Some(seal),
        };
        let answer = Answer {
            id: Some("a".to_owned()),
            model: Some("m".to_owned()),
            parts: vec![Part::Thinking(thinking), Part::Text(Text::plain("Hi")), Part::Call(call)],
            usage: Some(HubUsage { fresh: 3, output: 2, ..HubUsage::default() }),
            lacks_call: false,
            finish: Finish::ToolCalls,
        };
        let mut fold = Fold::default();
        for event in unfold(&answer) {
            fold.push(event);
        }
        assert_eq!(fold.finish(), Some(Ok(answer)));
    }

    #[test]
    fn a_call_that_was_cut_is_left_out() {
        let mut fold = Fold::default();
        for index in 0..2 {
            let (id, name) = (format!("call_{index}"), "read".to_owned());
            let kind = PartKind::Call { id, name, kind: CallKind::Shell, namespace: None };
            fold.push(Event::PartStart { index, kind });
        }
        fold.push(Event::PartEnd { index: 0 });
        fold.push(Event::PartCut { index: 1 });
        fold.push(Event::Finish(Finish::MaxOutput));
        let answer = fold.finish().unwrap().unwrap();
        assert!(answer.lacks_call);
        let [Part::Call(call)] = answer.parts.as_slice() else { panic!("{:?}", answer.parts) };
        assert_eq!((call.id.as_str(), call.args.as_str()), ("call_0", "{}"));
    }

    #[test]
    fn a_stream_without_an_end_is_no_answer() {
        let mut fold = Fold::default();
        fold.push(Event::Start { id: None, model: None, usage: None });
        assert_eq!(fold.finish(), None);
    }
}
