//! Reuses the contact details of an earlier request of the organisation.

use leptos::prelude::*;
use shared::french::de;
use shared::policy::{Contact, Section};
use shared::team_member::{Attribute, TeamMember};

use crate::api::ApiError;
use crate::components::alert::{Alert, Tone};
use crate::components::dialog::Dialog;
use crate::components::placeholder::Spinner;
use crate::form::EnrollmentForm;
use crate::form::people::{KnownPeople, offered};
use crate::shell::awaited_membership::awaited_by;

/// The dialog where somebody is chosen, shared by the people of one section.
#[derive(Clone, Copy)]
pub struct Reuse {
    form: EnrollmentForm,
    is_open: RwSignal<bool>,
    /// Whoever waits to speak for the organisation learns nothing of its requests.
    awaited: Memo<Option<String>>,
    /// For whom: a contact of the policy, and their place.
    target: RwSignal<Option<(Contact, usize)>>,
    /// What has happened, for those who do not see it.
    news: RwSignal<String>,
}

impl Reuse {
    pub fn new(form: EnrollmentForm) -> Self {
        Self {
            form,
            is_open: RwSignal::new(false),
            awaited: awaited_by(form),
            target: RwSignal::new(None),
            news: RwSignal::new(String::new()),
        }
    }

    /// The button that opens the dialog, where there may be somebody to choose.
    pub fn button(self, contact: StoredValue<Contact>, place: usize, label: String) -> AnyView {
        let button = move || {
            let label = label.clone();
            self.awaited.with(Option::is_none).then(|| {
                view! {
                    <button
                        type="button"
                        class="fr-btn fr-btn--tertiary fr-btn--sm"
                        on:click=move |_| self.open(contact.get_value(), place)
                    >
                        "Reprendre une personne déjà désignée"
                        <span class="fr-sr-only">{format!("\u{a0}: {label}")}</span>
                    </button>
                }
            })
        };
        button.into_any()
    }

    fn open(self, contact: Contact, place: usize) {
        self.form.ask_for_known_people();
        self.target.set(Some((contact, place)));
        self.is_open.set(true);
    }

    fn choose(self, member: &TeamMember) {
        self.is_open.set(false);
        let Some((contact, place)) = self.target.get_untracked() else { return };
        let details = contact.attributes.iter().map(|&attribute| (attribute, member.get(attribute).to_owned()));
        self.form.fill_person(contact.kind, place, details.collect());
        self.news.set(format!("Les coordonnées {} sont reprises.", de(&name(member))));
    }

    /// The dialog, closed at first.
    pub fn view(self, section: Section) -> AnyView {
        let title = Signal::derive(move || {
            let label = self.target.with(|target| target.as_ref().map(|(contact, _)| contact.label.clone()));
            format!("Reprendre une personne déjà désignée\u{a0}: {}", label.unwrap_or_default())
        });
        view! {
            <p class="fr-sr-only" role="status">
                {move || self.news.get()}
            </p>
            <Dialog id=format!("reprendre-{section}") title open=self.is_open>
                {move || self.content()}
            </Dialog>
        }
        .into_any()
    }

    fn content(self) -> AnyView {
        match self.form.known_people().get() {
            KnownPeople::NoOrganisation => {
                view! { <p>"Choisissez d’abord l’organisation pour laquelle vous faites la demande."</p> }.into_any()
            }
            KnownPeople::Loading(_) => view! { <Spinner /> }.into_any(),
            KnownPeople::Failed(error) => self.failure(&error),
            KnownPeople::Known(_, people) => self.list(&people),
        }
    }

    fn failure(self, error: &ApiError) -> AnyView {
        let message = error.message();
        view! {
            <Alert tone=Tone::Error live=true>
                <p>{format!("Les personnes déjà désignées n’ont pas pu être chargées. {message}")}</p>
            </Alert>
            <button type="button" class="fr-btn fr-btn--secondary" on:click=move |_| self.form.ask_for_known_people()>
                "Réessayer"
            </button>
        }
        .into_any()
    }

    fn list(self, people: &[TeamMember]) -> AnyView {
        let kind = self.target.with(|target| target.as_ref().map(|(contact, _)| contact.kind));
        let people = kind.map(|kind| offered(people, kind)).unwrap_or_default();
        if people.is_empty() {
            return view! {
                <p>
                    "Les demandes de votre organisation que vous pouvez lire ne désignent encore personne. Saisissez les coordonnées dans le formulaire."
                </p>
            }
            .into_any();
        }
        let lines = people.into_iter().map(|member| view! { <li>{self.line(member)}</li> }).collect_view();
        view! {
            <p>"Ces personnes sont déjà désignées dans des demandes de votre organisation. Leurs coordonnées remplaceront celles qui sont saisies."</p>
            <ul class="dp-known">{lines}</ul>
        }
        .into_any()
    }

    fn line(self, member: TeamMember) -> AnyView {
        let policy = self.form.policy();
        let role = policy.contact(member.kind).map_or(member.kind.label(), |contact| &contact.label).to_owned();
        let name = name(&member);
        let details = [member.email.clone(), member.job.clone(), role];
        let details = details.into_iter().filter(|text| !text.trim().is_empty() && *text != name);
        let details = details.collect::<Vec<_>>().join(" · ");
        view! {
            <button type="button" class="dp-known__person" on:click=move |_| self.choose(&member)>
                {name}
                <span class="fr-hint-text">{details}</span>
            </button>
        }
        .into_any()
    }
}

/// What a person is called; their address where they have no name.
fn name(member: &TeamMember) -> String {
    let (given, family) = (member.get(Attribute::GivenName), member.get(Attribute::FamilyName));
    let name = format!("{} {}", given.trim(), family.trim()).trim().to_owned();
    if name.is_empty() { member.email.clone() } else { name }
}
