//! What the form draws of its steps: the stepper, the links between steps, the parts that come and go.

use leptos::prelude::*;
use shared::policy::Section;

use super::steps::{Step, Steps, TITLE_ID};
use crate::components::stepper::{self, Stepper};

/// A part of the form, drawn when it is first shown, and kept from then on: what goes on in it goes on.
pub fn part(steps: Steps, section: Section, draw: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    let is_shown = Memo::new(move |_| steps.shows(section));
    let is_drawn = Memo::new(move |before: Option<&bool>| is_shown.get() || before == Some(&true));
    // The stepper has the title of a step.
    let class = move || if steps.is_by_step() && section != Section::Cgu { "dp-one-part" } else { "" };
    view! {
        <div class=class hidden=move || !is_shown.get()>
            {move || is_drawn.get().then(&draw)}
        </div>
    }
    .into_any()
}

/// Where one is, how the form is displayed, and what its marks say.
#[component]
pub fn StepHead(steps: Steps) -> impl IntoView {
    let stepper = move || {
        steps.is_by_step().then(|| {
            let (present, _) = steps.place();
            let one = |label: &str| stepper::Step { label: label.to_owned(), href: None };
            let all = steps.labels().into_iter().map(one).collect();
            view! { <Stepper steps=all present title_id=TITLE_ID /> }
        })
    };
    let display = move || if steps.is_by_step() { "Tout afficher sur une page" } else { "Afficher par étapes" };
    view! {
        {stepper}
        <div class="dp-form-note" hidden=move || steps.is_review()>
            <p class="fr-text--sm">
                "Les champs marqués d’un astérisque ("<span class="dp-required">"*"</span>
                ") sont obligatoires. Tout est enregistré au fur et à mesure."
            </p>
            <button
                type="button"
                class="fr-btn fr-btn--tertiary fr-btn--sm dp-no-print"
                on:click=move |_| steps.change_display()
            >
                {display}
            </button>
        </div>
    }
}

/// A link to a step. Its address is one that can be opened elsewhere.
#[component]
pub fn StepLink(
    steps: Steps,
    step: Step,
    class: &'static str,
    /// Id of the place to go to; the step's title, where there is none.
    #[prop(optional)]
    to: Option<String>,
    /// Called before.
    #[prop(optional)]
    before: Option<Callback<()>>,
    children: Children,
) -> impl IntoView {
    view! {
        <a
            class=class
            href=steps.href(step)
            aria-current=move || steps.is_present(step).then_some("step")
            // The field at hand would show its error at once, and move this from under the pointer.
            on:mousedown=|event| event.prevent_default()
            on:click=move |event| {
                event.prevent_default();
                if let Some(before) = before {
                    before.run(());
                }
                match &to {
                    Some(id) => steps.go(step, id.clone()),
                    None => steps.open(step),
                }
            }
        >
            {children()}
        </a>
    }
}
