//! The page that compares two versions of a request.

pub mod choice;
pub mod groups;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::enrollment::Enrollment;
use shared::policy::Policy;
use shared::version::{Comparison, VersionId, VersionSummary};

use self::choice::{chosen, href, name};
use self::groups::{Group, grouped, united};
use super::by_number;
use super::request::differences::difference;
use crate::api::{self, Answer, ApiError};
use crate::components::breadcrumb::Breadcrumb;
use crate::components::choice::{Choice, Select};
use crate::components::placeholder::{EmptyState, Spinner};
use crate::components::print::PrintButton;
use crate::loader::{Loader, Remote};
use crate::shell::loading::ErrorState;
use crate::shell::paged_list::{LoadedContent, page_query};
use crate::shell::title::PageTitle;

/// The page `/demandes/:id/comparer?de=…&a=…`, for those who may read the request.
#[component]
pub fn ComparePage() -> impl IntoView {
    by_number(|id, _| view! { <Loaded id /> }.into_any())
}

async fn load(id: i64) -> Result<(Enrollment, Vec<VersionSummary>), ApiError> {
    Ok((api::enrollment(id).await?, api::versions::list(id).await?))
}

#[component]
fn Loaded(
    /// Number of the request.
    id: i64,
) -> impl IntoView {
    let loader = Loader::new(move || Answer::of(load(id)));
    move || match loader.remote() {
        Remote::Ready((enrollment, versions)) => view! { <Page enrollment versions /> }.into_any(),
        Remote::Loading => Spinner().into_any(),
        Remote::Failed(error) => view! {
            <PageTitle title="Comparer deux versions" />
            <ErrorState error retry=move |()| loader.reload() />
        }
        .into_any(),
    }
}

/// The page, once the versions are known.
#[component]
fn Page(
    enrollment: Enrollment,
    /// Its versions, newest first.
    versions: Vec<VersionSummary>,
) -> impl IntoView {
    let id = enrollment.id;
    let number = format!("Demande n°\u{a0}{id}");
    let trail = vec![("/".to_owned(), "Accueil".to_owned()), (format!("/demandes/{id}"), number.clone())];
    let title = "Comparer deux versions";
    let content = if versions.len() < 2 {
        view! {
            <EmptyState title="Cette demande n’a qu’une version">
                <p>"Il y en aura une autre quand elle aura été modifiée ou soumise de nouveau."</p>
                <a class="fr-link" href=format!("/demandes/{id}")>
                    "Retour à la demande"
                </a>
            </EmptyState>
        }
        .into_any()
    } else {
        view! { <Compared id target_api=enrollment.target_api versions /> }.into_any()
    };
    view! {
        <Breadcrumb trail current=title.to_owned() />
        <p class="fr-text--sm fr-mb-1w">{format!("{number} – {}", enrollment.content.intitule)}</p>
        <PageTitle title tab=Signal::stored(format!("{number} – {title}")) />
        {content}
    }
}

async fn compare(
    id: i64,
    target_api: String,
    (from, to): (VersionId, VersionId),
) -> Result<(Comparison, Policy), ApiError> {
    let comparison = api::versions::compare(id, from, to).await?;
    let (newer, older) = (comparison.to.policy_revision.clone(), comparison.from.policy_revision.clone());
    let mut policy = api::policy_revision(target_api.clone(), newer.clone()).await?;
    if older != newer {
        policy = united(policy, api::policy_revision(target_api, older).await?);
    }
    Ok((comparison, policy))
}

#[component]
fn Compared(
    /// Number of the request.
    id: i64,
    /// Its API.
    target_api: String,
    /// Its versions, newest first.
    versions: Vec<VersionSummary>,
) -> impl IntoView {
    let query = page_query(format!("/demandes/{id}/comparer"));
    let choices: Vec<Choice> =
        versions.iter().map(|version| Choice::new(version.id.to_string(), name(version, id))).collect();
    let choices = Signal::stored(choices);
    let versions = StoredValue::new(versions);
    let pair = Memo::new(move |_| {
        let asked = |parameter| query.with(|query| query.get(parameter).and_then(|name| name.parse().ok()));
        versions.with_value(|versions| chosen(versions, asked("de"), asked("a")))
    });
    let navigate = use_navigate();
    let show = Callback::new(move |pair| {
        navigate(&href(id, pair), NavigateOptions { scroll: false, ..NavigateOptions::default() });
    });
    let select = move |label: &'static str, is_older: bool| {
        let value = Signal::derive(move || {
            let (from, to) = pair.get();
            if is_older { from } else { to }.to_string()
        });
        let on_change = Callback::new(move |name: String| {
            let Ok(version) = name.parse() else { return };
            let (from, to) = pair.get_untracked();
            show.run(if is_older { (version, to) } else { (from, version) });
        });
        let id = if is_older { "comparer-de" } else { "comparer-a" };
        view! { <Select id label choices value on_change complete=true /> }
    };
    let loader = Loader::new(move || Answer::of(compare(id, target_api.clone(), pair.get())));
    view! {
        <form class="dp-compare dp-no-print" on:submit=|event| event.prevent_default()>
            {select("Version de départ", true)}
            {select("Version d’arrivée", false)}
            <button
                type="button"
                class="fr-btn fr-btn--secondary fr-btn--icon-left fr-icon-refresh-line"
                on:click=move |_| {
                    let (from, to) = pair.get_untracked();
                    show.run((to, from));
                }
            >
                "Intervertir"
            </button>
        </form>
        <Outcome id loader />
        <PrintButton />
    }
}

/// What differs. The last answer stays, dimmed, until the next one is there.
#[component]
fn Outcome(
    /// Number of the request.
    id: i64,
    /// What differs, and the words for it.
    loader: Loader<(Comparison, Policy)>,
) -> impl IntoView {
    let last = loader.last_answer();
    let status = Signal::derive(move || match last.get() {
        _ if loader.is_loading() => "Chargement…".to_owned(),
        None | Some(Err(_)) => String::new(),
        Some(Ok((comparison, _))) => groups::count(comparison.changes.len()),
    });
    let show = move |(Comparison { from, to, changes }, policy): (Comparison, Policy)| {
        let sections = grouped(&policy, &changes).into_iter().map(section).collect_view();
        view! {
            <p class="fr-text--lead">
                {format!("De «\u{a0}{}\u{a0}» à «\u{a0}{}\u{a0}»", name(&from, id), name(&to, id))}
            </p>
            {sections}
        }
        .into_any()
    };
    view! { <LoadedContent loader status show /> }
}

fn section(Group { title, lines }: Group) -> AnyView {
    let lines = lines
        .into_iter()
        .map(|(label, change)| {
            view! {
                <div class="dp-answer dp-answer--changed">
                    <dt>{label}</dt>
                    <dd>{difference(change)}</dd>
                </div>
            }
        })
        .collect_view();
    view! {
        <section class="dp-section">
            <h2 class="fr-h4">{title}</h2>
            <dl class="dp-answers">{lines}</dl>
        </section>
    }
    .into_any()
}
