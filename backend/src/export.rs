//! Lists as files: CSV and XLSX, written page by page, so that a hundred thousand rows take no more memory than a thousand.
//!
//! A thread of its own reads and writes, on a connection of its own for each page, and waits for nobody but its reader. CSV
//! leaves as it is written. An XLSX file is a ZIP archive whose parts `rust_xlsxwriter` keeps in temporary files until the
//! last row is known, so it leaves at the end.

pub mod journal;
mod rows;

use std::io::{self, Read as _, Seek as _, Write};
use std::sync::Arc;

use bytes::Bytes;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use shared::user::User;
use tokio::runtime::Handle;

use self::rows::{COLUMNS, Cell, Row, cells, rows};
use crate::connection::AnyConnection;
use crate::connection::page::Cursor;
use crate::error::Result;
use crate::ids::UserId;
use crate::logging;
use crate::models::enrollment::list::{self, ListQuery};
use crate::state::AppState;
use crate::streaming::{BodyStream, BodyWriter};
use crate::transition::Context;

/// How a list is written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FileType {
    /// Text with semicolons (RFC 4180 otherwise), in UTF-8 with its mark: what Excel opens in French.
    Csv,
    /// A sheet of Excel 2007 and later.
    Xlsx,
}

impl FileType {
    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// What its name ends with.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }
}

/// Rows that are read at once: with all that applicants write, some megabytes.
const PAGE: i64 = 250;

/// What leaves at once.
const CHUNK: usize = 64 * 1024;

/// How many chunks may wait for the reader.
const BUFFERED: usize = 8;

/// The longest text of a cell of a sheet, in characters (the format’s own limit).
const MAX_CELL: usize = 32_767;

/// A list on its way out.
pub struct Export {
    /// How many rows it had when it began.
    pub rows: i64,
    /// The file, as it is written.
    pub bytes: BodyStream,
}

/// Begins to write all pages of a list, as that user may read it. A failure on the way cuts the file short: what comes over
/// HTTP in chunks then ends in an error that the receiver sees.
///
/// # Errors
/// 429: too many exports at once; the database's.
pub async fn begin(state: Arc<AppState>, kind: FileType, user: User, query: ListQuery) -> Result<Export> {
    let (writer, bytes) = state.exports.begin(UserId(user.id), BUFFERED)?;
    let counted = query.clone();
    let rows = state.db.read(move |connection| Ok(list::count(connection, &counted, None)?)).await?;
    in_thread(writer, move |out| {
        let pages = Pages { state: &state, user: &user, next: Some(query) };
        write(kind, pages, out)
    });
    Ok(Export { rows, bytes })
}

/// Has a file written by a thread of its own.
fn in_thread(writer: BodyWriter, write: impl FnOnce(&mut BlockingWriter<'_>) -> io::Result<()> + Send + 'static) {
    let runtime = Handle::current();
    tokio::task::spawn_blocking(move || match write(&mut BlockingWriter { writer: &writer, runtime }) {
        Ok(()) => writer.finish(),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(error) => tracing::error!(%error, "export"),
    });
}

/// The pages of a list that is exported, each read when it is wanted.
struct Pages<'a> {
    state: &'a AppState,
    user: &'a User,
    /// What to read next; nothing after the last page, or one that could not be read.
    next: Option<ListQuery>,
}

impl Iterator for Pages<'_> {
    type Item = Result<Vec<Row>>;

    fn next(&mut self) -> Option<Self::Item> {
        let query = ListQuery { limit: PAGE, ..self.next.take()? };
        let context = self.state.context();
        let read = self.state.db.read_blocking(|connection| page(connection, &context, self.user, &query));
        Some(read.map(|(rows, next)| {
            self.next = next.map(|next| ListQuery { after: Some(next), ..query });
            rows
        }))
    }
}

