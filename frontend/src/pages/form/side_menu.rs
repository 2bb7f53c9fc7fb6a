//! The side menu: the steps of the form, and the progress of each.

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
    let parts = policy.sections.iter().filter(|section| **section != Section::Cgu);
    let items = parts.map(|section| item(form, steps, Step::Part(*section), is_open)).collect_view();
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
                        {items} {item(form, steps, Step::Review, is_open)}
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

/// One step. The engagements are taken at the check.
fn item(form: EnrollmentForm, steps: Steps, step: Step, is_open: RwSignal<bool>) -> AnyView {
    let (label, state) = match step {
        Step::Part(section) => {
            (section.label(), Some(state(form, section, ["réponse attendue", "réponses attendues"])))
        }
        Step::Review if form.policy().has_section(Section::Cgu) => {
            let state = state(form, Section::Cgu, ["engagement à cocher", "engagements à cocher"]);
            ("Vérification et engagements", Some(state))
        }
        Step::Review => ("Vérification", None),
    };
    view! {
        <li class="fr-sidemenu__item">
            <StepLink steps step class="fr-sidemenu__link" before=Callback::new(move |()| is_open.set(false))>
                <span>{label} " " {state}</span>
            </StepLink>
        </li>
    }
    .into_any()
}

/// How far one is with a part, whose answers are called so, one and several.
fn state(form: EnrollmentForm, section: Section, [one, several]: [&'static str; 2]) -> AnyView {
    let missing = Memo::new(move |_| form.errors_in(section));
    let state = move || match (missing.get(), form.is_attempted()) {
        (0, _) => "Complète".to_owned(),
        (1, true) => "1 erreur".to_owned(),
        (count, true) => format!("{count} erreurs"),
        (1, false) => format!("1 {one}"),
        (count, false) => format!("{count} {several}"),
    };
    let class = move || match (missing.get(), form.is_attempted()) {
        (0, _) => "dp-state dp-state--done",
        (_, true) => "dp-state dp-state--error",
        (_, false) => "dp-state",
    };
    view! { <span class=class>{state}</span> }.into_any()
}
