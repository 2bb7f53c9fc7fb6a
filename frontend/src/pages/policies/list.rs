//! All policies, where each comes from, what of them cannot be read, and reading the files of the server again.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::french::de;
use shared::policy_file::{PolicyFailure, PolicyFile, PolicyFiles, PolicySource, UnreadPolicy};

use super::PATH;
use super::checked::problem_lines;
use crate::api::policy_files;
use crate::components::alert::{Alert, Tone};
use crate::components::date;
use crate::components::field::TextInput;
use crate::components::search::SearchBox;
use crate::components::table::Table;
use crate::loader::Loader;
use crate::shell::submitting::{RefusalAlert, SubmitButton};
use crate::shell::title::PageTitle;
use crate::submission::{InputErrors, Submission};
use crate::words;

/// Id of the input for the slug of a new API.
const SLUG: &str = "politique-nouvelle";

/// The page.
pub fn list() -> AnyView {
    let loader = Loader::new(policy_files::all);
    let search = RwSignal::new(String::new());
    let show = move |files: PolicyFiles| {
        let PolicyFiles { policies, unread, failure } = files;
        let policies = StoredValue::new(policies);
        view! {
            {failure.map(failed)}
            {unread.into_iter().map(unreadable).collect_view()}
            <SearchBox
                id="politiques-recherche"
                label="Chercher une politique"
                hint="Nom ou identifiant de l’API"
                value=search
                on_search=Callback::new(move |words| search.set(words))
            />
            {move || {
                let found = |file: &PolicyFile| {
                    search.with(|search| words::holds(&format!("{} {}", file.label, file.target_api), search))
                };
                let found = policies.with_value(|all| all.iter().filter(|file| found(file)).cloned().collect::<Vec<_>>());
                table(found)
            }}
        }
        .into_any()
    };
    view! {
        <PageTitle title="Politiques" />
        <p class="fr-text--lead">
            "Ce qu’une API demande tient dans un fichier, sa politique. Essayez-la ici\u{a0}: voyez son formulaire, ses droits et ses courriels, puis publiez-la."
        </p>
        <p>
            <a rel="external" href="/raccordement">
                "Comment s’écrit une politique"
            </a>
        </p>
        <Reread loader />
        <NewPolicy />
        <h2 class="fr-h4 fr-mt-6w">"Politiques en vigueur"</h2>
        {loader.view(show)}
    }
    .into_any()
}

/// The button that has the files of the server read again.
#[component]
fn Reread(loader: Loader<PolicyFiles>) -> impl IntoView {
    let done = RwSignal::new("");
    let submission = Submission::of_button("relire");
    let on_click = Callback::new(move |()| {
        done.set("");
        submission.send_then(policy_files::reread(), move |answer| {
            if answer.is_ok() {
                done.set("Les fichiers du serveur sont relus\u{a0}: ils sont en vigueur.");
            }
            loader.reload();
        });
    });
    view! {
        <RefusalAlert submission title="Les fichiers n’ont pas été repris" note="Les politiques d’avant restent en vigueur." />
        <SubmitButton submission label="Relire les fichiers du serveur" on_click class="fr-btn fr-btn--secondary" />
        <p role="status" class="fr-mt-1w">
            {move || done.get()}
        </p>
    }
}

/// Begins the policy of an API that does not exist.
#[component]
fn NewPolicy() -> impl IntoView {
    let slug = RwSignal::new(String::new());
    let navigate = use_navigate();
    let check = move || -> InputErrors {
        let is_right = slug.with(|slug| {
            let slug = slug.trim();
            !slug.is_empty() && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        });
        let message = "Écrivez des lettres minuscules sans accent, des chiffres et «\u{a0}_\u{a0}» seulement.";
        if is_right { Vec::new() } else { vec![("/target_api", message.to_owned())] }
    };
    let submission = Submission::new("nouvelle-politique", &[("/target_api", SLUG)], check);
    view! {
        <form
            class="dp-panel fr-mt-3w"
            novalidate=true
            aria-labelledby="nouvelle-politique"
            on:submit=move |event| {
                event.prevent_default();
                if submission.is_ready() {
                    let path = slug.with_untracked(|slug| format!("{PATH}/{}", slug.trim()));
                    navigate(&path, NavigateOptions::default());
                }
            }
        >
            <h2 class="fr-h5" id="nouvelle-politique">
                "Ajouter une API"
            </h2>
            <TextInput
                id=SLUG
                label="Identifiant de l’API"
                hint="Il sera dans les adresses et dans les rôles, et ne changera plus. Par exemple\u{a0}: api_places_creche."
                required=true
                autocomplete="off"
                value=slug
                error=submission.error_at("/target_api")
                on_input=Callback::new(move |text| slug.set(text))
            />
            <SubmitButton submission label="Commencer sa politique" />
        </form>
    }
}

fn failed(PolicyFailure { at, detail, problems }: PolicyFailure) -> AnyView {
    let title = format!("Les fichiers du serveur, relus le {}, sont à corriger", date::date_time(at));
    view! {
        <Alert tone=Tone::Error title>
            <p>"Les politiques d’avant restent en vigueur. Corrigez ces fichiers, puis relisez-les."</p>
            {(!detail.is_empty()).then(|| view! { <p class="dp-break">{detail}</p> })}
            {problem_lines(problems, None)}
        </Alert>
    }
    .into_any()
}

fn unreadable(UnreadPolicy { target_api, in_force, problems }: UnreadPolicy) -> AnyView {
    let instead = match in_force {
        Some(PolicySource::Program) => "Celle qui est livrée avec DataPass est en vigueur à sa place.",
        Some(_) => "Celle du fichier du serveur est en vigueur à sa place.",
        None => "L’API n’est plus proposée tant qu’elle n’est pas corrigée.",
    };
    let title = format!("La politique publiée {} n’est pas en vigueur", de(&target_api));
    view! {
        <Alert tone=Tone::Warning title>
            <p>{format!("Cette version de DataPass ne sait pas la lire. {instead}")}</p>
            {problem_lines(problems, None)}
            <p>
                <a href=format!("{PATH}/{target_api}")>"La corriger ou la retirer"</a>
            </p>
        </Alert>
    }
    .into_any()
}

fn table(files: Vec<PolicyFile>) -> AnyView {
    if files.is_empty() {
        return view! { <p class="fr-mt-3w">"Aucune politique ne correspond."</p> }.into_any();
    }
    let row = |PolicyFile { target_api, label, source }: PolicyFile| {
        view! {
            <tr role="row">
                <td role="cell" data-label="API">
                    <a href=format!("{PATH}/{target_api}")>{label}</a>
                </td>
                <td role="cell" data-label="Identifiant">
                    <span class="dp-break">{target_api}</span>
                </td>
                <td role="cell" data-label="Provenance">
                    <span>{source.label()}</span>
                </td>
            </tr>
        }
        .into_any()
    };
    let rows = files.into_iter().map(row).collect();
    view! { <Table caption="Politiques en vigueur" columns=&["API", "Identifiant", "Provenance"] rows /> }.into_any()
}
