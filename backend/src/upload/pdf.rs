//! What a PDF runs or carries, by the names in its objects. Not a reader of PDF: which objects a reader reaches, and how it
//! mends a broken file, differs from one to the next, so that every object is looked at, wherever it begins.

use std::borrow::Cow;
use std::io::Read as _;

use flate2::read::ZlibDecoder;
use memchr::{memchr_iter, memmem};

use super::Refusal;

/// The most bytes of an object stream once unpacked, and of all of a file. A book has some of a few hundred kilobytes.
const MAX_STREAM: usize = 16 * 1024 * 1024;
const MAX_STREAMS: usize = 64 * 1024 * 1024;

/// How often a file may be gone through: more than once only where objects are in others' strings.
const MAX_PASSES: usize = 4;

/// How far from its key a value is looked for.
const MAX_GAP: usize = 4096;

/// Names longer than that, written with escapes, are none of those looked for.
const MAX_NAME: usize = 3 * b"FileAttachment".len();

/// Whether a PDF is only to be read.
pub fn check(bytes: &[u8]) -> Result<(), Refusal> {
    let (mut work, mut unpacked) = (bytes.len().saturating_mul(MAX_PASSES), 0_usize);
    for start in starts(bytes) {
        let mut tokens = Tokens { rest: bytes.get(start..).unwrap_or_default() };
        let length = tokens.rest.len();
        let stream = Stream::after_object(&mut tokens)?;
        work = work.checked_sub(length - tokens.rest.len()).ok_or(Refusal::Damaged)?;
        let Some(stream) = stream.filter(|stream| stream.holds_objects) else { continue };
        let objects = stream.unpacked(tokens.rest)?;
        unpacked += objects.len();
        if unpacked > MAX_STREAMS {
            return Err(Refusal::TooLarge);
        }
        // Its list says where objects begin, which may be in a string.
        for at in memchr_iter(b'/', &objects) {
            judge(&mut Tokens { rest: objects.get(at..).unwrap_or_default() })?;
        }
    }
    Ok(())
}

/// Where objects may begin (ISO 32000-1, 7.3.10): after `12 0 obj`, and after `trailer`.
fn starts(bytes: &[u8]) -> impl Iterator<Item = usize> {
    let is_word = |at: usize, length: usize| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        before.is_none_or(|byte| is_blank(*byte) || byte.is_ascii_digit())
            && bytes.get(at + length).is_none_or(|byte| !is_regular(*byte))
    };
    let find = move |word: &'static str| {
        let found = memmem::find_iter(bytes, word).filter(move |at| is_word(*at, word.len()));
        found.map(move |at| at + word.len())
    };
    find("obj").chain(find("trailer"))
}

/// What the dictionary of a stream says of it.
#[derive(Default)]
struct Stream {
    holds_objects: bool,
    is_deflated: bool,
    /// By a filter before or after the one that is known.
    is_changed: bool,
}

impl Stream {
    /// Goes to the end of an object, and tells of the stream that begins there, if one does.
    fn after_object(tokens: &mut Tokens<'_>) -> Result<Option<Self>, Refusal> {
        let mut stream = Self::default();
        while let Some(name) = next_name(tokens)? {
            match name.as_ref() {
                // Readers do not all ask for the type.
                b"ObjStm" | b"First" => stream.holds_objects = true,
                b"Filter" => stream.is_deflated = is_deflate(tokens.rest),
                b"DecodeParms" | b"DP" => stream.is_changed |= !has_value(tokens.rest, b"<["),
                b"Predictor" => stream.is_changed |= tokens.clone().next() != Some(Token::Word(b"1")),
                _ => {}
            }
        }
        Ok(tokens.is_at_stream().then_some(stream))
    }

    /// The objects of an object stream (7.5.7). Programs write them in one way only, whatever else would be allowed.
    fn unpacked(&self, rest: &[u8]) -> Result<Vec<u8>, Refusal> {
        if !self.is_deflated || self.is_changed {
            return Err(Refusal::Damaged);
        }
        let begin = rest.iter().position(|byte| !is_blank(*byte)).ok_or(Refusal::Damaged)?;
        let mut objects = Vec::new();
        let decoder = ZlibDecoder::new(rest.get(begin..).unwrap_or_default());
        decoder.take(MAX_STREAM as u64 + 1).read_to_end(&mut objects).map_err(|_| Refusal::Damaged)?;
        if objects.len() > MAX_STREAM { Err(Refusal::TooLarge) } else { Ok(objects) }
    }
}

/// The next name of an object, once it is judged; `None` at the object's end.
fn next_name<'a>(tokens: &mut Tokens<'a>) -> Result<Option<Cow<'a, [u8]>>, Refusal> {
    loop {
        let mut ahead = tokens.clone();
        match ahead.next() {
            None | Some(Token::Word(b"endobj" | b"obj" | b"stream")) => {
                return Ok(None);
            }
            Some(Token::Name(_)) => return judge(tokens).map(Some),
            Some(_) => *tokens = ahead,
        }
    }
}

