//! Text search behind one type: each engine through its own trigram index.
//!
//! A few trigrams, the likely rarest, narrow the search; each word is then looked for in the text itself. Where the
//! words are in too many rows, the index does not help: it is faster to go through the list in its own order and
//! stop when the page is full.
//!
//! Every search is narrowed or bounded, so that none goes through all rows: a word of two letters is the beginning of a
//! word, and one letter a word, which a trigram with the space beside it finds; what is in no trigram is looked for in the
//! latest rows alone.

pub mod spelling;

use diesel::dsl::AsExprOf;
use diesel::expression::{SqlLiteral, UncheckedBind};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use diesel::{sql_query, sql_types};
use shared::problem::ItemCode;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::{AnyConnection, MultiBackend};
use crate::error::{Error, Result};

/// How many trigrams are looked up: more find fewer wrong rows but each takes its time.
const KEYS: usize = 6;

/// How many of each spelling, where a word may be spelt in several ways.
const KEYS_OF_SPELLING: usize = 3;

/// More rows than this are too many to be sorted for one page.
const MANY: i64 = 1_000;

/// How many rows are gone through for words that the index does not know, such as those of other scripts.
const LATEST: i64 = 10_000;

/// A condition on a table.
pub type Condition<Table> = Box<dyn BoxableExpression<Table, MultiBackend, SqlType = Bool>>;

/// The longest text that is searched for, in characters.
const MAX_SEARCH: usize = 200;

/// The words to look for, which stand in that parameter.
///
/// # Errors
/// 400: too long.
pub fn asked(parameter: &str, text: &str) -> Result<String> {
    if text.chars().count() > MAX_SEARCH {
        let detail = format!("Cherchez un texte d’au plus {MAX_SEARCH} caractères.");
        return Err(Error::parameter(parameter, ItemCode::TooLong, detail));
    }
    Ok(text.to_owned())
}

/// A text as it is kept to be searched: each word has a space on either side.
pub fn kept(text: &str) -> String {
    format!(" {} ", normalise(text))
}

/// How a text is looked up: lower case, without accents, single spaces. Both engines compare bytes then.
pub fn normalise(text: &str) -> String {
    let bare: String = text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A condition on whichever table is searched.
pub type Holds = SqlLiteral<Bool, UncheckedBind<SqlLiteral<Bool>, AsExprOf<String, sql_types::Text>>>;

/// What is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// Enrollments: all that their readers may search for, e-mail addresses among it.
    Enrollments,
    /// Authorisations: what anybody may search for, so that nobody can find out whether an address is named somewhere.
    Authorisations,
}

impl Text {
    /// The table and its column. The index of SQLite is a table of that name followed by `_search`.
    const fn column(self) -> (&'static str, &'static str) {
        match self {
            Self::Enrollments => ("enrollments", "search"),
            Self::Authorisations => ("authorisations", "public_search"),
        }
    }
}

/// What was found.
#[derive(Clone)]
pub enum Found {
    /// The words are in these rows, by number, and in no other.
    Numbers(Vec<i64>),
    /// The words are in too many rows to name them: in those that hold each word.
    Many(Vec<Word>),
}

/// A word as it may be spelt: its row holds one of these. Never empty.
pub type Spellings = Vec<String>;

/// Words of one or two letters that say nothing beside others.
const LINKS: [&str; 15] = ["a", "au", "d", "de", "du", "en", "et", "l", "la", "le", "ou", "s", "se", "un", "y"];

/// The words of a search, each once, without those that only link others.
pub fn words(query: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in normalise(query).split(' ').filter(|word| !word.is_empty()) {
        if !words.iter().any(|other| other == word) {
            words.push(word.to_owned());
        }
    }
    if words.iter().any(|word| !LINKS.contains(&word.as_str())) {
        words.retain(|word| !LINKS.contains(&word.as_str()));
    }
    words
}

/// A word to look for in the text itself.
#[derive(Clone)]
pub struct Word {
    /// What is bound: the word, or a list of spellings.
    value: String,
    /// SQL, up to what is bound.
    start: String,
    /// SQL after it.
    end: String,
}

