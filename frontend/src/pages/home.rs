//! The home page of who is signed in: their requests. That of visitors is the server’s.

mod deleted;
mod groups;
mod transfers;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::api::EnrollmentRow;
use shared::navigation::first_page;
use shared::transfer::AwaitedTransfer;
use shared::user::User;
use shared::workflow::Status;

use self::deleted::DeletedDrafts;
use self::groups::{Group, grouped, name, pending};
use super::colleagues::ColleaguesLinks;
use crate::api::{self, ApiError, ListQuery};
use crate::browser;
use crate::components::alert::{Alert, Tone};
use crate::components::badge::{StatusBadge, unread};
use crate::components::date::date;
use crate::components::load_more::LoadMore;
use crate::components::placeholder::{EmptyState, Spinner};
use crate::components::siret::name_of;
use crate::context::AppContext;
use crate::loader::Loader;
use crate::shell::loading::ErrorState;
use crate::shell::sign_in::signed_in;
use crate::shell::title::PageTitle;

/// Rows per page: nearly everybody has fewer, so that nothing to do hides behind « Voir plus ».
const ROWS: u32 = 100;

/// The first page.
#[component]
pub fn Home() -> impl IntoView {
    let context = AppContext::get();
    let navigate = use_navigate();
    context.session.view(move |session| match session.user {
        None => {
            // The session has ended: the server has a page for visitors.
            browser::leave_to("/");
            Spinner().into_any()
        }
        Some(user) if user.has_role() => {
            // After this page is drawn: a navigation while it is being drawn would be lost.
            let navigate = navigate.clone();
            let home = first_page(&user);
            request_animation_frame(move || {
                navigate(home, NavigateOptions { replace: true, ..NavigateOptions::default() });
            });
            Spinner().into_any()
        }
        Some(user) => view! { <Requests user mine=false /> }.into_any(),
    })
}

/// The requests that the user has filed, for those whose first page is another.
#[component]
pub fn MyRequests() -> impl IntoView {
    signed_in(|user| view! { <Requests user mine=true /> }.into_any())
}

/// What is there of a list that grows page by page.
#[derive(Clone, Debug, Default, PartialEq)]
struct Rows {
    items: Vec<EnrollmentRow>,
    next: Option<String>,
    is_loading: bool,
    error: Option<ApiError>,
}

/// Loads the requests of an organisation, or all, anew when another is chosen; the callback brings the next page.
fn load(siret: Memo<String>, mine: bool) -> (RwSignal<Rows>, Callback<()>) {
    let nothing_yet = Rows { is_loading: true, ..Rows::default() };
    let rows = RwSignal::new(nothing_yet.clone());
    let more = Callback::new(move |()| {
        let siret_asked = siret.get_untracked();
        let cursor = rows.with_untracked(|rows| rows.next.clone()).unwrap_or_default();
        rows.update(|rows| {
            rows.is_loading = true;
            rows.error = None;
        });
        spawn_local(async move {
            let query =
                ListQuery { cursor, mine, siret: siret_asked.clone(), limit: Some(ROWS), ..ListQuery::default() };
            let answer = api::enrollments(query).await;
            if siret.try_get_untracked().is_none_or(|now| now != siret_asked) {
                return;
            }
            rows.try_update(|rows| {
                rows.is_loading = false;
                match answer {
                    Ok(page) => {
                        rows.items.extend(page.items);
                        rows.next = page.next;
                    }
                    Err(error) => rows.error = Some(error),
                }
            });
        });
    });
    Effect::new(move |_| {
        siret.track();
        rows.set(nothing_yet.clone());
        more.run(());
    });
    (rows, more)
}

