//! The page where a request is written and submitted.

mod closing;
mod conflict;
mod fix_list;
mod head;
mod renewed;
mod save_bar;
mod side_menu;
pub mod summary;
mod value;

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};
use shared::enrollment::Enrollment;
use shared::policy::Policy;
use shared::problem::ErrorCode;
use shared::user::User;
use shared::validation::PreviousEnrollment;
use shared::workflow::{Action, Status};

use self::closing::Closing;
use self::conflict::ConflictChoice;
use self::head::Head;
use self::renewed::RenewalNotice;
use self::save_bar::SaveBar;
use self::side_menu::SideMenu;
use self::summary::Summary;
use crate::api::{self, Answer, ApiError};
use crate::browser;
use crate::components::alert::{Alert, Tone};
use crate::components::field::Remarks;
use crate::context::AppContext;
use crate::form::EnrollmentForm;
use crate::form::renewal::Renewal;
use crate::loader::Loader;
use crate::sections::section;
use crate::shell::sign_in::signed_in;
use crate::shell::title::PageTitle;

/// Why a request is not written: it is in the hands of the instructors, or somebody else's.
const NOT_EDITABLE: &str = "Une demande se modifie tant qu’elle est en brouillon, ou quand des modifications ont été demandées, et seulement par la personne qui l’a déposée.";

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
    signed_in(move |user| {
        let opened = Loader::new(move || Answer::of(open(id.get())));
        opened.view(move |opened| {
            if opened.enrollment.allows(Action::Update) {
                view! { <Form opened user=user.clone() /> }.into_any()
            } else {
                let title = "Cette demande ne peut pas être modifiée";
                view! { <NotWritable id=opened.enrollment.id title why=NOT_EDITABLE /> }.into_any()
            }
        })
    })
}

async fn open(id: Option<i64>) -> Result<Opened, ApiError> {
    let Some(id) = id else {
        return Err(ApiError::new(ErrorCode::NotFound, "Cette demande n’existe pas."));
    };
    let enrollment = api::enrollment(id).await?;
    let policy = api::policy_revision(enrollment.target_api.clone(), enrollment.policy_revision.clone()).await?;
    let (enrollment, policy, renewal) = renewed(enrollment, policy).await;
    let previous = api::previous_of(&enrollment).await?;
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

/// The request cannot be written by the reader, and why.
#[component]
pub fn NotWritable(
    /// Number of the request.
    id: i64,
    title: &'static str,
    why: &'static str,
) -> impl IntoView {
    view! {
        <PageTitle title=format!("Demande n°\u{a0}{id}") />
        <Alert tone=Tone::Info title>
            <p>{why}</p>
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
    AppContext::get().on_signed_in_again(move || form.signed_in_again());
    let parts: Vec<AnyView> = policy.sections.iter().map(|part| section(form, *part)).collect();
    view! {
        <Head form />
        <RenewalNotice renewal=opened.renewal />
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
