//! The section « donnees »: scopes, recipients, retention.

use leptos::prelude::*;
use shared::field::Field;
use shared::policy::{Scope, Section};

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
        {lines(form, Field::DataRecipients, "Les services et les personnes qui verront ces données, sous-traitants compris.", 3)}
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
    let shown: Vec<Scope> = policy.scopes.iter().filter(|scope| !scope.hidden).cloned().collect();
    // HubEE's boxes are procedures, not data.
    let subscribes = policy.has_section(Section::DemarchesEnLigne);
    let folds = shown.len() > MAX_UNFOLDED;
    let groups: Vec<AnyView> = groups(&shown, |group| {
        policy.scope_groups.iter().find(|known| known.id == group).map(|known| known.label.clone())
    })
    .into_iter()
    .enumerate()
    .map(|(index, (label, scopes))| {
        let label = label.or_else(|| subscribes.then(|| "Démarches".to_owned()));
        scope_group::view(boxes, index, label, scopes, folds)
    })
    .collect();
    let required = form.is_required(&Field::Scopes);
    let (title, advice) = if subscribes {
        ("Démarches demandées", "Cochez les démarches auxquelles votre organisation veut s’abonner.")
    } else {
        (
            "Données demandées",
            "Cochez seulement les données dont votre projet a besoin\u{a0}: chacune doit pouvoir être justifiée.",
        )
    };
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

/// The scopes by group, in the order of the policy; those of no group come first, without a label.
fn groups(scopes: &[Scope], label_of: impl Fn(&str) -> Option<String>) -> Vec<(Option<String>, Vec<Scope>)> {
    let mut groups: Vec<(Option<&str>, Vec<Scope>)> = Vec::new();
    for scope in scopes {
        let key = scope.group.as_deref();
        match groups.iter_mut().find(|(group, _)| *group == key) {
            Some((_, own)) => own.push(scope.clone()),
            None => groups.push((key, vec![scope.clone()])),
        }
    }
    let (grouped, alone): (Vec<_>, Vec<_>) = groups.into_iter().partition(|(group, _)| group.is_some());
    alone
        .into_iter()
        .chain(grouped)
        .map(|(group, scopes)| (group.map(|group| label_of(group).unwrap_or_else(|| group.to_owned())), scopes))
        .collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(id: &str, group: Option<&str>) -> Scope {
        Scope {
            id: id.to_owned(),
            label: id.to_owned(),
            help: String::new(),
            group: group.map(str::to_owned),
            locked: false,
            checked: false,
            deprecated: false,
            hidden: false,
            warning: None,
            granted_as: None,
            link: None,
        }
    }

    #[test]
    fn groups_keep_the_order_of_the_policy() {
        let scopes = [scope("a", Some("cnaf")), scope("b", None), scope("c", Some("dgfip")), scope("d", Some("cnaf"))];
        let seen: Vec<_> = groups(&scopes, |group| (group == "cnaf").then(|| "CNAF".to_owned()))
            .into_iter()
            .map(|(label, scopes)| (label, scopes.into_iter().map(|scope| scope.id).collect::<String>()))
            .collect();
        assert_eq!(
            seen,
            [
                (None, "b".to_owned()),
                (Some("CNAF".to_owned()), "ad".to_owned()),
                (Some("dgfip".to_owned()), "c".to_owned()),
            ]
        );
    }
}
