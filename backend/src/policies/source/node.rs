//! A value of a policy file with the place where it was written, and how one file is laid over another.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde_json::{Map, Value};
use shared::policy_file::PolicyProblem;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Something wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// The file, as it was named to us.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What is wrong, in French.
    pub message: String,
}

impl Diagnostic {
    /// The line that tells it where it is no problem.
    pub fn as_warning(&self) -> String {
        let Self { file, line, column, message } = self;
        format!("{file}:{line}:{column}: avertissement\u{a0}: {message}")
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)
    }
}

impl From<Diagnostic> for PolicyProblem {
    fn from(Diagnostic { file, line, column, message }: Diagnostic) -> Self {
        Self { file, line, column, message }
    }
}

/// Everything that is wrong, one problem a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

/// A text with its name.
#[derive(Debug)]
pub struct File {
    /// How it is called in messages.
    pub shown: String,
    /// All of it.
    pub text: String,
}

/// Where a value was written.
#[derive(Clone, Debug)]
pub struct Place {
    pub file: Arc<File>,
    /// In bytes.
    pub offset: usize,
}

impl Place {
    /// Something is wrong there.
    pub fn problem(&self, message: impl Into<String>) -> Diagnostic {
        let before = self.file.text.get(..self.offset).unwrap_or(&self.file.text);
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        Diagnostic {
            file: self.file.shown.clone(),
            line: before.matches('\n').count() + 1,
            column: before.get(line_start..).unwrap_or_default().chars().count() + 1,
            message: message.into(),
        }
    }
}

/// A value, and where it was written.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where: for the member of a table, its key.
    pub place: Place,
    pub content: Content,
}

/// What is written at one place.
#[derive(Clone, Debug)]
pub enum Content {
    /// Members by key.
    Table(BTreeMap<String, Node>),
    /// Elements.
    List(Vec<Node>),
    /// A text, a number, a boolean.
    Scalar(Value),
}

impl Node {
    fn read(file: &Arc<File>, offset: usize, value: &DeValue<'_>) -> Result<Self, Diagnostic> {
        let place = Place { file: file.clone(), offset };
        let content = match value {
            DeValue::Table(table) => Content::Table(members(file, table)?),
            DeValue::Array(items) => {
                let read = |item: &Spanned<DeValue<'_>>| Self::read(file, item.span().start, item.get_ref());
                Content::List(items.iter().map(read).collect::<Result<_, _>>()?)
            }
            DeValue::String(text) => Content::Scalar(Value::from(text.as_ref())),
            DeValue::Boolean(boolean) => Content::Scalar(Value::from(*boolean)),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => Content::Scalar(Value::from(number)),
                Err(_) => return Err(place.problem("ce nombre est trop grand")),
            },
            DeValue::Float(_) => return Err(place.problem("un nombre à virgule n’a de sens nulle part ici")),
            DeValue::Datetime(_) => return Err(place.problem("une date s’écrit entre guillemets")),
        };
        Ok(Self { place, content })
    }

    /// The value alone.
    pub fn to_json(&self) -> Value {
        match &self.content {
            Content::Table(members) => {
                Value::Object(members.iter().map(|(key, node)| (key.clone(), node.to_json())).collect::<Map<_, _>>())
            }
            Content::List(items) => items.iter().map(Self::to_json).collect(),
            Content::Scalar(value) => value.clone(),
        }
    }

    /// Where the value of that path was written (`scopes/3/group`): the deepest part of it that exists.
    pub fn locate(&self, path: &str) -> &Place {
        let mut node = self;
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let next = match &node.content {
                Content::Table(members) => members.get(part),
                Content::List(items) => part.parse().ok().and_then(|index: usize| items.get(index)),
                Content::Scalar(_) => None,
            };
            match next {
                Some(next) => node = next,
                None => break,
            }
        }
        &node.place
    }

    /// Shows each text to `see`, with its place.
    pub fn each_text<'a>(&'a self, see: &mut impl FnMut(&'a Place, &'a str)) {
        match &self.content {
            Content::Table(members) => members.values().for_each(|node| node.each_text(see)),
            Content::List(items) => items.iter().for_each(|node| node.each_text(see)),
            Content::Scalar(_) => {
                if let Some(text) = self.text() {
                    see(&self.place, text);
                }
            }
        }
    }

    fn member(&self, key: &str) -> Option<&Self> {
        match &self.content {
            Content::Table(members) => members.get(key),
            Content::List(_) | Content::Scalar(_) => None,
        }
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Scalar(Value::String(text)) => Some(text),
            Content::Scalar(_) | Content::Table(_) | Content::List(_) => None,
        }
    }

    /// `self` laid over `base`: tables are merged key by key; lists of the top level whose elements have a name are
    /// merged by it; anything else is replaced.
    fn over(self, base: Self, list_key: Option<&str>) -> Self {
        let content = match (base.content, self.content) {
            (Content::Table(under), Content::Table(over)) => Content::Table(merged(under, over, &[])),
            (Content::List(under), Content::List(over)) => match list_key {
                Some(key) => Content::List(completed(under, over, key)),
                None => Content::List(over),
            },
            (_, over) => over,
        };
        Self { place: self.place, content }
    }
}

/// The members of a table of that file.
///
/// # Errors
/// A value that no policy has.
pub fn members(file: &Arc<File>, table: &DeTable<'_>) -> Result<BTreeMap<String, Node>, Diagnostic> {
    table
        .iter()
        .map(|(key, value)| Ok((key.get_ref().to_string(), Node::read(file, key.span().start, value.get_ref())?)))
        .collect()
}

/// `over` laid over `under`, key by key; the lists named here are merged by the key of their elements.
pub fn merged(
    mut under: BTreeMap<String, Node>,
    over: BTreeMap<String, Node>,
    named_lists: &[(&str, &str)],
) -> BTreeMap<String, Node> {
    for (key, node) in over {
        let list_key = named_lists.iter().find(|(list, _)| *list == key).map(|(_, list_key)| *list_key);
        let node = match under.remove(&key) {
            Some(base) => node.over(base, list_key),
            None => node,
        };
        under.insert(key, node);
    }
    under
}

fn completed(mut under: Vec<Node>, over: Vec<Node>, key: &str) -> Vec<Node> {
    for node in over {
        let name = node.member(key).and_then(Node::text).map(str::to_owned);
        let same = |other: &Node| name.is_some() && other.member(key).and_then(Node::text) == name.as_deref();
        match under.iter().position(same) {
            Some(index) => {
                let base = under.remove(index);
                under.insert(index, node.over(base, None));
            }
            None => under.push(node),
        }
    }
    under
}
