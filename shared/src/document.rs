//! The files that go with a request: what is known of them, not their bytes.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::wire_enum;

/// The largest file that is accepted, in bytes (10 MB, v1's limit).
pub const MAX_SIZE: usize = 10 * 1024 * 1024;

/// The most files of one type that a policy may allow.
pub const MAX_FILES: u32 = 10;

wire_enum! {
    /// What a file is for. A request has one live file of a type, or as many as the policy allows. The names are v1's.
    pub enum DocumentType {
        /// The text that gives the right to the data.
        LegalBasis = "LegalBasis",
        /// Pictures of the planned service.
        MaquetteProjet = "MaquetteProjet",
        /// DGFiP: a need that the list of data does not cover.
        ExpressionBesoinSpecifique = "ExpressionBesoinSpecifique",
        /// The decision that the system is secure enough.
        DecisionHomologation = "DecisionHomologation",
        /// URSSAF: taxes and contributions are paid.
        AttestationFiscale = "AttestationFiscale",
        /// Aidants Connect: the public service is delegated to the structure.
        DelegationServicePublic = "DelegationServicePublic",
        /// Aidants Connect: the helpers, as they were listed in the past.
        ListeAidants = "ListeAidants",
        /// What a policy names itself.
        PieceJustificative = "PieceJustificative",
    }
}

impl DocumentType {
    /// The label a person reads.
    pub const fn label(self) -> &'static str {
        match self {
            Self::LegalBasis => "Document du cadre juridique",
            Self::MaquetteProjet => "Maquette du projet",
            Self::ExpressionBesoinSpecifique => "Expression de besoin spécifique",
            Self::DecisionHomologation => "Décision d’homologation",
            Self::AttestationFiscale => "Attestation fiscale",
            Self::DelegationServicePublic => "Preuve de délégation de service public",
            Self::ListeAidants => "Liste des aidants",
            Self::PieceJustificative => "Pièce justificative",
        }
    }
}

wire_enum! {
    /// A file format that can be told from a file's first bytes. The names are the endings of file names.
    pub enum FileFormat {
        /// Portable Document Format, ISO 32000.
        Pdf = "pdf",
        /// Open Document spreadsheet.
        Ods = "ods",
        /// Open Document text.
        Odt = "odt",
        /// Excel 97–2003.
        Xls = "xls",
        /// Excel 2007 and later.
        Xlsx = "xlsx",
        /// Word 2007 and later.
        Docx = "docx",
        /// Open Office 1 spreadsheet.
        Sxc = "sxc",
        /// Picture.
        Png = "png",
        /// Picture.
        Jpg = "jpg",
    }
}

impl FileFormat {
    /// The format of that file name ending, in whatever case.
    pub fn named(ending: &str) -> Option<Self> {
        ending.to_ascii_lowercase().parse().ok()
    }

    /// Whether a file that begins with `head` can be one. Eight bytes are enough.
    pub fn begins(self, head: &[u8]) -> bool {
        let magic: &[u8] = match self {
            Self::Pdf => b"%PDF-",
            Self::Ods | Self::Odt | Self::Xlsx | Self::Docx | Self::Sxc => b"PK\x03\x04",
            Self::Xls => b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
            Self::Png => b"\x89PNG\r\n\x1a\n",
            Self::Jpg => b"\xff\xd8\xff",
        };
        head.starts_with(magic)
    }

    /// What is said of a file that has the name of this format and another content.
    pub fn misnamed(self) -> String {
        let ending = self.as_str().to_ascii_uppercase();
        format!(
            "Ce fichier porte le nom d’un {ending} mais n’en est pas un\u{a0}: enregistrez-le au format {ending}, puis joignez-le de nouveau."
        )
    }
}

/// Whether a file may be sent: the ending of its name, its size in bytes, and its first bytes.
///
/// # Errors
/// What to do instead, in French.
pub fn check(filename: &str, size: usize, head: &[u8], formats: &[String]) -> Result<FileFormat, String> {
    let ending = filename.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    let named = formats.join(" ou ").to_ascii_uppercase();
    let Some(format) = FileFormat::named(&ending).filter(|_| formats.contains(&ending)) else {
        return Err(format!("Ce format de fichier n’est pas accepté\u{a0}: joignez un fichier {named}."));
    };
    if size == 0 {
        return Err("Ce fichier est vide\u{a0}: choisissez-en un autre.".to_owned());
    }
    if size > MAX_SIZE {
        return Err(
            "Ce fichier dépasse la taille maximale de 10\u{a0}Mo\u{a0}: réduisez-le, puis joignez-le de nouveau."
                .to_owned(),
        );
    }
    if !format.begins(head) {
        return Err(format.misnamed());
    }
    Ok(format)
}

wire_enum! {
    /// What the antivirus says of a file.
    pub enum ScanState {
        /// It has not spoken yet: nobody opens the file.
        Pending = "pending",
        /// It found nothing.
        Clean = "clean",
        /// It found a virus: the file is not kept.
        Infected = "infected",
    }
}

/// A file of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Document {
    /// Its number.
    pub id: i64,
    /// What it is for.
    #[serde(rename = "type")]
    pub kind: DocumentType,
    /// The name it had on the sender's machine.
    pub filename: String,
    /// Size in bytes.
    pub size: i64,
    /// SHA-256 of the content, in hexadecimal.
    pub sha256: String,
    /// When it was received.
    pub created_at: DateTime<Utc>,
    /// What the antivirus says of it; absent where none is asked, and in a version, which is what was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scan: Option<ScanState>,
}

/// What is said at the field of a file that the antivirus refuses.
pub const INFECTED: &str = "Ce fichier contient un virus et n’est pas gardé\u{a0}: retirez-le, ou joignez-en un autre.";

impl Document {
    /// Whether the antivirus refuses it.
    pub fn is_infected(&self) -> bool {
        self.scan == Some(ScanState::Infected)
    }

    /// Why it cannot be opened, in French; `None` where it can.
    pub fn obstacle(&self) -> Option<&'static str> {
        match self.scan {
            Some(ScanState::Pending) => Some("Vérification antivirus en cours"),
            Some(ScanState::Infected) => Some("Refusé\u{a0}: contient un virus"),
            Some(ScanState::Clean) | None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ending_size_and_first_bytes_are_checked() {
        let formats = ["pdf".to_owned(), "xlsx".to_owned()];
        for (filename, size, head, accepted) in [
            ("Décret.PDF", 1_000, b"%PDF-1.7".as_slice(), true),
            ("tableau.xlsx", MAX_SIZE, b"PK\x03\x04....", true),
            ("tableau.ods", 1_000, b"PK\x03\x04....", false),
            ("décret.docx", 1_000, b"PK\x03\x04....", false),
            ("pdf", 1_000, b"%PDF-1.7", false),
            ("a.pdf", MAX_SIZE + 1, b"%PDF-1.7", false),
            ("a.pdf", 0, b"", false),
            ("a.pdf", 1_000, b"PK\x03\x04....", false),
            ("a.pdf", 4, b"%PDF", false),
        ] {
            assert_eq!(check(filename, size, head, &formats).is_ok(), accepted, "{filename} {size}");
        }
    }
}
