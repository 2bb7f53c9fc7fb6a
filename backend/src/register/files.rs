//! The register as open data: CSV, JSON, the schema of the CSV (Table Schema), and a feed (Atom, RFC 4287).
//!
//! Files are written page by page, so that a million rows take no more memory than a thousand.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use shared::calendar::paris;
use shared::enrollment::{AuthorisationState, AuthorisationSummary};
use shared::policy::Policy;
use shared::register::PublicRow;

use super::name;
use crate::error::{Error, Result};
use crate::export::harmless;
use crate::logging;
use crate::models::authorisation::public::{self, Entry, PublicQuery};
use crate::policies::Catalogue;
use crate::state::AppState;
use crate::streaming::{BodyStream, BodyWriter};

/// Rows that are read and written at once: some hundred kilobytes.
const PAGE: i64 = 500;

/// The columns of the CSV: name, type in Table Schema, what it holds. Those of the State's data set « habilitations-datapass-
/// validees » come first, with its names.
const COLUMNS: [(&str, &str, &str); 15] = [
    ("Fournisseur de l'API ou service", "string", "Administration qui expose l’API et délivre l’habilitation"),
    ("API ou Service demandé", "string", "Nom de l’API ou du service"),
    ("SIRET du demandeur", "string", "Établissement habilité"),
    ("Dénomination de l'unité légale du demandeur", "string", "Organisation habilitée"),
    ("Données demandées", "string", "Données auxquelles l’habilitation donne accès, séparées par des points-virgules"),
    ("Fondement juridique", "string", "Texte qui autorise l’organisation à traiter ces données"),
    ("Date de validation", "date", "Jour où l’habilitation a été délivrée"),
    ("Numéro", "string", "Numéro de l’habilitation"),
    ("Identifiant de l'API", "string", "Identifiant de l’API dans DataPass"),
    ("Intitulé", "string", "Projet pour lequel l’habilitation a été délivrée"),
    ("Type d'organisation", "string", "D’après la catégorie juridique de l’organisation"),
    ("Responsable de traitement", "string", "Prénom et nom, tant que l’habilitation est en vigueur"),
    ("État", "string", "En vigueur, Remplacée ou Révoquée"),
    ("Date de fin", "date", "Jour où l’habilitation a été remplacée ou révoquée"),
    ("Adresse", "string", "Page de l’habilitation"),
];

/// How the rows of a file are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text with commas (RFC 4180), in UTF-8.
    Csv,
    /// One array of objects.
    Json,
}

/// A part of the register, all its pages, as it is written. What cannot be read cuts it short: a receiver of chunks sees that.
///
/// # Errors
/// 503: too many at once.
pub fn stream(state: Arc<AppState>, query: PublicQuery, format: Format) -> Result<BodyStream> {
    let (out, chunks) = state.exports.begin_public(2)?;
    tokio::spawn(async move {
        match write(&state, query, format, &out).await {
            Ok(true) => out.finish(),
            Ok(false) => {}
            Err(error) => tracing::error!(error = logging::told(&error), "the register could not be written"),
        }
    });
    Ok(chunks)
}

/// Whether it was read to its end.
async fn write(state: &AppState, query: PublicQuery, format: Format, out: &BodyWriter) -> Result<bool> {
    let mut query = PublicQuery { limit: PAGE, ..query };
    let mut is_first = true;
    loop {
        let asked = query.clone();
        let (entries, next) = state.db.read(move |connection| Ok(public::entries(connection, &asked)?)).await?;
        let policies = state.policies.current();
        let mut entries = entries;
        entries.iter_mut().for_each(|entry| name(&mut entry.row, &policies));
        let written = match format {
            Format::Csv => csv_page(&state.public_url, &policies, &entries, is_first)?,
            Format::Json => json_page(&state.public_url, &policies, &entries, (is_first, next.is_none()))?,
        };
        if out.send(written.into()).await.is_err() {
            return Ok(false);
        }
        if next.is_none() {
            return Ok(true);
        }
        query.after = next;
        is_first = false;
    }
}

