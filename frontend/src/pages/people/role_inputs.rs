//! The inputs that choose a role, for those who give one and for those who ask for one.

use leptos::prelude::*;

use super::chosen_role::{ChosenRole, demarches};
use crate::components::choice::{Checkbox, Choice, RadioGroup};
use crate::components::field::{Messages, messages_id};
use crate::submission::Submission;

const LIMITS: [(&str, &str); 3] = [
    ("", "Toutes les démarches"),
    ("only", "Seulement certaines démarches"),
    ("except", "Toutes sauf certaines démarches"),
];

/// The démarches that the role is limited to, where its API has any.
#[component]
pub fn LimitInputs(
    /// What stands before the ids.
    name: &'static str,
    chosen: ChosenRole,
    submission: Submission,
) -> impl IntoView {
    let offered =
        Memo::new(move |_| chosen.policy.get().flatten().map(|policy| demarches(&policy)).unwrap_or_default());
    let limits = || LIMITS.iter().map(|(limit, label)| Choice::new(*limit, *label)).collect::<Vec<_>>();
    let is_limited = Memo::new(move |_| chosen.limit.with(|limit| !limit.is_empty()));
    let inputs = move || {
        view! {
            <RadioGroup
                id=format!("{name}-limite")
                legend="Démarches"
                hint="Une demande compte pour la démarche qu’elle suit sans s’en écarter."
                choices=limits()
                value=chosen.limit
                on_change=Callback::new(move |limit| chosen.limit.set(limit))
            />
            {move || {
                is_limited
                    .get()
                    .then(|| view! { <DemarcheBoxes id=format!("{name}-demarches") choices=offered.get() chosen submission /> })
            }}
        }
    };
    move || offered.with(|offered| !offered.is_empty()).then(inputs)
}

/// Any number of démarches.
#[component]
fn DemarcheBoxes(
    /// Id of the group.
    id: String,
    choices: Vec<Choice>,
    chosen: ChosenRole,
    submission: Submission,
) -> impl IntoView {
    let error = submission.error_at("/role/demarches");
    let legend_id = format!("{id}-legend");
    let boxes = choices
        .into_iter()
        .map(|choice| {
            let (own, box_id, label) = (choice.value.clone(), format!("{id}-{}", choice.value), choice.label);
            let checked = Signal::derive(move || chosen.demarches.with(|chosen| chosen.contains(&own)));
            let on_change = Callback::new(move |is_ticked| {
                chosen.demarches.update(|chosen| {
                    if is_ticked {
                        chosen.insert(choice.value.clone());
                    } else {
                        chosen.remove(&choice.value);
                    }
                });
            });
            view! {
                <div class="fr-fieldset__element">
                    <Checkbox id=box_id label=move || label.clone() hint=choice.hint checked on_change />
                </div>
            }
        })
        .collect_view();
    view! {
        <fieldset
            class=move || if error.with(Option::is_some) { "fr-fieldset fr-fieldset--error" } else { "fr-fieldset" }
            id=id.clone()
            aria-labelledby=format!("{legend_id} {}", messages_id(&id))
        >
            <legend class="fr-fieldset__legend fr-fieldset__legend--regular" id=legend_id.clone()>
                {move || if chosen.limit.with(|limit| limit == "only") { "Lesquelles\u{a0}?" } else { "Sauf lesquelles\u{a0}?" }}
            </legend>
            <div class="dp-finder">{boxes}</div>
            <Messages id=id.clone() error />
        </fieldset>
    }
}
