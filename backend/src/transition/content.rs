//! What the applicant writes: the members of the content, the files. Whether it may be kept is one question for both, and
//! for a submission.

use std::sync::Arc;

use serde_json::{Map, Value};
use shared::api::ContentCorrection;
use shared::diff::Version;
use shared::document::{Document, DocumentType, ScanState};
use shared::draft::{Draft, MergeError};
use shared::policy::{Policy, revision};
use shared::problem::{ItemCode, pointer};
use shared::team_member::TeamMemberType;
use shared::validation::{Input, Stage, rules, validate};
use shared::workflow::{EventName, Status};

use super::facts::{self, Facts, Grants};
use super::written::{Effect, Written};
use super::{Context, Loaded, Tx, checked_reason, files, quotas};
use crate::connection::{AnyConnection, lock};
use crate::error::{Error, Result};
use crate::ids::EnrollmentId;
use crate::json;
use crate::models::document::{self, NewDocument};
use crate::models::outbox::{self, NewMessage, Payload};

/// Taken with the number of an organisation, while one looks what it holds and grants it more. Any constant would do.
const GRANT_LOCK: i64 = 0x6461_7467_7261_6e74;

/// Replaces members of the content.
pub(super) fn update(
    tx: &mut Tx<'_>,
    loaded: &mut Loaded,
    before: &Version,
    mut members: Map<String, Value>,
) -> Result<Written> {
    let content = match members.remove("policy_revision") {
        Some(revision) => renewed(tx.context, loaded, &revision)?,
        None => before.content.clone(),
    };
    let draft = content.merged(&members).map_err(|error| unreadable(&members, error))?;
    saved(tx, loaded, draft, before.documents.clone())
}

/// Joins a file: in the place of the one of its type, or beside those that are there where the policy allows several.
pub(super) fn attach(tx: &mut Tx<'_>, loaded: &Loaded, before: &Version, file: &NewDocument) -> Result<Written> {
    let request = files::asked(&loaded.policy, file.kind)?;
    quotas::sent_document(tx, file.size)?;
    let now = tx.now();
    if request.max_files == 1 {
        document::replace(tx.connection, loaded.record.id, file, now)?;
    } else {
        let others = before.documents.iter().filter(|other| other.kind == file.kind && other.sha256 != file.sha256);
        files::require_room(request, others.count(), &before.content)?;
        document::add(tx.connection, loaded.record.id, file, now)?;
    }
    if file.scan == Some(ScanState::Pending) {
        let payload = Payload::Scan { sha256: file.sha256.clone() };
        let (enrollment_id, sequence) = (Some(loaded.record.id), loaded.record.version + 1);
        outbox::insert(tx.connection, NewMessage { enrollment_id, sequence, payload, held: false }, now)?;
    }
    let documents = document::live(tx.connection, loaded.record.id)?;
    saved(tx, loaded, before.content.clone(), documents)
}

/// Takes away the files of a type, or one of them.
pub(super) fn detach(
    tx: &mut Tx<'_>,
    loaded: &Loaded,
    before: &Version,
    (kind, only): (DocumentType, Option<i64>),
) -> Result<Written> {
    let is_there = |id: i64| before.documents.iter().any(|document| document.kind == kind && document.id == id);
    if only.is_some_and(|id| !is_there(id)) {
        return Err(Error::NotFound);
    }
    let now = tx.now();
    document::retire(tx.connection, loaded.record.id, kind, only, now)?;
    let documents = document::live(tx.connection, loaded.record.id)?;
    saved(tx, loaded, before.content.clone(), documents)
}

/// The members that an instructor leaves as they are: for whom the request is made, and after which other one.
const NOT_CORRECTED: [&str; 3] = ["siret", "previous_enrollment_id", "policy_revision"];

