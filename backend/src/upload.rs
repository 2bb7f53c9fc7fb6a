//! The check of a file that somebody sends: its name, and its whole content. Pure.
//!
//! `shared::document::check` has looked at the name, the size and the first bytes, in the browser already. Here is what
//! needs the rest: a file that its reader can open, that is only one thing, and that runs nothing.

mod archive;
mod links;
mod pdf;
mod xls;

use memchr::memmem;
use shared::document::{FileFormat, check as check_beginning};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization as _;

/// The longest name of a file, in characters.
const MAX_NAME_LENGTH: usize = 200;

/// How far from the end of a PDF its mark may be: what Acrobat allows.
const PDF_END: usize = 1024;

/// Why a file is refused, and what to do instead.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The ending, the size, the first bytes, or the document that an archive turns out to be.
    #[error("{0}")]
    Format(String),
    /// It has no end, or cannot be read.
    #[error(
        "Ce fichier est abîmé ou incomplet\u{a0}: vérifiez qu’il s’ouvre, enregistrez-le de nouveau, puis joignez-le."
    )]
    Damaged,
    /// Nobody without the password could read it.
    #[error("Ce fichier est protégé par un mot de passe\u{a0}: retirez cette protection, puis joignez-le de nouveau.")]
    Encrypted,
    /// It is something else as well, or hides something.
    #[error(
        "Ce fichier en cache un autre\u{a0}: exportez-le de nouveau depuis le logiciel qui l’a produit, puis joignez-le."
    )]
    Ambiguous,
    /// A program is in it.
    #[error("Ce fichier contient un programme\u{a0}: joignez le document seul.")]
    Executable,
    /// Programs of an office suite are in it.
    #[error("Ce fichier contient des macros\u{a0}: enregistrez-le sans macros, puis joignez-le de nouveau.")]
    Macros,
    /// Another program is started or asked by it.
    #[error(
        "Ce fichier lance des commandes ou interroge d’autres programmes (liaisons DDE ou OLE)\u{a0}: supprimez ces \
         liaisons, puis joignez-le de nouveau."
    )]
    Commands,
    /// Scripts or other programs are started by a PDF.
    #[error(
        "Ce PDF exécute des scripts ou lance d’autres programmes\u{a0}: imprimez-le au format PDF, puis joignez le \
         fichier obtenu."
    )]
    Runs,
    /// There are other files in it.
    #[error(
        "Ce PDF contient d’autres fichiers ou une vidéo\u{a0}: retirez-les, ou imprimez-le au format PDF, puis joignez \
         le fichier obtenu."
    )]
    Carries,
    /// What it shows is drawn by a program, and by few readers.
    #[error(
        "Ce PDF est un formulaire dynamique (XFA)\u{a0}: imprimez-le au format PDF, puis joignez le fichier obtenu."
    )]
    DynamicForm,
    /// Unpacked, it would fill a disk.
    #[error(
        "Ce fichier contient trop de données une fois décompressé\u{a0}: retirez les feuilles et les images inutiles, \
         puis joignez-le de nouveau."
    )]
    TooLarge,
}

/// The name that is kept: the last part of what was sent, without what cannot be seen and may deceive.
///
/// # Errors
/// What to do instead, in French.
pub fn filename(sent: &str) -> Result<String, String> {
    let name: String =
        sent.rsplit(['/', '\\']).next().unwrap_or_default().nfc().filter(|c| !is_invisible(*c)).collect();
    let name = name.trim();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    if stem.trim_matches(['.', ' ']).is_empty() || name.chars().any(char::is_control) {
        return Err("Renommez ce fichier\u{a0}: son nom est illisible.".to_owned());
    }
    if name.chars().count() > MAX_NAME_LENGTH {
        return Err(format!("Renommez ce fichier\u{a0}: son nom dépasse {MAX_NAME_LENGTH} caractères."));
    }
    Ok(name.to_owned())
}

