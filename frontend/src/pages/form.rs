//! The form of a request: its parts as the policy says, what is wrong, what is saved, and the way to submit it.

mod closing;
mod conflict;
mod fix_list;
mod head;
mod renewed;
mod save_bar;
mod side_menu;
mod summary;
mod value;

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};
use shared::api::{ErrorBody, ErrorCode};
use shared::enrollment::Enrollment;
use shared::policy::Policy;
use shared::user::User;
use shared::validation::PreviousEnrollment;
use shared::workflow::{Action, Status};

use self::closing::Closing;
use self::conflict::ConflictChoice;
use self::head::Head;
use self::renewed::Renewed;
use self::save_bar::SaveBar;
use self::side_menu::SideMenu;
use self::summary::Summary;
use crate::api::{self, ApiError};
use crate::app::AppContext;
use crate::browser;
use crate::components::alert::{Alert, Tone};
use crate::components::field::Remarks;
use crate::components::title::PageTitle;
use crate::form::EnrollmentForm;
use crate::form::renewal::Renewal;
use crate::loader::Loader;
use crate::sections::section;

/// What the form needs before it can be drawn.
#[derive(Clone)]
struct Opened {
    enrollment: Enrollment,
    policy: Arc<Policy>,
    renewal: Renewal,
    previous: Option<PreviousEnrollment>,
}

/// The page `/demandes/:id/modifier`.
#[component]
pub fn FormPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).and_then(|id| id.parse::<i64>().ok()));
    AppContext::get().signed_in(move |user| {
        let opened = Loader::new(move || open(id.get()));
        opened.view(move |opened| {
            if opened.enrollment.allows(Action::Update) {
                view! { <Form opened user=user.clone() /> }.into_any()
            } else {
                view! { <NotEditable id=opened.enrollment.id /> }.into_any()
            }
        })
    })
}

async fn open(id: Option<i64>) -> Result<Opened, ApiError> {
    let Some(id) = id else {
        let message = "Cette demande n’existe pas.".to_owned();
        return Err(ApiError::Api(ErrorBody { code: ErrorCode::NotFound, message, fields: Vec::new() }, 404));
    };
    let enrollment = api::enrollment(id).await?;
    let policy = api::policy_revision(enrollment.target_api.clone(), enrollment.policy_revision.clone()).await?;
    let (enrollment, policy, renewal) = renewed(enrollment, policy).await;
    let previous = match enrollment.content.previous_enrollment_id {
        Some(_) => api::previous(id).await?,
        None => None,
    };
    Ok(Opened { enrollment, policy: Arc::new(policy), renewal, previous })
}

/// Moves a draft to the form in force. Any other request keeps the one that it was written against, and so does a draft
/// that somebody else is changing at this moment.
async fn renewed(enrollment: Enrollment, policy: Policy) -> (Enrollment, Policy, Renewal) {
    let unchanged = Renewal::default();
    if enrollment.status != Status::Draft || !enrollment.allows(Action::Update) {
        return (enrollment, policy, unchanged);
    }
    let Ok(present) = api::policy(enrollment.target_api.clone()).await else {
        return (enrollment, policy, unchanged);
    };
    if present.revision == policy.revision {
        return (enrollment, policy, unchanged);
    }
    let patch = [("policy_revision".to_owned(), present.revision.as_str().into())].into_iter().collect();
    let Ok(moved) = api::update_enrollment(enrollment.id, enrollment.version, patch).await else {
        return (enrollment, policy, unchanged);
    };
    let renewal = Renewal::of((&policy, &enrollment.content), (&present, &moved.content));
    (moved, present, renewal)
}

/// The request is in the hands of the instructors, or somebody else's.
#[component]
fn NotEditable(id: i64) -> impl IntoView {
    view! {
        <PageTitle title=format!("Demande n°\u{a0}{id}") />
        <Alert tone=Tone::Info title="Cette demande ne peut pas être modifiée">
            <p>
                "Une demande se modifie tant qu’elle est en brouillon, ou quand des modifications ont été demandées, et seulement par la personne qui l’a déposée."
            </p>
        </Alert>
        <a class="fr-btn" href=format!("/demandes/{id}")>
            "Consulter la demande"
        </a>
    }
}

#[component]
fn Form(opened: Opened, user: User) -> impl IntoView {
    let policy = Arc::clone(&opened.policy);
    let form = EnrollmentForm::open(opened.policy, opened.enrollment, user, opened.previous);
    provide_context(Remarks(StoredValue::new(form.remarks())));
    // A point of a list elsewhere leads to its field here.
    let hash = use_location().hash.get_untracked();
    if let Some(id) = hash.strip_prefix('#').filter(|id| id.starts_with("champ-")) {
        browser::focus_soon(id.to_owned());
    }
    AppContext::get().when_back(move || form.signed_in_again());
    let parts: Vec<AnyView> = policy.sections.iter().map(|part| section(form, *part)).collect();
    view! {
        <Head form />
        <Renewed renewal=opened.renewal />
        <div class="fr-grid-row fr-grid-row--gutters">
            <div class="fr-col-12 fr-col-md-4 fr-col-lg-3 dp-no-print">
                <SideMenu form />
            </div>
            <div class="fr-col-12 fr-col-md-8 fr-col-lg-9 dp-on-paper">
                <Summary form />
                <ConflictChoice form />
                <p class="fr-text--sm">
                    "Les champs marqués d’un astérisque ("<span class="dp-required">"*"</span>
                    ") sont obligatoires. Votre demande est enregistrée au fur et à mesure."
                </p>
                <form class="dp-form" novalidate=true on:submit=|event| event.prevent_default()>
                    {parts}
                </form>
                <Closing form />
            </div>
        </div>
        <SaveBar form />
    }
}
