//! The page where a request is written and submitted.

mod closing;
mod conflict;
mod fix_list;
mod handover;
mod head;
mod renewed;
mod rest;
mod review;
mod save_bar;
mod side_menu;
mod step_views;
mod steps;
pub mod summary;
mod value;

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};
use shared::draft::Draft;
use shared::enrollment::Enrollment;
use shared::policy::{Policy, Section};
use shared::problem::ErrorCode;
use shared::user::User;
use shared::validation::PreviousEnrollment;
use shared::workflow::{Action, Status};

use self::handover::Handover;
use self::head::Head;
use self::rest::Rest;
use self::side_menu::SideMenu;
use self::step_views::{StepHead, StepLink, part};
use self::steps::{Step, Steps};
use crate::api::{self, Answer, ApiError};
use crate::browser;
use crate::components::alert::{Alert, Tone};
use crate::components::field::Remarks;
use crate::components::placeholder::Spinner;
use crate::context::AppContext;
use crate::form::EnrollmentForm;
use crate::loader::Loader;
use crate::sections::{PartLink, begins_simply, opening};
use crate::shell::seldom::brought;
use crate::shell::sign_in::signed_in;
use crate::shell::title::PageTitle;

/// Why a request is not written: it is in the hands of the instructors, or somebody else's.
const NOT_EDITABLE: &str = "Une demande se modifie tant qu’elle est en brouillon, ou quand des modifications ont été demandées, et seulement par la personne qui l’a déposée.";

/// What the form needs before it can be drawn.
#[derive(Clone)]
struct Opened {
    enrollment: Enrollment,
    policy: Arc<Policy>,
    older: Option<Older>,
    previous: Option<PreviousEnrollment>,
}

/// What a draft was before it was moved to the form in force.
#[derive(Clone)]
pub struct Older {
    policy: Policy,
    content: Draft,
    /// What the move has made of it.
    moved: Draft,
}

/// The page `/demandes/:id/modifier`.
#[component]
pub fn FormPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("id")).and_then(|id| id.parse::<i64>().ok()));
    let rest = brought(|| Box::pin(rest::rest()));
    signed_in(move |user| {
        let opened = Loader::new(move || Answer::of(open(id.get())));
        opened.view(move |opened| {
            if opened.enrollment.allows(Action::Update) {
                view! { <Form opened rest user=user.clone() /> }.into_any()
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
    let (enrollment, policy, older) = in_its_form(enrollment).await?;
    let previous = api::previous_of(&enrollment).await?;
    Ok(Opened { enrollment, policy: Arc::new(policy), older, previous })
}

/// A draft with the form in force, to which it is moved if need be. Any other request keeps the form that it was written
/// against, and so does a draft that somebody else is changing at this moment. Mostly these are one, and only that is asked
/// for.
async fn in_its_form(enrollment: Enrollment) -> Result<(Enrollment, Policy, Option<Older>), ApiError> {
    let mut present = None;
    if enrollment.status == Status::Draft && enrollment.allows(Action::Update) {
        present = api::policy(enrollment.target_api.clone()).await.ok();
    }
    let present = match present {
        Some(present) if present.revision == enrollment.policy_revision => {
            return Ok((enrollment, present, None));
        }
        other => other,
    };
    let policy = api::policy_revision(enrollment.target_api.clone(), enrollment.policy_revision.clone()).await?;
    let Some(present) = present else { return Ok((enrollment, policy, None)) };
    let patch = [("policy_revision".to_owned(), present.revision.as_str().into())].into_iter().collect();
    let Ok(moved) = api::update_enrollment(enrollment.id, enrollment.version, patch).await else {
        return Ok((enrollment, policy, None));
    };
    let older = Older { policy, content: enrollment.content, moved: moved.content.clone() };
    Ok((moved, present, Some(older)))
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
fn Form(
    opened: Opened,
    /// What draws what follows its beginning, once it is there.
    rest: RwSignal<Option<Rest>>,
    user: User,
) -> impl IntoView {
    let form = EnrollmentForm::open(opened.policy, opened.enrollment, user, opened.previous);
    provide_context(Remarks(StoredValue::new(form.remarks())));
    // What is seen first is drawn first, and the rest after it.
    let is_begun = RwSignal::new(false);
    let rest = Signal::derive(move || if is_begun.get() { rest.get() } else { None });
    let steps = Steps::provide(form, move || rest.with(Option::is_some));
    provide_context(PartLink(Callback::new(move |section: Section| part_link(steps, section))));
    let handover = Handover::new(form, steps);
    let is_simple = begins_simply(&form.policy());
    // A point of a list elsewhere leads to its field here.
    let hash = use_location().hash.get_untracked();
    if let Some(id) = hash.strip_prefix('#') {
        steps.arrive(id);
    }
    if is_simple && hash.is_empty() && untrack(|| steps.is_at_start()) {
        browser::after_paint(move || {
            is_begun.try_set(true);
        });
    } else {
        is_begun.set(true);
    }
    AppContext::get().on_signed_in_again(move || form.signed_in_again());
    let first = is_simple.then(|| part(steps, Section::Organisation, move || opening(form)));
    let after = usize::from(is_simple);
    let awaited =
        move |draw: Box<dyn Fn(Rest) -> AnyView + Send>| move || rest.get().map_or_else(|| Spinner().into_any(), &draw);
    let renewed = opened.older.map(|older| awaited(Box::new(move |rest| (rest.renewed)(form, older.clone()))));
    view! {
        <Head form steps rest />
        {renewed}
        <div class="fr-grid-row fr-grid-row--gutters">
            <div class="fr-col-12 fr-col-md-4 fr-col-lg-3 dp-no-print">
                <SideMenu form steps />
            </div>
            <div class="fr-col-12 fr-col-md-8 fr-col-lg-9 dp-on-paper">
                {move || rest.get().map(|rest| (rest.problems)(form))}
                <StepHead steps />
                <form class="dp-form" novalidate=true on:submit=|event| event.prevent_default()>
                    {first}
                    {awaited(Box::new(move |rest| (rest.parts)(form, steps, after)))}
                </form>
                {move || rest.get().map(|rest| (rest.closing)(form, steps, handover))}
            </div>
        </div>
        {move || rest.get().map(|rest| (rest.save_bar)(form, steps, handover))}
    }
}

fn part_link(steps: Steps, section: Section) -> AnyView {
    view! {
        <StepLink steps step=Step::Part(section) class="">
            {section.label()}
        </StepLink>
    }
    .into_any()
}
