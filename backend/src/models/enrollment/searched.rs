//! What a search looks into: a text, and where the organisation is.

use diesel::prelude::*;
use diesel::sql_types::Bool;
use shared::draft::Draft;
use shared::organization::Siret;

use super::{EnrollmentChanges, EnrollmentRecord, index_readers};
use crate::connection::AnyConnection;
use crate::connection::search::{kept, normalise};
use crate::ids::EnrollmentId;
use crate::models::{establishment, search_word};
use crate::schema::enrollments;

/// The columns of an enrollment that a search looks into.
#[derive(Clone, Debug, Insertable, AsChangeset)]
#[diesel(table_name = enrollments)]
pub struct Searched {
    /// The text.
    search: String,
    /// Where its organisation is; empty where that is not known.
    zip_code: String,
    city: String,
}

impl Searched {
    /// Of that content, with what the register last said of its organisation.
    ///
    /// # Errors
    /// The database's.
    pub fn of(connection: &mut AnyConnection, content: &Draft, nom_raison_sociale: &str) -> QueryResult<Self> {
        let place = match &content.siret {
            Some(siret) => place(connection, siret)?,
            None => (String::new(), String::new()),
        };
        Ok(Self::at(place, content, nom_raison_sociale))
    }

    /// After a change; `None` where nothing of it changes. The register is asked again for another organisation, and for one
    /// of which it knew no place.
    ///
    /// # Errors
    /// The database's.
    pub fn changed(
        connection: &mut AnyConnection,
        before: &EnrollmentRecord,
        after: &EnrollmentChanges,
    ) -> QueryResult<Option<Self>> {
        let (content, name) = (&after.content.0, &after.nom_raison_sociale);
        if before.zip_code.is_empty() || before.content.0.siret != content.siret {
            return Self::of(connection, content, name).map(Some);
        }
        let is_same = before.nom_raison_sociale == *name && before.content == after.content;
        let place = (before.zip_code.clone(), before.city.clone());
        Ok((!is_same).then(|| Self::at(place, content, name)))
    }

    fn at((zip_code, city): (String, String), content: &Draft, nom_raison_sociale: &str) -> Self {
        let search = search_text(content, nom_raison_sociale, &format!("{zip_code} {city}"));
        Self { search, zip_code, city }
    }
}

fn place(connection: &mut AnyConnection, siret: &Siret) -> QueryResult<(String, String)> {
    let known = establishment::find(connection, siret)?.and_then(|kept| kept.content);
    let place = known.as_ref().map(|known| known.place());
    let (zip_code, city) = place.unwrap_or_default();
    // A misspelt town is found, too.
    search_word::remember(connection, &[city])?;
    Ok((zip_code.to_owned(), city.to_owned()))
}

/// What a text search looks into: organisation, SIRET, title, place, e-mail addresses.
fn search_text(content: &Draft, nom_raison_sociale: &str, place: &str) -> String {
    let siret = content.siret.as_ref().map_or("", |siret| siret.as_str());
    let mut text = kept(&format!("{nom_raison_sociale} {siret} {} {place}", content.intitule));
    for email in content.team_members.iter().map(|member| member.email.as_str()).filter(|email| !email.is_empty()) {
        if !text.contains(email) {
            text.push_str(&normalise(email));
            text.push(' ');
        }
    }
    text
}

/// Works out what a search looks into, and who is named, for the next requests from before these columns existed; how many
/// there were.
///
/// # Errors
/// The database's.
pub fn fill_in(connection: &mut AnyConnection, limit: i64) -> QueryResult<usize> {
    // As it is written in the partial index.
    let unknown = enrollments::table.filter(diesel::dsl::sql::<Bool>("zip_code = '?'"));
    let records: Vec<EnrollmentRecord> =
        unknown.order(enrollments::id).limit(limit).select(EnrollmentRecord::as_select()).load(connection)?;
    for record in &records {
        let content = &record.content.0;
        let searched = Searched::of(connection, content, &record.nom_raison_sociale)?;
        search_word::remember(connection, &[&record.nom_raison_sociale, &content.intitule])?;
        set(connection, record.id, &searched)?;
        index_readers(connection, record.id, content, record.updated_at)?;
    }
    Ok(records.len())
}

fn set(connection: &mut AnyConnection, id: EnrollmentId, searched: &Searched) -> QueryResult<()> {
    diesel::update(enrollments::table.find(id)).set(searched).execute(connection)?;
    Ok(())
}
