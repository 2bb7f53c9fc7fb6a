//! The drafts that one deleted and may still restore: loaded when they are asked for.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::api::EnrollmentRow;
use shared::workflow::{RESTORABLE_DAYS, Status};

use crate::api::{self, ListQuery};
use crate::components::date::date;
use crate::context::AppContext;
use crate::loader::Loader;
use crate::shell::submitting::RefusalAlert;
use crate::submission::Submission;

const TITLE_ID: &str = "brouillons-supprimes";

/// A button that shows them, then the list.
#[component]
pub fn DeletedDrafts() -> impl IntoView {
    let is_open = RwSignal::new(false);
    let list = || view! { <List /> };
    view! {
        <section class="fr-mt-4w" aria-labelledby=TITLE_ID>
            <button
                type="button"
                id=TITLE_ID
                class="fr-btn fr-btn--tertiary-no-outline fr-icon-delete-line fr-btn--icon-left"
                aria-expanded=move || is_open.get().to_string()
                on:click=move |_| is_open.update(|is_open| *is_open = !*is_open)
            >
                "Brouillons supprimés"
            </button>
            {move || is_open.get().then(list)}
        </section>
    }
}

#[component]
fn List() -> impl IntoView {
    let query = || ListQuery {
        mine: true,
        status: vec![Status::Deleted.to_string()],
        limit: Some(100),
        ..ListQuery::default()
    };
    let drafts = Loader::new(move || api::enrollments(query()));
    let submission = Submission::of_button(TITLE_ID);
    let context = AppContext::get();
    let navigate = use_navigate();
    let restore = Callback::new(move |(id, number): (i64, String)| {
        let navigate = navigate.clone();
        submission.send(api::restore(id), move |_| {
            context.flash(format!("Le brouillon {number} est rétabli."));
            navigate(&format!("/demandes/{id}/modifier"), NavigateOptions::default());
        });
    });
    let rows = move |rows: Vec<EnrollmentRow>| {
        if rows.is_empty() {
            return view! { <p class="fr-mt-2w">"Vous n’avez supprimé aucun brouillon ces 30 derniers jours."</p> }
                .into_any();
        }
        view! {
            <p class="fr-mt-2w">
                {format!("Un brouillon peut être rétabli pendant {RESTORABLE_DAYS} jours\u{a0}; il est ensuite effacé, avec ses fichiers.")}
            </p>
            <ul class="dp-cards">{rows.into_iter().map(|row| card(row, restore, submission)).collect_view()}</ul>
        }
        .into_any()
    };
    view! {
        <RefusalAlert submission title="Le brouillon n’a pas été rétabli" />
        {drafts.view(move |page| rows(page.items))}
    }
}

fn card(row: EnrollmentRow, restore: Callback<(i64, String)>, submission: Submission) -> AnyView {
    let context = AppContext::get();
    let number = format!("n°\u{a0}{}", row.id);
    let title = if row.intitule.trim().is_empty() { "Projet sans nom".to_owned() } else { row.intitule };
    let (id, target_api, hidden) = (row.id, row.target_api, format!(" ({number})"));
    view! {
        <li class="dp-card">
            <p class="dp-card__meta fr-text--sm">
                <span>{number.clone()}</span>
                <span>{format!("Supprimé le {}", date(row.updated_at))}</span>
            </p>
            <p class="dp-card__title">{title}</p>
            <p class="dp-card__detail fr-text--sm">{move || context.label_of(&target_api)}</p>
            <button
                type="button"
                class="fr-btn fr-btn--secondary fr-btn--sm"
                aria-disabled=move || submission.is_sending().then_some("true")
                on:click=move |_| {
                    if !submission.is_sending() {
                        restore.run((id, number.clone()));
                    }
                }
            >
                "Rétablir"
                <span class="fr-sr-only">{hidden}</span>
            </button>
        </li>
    }
    .into_any()
}
