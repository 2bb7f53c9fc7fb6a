//! The error summary: each error links to its field.

use leptos::prelude::*;
use shared::change_point::Target;
use shared::field::Field;

use crate::browser;
use crate::form::EnrollmentForm;
use crate::form::points::target_id;
use crate::sections::section_id;

/// Id of the summary: it takes the focus after a submission with errors.
pub const ID: &str = "resume-erreurs";

/// The summary. Nothing as long as nothing is to be said.
#[component]
pub fn Summary(form: EnrollmentForm) -> impl IntoView {
    move || {
        let errors = form.summary();
        (!errors.is_empty()).then(|| {
            let title = match errors.len() {
                1 => "1 erreur à corriger".to_owned(),
                count => format!("{count} erreurs à corriger"),
            };
            let lines = errors.into_iter().map(|error| line(form, error.field, error.detail)).collect_view();
            view! {
                <div id=ID tabindex="-1" role="alert" class="fr-alert fr-alert--error fr-mb-4w">
                    <h2 class="fr-alert__title">{title}</h2>
                    <ul>{lines}</ul>
                </div>
            }
        })
    }
}

fn line(form: EnrollmentForm, field: Field, message: String) -> impl IntoView {
    let label = form.policy().label_of(&field);
    view! { <li>{link(form, Target::field(field), label)} "\u{a0}: " {message}</li> }
}

/// A link to a field, or to one piece of the data; to its part of the form, where the field cannot take the focus.
pub fn link(form: EnrollmentForm, target: Target, label: String) -> AnyView {
    let section = form.policy().section_of(&target.field).map(section_id);
    let id = target_id(&target);
    let href = format!("#{id}");
    view! {
        <a
            href=href
            on:click=move |event| {
                event.prevent_default();
                if !browser::focus(&id)
                    && let Some(section) = &section
                {
                    browser::focus(section);
                }
            }
        >
            {label}
        </a>
    }
    .into_any()
}
