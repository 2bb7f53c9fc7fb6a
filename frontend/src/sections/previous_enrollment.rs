//! The section `previous_enrollment`: the validated request that this one builds on.

use leptos::prelude::*;
use shared::api::EnrollmentRow;
use shared::field::Field;
use shared::organization::Siret;
use shared::validation::PreviousEnrollment;

use super::chain;
use crate::components::alert::{Alert, Tone};
use crate::components::choice::{Choice, RadioGroup, Select};
use crate::context::AppContext;
use crate::form::EnrollmentForm;
use crate::form::binding::field_id;

/// More requests than that go into a drop-down list.
const MAX_RADIOS: usize = 6;

/// Its fields.
pub fn fields(form: EnrollmentForm) -> AnyView {
    let Some(previous_api) = form.policy().previous.clone() else { return ().into_any() };
    let candidates = chain::validated(&previous_api);
    let context = AppContext::get();
    let label = previous_api.clone();
    view! {
        <p>
            "Cette demande prolonge une habilitation «\u{a0}" {move || context.label_of(&label)}
            "\u{a0}» déjà validée, de la même organisation."
        </p>
        {candidates
            .view(move |page| {
                if page.items.is_empty() && form.previous().with_untracked(Option::is_none) {
                    none(&previous_api, form)
                } else {
                    choice(form, page.items)
                }
            })}
    }
    .into_any()
}

fn none(previous_api: &str, form: EnrollmentForm) -> AnyView {
    let error = form.error(&Field::PreviousEnrollmentId);
    let href = format!("/nouvelle-demande/{previous_api}");
    view! {
        <div id=field_id(&Field::PreviousEnrollmentId)>
            <Alert tone=Tone::Warning title="Vous n’avez pas encore cette habilitation">
                <p>"Commencez par la demander. Quand elle sera validée, revenez compléter cette demande\u{a0}: elle est enregistrée."</p>
                <p>
                    <a href=href>"Demander l’habilitation préalable"</a>
                </p>
            </Alert>
            <div class="fr-messages-group" aria-live="polite">
                {move || error.get().map(|error| view! { <p class="fr-message fr-message--error">{error}</p> })}
            </div>
        </div>
    }
    .into_any()
}

fn choice(form: EnrollmentForm, rows: Vec<EnrollmentRow>) -> AnyView {
    let mut choices: Vec<Choice> = rows.iter().map(choice_of).collect();
    if let Some(previous) = form.previous().get_untracked()
        && rows.iter().all(|row| row.id != previous.id)
    {
        let label = format!("{} (n°\u{a0}{})", previous.intitule, previous.id);
        choices.insert(0, Choice::new(previous.id.to_string(), label));
    }
    let value = form.reading(|draft| draft.previous_enrollment_id.map(|id| id.to_string()).unwrap_or_default());
    let error = form.error(&Field::PreviousEnrollmentId);
    let rows = StoredValue::new(rows);
    let chosen = move || {
        let id = value.with(|value| value.parse::<i64>().ok())?;
        Some(view! {
            <p class="fr-text--sm">
                <a href=format!("/demandes/{id}") target="_blank" title=format!("Lire la demande n°\u{a0}{id} – nouvelle fenêtre")>
                    {format!("Lire la demande n°\u{a0}{id}")}
                </a>
            </p>
        })
    };
    let on_change = Callback::new(move |chosen: String| {
        let row = rows.with_value(|rows| rows.iter().find(|row| row.id.to_string() == chosen).cloned());
        follow(form, row);
    });
    let id = field_id(&Field::PreviousEnrollmentId);
    let label = "Habilitation que cette demande prolonge";
    let list = if choices.len() > MAX_RADIOS {
        let choices = Signal::stored(choices);
        view! { <Select id label required=true choices value error on_change /> }.into_any()
    } else {
        view! { <RadioGroup id legend=label required=true choices value error on_change /> }.into_any()
    };
    view! {
        {list}
        {chosen}
    }
    .into_any()
}

fn choice_of(row: &EnrollmentRow) -> Choice {
    Choice {
        value: row.id.to_string(),
        label: format!("{} (n°\u{a0}{})", row.intitule, row.id),
        hint: format!("{}, {}", row.status.label(), chain::about(row)),
    }
}

/// Makes this request follow that one: same organisation, and the same title where there is no other yet.
fn follow(form: EnrollmentForm, row: Option<EnrollmentRow>) {
    let siret = row.as_ref().and_then(|row| row.siret.as_ref()?.parse::<Siret>().ok());
    let former_title =
        form.previous().with_untracked(|previous| previous.as_ref().map(|previous| previous.intitule.clone()));
    form.previous().set(row.as_ref().zip(siret.clone()).map(|(row, siret)| PreviousEnrollment {
        id: row.id,
        target_api: row.target_api.clone(),
        siret,
        intitule: row.intitule.clone(),
        status: row.status,
        // Only those that are in force are offered.
        in_force: true,
    }));
    form.choose(&Field::PreviousEnrollmentId, |draft| {
        draft.previous_enrollment_id = row.as_ref().map(|row| row.id);
        if let (Some(row), Some(siret)) = (row, siret) {
            draft.siret = Some(siret);
            if draft.intitule.trim().is_empty() || Some(&draft.intitule) == former_title.as_ref() {
                draft.intitule = row.intitule;
            }
        }
    });
}
