//! People and their roles, for administrators and managers: answers who asks for a role, grants and revokes roles;
//! administrators also ban accounts and impersonate.

mod account;
pub mod chosen_role;
mod grant;
mod held;
pub mod requests;
mod revoke;
pub mod role_inputs;
pub mod role_labels;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::rights::roles::{self, ManagedRoles, may_change};
use shared::user::{Person, Role, User};

use self::account::{AccountAction, AccountDialog};
use self::chosen_role::{Chosen, managed_by};
use self::grant::GrantRoleForm;
use self::held::{Held, gathered};
use self::requests::RoleRequests;
use self::revoke::RevokeRoleDialog;
use self::role_labels::{RoleLabels, label_of_provider};
use crate::api;
use crate::components::alert::{Alert, Tone};
use crate::components::badge::Badge;
use crate::components::date;
use crate::components::done::Done;
use crate::components::placeholder::EmptyState;
use crate::components::search::SearchBox;
use crate::context::AppContext;
use crate::loader::Loader;
use crate::query::{Cursors, Query};
use crate::shell::paged_list::{PagedList, page_query, skeleton};
use crate::shell::sign_in::signed_in;
use crate::shell::title::PageTitle;

/// The address of the page.
const PATH: &str = "/personnes";

#[component]
pub fn People() -> impl IntoView {
    signed_in(|user| {
        if user.is_administrator() || user.is_manager() {
            view! { <PeopleAndRoles user /> }.into_any()
        } else {
            view! {
                <PageTitle title="Personnes et rôles" />
                <Alert tone=Tone::Info title="Cette page est réservée aux administrateurs et aux gestionnaires">
                    <p>
                        "Vous pouvez demander un rôle " <a href="/mon-compte#mes-roles">"depuis votre compte"</a> "."
                    </p>
                </Alert>
            }
            .into_any()
        }
    })
}

/// What the page says to whom.
struct Wording {
    lead: &'static str,
    list: &'static str,
    hint: &'static str,
}

const FOR_ADMINISTRATORS: Wording = Wording {
    lead: "Un rôle permet d’instruire les demandes d’une API, de les lire ou d’être prévenu de leur dépôt. Chaque changement est conservé avec sa raison\u{a0}; la personne en est prévenue par courriel, sans la raison.",
    list: "Qui a un rôle, ou dont le compte est suspendu",
    hint: "Nom ou adresse électronique",
};

const FOR_MANAGERS: Wording = Wording {
    lead: "Vous donnez et retirez les rôles de vos API\u{a0}: instruire les demandes, les lire, être prévenu de leur dépôt. Chaque changement est conservé avec sa raison\u{a0}; la personne en est prévenue par courriel, sans la raison. Vos propres rôles, un autre gestionnaire ou un administrateur les change.",
    list: "Qui a un rôle sur vos API",
    hint: "Nom ou adresse électronique\u{a0}; l’adresse entière pour qui n’a pas encore de rôle sur vos API",
};

/// What the lines of people need.
#[derive(Clone, Copy)]
struct Lines {
    reader: StoredValue<User>,
    managed: Memo<ManagedRoles>,
    labels: RoleLabels,
    /// The role to revoke.
    revoked: RwSignal<Option<(String, Chosen)>>,
    /// What to do with an account.
    asked: RwSignal<Option<(String, AccountAction)>>,
    /// What was just done, by e-mail address.
    done: Done,
}

#[component]
fn PeopleAndRoles(user: User) -> impl IntoView {
    let query = page_query(PATH);
    let search = Memo::new(move |_| query.with(|query| query.get("search").unwrap_or_default().to_owned()));
    let cursors = Memo::new(move |_| query.with(Cursors::of));
    let loader = Loader::new(move || api::people(search.get(), cursors.with(Cursors::current)));
    let navigate = use_navigate();
    let done = Done::new();
    done.on_page_of(cursors);
    let on_search = Callback::new(move |words: String| {
        done.forget();
        let mut query = Query::default();
        query.push_text("search", &words);
        navigate(&format!("{PATH}{query}"), NavigateOptions { scroll: false, ..NavigateOptions::default() });
    });
    let on_done = Callback::new(move |()| loader.reload());
    let on_granted = Callback::new(move |()| {
        done.forget();
        loader.reload();
    });
    let context = AppContext::get();
    let managed = Memo::new(move |_| managed_by(context));
    let labels = RoleLabels::new();
    let (revoked, asked) = (RwSignal::new(None::<(String, Chosen)>), RwSignal::new(None::<(String, AccountAction)>));
    let words = if user.is_administrator() { &FOR_ADMINISTRATORS } else { &FOR_MANAGERS };
    let lines = Lines { reader: StoredValue::new(user), managed, labels, revoked, asked, done };
    let rows = move |people: Vec<Person>| {
        // The providers, by which roles are gathered, come with the catalogue: the lines would move.
        if context.catalogue().is_loading() {
            return skeleton();
        }
        let gone = done.above(people.iter().map(|person| person.email.as_str()));
        let people = people.into_iter().map(|one| person(one, lines)).collect_view();
        view! {
            {gone}
            <ul class="dp-roles">{people}</ul>
        }
        .into_any()
    };
    view! {
        <PageTitle title="Personnes et rôles" />
        <p class="fr-text--lead">{words.lead}</p>
        <RoleRequests labels on_given=move |()| loader.reload() />
        <GrantRoleForm managed labels on_done=on_granted />
        <h2 class="fr-h4 fr-mt-4w">{words.list}</h2>
        <SearchBox id="recherche" label="Rechercher une personne" hint=words.hint value=search on_search />
        <PagedList
            loader
            cursors
            href=move |cursors| search.with_untracked(|words| href(words, &cursors))
            words=("Personne", "personne", "personnes")
            empty=move || {
                view! {
                    {done.above(std::iter::empty())}
                    <EmptyState title="Personne ne correspond à cette recherche">
                        <p>"Vous pouvez donner un rôle à quelqu’un qui ne s’est pas encore connecté\u{a0}: il l’aura dès sa première connexion."</p>
                    </EmptyState>
                }
            }
            rows=rows
        />
        <RevokeRoleDialog asked=revoked labels done on_done />
        <AccountDialog asked done on_done />
    }
}

