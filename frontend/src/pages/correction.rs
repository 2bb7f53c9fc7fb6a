//! The page where an instructor corrects a request that was handed over, in the place of its applicant.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::enrollment::Enrollment;
use shared::policy::{Policy, Section};
use shared::validation::PreviousEnrollment;
use shared::workflow::{Action, Status};

use super::by_number;
use super::form::NotWritable;
use super::form::summary::{self, Summary};
use crate::api::{self, Answer, ApiError};
use crate::browser;
use crate::components::alert::{Alert, Tone};
use crate::components::breadcrumb::Breadcrumb;
use crate::components::field::{Remarks, TextArea};
use crate::context::AppContext;
use crate::form::EnrollmentForm;
use crate::loader::Loader;
use crate::sections::section;
use crate::shell::submitting::{RefusalAlert, SubmitButton};
use crate::shell::title::PageTitle;
use crate::submission::Submission;

/// Id of the reason's input.
const REASON_ID: &str = "correction-raison";

/// Why a request is not corrected.
const NOT_CORRECTABLE: &str = "Seules les personnes chargées de l’instruction corrigent une demande, une fois qu’elle est soumise ou validée, et si l’API le prévoit.";

/// What the page needs before it can be drawn.
#[derive(Clone)]
struct Opened {
    enrollment: Enrollment,
    policy: Arc<Policy>,
    previous: Option<PreviousEnrollment>,
}

/// The page `/demandes/:id/corriger`.
#[component]
pub fn CorrectionPage() -> impl IntoView {
    by_number(|id, _| {
        let opened = Loader::new(move || Answer::of(open(id)));
        opened
            .view(|opened| {
                if opened.enrollment.allows(Action::Correct) {
                    view! { <Correction opened /> }.into_any()
                } else {
                    let title = "Vous ne pouvez pas corriger cette demande";
                    view! { <NotWritable id=opened.enrollment.id title why=NOT_CORRECTABLE /> }.into_any()
                }
            })
            .into_any()
    })
}

async fn open(id: i64) -> Result<Opened, ApiError> {
    let enrollment = api::enrollment(id).await?;
    let policy = api::policy_revision(enrollment.target_api.clone(), enrollment.policy_revision.clone()).await?;
    let previous = api::previous_of(&enrollment).await?;
    Ok(Opened { enrollment, policy: Arc::new(policy), previous })
}

#[component]
fn Correction(opened: Opened) -> impl IntoView {
    let Opened { enrollment, policy, previous } = opened;
    let (id, is_granted) = (enrollment.id, enrollment.status == Status::Validated);
    let form = EnrollmentForm::correct(Arc::clone(&policy), enrollment, previous);
    provide_context(Remarks(StoredValue::new(form.remarks())));
    // The organisation stays what it is.
    let corrected = policy.sections.iter().filter(|part| **part != Section::Organisation);
    let parts: Vec<AnyView> = corrected.map(|part| section(form, *part)).collect();
    let trail = vec![
        ("/instruction".to_owned(), "Demandes".to_owned()),
        (format!("/demandes/{id}"), format!("Demande n°\u{a0}{id}")),
    ];
    view! {
        <Breadcrumb trail current="Correction".to_owned() />
        <PageTitle title=format!("Corriger la demande n°\u{a0}{id}") />
        <Alert tone=Tone::Info title="Vous écrivez à la place du demandeur">
            <p>
                "Rien n’est enregistré avant la fin de la page. Le demandeur reçoit votre raison par courriel, et l’historique dit ce qui a changé."
            </p>
            {is_granted
                .then(|| {
                    view! { <p>"Cette demande est validée : une nouvelle habilitation, avec vos corrections, remplacera celle qui est en vigueur."</p> }
                })}
        </Alert>
        <Summary form />
        <form class="dp-form" novalidate=true on:submit=|event| event.prevent_default()>
            {parts}
            <Closing form id />
        </form>
    }
}

/// The reason, and the button.
#[component]
fn Closing(form: EnrollmentForm, id: i64) -> impl IntoView {
    let context = AppContext::get();
    let navigate = use_navigate();
    let reason = RwSignal::new(String::new());
    let missing = move || {
        let is_missing = reason.with(|reason| reason.trim().is_empty());
        is_missing.then(|| ("/reason", "Dites pourquoi vous corrigez la demande.".to_owned())).into_iter().collect()
    };
    let submission = Submission::new("correction", &[("/reason", REASON_ID)], missing);
    let on_send = Callback::new(move |()| {
        if !form.attempt() {
            browser::focus_soon(summary::ID.to_owned());
            return;
        }
        if !submission.is_ready() {
            return;
        }
        let navigate = navigate.clone();
        submission.send_then(Answer::of(form.send_correction(reason.get_untracked())), move |answer| match answer {
            Ok(_) => {
                context.flash("La demande est corrigée. Le demandeur en est prévenu par courriel.".to_owned());
                navigate(&format!("/demandes/{id}"), NavigateOptions::default());
            }
            Err(_) if !untrack(move || form.summary(|_| true)).is_empty() => {
                browser::focus_soon(summary::ID.to_owned())
            }
            Err(_) => {}
        });
    });
    view! {
        <section class="dp-part" aria-labelledby="correction-fin">
            <h2 class="fr-h3" id="correction-fin">
                "Enregistrer la correction"
            </h2>
            <TextArea
                id=REASON_ID
                label="Raison"
                hint="Le demandeur la lit dans un courriel et dans l’historique."
                required=true
                rows=3
                value=reason
                error=submission.error_at("/reason")
                on_input=Callback::new(move |text| reason.set(text))
            />
            <RefusalAlert submission title="La correction n’est pas enregistrée" />
            <ul class="fr-btns-group fr-btns-group--inline-md">
                <li>
                    <SubmitButton submission label="Enregistrer la correction" on_click=on_send />
                </li>
                <li>
                    <a class="fr-btn fr-btn--secondary" href=format!("/demandes/{id}")>
                        "Annuler"
                    </a>
                </li>
            </ul>
        </section>
    }
}
