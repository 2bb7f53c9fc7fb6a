//! What is searched for, and its interpretations: a word may stand in the text, or name an API, a status or a démarche;
//! digits may be a number or a postal code.
//!
//! Each interpretation is a list of its own, on the indexes of a list that is filtered so, and the short results are merged.
//! Where the words as they were typed show nothing, each may be one typing error away from what is meant.

use std::collections::BTreeSet;

use diesel::prelude::*;
use shared::workflow::Status;

use super::{ListQuery, shows};
use crate::connection::AnyConnection;
use crate::connection::search::spelling::{is_near, is_word, parts};
use crate::connection::search::{self, Found, Spellings, Text, normalise, words};
use crate::ids::{AuthorisationId, EnrollmentId};
use crate::models::{authorisation, search_word};

/// The most interpretations of a search. Words beyond, that name something, are not looked for in the text too.
const MAX_INTERPRETATIONS: usize = 16;

/// What is searched for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// As it was typed.
    pub text: String,
    /// What each of its [`words`] names.
    pub named: Vec<Named>,
    /// What each of its [`spelled_words`] words names, also with one typing error.
    pub nearly: Vec<Named>,
}

/// What a word names, beside what stands in the text. The same name may be that of several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// By their slug.
    pub apis: BTreeSet<String>,
    /// Of any API.
    pub demarches: BTreeSet<String>,
}

/// The words of a search of which each may be misspelt.
pub fn spelled_words(text: &str) -> Vec<String> {
    let text = normalise(text);
    words(&parts(&text).collect::<Vec<_>>().join(" "))
}

/// One interpretation of a search.
#[derive(Clone)]
pub(super) struct Interpretation {
    pub found: Found,
    filters: Filters,
    /// Only where the organisation is.
    zip_code: Option<String>,
    /// What is shown first.
    pub first: Option<i64>,
}

impl Interpretation {
    fn of(found: Found) -> Self {
        Self { found, filters: Filters::default(), zip_code: None, first: None }
    }

    /// Whether it shows nothing, whatever the list.
    pub fn is_empty(&self) -> bool {
        matches!(&self.found, Found::Numbers(numbers) if numbers.is_empty())
    }

    /// The list as far as this interpretation shows it; `None` where that is nothing.
    pub fn narrowed(&self, list: &ListQuery) -> Option<ListQuery> {
        let mut list = list.clone();
        list.zip_code.clone_from(&self.zip_code);
        narrow(&mut list.target_apis, self.filters.apis.as_ref())?;
        narrow(&mut list.statuses, self.filters.statuses.as_ref())?;
        narrow(&mut list.demarches, self.filters.demarches.as_ref())?;
        Some(list)
    }
}

/// What words name: only of these, where there are any.
#[derive(Clone, Default)]
struct Filters {
    apis: Option<BTreeSet<String>>,
    statuses: Option<BTreeSet<Status>>,
    demarches: Option<BTreeSet<String>>,
}

impl Filters {
    /// What both allow, if that is anything.
    fn and(&self, other: &Self) -> Option<Self> {
        Some(Self {
            apis: common(self.apis.as_ref(), other.apis.as_ref())?,
            statuses: common(self.statuses.as_ref(), other.statuses.as_ref())?,
            demarches: common(self.demarches.as_ref(), other.demarches.as_ref())?,
        })
    }
}

/// Leaves what is in both, where an empty list stands for everything; `None` where nothing is.
fn narrow<T: Clone + Ord>(listed: &mut Vec<T>, only: Option<&BTreeSet<T>>) -> Option<()> {
    if let Some(only) = only {
        if listed.is_empty() {
            *listed = only.iter().cloned().collect();
        } else {
            listed.retain(|one| only.contains(one));
        }
        if listed.is_empty() {
            return None;
        }
    }
    Some(())
}

