//! What the audit log is narrowed down with: in the address, and in the form.

use leptos::prelude::*;
use shared::audit::{CHANGES, OBJECTS, READS, label};

use crate::api::administration::AuditQuery;
use crate::components::choice::{Checkbox, Choice, Select};
use crate::components::field::TextInput;
use crate::query::{Cursors, Query};
use crate::submission::{InputErrors, Submission};

/// The address of the page.
pub const PATH: &str = "/journal";

const PERSON: &str = "journal-personne";
const OBJECT: &str = "journal-objet";
const NUMBER: &str = "journal-numero";
const ACTION: &str = "journal-action";
const FROM: &str = "journal-du";
const UNTIL: &str = "journal-au";
const WITH_READS: &str = "journal-lectures";

/// What a number is of, where nothing else is chosen.
const REQUEST: &str = "enrollment";

/// What is chosen. Empty members filter nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filters {
    pub person: String,
    pub object: String,
    pub number: String,
    pub action: String,
    pub from: String,
    pub until: String,
    /// Whether reads are asked for.
    pub reads: bool,
}

impl Filters {
    /// As the address says.
    pub fn of(query: &Query) -> Self {
        let text = |name| query.get(name).unwrap_or_default().to_owned();
        Self {
            person: text("personne"),
            object: text("objet"),
            number: text("numero"),
            action: text("action"),
            from: text("du"),
            until: text("au"),
            reads: query.get("lectures").is_some(),
        }
    }

    /// The address of the page that starts there.
    pub fn href(&self, cursors: &Cursors) -> String {
        let mut query = Query::default();
        for (name, value) in [
            ("personne", &self.person),
            ("objet", &self.object),
            ("numero", &self.number),
            ("action", &self.action),
            ("du", &self.from),
            ("au", &self.until),
        ] {
            query.push_text(name, value.trim());
        }
        if self.reads {
            query.push("lectures", "oui");
        }
        cursors.write(&mut query);
        format!("{PATH}{query}")
    }

    /// What to ask the server for.
    pub fn query(&self, cursor: String) -> AuditQuery {
        let is_of_request = self.object.is_empty() && !self.number.is_empty();
        AuditQuery {
            person: self.person.clone(),
            object: if is_of_request { REQUEST.to_owned() } else { self.object.clone() },
            object_id: self.number.clone(),
            action: self.action.clone(),
            from: self.from.clone(),
            until: self.until.clone(),
            reads: self.shows_reads(),
            cursor,
        }
    }

    /// Whether the action that is chosen is a read.
    pub fn is_of_reads(&self) -> bool {
        READS.iter().any(|(action, _)| *action == self.action)
    }

    /// Whether reads are shown. Whoever looks for those of one kind wants to see them.
    pub fn shows_reads(&self) -> bool {
        self.reads || self.is_of_reads()
    }

    fn errors(&self) -> InputErrors {
        let mut errors = Vec::new();
        let number = self.number.trim();
        let is_of_request = matches!(self.object.as_str(), "" | REQUEST);
        if is_of_request && !number.is_empty() && number.parse::<u64>().is_err() {
            errors.push(("/number", "Le numéro d’une demande ne compte que des chiffres.".to_owned()));
        }
        // Days are written so that the later one is the greater text.
        if !self.from.is_empty() && !self.until.is_empty() && self.until < self.from {
            errors.push(("/until", "Cette date précède la première.".to_owned()));
        }
        errors
    }
}

#[component]
pub fn FilterForm(
    /// What the log is narrowed down with.
    filters: Memo<Filters>,
    /// Called with what it is to be.
    on_filter: Callback<Filters>,
) -> impl IntoView {
    let typed = RwSignal::new(filters.get_untracked());
    Effect::new(move |before: Option<Filters>| {
        let now = filters.get();
        match before {
            // Reads are shown and hidden beside the form, too: what is typed in it and not sent stays.
            Some(before) if Filters { reads: now.reads, ..before.clone() } == now => {
                typed.update(|typed| typed.reads = now.reads);
            }
            _ => typed.set(now.clone()),
        }
        now
    });
    let inputs = [("/number", NUMBER), ("/until", UNTIL)];
    let submission = Submission::new("filtrer", &inputs, move || typed.with(Filters::errors));
    view! {
        <form
            role="search"
            class="dp-panel dp-no-print fr-mb-3w"
            novalidate=true
            aria-labelledby="filtrer"
            on:submit=move |event| {
                event.prevent_default();
                if submission.is_ready() {
                    on_filter.run(typed.get_untracked());
                }
            }
        >
            <h2 class="fr-h5" id="filtrer">
                "Filtrer"
            </h2>
            <div class="dp-filters">
                <Who typed />
                <What typed submission />
                <When typed submission />
            </div>
            <Checkbox
                id=WITH_READS
                label=ViewFn::from(|| "Afficher aussi les lectures")
                checked=Signal::derive(move || typed.with(|typed| typed.reads))
                on_change=Callback::new(move |reads| typed.update(|typed| typed.reads = reads))
            />
            <ul class="fr-btns-group fr-btns-group--inline-md fr-mt-2w">
                <li>
                    <button type="submit" class="fr-btn">
                        "Filtrer"
                    </button>
                </li>
                <li>
                    <button
                        type="button"
                        class="fr-btn fr-btn--secondary"
                        on:click=move |_| {
                            submission.clear();
                            typed.set(Filters::default());
                            on_filter.run(Filters::default());
                        }
                    >
                        "Retirer les filtres"
                    </button>
                </li>
            </ul>
        </form>
    }
}