/// The user's requests: what waits for them, then by organisation. With `mine`, only those that they filed.
#[component]
fn Requests(user: User, mine: bool) -> impl IntoView {
    let context = AppContext::get();
    let siret = Memo::new(move |_| context.organization().map(|own| own.siret.to_string()).unwrap_or_default());
    let (rows, more) = load(siret, mine);
    let (given_name, me) = (user.given_name.clone(), user.id);
    let transfers = Loader::new(api::transfers::awaited);
    let last = transfers.last_answer();
    // What follows the list comes with it: it would move.
    let is_there =
        Memo::new(move |before| before == Some(&true) || last.get().is_some() && rows.with(|rows| !rows.is_loading));
    let body = move || {
        let state = rows.get();
        // Asked again, they take nothing away that is there.
        let Some(answer) = last.get() else { return Spinner().into_any() };
        let awaited = answer.unwrap_or_default();
        match (state.items.is_empty(), state.error) {
            (true, Some(error)) => view! { <ErrorState error retry=more /> }.into_any(),
            (true, None) if state.is_loading => Spinner().into_any(),
            (true, None) if siret.with(|siret| !siret.is_empty()) => view! {
                {to_do(awaited, Vec::new(), me)}
                <EmptyState title="Vous n’avez aucune demande pour cette organisation.">
                    <a class="fr-btn" rel="external" href="/nouvelle-demande">
                        "Choisir une API"
                    </a>
                </EmptyState>
            }
            .into_any(),
            (true, None) => view! {
                {to_do(awaited, Vec::new(), me)}
                <NoRequestYet given_name=given_name.clone() />
            }
            .into_any(),
            (false, error) => view! {
                {organizations(&state.items, awaited, me)}
                {error.map(|error| view! { <ErrorState error retry=more /> })}
                {(state.next.is_some())
                    .then(|| {
                        view! {
                            <LoadMore
                                shown=Signal::derive(move || rows.with(|rows| rows.items.len()))
                                has_more=true
                                is_loading=Signal::derive(move || rows.with(|rows| rows.is_loading))
                                on_more=more
                            />
                        }
                    })}
            }
            .into_any(),
        }
    };
    view! {
        <div class="dp-head">
            <PageTitle title="Mes demandes" />
            <a class="fr-btn fr-icon-add-line fr-btn--icon-left" rel="external" href="/nouvelle-demande">
                "Nouvelle demande"
            </a>
        </div>
        {(!user.email_verified)
            .then(|| {
                view! {
                    <Alert tone=Tone::Warning title="Votre adresse électronique n’est pas vérifiée">
                        <p>"Vous devrez la vérifier dans votre compte avant de pouvoir soumettre une demande."</p>
                    </Alert>
                }
            })}
        <OnlyOneOrganization />
        <transfers::Failure transfers last />
        {body}
        {move || {
            is_there
                .get()
                .then(|| {
                    view! {
                        <ColleaguesLinks organizations=user.organizations.clone() />
                        <DeletedDrafts />
                    }
                })
        }}
    }
}

/// Says that the list is that of the organisation chosen in the header, and how to see the others.
#[component]
fn OnlyOneOrganization() -> impl IntoView {
    let context = AppContext::get();
    move || {
        context.organization().map(|own| {
            view! {
                <p>
                    "Seules les demandes de " <strong>{name_of(&own)}</strong> " sont affichées. "
                    <button type="button" class="fr-link" on:click=move |_| context.choose_organization(None)>
                        "Afficher celles de toutes mes organisations"
                    </button>
                </p>
            }
        })
    }
}

/// The empty state: how it works, and the first step.
#[component]
fn NoRequestYet(given_name: String) -> impl IntoView {
    let title =
        if given_name.is_empty() { "Bienvenue !".to_owned() } else { format!("Bienvenue, {given_name}\u{a0}!") };
    view! {
        <EmptyState title>
            <p>
                "Vous n’avez encore aucune demande d’habilitation. Choisissez l’API dont vous avez besoin : votre demande est enregistrée au fur et à mesure, et vous pouvez la reprendre à tout moment."
            </p>
            <a class="fr-btn" rel="external" href="/nouvelle-demande">
                "Choisir une API"
            </a>
        </EmptyState>
    }
}

fn organizations(rows: &[EnrollmentRow], awaited: Vec<AwaitedTransfer>, me: i64) -> AnyView {
    let (waiting, others) = pending(rows, me);
    let of_organizations = grouped(&others, me)
        .into_iter()
        .enumerate()
        .map(|(index, (organization, groups))| {
            let title_id = format!("organisation-{index}");
            view! {
                <section aria-labelledby=title_id.clone() class="fr-mb-6w">
                    <h2 id=title_id.clone() class="fr-h4">
                        {organization}
                    </h2>
                    {groups.into_iter().map(|group| group_view(group, me)).collect_view()}
                </section>
            }
        })
        .collect_view();
    view! {
        {to_do(awaited, waiting, me)}
        {of_organizations}
    }
    .into_any()
}

