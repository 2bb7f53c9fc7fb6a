//! The section « donnees »: scopes, recipients, retention.

use leptos::prelude::*;
use shared::field::Field;

use super::bound::lines;
use super::retention;
use super::scope_box::ScopeBoxes;
use super::scope_group;
use crate::components::field::Messages;
use crate::form::EnrollmentForm;
use crate::form::binding::field_id;

/// Above that many boxes, the groups fold.
const MAX_UNFOLDED: usize = 24;

/// Its fields.
pub fn fields(form: EnrollmentForm) -> AnyView {
    let has_scopes = !form.policy().scopes.is_empty();
    view! {
        {has_scopes.then(|| scopes(form))}
        {use_of_data(form)}
    }
    .into_any()
}

/// Who will see the data, and for how long it is kept.
pub fn use_of_data(form: EnrollmentForm) -> AnyView {
    view! {
        {lines(form, Field::DataRecipients, 3)}
        {retention::field(form)}
    }
    .into_any()
}

/// The boxes of the data.
pub fn scopes(form: EnrollmentForm) -> AnyView {
    let policy = form.policy();
    let id = field_id(&Field::Scopes);
    let error = form.error(&Field::Scopes);
    let boxes = ScopeBoxes::new(form);
    let shown = policy.shown_groups();
    let folds = shown.iter().map(|(_, scopes)| scopes.len()).sum::<usize>() > MAX_UNFOLDED;
    let groups: Vec<AnyView> = shown
        .into_iter()
        .enumerate()
        .map(|(index, (label, scopes))| {
            let scopes = scopes.into_iter().cloned().collect();
            scope_group::view(boxes, index, label.map(str::to_owned), scopes, folds)
        })
        .collect();
    let required = form.is_required(&Field::Scopes);
    let (title, advice) = (policy.question_of(&Field::Scopes), policy.hint_of(&Field::Scopes));
    view! {
        <div id=id.clone() role="group" aria-labelledby="donnees-titre" class="fr-mb-4w">
            <h3 class="fr-h6 fr-mb-1w" id="donnees-titre">
                {title}
                {required.then(crate::components::field::asterisk)}
            </h3>
            <p>{advice}</p>
            <Messages id=id.clone() error />
            {groups}
            {outdated(form)}
        </div>
        {boxes.warning()}
    }
    .into_any()
}

/// Data that was asked for and is no longer offered: all one can do is give it up.
fn outdated(form: EnrollmentForm) -> AnyView {
    let unknown = form.reading(move |draft| {
        let policy = form.policy();
        draft.scopes.iter().filter(|id| policy.scope(id).is_none()).cloned().collect::<Vec<_>>()
    });
    (move || {
        let unknown = unknown.get();
        (!unknown.is_empty()).then(|| {
            view! {
                <fieldset class="fr-fieldset" aria-labelledby="groupe-retirees">
                    <legend class="fr-fieldset__legend fr-fieldset__legend--regular" id="groupe-retirees">
                        "Données qui ne sont plus proposées"
                    </legend>
                    <div class="fr-fieldset__element">
                        {unknown
                            .into_iter()
                            .map(|id| {
                                let removed = id.clone();
                                view! {
                                    <p>
                                        {id.clone()} " "
                                        <button
                                            type="button"
                                            class="fr-btn fr-btn--tertiary fr-btn--sm"
                                            on:click=move |_| {
                                                form.choose(&Field::Scopes, |draft| {
                                                    draft.scopes.remove(&removed);
                                                })
                                            }
                                        >
                                            "Retirer"
                                            <span class="fr-sr-only">{format!(" la donnée {id}")}</span>
                                        </button>
                                    </p>
                                }
                            })
                            .collect_view()}
                    </div>
                </fieldset>
            }
        })
    })
    .into_any()
}