impl Word {
    fn new(connection: &AnyConnection, text: Text, spellings: &Spellings) -> Self {
        let (table, column) = text.column();
        match (spellings.as_slice(), connection) {
            ([word], _) => {
                let start = format!("{}({table}.{column}, ", position(connection));
                Self { value: word.clone(), start, end: ") > 0".to_owned() }
            }
            // A list is one value, so that a statement is no deeper for it.
            (_, AnyConnection::Postgres(_)) => Self {
                value: spellings.join(" "),
                start: "EXISTS (SELECT 1 FROM unnest(string_to_array(".to_owned(),
                end: format!(", ' ')) AS spelling WHERE strpos({table}.{column}, spelling) > 0)"),
            },
            (_, AnyConnection::Sqlite(_)) => Self {
                value: serde_json::json!(spellings).to_string(),
                start: "EXISTS (SELECT 1 FROM json_each(".to_owned(),
                end: format!(") AS spelling WHERE instr({table}.{column}, spelling.value) > 0)"),
            },
        }
    }

    /// The text holds the word.
    pub fn condition(&self) -> Holds {
        let holds = diesel::dsl::sql::<Bool>(&self.start);
        holds.bind::<sql_types::Text, _>(self.value.clone()).sql(&self.end)
    }
}

/// The function that says where a text holds a word.
const fn position(connection: &AnyConnection) -> &'static str {
    match connection {
        AnyConnection::Postgres(_) => "strpos",
        AnyConnection::Sqlite(_) => "instr",
    }
}

/// Looks for the rows that have every word somewhere in the searched text, in one of its spellings.
///
/// # Errors
/// The database's.
pub fn find(connection: &mut AnyConnection, text: Text, words: &[Spellings]) -> QueryResult<Found> {
    if words.is_empty() {
        return Ok(Found::Many(Vec::new()));
    }
    let words: Vec<Spellings> =
        words.iter().map(|spellings| needed(spellings).iter().map(|word| looked_for(word)).collect()).collect();
    let statement = match connection {
        AnyConnection::Postgres(_) => Statement::postgres(text, &words),
        AnyConnection::Sqlite(_) => Statement::sqlite(text, &words),
    };
    let Some(statement) = statement else {
        return Statement::latest(connection, text, &words).numbers(connection).map(Found::Numbers);
    };
    let numbers = statement.numbers(connection)?;
    if i64::try_from(numbers.len()).is_ok_and(|count| count <= MANY) {
        return Ok(Found::Numbers(numbers));
    }
    Ok(Found::Many(words.iter().map(|spellings| Word::new(connection, text, spellings)).collect()))
}

/// What a text that is [`kept`] holds if it has that word.
fn looked_for(word: &str) -> String {
    match word.chars().count() {
        1 => format!(" {word} "),
        2 => format!(" {word}"),
        _ => word.to_owned(),
    }
}

