//! Pages by keyset: a cursor names the last row that was seen, so that page 1 000 costs what page 1 costs.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::NaiveDateTime;
use shared::problem::ItemCode;

use crate::error::{Error, Result};

/// The most rows of a page.
pub const MAX_LIMIT: i64 = 100;

/// The rows of a page where the caller does not say.
pub const DEFAULT_LIMIT: i64 = 20;

/// The last row that was seen: the value that the list is sorted by, then the number that tells equals apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The value that the list is sorted by.
    pub key: String,
    /// The row's number.
    pub id: i64,
}

/// How times are written in a cursor.
const TIME: &str = "%Y-%m-%dT%H:%M:%S%.6f";

impl Cursor {
    /// The last row of a list that is sorted by time.
    pub fn at(time: NaiveDateTime, id: i64) -> Self {
        Self { key: time.format(TIME).to_string(), id }
    }

    /// The time that [`Cursor::at`] was given.
    pub fn time(&self) -> Option<NaiveDateTime> {
        NaiveDateTime::parse_from_str(&self.key, TIME).ok()
    }

    /// As it travels: opaque, so that nobody builds on what is inside.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("{} {}", self.id, self.key))
    }

    /// Reads what [`Cursor::encode`] wrote.
    ///
    /// # Errors
    /// 400: it is something else.
    pub fn decode(text: &str) -> Result<Self> {
        let read = || {
            let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
            let (id, key) = std::str::from_utf8(&bytes).ok()?.split_once(' ')?;
            // PostgreSQL refuses a null character in any text.
            (!key.contains('\0')).then_some(Self { key: key.to_owned(), id: id.parse().ok()? })
        };
        read().ok_or_else(|| {
            Error::parameter("cursor", ItemCode::Format, "Cette valeur ne vient pas d’une page précédente.")
        })
    }
}

/// The number of rows to give: the default where the caller does not say, never more than the most.
///
/// # Errors
/// 400: zero or negative.
pub fn limit(asked: Option<i64>) -> Result<i64> {
    match asked {
        None => Ok(DEFAULT_LIMIT),
        Some(limit) if limit < 1 => Err(Error::parameter("limit", ItemCode::OutOfRange, "Indiquez un nombre positif.")),
        Some(limit) => Ok(limit.min(MAX_LIMIT)),
    }
}

/// One page of `limit` rows out of `rows`, for which one row more was asked: whether there is a next page shows from that
/// one. Returns what `cursor` makes of the last row where there is one.
pub fn cut<T, C>(mut rows: Vec<T>, limit: i64, cursor: impl FnOnce(&T) -> C) -> (Vec<T>, Option<C>) {
    let limit = usize::try_from(limit).unwrap_or_default();
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| has_more).map(cursor);
    (rows, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_next_one_only_where_one_row_more_was_found() {
        assert_eq!(cut(vec![1, 2, 3], 2, |last| *last), (vec![1, 2], Some(2)));
        assert_eq!(cut(vec![1, 2], 2, |last| *last), (vec![1, 2], None));
        assert_eq!(cut(Vec::<i64>::new(), 2, |last| *last), (vec![], None));
    }

    #[test]
    fn a_cursor_survives_its_travel_and_nothing_else_is_one() {
        let cursor = Cursor { key: "Commune de Saint-Étienne".to_owned(), id: 42 };
        assert_eq!(Cursor::decode(&cursor.encode()).unwrap(), cursor);
        for wrong in ["", "x", "####", "NDI", "LTE"] {
            assert!(Cursor::decode(wrong).is_err(), "{wrong}");
        }
    }
}
