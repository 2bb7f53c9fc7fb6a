//! `column IN (…)` for numbers, as one value.
//!
//! On SQLite diesel writes a place for each value of `eq_any`, so that such a statement is parsed anew each time.

use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Bool, Text};
use diesel::sqlite::Sqlite;

/// Whether a column has one of these numbers.
#[derive(Clone, Debug)]
pub struct OneOf<C> {
    column: C,
    numbers: Vec<i64>,
    /// The same, for SQLite, which has no arrays.
    json: String,
}

/// Whether a column has one of these numbers.
pub fn one_of<C>(column: C, numbers: impl IntoIterator<Item = i64>) -> OneOf<C> {
    let numbers: Vec<i64> = numbers.into_iter().collect();
    let json = format!("{numbers:?}");
    OneOf { column, numbers, json }
}

impl<C> Expression for OneOf<C> {
    type SqlType = Bool;
}

impl<C: AppearsOnTable<T>, T> AppearsOnTable<T> for OneOf<C> {}
impl<C: SelectableExpression<T>, T> SelectableExpression<T> for OneOf<C> where Self: AppearsOnTable<T> {}

impl<C: ValidGrouping<G>, G> ValidGrouping<G> for OneOf<C> {
    type IsAggregate = C::IsAggregate;
}

impl<C: QueryId> QueryId for OneOf<C> {
    type QueryId = OneOf<C::QueryId>;

    const HAS_STATIC_QUERY_ID: bool = C::HAS_STATIC_QUERY_ID;
}

impl<C: QueryFragment<Sqlite>> QueryFragment<Sqlite> for OneOf<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" IN (SELECT value FROM json_each(");
        out.push_bind_param::<Text, _>(&self.json)?;
        out.push_sql("))");
        Ok(())
    }
}

impl<C: QueryFragment<Pg>> QueryFragment<Pg> for OneOf<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" = ANY(");
        out.push_bind_param::<Array<BigInt>, _>(&self.numbers)?;
        out.push_sql(")");
        Ok(())
    }
}
