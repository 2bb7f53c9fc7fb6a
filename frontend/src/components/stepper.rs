//! The steps of a process, with the present one.

use leptos::prelude::*;

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it is called.
    pub label: String,
    /// The page of the server where one reads of it; none for the present one.
    pub href: Option<String>,
}

/// The DSFR's bar, and every step by name under it, unless the title has an id: then one goes there from step to step, and
/// something else beside lists the steps.
#[component]
pub fn Stepper(
    /// The steps.
    steps: Vec<Step>,
    /// Place of the present one, from 0.
    present: usize,
    /// Id of the title, which takes the focus.
    #[prop(optional)]
    title_id: Option<&'static str>,
) -> impl IntoView {
    let (count, number) = (steps.len(), present + 1);
    let title = steps.get(present).map(|step| step.label.clone());
    let next = steps.get(number).map(|step| step.label.clone());
    let named = if title_id.is_some() { Vec::new() } else { steps };
    let is_named = !named.is_empty();
    let lines = named
        .into_iter()
        .enumerate()
        .map(|(place, step)| {
            let when = if place == present { " – étape actuelle" } else { "" };
            view! {
                <li aria-current=(place == present).then_some("step")>
                    {match step.href {
                        Some(href) => view! { <a rel="external" href=href>{step.label}</a> }.into_any(),
                        None => view! { <span>{step.label}</span> }.into_any(),
                    }} {when}
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="fr-stepper">
            <h2 class="fr-stepper__title" id=title_id tabindex=title_id.map(|_| "-1")>
                {title} <span class="fr-stepper__state">{format!("Étape {number} sur {count}")}</span>
            </h2>
            <div
                class="fr-stepper__steps"
                data-fr-current-step=number.to_string()
                data-fr-steps=count.to_string()
            ></div>
            {next
                .map(|next| {
                    view! {
                        <p class="fr-stepper__details">
                            <span class="fr-text--bold">"Étape suivante\u{a0}: "</span>
                            {next}
                        </p>
                    }
                })}
            {is_named.then(|| view! { <ol class="dp-stepper__steps">{lines}</ol> })}
        </div>
    }
}
