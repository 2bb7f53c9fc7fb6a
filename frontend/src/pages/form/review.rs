//! The check before a request is handed over: all answers, as those who instruct will read them, and what is missing. It comes in
//! a part of its own: what reads a request is no part of the form.

use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use shared::change_point::Target;
use shared::enrollment::Enrollment;
use shared::policy::Section;

use super::step_views::StepLink;
use super::steps::{Step, Steps};
use super::summary;
use crate::components::alert::{Alert, Tone};
use crate::form::EnrollmentForm;
use crate::pages::request::outline::{Part, outline};
use crate::pages::request::reading::Reading;

/// Draws it.
#[wasm_split(form_review, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn review(form: EnrollmentForm, steps: Steps) -> Result<AnyView, SplitLoaderError> {
    Ok(view! { <Review form steps /> }.into_any())
}

/// The check. The engagements follow it: they are taken here.
#[component]
fn Review(form: EnrollmentForm, steps: Steps) -> impl IntoView {
    let is_shown = Memo::new(move |_| steps.is_review());
    let parts = Memo::new(move |_| if is_shown.get() { parts(form) } else { Vec::new() });
    let request = form.id();
    let edit = Callback::new(move |section| edit_link(steps, section));
    view! {
        <div hidden=move || !is_shown.get()>
            <p>
                "Relisez ce que vous allez transmettre\u{a0}: vous pouvez encore modifier chaque partie. Prenez ensuite les engagements demandés, puis soumettez la demande."
            </p>
            {move || is_shown.get().then(|| missing(form))}
            {move || view! { <Reading request parts=parts.get() edit /> }}
        </div>
    }
}

/// The answers that are on the screen, as far as the instructors will read them.
fn parts(form: EnrollmentForm) -> Vec<Part> {
    let content = form.draft().get();
    let enrollment = form.base().with(|base| Enrollment { content, changes: Vec::new(), ..base.clone() });
    let mut parts = outline(&form.policy(), &enrollment);
    parts.retain(|part| part.section != Section::Cgu);
    parts
}

fn edit_link(steps: Steps, section: Section) -> AnyView {
    view! {
        <StepLink steps step=Step::Part(section) class="fr-link fr-icon-edit-line fr-link--icon-left dp-no-print">
            "Modifier"
            <span class="fr-sr-only">{format!("\u{a0}: {}", section.label())}</span>
        </StepLink>
    }
    .into_any()
}

/// What is still to be answered, and to be committed to. Once a submission was attempted, the summary of the errors says so.
fn missing(form: EnrollmentForm) -> AnyView {
    if form.is_attempted() {
        return ().into_any();
    }
    let (answers, commitments) = form.missing();
    let left = commitments.first().map(|first| {
        let label = left_to_tick(commitments.len());
        view! { <p>{summary::link(form, Target::field(first.field.clone()), label)} "."</p> }
    });
    let title = match (answers.len(), commitments.is_empty()) {
        (0, true) => {
            return view! {
                <Alert tone=Tone::Success>
                    <p>"Rien ne manque\u{a0}: toutes les réponses obligatoires sont données."</p>
                </Alert>
            }
            .into_any();
        }
        (0, false) => {
            return view! {
                <Alert tone=Tone::Info>
                    <p>"Toutes les réponses obligatoires sont données."</p>
                    {left}
                </Alert>
            }
            .into_any();
        }
        (1, _) => "1 réponse est encore attendue".to_owned(),
        (count, _) => format!("{count} réponses sont encore attendues"),
    };
    view! {
        <Alert tone=Tone::Warning title>
            {summary::lines(form, answers)}
            {left}
        </Alert>
    }
    .into_any()
}

/// « Il reste 2 engagements à cocher ».
fn left_to_tick(count: usize) -> String {
    let word = if count > 1 { "engagements" } else { "engagement" };
    format!("Il reste {count} {word} à cocher")
}
