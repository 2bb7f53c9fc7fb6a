//! Commands that a sheet or a text starts, or other programs that it asks, when it is opened: Dynamic Data Exchange and
//! linked objects. Links to other documents and to the web are allowed.

use std::io::{self, BufRead, Read};

use memchr::memmem;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesDecl, BytesStart, Event};
use quick_xml::{Error, Reader};

use super::Refusal;

/// The most bytes of one piece of XML: a picture of ten megabytes within a text.
const MAX_PIECE: usize = 16 * 1024 * 1024;

/// How deep fields stand in fields. Word allows some twenty.
const MAX_FIELDS: usize = 256;

/// What is looked at of a formula (Excel's longest has 8192 characters) and of a field, of which the first word counts.
const MAX_FORMULA: usize = 64 * 1024;
const MAX_FIELD: usize = 16;

/// Whether a file of a document is XML, by its first bytes.
///
/// # Errors
/// It says so, or is so, in a way that is not read here.
pub fn is_xml(name: &str, head: &[u8]) -> Result<bool, Refusal> {
    let is_named = is_named_xml(name);
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let is_wide = [&b"\xff\xfe"[..], b"\xfe\xff", b"<\0", b"\0<"].iter().any(|mark| text.starts_with(mark));
    if is_wide || (is_named && !text.is_empty() && !text.starts_with(b"<")) {
        return Err(Refusal::Damaged);
    }
    let mut beginning = text.iter().take(64);
    Ok(text.starts_with(b"<")
        && (is_named || !beginning.any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace())))
}

fn is_named_xml(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    matches!(ending.as_deref(), Some("xml" | "rels"))
}

/// Whether a file of a document starts nothing. Old drawings and web pages may be no correct XML.
pub fn check(name: &str, part: impl BufRead) -> Result<(), Refusal> {
    let is_strict = is_named_xml(name);
    let mut reader = Reader::from_reader(Piecewise { inner: part, left: MAX_PIECE });
    let config = reader.config_mut();
    (config.check_end_names, config.allow_unmatched_ends, config.allow_dangling_amp) = (false, true, true);
    let (mut seen, mut buffer) = (Seen::default(), Vec::new());
    loop {
        buffer.clear();
        reader.get_mut().left = MAX_PIECE;
        match reader.read_event_into(&mut buffer) {
            Ok(Event::Eof) => return seen.fields.iter().try_for_each(|field| field_is_harmless(field)),
            Ok(Event::DocType(text)) if is_strict && memmem::find(&text, b"ENTITY").is_some() => {
                return Err(Refusal::Damaged);
            }
            Ok(Event::Decl(declaration)) if !is_read(&declaration) => return Err(Refusal::Damaged),
            Ok(event) => seen.event(&event)?,
            Err(Error::Io(_)) if reader.get_ref().left == 0 => return Err(Refusal::TooLarge),
            Err(error) if is_strict || matches!(error, Error::Io(_)) => return Err(Refusal::Damaged),
            Err(_) => return Ok(()),
        }
    }
}

/// Whether markup in that encoding is the same bytes as in UTF-8.
fn is_read(declaration: &BytesDecl<'_>) -> bool {
    let known = ["utf-8", "us-ascii", "iso-8859-", "windows-125"];
    match declaration.encoding() {
        None => true,
        Some(Ok(name)) => {
            let name = String::from_utf8_lossy(&name).to_ascii_lowercase();
            known.iter().any(|known| name.starts_with(known))
        }
        Some(Err(_)) => false,
    }
}

/// Where the text at hand stands.
#[derive(Default, PartialEq, Eq)]
enum Place {
    #[default]
    Elsewhere,
    Formula,
    Field,
}

#[derive(Default)]
struct Seen {
    place: Place,
    formula: String,
    /// The instructions of the fields that are open, and first those outside any.
    fields: Vec<String>,
}

