//! Every error in one place, each a link to its field.

use leptos::prelude::*;
use shared::field::Field;

use crate::browser;
use crate::form::EnrollmentForm;
use crate::form::binding::field_id;
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
            let lines = errors.into_iter().map(|error| line(form, error.field, error.message)).collect_view();
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
    let policy = form.policy();
    let label = policy.label_of(&field);
    let id = field_id(&field);
    let section = policy.section_of(&field).map(section_id);
    let href = format!("#{id}");
    view! {
        <li>
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
            "\u{a0}: "
            {message}
        </li>
    }
}
