//! The templates of the messages that go with decisions, for the instructors of an API and for administrators.

mod form;

use std::collections::BTreeSet;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::decision_message::{DECISIONS, DecisionTemplate};
use shared::user::{Role, User};
use shared::workflow::Action;

use self::form::{TemplateForm, Writing};
use crate::api::{Answer, decision_messages};
use crate::browser;
use crate::components::alert::{Alert, Tone};
use crate::components::choice::{Choice, Select};
use crate::components::dialog::{ConfirmDialog, DialogButton};
use crate::components::placeholder::EmptyState;
use crate::context::AppContext;
use crate::loader::Loader;
use crate::query::Query;
use crate::shell::paged_list::page_query;
use crate::shell::sign_in::signed_in;
use crate::shell::title::PageTitle;
use crate::submission::Submission;

const TITLE: &str = "Modèles de décision";

/// The address of the page.
const PATH: &str = "/modeles-de-decision";

/// Id of the title of the list, which takes the focus when a template is removed.
const LIST_ID: &str = "modeles";

/// What the decision of a template is called here.
fn label(decision: Action) -> &'static str {
    match decision {
        Action::Validate => "Validation",
        Action::RequestChanges => "Demande de modifications",
        Action::OfferPartialGrant => "Accord partiel",
        Action::Refuse => "Refus",
        Action::Revoke => "Révocation",
        other => other.label(),
    }
}

#[component]
pub fn DecisionTemplates() -> impl IntoView {
    signed_in(|user| {
        let own = instructed(&user);
        if own.is_empty() && !user.is_administrator() {
            return view! {
                <PageTitle title=TITLE />
                <Alert tone=Tone::Info title="Cette page est réservée aux instructeurs">
                    <p>
                        "Pour écrire les modèles d’une API, demandez-en le rôle d’instructeur à la page "
                        <a href="/mon-compte">"Mon compte"</a> "."
                    </p>
                </Alert>
            }
            .into_any();
        }
        view! { <Templates own is_administrator=user.is_administrator() /> }.into_any()
    })
}

/// The APIs that somebody instructs.
fn instructed(user: &User) -> BTreeSet<String> {
    let instructed = user.roles.iter().filter_map(|role| match role {
        Role::Instructor { target_api, .. } => Some(target_api.clone()),
        _ => None,
    });
    instructed.collect()
}

#[component]
fn Templates(
    /// The APIs that the reader instructs.
    own: BTreeSet<String>,
    /// The reader writes for every API.
    is_administrator: bool,
) -> impl IntoView {
    let query = page_query(PATH);
    let first = own.first().cloned().unwrap_or_default();
    let target_api = Memo::new(move |_| match query.with(|query| query.get("api").unwrap_or_default().to_owned()) {
        asked if asked.is_empty() => first.clone(),
        asked => asked,
    });
    let templates = Loader::new(move || {
        target_api.with(|target_api| match target_api.as_str() {
            "" => Answer::known(Vec::new()),
            api => decision_messages::templates(api),
        })
    });
    let writing = Writing::new(templates, target_api);
    let removed = RwSignal::new(None::<DecisionTemplate>);
    let has_choice = is_administrator || own.len() > 1;
    let context = AppContext::get();
    let name = move || context.label_of(&target_api.get());
    view! {
        <PageTitle title=TITLE />
        <p class="fr-text--lead">
            "Le message qui accompagne une décision part d’un modèle, puis s’adapte à la demande. Les modèles d’une API sont communs à tous ses instructeurs."
        </p>
        {has_choice.then(|| view! { <ApiChoice target_api own is_administrator /> })}
        <p role="status" class="fr-text--bold">
            {move || writing.done.get()}
        </p>
        {move || {
            (!target_api.with(String::is_empty))
                .then(|| {
                    view! {
                        <h2 class="fr-h4" id=LIST_ID tabindex="-1">
                            {move || format!("Modèles – {}", name())}
                        </h2>
                        {templates.view(move |templates| list(templates, writing, removed))}
                        <TemplateForm writing />
                    }
                })
        }}
        <RemoveDialog writing removed />
    }
}

