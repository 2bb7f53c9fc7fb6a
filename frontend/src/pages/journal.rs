//! The audit log, for administrators: who did or read what, newest first.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::audit::{ACTIONS, AuditEntry, OBJECTS, Outcome, words};

use crate::api::administration::{self, AuditQuery};
use crate::components::alert::{Alert, Tone};
use crate::components::badge::Badge;
use crate::components::choice::{Choice, Select};
use crate::components::date;
use crate::components::field::TextInput;
use crate::components::placeholder::EmptyState;
use crate::loader::Loader;
use crate::query::{Cursors, Query};
use crate::shell::paged_list::{PagedList, page_query};
use crate::shell::sign_in::signed_in;
use crate::shell::title::PageTitle;

/// The address of the page.
const PATH: &str = "/journal";

/// What the log is narrowed down with, as the address of the page names it.
const FILTERS: [&str; 5] = ["personne", "objet", "numero", "action", "jour"];

#[component]
pub fn Journal() -> impl IntoView {
    signed_in(|user| {
        if user.is_administrator() {
            view! { <Log /> }.into_any()
        } else {
            view! {
                <PageTitle title="Journal" />
                <Alert tone=Tone::Info title="Cette page est réservée aux administrateurs">
                    <p>"L’historique de vos demandes se lit sur la page de chacune d’elles."</p>
                </Alert>
            }
            .into_any()
        }
    })
}

#[component]
fn Log() -> impl IntoView {
    let query = page_query(PATH);
    let filters =
        Memo::new(move |_| query.with(|query| FILTERS.map(|name| query.get(name).unwrap_or_default().to_owned())));
    let cursors = Memo::new(move |_| query.with(Cursors::of));
    let loader = Loader::new(move || {
        let [email, object, object_id, action, day] = filters.get();
        administration::audit(AuditQuery {
            email,
            object,
            object_id,
            action,
            day,
            cursor: cursors.with(Cursors::current),
        })
    });
    let rows = |entries: Vec<AuditEntry>| {
        view! {
            <ol class="dp-history" reversed=true>
                {entries.into_iter().map(entry).collect_view()}
            </ol>
        }
        .into_any()
    };
    view! {
        <PageTitle title="Journal" />
        <p class="fr-text--lead">
            "Chaque modification et chaque lecture de données personnelles, sans leur contenu. Une entrée scellée ne peut plus être modifiée sans que cela se voie."
        </p>
        <Filters filters />
        <PagedList
            loader
            cursors
            href=move |cursors| filters.with_untracked(|filters| href(filters, &cursors))
            words=("Aucune entrée", "entrée", "entrées")
            empty=|| {
                view! {
                    <EmptyState title="Aucune entrée ne correspond">
                        <p>"Retirez un filtre, ou vérifiez l’adresse électronique\u{a0}: elle doit être complète."</p>
                    </EmptyState>
                }
            }
            rows
        />
    }
}

#[component]
fn Filters(
    /// What the log is narrowed down with.
    filters: Memo<[String; 5]>,
) -> impl IntoView {
    let typed = RwSignal::new(filters.get_untracked());
    Effect::new(move |_| typed.set(filters.get()));
    let navigate = use_navigate();
    let show = StoredValue::new(move |filters: [String; 5]| {
        let address = href(&filters, &Cursors::default());
        navigate(&address, NavigateOptions { scroll: false, ..NavigateOptions::default() });
    });
    view! {
        <form
            role="search"
            class="dp-panel fr-mb-3w"
            aria-labelledby="filtrer"
            on:submit=move |event| {
                event.prevent_default();
                show.with_value(|show| show(typed.get_untracked().map(|text| text.trim().to_owned())));
            }
        >
            <h2 class="fr-h5" id="filtrer">
                "Filtrer"
            </h2>
            <FilterInputs typed />
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
                        on:click=move |_| show.with_value(|show| show(<[String; 5]>::default()))
                    >
                        "Tout afficher"
                    </button>
                </li>
            </ul>
        </form>
    }
}

#[component]
fn FilterInputs(
    /// What is typed, in the order of [`FILTERS`].
    typed: RwSignal<[String; 5]>,
) -> impl IntoView {
    let value =
        |place: usize| Signal::derive(move || typed.with(|typed| typed.get(place).cloned().unwrap_or_default()));
    let set = |place: usize| {
        Callback::new(move |text: String| {
            typed.update(|typed| {
                if let Some(value) = typed.get_mut(place) {
                    *value = text;
                }
            });
        })
    };
    let choices = |table: &[(&str, &str)]| {
        Signal::stored(table.iter().map(|(name, words)| Choice::new(*name, *words)).collect::<Vec<_>>())
    };
    view! {
        <div class="dp-filters">
            <TextInput
                id="journal-personne"
                label="Personne"
                hint="Adresse électronique complète"
                kind="email"
                autocomplete="off"
                value=value(0)
                on_input=set(0)
            />
            <TextInput
                id="journal-jour"
                label="Jour"
                hint="De 0\u{a0}h à 24\u{a0}h, temps universel"
                kind="date"
                value=value(4)
                on_input=set(4)
            />
            <Select
                id="journal-objet"
                label="Objet"
                empty="Tous les objets"
                choices=choices(OBJECTS)
                value=value(1)
                on_change=set(1)
            />
            <TextInput
                id="journal-numero"
                label="Numéro de l’objet"
                inputmode="numeric"
                autocomplete="off"
                value=value(2)
                on_input=set(2)
            />
            <Select
                id="journal-action"
                label="Action"
                empty="Toutes les actions"
                choices=choices(ACTIONS)
                value=value(3)
                on_change=set(3)
            />
        </div>
    }
}

fn href(filters: &[String; 5], cursors: &Cursors) -> String {
    let mut query = Query::default();
    for (name, value) in FILTERS.into_iter().zip(filters) {
        query.push_text(name, value);
    }
    cursors.write(&mut query);
    format!("{PATH}{query}")
}

fn entry(entry: AuditEntry) -> AnyView {
    let is_denied = entry.outcome == Outcome::Denied;
    let sealed = entry
        .sequence
        .map_or_else(|| "pas encore scellée".to_owned(), |sequence| format!("entrée scellée n°\u{a0}{sequence}"));
    view! {
        <li>
            <p class="fr-mb-0">
                <strong>{entry.actor}</strong>
                {entry.administrator.map(|name| format!(" (par {name}, administrateur)"))}
                ". "
                {words(ACTIONS, &entry.action).to_owned()}
                {(entry.times > 1).then(|| format!(" ({} fois en dix minutes)", entry.times))}
                ". "
                {thing(&entry.object, &entry.object_id)}
                " "
                {is_denied.then(|| view! { <Badge label="Refusé" /> })}
            </p>
            <p class="dp-detail dp-break fr-mb-0">
                <time datetime=entry.at.to_rfc3339()>{date::date_time(entry.at)}</time>
                {format!(" – {sealed}")}
                {(!entry.request_id.is_empty()).then(|| format!(" – requête {}", entry.request_id))}
            </p>
        </li>
    }
    .into_any()
}

/// What it was about, with a link where there is a page.
fn thing(object: &str, id: &str) -> AnyView {
    if id.is_empty() {
        return ().into_any();
    }
    let label = format!("{} n°\u{a0}{id}", words(OBJECTS, object));
    let path = match object {
        "enrollment" => "demandes",
        "authorisation" => "habilitations",
        _ => return label.into_any(),
    };
    view! { <a href=format!("/{path}/{id}")>{label}</a> }.into_any()
}
