//! What made-up applicants write: a complete draft for any policy, from what the policy itself asks.

use std::collections::BTreeSet;

use shared::draft::{Answer, Draft, TechnicalTeamType};
use shared::policy::{ExtraFieldType, Policy, Rule, Section};
use shared::team_member::TeamMemberType;

use crate::applicants::{Applicant, person};
use crate::random::Random;
use crate::words::{LEGAL_BASES, PURPOSES, RECIPIENTS, TITLES};

/// A data protection officer whom many organisations share is named in so many requests out of a hundred.
const SHARED_OFFICER_PERCENT: usize = 2;

/// Domain of the shared officer's address.
const SHARED_OFFICER_DOMAIN: &str = "centre-de-gestion.exemple.fr";

/// The address of the officer whom many organisations share.
pub const SHARED_OFFICER: &str = "dpo@centre-de-gestion.exemple.fr";

/// What a draft holds when it is started.
pub fn started(policy: &Policy, applicant: &Applicant) -> Draft {
    let mut draft = policy.new_draft();
    *draft.team_member_mut(TeamMemberType::Demandeur) = applicant.person.clone();
    draft.siret = Some(applicant.organization.siret.clone());
    draft
}

/// The same, written to the end: it can be submitted.
pub fn completed(policy: &Policy, mut draft: Draft, applicant: &Applicant, random: &mut Random) -> Draft {
    if policy.has_section(Section::Description) {
        draft.intitule = format!("{} - {}", random.pick(TITLES), applicant.place);
        draft.description = purposes(random);
        draft.date_mise_en_production = "rentrée prochaine".to_owned();
        draft.volumetrie_approximative = format!("{} dossiers par an", 100 * (1 + random.below(60)));
    }
    if policy.rules.contains(&Rule::TechnicalTeam) {
        draft.technical_team_type = Some(TechnicalTeamType::InternalTeam);
        if !policy.editors.is_empty() && random.percent(70) {
            draft.technical_team_type = Some(TechnicalTeamType::SoftwareCompany);
            draft.technical_team_value.clone_from(&random.pick(&policy.editors).siret);
        }
    }
    if let Some(demarche) = policy.demarches.first() {
        draft.demarche.clone_from(&demarche.id);
    }
    draft.scopes.append(&mut scopes(policy, random));
    if policy.has_section(Section::Donnees) {
        draft.data_recipients = (*random.pick(RECIPIENTS)).to_owned();
        draft.data_retention_period = Some(*random.pick(&[6, 12, 12, 24, 36]));
    }
    draft.fondement_juridique_title = (*random.pick(LEGAL_BASES)).to_owned();
    draft.fondement_juridique_url = "https://www.legifrance.gouv.fr/codes/article_lc/LEGIARTI000045213415".to_owned();
    people(policy, &mut draft, applicant, random);
    for question in &policy.extra_fields {
        let answer = match question.kind {
            ExtraFieldType::Boolean => Answer::Bool(true),
            ExtraFieldType::Date => Answer::Text("2026-03-31".to_owned()),
            ExtraFieldType::Choice => {
                Answer::Text(question.options.first().map(|option| option.id.clone()).unwrap_or_default())
            }
            ExtraFieldType::Number => Answer::Text("200".to_owned()),
            ExtraFieldType::PostalCode => Answer::Text("75007".to_owned()),
            ExtraFieldType::Url => Answer::Text("https://www.exemple.fr".to_owned()),
            ExtraFieldType::Text | ExtraFieldType::LongText => Answer::Text(applicant.person.job.clone()),
        };
        draft.additional_content.insert(question.id.clone(), answer);
    }
    draft.cgu_approved = true;
    draft.dpo_is_informed = true;
    draft
}

/// What changes after an instructor asked for changes.
pub fn corrected(mut draft: Draft, random: &mut Random) -> Draft {
    if !draft.description.is_empty() {
        draft.description = purposes(random);
        draft.data_retention_period = Some(*random.pick(&[3, 6, 12]));
    }
    draft.fondement_juridique_title = format!("{} ; délibération du 12 mars", random.pick(LEGAL_BASES));
    draft
}

fn purposes(random: &mut Random) -> String {
    let paragraphs: Vec<&str> = (0..2 + random.below(4)).map(|_| *random.pick(PURPOSES)).collect();
    paragraphs.join("\n\n")
}

/// A few of the policy's scopes that go together.
fn scopes(policy: &Policy, random: &mut Random) -> BTreeSet<String> {
    let conflicts: BTreeSet<&String> = policy.constraints.iter().flat_map(|constraint| &constraint.when_any).collect();
    let free: Vec<&String> = policy.scopes.iter().map(|scope| &scope.id).filter(|id| !conflicts.contains(id)).collect();
    let mut chosen = BTreeSet::new();
    if !free.is_empty() {
        chosen.extend((0..2 + random.below(5)).map(|_| (*random.pick(&free)).clone()));
    }
    for constraint in policy.constraints.iter().filter(|constraint| constraint.when_any.is_empty()) {
        chosen.extend(constraint.any_of.first().filter(|id| policy.scope(id).is_some()).cloned());
    }
    chosen
}

fn people(policy: &Policy, draft: &mut Draft, applicant: &Applicant, random: &mut Random) {
    for contact in policy.contacts.iter().filter(|contact| contact.kind != TeamMemberType::Demandeur) {
        let is_officer = contact.kind == TeamMemberType::DelegueProtectionDonnees;
        *draft.team_member_mut(contact.kind) = if is_officer && random.percent(SHARED_OFFICER_PERCENT) {
            let mut officer = person(contact.kind, SHARED_OFFICER_DOMAIN, &mut Random::new(1));
            SHARED_OFFICER.clone_into(&mut officer.email);
            officer
        } else {
            applicant.colleague(contact.kind, random)
        };
    }
}