/// The interpretations of a search as it was typed.
///
/// # Errors
/// The database's.
pub(super) fn interpretations(connection: &mut AnyConnection, list: &ListQuery) -> QueryResult<Vec<Interpretation>> {
    let text = list.search.text.trim();
    match number(text) {
        Some(Number::Authorisation(id)) => {
            let request = authorisation::enrollment_of(connection, id)?;
            Ok(vec![Interpretation::of(Found::Numbers(request.map(i64::from).into_iter().collect()))])
        }
        Some(Number::Request(id)) => {
            let request = Interpretation { first: Some(id.0), ..Interpretation::of(Found::Numbers(vec![id.0])) };
            let place = is_zip_code(text).then(|| Interpretation {
                zip_code: Some(text.to_owned()),
                ..Interpretation::of(Found::Many(Vec::new()))
            });
            Ok(std::iter::once(request).chain(place).collect())
        }
        None => {
            let words = words(text);
            let words =
                words.into_iter().zip(list.search.named.iter().cloned().chain(std::iter::repeat(Named::default())));
            combined(connection, words.map(|(word, named)| typed(word, &named)).collect())
        }
    }
}

/// The interpretations where each word may be one typing error away from what is meant; none where the list has rows as it was typed.
///
/// # Errors
/// The database's.
pub(super) fn corrected(
    connection: &mut AnyConnection,
    list: &ListQuery,
    typed: &[Interpretation],
) -> QueryResult<Vec<Interpretation>> {
    let words = spelled_words(&list.search.text);
    if number(list.search.text.trim()).is_some() || !words.iter().any(|word| is_word(word)) {
        return Ok(Vec::new());
    }
    // What a filter hides is spelt rightly.
    if list.is_narrowed() && shows(connection, &list.widened(), typed)? {
        return Ok(Vec::new());
    }
    let mut meant = Vec::new();
    let nearly = list.search.nearly.iter().cloned().chain(std::iter::repeat(Named::default()));
    for (word, nearly) in words.into_iter().zip(nearly) {
        let near = search_word::near(connection, &word)?;
        let statuses = statuses_of(&word, is_near);
        let spellings = std::iter::once(word).chain(near).collect();
        meant.push(Meanings::new(spellings, &nearly, statuses));
    }
    combined(connection, meant)
}

/// What a word may mean: one of these names, or what stands in the text.
struct Meanings {
    spellings: Spellings,
    names: Vec<Filters>,
}

impl Meanings {
    fn new(spellings: Spellings, named: &Named, statuses: BTreeSet<Status>) -> Self {
        let some = |names: &BTreeSet<String>| (!names.is_empty()).then(|| names.clone());
        let apis = some(&named.apis).map(|apis| Filters { apis: Some(apis), ..Filters::default() });
        let statuses = (!statuses.is_empty()).then(|| Filters { statuses: Some(statuses), ..Filters::default() });
        let demarches =
            some(&named.demarches).map(|demarches| Filters { demarches: Some(demarches), ..Filters::default() });
        Self { spellings, names: apis.into_iter().chain(statuses).chain(demarches).collect() }
    }
}

fn typed(word: String, named: &Named) -> Meanings {
    let statuses = statuses_of(&word, |typed, label| label.starts_with(typed));
    Meanings::new(vec![word], named, statuses)
}

/// The statuses of whose label a word is this one, or nearly.
fn statuses_of(word: &str, matches: impl Fn(&str, &str) -> bool) -> BTreeSet<Status> {
    let is_named =
        |status: &Status| parts(&normalise(status.label())).any(|label| label == word || matches(word, label));
    let statuses = Status::ALL.iter().copied().filter(is_named);
    if is_word(word) { statuses.collect() } else { BTreeSet::new() }
}

/// Part of an interpretation: what one word asks for.
#[derive(Clone, Default)]
struct Asked {
    words: Vec<Spellings>,
    filters: Filters,
}