/// Puts members of the content right, in the place of the applicant. It must be as complete as a submission; what was
/// granted before is granted anew, so that the authorisation says what holds.
///
/// # Errors
/// No reason, nothing new, a member that is not to be corrected (400); what a submission would be refused for (422).
pub(super) fn correct(
    tx: &mut Tx<'_>,
    loaded: &Loaded,
    before: &Version,
    ContentCorrection { reason, members }: ContentCorrection,
) -> Result<Written> {
    let comment = checked_reason(&reason)?;
    if let Some(member) = NOT_CORRECTED.iter().find(|member| members.contains_key(**member)) {
        let detail =
            "Une correction ne change ni l’organisation, ni la demande précédente, ni la version du formulaire.";
        return Err(Error::pointer(pointer([member]), ItemCode::NotEligible, detail));
    }
    let mut draft = before.content.merged(&members).map_err(|error| unreadable(&members, error))?;
    if let Some(applicant) = before.content.team_member(TeamMemberType::Demandeur) {
        draft.team_member_mut(TeamMemberType::Demandeur).clone_from(applicant);
    }
    let draft = loaded.policy.with_locked_scopes(draft);
    let facts = Facts { previous: facts::previous_of(tx, &draft)?, draft, ..Facts::of(&loaded.record) };
    check(tx.connection, &loaded.policy, &facts, &before.documents, Stage::Submit, Some(loaded.record.id))?;
    let written = Written::new(EventName::Correct, facts, before.documents.clone(), comment);
    if written.changes(before).is_empty() {
        return Err(Error::pointer("", ItemCode::Unchanged, "Rien n’est corrigé\u{a0}: changez au moins une réponse."));
    }
    if loaded.record.status.0 != Status::Validated {
        return Ok(written);
    }
    files::require_scanned(&before.documents)?;
    refuse_second_grant(tx.connection, loaded, &written.facts.draft)?;
    Ok(Written { effect: Effect::Grant { by: tx.user_id() }, ..written })
}

fn saved(tx: &mut Tx<'_>, loaded: &Loaded, draft: Draft, documents: Vec<Document>) -> Result<Written> {
    let facts = checked(tx, loaded, draft, &documents, Stage::Save)?;
    Ok(Written::new(EventName::Update, facts, documents, String::new()))
}

/// The content with what is known of it, if it may be saved or submitted.
pub(super) fn checked(
    tx: &mut Tx<'_>,
    loaded: &Loaded,
    draft: Draft,
    documents: &[Document],
    stage: Stage,
) -> Result<Facts> {
    let facts = facts::complete(tx, &loaded.policy, draft, &loaded.record.nom_raison_sociale)?;
    check(tx.connection, &loaded.policy, &facts, documents, stage, Some(loaded.record.id))?;
    Ok(facts)
}

/// The organisation is not granted a second time what it may have once. Until the end of the transaction nobody else grants
/// it anything.
///
/// # Errors
/// 422: what it has already, by field; the database's.
pub(super) fn refuse_second_grant(connection: &mut AnyConnection, loaded: &Loaded, draft: &Draft) -> Result<()> {
    let policy = &loaded.policy;
    let Some(siret) = draft.siret.as_ref().filter(|_| policy.one_per_organisation || policy.each_scope_once) else {
        return Ok(());
    };
    lock(connection, GRANT_LOCK ^ siret.as_str().parse::<i64>().unwrap_or_default())?;
    let Grants { granted, scopes } = Grants::of(connection, policy, Some(siret), Some(loaded.record.id))?;
    let mut errors = Vec::new();
    rules::second_grant(policy, Input { granted, granted_scopes: &scopes, ..Input::new(draft, &[], "") }, &mut errors);
    if errors.is_empty() { Ok(()) } else { Err(Error::fields(&errors, draft)) }
}