fn value(typed: RwSignal<Filters>, read: fn(&Filters) -> &String) -> Signal<String> {
    Signal::derive(move || typed.with(|typed| read(typed).clone()))
}

fn set(typed: RwSignal<Filters>, write: fn(&mut Filters) -> &mut String) -> Callback<String> {
    Callback::new(move |text| typed.update(|typed| *write(typed) = text))
}

#[component]
fn Who(typed: RwSignal<Filters>) -> impl IntoView {
    view! {
        <TextInput
            id=PERSON
            label="Personne"
            hint="Nom ou adresse électronique de qui a agi, ou de qui est concerné"
            autocomplete="off"
            value=value(typed, |typed| &typed.person)
            on_input=set(typed, |typed| &mut typed.person)
        />
    }
}

#[component]
fn What(typed: RwSignal<Filters>, submission: Submission) -> impl IntoView {
    let objects = Signal::stored(OBJECTS.iter().map(|(name, word)| Choice::new(*name, *word)).collect::<Vec<_>>());
    let actions = Signal::stored(
        CHANGES.iter().chain(READS).map(|(action, _)| Choice::new(*action, label(action))).collect::<Vec<_>>(),
    );
    view! {
        <Select
            id=ACTION
            label="Action"
            hint="Ce qui a été fait"
            empty="Toutes les actions"
            choices=actions
            value=value(typed, |typed| &typed.action)
            on_change=set(typed, |typed| &mut typed.action)
        />
        <Select
            id=OBJECT
            label="Objet"
            hint="Ce qui est concerné"
            empty="Tous les objets"
            choices=objects
            value=value(typed, |typed| &typed.object)
            on_change=set(typed, |typed| &mut typed.object)
        />
        <TextInput
            id=NUMBER
            label="Numéro"
            hint="De la demande, ou de l’objet choisi"
            autocomplete="off"
            value=value(typed, |typed| &typed.number)
            error=submission.error_at("/number")
            on_input=set(typed, |typed| &mut typed.number)
        />
    }
}

#[component]
fn When(typed: RwSignal<Filters>, submission: Submission) -> impl IntoView {
    view! {
        <TextInput
            id=FROM
            label="Du"
            hint="Premier jour, à l’heure de Paris"
            kind="date"
            value=value(typed, |typed| &typed.from)
            on_input=set(typed, |typed| &mut typed.from)
        />
        <TextInput
            id=UNTIL
            label="Au"
            hint="Dernier jour compris"
            kind="date"
            value=value(typed, |typed| &typed.until)
            error=submission.error_at("/until")
            on_input=set(typed, |typed| &mut typed.until)
        />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filters_are_in_the_address() {
        let filters = Filters {
            person: "camille".to_owned(),
            number: "42".to_owned(),
            from: "2026-01-02".to_owned(),
            reads: true,
            ..Filters::default()
        };
        let address = filters.href(&Cursors::default());
        assert_eq!(address, "/journal?personne=camille&numero=42&du=2026-01-02&lectures=oui");
        assert_eq!(Filters::of(&Query::parse(address.split_once('?').unwrap().1)), filters);
        assert_eq!(Filters::default().href(&Cursors::default()), "/journal");
    }

    #[test]
    fn reads_are_shown_to_whoever_looks_for_one_kind_of_them() {
        let of = |action: &str| Filters { action: action.to_owned(), ..Filters::default() };
        assert!(READS.iter().all(|(action, _)| of(action).shows_reads() && of(action).query(String::new()).reads));
        assert!(!CHANGES.iter().any(|(action, _)| of(action).shows_reads()));
        assert!(Filters { reads: true, ..of("") }.shows_reads() && !of("").shows_reads());
    }

    #[test]
    fn a_number_alone_is_that_of_a_request() {
        let numbered =
            |object: &str| Filters { object: object.to_owned(), number: "42".to_owned(), ..Filters::default() };
        assert_eq!(numbered("").query(String::new()).object, "enrollment");
        assert_eq!(numbered("user").query(String::new()).object, "user");
        assert_eq!(Filters::default().query(String::new()).object, "");
    }

    #[test]
    fn what_is_wrong_is_told_at_its_input() {
        let wrong = |filters: Filters| filters.errors().into_iter().map(|(at, _)| at).collect::<Vec<_>>();
        let text = |text: &str| text.to_owned();
        assert_eq!(wrong(Filters { number: text("x"), ..Filters::default() }), ["/number"]);
        let webhook = Filters { number: text("x"), object: text("webhook"), ..Filters::default() };
        assert_eq!(wrong(webhook), [""; 0]);
        let days = |from, until| Filters { from: text(from), until: text(until), ..Filters::default() };
        assert_eq!(wrong(days("2026-02-01", "2026-01-31")), ["/until"]);
        assert_eq!(wrong(days("2026-02-01", "2026-02-01")), [""; 0]);
    }
}
