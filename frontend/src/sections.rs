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
use shared::policy::Section;

use self::bound::{line, lines};
use crate::form::EnrollmentForm;

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
    let id = section_id(section);
    view! {
        <section class="dp-part" aria-labelledby=id.clone()>
            <h2 id=id.clone() tabindex="-1" class="fr-h3">
                {section.label()}
            </h2>
            {own}
            {equipe::of(form, section)}
            {extra_fields::of(form, section)}
            {(!form.is_correction()).then(|| documents::of(form, section))}
        </section>
    }
    .into_any()
}

fn description(form: EnrollmentForm) -> AnyView {
    view! {
        {line(form, Field::Intitule, "Un nom court auquel on reconnaît le projet, par exemple : tarification sociale de la cantine.")}
        {lines(
            form,
            Field::Description,
            "À qui s’adresse le service, à quoi servent les données et à quel moment elles sont utilisées.",
            8,
        )}
        {line(form, Field::DateMiseEnProduction, "Même approximative, par exemple : septembre 2027.")}
        {line(form, Field::VolumetrieApproximative, "Par exemple le nombre d’usagers par an, ou d’appels par mois.")}
    }
    .into_any()
}

fn structure(form: EnrollmentForm) -> AnyView {
    view! {
        {lines(form, Field::Description, "Ce que fait votre structure, et auprès de quel public.", 5)}
        {line(form, Field::VolumetrieApproximative, "Par exemple le nombre de personnes accompagnées par an.")}
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
        <p>
            "Les données à accès restreint ne peuvent être utilisées que si un texte le permet. Citez celui qui autorise votre organisation à les traiter pour ce projet."
        </p>
        {bound::lines_with_remark(
            form,
            Field::FondementJuridiqueTitle,
            "Loi, décret, arrêté, délibération… avec son numéro, sa date et l’article utile.",
            3,
            remark,
        )}
        {bound::address(
            form,
            Field::FondementJuridiqueUrl,
            "Par exemple sur Légifrance. Si le texte ne peut pas être lu en ligne, joignez-le ci-dessous au format PDF.",
        )}
    }
    .into_any()
}