/// What waits for the user, in all organisations: transfers to answer, then their requests.
fn to_do(awaited: Vec<AwaitedTransfer>, waiting: Vec<EnrollmentRow>, me: i64) -> Option<AnyView> {
    let count = awaited.len() + waiting.len();
    let transfers = awaited.into_iter().map(transfers::card).collect_view();
    let cards = waiting.into_iter().map(|row| {
        let organization = name(&row);
        card(row, me, Some(organization))
    });
    let section = || {
        view! {
            <section aria-labelledby="a-faire" class="fr-mb-6w">
                <h2 id="a-faire" class="fr-h4">
                    {format!("À faire ({count})")}
                </h2>
                <ul class="dp-cards dp-cards--urgent">{transfers} {cards.collect_view()}</ul>
            </section>
        }
        .into_any()
    };
    (count > 0).then(section)
}

fn group_view(group: Group, me: i64) -> AnyView {
    view! {
        <h3 class="fr-h6 fr-mt-3w fr-mb-1w">{format!("{} ({})", group.stage.label(), group.rows.len())}</h3>
        <ul class="dp-cards">{group.rows.into_iter().map(|row| card(row, me, None)).collect_view()}</ul>
    }
    .into_any()
}

/// One request; with its organisation, where the cards around it are of others.
fn card(row: EnrollmentRow, me: i64, organization: Option<String>) -> AnyView {
    let context = AppContext::get();
    let is_mine = row.demandeur_id == me;
    let (href, action) = next_step(&row, is_mine);
    let title = if row.intitule.trim().is_empty() { "Projet sans nom".to_owned() } else { row.intitule.clone() };
    let target_api = row.target_api.clone();
    let when = match row.submitted_at {
        Some(at) if row.status == Status::Submitted => format!("Soumise le {}", date(at)),
        Some(_) | None => format!("Modifiée le {}", date(row.updated_at)),
    };
    let number = format!("n°\u{a0}{}", row.id);
    let messages = (row.unread > 0).then(|| messages_link(&row, &number));
    view! {
        <li class="dp-card">
            <p class="dp-card__meta fr-text--sm">
                <StatusBadge status=row.status reopening=row.reopening offered=row.offered />
                <span>{number.clone()}</span>
                <span>{when}</span>
            </p>
            <p class="dp-card__title">{title}</p>
            {organization.map(|name| view! { <p class="dp-card__detail fr-text--sm">{name}</p> })}
            <p class="dp-card__detail fr-text--sm">{move || context.label_of(&target_api)}</p>
            {row.renews.map(|renewed| view! { <p class="dp-card__detail fr-text--sm">{format!("Renouvelle la demande n°\u{a0}{renewed}.")}</p> })}
            {row.reopening.then(|| view! { <p class="dp-card__detail fr-text--sm">"L’habilitation reste en vigueur pendant la mise à jour."</p> })}
            {messages}
            <a class="fr-link fr-icon-arrow-right-line fr-link--icon-right" href=href>
                {action}
                <span class="fr-sr-only">{format!(" ({number})")}</span>
            </a>
        </li>
    }
    .into_any()
}

/// Says how many messages wait, and leads to them.
fn messages_link(row: &EnrollmentRow, number: &str) -> AnyView {
    view! {
        <p>
            <a
                class="fr-link fr-text--bold fr-icon-chat-3-line fr-link--icon-left"
                href=format!("/demandes/{}#messages", row.id)
            >
                {unread(row.unread)}
                <span class="fr-sr-only">{format!(" ({number})")}</span>
            </a>
        </p>
    }
    .into_any()
}

/// Where the user goes on with a request, and what the link says.
fn next_step(row: &EnrollmentRow, is_mine: bool) -> (String, &'static str) {
    let id = row.id;
    match row.status {
        Status::Draft if is_mine && row.reopening => (format!("/demandes/{id}/modifier"), "Compléter la mise à jour"),
        Status::Draft if is_mine && row.renews.is_some() => {
            (format!("/demandes/{id}/modifier"), "Compléter le renouvellement")
        }
        Status::Draft if is_mine => (format!("/demandes/{id}/modifier"), "Compléter la demande"),
        Status::ChangesRequested if is_mine && row.offered => {
            (format!("/demandes/{id}"), "Répondre à l’accord partiel")
        }
        Status::ChangesRequested if is_mine && row.reopening => {
            (format!("/demandes/{id}/modifier"), "Modifier la mise à jour")
        }
        Status::ChangesRequested if is_mine => (format!("/demandes/{id}/modifier"), "Modifier la demande"),
        Status::Draft
        | Status::ChangesRequested
        | Status::Submitted
        | Status::Validated
        | Status::Refused
        | Status::Revoked
        | Status::Archived
        | Status::Deleted => (format!("/demandes/{id}"), "Consulter la demande"),
    }
}