fn href(search: &str, cursors: &Cursors) -> String {
    let mut query = Query::default();
    query.push_text("search", search);
    cursors.write(&mut query);
    format!("{PATH}{query}")
}

fn person(person: Person, lines: Lines) -> AnyView {
    let Person { email, name, has_account, ban, roles } = person;
    let reader_is_administrator = lines.reader.with_value(User::is_administrator);
    let buttons = (has_account && reader_is_administrator)
        .then(|| account::buttons(&email, ban.is_some(), roles.contains(&Role::Administrator), lines.asked));
    let ban = ban.map(|ban| {
        view! {
            <p class="fr-mb-0">
                <Badge label="Suspendu" />
                {format!(" depuis le {}. Raison\u{a0}: {}", date::date(ban.since), ban.reason)}
            </p>
        }
    });
    let is_without = roles.is_empty();
    let none = if reader_is_administrator { "Aucun rôle" } else { "Aucun rôle sur vos API" };
    let done = lines.done.beside(&email);
    let catalogue = AppContext::get().catalogue().get().unwrap_or_default();
    let held = gathered(roles, &catalogue).into_iter().map(|held| held_line(held, &email, lines)).collect_view();
    view! {
        <li class="dp-card fr-mb-2w">
            <p class="fr-text--bold fr-mb-0">{if name.is_empty() { email.clone() } else { name }}</p>
            <p class="dp-detail dp-break">
                {email.clone()} {(!has_account).then_some(" – ne s’est pas encore connecté")}
            </p>
            {done}
            {ban}
            {is_without.then(|| view! { <p class="fr-mb-0">{none}</p> })}
            <ul class="dp-roles">{held}</ul>
            {buttons}
        </li>
    }
    .into_any()
}

fn held_line(held: Held, email: &str, lines: Lines) -> AnyView {
    let (kind, provider, is_whole, roles) = match held {
        Held::One(role) => return role_line(Chosen::One(role.clone()), &[role], email, lines),
        Held::Several { kind, provider, is_whole, roles } => (kind, provider, is_whole, roles),
    };
    let count = roles.len();
    let name = label_of_provider(AppContext::get(), &provider);
    let title = if is_whole {
        roles::label_of_all(kind.label(), &name)
    } else {
        format!("{}, {count} rôles ({name})", kind.label())
    };
    let whole = role_line(Chosen::All(kind, provider), &roles, email, lines);
    let each = roles.into_iter().map(|role| role_line(Chosen::One(role.clone()), &[role], email, lines)).collect_view();
    view! {
        <li>
            <details class="dp-details">
                <summary>{title}</summary>
                <ul class="dp-roles fr-ml-2w">{whole} {each}</ul>
            </details>
        </li>
    }
    .into_any()
}

/// What somebody holds, which the reader may take where they may give each of these roles.
fn role_line(chosen: Chosen, roles: &[Role], email: &str, lines: Lines) -> AnyView {
    let Lines { reader, managed, labels, revoked, .. } = lines;
    let chosen = StoredValue::new(chosen);
    let own = StoredValue::new((email.to_owned(), roles.to_vec()));
    let label = move || chosen.with_value(|chosen| labels.label_of(chosen));
    let is_one = chosen.with_value(|chosen| matches!(chosen, Chosen::One(_)));
    let shown = move || if is_one { label() } else { "L’ensemble".to_owned() };
    let may_take = move || {
        let may = |user: &User| {
            managed.with(|managed| {
                own.with_value(|(email, roles)| roles.iter().all(|role| may_change(user, managed, role, email).is_ok()))
            })
        };
        reader.with_value(may)
    };
    let button = move || {
        let email = own.with_value(|(email, _)| email.clone());
        let about = email.clone();
        view! {
            <button
                type="button"
                class="fr-btn fr-btn--tertiary fr-btn--sm"
                aria-haspopup="dialog"
                on:click=move |_| revoked.set(Some((email.clone(), chosen.get_value())))
            >
                {if is_one { "Retirer" } else { "Tout retirer" }}
                <span class="fr-sr-only">{move || format!(" {} à {about}", label())}</span>
            </button>
        }
    };
    view! {
        <li class="dp-role">
            <span>{shown}</span>
            {move || may_take().then(button)}
        </li>
    }
    .into_any()
}
