//! Chooses the scopes that a partial grant leaves out.

use std::collections::BTreeSet;

use leptos::prelude::*;
use shared::enrollment::Enrollment;
use shared::offer::{may_be_struck, objections};
use shared::policy::Policy;
use shared::validation::Input;

use super::outline::{ScopeLine, data_by_group};
use crate::components::accordion::Accordion;
use crate::components::choice::Checkbox;

/// Whether there is data that may be taken out.
pub fn is_possible(policy: &Policy, enrollment: &Enrollment) -> bool {
    enrollment.content.scopes.len() > 1 && enrollment.content.scopes.iter().any(|id| may_be_struck(policy, id))
}

/// What stands in the way of taking that data out, each sentence once.
fn obstacles(policy: &Policy, enrollment: &Enrollment, struck: &BTreeSet<String>) -> Vec<String> {
    if struck.is_empty() {
        return Vec::new();
    }
    let input = Input::new(&enrollment.content, &enrollment.documents, &enrollment.nom_raison_sociale);
    objections(policy, input, struck).into_iter().map(|error| error.detail).collect()
}

/// The boxes, folded at first. What is ticked is granted.
#[component]
pub fn StrikeScopes(
    /// What is taken out.
    struck: RwSignal<BTreeSet<String>>,
    enrollment: Enrollment,
    /// What its API asks for.
    policy: Policy,
) -> impl IntoView {
    let title = move || match struck.with(BTreeSet::len) {
        0 => "Retirer des données de l’accord".to_owned(),
        1 => "Retirer des données de l’accord (1 retirée)".to_owned(),
        count => format!("Retirer des données de l’accord ({count} retirées)"),
    };
    let groups = data_by_group(&policy, &enrollment)
        .into_iter()
        .enumerate()
        .map(|(index, (group, lines))| {
            let legend_id = format!("accord-groupe-{index}");
            let boxes = lines.into_iter().map(|line| one(struck, &policy, line)).collect_view();
            view! {
                <fieldset class="fr-fieldset" aria-labelledby=legend_id.clone()>
                    <legend class="fr-fieldset__legend fr-fieldset__legend--regular" id=legend_id.clone()>
                        {group.unwrap_or_else(|| "Données".to_owned())}
                    </legend>
                    {boxes}
                </fieldset>
            }
        })
        .collect_view();
    let obstacles = Memo::new(move |_| struck.with(|struck| obstacles(&policy, &enrollment, struck)));
    view! {
        <div class="fr-mb-3w">
            <Accordion
                id="accord-donnees"
                title=Signal::derive(title)
                open=struck.with_untracked(|struck| !struck.is_empty())
                level=4
            >
                <p class="fr-text--sm">
                    "Décochez ce qui n’est pas nécessaire au projet. Le demandeur devra accepter cet accord partiel avant d’être habilité."
                </p>
                {groups}
                <div aria-live="polite">
                    {move || {
                        obstacles
                            .get()
                            .into_iter()
                            .map(|obstacle| view! { <p class="fr-message fr-message--error">{obstacle}</p> })
                            .collect_view()
                    }}
                </div>
            </Accordion>
        </div>
    }
}

fn one(struck: RwSignal<BTreeSet<String>>, policy: &Policy, line: ScopeLine) -> AnyView {
    let ScopeLine { id, label, .. } = line;
    let is_locked = !may_be_struck(policy, &id);
    let hint = if is_locked { "Toujours transmise\u{a0}: cette donnée ne peut pas être retirée." } else { "" };
    let own = id.clone();
    let on_change = {
        let id = id.clone();
        move |is_kept: bool| {
            struck.update(|struck| {
                if is_kept {
                    struck.remove(&id);
                } else {
                    struck.insert(id.clone());
                }
            });
        }
    };
    view! {
        <div class="fr-fieldset__element">
            <Checkbox
                id=format!("accord-{id}")
                label=move || label.clone()
                hint
                disabled=is_locked
                checked=Signal::derive(move || struck.with(|struck| !struck.contains(&own)))
                on_change
            />
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::request::samples;

    #[test]
    fn what_may_not_be_taken_out_is_said_before_it_is_sent() {
        let (mut policy, enrollment) = (samples::policy(), samples::enrollment());
        let strike = |policy: &Policy, ids: &[&str]| {
            obstacles(policy, &enrollment, &ids.iter().map(|id| (*id).to_owned()).collect())
        };
        assert!(is_possible(&policy, &enrollment));
        assert_eq!(strike(&policy, &[]), Vec::<String>::new());
        assert_eq!(strike(&policy, &["birth"]), Vec::<String>::new());
        for scope in &mut policy.scopes {
            scope.locked = true;
        }
        assert!(strike(&policy, &["birth"])[0].contains("toujours transmise"));
    }
}
