//! Text search behind one type: each engine through its own trigram index.
//!
//! A few trigrams, the likely rarest, narrow the search; each word is then looked for in the text itself. Where the
//! words are in too many rows, the index does not help: it is faster to go through the list in its own order and
//! stop when the page is full.

use diesel::dsl::AsExprOf;
use diesel::expression::{SqlLiteral, UncheckedBind};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use diesel::{sql_query, sql_types};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::{AnyConnection, MultiBackend};

/// How many trigrams are looked up: more find fewer wrong rows but each takes its time.
const KEYS: usize = 6;

/// More rows than this are too many to be sorted for one page.
const MANY: i64 = 1_000;

/// A condition on a table.
pub type Condition<Table> = Box<dyn BoxableExpression<Table, MultiBackend, SqlType = Bool>>;

/// How a text is stored and looked up: lower case, without accents, single spaces. Both engines compare bytes then.
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
pub enum Found {
    /// The words are in these rows, by number, and in no other.
    Numbers(Vec<i64>),
    /// The words are in too many rows to name them: in those that hold each word.
    Many(Vec<Word>),
}

/// A word to look for in the text itself.
pub struct Word {
    text: String,
    /// SQL, up to the word.
    start: String,
}

impl Word {
    /// The text holds the word.
    pub fn condition(&self) -> Holds {
        let holds = diesel::dsl::sql::<Bool>(&self.start);
        holds.bind::<sql_types::Text, _>(self.text.clone()).sql(") > 0")
    }
}

/// Looks for the rows that have every word of `query` somewhere in the searched text.
///
/// # Errors
/// The database's.
pub fn find(connection: &mut AnyConnection, text: Text, query: &str) -> QueryResult<Found> {
    let query = normalise(query);
    let words: Vec<&str> = query.split(' ').filter(|word| !word.is_empty()).collect();
    let keys = match connection {
        // pg_trgm cuts texts at anything else.
        AnyConnection::Postgres(_) => keys(&words, u8::is_ascii_alphanumeric),
        AnyConnection::Sqlite(_) => keys(&words, |byte| byte.is_ascii_graphic() && *byte != b'"'),
    };
    if !keys.is_empty() {
        let numbers = numbers(connection, text, &keys, &words)?;
        if i64::try_from(numbers.len()).is_ok_and(|count| count <= MANY) {
            return Ok(Found::Numbers(numbers));
        }
    }
    let function = match connection {
        AnyConnection::Postgres(_) => "strpos",
        AnyConnection::Sqlite(_) => "instr",
    };
    let (table, column) = text.column();
    let start = format!("{function}({table}.{column}, ");
    Ok(Found::Many(words.iter().map(|word| Word { text: (*word).to_owned(), start: start.clone() }).collect()))
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    id: i64,
}

/// At most one more than [`MANY`].
///
/// The statements are not prepared for repeated use: PostgreSQL would then plan without looking at the words.
fn numbers(connection: &mut AnyConnection, text: Text, keys: &[&str], words: &[&str]) -> QueryResult<Vec<i64>> {
    use std::fmt::Write as _;

    let (table, column) = text.column();
    let found: Vec<Number> = match connection {
        AnyConnection::Postgres(postgres) => {
            let mut statement = format!("SELECT id FROM {table} WHERE true");
            for number in 1..=keys.len() {
                let _ = write!(statement, " AND {column} LIKE ${number}");
            }
            for number in 1..=words.len() {
                let _ = write!(statement, " AND strpos({column}, ${}) > 0", keys.len() + number);
            }
            let _ = write!(statement, " LIMIT {}", MANY + 1);
            let mut query = sql_query(statement).into_boxed::<diesel::pg::Pg>();
            for key in keys {
                query = query.bind::<sql_types::Text, _>(format!("%{key}%"));
            }
            for word in words {
                query = query.bind::<sql_types::Text, _>(*word);
            }
            query.load(postgres)?
        }
        AnyConnection::Sqlite(sqlite) => {
            // CROSS JOIN keeps the order: first the index, then the row.
            let mut statement = format!(
                "SELECT {table}.id AS id FROM {table}_search CROSS JOIN {table} ON {table}.id = {table}_search.rowid \
                 WHERE {table}_search MATCH ?"
            );
            for _ in words {
                let _ = write!(statement, " AND instr({table}.{column}, ?) > 0");
            }
            let _ = write!(statement, " LIMIT {}", MANY + 1);
            let keys: Vec<String> = keys.iter().map(|key| format!("\"{key}\"")).collect();
            let mut query = sql_query(statement).into_boxed::<diesel::sqlite::Sqlite>();
            query = query.bind::<sql_types::Text, _>(keys.join(" AND "));
            for word in words {
                query = query.bind::<sql_types::Text, _>(*word);
            }
            query.load(sqlite)?
        }
    };
    Ok(found.into_iter().map(|number| number.id).collect())
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
    const COMMON_FIRST: &[u8] = b"0e1sai2tnru3l4o5d6c7m8p9@.-vqfbghjxyzwk";

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
    fn the_rarest_trigrams_are_looked_up_and_no_two_that_are_nearly_the_same() {
        let letters = |words: &[&'static str]| keys(words, u8::is_ascii_alphanumeric);
        assert_eq!(letters(&["saint-aubin-sur-vilaine"]), ["ubi", "vil", "sur", "lai", "int", "ine"]);
        assert_eq!(letters(&["creche", "de", "clamart"]), ["ech", "lam", "mar", "cre"]);
        assert_eq!(letters(&["le", "a-b", "été", "@"]), [] as [&str; 0]);
        assert_eq!(keys(&["a-b", "œuvre", "100%"], |byte| byte.is_ascii_graphic()), ["a-b", "uvr", "00%"]);
    }
}
