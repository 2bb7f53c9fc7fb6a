//! Requests of every policy, good and bad, with what the engine says of each: one JSON object a line.
//!
//! The browser tests run the same ones through the WASM that is shipped.

#[path = "../tests/api/valid_draft.rs"]
mod valid_draft;

use std::io::Write as _;

use datapass::policies::Policies;
use serde_json::json;
use shared::document::Document;
use shared::draft::{Answer, Draft, TechnicalTeamType};
use shared::field::Field;
use shared::policy::Policy;
use shared::team_member::{Attribute, TeamMemberType};
use shared::validation::{Input, PreviousEnrollment, Stage, validate};
use shared::workflow::Status;

/// Spoilt drafts of each policy.
const SPOILT: usize = 40;

fn main() -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    let mut random = fastrand::Rng::with_seed(2026);
    for policy in Policies::open(None)?.current().values() {
        let valid = valid_draft::of(policy);
        let previous = policy.previous.as_ref().map(|target_api| -> anyhow::Result<_> {
            let siret = "21920023500014".parse()?;
            let intitule = "Cantine".to_owned();
            Ok(PreviousEnrollment {
                id: 7,
                target_api: target_api.clone(),
                siret,
                intitule,
                status: Status::Validated,
                in_force: true,
            })
        });
        let previous = previous.transpose()?;
        for number in 0..=SPOILT {
            let mut draft = if number == 0 { valid.clone() } else { spoilt(policy, valid.clone(), &mut random) };
            draft.siret = Some("21920023500014".parse()?);
            draft.previous_enrollment_id = previous.as_ref().map(|previous| previous.id);
            let documents = if number % 2 == 0 { documents(policy) } else { Vec::new() };
            let input = Input { previous: previous.as_ref(), ..Input::new(&draft, &documents, "Commune de Clamart") };
            let errors = validate(policy, input, Stage::Submit);
            anyhow::ensure!(number > 0 || errors.is_empty(), "{}: {errors:?}", policy.target_api);
            let case = json!({
                "draft": draft, "documents": documents, "nom_raison_sociale": "Commune de Clamart", "previous": previous,
            });
            writeln!(out, "{}", json!({"target_api": policy.target_api, "case": case, "errors": errors}))?;
        }
    }
    Ok(())
}

/// The files that the policy asks for.
fn documents(policy: &Policy) -> Vec<Document> {
    let required = policy.documents.iter().filter(|document| document.required && !document.read_only);
    required
        .map(|request| Document {
            id: 1,
            kind: request.kind,
            filename: format!("document.{}", request.formats.first().map_or("pdf", String::as_str)),
            size: 100,
            sha256: "0".repeat(64),
            created_at: chrono::DateTime::UNIX_EPOCH,
            scan: None,
        })
        .collect()
}

/// Spoils some of a draft.
fn spoilt(policy: &Policy, mut draft: Draft, random: &mut fastrand::Rng) -> Draft {
    let texts = ["", " ", "x", "é\r\n", "dpo@", "06", "2026-13-01", "12 000", "https://a", "1", "\u{202e}abc"];
    for (field, _) in Field::OWN {
        if random.u8(0..4) == 0
            && let Some(text) = draft.text_mut(field)
        {
            random.choice(texts).unwrap_or_default().clone_into(text);
        }
    }
    let scopes: Vec<String> = policy.scopes.iter().map(|scope| scope.id.clone()).collect();
    for id in scopes.into_iter().chain(["inconnue".to_owned()]) {
        if random.u8(0..3) == 0 && !draft.scopes.remove(&id) {
            draft.scopes.insert(id);
        }
    }
    draft.data_retention_period = *random.choice(&[None, Some(0), Some(36), Some(37), Some(9_999)]).unwrap_or(&None);
    for question in &policy.extra_fields {
        match random.u8(0..6) {
            0 => drop(draft.additional_content.remove(&question.id)),
            1 => drop(draft.additional_content.insert(question.id.clone(), Answer::Bool(random.bool()))),
            2 => {
                let text = random.choice(texts).unwrap_or_default().to_owned();
                draft.additional_content.insert(question.id.clone(), Answer::Text(text));
            }
            _ => {}
        }
    }
    if random.bool() {
        draft.additional_content.insert("inconnue".to_owned(), Answer::Bool(true));
    }
    for &kind in TeamMemberType::ALL {
        if random.u8(0..6) == 0 {
            draft.team_members.push(valid_draft::person(kind));
        }
    }
    for member in &mut draft.team_members {
        if random.bool() {
            let attribute = *random.choice(Attribute::ALL).unwrap_or(&Attribute::Email);
            random.choice(texts).unwrap_or_default().clone_into(member.get_mut(attribute));
        }
    }
    if random.bool() {
        random.shuffle(&mut draft.team_members);
    }
    draft.cgu_approved = random.bool();
    draft.technical_team_type = *random.choice(&[None, Some(TechnicalTeamType::Other)]).unwrap_or(&None);
    draft
}
