//! How our own types are stored: JSON and enum names as text, times in UTC without a zone.

use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Text;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value kept as JSON text.
#[derive(Clone, Debug, PartialEq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Json<T: std::fmt::Debug>(pub T);

impl<T, DB> FromSql<Text, DB> for Json<T>
where
    T: DeserializeOwned + std::fmt::Debug,
    DB: Backend,
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(serde_json::from_str(&String::from_sql(bytes)?)?))
    }
}

/// Writes a text that was made for the occasion: each engine wants it in its own way.
macro_rules! text_to_sql {
    ($type:ty, [$($generics:tt)*], $self:ident => $text:expr) => {
        impl<$($generics)*> ToSql<Text, diesel::pg::Pg> for $type {
            fn to_sql<'b>(&'b $self, out: &mut Output<'b, '_, diesel::pg::Pg>) -> serialize::Result {
                use std::io::Write;

                out.write_all($text.as_bytes())?;
                Ok(serialize::IsNull::No)
            }
        }

        impl<$($generics)*> ToSql<Text, diesel::sqlite::Sqlite> for $type {
            fn to_sql<'b>(&'b $self, out: &mut Output<'b, '_, diesel::sqlite::Sqlite>) -> serialize::Result {
                out.set_value($text.to_owned());
                Ok(serialize::IsNull::No)
            }
        }

        impl<$($generics)*> ToSql<Text, $crate::connection::MultiBackend> for $type {
            fn to_sql<'b>(&'b $self, out: &mut Output<'b, '_, $crate::connection::MultiBackend>) -> serialize::Result {
                out.set_value((Text, $self));
                Ok(serialize::IsNull::No)
            }
        }
    };
}

text_to_sql!(Json<T>, [T: Serialize + std::fmt::Debug + Send + Sync + 'static], self => serde_json::to_string(&self.0)?);

/// A field-less enum of `shared`, kept by its name on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Text)]
pub struct Name<T: std::fmt::Debug>(pub T);

impl<T, DB> FromSql<Text, DB> for Name<T>
where
    T: std::str::FromStr<Err = shared::UnknownName> + std::fmt::Debug,
    DB: Backend,
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(String::from_sql(bytes)?.parse()?))
    }
}

text_to_sql!(Name<T>, [T: std::fmt::Display + std::fmt::Debug + Send + Sync + 'static], self => self.0.to_string());

/// The present time, to the microsecond that both engines keep.
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}

/// A stored time, with the zone that it always has.
pub fn utc(stored: NaiveDateTime) -> DateTime<Utc> {
    stored.and_utc()
}
