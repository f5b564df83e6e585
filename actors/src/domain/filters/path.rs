//! Paths into a JSON body: `messages[0].content`, `metadata["a.b"]`.

use std::fmt;

use thiserror::Error;

/// The most steps of a path.
const MOST_STEPS: usize = 32;
/// The largest index: what is missing before it is filled up.
const LARGEST_INDEX: usize = 1_000;
/// The longest path, in bytes.
const LONGEST: usize = 512;
/// Names by which objects of JavaScript reach their own kind: nobody behind us shall stumble.
const FORBIDDEN: [&str; 3] = ["__proto__", "constructor", "prototype"];

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// The member of an object.
    Key(Box<str>),
    /// The element of a list, counted from 0.
    Index(usize),
}

/// A path. Without steps it is the whole.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct JsonPath(Vec<Step>);

/// Why a text is no path.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PathError {
    /// A step is missing, or a bracket is not closed.
    #[error("the path {0} cannot be read; write names, dots and [n]")]
    Malformed(String),
    /// It is longer than any body is deep.
    #[error("the path is longer than {LONGEST} bytes or {MOST_STEPS} steps")]
    TooLong,
    /// An index is too large.
    #[error("an index of the path is larger than {LARGEST_INDEX}")]
    TooFar,
    /// A name that is never written.
    #[error("the name {0} may not be used")]
    Forbidden(String),
}

/// Refuses a name that is never written.
pub(super) fn allowed(name: &str) -> Result<(), PathError> {
    if FORBIDDEN.contains(&name) { Err(PathError::Forbidden(name.to_owned())) } else { Ok(()) }
}

impl JsonPath {
    /// Reads a path; `$` in front of it is the whole.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        if text.len() > LONGEST {
            return Err(PathError::TooLong);
        }
        let malformed = || PathError::Malformed(text.to_owned());
        let trimmed = text.trim();
        let mut rest = trimmed.strip_prefix('$').unwrap_or(trimmed);
        let mut steps = Vec::new();
        let mut may_be_name = rest.len() == trimmed.len();
        while !rest.is_empty() {
            let (step, after) = match rest.strip_prefix('[') {
                Some(inside) => bracket(inside).ok_or_else(malformed)?,
                None => {
                    let name = if may_be_name { Some(rest) } else { rest.strip_prefix('.') };
                    name.and_then(name_step).ok_or_else(malformed)?
                }
            };
            match &step {
                Step::Key(name) => allowed(name)?,
                Step::Index(index) if *index > LARGEST_INDEX => return Err(PathError::TooFar),
                Step::Index(_) => {}
            }
            steps.push(step);
            rest = after;
            may_be_name = false;
        }
        if steps.len() > MOST_STEPS { Err(PathError::TooLong) } else { Ok(Self(steps)) }
    }

    /// Returns the steps from the outside in.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// Tells whether it is the whole.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

fn name_step(text: &str) -> Option<(Step, &str)> {
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    (!name.is_empty()).then(|| (Step::Key(name.into()), rest))
}

/// Reads the inside of a bracket: an index, or a name in quotes.
fn bracket(inside: &str) -> Option<(Step, &str)> {
    if inside.starts_with('"') {
        let mut names = serde_json::Deserializer::from_str(inside).into_iter::<String>();
        let name = names.next()?.ok()?;
        let rest = inside.get(names.byte_offset()..)?.strip_prefix(']')?;
        return Some((Step::Key(name.into()), rest));
    }
    let (index, rest) = inside.split_once(']')?;
    let is_plain = !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit());
    Some((Step::Index(is_plain.then(|| index.parse().unwrap_or(usize::MAX))?), rest))
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_root() {
            return f.write_str("$");
        }
        for (place, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(name) if is_plain(name) && place == 0 => f.write_str(name)?,
                Step::Key(name) if is_plain(name) => write!(f, ".{name}")?,
                Step::Key(name) => write!(f, "[{}]", serde_json::Value::from(name.as_ref()))?,
            }
        }
        Ok(())
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name.trim() == name
        && !name.contains(['.', '[', ']', '"'])
        && !name.starts_with('$')
}