impl Seen {
    fn event(&mut self, event: &Event<'_>) -> Result<(), Refusal> {
        match event {
            Event::Start(tag) => {
                self.place = match tag.local_name().as_ref() {
                    b"f" | b"definedName" | b"formula" | b"formula1" | b"formula2" => Place::Formula,
                    b"instrText" | b"delInstrText" => Place::Field,
                    _ => Place::Elsewhere,
                };
                self.element(tag)
            }
            Event::Empty(tag) => self.element(tag),
            Event::End(_) => {
                self.place = Place::Elsewhere;
                let formula = std::mem::take(&mut self.formula);
                if starts_a_command(&formula, true) { Err(Refusal::Commands) } else { Ok(()) }
            }
            Event::Text(text) => self.text(&String::from_utf8_lossy(text)),
            Event::CData(text) => self.text(&String::from_utf8_lossy(text)),
            Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                Ok(Some(c)) => self.text(c.encode_utf8(&mut [0; 4])),
                _ => self.text(resolve_predefined_entity(&String::from_utf8_lossy(reference)).unwrap_or_default()),
            },
            _ => Ok(()),
        }
    }

    fn element(&mut self, tag: &BytesStart<'_>) -> Result<(), Refusal> {
        match tag.local_name().as_ref() {
            b"ddeLink" | b"oleLink" | b"dde-link" | b"dde-source" | b"dde-connection" | b"dde-connection-decl" => {
                Err(Refusal::Commands)
            }
            b"fldSimple" => attributes(tag, &["instr"]).iter().try_for_each(|field| field_is_harmless(field)),
            b"fldChar" => match attributes(tag, &["fldCharType"]).first().map(String::as_str) {
                Some("begin") if self.fields.len() >= MAX_FIELDS => Err(Refusal::Damaged),
                Some("begin") => {
                    self.fields.resize(self.fields.len().max(1) + 1, String::new());
                    Ok(())
                }
                Some("end") if self.fields.len() > 1 => field_is_harmless(&self.fields.pop().unwrap_or_default()),
                _ => Ok(()),
            },
            _ if memmem::find(tag, b"formula").is_some() || memmem::find(tag, b"expression").is_some() => {
                let starts = |text: &String| starts_a_command(text, text.trim_start().starts_with("msoxl:"));
                let is_command = attributes(tag, &["formula", "expression"]).iter().any(starts);
                if is_command { Err(Refusal::Commands) } else { Ok(()) }
            }
            _ => Ok(()),
        }
    }

    fn text(&mut self, text: &str) -> Result<(), Refusal> {
        match self.place {
            Place::Elsewhere => {}
            Place::Formula if self.formula.len() + text.len() > MAX_FORMULA => return Err(Refusal::TooLarge),
            Place::Formula => self.formula.push_str(text),
            Place::Field => {
                if self.fields.is_empty() {
                    self.fields.push(String::new());
                }
                if let Some(field) = self.fields.last_mut() {
                    let text = if field.is_empty() { text.trim_start() } else { text };
                    let room = MAX_FIELD.saturating_sub(field.len());
                    field.extend(text.chars().take(room));
                }
            }
        }
        Ok(())
    }
}

/// The values of these attributes, as a program reads them.
fn attributes(tag: &BytesStart<'_>, names: &[&str]) -> Vec<String> {
    let all = tag.attributes().with_checks(false).flatten().collect::<Vec<_>>();
    let of_name = all.iter().filter(|one| names.iter().any(|name| one.key.local_name().as_ref() == name.as_bytes()));
    let value = |raw: &[u8]| {
        let raw = String::from_utf8_lossy(raw);
        quick_xml::escape::unescape(&raw).map_or_else(|_| raw.to_string(), |value| value.to_string())
    };
    of_name.map(|one| value(&one.value)).collect()
}

/// Fields of Word that ask another program, and start it: the first word tells what a field is.
fn field_is_harmless(instruction: &str) -> Result<(), Refusal> {
    let word = instruction.split_whitespace().next().unwrap_or_default();
    let is_dde = ["DDE", "DDEAUTO"].iter().any(|dde| word.eq_ignore_ascii_case(dde));
    if is_dde { Err(Refusal::Commands) } else { Ok(()) }
}

/// Whether a formula asks another program: `DDE(…)` of Open Document, `program|'what'!item` of Excel, where elsewhere a
/// bar parts the rows of a table.
fn starts_a_command(formula: &str, is_excel: bool) -> bool {
    let (mut quote, mut brackets, mut word) = (None, 0_usize, String::new());
    let mut characters = formula.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (Some(open), _) => quote = Some(open).filter(|open| *open != c),
            // The name of a column, in which an apostrophe says that what follows is meant as it is.
            (None, '\'') if brackets > 0 => drop(characters.next()),
            (None, '[') => brackets += 1,
            (None, ']') => brackets = brackets.saturating_sub(1),
            (None, _) if brackets > 0 => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '|') if is_excel => return true,
            (None, '(') if word.trim_end().eq_ignore_ascii_case("DDE") => return true,
            (None, _) => {
                if !c.is_whitespace() && word.ends_with(char::is_whitespace) {
                    word.clear();
                }
                word.push(c);
                if !is_of_word(c) && !c.is_whitespace() {
                    word.clear();
                }
                continue;
            }
        }
        word.clear();
    }
    false
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '.')
}

/// A reader that gives up on a piece that is too long to be held in memory.
struct Piecewise<R> {
    inner: R,
    left: usize,
}

impl<R: BufRead> Read for Piecewise<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.fill_buf()?.read(buffer)?;
        self.consume(length);
        Ok(length)
    }
}

impl<R: BufRead> BufRead for Piecewise<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let content = self.inner.fill_buf()?;
        Ok(content.get(..self.left).unwrap_or(content))
    }

    fn consume(&mut self, length: usize) {
        self.left = self.left.saturating_sub(length);
        self.inner.consume(length);
    }
}