/// `own` is the number of the request, once it has one.
///
/// # Errors
/// 422: what is wrong with the content, by field.
pub(super) fn check(
    connection: &mut AnyConnection,
    policy: &Policy,
    facts: &Facts,
    documents: &[Document],
    stage: Stage,
    own: Option<EnrollmentId>,
) -> Result<()> {
    // A form saves itself every second, and nothing that it saves depends on the register or on what others hold.
    let (establishment, grants) = match stage {
        Stage::Submit => {
            (facts.establishment(connection)?, Grants::of(connection, policy, facts.draft.siret.as_ref(), own)?)
        }
        Stage::Save => (None, Grants::default()),
    };
    let input = Input {
        establishment: establishment.as_ref(),
        granted: grants.granted,
        granted_scopes: &grants.scopes,
        previous: facts.previous.as_ref(),
        mailless_domains: &facts.mailless_domains,
        ..Input::new(&facts.draft, documents, &facts.nom_raison_sociale)
    };
    let errors = validate(policy, input, stage);
    if errors.is_empty() { Ok(()) } else { Err(Error::fields(&errors, &facts.draft)) }
}

/// Moves what is begun again to the policy in force, and gives what it keeps of its content. An API that has no file any
/// more keeps the one of its past.
pub(super) fn reopened(context: &Context, loaded: &mut Loaded) -> Draft {
    let before = Arc::clone(&loaded.policy);
    if let Some(present) = context.policies.current().get(&loaded.record.target_api) {
        loaded.policy = Arc::clone(present);
    }
    revision::renewed(&before, &loaded.policy, loaded.record.content.0.clone())
}

/// Moves a draft that is submitted to the policy in force, whoever left it behind. Nothing of it goes without a word.
///
/// # Errors
/// 422: the consents that were given to another text.
pub(super) fn submitted(context: &Context, loaded: &mut Loaded, draft: Draft) -> Result<Draft> {
    let present = context.policies.current().get(&loaded.record.target_api).cloned();
    let Some(present) = present.filter(|_| loaded.record.status.0 == Status::Draft) else { return Ok(draft) };
    let before = std::mem::replace(&mut loaded.policy, present);
    let stale = revision::stale_consents(&before, &loaded.policy, &draft);
    if stale.is_empty() {
        return Ok(draft);
    }
    let errors: Vec<_> = stale.iter().map(|consent| rules::stale_consent(&loaded.policy, consent)).collect();
    Err(Error::fields(&errors, &draft))
}

/// Moves a draft to the policy in force, and gives what it keeps of its content.
///
/// Only a draft: what was submitted once is instructed under the policy that it was written against.
fn renewed(context: &Context, loaded: &mut Loaded, revision: &Value) -> Result<Draft> {
    let present = context.policies.require(&loaded.record.target_api)?;
    if loaded.record.status.0 != Status::Draft {
        return Err(Error::WrongStatus("Seul un brouillon passe à une nouvelle version du formulaire.".to_owned()));
    }
    if revision.as_str() != Some(&present.revision) {
        return Err(Error::StaleVersion);
    }
    let before = std::mem::replace(&mut loaded.policy, present);
    Ok(revision::renewed(&before, &loaded.policy, loaded.record.content.0.clone()))
}

/// What cannot be read of these members.
pub(super) fn unreadable(members: &Map<String, Value>, error: MergeError) -> Error {
    match error {
        MergeError::UnknownMember(member) => {
            Error::pointer(pointer([member]), ItemCode::Unknown, "Une demande n’a pas ce membre.")
        }
        MergeError::WrongType { member, .. } if member == "data_retention_period" => {
            let detail = "Indiquez un nombre entier de mois, en chiffres, par exemple 12.";
            Error::pointer(pointer([member]), ItemCode::Format, detail)
        }
        // It is read again, alone, for the place inside it.
        MergeError::WrongType { member, reason } => match json::read::<Draft>(&alone(members, &member)) {
            Err(error) => error,
            Ok(_) => Error::pointer(pointer([member]), ItemCode::Format, json::unreadable_detail(&reason)),
        },
    }
}

/// A draft with that member only, without the answers that are taken away.
fn alone(members: &Map<String, Value>, member: &str) -> Value {
    let mut value = members.get(member).cloned().unwrap_or_default();
    if let Value::Object(answers) = &mut value {
        answers.retain(|_, answer| !answer.is_null());
    }
    Value::Object(Map::from_iter([(member.to_owned(), value)]))
}
