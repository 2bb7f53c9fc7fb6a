//! The side menu: the sections of the form, and the progress of each.

use leptos::prelude::*;
use shared::policy::Section;

use super::step_views::StepLink;
use super::steps::{Step, Steps};
use crate::components::accordion::collapse;
use crate::form::EnrollmentForm;

/// The menu. It follows the page on a wide screen, and folds on a phone.
#[component]
pub fn SideMenu(form: EnrollmentForm, steps: Steps) -> impl IntoView {
    let is_open = RwSignal::new(false);
    let policy = form.policy();
    let total = policy.sections.len();
    let sections = policy.sections.clone();
    let complete = Memo::new(move |_| sections.iter().filter(|section| form.errors_in(**section) == 0).count());
    let items = policy.sections.iter().map(|section| item(form, steps, *section, is_open)).collect_view();
    let close = Callback::new(move |()| is_open.set(false));
    view! {
        <nav class="fr-sidemenu fr-sidemenu--sticky dp-sidemenu" role="navigation" aria-labelledby="parties-titre">
            <div class="fr-sidemenu__inner">
                <button
                    type="button"
                    class="fr-sidemenu__btn"
                    aria-expanded=move || is_open.get().to_string()
                    aria-controls="parties"
                    on:click=move |_| is_open.update(|is_open| *is_open = !*is_open)
                >
                    {move || format!("Parties de la demande\u{a0}: {}", count(complete.get(), total))}
                </button>
                <div class=move || collapse(is_open.get()) id="parties">
                    <p class="fr-sidemenu__title" id="parties-titre">
                        "Votre demande"
                        <span class="fr-hint-text">
                            {move || count(complete.get(), total)}
                        </span>
                    </p>
                    <ul class="fr-sidemenu__list">
                        {items} <li class="fr-sidemenu__item">
                            <StepLink steps step=Step::Review class="fr-sidemenu__link" before=close>
                                "Vérification"
                            </StepLink>
                        </li>
                    </ul>
                </div>
            </div>
        </nav>
    }
}

/// « 3 complètes sur 8 ».
fn count(complete: usize, total: usize) -> String {
    let word = if complete > 1 { "complètes" } else { "complète" };
    format!("{complete} {word} sur {total}")
}

fn item(form: EnrollmentForm, steps: Steps, section: Section, is_open: RwSignal<bool>) -> impl IntoView {
    let missing = Memo::new(move |_| form.errors_in(section));
    let state = move || match (missing.get(), form.is_attempted()) {
        (0, _) => "Complète".to_owned(),
        (1, true) => "1 erreur".to_owned(),
        (count, true) => format!("{count} erreurs"),
        (1, false) => "1 réponse attendue".to_owned(),
        (count, false) => format!("{count} réponses attendues"),
    };
    let class = move || match (missing.get(), form.is_attempted()) {
        (0, _) => "dp-state dp-state--done",
        (_, true) => "dp-state dp-state--error",
        (_, false) => "dp-state",
    };
    view! {
        <li class="fr-sidemenu__item">
            <StepLink
                steps
                step=Step::Part(section)
                class="fr-sidemenu__link"
                before=Callback::new(move |()| is_open.set(false))
            >
                <span>
                    {section.label()} <span class=class>{state}</span>
                </span>
            </StepLink>
        </li>
    }
}
