//! A call of a stream: it begins when its id and name are known; what its end says fills what was missing.

use super::super::Broken;
use super::super::hub::{CallKind, Delta, Event, Json, PartKind};
use super::content_in::string;
use super::items_in::name_of;
use super::parts_seen::{ItemIn, Parts};
use super::shells;

/// The arguments of a call, at most, in bytes.
const MOST_ARGS: usize = 16 << 20;

/// A call, as far as it has come.
#[derive(Debug)]
pub(super) struct CallSeen {
    kind: CallKind,
    id: String,
    name: String,
    namespace: Option<String>,
    part: Option<usize>,
    args: String,
    /// How much of the arguments has been put out, in bytes.
    told: usize,
}

impl CallSeen {
    /// Begins a call that nothing is known of but its kind.
    pub(super) const fn new(kind: CallKind) -> Self {
        Self {
            kind,
            id: String::new(),
            name: String::new(),
            namespace: None,
            part: None,
            args: String::new(),
            told: 0,
        }
    }

    /// Takes what the beginning of the item says.
    pub(super) fn added(&mut self, item: &ItemIn, parts: &mut Parts) {
        self.learn(item);
        self.open(parts);
    }

    /// Takes more of the arguments.
    pub(super) fn more(&mut self, args: &str, parts: &mut Parts) -> Result<(), Broken> {
        if self.args.len().saturating_add(args.len()) > MOST_ARGS {
            return Err(Broken(format!("a call has arguments of more than {MOST_ARGS} bytes")));
        }
        self.args.push_str(args);
        self.tell(parts);
        Ok(())
    }

    /// Takes all of the arguments, of which some may have come.
    pub(super) fn whole(&mut self, args: &str, parts: &mut Parts) -> Result<(), Broken> {
        if args.is_empty() {
            return Ok(());
        }
        if let Some(rest) = args.strip_prefix(self.args.as_str()) {
            return self.more(rest, parts);
        }
        let tree = |text| Json::parse(text).map(|json| json.tree());
        let said = tree(&self.args);
        if said.is_some() && said == tree(args) {
            return Ok(());
        }
        Err(Broken(format!("the arguments of the call {} contradict what came of them", self.id)))
    }

    /// Ends the call, with what its end says of it.
    pub(super) fn done(&mut self, item: &ItemIn, parts: &mut Parts) -> Result<(), Broken> {
        self.learn(item);
        if self.name.is_empty() {
            return Err(Broken("a call has no name".to_owned()));
        }
        if self.id.is_empty() {
            self.id = item.id.clone().unwrap_or_else(|| format!("call_{}", parts.begun()));
        }
        self.open(parts);
        let whole = match self.kind {
            CallKind::Function => item.arguments.as_ref().map(string),
            CallKind::Custom => item.input.as_ref().map(string),
            CallKind::LocalShell | CallKind::Shell | CallKind::ApplyPatch => {
                let action = item.action.as_ref().or(item.operation.as_ref());
                action.map(|action| shells::args(self.kind, action))
            }
        };
        self.whole(&whole.unwrap_or_default(), parts)?;
        self.end(item.status.as_deref() != Some("incomplete"), parts);
        Ok(())
    }

    /// Ends the call as it is, of an answer that has ended without a word of it.
    pub(super) fn close(&mut self, parts: &mut Parts) {
        self.end(true, parts);
    }

    fn end(&mut self, is_whole: bool, parts: &mut Parts) {
        let Some(index) = self.part.take() else { return };
        if is_whole {
            parts.saw_call();
            parts.push(Event::PartEnd { index });
        } else {
            parts.push(Event::PartCut { index });
        }
    }

    fn learn(&mut self, item: &ItemIn) {
        let known = |word: &Option<String>| word.clone().filter(|word| !word.is_empty());
        if self.id.is_empty() {
            self.id = known(&item.call_id).unwrap_or_default();
        }
        if self.name.is_empty() {
            let standard = name_of(self.kind).to_owned();
            self.name =
                if standard.is_empty() { known(&item.name).unwrap_or_default() } else { standard };
        }
        self.namespace = self.namespace.take().or_else(|| known(&item.namespace));
    }

    fn open(&mut self, parts: &mut Parts) {
        if self.part.is_some() || self.id.is_empty() || self.name.is_empty() {
            return;
        }
        self.part = Some(parts.start(PartKind::Call {
            id: self.id.clone(),
            name: self.name.clone(),
            kind: self.kind,
            namespace: self.namespace.clone(),
        }));
        self.tell(parts);
    }

    /// Puts out the arguments that have not been.
    fn tell(&mut self, parts: &mut Parts) {
        let Some(index) = self.part else { return };
        let rest = self.args.get(self.told..).unwrap_or_default();
        if !rest.is_empty() {
            let delta = Delta::Args(rest.to_owned());
            self.told = self.args.len();
            parts.push(Event::PartDelta { index, delta });
        }
    }
}
