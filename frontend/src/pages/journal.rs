//! The audit log, for administrators: who did or read what, newest first.

mod filters;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::audit::{AuditEntry, Outcome, Sentence, sentence};

use self::filters::{FilterForm, Filters, PATH};
use crate::api::administration;
use crate::components::alert::{Alert, Tone};
use crate::components::badge::Badge;
use crate::components::date;
use crate::components::leaving;
use crate::components::placeholder::EmptyState;
use crate::loader::Loader;
use crate::query::Cursors;
use crate::shell::paged_list::{PagedList, page_query};
use crate::shell::sign_in::signed_in;
use crate::shell::title::PageTitle;

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
    let filters = Memo::new(move |_| query.with(Filters::of));
    let cursors = Memo::new(move |_| query.with(Cursors::of));
    let loader = Loader::new(move || {
        administration::audit(&filters.with(|filters| filters.query(cursors.with(Cursors::current))))
    });
    let navigate = use_navigate();
    let on_filter = Callback::new(move |filters: Filters| {
        let address = filters.href(&Cursors::default());
        navigate(&address, NavigateOptions { scroll: false, ..NavigateOptions::default() });
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
        <FilterForm filters on_filter />
        <Head filters />
        <PagedList
            loader
            cursors
            href=move |cursors| filters.with_untracked(|filters| filters.href(&cursors))
            words=("Aucune entrée", "entrée", "entrées")
            empty=move || {
                let advice = if filters.with(Filters::shows_reads) {
                    "Retirez un filtre."
                } else {
                    "Retirez un filtre, ou affichez aussi les lectures."
                };
                view! {
                    <EmptyState title="Aucune entrée ne correspond">
                        <p>{advice}</p>
                    </EmptyState>
                }
            }
            rows
        />
    }
}

/// Whether reads are shown, with the way to the contrary; and the whole as a file.
#[component]
fn Head(filters: Memo<Filters>) -> impl IntoView {
    let other = move || {
        let mut other = filters.get();
        other.reads = !other.reads;
        other.href(&Cursors::default())
    };
    let (told, link) = (
        move || {
            if filters.with(Filters::shows_reads) {
                "Les lectures sont affichées. "
            } else {
                "Les lectures ne sont pas affichées, sauf celles qui ont été refusées. "
            }
        },
        move || if filters.with(|filters| filters.reads) { "Ne pas les afficher" } else { "Les afficher" },
    );
    // They are what is looked for, where a read is chosen.
    let has_choice = move || !filters.with(Filters::is_of_reads);
    view! {
        <div class="dp-head dp-no-print fr-mb-2w">
            <p class="fr-mb-0">{told} {move || has_choice().then(|| view! { <a href=other>{link}</a> })}</p>
            <a
                class="fr-btn fr-btn--tertiary fr-btn--sm fr-icon-download-line fr-btn--icon-left"
                href=move || filters.with(|filters| filters.query(String::new()).file())
                rel="external"
                download=""
            >
                "Exporter en CSV"
            </a>
        </div>
    }
}

fn entry(entry: AuditEntry) -> AnyView {
    let AuditEntry { actor, actor_email, administrator, outcome, times, reason, request_id, .. } = entry;
    let is_denied = outcome == Outcome::Denied;
    let sealed = entry
        .sequence
        .map_or_else(|| "pas encore scellée".to_owned(), |sequence| format!("entrée scellée n°\u{a0}{sequence}"));
    let Sentence { before, thing, after } = sentence(&entry.action, &entry.thing);
    let thing = if entry.page.is_empty() || thing.is_empty() {
        thing.into_any()
    } else {
        let rel = leaving(&entry.page);
        view! {
            <a href=entry.page rel=rel>
                {thing}
            </a>
        }
        .into_any()
    };
    view! {
        <li>
            <p class="dp-break fr-mb-0">
                {is_denied.then(|| view! { <Badge label="Refusé" /> " " })}
                <strong>{actor}</strong>
                {administrator.map(|name| format!(" (par {name}, administrateur)"))}
                {before}
                {thing}
                {after}
                {(times > 1).then(|| format!(", {times} fois en dix minutes"))}
                "."
            </p>
            {(!reason.is_empty()).then(|| view! { <p class="dp-text dp-break fr-mb-0">{format!("Raison\u{a0}: {reason}")}</p> })}
            <p class="dp-detail dp-break fr-mb-0">
                <time datetime=entry.at.to_rfc3339()>{date::date_time(entry.at)}</time>
                {(!actor_email.is_empty()).then(|| format!(" – {actor_email}"))}
                {format!(" – {sealed}")}
                {(!request_id.is_empty()).then(|| format!(" – requête {request_id}"))}
            </p>
        </li>
    }
    .into_any()
}