/// Each meaning of a word with each of the others.
fn combined(connection: &mut AnyConnection, words: Vec<Meanings>) -> QueryResult<Vec<Interpretation>> {
    let mut interpretations = vec![Asked::default()];
    for word in words {
        let mut meanings: Vec<Asked> =
            word.names.into_iter().map(|filters| Asked { words: Vec::new(), filters }).collect();
        if meanings.is_empty() || interpretations.len() * (meanings.len() + 1) <= MAX_INTERPRETATIONS {
            meanings.push(Asked { words: vec![word.spellings], filters: Filters::default() });
        }
        meanings.truncate((MAX_INTERPRETATIONS / interpretations.len()).max(1));
        interpretations = interpretations
            .iter()
            .flat_map(|interpretation| meanings.iter().filter_map(|meaning| interpretation.and(meaning)))
            .collect();
    }
    let interpretations = interpretations.into_iter().map(|interpretation| {
        let found = search::find(connection, Text::Enrollments, &interpretation.words)?;
        Ok(Interpretation { filters: interpretation.filters, ..Interpretation::of(found) })
    });
    interpretations.collect()
}

impl Asked {
    /// What both ask for, if that is possible.
    fn and(&self, other: &Self) -> Option<Self> {
        Some(Self { words: [self.words.as_slice(), &other.words].concat(), filters: self.filters.and(&other.filters)? })
    }
}

fn common<T: Clone + Ord>(one: Option<&BTreeSet<T>>, other: Option<&BTreeSet<T>>) -> Option<Option<BTreeSet<T>>> {
    match (one, other) {
        (Some(one), Some(other)) => {
            let both: BTreeSet<T> = one & other;
            (!both.is_empty()).then_some(Some(both))
        }
        (one, other) => Some(one.or(other).cloned()),
    }
}

/// What a number names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    Request(EnrollmentId),
    Authorisation(AuthorisationId),
}

/// A short series of digits is the number of a request, as it is or as « D12 », « d-12 »; « H 5 » is that of an
/// authorisation. From nine digits on it may be part of a SIRET.
pub fn number(search: &str) -> Option<Number> {
    let text = search.trim();
    let request = |number| Number::Request(EnrollmentId(number));
    let (kind, digits): (fn(i64) -> Number, &str) = match text.split_at_checked(1) {
        Some(("D" | "d", digits)) => (request, after_letter(digits)),
        Some(("H" | "h", digits)) => (|number| Number::Authorisation(AuthorisationId(number)), after_letter(digits)),
        Some(_) | None => (request, text),
    };
    let is_short = digits.len() < 9 && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_short.then(|| digits.parse().ok().map(kind)).flatten()
}

/// Between the letter and the digits people write a space, a hyphen, « n° ».
fn after_letter(text: &str) -> &str {
    text.trim_start_matches([' ', '\u{a0}', '\u{202f}', '-', '\u{2011}', '.', 'n', 'N', '°', 'º'])
}

fn is_zip_code(text: &str) -> bool {
    text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        let (request, authorisation) =
            (|id| Some(Number::Request(EnrollmentId(id))), |id| Some(Number::Authorisation(AuthorisationId(id))));
        for (search, number) in [
            ("12", request(12)),
            (" D12 ", request(12)),
            ("d12", request(12)),
            ("D 34", request(34)),
            ("d-34", request(34)),
            ("D n°\u{a0}34", request(34)),
            ("H5", authorisation(5)),
            ("h5", authorisation(5)),
            ("h-12", authorisation(12)),
            ("H\u{a0}12", authorisation(12)),
            ("H", None),
            ("", None),
            ("H5b", None),
            ("H 5 b", None),
            ("é5", None),
            ("-5", None),
            ("219200235", None),
        ] {
            assert_eq!(super::number(search), number, "{search}");
        }
    }

    #[test]
    fn a_list_that_is_narrowed_twice_shows_what_is_in_both() {
        let only = |text: &str| text.split(' ').map(str::to_owned).collect::<BTreeSet<_>>();
        for (listed, by, left) in [("", "a b", Some("a b")), ("a c", "a b", Some("a")), ("c", "a b", None)] {
            let mut list: Vec<String> = listed.split(' ').filter(|one| !one.is_empty()).map(str::to_owned).collect();
            let narrowed = narrow(&mut list, Some(&only(by)));
            assert_eq!(narrowed.map(|()| list.join(" ")).as_deref(), left, "{listed} {by}");
        }
    }
}
