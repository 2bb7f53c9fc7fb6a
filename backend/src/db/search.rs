//! Text search behind one function: each engine through its own trigram index.

use diesel::prelude::*;
use diesel::sql_types::Bool;
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use super::{AnyConnection, MultiBackend};
use crate::schema::enrollments;

/// Shortest word that a trigram index can find.
const TRIGRAM: usize = 3;

/// A condition on `enrollments`.
pub type Condition = Box<dyn BoxableExpression<enrollments::table, MultiBackend, SqlType = Bool>>;

/// How a text is stored and looked up: lower case, without accents, single spaces. Both engines compare bytes then.
pub fn normalise(text: &str) -> String {
    let bare: String = text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// All that its readers may search for, e-mail addresses among it.
    Private,
    /// What anybody may search for. Apart, so that nobody can find out whether an address is named somewhere.
    Public,
}

/// One condition per word of `query`: each must be somewhere in the searched text.
pub fn conditions(connection: &AnyConnection, text: Text, query: &str) -> Vec<Condition> {
    let query = normalise(query);
    let (long, short): (Vec<&str>, Vec<&str>) =
        query.split(' ').filter(|word| !word.is_empty()).partition(|word| word.chars().count() >= TRIGRAM);
    let mut conditions = Vec::new();
    let like = |word: &str| -> Condition {
        let escaped = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let pattern = format!("%{escaped}%");
        match text {
            Text::Private => Box::new(enrollments::search.like(pattern).escape('\\')),
            Text::Public => Box::new(enrollments::public_search.like(pattern).escape('\\')),
        }
    };
    match connection {
        AnyConnection::Postgres(_) => conditions.extend(long.into_iter().map(like)),
        AnyConnection::Sqlite(_) if !long.is_empty() => {
            // A quoted string is a phrase of trigrams; a quote inside is doubled. Words are ANDed.
            let phrases: Vec<String> = long.iter().map(|word| format!("\"{}\"", word.replace('"', "\"\""))).collect();
            let column = match text {
                Text::Private => "search",
                Text::Public => "public_search",
            };
            let matched = format!("{{{column}}} : ({})", phrases.join(" "));
            conditions.push(Box::new(
                diesel::dsl::sql::<Bool>(
                    "enrollments.id IN (SELECT rowid FROM enrollments_search WHERE enrollments_search MATCH ",
                )
                .bind::<diesel::sql_types::Text, _>(matched)
                .sql(")"),
            ));
        }
        AnyConnection::Sqlite(_) => {}
    }
    conditions.extend(short.into_iter().map(like));
    conditions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_compared_without_case_accents_or_double_spaces() {
        assert_eq!(normalise("  École   d’ÉTÉ\nà Nîmes "), "ecole d’ete a nimes");
    }
}