/// The spellings that hold no other: whatever holds « sainte » holds « saint », and common words cost the most to look up.
fn needed(spellings: &[String]) -> Spellings {
    let holds_another = |word: &&String| spellings.iter().any(|other| other != *word && word.contains(other.as_str()));
    spellings.iter().filter(|word| !holds_another(word)).cloned().collect()
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// SQL that names the rows by the index, at most one more than [`MANY`].
struct Statement {
    sql: String,
    values: Vec<String>,
}

impl Statement {
    /// `None` where the index knows nothing of the words. `pg_trgm` cuts texts at anything but letters and digits.
    fn postgres(text: Text, words: &[Spellings]) -> Option<Self> {
        let (table, column) = text.column();
        let (single, several) = by_spellings(words);
        let keys = keys(&single, is_cut_nowhere);
        // A condition on all spellings of a word is worth nothing as soon as the index does not know one of them.
        let indexed = |spellings: &&Spellings| spellings.iter().all(|word| !keys_of(word, true).is_empty());
        let several: Vec<&Spellings> = several.into_iter().filter(indexed).collect();
        if keys.is_empty() && several.is_empty() {
            return None;
        }
        let mut this = Self { sql: format!("SELECT id FROM {table} WHERE true"), values: Vec::new() };
        for key in keys {
            this.and_one_of(&[format!("%{key}%")], |place| format!("{column} LIKE ${place}"));
        }
        for spellings in several {
            let patterns: Vec<String> = spellings.iter().map(|word| format!("%{word}%")).collect();
            this.and_one_of(&patterns, |place| format!("{column} LIKE ${place}"));
        }
        for spellings in words {
            this.and_one_of(spellings, |place| format!("strpos({column}, ${place}) > 0"));
        }
        Some(this.limited())
    }

    /// The latest rows that hold the words, whatever the index knows.
    fn latest(connection: &AnyConnection, text: Text, words: &[Spellings]) -> Self {
        let (table, column) = text.column();
        let sql = format!(
            "SELECT id FROM (SELECT id, {column} FROM {table} ORDER BY id DESC LIMIT {LATEST}) AS latest WHERE true"
        );
        let mut this = Self { sql, values: Vec::new() };
        let sign = if matches!(connection, AnyConnection::Postgres(_)) { '$' } else { '?' };
        for spellings in words {
            this.and_one_of(spellings, |place| format!("{}({column}, {sign}{place}) > 0", position(connection)));
        }
        this.limited()
    }

    fn sqlite(text: Text, words: &[Spellings]) -> Option<Self> {
        let (table, column) = text.column();
        let (single, several) = by_spellings(words);
        let quoted = |keys: &[&str]| keys.iter().map(|key| format!("\"{key}\"")).collect::<Vec<_>>().join(" AND ");
        let keys = keys(&single, is_kept);
        let mut parts: Vec<String> = if keys.is_empty() { Vec::new() } else { vec![quoted(&keys)] };
        for spellings in several {
            let keys: Vec<Vec<&str>> = spellings.iter().map(|word| keys_of(word, false)).collect();
            if keys.iter().all(|keys| !keys.is_empty()) {
                let ways: Vec<String> = keys.iter().map(|keys| quoted(keys)).collect();
                parts.push(format!("({})", ways.join(" OR ")));
            }
        }
        if parts.is_empty() {
            return None;
        }
        // CROSS JOIN keeps the order: first the index, then the row.
        let sql = format!(
            "SELECT {table}.id AS id FROM {table}_search CROSS JOIN {table} ON {table}.id = {table}_search.rowid \
             WHERE {table}_search MATCH ?1"
        );
        let mut this = Self { sql, values: vec![parts.join(" AND ")] };
        for spellings in words {
            this.and_one_of(spellings, |place| format!("instr({table}.{column}, ?{place}) > 0"));
        }
        Some(this.limited())
    }

    /// One of these values makes the condition true.
    fn and_one_of(&mut self, values: &[String], condition: impl Fn(usize) -> String) {
        let places = self.values.len() + 1..=self.values.len() + values.len();
        let conditions: Vec<String> = places.map(condition).collect();
        self.sql.push_str(&format!(" AND ({})", conditions.join(" OR ")));
        self.values.extend_from_slice(values);
    }

    fn limited(mut self) -> Self {
        self.sql.push_str(&format!(" LIMIT {}", MANY + 1));
        self
    }

    /// It is not prepared for repeated use: PostgreSQL would then plan without looking at the words.
    fn numbers(self, connection: &mut AnyConnection) -> QueryResult<Vec<i64>> {
        macro_rules! load {
            ($connection:expr, $backend:ty) => {{
                let mut query = sql_query(self.sql).into_boxed::<$backend>();
                for value in self.values {
                    query = query.bind::<sql_types::Text, _>(value);
                }
                query.load($connection)?
            }};
        }
        let found: Vec<Number> = match connection {
            AnyConnection::Postgres(postgres) => load!(postgres, diesel::pg::Pg),
            AnyConnection::Sqlite(sqlite) => load!(sqlite, diesel::sqlite::Sqlite),
        };
        Ok(found.into_iter().map(|number| number.id).collect())
    }
}

/// The words that are spelt in one way, and the others.
fn by_spellings(words: &[Spellings]) -> (Vec<&str>, Vec<&Spellings>) {
    let (single, several): (Vec<&Spellings>, Vec<&Spellings>) = words.iter().partition(|word| word.len() == 1);
    (single.into_iter().flatten().map(String::as_str).collect(), several)
}

/// What SQLite's index keeps and a query can quote.
const fn is_kept(byte: &u8) -> bool {
    (byte.is_ascii_graphic() || *byte == b' ') && *byte != b'"'
}

/// What `pg_trgm` keeps, and the space, which it puts on either side of a word.
const fn is_cut_nowhere(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b' '
}

/// The trigrams to look up for one spelling among others.
fn keys_of(word: &str, only_letters: bool) -> Vec<&str> {
    let mut keys = if only_letters { keys(&[word], is_cut_nowhere) } else { keys(&[word], is_kept) };
    keys.truncate(KEYS_OF_SPELLING);
    keys
}

/// The trigrams to look up: the likely rarest first, and no two that share more than a letter, because those are mostly
/// found together. `indexed` says which characters the index keeps.
fn keys<'a>(words: &[&'a str], indexed: fn(&u8) -> bool) -> Vec<&'a str> {
    let mut trigrams: Vec<Trigram<'a>> = Vec::new();
    for (word, text) in words.iter().enumerate() {
        for (start, bytes) in text.as_bytes().windows(3).enumerate() {
            if let Some(text) = text.get(start..start + 3).filter(|_| bytes.iter().all(indexed)) {
                trigrams.push(Trigram { rarity: rarity(bytes), word, start, text });
            }
        }
    }
    trigrams.sort_by_key(|trigram| std::cmp::Reverse(trigram.rarity));
    let mut chosen: Vec<Trigram<'a>> = Vec::new();
    for trigram in trigrams {
        let same = |other: &Trigram<'_>| other.word == trigram.word && other.start.abs_diff(trigram.start) < 2;
        if chosen.len() < KEYS && !chosen.iter().any(|other| same(other) || other.text == trigram.text) {
            chosen.push(trigram);
        }
    }
    chosen.into_iter().map(|trigram| trigram.text).collect()
}

