//! The part of the form that names people.

use leptos::prelude::*;
use shared::field::Field;
use shared::policy::{Contact, Section};
use shared::team_member::{Attribute, TeamMemberType};

use crate::app::AppContext;
use crate::components::field::TextInput;
use crate::form::EnrollmentForm;
use crate::form::binding::field_id;

/// The people of one part of the form.
pub fn of(form: EnrollmentForm, section: Section) -> AnyView {
    let policy = form.policy();
    policy
        .contacts
        .iter()
        .filter(|contact| contact.section == section)
        .map(
            |contact| {
                if contact.kind == TeamMemberType::Demandeur { applicant(form, contact) } else { person(form, contact) }
            },
        )
        .collect_view()
        .into_any()
}

/// The applicant, as their account says.
fn applicant(form: EnrollmentForm, contact: &Contact) -> AnyView {
    let user = form.user();
    let account_url = AppContext::get().session.get().and_then(|session| session.account_url);
    let lines = [
        (Attribute::GivenName, user.given_name),
        (Attribute::FamilyName, user.family_name),
        (Attribute::Email, user.email),
        (Attribute::PhoneNumber, user.phone_number),
        (Attribute::Job, user.job),
    ];
    view! {
        <div class="dp-card fr-mb-4w">
            <h3 class="fr-h6 fr-mb-1w">{contact.label.clone()}</h3>
            <p class="fr-text--sm">{contact.description.clone()}</p>
            <dl class="dp-facts">
                {lines
                    .into_iter()
                    .map(|(attribute, text)| {
                        let text = if text.is_empty() { "Non renseigné".to_owned() } else { text };
                        view! {
                            <div>
                                <dt>{attribute.label()}</dt>
                                <dd>{text}</dd>
                            </div>
                        }
                    })
                    .collect_view()}
            </dl>
            {account_url
                .map(|url| {
                    view! {
                        <a class="fr-link fr-link--sm" rel="external" href=url>
                            "Modifier mes coordonnées"
                        </a>
                    }
                })}
        </div>
    }
    .into_any()
}

fn person(form: EnrollmentForm, contact: &Contact) -> AnyView {
    let kind = contact.kind;
    let legend_id = format!("contact-{kind}");
    let is_mobile = contact.mobile_phone;
    let required = contact.required;
    let inputs =
        contact.attributes.iter().map(|attribute| detail(form, kind, *attribute, is_mobile, required)).collect_view();
    let label = contact.label.clone();
    view! {
        <fieldset class="fr-fieldset dp-contact" aria-labelledby=legend_id.clone()>
            <legend class="fr-fieldset__legend" id=legend_id.clone()>
                {contact.label.clone()}
                {(!required).then_some(" (facultatif)")}
                <span class="fr-hint-text">{contact.description.clone()}</span>
            </legend>
            <div class="fr-fieldset__element">
                <button
                    type="button"
                    class="fr-btn fr-btn--secondary fr-btn--sm fr-icon-user-line fr-btn--icon-left"
                    on:click=move |_| fill_with_me(form, kind)
                >
                    "C’est moi"
                    <span class="fr-sr-only">{format!("\u{a0}: remplir « {label} » avec mes coordonnées")}</span>
                </button>
            </div>
            {inputs}
        </fieldset>
    }
    .into_any()
}

fn detail(
    form: EnrollmentForm,
    kind: TeamMemberType,
    attribute: Attribute,
    is_mobile: bool,
    required: bool,
) -> impl IntoView {
    let field = Field::TeamMember(kind, 0, attribute);
    let (input, hint) = match attribute {
        Attribute::Email => ("email", "Par exemple\u{a0}: prenom.nom@exemple.fr"),
        Attribute::PhoneNumber if is_mobile => ("tel", "Un numéro de mobile, par exemple\u{a0}: 06 12 34 56 78"),
        Attribute::PhoneNumber => ("tel", "Par exemple\u{a0}: 01 23 45 67 89"),
        Attribute::GivenName | Attribute::FamilyName | Attribute::Job => ("text", ""),
    };
    let class = match attribute {
        Attribute::GivenName | Attribute::FamilyName | Attribute::Email | Attribute::PhoneNumber => {
            "fr-fieldset__element fr-fieldset__element--inline dp-half"
        }
        Attribute::Job => "fr-fieldset__element",
    };
    view! {
        <div class=class>
            <TextInput
                id=field_id(&field)
                label=attribute.label()
                hint
                required
                kind=input
                autocomplete="off"
                value=form.text(&field)
                error=form.error(&field)
                on_input=form.on_text(&field)
                on_blur=form.on_leave(&field)
            />
        </div>
    }
}

/// Fills a person in from the user's account; what the account does not know stays.
fn fill_with_me(form: EnrollmentForm, kind: TeamMemberType) {
    let user = form.user();
    for attribute in Attribute::ALL {
        form.touch(&Field::TeamMember(kind, 0, *attribute));
    }
    form.change(|draft| {
        let member = draft.team_member_mut(kind);
        for (attribute, text) in [
            (Attribute::GivenName, user.given_name),
            (Attribute::FamilyName, user.family_name),
            (Attribute::Email, user.email),
            (Attribute::PhoneNumber, user.phone_number),
            (Attribute::Job, user.job),
        ] {
            if !text.is_empty() {
                *member.get_mut(attribute) = text;
            }
        }
    });
}
