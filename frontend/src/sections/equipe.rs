//! The people that a section asks for.

mod reuse;

use leptos::prelude::*;
use shared::field::Field;
use shared::policy::{Contact, Mailbox, Rule, Section};
use shared::team_member::{Attribute, TeamMemberType};
use shared::validation::formats::{
    is_email, is_mobile_number, is_personal_mailbox, is_phone_number, is_shared_mailbox,
};

use self::reuse::Reuse;
use crate::browser;
use crate::components::field::TextInput;
use crate::context::AppContext;
use crate::form::EnrollmentForm;
use crate::form::binding::field_id;

/// The people of one part of the form.
pub fn of(form: EnrollmentForm, section: Section) -> AnyView {
    let policy = form.policy();
    let reuse = Reuse::new(form);
    let blocks: Vec<AnyView> = policy
        .contacts
        .iter()
        .filter(|contact| contact.section == section)
        .map(|contact| match contact.kind {
            TeamMemberType::Demandeur => applicant(form, contact),
            _ => people(form, contact, reuse),
        })
        .collect();
    if blocks.is_empty() {
        return ().into_any();
    }
    view! {
        {blocks}
        {reuse.view(section)}
    }
    .into_any()
}

/// The applicant, as their account says.
fn applicant(form: EnrollmentForm, contact: &Contact) -> AnyView {
    let user = form.user();
    let account_url = AppContext::get().session.get().and_then(|session| session.account_url);
    let account_url = account_url.filter(|_| !form.is_correction());
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

/// Everybody of one kind: as many blocks as people, and the means to add one where several may be named.
fn people(form: EnrollmentForm, contact: &Contact, reuse: Reuse) -> AnyView {
    let kind = contact.kind;
    let is_multiple = contact.multiple;
    let least = usize::from(contact.required || !is_multiple);
    let number = form.reading(move |draft| draft.team_members_of(kind).count().max(least));
    let contact = StoredValue::new(contact.clone());
    let block = move |place: usize| {
        let is_removable = Signal::derive(move || number.get() > least && (is_multiple || place > 0));
        contact.with_value(|contact| person(form, contact, place, is_removable, reuse))
    };
    let blocks = view! { <For each=move || 0..number.get() key=|place| *place children=block /> };
    if !is_multiple {
        return blocks.into_any();
    }
    let add = move |_| {
        let place = number.get_untracked();
        form.add_person(kind, place);
        browser::focus_soon(contact.with_value(|contact| first_field(contact, place)));
    };
    let (label, description) = contact.with_value(|contact| (title(contact), contact.description.clone()));
    view! {
        <h3 class="fr-h6 fr-mb-1w">{label}</h3>
        <p class="fr-text--sm">{description}</p>
        {blocks}
        <button
            type="button"
            id=add_id(kind)
            class="fr-btn fr-btn--secondary fr-icon-add-line fr-btn--icon-left fr-mb-4w"
            on:click=add
        >
            {contact.with_value(|contact| format!("Ajouter une personne\u{a0}: {}", contact.label))}
        </button>
    }
    .into_any()
}

/// Takes a person out. The focus goes to the one before, or to the button that adds one.
fn remove(form: EnrollmentForm, contact: &Contact, place: usize) {
    form.remove_person(contact.kind, place);
    browser::focus_soon(
        place.checked_sub(1).map_or_else(|| add_id(contact.kind), |before| first_field(contact, before)),
    );
}

/// Id of the first field of one person.
fn first_field(contact: &Contact, place: usize) -> String {
    let attribute = contact.attributes.first().copied().unwrap_or(Attribute::Email);
    field_id(&Field::TeamMember(contact.kind, place, attribute))
}

fn add_id(kind: TeamMemberType) -> String {
    format!("ajouter-{kind}")
}

fn title(contact: &Contact) -> String {
    format!("{}{}", contact.label, if contact.required { "" } else { " (facultatif)" })
}

/// Buttons that fill a person in at once.
fn fill_buttons(form: EnrollmentForm, contact: StoredValue<Contact>, place: usize, reuse: Reuse) -> AnyView {
    let label = contact.with_value(|contact| label(contact, place));
    view! {
        <button
            type="button"
            class="fr-btn fr-btn--secondary fr-btn--sm fr-icon-user-line fr-btn--icon-left"
            on:click=move |_| contact.with_value(|contact| fill_with_me(form, contact, place))
        >
            "C’est moi"
            <span class="fr-sr-only">{format!("\u{a0}: remplir « {label} » avec mes coordonnées")}</span>
        </button>
        {reuse.button(contact, place, label.clone())}
    }
    .into_any()
}

/// What a person is called; of several, with a number.
fn label(contact: &Contact, place: usize) -> String {
    if contact.multiple { format!("{} {}", contact.label, place + 1) } else { title(contact) }
}

fn person(form: EnrollmentForm, contact: &Contact, place: usize, is_removable: Signal<bool>, reuse: Reuse) -> AnyView {
    let kind = contact.kind;
    let legend_id = format!("contact-{kind}-{place}");
    let label = label(contact, place);
    let hint = if contact.multiple { String::new() } else { contact.description.clone() };
    let inputs = contact.attributes.iter().map(|&attribute| detail(form, contact, place, attribute)).collect_view();
    let remove_label = format!("\u{a0}: {label}");
    let stored = StoredValue::new(contact.clone());
    view! {
        <fieldset class="fr-fieldset dp-contact" aria-labelledby=legend_id.clone()>
            <legend class="fr-fieldset__legend" id=legend_id.clone()>
                {label.clone()}
                {(!hint.is_empty()).then(|| view! { <span class="fr-hint-text">{hint}</span> })}
            </legend>
            <div class="fr-fieldset__element dp-contact__actions">
                {(!form.is_correction()).then(|| fill_buttons(form, stored, place, reuse))}
                {move || {
                    let remove_label = remove_label.clone();
                    is_removable
                        .get()
                        .then(|| {
                            view! {
                                <button
                                    type="button"
                                    class="fr-btn fr-btn--tertiary fr-btn--sm fr-icon-delete-line fr-btn--icon-left"
                                    on:click=move |_| stored.with_value(|contact| remove(form, contact, place))
                                >
                                    "Retirer"
                                    <span class="fr-sr-only">{remove_label}</span>
                                </button>
                            }
                        })
                }}
            </div>
            {inputs}
        </fieldset>
    }
    .into_any()
}

fn detail(form: EnrollmentForm, contact: &Contact, place: usize, attribute: Attribute) -> AnyView {
    let field = Field::TeamMember(contact.kind, place, attribute);
    let (input, hint) = match attribute {
        Attribute::Email => ("email", "Par exemple\u{a0}: prenom.nom@exemple.fr"),
        Attribute::PhoneNumber if contact.mobile_phone => {
            ("tel", "Un numéro de mobile, par exemple\u{a0}: 06 12 34 56 78")
        }
        Attribute::PhoneNumber => ("tel", "Par exemple\u{a0}: 01 23 45 67 89"),
        Attribute::GivenName | Attribute::FamilyName | Attribute::Job => ("text", ""),
    };
    let class = match attribute {
        Attribute::GivenName | Attribute::FamilyName | Attribute::Email | Attribute::PhoneNumber => {
            "fr-fieldset__element fr-fieldset__element--inline dp-half"
        }
        Attribute::Job => "fr-fieldset__element",
    };
    let value = form.text(&field);
    let mailbox = contact.mailbox.filter(|_| attribute == Attribute::Email);
    let wants_mobile = contact.mobile_phone && attribute == Attribute::PhoneNumber;
    // What a rule makes mandatory is an error.
    let wants_mobile = wants_mobile && !form.policy().rules.contains(&Rule::MobilePhone);
    let remark = Memo::new(move |_| {
        let text = value.get();
        let remark = match mailbox {
            Some(mailbox) => mailbox_remark(mailbox, &text),
            None if wants_mobile => mobile_remark(&text),
            None => None,
        };
        remark.map(str::to_owned)
    });
    view! {
        <div class=class>
            <TextInput
                id=field_id(&field)
                label=attribute.label()
                hint
                required=contact.required || contact.multiple
                kind=input
                autocomplete="off"
                value
                error=form.error(&field)
                remark
                on_input=form.on_text(&field)
                on_blur=form.on_leave(&field)
            />
        </div>
    }
    .into_any()
}

/// What to think of when a number is not that of a mobile telephone.
fn mobile_remark(number: &str) -> Option<&'static str> {
    let number = number.trim();
    (is_phone_number(number) && !is_mobile_number(number)).then_some(
        "Ce numéro ne semble pas être celui d’un mobile. Un mobile est préférable\u{a0}: un code d’accès peut y être envoyé.",
    )
}