/// One page of the list, and the cursor of the next if there is one.
///
/// # Errors
/// The database's.
pub fn page(
    connection: &mut AnyConnection,
    context: &Context,
    user: &User,
    query: &ListQuery,
) -> Result<(Vec<Row>, Option<Cursor>)> {
    let (items, next) = list::list(connection, query)?;
    Ok((rows(connection, context, user, items)?, next))
}

/// Writes all `pages`. Blocks: call it in a thread for that.
///
/// # Errors
/// A page cannot be read, the disk's, or that `out` takes no more.
fn write(kind: FileType, pages: impl Iterator<Item = Result<Vec<Row>>>, out: &mut impl Write) -> io::Result<()> {
    let pages = pages.map(|page| page.map_err(|error| io::Error::other(logging::told(&error))));
    match kind {
        FileType::Csv => {
            let pages = pages.map(|page| page.map(|rows| rows.iter().map(cells).collect::<Vec<_>>()));
            csv(COLUMNS.map(|(name, _)| name), pages, out)
        }
        FileType::Xlsx => xlsx(pages, out),
    }
}

/// A [`BodyWriter`] for a thread that blocks: what is written to it leaves at once.
struct BlockingWriter<'a> {
    writer: &'a BodyWriter,
    runtime: Handle,
}

impl Write for BlockingWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.runtime.block_on(self.writer.send(Bytes::copy_from_slice(bytes)))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes titles and lines of cells.
fn csv<const WIDTH: usize>(
    titles: [&str; WIDTH],
    pages: impl Iterator<Item = io::Result<Vec<[Cell; WIDTH]>>>,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut out = io::BufWriter::with_capacity(CHUNK, out);
    // Without it Excel reads accents as something else.
    out.write_all("\u{feff}".as_bytes())?;
    let mut writer = csv::WriterBuilder::new().delimiter(b';').terminator(csv::Terminator::CRLF).from_writer(out);
    writer.write_record(titles)?;
    for page in pages {
        for line in page? {
            for cell in line {
                match cell {
                    Cell::Number(number) => writer.write_field(number.to_string())?,
                    Cell::Text(text) => writer.write_field(harmless(&text).as_bytes())?,
                    Cell::Time(time) => writer.write_field(time.format("%Y-%m-%d %H:%M:%S").to_string())?,
                    Cell::Nothing => writer.write_field("")?,
                }
            }
            writer.write_record(None::<&[u8]>)?;
        }
        writer.flush()?;
    }
    writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?.flush()
}

/// A text that no spreadsheet takes for a formula (OWASP, CSV injection).
pub fn harmless(text: &str) -> std::borrow::Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}").into() } else { text.into() }
}