/// Characters without a shape. Those that turn the direction of a text make « exe.pdf » out of « fdp.exe ».
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Whether a file may be kept.
///
/// # Errors
/// Why not.
pub fn check(filename: &str, bytes: &[u8], formats: &[String]) -> Result<FileFormat, Refusal> {
    let format = check_beginning(filename, bytes.len(), bytes, formats).map_err(|message| {
        // What Excel and Word make of a document with a password is no archive any more.
        if contains_wide(bytes, "EncryptedPackage") { Refusal::Encrypted } else { Refusal::Format(message) }
    })?;
    match format {
        FileFormat::Pdf => pdf(bytes)?,
        FileFormat::Xls => xls::check(bytes)?,
        FileFormat::Png if !bytes.ends_with(b"\0\0\0\0IEND\xae\x42\x60\x82") => return Err(Refusal::Damaged),
        FileFormat::Jpg if !without_padding(bytes).ends_with(b"\xff\xd9") => return Err(Refusal::Damaged),
        FileFormat::Png | FileFormat::Jpg => {}
        FileFormat::Ods | FileFormat::Odt | FileFormat::Xlsx | FileFormat::Docx | FileFormat::Sxc => {
            archive::check(format, bytes)?;
        }
    }
    let is_archive = bytes.starts_with(b"PK");
    let is_pdf = format == FileFormat::Pdf;
    if (!is_archive && archive::can_be_read_as_one(bytes)) || (!is_pdf && can_be_read_as_pdf(bytes)) {
        return Err(Refusal::Ambiguous);
    }
    if has_program(bytes) { Err(Refusal::Executable) } else { Ok(format) }
}

/// ISO 32000-1, 7.5.5 (the end) and 7.6.1 (encryption is told in the trailer, which is never encrypted).
fn pdf(bytes: &[u8]) -> Result<(), Refusal> {
    let content = without_padding(bytes);
    let end = content.get(content.len().saturating_sub(PDF_END)..).unwrap_or_default();
    if memmem::find(end, b"%%EOF").is_none() {
        return Err(Refusal::Damaged);
    }
    let encrypted = memmem::find_iter(bytes, b"/Encrypt").any(|at| {
        let value = bytes.get(at + b"/Encrypt".len()..).unwrap_or_default();
        is_dictionary_or_reference(value.get(..40).unwrap_or(value))
    });
    if encrypted { Err(Refusal::Encrypted) } else { pdf::check(bytes) }
}

/// `<<…` or `12 0 R`: what the value of `/Encrypt` is, and the text of a page that speaks of it is not.
fn is_dictionary_or_reference(value: &[u8]) -> bool {
    let value = value.trim_ascii_start();
    let mut words = value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let mut is_number = || words.next().is_some_and(|word| word.iter().all(u8::is_ascii_digit));
    value.starts_with(b"<<") || (is_number() && is_number() && words.next().is_some_and(|word| word.starts_with(b"R")))
}

/// Readers look for the header in the first 1024 bytes.
fn can_be_read_as_pdf(bytes: &[u8]) -> bool {
    memmem::find(bytes.get(..PDF_END).unwrap_or(bytes), b"%PDF-").is_some()
}

/// Windows and Linux programs, by more of their header than chance would write.
fn has_program(bytes: &[u8]) -> bool {
    let is_windows = |at: usize| {
        let header = u32_at(bytes, at + 0x3c).and_then(|offset| at.checked_add(usize::try_from(offset).ok()?));
        header.and_then(|header| bytes.get(header..)).is_some_and(|header| header.starts_with(b"PE\0\0"))
    };
    let is_linux = |at: usize| matches!(bytes.get(at + 4..at + 7), Some([1 | 2, 1 | 2, 1]));
    memmem::find_iter(bytes, b"MZ").any(is_windows) || memmem::find_iter(bytes, b"\x7fELF").any(is_linux)
}

/// Whether that text is there in UTF-16, as names are in OLE files.
fn contains_wide(bytes: &[u8], text: &str) -> bool {
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    memmem::find(bytes, &wide).is_some()
}

/// Some programs fill a file up to a round size.
fn without_padding(bytes: &[u8]) -> &[u8] {
    let end =
        bytes.iter().rposition(|byte| !matches!(byte, 0 | b' ' | b'\r' | b'\n' | b'\t')).map_or(0, |last| last + 1);
    bytes.get(..end).unwrap_or_default()
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests;
