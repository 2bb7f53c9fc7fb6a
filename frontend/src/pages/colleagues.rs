//! The requests of one's organisation, one's own and those of colleagues: that there are any, and nothing of what stands in
//! them.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::api::{OrganizationEnrollment, Page};
use shared::enrollment::AuthorisationSummary;
use shared::organization::{Organization, Siret};
use shared::user::User;

use super::not_found::NotFound;
use crate::api::{self, Answer};
use crate::components::alert::{Alert, Tone};
use crate::components::badge::StatusBadge;
use crate::components::breadcrumb::Breadcrumb;
use crate::components::date::date;
use crate::components::placeholder::EmptyState;
use crate::components::siret::name_of;
use crate::components::table::Table;
use crate::context::AppContext;
use crate::loader::Loader;
use crate::query::Cursors;
use crate::shell::paged_list::{PagedList, page_query};
use crate::shell::sign_in::signed_in;
use crate::shell::title::PageTitle;

/// The address of the page of an organisation.
pub fn path(siret: &Siret) -> String {
    format!("/organisations/{siret}/demandes")
}

/// The page `/organisations/:siret/demandes`.
#[component]
pub fn ColleaguesPage() -> impl IntoView {
    let params = use_params_map();
    let siret =
        Memo::new(move |_| params.with(|params| params.get("siret").and_then(|siret| siret.parse::<Siret>().ok())));
    move || match siret.get() {
        Some(siret) => signed_in(move |user| requests_of(siret.clone(), &user)),
        None => NotFound().into_any(),
    }
}

fn requests_of(siret: Siret, user: &User) -> AnyView {
    let own = user.organizations.iter().find(|own| own.siret == siret);
    let name = own.map(name_of);
    let address = path(&siret);
    let cursors = {
        let query = page_query(address.clone());
        Memo::new(move |_| query.with(Cursors::of))
    };
    let siret = StoredValue::new(siret);
    let loader = Loader::new(move || {
        api::organization_enrollments(siret.get_value(), String::new(), cursors.with(Cursors::current))
    });
    let href = move |cursors: Cursors| cursors.href(&address);
    view! {
        <Breadcrumb trail=vec![("/mes-demandes".to_owned(), "Mes demandes".to_owned())] current="Demandes de l’organisation".to_owned() />
        <PageTitle title="Demandes de l’organisation" />
        {name.map(|name| view! { <p class="fr-text--lead">{name}</p> })}
        <p>
            "Les habilitations de votre organisation et ses demandes en cours, les vôtres et celles de vos collègues. Le contenu d’une demande n’est lu que par la personne qui l’a déposée\u{a0}: si elle est partie ou absente, demandez que sa demande vous soit transférée."
        </p>
        <PagedList
            loader
            cursors
            href
            words=("Aucune demande", "demande", "demandes")
            empty=empty
            rows=table
        />
    }
    .into_any()
}

fn empty() -> AnyView {
    view! {
        <EmptyState title="Votre organisation n’a ni habilitation, ni demande en cours.">
            <a class="fr-btn" rel="external" href="/nouvelle-demande">
                "Choisir une API"
            </a>
        </EmptyState>
    }
    .into_any()
}

/// The titles of the columns.
const COLUMNS: [&str; 6] = ["Statut", "Numéro", "API", "Depuis le", "Déposée par", "Suite"];

fn table(rows: Vec<OrganizationEnrollment>) -> AnyView {
    let rows = rows.into_iter().map(table_row).collect();
    view! { <Table caption="Demandes et habilitations de l’organisation, de la plus récente à la plus ancienne" columns=&COLUMNS rows /> }.into_any()
}

fn table_row(row: OrganizationEnrollment) -> AnyView {
    let context = AppContext::get();
    let number = format!("n°\u{a0}{}", row.id);
    let granted = row.authorisation.map(|id| {
        view! { <span class="dp-detail">{format!("Habilitation {}", AuthorisationSummary::number_of(id))}</span> }
    });
    let target_api = row.target_api.clone();
    let demandeur = if row.is_own { "Vous".to_owned() } else { row.demandeur.clone() };
    view! {
        <tr role="row">
            <td role="cell" data-label="Statut">
                <StatusBadge status=row.status reopening=row.reopening offered=false />
            </td>
            <td role="cell" data-label="Numéro">
                {number.clone()}
                {granted}
            </td>
            <td role="cell" data-label="API">
                <span>{move || context.label_of(&target_api)}</span>
            </td>
            <td role="cell" data-label="Depuis le">
                <time datetime=row.since.to_rfc3339()>{date(row.since)}</time>
            </td>
            <td role="cell" data-label="Déposée par">
                {demandeur}
            </td>
            <td role="cell" data-label="Suite">
                {way_on(&row, &number)}
            </td>
        </tr>
    }
    .into_any()
}

/// Where the applicant reads it, and where a colleague asks for it.
fn way_on(row: &OrganizationEnrollment, number: &str) -> AnyView {
    let (href, label) = if row.is_own {
        (format!("/demandes/{}", row.id), "Consulter")
    } else {
        (format!("/demandes/{}/transfert", row.id), "Demander le transfert")
    };
    view! {
        <a class="fr-link" href=href>
            {label}
            <span class="fr-sr-only">{format!(" (demande {number})")}</span>
        </a>
    }
    .into_any()
}

/// Links to these pages, for the organisations that somebody is a verified member of.
#[component]
pub fn ColleaguesLinks(organizations: Vec<Organization>) -> impl IntoView {
    let links = organizations.into_iter().filter(|own| own.is_verified).map(|own| {
        view! {
            <li>
                <a class="fr-link" href=path(&own.siret)>
                    {format!("Toutes les demandes de l’organisation\u{a0}: {}", name_of(&own))}
                </a>
            </li>
        }
    });
    let links = links.collect_view();
    (!links.is_empty()).then(|| view! { <ul class="fr-raw-list fr-mt-4w">{links}</ul> })
}

/// What the organisation already has for an API, where somebody is about to start a request. Nothing where that cannot be
/// had: the request can be made all the same.
#[component]
pub fn ExistingRequestsNotice(
    /// The organisation, once it is chosen.
    siret: RwSignal<String>,
    /// The API.
    target_api: String,
) -> impl IntoView {
    let loader = Loader::new(move || match siret.get().parse::<Siret>() {
        Ok(siret) => api::organization_enrollments(siret, target_api.clone(), String::new()),
        Err(_) => Answer::known(Page { items: Vec::new(), next: None }),
    });
    move || {
        let rows = loader.get().map(|page| page.items).filter(|rows| !rows.is_empty())?;
        let line = |row: &OrganizationEnrollment| {
            let status = if row.reopening { row.status.update_label() } else { row.status.label() };
            let who = if row.is_own { "par vous".to_owned() } else { format!("par {}", row.demandeur) };
            let since = date(row.since);
            view! {
                <li>
                    {format!("Demande n°\u{a0}{}, déposée {who}\u{a0}: {status}, depuis le {since}. ", row.id)}
                    {way_on(row, &format!("n°\u{a0}{}", row.id))}
                </li>
            }
        };
        let lines = rows.iter().map(line).collect_view();
        Some(view! {
            <div class="fr-my-4w">
            <Alert tone=Tone::Info title="Votre organisation a déjà une demande pour cette API">
                <p>"Vérifiez qu’elle ne couvre pas votre besoin avant d’en commencer une autre."</p>
                <ul>{lines}</ul>
            </Alert>
            </div>
        })
    }
}