/// Takes a name, and refuses what it stands for.
fn judge<'a>(tokens: &mut Tokens<'a>) -> Result<Cow<'a, [u8]>, Refusal> {
    let Some(Token::Name(raw)) = tokens.next() else { return Ok(Cow::default()) };
    let name = unescaped(raw);
    match name.as_ref() {
        b"JavaScript" | b"Launch" => Err(Refusal::Runs),
        // Short names are those of fonts and characters too.
        b"JS" if has_value(tokens.rest, b"(<") => Err(Refusal::Runs),
        b"EmbeddedFile" | b"EmbeddedFiles" | b"FileAttachment" | b"RichMedia" => Err(Refusal::Carries),
        b"EF" if has_value(tokens.rest, b"<") => Err(Refusal::Carries),
        b"XFA" if has_value(tokens.rest, b"[") => Err(Refusal::DynamicForm),
        b"Encrypt" if has_value(tokens.rest, b"<") => Err(Refusal::Encrypted),
        _ => Ok(name),
    }
}

/// Whether the value that follows is a reference, or begins with one of these.
fn has_value(rest: &[u8], first: &[u8]) -> bool {
    let mut tokens = Tokens { rest: rest.get(..MAX_GAP).unwrap_or(rest) };
    tokens.skip_blanks();
    let Some(byte) = tokens.rest.first() else { return true };
    let mut is_number = || matches!(tokens.next(), Some(Token::Word(word)) if word.iter().all(|byte| byte.is_ascii_digit() || *byte == b'+'));
    first.contains(byte)
        || (byte.is_ascii_digit() || *byte == b'+')
            && is_number()
            && is_number()
            && tokens.next() == Some(Token::Word(b"R"))
}

/// Whether the value of `/Filter` is that one alone.
fn is_deflate(rest: &[u8]) -> bool {
    let mut tokens = Tokens { rest: rest.get(..MAX_GAP).unwrap_or(rest) };
    let is_name =
        |token| matches!(token, Some(Token::Name(name)) if matches!(unescaped(name).as_ref(), b"FlateDecode" | b"Fl"));
    match tokens.next() {
        Some(Token::Mark(b'[')) => is_name(tokens.next()) && tokens.next() == Some(Token::Mark(b']')),
        token => is_name(token),
    }
}

/// A name without its escapes (7.3.5).
fn unescaped(name: &[u8]) -> Cow<'_, [u8]> {
    if name.len() > MAX_NAME || !name.contains(&b'#') {
        return Cow::Borrowed(name);
    }
    let (mut plain, mut rest) = (Vec::new(), name);
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.first_chunk::<2>().and_then(|digits| str::from_utf8(digits).ok());
        let escaped = digits.filter(|_| byte == b'#').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        plain.push(escaped.unwrap_or(byte));
        rest = if escaped.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    Cow::Owned(plain)
}

/// A part of an object (7.2).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    Name(&'a [u8]),
    /// A number or a keyword.
    Word(&'a [u8]),
    /// A bracket.
    Mark(u8),
    Text,
}

#[derive(Clone)]
struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Tokens<'a> {
    fn take(&mut self, length: usize) -> &'a [u8] {
        let (taken, rest) = self.rest.split_at_checked(length).unwrap_or((self.rest, &[]));
        self.rest = rest;
        taken
    }

    fn take_while(&mut self, is_part: impl Fn(u8) -> bool) -> &'a [u8] {
        self.take(self.rest.iter().position(|byte| !is_part(*byte)).unwrap_or(self.rest.len()))
    }

    /// Blanks and comments.
    fn skip_blanks(&mut self) {
        self.take_while(is_blank);
        while self.rest.starts_with(b"%") {
            self.take_while(|byte| !matches!(byte, b'\r' | b'\n'));
            self.take_while(is_blank);
        }
    }

    /// A text in parentheses, which may hold others (7.3.4.2).
    fn skip_text(&mut self) {
        let (mut depth, mut is_escaped) = (0_usize, false);
        let end = self.rest.iter().position(|byte| {
            match byte {
                _ if is_escaped => {}
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            is_escaped = !is_escaped && *byte == b'\\';
            depth == 0
        });
        self.take(end.map_or(self.rest.len(), |end| end + 1));
    }

    /// Takes the word that begins a stream.
    fn is_at_stream(&mut self) -> bool {
        self.next() == Some(Token::Word(b"stream"))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.skip_blanks();
        Some(match *self.rest.first()? {
            b'(' => {
                self.skip_text();
                Token::Text
            }
            b'/' => {
                self.take(1);
                Token::Name(self.take_while(is_regular))
            }
            byte if is_regular(byte) => Token::Word(self.take_while(is_regular)),
            byte => {
                self.take(1);
                Token::Mark(byte)
            }
        })
    }
}

const fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

const fn is_regular(byte: u8) -> bool {
    !is_blank(byte) && !matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}
