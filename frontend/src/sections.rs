//! The sections of the form: each binds fields of the draft to components, as the policy words them.

mod bound;
pub mod chain;
mod demarche;
mod documents;
mod donnees;
mod engagements;
mod equipe;
pub mod establishment;
mod extra_fields;
mod organisation;
mod previous_enrollment;
mod retention;
mod scope_box;
mod scope_group;
mod technical_team;

use leptos::prelude::*;
use shared::field::Field;
use shared::policy::{Policy, Section};

use self::bound::{line, lines};
use crate::form::EnrollmentForm;

/// Draws a link to a part of the form; who draws a form whose parts are shown one by one puts it in context.
#[derive(Clone, Copy)]
pub struct PartLink(pub Callback<Section, AnyView>);

/// Id of the title of a part; the side menu leads to it.
pub fn section_id(section: Section) -> String {
    format!("partie-{section}")
}

/// One part of the form.
pub fn section(form: EnrollmentForm, section: Section) -> AnyView {
    let own = match section {
        Section::PreviousEnrollment => previous_enrollment::fields(form),
        Section::Organisation => organisation::fields(form),
        Section::TechnicalTeam => technical_team::fields(form),
        Section::Demarche => demarche::fields(form),
        Section::Description => description(form),
        Section::Donnees => donnees::fields(form),
        Section::CadreJuridique => legal_basis(form),
        Section::Structure => structure(form),
        Section::DemarchesEnLigne => donnees::scopes(form),
        Section::DonneesPersonnelles => donnees::use_of_data(form),
        Section::Cgu => engagements::fields(form),
        Section::NiveauGarantie
        | Section::ModeAcces
        | Section::Equipe
        | Section::PiecesJustificatives
        | Section::Aidants
        | Section::MiseEnOeuvre
        | Section::SolutionLogicielle
        | Section::RecetteFonctionnelle
        | Section::HomologationSecurite
        | Section::Volumetrie => ().into_any(),
    };
    let content = view! {
        {demarche::mention(form, section)}
        {own}
        {equipe::of(form, section)}
        {extra_fields::of(form, section)}
        {(!form.is_correction()).then(|| documents::of(form, section))}
    };
    framed(section, content.into_any())
}

/// Whether the first part of the form is the organisation, and nothing else is asked for there.
pub fn begins_simply(policy: &Policy) -> bool {
    let is_first = policy.sections.first() == Some(&Section::Organisation);
    let asks_more = policy
        .contacts
        .iter()
        .map(|contact| contact.section)
        .chain(policy.documents.iter().map(|document| document.section))
        .chain(policy.extra_fields.iter().map(|question| question.section))
        .any(|section| section == Section::Organisation);
    is_first && !asks_more
}

/// That first part. It draws in little, so that it can be shown before the rest of the form is there.
pub fn opening(form: EnrollmentForm) -> AnyView {
    framed(Section::Organisation, organisation::fields(form))
}

fn framed(section: Section, content: AnyView) -> AnyView {
    let id = section_id(section);
    view! {
        <section class="dp-part" aria-labelledby=id.clone()>
            <h2 id=id.clone() tabindex="-1" class="fr-h3">
                {section.label()}
            </h2>
            {content}
        </section>
    }
    .into_any()
}

fn description(form: EnrollmentForm) -> AnyView {
    view! {
        {line(form, Field::Intitule)}
        {lines(form, Field::Description, 8)}
        {line(form, Field::DateMiseEnProduction)}
        {line(form, Field::VolumetrieApproximative)}
    }
    .into_any()
}

fn structure(form: EnrollmentForm) -> AnyView {
    view! {
        {lines(form, Field::Description, 5)}
        {line(form, Field::VolumetrieApproximative)}
    }
    .into_any()
}

fn legal_basis(form: EnrollmentForm) -> AnyView {
    // What the use case that was chosen wants of it.
    let remark = form.reading(move |draft| {
        let policy = form.policy();
        let hint = policy.demarche(&draft.demarche).map(|demarche| demarche.legal_basis_hint.clone());
        hint.filter(|hint| !hint.is_empty())
    });
    view! {
        <p>{Section::CadreJuridique.advice()}</p>
        {bound::lines_with_remark(form, Field::FondementJuridiqueTitle, 3, remark)}
        {bound::address(form, Field::FondementJuridiqueUrl)}
    }
    .into_any()
}