#[component]
fn ApiChoice(
    /// The API that is chosen; empty for none.
    target_api: Memo<String>,
    /// The APIs that the reader instructs.
    own: BTreeSet<String>,
    /// The reader writes for every API.
    is_administrator: bool,
) -> impl IntoView {
    let context = AppContext::get();
    let navigate = use_navigate();
    let choices = Signal::derive(move || {
        if is_administrator {
            let of = |policies: &Vec<shared::api::PolicySummary>| {
                policies.iter().map(|policy| Choice::new(&policy.target_api, &policy.label)).collect::<Vec<_>>()
            };
            context.catalogue().read(of).unwrap_or_default()
        } else {
            own.iter().map(|api| Choice::new(api, context.label_of(api))).collect()
        }
    });
    let on_change = Callback::new(move |chosen: String| {
        let mut query = Query::default();
        query.push_text("api", &chosen);
        navigate(&format!("{PATH}{query}"), NavigateOptions { scroll: false, ..NavigateOptions::default() });
    });
    view! {
        <div class="fr-mb-3w">
            <Select id="modeles-api" label="API" empty="Choisissez" choices value=target_api on_change />
        </div>
    }
}

fn list(templates: Vec<DecisionTemplate>, writing: Writing, removed: RwSignal<Option<DecisionTemplate>>) -> AnyView {
    if templates.is_empty() {
        return view! {
            <EmptyState title="Aucun modèle">
                <p>"Sans modèle, chaque message s’écrit en entier. Créez le premier ci-dessous."</p>
            </EmptyState>
        }
        .into_any();
    }
    let of = |decision: Action| templates.iter().filter(move |template| template.decision == decision).cloned();
    let groups = DECISIONS.into_iter().filter(|decision| of(*decision).next().is_some());
    let groups = groups
        .map(|decision| {
            let cards = of(decision).map(|template| card(template, writing, removed)).collect_view();
            view! {
                <h3 class="fr-h6 fr-mt-3w fr-mb-1w">{label(decision)}</h3>
                <ul class="dp-roles">{cards}</ul>
            }
        })
        .collect_view();
    groups.into_any()
}

fn card(template: DecisionTemplate, writing: Writing, removed: RwSignal<Option<DecisionTemplate>>) -> AnyView {
    let about = format!("\u{a0}: {}", template.name);
    let (edited, asked) = (template.clone(), template.clone());
    view! {
        <li class="dp-card fr-mb-2w">
            {template
                .is_default
                .then(|| {
                    view! {
                        <p class="dp-card__meta fr-text--sm">
                            <span class="fr-badge fr-badge--sm fr-badge--info fr-badge--no-icon">"Pré-remplit le message"</span>
                        </p>
                    }
                })}
            <p class="dp-card__title dp-break">{template.name}</p>
            <p class="dp-text dp-quote dp-break">{template.body}</p>
            <button
                type="button"
                class="fr-btn fr-btn--tertiary fr-btn--sm"
                id=form::edit_button_id(template.id)
                on:click=move |_| writing.edit(edited.clone())
            >
                "Modifier"
                <span class="fr-sr-only">{about.clone()}</span>
            </button>
            " "
            <DialogButton label="Supprimer" about on_ask=move |()| removed.set(Some(asked.clone())) />
        </li>
    }
    .into_any()
}

#[component]
fn RemoveDialog(
    /// The form, and what was done.
    writing: Writing,
    /// What would be removed.
    removed: RwSignal<Option<DecisionTemplate>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(removed.with(Option::is_some)));
    Effect::new(move |_| {
        if !open.get() && removed.with_untracked(Option::is_some) {
            removed.set(None);
        }
    });
    let submission = Submission::of_button("suppression-modele");
    let name = move || removed.with(|template| template.as_ref().map(|template| template.name.clone()));
    let confirm = Callback::new(move |()| {
        let Some(DecisionTemplate { id, name, .. }) = removed.get_untracked() else { return };
        let call = writing.target_api.with_untracked(|api| decision_messages::remove(api, id));
        submission.send_then(call, move |answer| {
            let said = match answer {
                Ok(all) => {
                    writing.removed(id);
                    writing.templates.set(all);
                    format!("Le modèle «\u{a0}{name}\u{a0}» est supprimé.")
                }
                Err(error) => error.message(),
            };
            writing.done.set(said);
            browser::focus_soon(LIST_ID.to_owned());
        });
    });
    view! {
        <ConfirmDialog
            id="supprimer-modele"
            title=Signal::derive(move || {
                format!("Supprimer le modèle «\u{a0}{}\u{a0}»\u{a0}?", name().unwrap_or_default())
            })
            open
            confirm="Supprimer"
            on_confirm=confirm
        >
            <p>"Il ne sera plus proposé à aucun instructeur de cette API. Les messages déjà envoyés ne changent pas."</p>
        </ConfirmDialog>
    }
}
