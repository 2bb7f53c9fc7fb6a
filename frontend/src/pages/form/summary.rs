//! The error summary: each error links to its field.

use leptos::prelude::*;
use shared::change_point::Target;
use shared::field::Field;
use shared::validation::FieldError;

use super::steps::{Step, Steps};
use crate::browser;
use crate::form::EnrollmentForm;
use crate::form::points::target_id;
use crate::sections::section_id;

/// Id of the summary: it takes the focus after a submission with errors.
pub const ID: &str = "resume-erreurs";

/// The summary. Nothing as long as nothing is to be said.
#[component]
pub fn Summary(form: EnrollmentForm) -> impl IntoView {
    let steps = use_context::<Steps>();
    let policy = form.policy();
    // A step lists its own errors; the check, all.
    let are_shown = move |field: &Field| {
        let section = policy.section_of(field);
        steps.zip(section).is_none_or(|(steps, section)| steps.is_review() || steps.shows(section))
    };
    move || {
        let errors = form.summary(&are_shown);
        (!errors.is_empty()).then(|| {
            let title = match errors.len() {
                1 => "1 erreur à corriger".to_owned(),
                count => format!("{count} erreurs à corriger"),
            };
            view! {
                <div id=ID tabindex="-1" role="alert" class="fr-alert fr-alert--error fr-mb-4w">
                    <h2 class="fr-alert__title">{title}</h2>
                    {lines(form, errors)}
                </div>
            }
        })
    }
}

/// What is wrong, each with a link to its field.
pub fn lines(form: EnrollmentForm, errors: Vec<FieldError>) -> AnyView {
    let line = |FieldError { field, detail, .. }: FieldError| {
        let label = form.policy().label_of(&field);
        view! { <li>{link(form, Target::field(field), label)} "\u{a0}: " {detail}</li> }
    };
    view! { <ul>{errors.into_iter().map(line).collect_view()}</ul> }.into_any()
}

/// A link to a field, or to one piece of the data; to its part of the form, where the field cannot take the focus. Where the
/// form has steps, that of the field is shown first.
pub fn link(form: EnrollmentForm, target: Target, label: String) -> AnyView {
    let section = form.policy().section_of(&target.field);
    let step = use_context::<Steps>().zip(section.map(Step::Part));
    let id = target_id(&target);
    let href = step.map_or_else(|| format!("#{id}"), |(steps, step)| format!("{}#{id}", steps.href(step)));
    view! {
        <a
            href=href
            on:click=move |event| {
                event.prevent_default();
                // One is led there because something is to be done: what it is shows.
                form.touch(&target.field);
                if let Some((steps, step)) = step {
                    steps.go(step, id.clone());
                } else if !browser::focus(&id)
                    && let Some(section) = section
                {
                    browser::focus(&section_id(section));
                }
            }
        >
            {label}
        </a>
    }
    .into_any()
}