/// The page of an authorisation in the register.
pub fn address(public_url: &str, id: i64) -> String {
    format!("{public_url}/public/{}", AuthorisationSummary::number_of(id))
}

/// Official names of the data that an entry grants; ids where the policy in force no longer has them.
pub fn data(policy: Option<&Policy>, scopes: &[String]) -> Vec<String> {
    let label = |id: &String| policy?.scope(id).map(|scope| scope.label.clone());
    scopes.iter().map(|id| label(id).unwrap_or_else(|| id.clone())).collect()
}

fn day(at: DateTime<Utc>) -> String {
    paris(at).date().to_string()
}

/// The cells of an entry, in the order of the columns.
fn cells(public_url: &str, policies: &Catalogue, Entry { row, scopes, legal_basis, .. }: &Entry) -> [String; 15] {
    let policy = policies.get(&row.target_api).map(AsRef::as_ref);
    [
        row.provider.label.clone(),
        row.label.clone(),
        row.siret.clone(),
        row.nom_raison_sociale.clone(),
        data(policy, scopes).join(" ; "),
        legal_basis.clone(),
        day(row.validated_at),
        AuthorisationSummary::number_of(row.id),
        row.target_api.clone(),
        row.intitule.clone(),
        row.organization_kind.label().to_owned(),
        row.responsable_traitement.clone(),
        row.state.label().to_owned(),
        row.ended_at.map(day).unwrap_or_default(),
        address(public_url, row.id),
    ]
}

fn csv_page(public_url: &str, policies: &Catalogue, entries: &[Entry], is_first: bool) -> Result<Vec<u8>> {
    let failed = |error: csv::Error| Error::Internal(format!("the register as CSV: {error}"));
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    if is_first {
        writer.write_record(COLUMNS.map(|(name, ..)| name)).map_err(failed)?;
    }
    for entry in entries {
        let cells = cells(public_url, policies, entry);
        writer.write_record(cells.iter().map(|cell| harmless(cell).into_owned())).map_err(failed)?;
    }
    writer.into_inner().map_err(|error| Error::Internal(format!("the register as CSV: {error}")))
}

fn json_page(
    public_url: &str,
    policies: &Catalogue,
    entries: &[Entry],
    (is_first, is_last): (bool, bool),
) -> Result<Vec<u8>> {
    let mut written = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        written.extend_from_slice(if is_first && index == 0 { b"[\n" } else { b",\n" });
        let policy = policies.get(&entry.row.target_api).map(AsRef::as_ref);
        let mut value = serde_json::to_value(&entry.row).map_err(|error| Error::Internal(error.to_string()))?;
        if let Some(members) = value.as_object_mut() {
            members.insert("number".to_owned(), AuthorisationSummary::number_of(entry.row.id).into());
            members.insert("scopes".to_owned(), json!(entry.scopes));
            members.insert("data".to_owned(), json!(data(policy, &entry.scopes)));
            members.insert("fondement_juridique".to_owned(), entry.legal_basis.as_str().into());
            members.insert("url".to_owned(), address(public_url, entry.row.id).into());
        }
        serde_json::to_writer(&mut written, &value).map_err(|error| Error::Internal(error.to_string()))?;
    }
    if is_last {
        written.extend_from_slice(if is_first && entries.is_empty() { b"[]\n" } else { b"\n]\n" });
    }
    Ok(written)
}