/// What to think of when the address looks like another mailbox than the one that is expected.
fn mailbox_remark(mailbox: Mailbox, email: &str) -> Option<&'static str> {
    if !is_email(email.trim()) {
        return None;
    }
    match mailbox {
        Mailbox::Individual if is_shared_mailbox(email) => Some(
            "Cette adresse semble partagée. Une adresse personnelle est préférable\u{a0}: l’accès qui sera ouvert est propre à cette personne.",
        ),
        Mailbox::Team if is_personal_mailbox(email) => Some(
            "Cette adresse semble être celle d’une personne. Celle d’une équipe est préférable\u{a0}: les messages y sont lus même en cas d’absence.",
        ),
        Mailbox::Individual | Mailbox::Team => None,
    }
}

/// Fills a person in from the user's account; what the account does not know stays.
fn fill_with_me(form: EnrollmentForm, contact: &Contact, place: usize) {
    let user = form.user();
    let details = [
        (Attribute::GivenName, user.given_name),
        (Attribute::FamilyName, user.family_name),
        (Attribute::Email, user.email),
        (Attribute::PhoneNumber, user.phone_number),
        (Attribute::Job, user.job),
    ];
    let asked = |(attribute, text): &(Attribute, String)| contact.attributes.contains(attribute) && !text.is_empty();
    form.fill_person(contact.kind, place, details.into_iter().filter(asked).collect());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_address_of_the_wrong_kind_gets_a_remark() {
        for (mailbox, email, is_remarked) in [
            (Mailbox::Individual, "contact@mairie.fr", true),
            (Mailbox::Individual, "contact@", false),
            (Mailbox::Individual, "jeanne.martin@mairie.fr", false),
            (Mailbox::Team, "jeanne.martin@mairie.fr", true),
            (Mailbox::Team, "service.technique@mairie.fr", false),
        ] {
            assert_eq!(mailbox_remark(mailbox, email).is_some(), is_remarked, "{email}");
        }
    }

    #[test]
    fn a_whole_number_that_is_no_mobile_gets_a_remark() {
        for (number, is_remarked) in
            [("01 23 45 67 89", true), ("3646", true), ("01 23", false), ("06 12 34 56 78", false)]
        {
            assert_eq!(mobile_remark(number).is_some(), is_remarked, "{number}");
        }
    }
}
