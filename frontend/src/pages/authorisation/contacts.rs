//! The contact details of an authorisation that were put right since it was granted, and how its holder asks for that.

use leptos::prelude::*;
use shared::enrollment::{Authorisation, AuthorisationState, CurrentContact};
use shared::policy::Policy;
use shared::team_member::TeamMemberType;
use shared::user::User;

use crate::pages::request::conversation;

/// The people whose details changed, with those that hold now; nothing where none did.
pub fn current_contacts(authorisation: &Authorisation, policy: &Policy) -> AnyView {
    if authorisation.current_contacts.is_empty() {
        return ().into_any();
    }
    let contacts = authorisation.current_contacts.iter().map(|contact| contact_facts(contact, policy)).collect_view();
    view! {
        <section class="dp-section" aria-labelledby="contacts-actuels">
            <h2 class="fr-h4" id="contacts-actuels">
                "Contacts actuels"
            </h2>
            <p>"Ces coordonnées ont été corrigées depuis que l’habilitation a été accordée. Ce qui a été accordé est inchangé."</p>
            <dl class="dp-facts">{contacts}</dl>
        </section>
    }
    .into_any()
}

fn contact_facts(contact: &CurrentContact, policy: &Policy) -> AnyView {
    let CurrentContact { member, place } = contact;
    let asked = policy.contact(member.kind);
    let label = asked.map_or_else(|| member.kind.to_string(), |asked| asked.label.clone());
    let label = if asked.is_some_and(|asked| asked.multiple) { format!("{label} {}", place + 1) } else { label };
    let name = format!("{} {}", member.given_name, member.family_name).trim().to_owned();
    let details = [name, member.job.clone(), member.email.clone(), member.phone_number.clone()];
    let details = details.into_iter().filter(|detail| !detail.is_empty()).collect::<Vec<_>>().join(", ");
    view! {
        <div>
            <dt>{label}</dt>
            <dd class="dp-break">{details}</dd>
        </div>
    }
    .into_any()
}

/// How the holder of what is in force has contact details put right: by a message that is prepared for them, or at the
/// address of the service where the API has no messages.
pub fn ask_for_correction(authorisation: &Authorisation, policy: &Policy, user: &User) -> AnyView {
    let applicant = authorisation.content.team_member(TeamMemberType::Demandeur);
    let is_theirs = applicant.is_some_and(|applicant| applicant.email == user.email);
    if !is_theirs || authorisation.summary.state != AuthorisationState::Active {
        return ().into_any();
    }
    if !policy.messaging {
        let address = policy.support_email.clone();
        return view! {
            <p class="dp-no-print">
                "Une personne désignée a changé\u{a0}? Écrivez à "
                <a class="dp-break" rel="external" href=format!("mailto:{address}")>
                    {address.clone()}
                </a> "."
            </p>
        }
        .into_any();
    }
    let (id, number) = (authorisation.enrollment_id, authorisation.summary.number());
    let prepare = move |_| {
        let text = format!(
            "Bonjour,\n\nLes coordonnées d’une personne désignée dans l’habilitation {number} ont changé.\n\n\
             Personne concernée (DPO, responsable de traitement, contact technique…)\u{a0}: \nPrénom et nom\u{a0}: \n\
             Fonction\u{a0}: \nAdresse électronique\u{a0}: \nTéléphone\u{a0}: \n\nMerci de les corriger."
        );
        conversation::prepare_message(id, &text);
    };
    view! {
        <p class="dp-no-print">
            <a
                class="fr-btn fr-btn--secondary fr-icon-edit-line fr-btn--icon-left"
                href=format!("/demandes/{id}#{}", conversation::MESSAGE_ID)
                on:click=prepare
            >
                "Demander la correction d’un contact"
            </a>
        </p>
    }
    .into_any()
}
