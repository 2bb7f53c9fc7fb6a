//! What is known of the documents; their bytes are in [`crate::storage`].

use chrono::NaiveDateTime;
use diesel::prelude::*;
use shared::document::{Document, DocumentType, ScanState};

use crate::connection::AnyConnection;
use crate::connection::types::{Name, utc};
use crate::ids::EnrollmentId;
use crate::on_each;
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
    scan: Option<Name<ScanState>>,
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
    /// What the antivirus says of it; `None` where none is asked.
    pub scan: Option<ScanState>,
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
            scan: row.scan.map(|scan| scan.0),
        })
        .collect())
}

/// The hashes of all files that are kept, each once.
///
/// # Errors
/// The database's.
pub fn hashes(connection: &mut AnyConnection) -> QueryResult<Vec<String>> {
    let kept = documents::scan.is_null().or(documents::scan.ne(Name(ScanState::Infected)));
    documents::table.filter(kept).select(documents::sha256).distinct().order(documents::sha256).load(connection)
}

/// Which of these hashes no file has.
///
/// # Errors
/// The database's.
pub fn unnamed(connection: &mut AnyConnection, hashes: Vec<String>) -> QueryResult<Vec<String>> {
    let named = documents::table.filter(documents::sha256.eq_any(&hashes)).select(documents::sha256).distinct();
    let named: Vec<String> = named.load(connection)?;
    Ok(hashes.into_iter().filter(|hash| !named.contains(hash)).collect())
}

/// What the antivirus says of the newest file with that content; `None` where none is asked, or there is no such file.
///
/// # Errors
/// The database's.
pub fn scan_of(connection: &mut AnyConnection, sha256: &str) -> QueryResult<Option<ScanState>> {
    let newest = documents::table.filter(documents::sha256.eq(sha256)).order(documents::id.desc());
    let scan: Option<Option<Name<ScanState>>> = newest.select(documents::scan).first(connection).optional()?;
    Ok(scan.flatten().map(|scan| scan.0))
}

/// Whether one of the files with that content was refused by the antivirus.
///
/// # Errors
/// The database's.
pub fn is_infected(connection: &mut AnyConnection, sha256: &str) -> QueryResult<bool> {
    let infected = documents::table.filter(documents::sha256.eq(sha256));
    let infected = infected.filter(documents::scan.eq(Name(ScanState::Infected)));
    diesel::select(diesel::dsl::exists(infected)).get_result(connection)
}

/// A file that the antivirus refuses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Queryable)]
pub struct Refused {
    pub enrollment_id: EnrollmentId,
    /// The name it had on the sender's machine.
    pub filename: String,
    /// When another file took its place, if one did.
    pub replaced_at: Option<NaiveDateTime>,
}

/// Refuses the files with that content that were not refused yet, and gives them, those of one request together.
///
/// # Errors
/// The database's.
pub fn refuse(connection: &mut AnyConnection, sha256: &str) -> QueryResult<Vec<Refused>> {
    let open = documents::scan.is_null().or(documents::scan.ne(Name(ScanState::Infected)));
    let files = documents::table.filter(documents::sha256.eq(sha256)).filter(open);
    let columns = (documents::enrollment_id, documents::filename, documents::replaced_at);
    // Two workers with the same content: only one is given each file.
    let mut refused: Vec<Refused> = on_each!(connection, c => diesel::update(files)
        .set(documents::scan.eq(Name(ScanState::Infected)))
        .returning(columns)
        .get_results(c))?;
    refused.sort_unstable();
    Ok(refused)
}

/// Says of all files with that content what the antivirus says of it.
///
/// # Errors
/// The database's.
pub fn set_scan(connection: &mut AnyConnection, sha256: &str, scan: ScanState) -> QueryResult<()> {
    let same = documents::table.filter(documents::sha256.eq(sha256));
    diesel::update(same).set(documents::scan.eq(Name(scan))).execute(connection)?;
    Ok(())
}

/// Opens the files with that content that wait for an antivirus that is no longer there.
///
/// # Errors
/// The database's.
pub fn release(connection: &mut AnyConnection, sha256: &str) -> QueryResult<()> {
    let waiting = documents::table.filter(documents::sha256.eq(sha256));
    let waiting = waiting.filter(documents::scan.eq(Name(ScanState::Pending)));
    diesel::update(waiting).set(documents::scan.eq(None::<Name<ScanState>>)).execute(connection)?;
    Ok(())
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
            documents::scan.eq(document.scan.map(Name)),
        ))
        .execute(connection)?;
    Ok(())
}

/// Makes these files the live ones, and no other. Of each the antivirus says what it says of its content by now.
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
        let scan = scan_of(connection, &sha256)?;
        insert(connection, enrollment_id, &NewDocument { kind, filename, size, sha256, scan }, now)?;
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