fn xlsx(pages: impl Iterator<Item = io::Result<Vec<Row>>>, out: &mut impl Write) -> io::Result<()> {
    let failed = |error: XlsxError| io::Error::other(error.to_string());
    let time_format = Format::new().set_num_format("dd/mm/yyyy hh:mm");
    let title_format = Format::new().set_bold();
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet_with_constant_memory().map_err(failed)?;
    sheet.set_name("Demandes").map_err(failed)?;
    sheet.set_freeze_panes(1, 0).map_err(failed)?;
    for (column, (name, width)) in (0..).zip(COLUMNS) {
        sheet.set_column_width(column, width).map_err(failed)?;
        sheet.write_string_with_format(0, column, name, &title_format).map_err(failed)?;
    }
    let mut line = 0;
    for page in pages {
        for row in &page? {
            line += 1;
            for (column, cell) in (0..).zip(cells(row)) {
                match cell {
                    #[expect(clippy::cast_precision_loss, reason = "a sheet has no other numbers, and these are small")]
                    Cell::Number(number) => sheet.write_number(line, column, number as f64),
                    Cell::Text(text) => {
                        let shown: String = text.chars().take(MAX_CELL).collect();
                        sheet.write_string(line, column, shown)
                    }
                    Cell::Time(time) => sheet.write_datetime_with_format(line, column, time, &time_format),
                    Cell::Nothing => Ok(&mut *sheet),
                }
                .map_err(failed)?;
            }
        }
    }
    let mut file = tempfile::tempfile()?;
    workbook.save_to_writer(&mut file).map_err(failed)?;
    file.rewind()?;
    let mut chunk = vec![0; CHUNK];
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(()),
            read => out.write_all(chunk.get(..read).unwrap_or_default())?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::streaming::Exports;

    fn row(id: i64, intitule: &str) -> Row {
        Row::sample(id, intitule)
    }

    fn written(kind: FileType, pages: Vec<Vec<Row>>) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(kind, pages.into_iter().map(Ok), &mut bytes).unwrap();
        bytes
    }

    #[test]
    fn csv_is_read_by_a_spreadsheet_and_runs_nothing() {
        let pages = vec![vec![row(1, "Cantine ; « été »\nsuite")], vec![row(2, "=CMD()")]];
        let text = String::from_utf8(written(FileType::Csv, pages)).unwrap();
        assert!(text.starts_with('\u{feff}'));
        let mut reader =
            csv::ReaderBuilder::new().delimiter(b';').from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        assert_eq!(reader.headers().unwrap().len(), COLUMNS.len());
        let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.unwrap()).collect();
        let column = |row: usize, name: &str| {
            let place = COLUMNS.iter().position(|(column, _)| *column == name).unwrap();
            rows[row][place].to_owned()
        };
        assert_eq!(column(0, "Numéro"), "1");
        assert_eq!(column(0, "Projet"), "Cantine ; « été »\nsuite");
        assert_eq!((column(1, "Projet"), column(1, "Soumise le")), ("'=CMD()".to_owned(), String::new()));
        // In winter, then in summer.
        assert_eq!(column(1, "Créée le"), "2026-01-02 04:04:05");
        assert_eq!(column(1, "Modifiée le"), "2026-07-02 05:04:05");
    }

    #[test]
    fn xlsx_is_a_sheet_with_every_row() {
        let pages = (0..3).map(|page| (0..100).map(|n| row(page * 100 + n, "Cantine")).collect()).collect();
        let bytes = written(FileType::Xlsx, pages);
        let mut archive = zip::ZipArchive::new(io::Cursor::new(bytes)).unwrap();
        let mut sheet = String::new();
        archive.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut sheet).unwrap();
        assert_eq!(sheet.matches("<row ").count(), 301);
    }

    #[tokio::test]
    async fn a_file_whose_reader_stops_ends_in_an_error_and_leaves_its_place() {
        use tokio_stream::StreamExt as _;

        let exports = Exports::with_patience(std::time::Duration::from_millis(50));
        let (writer, mut bytes) = exports.begin(UserId(1), 1).unwrap();
        assert!(matches!(exports.begin(UserId(1), 1), Err(crate::error::Error::TooManyCalls(..))));
        let runtime = Handle::current();
        let written = tokio::task::spawn_blocking(move || {
            let pages = std::iter::repeat_with(|| Ok(vec![row(1, &"x".repeat(CHUNK))]));
            write(FileType::Csv, pages, &mut BlockingWriter { writer: &writer, runtime }).unwrap_err().kind()
        });
        assert_eq!(written.await.unwrap(), io::ErrorKind::TimedOut);
        assert!(bytes.next().await.unwrap().is_ok());
        assert!(bytes.next().await.unwrap().is_err());
        assert!(bytes.next().await.is_none());
        drop(exports.begin(UserId(1), 1).unwrap());
    }

    #[tokio::test]
    async fn whoever_goes_away_stops_the_writer() {
        let (writer, bytes) = Exports::default().begin(UserId(1), 1).unwrap();
        drop(bytes);
        let runtime = Handle::current();
        let written = tokio::task::spawn_blocking(move || {
            let pages = std::iter::repeat_with(|| Ok(vec![row(1, "x")]));
            write(FileType::Csv, pages, &mut BlockingWriter { writer: &writer, runtime }).unwrap_err().kind()
        });
        assert_eq!(written.await.unwrap(), io::ErrorKind::BrokenPipe);
    }
}
