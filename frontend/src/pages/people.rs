//! People and their roles, for administrators: who may do what, one role given or taken at a time, with a reason.

mod account;
mod change;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::api::PolicySummary;
use shared::user::{Person, Role};

use self::account::AccountWindow;
use self::change::{Given, TakeBack};
use crate::api;
use crate::app::AppContext;
use crate::components::alert::{Alert, Tone};
use crate::components::badge::Badge;
use crate::components::choice::Choice;
use crate::components::date;
use crate::components::remote::EmptyState;
use crate::components::results::{PagedList, page_query};
use crate::components::search::SearchBox;
use crate::components::title::PageTitle;
use crate::loader::Loader;
use crate::query::{Cursors, Query};

/// The address of the page.
const PATH: &str = "/personnes";

/// The page.
#[component]
pub fn People() -> impl IntoView {
    AppContext::get().signed_in(|user| {
        if user.is_administrator() {
            view! { <Administration /> }.into_any()
        } else {
            view! {
                <PageTitle title="Personnes et rôles" />
                <Alert tone=Tone::Info title="Cette page est réservée aux administrateurs">
                    <p>"Pour obtenir un rôle, adressez-vous à un administrateur de la plateforme."</p>
                </Alert>
            }
            .into_any()
        }
    })
}

#[component]
fn Administration() -> impl IntoView {
    let query = page_query(PATH);
    let search = Memo::new(move |_| query.with(|query| query.get("search").unwrap_or_default().to_owned()));
    let cursors = Memo::new(move |_| query.with(Cursors::of));
    let loader = Loader::new(move || api::people(search.get(), cursors.with(Cursors::current)));
    let navigate = use_navigate();
    let on_search = Callback::new(move |words: String| {
        let mut query = Query::default();
        query.push_text("search", &words);
        navigate(&format!("{PATH}{query}"), NavigateOptions { scroll: false, ..NavigateOptions::default() });
    });
    // What was just done, for those who do not see the list change.
    let done = RwSignal::new(String::new());
    let on_done = Callback::new(move |said: String| {
        done.set(said);
        loader.reload();
    });
    let taken = RwSignal::new(None::<(String, Role)>);
    let asked = RwSignal::new(None::<(String, account::Step)>);
    let rows = move |people: Vec<Person>| {
        view! { <ul class="dp-roles">{people.into_iter().map(|one| person(one, taken, asked)).collect_view()}</ul> }
            .into_any()
    };
    view! {
        <PageTitle title="Personnes et rôles" />
        <p class="fr-text--lead">
            "Un rôle permet d’instruire les demandes d’une API, de les lire ou d’être prévenu de leur dépôt. Chaque changement est conservé avec sa raison."
        </p>
        <Given on_done />
        <h2 class="fr-h4 fr-mt-4w">"Qui a un rôle, ou dont le compte est suspendu"</h2>
        <SearchBox id="recherche" label="Rechercher une personne" hint="Nom ou adresse électronique" value=search on_search />
        <p role="status" class="fr-mt-2w">
            {move || done.get()}
        </p>
        <PagedList
            loader
            cursors
            href=move |cursors| search.with_untracked(|words| href(words, &cursors))
            words=("Personne", "personne", "personnes")
            empty=|| {
                view! {
                    <EmptyState title="Personne ne correspond à cette recherche">
                        <p>"Vous pouvez donner un rôle à quelqu’un qui ne s’est pas encore connecté\u{a0}: il l’aura dès sa première connexion."</p>
                    </EmptyState>
                }
            }
            rows=rows
        />
        <TakeBack taken on_done />
        <AccountWindow asked on_done />
    }
}

fn href(search: &str, cursors: &Cursors) -> String {
    let mut query = Query::default();
    query.push_text("search", search);
    cursors.write(&mut query);
    format!("{PATH}{query}")
}

fn person(
    person: Person,
    taken: RwSignal<Option<(String, Role)>>,
    asked: RwSignal<Option<(String, account::Step)>>,
) -> AnyView {
    let Person { email, name, has_account, ban, roles } = person;
    let buttons =
        has_account.then(|| account::buttons(&email, ban.is_some(), roles.contains(&Role::Administrator), asked));
    let ban = ban.map(|ban| {
        view! {
            <p class="fr-mb-0">
                <Badge label="Suspendu" />
                {format!(" depuis le {}. Raison\u{a0}: {}", date::date(ban.since), ban.reason)}
            </p>
        }
    });
    let is_without = roles.is_empty();
    let lines = roles
        .into_iter()
        .map(|role| {
            let (own, label) = (email.clone(), label(&role));
            let hidden = format!(" {label} à {own}");
            view! {
                <li class="dp-role">
                    <span>{label}</span>
                    <button
                        type="button"
                        class="fr-btn fr-btn--tertiary fr-btn--sm"
                        on:click=move |_| taken.set(Some((own.clone(), role.clone())))
                    >
                        "Retirer"
                        <span class="fr-sr-only">{hidden}</span>
                    </button>
                </li>
            }
        })
        .collect_view();
    view! {
        <li class="dp-card fr-mb-2w">
            <p class="fr-text--bold fr-mb-0">{if name.is_empty() { email.clone() } else { name }}</p>
            <p class="dp-detail dp-break">
                {email.clone()} {(!has_account).then_some(" – ne s’est pas encore connecté")}
            </p>
            {ban}
            {is_without.then(|| view! { <p class="fr-mb-0">"Aucun rôle"</p> })}
            <ul class="dp-roles">{lines}</ul>
            {buttons}
        </li>
    }
    .into_any()
}

/// A role as a person reads it.
fn label(role: &Role) -> String {
    let named = |kind: &str, target_api: &str, group: Option<&String>| {
        let api = AppContext::get().label_of(target_api);
        match group {
            Some(group) => format!("{kind}, {api}, groupe {group}"),
            None => format!("{kind}, {api}"),
        }
    };
    match role {
        Role::Administrator => "Administrateur".to_owned(),
        Role::Instructor { target_api } => named("Instructeur", target_api, None),
        Role::Reporter { target_api, group } => named("Rapporteur", target_api, group.as_ref()),
        Role::Subscriber { target_api, group } => named("Abonné", target_api, group.as_ref()),
    }
}

/// The APIs of the catalogue, by name, to be chosen.
fn apis(catalogue: Vec<PolicySummary>) -> Vec<Choice> {
    let mut choices: Vec<_> =
        catalogue.into_iter().map(|policy| Choice::new(policy.target_api, policy.label)).collect();
    choices.sort_by(|a, b| a.label.cmp(&b.label));
    choices
}
