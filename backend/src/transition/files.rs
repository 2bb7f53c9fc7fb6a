//! What a policy wants of a file, before somebody sends it.

use shared::document::{Document, DocumentType, ScanState};
use shared::draft::Draft;
use shared::policy::{DocumentRequest, Policy};
use shared::validation::rules;
use shared::workflow::Action;

use super::{Tx, permitted, quotas};
use crate::error::{Error, Result};
use crate::ids::EnrollmentId;

/// The formats that a file may have which this user is about to join, within their quotas.
///
/// # Errors
/// No such enrollment (404); not allowed, or not asked for (403); changed meanwhile, or not from this status (409); there
/// are as many as may be (422); their quota is reached (409, 429).
pub fn formats(tx: &mut Tx<'_>, id: EnrollmentId, expected: Option<i64>, kind: DocumentType) -> Result<Vec<String>> {
    let loaded = tx.load(id)?;
    permitted(&loaded, tx.user, Action::Update, expected)?;
    // How large it is, its sender only says; what it turns out to be is counted again.
    quotas::document(tx, 1)?;
    let request = asked(&loaded.policy, kind)?;
    if request.max_files > 1 {
        let version = loaded.version(tx.connection)?;
        let joined = version.documents.iter().filter(|document| document.kind == kind).count();
        require_room(request, joined, &version.content)?;
    }
    Ok(request.formats.clone())
}

/// Whether a further file may be joined to so many of its type.
///
/// # Errors
/// 422: it may not.
pub(super) fn require_room(request: &DocumentRequest, joined: usize, draft: &Draft) -> Result<()> {
    if request.has_room(joined) {
        return Ok(());
    }
    Err(Error::fields(&[rules::too_many_files(request)], draft))
}

/// Whether what is granted may be: nobody has read a file that the antivirus has not opened.
///
/// # Errors
/// 409: which file it has not.
pub(super) fn require_scanned(documents: &[Document]) -> Result<()> {
    for Document { filename, scan, .. } in documents {
        let what = match scan {
            Some(ScanState::Pending) => {
                "est en cours de vérification par l’antivirus\u{a0}: réessayez dans quelques minutes"
            }
            Some(ScanState::Infected) => "contient un virus\u{a0}: il faut en joindre un autre à sa place",
            Some(ScanState::Clean) | None => continue,
        };
        return Err(Error::WrongStatus(format!("Le fichier «\u{a0}{filename}\u{a0}» {what}.")));
    }
    Ok(())
}

/// What the policy says of that file.
pub(super) fn asked(policy: &Policy, kind: DocumentType) -> Result<&DocumentRequest> {
    let missing = || Error::Forbidden(format!("{} ne demande pas ce document.", policy.label));
    policy.document(kind).ok_or_else(missing)
}