/// The schema of the CSV (Table Schema, specs.frictionlessdata.io).
pub fn schema(public_url: &str) -> Value {
    let field = |(name, kind, description): (&str, &str, &str)| {
        let mut field = json!({"name": name, "type": kind, "description": description});
        let constraints = match name {
            "SIRET du demandeur" => json!({"required": true, "pattern": "^\\d{14}$"}),
            "Numéro" => json!({"required": true, "unique": true, "pattern": "^H\\d+$"}),
            "État" => {
                json!({"required": true, "enum": AuthorisationState::ALL.iter().map(|state| state.label()).collect::<Vec<_>>()})
            }
            "Date de validation" | "Identifiant de l'API" | "Adresse" => json!({"required": true}),
            _ => json!({}),
        };
        if let Some(members) = field.as_object_mut().filter(|_| constraints != json!({})) {
            members.insert("constraints".to_owned(), constraints);
        }
        field
    };
    json!({
        "$schema": "https://frictionlessdata.io/schemas/table-schema.json",
        "name": "habilitations-datapass",
        "title": "Habilitations délivrées par DataPass",
        "description": "Les organisations habilitées à utiliser des données à accès restreint de l’administration, et pour quoi (article L. 114-8 du code des relations entre le public et l’administration).",
        "homepage": format!("{public_url}/public"),
        "path": format!("{public_url}/api/enrollments/public/schema.json"),
        "version": "1.0.0",
        "fields": COLUMNS.map(field),
        "primaryKey": "Numéro",
    })
}

/// What the feed tells of: a grant, or a revocation.
struct Told<'a> {
    row: &'a PublicRow,
    is_revoked: bool,
    at: DateTime<Utc>,
}

/// The feed of the latest grants and revocations, newest first.
pub fn atom(public_url: &str, granted: &[PublicRow], revoked: &[PublicRow]) -> String {
    let grants = granted.iter().map(|row| Told { row, is_revoked: false, at: row.validated_at });
    let ends = revoked.iter().filter_map(|row| Some(Told { row, is_revoked: true, at: row.ended_at? }));
    let mut told: Vec<Told<'_>> = grants.chain(ends).collect();
    told.sort_by_key(|told| std::cmp::Reverse((told.at, told.row.id)));
    let updated = told.first().map_or(DateTime::UNIX_EPOCH, |told| told.at);
    let entries: String = told.iter().map(|told| entry(public_url, told)).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"fr\">\n\
         <title>Habilitations délivrées et révoquées – DataPass</title>\n<id>{public_url}/public</id>\n\
         <link rel=\"self\" type=\"application/atom+xml\" href=\"{public_url}/api/enrollments/public.atom\"/>\n\
         <link rel=\"alternate\" type=\"text/html\" href=\"{public_url}/public\"/>\n<updated>{}</updated>\n\
         <author><name>DataPass</name></author>\n{entries}</feed>\n",
        updated.to_rfc3339()
    )
}

fn entry(public_url: &str, Told { row, is_revoked, at }: &Told<'_>) -> String {
    let number = AuthorisationSummary::number_of(row.id);
    let address = address(public_url, row.id);
    let (what, id) =
        if *is_revoked { ("révoquée", format!("{address}#fin")) } else { ("délivrée", address.clone()) };
    let title = format!("Habilitation {number} {what}\u{a0}: {} – {}", row.nom_raison_sociale, row.label);
    format!(
        "<entry>\n<title>{}</title>\n<id>{id}</id>\n<link href=\"{address}\"/>\n<updated>{}</updated>\n\
         <category term=\"{}\" label=\"{}\"/>\n<summary>{}</summary>\n</entry>\n",
        escaped(&title),
        at.to_rfc3339(),
        if *is_revoked { "revoked" } else { "granted" },
        if *is_revoked { "Révocation" } else { "Délivrance" },
        escaped(&row.intitule),
    )
}

/// A text within XML. Control characters, which XML cannot hold, are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_stays_text_in_xml() {
        assert_eq!(escaped("<b> & \"c\"\u{1}\n"), "&lt;b&gt; &amp; &quot;c&quot; ");
    }

    #[test]
    fn every_column_of_the_schema_stands_in_the_file() {
        let schema = schema("https://datapass.example");
        let names: Vec<&str> = schema["fields"].as_array().unwrap().iter().filter_map(|f| f["name"].as_str()).collect();
        let head = csv_page("", &Catalogue::new(), &[], true).unwrap();
        assert_eq!(String::from_utf8(head).unwrap().trim_end(), names.join(","));
    }
}