struct Trigram<'a> {
    rarity: usize,
    /// In which word, and where in it.
    word: usize,
    start: usize,
    text: &'a str,
}

/// The larger, the rarer in what is searched, judging by the characters alone.
fn rarity(trigram: &[u8]) -> usize {
    const COMMON_FIRST: &[u8] = b" 0e1sai2tnru3l4o5d6c7m8p9@.-vqfbghjxyzwk";

    let place = |byte| COMMON_FIRST.iter().position(|common| common == byte).unwrap_or(COMMON_FIRST.len());
    trigram.iter().map(place).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_compared_without_case_accents_or_double_spaces() {
        assert_eq!(normalise("  École   d’ÉTÉ\nà Nîmes "), "ecole d’ete a nimes");
    }

    #[test]
    fn a_spelling_that_holds_another_is_not_looked_for() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Spellings>();
        assert_eq!(needed(&words("saint sainte etienne")), words("saint etienne"));
        assert_eq!(needed(&words("maires maire mairie")), words("maire mairie"));
        assert_eq!(needed(&words("clamart")), words("clamart"));
    }

    #[test]
    fn words_that_link_others_are_left_out() {
        assert_eq!(words("La cantine de la Ville"), ["cantine", "ville"]);
        assert_eq!(words("le la"), ["le", "la"]);
    }

    #[test]
    fn a_short_word_is_a_word_or_its_beginning() {
        assert_eq!(kept("Mairie d’Eu"), " mairie d’eu ");
        assert_eq!(["y", "eu", "caf", "œ"].map(looked_for), [" y ", " eu", "caf", " œ "]);
    }

    #[test]
    fn the_rarest_trigrams_are_looked_up_and_no_two_that_are_nearly_the_same() {
        let letters = |words: &[&'static str]| keys(words, is_cut_nowhere);
        assert_eq!(letters(&["saint-aubin-sur-vilaine"]), ["ubi", "vil", "sur", "lai", "int", "ine"]);
        assert_eq!(letters(&["creche", "de", "clamart"]), ["ech", "lam", "mar", "cre"]);
        assert_eq!(letters(&["le", "a-b", "été", "@"]), [] as [&str; 0]);
        assert_eq!(letters(&[" le", " y "]), [" y ", " le"]);
        assert_eq!(keys(&["a-b", "œuvre", "100%"], |byte| byte.is_ascii_graphic()), ["a-b", "uvr", "00%"]);
    }
}
