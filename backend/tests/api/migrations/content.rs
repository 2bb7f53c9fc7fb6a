//! What a database holds, column by column, on either engine.

use std::collections::BTreeMap;

use datapass::connection::AnyConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;

/// The values of each column of each table, sorted.
pub struct Content(BTreeMap<String, BTreeMap<String, Vec<String>>>);

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(connection: &mut AnyConnection, query: &str) -> Vec<String> {
    let lines: Vec<Line> = sql_query(query).load(connection).unwrap_or_else(|error| panic!("{query}: {error}"));
    lines.into_iter().map(|line| line.line).collect()
}

/// Every column, with its table. What an index for searches is made of is not content.
const SQLITE_COLUMNS: &str = "SELECT tables.name || '.' || columns.name AS line \
    FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns \
    WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite%' AND tables.name NOT LIKE '%\\_search%' ESCAPE '\\'";
const POSTGRES_COLUMNS: &str = "SELECT relname || '.' || attname AS line FROM pg_attribute \
    JOIN pg_class ON pg_class.oid = attrelid \
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped";

/// Between the values of a row.
const SEPARATOR: char = '\u{1f}';

impl Content {
    pub fn of(connection: &mut AnyConnection) -> Self {
        let is_sqlite = matches!(connection, AnyConnection::Sqlite(_));
        let mut tables: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
        for column in lines(connection, if is_sqlite { SQLITE_COLUMNS } else { POSTGRES_COLUMNS }) {
            let (table, column) = column.split_once('.').unwrap();
            tables.entry(table.to_owned()).or_default().insert(column.to_owned(), Vec::new());
        }
        tables.retain(|table, _| !table.starts_with("__diesel"));
        // All rows of all tables at once, each with the name of its table in front.
        let rows = tables.iter().map(|(table, columns)| {
            let values = columns.keys().map(|column| match is_sqlite {
                true => format!(" || char(31) || typeof(\"{column}\") || hex(\"{column}\")"),
                false => format!(" || chr(31) || coalesce(\"{column}\"::text, 'NULL')"),
            });
            format!("SELECT '{table}'{} AS line FROM {table}", values.collect::<String>())
        });
        let rows = rows.collect::<Vec<_>>().join(" UNION ALL ");
        for row in lines(connection, &rows) {
            let (table, values) = row.split_once(SEPARATOR).unwrap();
            for (column, value) in tables.get_mut(table).unwrap().values_mut().zip(values.split(SEPARATOR)) {
                column.push(value.to_owned());
            }
        }
        tables.values_mut().flat_map(|columns| columns.values_mut()).for_each(|values| values.sort_unstable());
        Self(tables)
    }

    pub fn tables(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    pub fn rows(&self, table: &str) -> usize {
        self.0[table].values().next().map_or(0, Vec::len)
    }

    /// The tables that have fewer rows in `later`, and the columns of others whose values differ.
    pub fn lost(&self, later: &Self) -> Vec<String> {
        let mut lost = Vec::new();
        for (table, columns) in &self.0 {
            if later.rows(table) < self.rows(table) {
                lost.push(table.clone());
                continue;
            }
            for (column, values) in columns {
                if later.0.get(table).and_then(|columns| columns.get(column)) != Some(values) {
                    lost.push(format!("{table}.{column}"));
                }
            }
        }
        lost
    }
}
