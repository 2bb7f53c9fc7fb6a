//! Query strings, of pages and of calls: read and written, with no browser.
//!
//! The router's own map decodes a value twice, and its writer needs a browser; a list keeps all its state in the
//! address, so both matter here.

use std::fmt;

use form_urlencoded::Serializer;

/// The parameters of an address, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads what follows the « ? » of an address.
    pub fn parse(search: &str) -> Self {
        Self(form_urlencoded::parse(search.trim_start_matches('?').as_bytes()).into_owned().collect())
    }

    /// The first value of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Every value of that name.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The values of a list written `a,b`, without the empty ones.
    pub fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        self.get(name).unwrap_or_default().split(',').filter(|value| !value.is_empty())
    }

    /// Adds a parameter.
    pub fn push(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), value.into()));
    }

    /// Adds a parameter, unless it is empty.
    pub fn push_text(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.push(name, value);
        }
    }
}

/// The parameter of an address that says where a page of a list starts.
const CURSOR: &str = "cursor";

/// Where the present page of a list and those before it start; empty on the first page.
///
/// The API gives only the way forward; the way back is kept in the address, one parameter per page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursors(Vec<String>);

impl Cursors {
    /// Reads an address.
    pub fn of(query: &Query) -> Self {
        Self::named(query, CURSOR)
    }

    /// Reads an address where the parameter has that name: of a second list on the same page.
    pub fn named(query: &Query, name: &str) -> Self {
        Self(query.all(name).map(str::to_owned).collect())
    }

    /// Adds them to an address.
    pub fn write(&self, query: &mut Query) {
        self.write_named(query, CURSOR);
    }

    /// Adds them to an address under that name.
    pub fn write_named(&self, query: &mut Query, name: &str) {
        for cursor in &self.0 {
            query.push(name, cursor);
        }
    }

    /// The address of that page of a list which nothing narrows down.
    pub fn href(&self, path: &str) -> String {
        let mut query = Query::default();
        self.write(&mut query);
        format!("{path}{query}")
    }

    /// Where the present page starts; empty for the first.
    pub fn current(&self) -> String {
        self.0.last().cloned().unwrap_or_default()
    }

    /// The number of the present page, from 1.
    pub fn page(&self) -> usize {
        self.0.len() + 1
    }

    /// On the page that starts there.
    pub fn then(&self, cursor: &str) -> Self {
        let mut cursors = self.clone();
        cursors.0.push(cursor.to_owned());
        cursors
    }

    /// On the page before, if there is one.
    pub fn back(&self) -> Option<Self> {
        let mut cursors = self.clone();
        cursors.0.pop().map(|_| cursors)
    }
}

/// What to put behind a path: `?a=b&c=d`, or nothing.
impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = written(self.0.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        // Commas stay readable: they are allowed in a query string, and lists are written with them.
        f.write_str(&text.replace("%2C", ","))
    }
}

/// `?name=value&…` of the parts that have a value; nothing where none has.
pub fn query_string(parts: &[(&str, &str)]) -> String {
    written(parts.iter().copied().filter(|(_, value)| !value.is_empty()))
}

fn written<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let text = Serializer::new(String::new()).extend_pairs(pairs).finish();
    if text.is_empty() { text } else { format!("?{text}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut query = Query::default();
        query.push("search", "crèche & cantine 100 % + 1");
        query.push("status", "a,b");
        query.push_text("empty", "");
        assert_eq!(query.to_string(), "?search=cr%C3%A8che+%26+cantine+100+%25+%2B+1&status=a,b");
        assert_eq!(Query::parse(&query.to_string()), query);
        assert_eq!(query.list("status").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(Query::default().to_string(), "");
    }

    #[test]
    fn the_way_back_is_kept_in_the_address() {
        let third = Cursors::default().then("a/1").then("b,2");
        assert_eq!((third.page(), third.current()), (3, "b,2".to_owned()));
        let mut query = Query::default();
        third.write(&mut query);
        assert_eq!(Cursors::of(&Query::parse(&query.to_string())), third);
        assert_eq!(third.back(), Some(Cursors::default().then("a/1")));
        assert_eq!(Cursors::default().back(), None);
    }

    #[test]
    fn an_odd_address_is_still_read() {
        let query = Query::parse("a=1&a=2&b&=x&c=100%&d=%zz&e=%C3");
        assert_eq!(query.all("a").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(query.get("b"), Some(""));
        assert_eq!(query.get("c"), Some("100%"));
        assert_eq!(query.get("d"), Some("%zz"));
        assert_eq!(query.get("e"), Some("\u{fffd}"));
        assert_eq!(query.get("f"), None);
    }
}
