//! The words of organisations, titles and towns: what a mistyped word may stand for. No names of people, no addresses.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;

use crate::connection::AnyConnection;
use crate::connection::search::normalise;
use crate::connection::search::spelling::{is_near, is_word, parts};
use crate::on_each;
use crate::schema::search_words;

/// The longest word that is kept, in characters.
const MAX_LETTERS: usize = 30;

/// How many words one that is mistyped may stand for.
const MAX_NEAR: usize = 5;

/// Keeps the words of these texts. Those that are known stay as they are.
///
/// # Errors
/// The database's.
pub fn remember(connection: &mut AnyConnection, texts: &[&str]) -> QueryResult<()> {
    let text = normalise(&texts.join(" "));
    let mut words: Vec<&str> =
        parts(&text).filter(|word| is_word(word) && word.chars().count() <= MAX_LETTERS).collect();
    // In one order, so that no two transactions wait for each other's words.
    words.sort_unstable();
    words.dedup();
    let rows: Vec<_> = words
        .into_iter()
        .map(|word| {
            (
                search_words::word.eq(word),
                search_words::reversed.eq(word.chars().rev().collect::<String>()),
                search_words::length.eq(i32::try_from(word.chars().count()).unwrap_or(i32::MAX)),
            )
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    match connection {
        AnyConnection::Postgres(postgres) => {
            diesel::insert_into(search_words::table).values(&rows).on_conflict_do_nothing().execute(postgres)?;
        }
        AnyConnection::Sqlite(sqlite) => {
            for row in rows {
                diesel::insert_into(search_words::table).values(row).on_conflict_do_nothing().execute(sqlite)?;
            }
        }
    }
    Ok(())
}

#[derive(QueryableByName)]
struct Known {
    #[diesel(sql_type = Text)]
    word: String,
}

/// The known words that are one typing error away from `typed`, the likeliest first.
///
/// An error in the second half leaves the first as it is, and the other way round: either half is looked up in an index of
/// its own, among the words of nearly the same length. Letters that changed places across the middle are changed back.
///
/// # Errors
/// The database's.
pub fn near(connection: &mut AnyConnection, typed: &str) -> QueryResult<Vec<String>> {
    if !is_word(typed) {
        return Ok(Vec::new());
    }
    let letters: Vec<char> = typed.chars().collect();
    let middle = letters.len() / 2;
    let start: String = letters.iter().take(middle).collect();
    let end: String = letters.iter().skip(middle).rev().collect();
    let mut swapped = letters.clone();
    swapped.swap(middle - 1, middle);
    let swapped: String = swapped.into_iter().collect();
    let length = letters.len();
    let statement = |place: fn(usize) -> String| {
        let [a, b, c, d, e] = [1, 2, 3, 4, 5].map(place);
        let lengths = format!("length IN ({}, {length}, {})", length - 1, length + 1);
        format!(
            "SELECT word FROM search_words WHERE {lengths} AND word >= {a} AND word < {b} \
             UNION SELECT word FROM search_words WHERE {lengths} AND reversed >= {c} AND reversed < {d} \
             UNION SELECT word FROM search_words WHERE word = {e}"
        )
    };
    let statement = match connection {
        AnyConnection::Postgres(_) => statement(|place| format!("${place}")),
        AnyConnection::Sqlite(_) => statement(|place| format!("?{place}")),
    };
    let after = |text: &str| format!("{text}{}", char::MAX);
    let known: Vec<Known> = on_each!(connection, c => {
        sql_query(statement)
            .bind::<Text, _>(&start)
            .bind::<Text, _>(after(&start))
            .bind::<Text, _>(&end)
            .bind::<Text, _>(after(&end))
            .bind::<Text, _>(&swapped)
            .load(c)
    })?;
    let mut near: Vec<String> = known.into_iter().map(|known| known.word).filter(|word| is_near(typed, word)).collect();
    near.sort_by_key(|word| (!word.starts_with(&start), word.chars().count().abs_diff(length), word.clone()));
    near.truncate(MAX_NEAR);
    Ok(near)
}
