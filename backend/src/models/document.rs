//! What is known of the documents; their bytes are in [`crate::storage`].

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::document::{Document, DocumentType};

use crate::connection::AnyConnection;
use crate::connection::types::{Name, utc};
use crate::ids::EnrollmentId;
use crate::schema::documents;

#[derive(Queryable, Selectable)]
#[diesel(table_name = documents)]
struct DocumentRow {
    id: i64,
    kind: Name<DocumentType>,
    filename: String,
    size: i64,
    sha256: String,
    created_at: NaiveDateTime,
}

/// A file to record.
#[derive(Clone, Debug)]
pub struct NewDocument {
    /// What it is for.
    pub kind: DocumentType,
    /// The name it had on the sender's machine.
    pub filename: String,
    /// Size in bytes.
    pub size: i64,
    /// SHA-256 of the content, in hexadecimal.
    pub sha256: String,
}

/// The live files of an enrollment, by type, in the order in which they were joined.
///
/// # Errors
/// The database's.
pub fn live(connection: &mut AnyConnection, enrollment_id: EnrollmentId) -> QueryResult<Vec<Document>> {
    let rows = documents::table
        .filter(documents::enrollment_id.eq(enrollment_id))
        .filter(documents::replaced_at.is_null())
        .order((documents::kind, documents::id))
        .select(DocumentRow::as_select())
        .load(connection)?;
    Ok(rows
        .into_iter()
        .map(|row| Document {
            id: row.id,
            kind: row.kind.0,
            filename: row.filename,
            size: row.size,
            sha256: row.sha256,
            created_at: utc(row.created_at),
        })
        .collect())
}

/// The hashes of all files, each once.
///
/// # Errors
/// The database's.
pub fn hashes(connection: &mut AnyConnection) -> QueryResult<Vec<String>> {
    documents::table.select(documents::sha256).distinct().order(documents::sha256).load(connection)
}

/// Records a file in the place of the live one of its type.
///
/// # Errors
/// The database's.
pub fn replace(
    connection: &mut AnyConnection,
    enrollment_id: EnrollmentId,
    document: &NewDocument,
    now: NaiveDateTime,
) -> QueryResult<()> {
    retire(connection, enrollment_id, document.kind, None, now)?;
    insert(connection, enrollment_id, document, now)
}

/// Records a file beside the live ones of its type; the same content is one file, under its newer name.
///
/// # Errors
/// The database's.
pub fn add(
    connection: &mut AnyConnection,
    enrollment_id: EnrollmentId,
    document: &NewDocument,
    now: NaiveDateTime,
) -> QueryResult<()> {
    let same = documents::table
        .filter(documents::enrollment_id.eq(enrollment_id))
        .filter(documents::kind.eq(Name(document.kind)))
        .filter(documents::sha256.eq(&document.sha256))
        .filter(documents::replaced_at.is_null());
    diesel::update(same).set(documents::replaced_at.eq(now)).execute(connection)?;
    insert(connection, enrollment_id, document, now)
}

fn insert(
    connection: &mut AnyConnection,
    enrollment_id: EnrollmentId,
    document: &NewDocument,
    now: NaiveDateTime,
) -> QueryResult<()> {
    diesel::insert_into(documents::table)
        .values((
            documents::enrollment_id.eq(enrollment_id),
            documents::kind.eq(Name(document.kind)),
            documents::filename.eq(&document.filename),
            documents::size.eq(document.size),
            documents::sha256.eq(&document.sha256),
            documents::created_at.eq(now),
        ))
        .execute(connection)?;
    Ok(())
}

/// Makes these files the live ones, and no other.
///
/// # Errors
/// The database's.
pub fn restore(
    connection: &mut AnyConnection,
    enrollment_id: EnrollmentId,
    files: &[Document],
    now: NaiveDateTime,
) -> QueryResult<()> {
    let live =
        documents::table.filter(documents::enrollment_id.eq(enrollment_id)).filter(documents::replaced_at.is_null());
    diesel::update(live).set(documents::replaced_at.eq(now)).execute(connection)?;
    for document in files {
        let Document { kind, filename, size, sha256, .. } = document.clone();
        insert(connection, enrollment_id, &NewDocument { kind, filename, size, sha256 }, now)?;
    }
    Ok(())
}

/// Takes the live files of that type away, or only the one of that number; they stay on record for the versions that name
/// them.
///
/// # Errors
/// The database's.
pub fn retire(
    connection: &mut AnyConnection,
    enrollment_id: EnrollmentId,
    kind: DocumentType,
    only: Option<i64>,
    now: NaiveDateTime,
) -> QueryResult<()> {
    // Every number, where none is named.
    let (first, last) = only.map_or((0, i64::MAX), |id| (id, id));
    let live = documents::table
        .filter(documents::enrollment_id.eq(enrollment_id))
        .filter(documents::kind.eq(Name(kind)))
        .filter(documents::id.between(first, last))
        .filter(documents::replaced_at.is_null());
    diesel::update(live).set(documents::replaced_at.eq(now)).execute(connection)?;
    Ok(())
}
