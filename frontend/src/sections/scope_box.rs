//! The checkbox of one scope. Some have a warning to be read before they are ticked.

use leptos::prelude::*;
use shared::enrollment::AuthorisationSummary;
use shared::field::Field;
use shared::policy::Scope;
use shared::validation::GrantedScope;

use super::bound::line;
use crate::components::choice::Checkbox;
use crate::components::dialog::ConfirmDialog;
use crate::form::EnrollmentForm;
use crate::form::binding::field_id;

/// The checkboxes of the scopes; they share one dialog for the warnings.
#[derive(Clone, Copy)]
pub struct ScopeBoxes {
    form: EnrollmentForm,
    is_asking: RwSignal<bool>,
    /// The box that waits for an answer: its id and its warning.
    asked: RwSignal<(String, String)>,
}

impl ScopeBoxes {
    /// The boxes of that form.
    pub fn new(form: EnrollmentForm) -> Self {
        Self { form, is_asking: RwSignal::new(false), asked: RwSignal::default() }
    }

    /// The form that they belong to.
    pub fn form(self) -> EnrollmentForm {
        self.form
    }

    /// One box. That of data which is no longer offered is there as long as it was ticked, and can only be unticked.
    pub fn of(self, scope: Scope) -> AnyView {
        let form = self.form;
        let own = scope.id.clone();
        if !scope.deprecated && !form.policy().each_scope_once {
            return self.offered(scope, None);
        }
        if !scope.deprecated {
            // What the organisation has already is known a moment later.
            let granted = Memo::new(move |_| form.granted_scope(&own));
            return (move || self.offered(scope.clone(), granted.get())).into_any();
        }
        // It stays once it is unticked: the focus is on it.
        let was_ticked = Memo::new(move |before: Option<&bool>| {
            form.draft().with(|draft| draft.scopes.contains(&own)) || before == Some(&true)
        });
        (move || was_ticked.get().then(|| self.offered(scope.clone(), None))).into_any()
    }

    fn offered(self, scope: Scope, granted: Option<GrantedScope>) -> AnyView {
        let form = self.form;
        let warning = form.policy().warning_of(&scope).map(str::to_owned);
        let always = scope.note();
        let Scope { id, label, help, locked, deprecated, link, .. } = scope;
        let own = id.clone();
        let checked = form.reading(move |draft| locked || draft.scopes.contains(&own));
        let can_only_go = deprecated || granted.is_some();
        let on_change = {
            let id = id.clone();
            Callback::new(move |is_ticked| match &warning {
                _ if is_ticked && can_only_go => {}
                Some(warning) if is_ticked => {
                    self.asked.set((id.clone(), warning.clone()));
                    self.is_asking.set(true);
                }
                Some(_) | None => set(form, &id, is_ticked),
            })
        };
        let shown_label = label.clone();
        let note = if let Some(granted) = &granted {
            format!("Déjà accordé à votre organisation (demande n°\u{a0}{}).", granted.enrollment_id)
        } else if deprecated {
            "N’est plus proposée\u{a0}: cette donnée peut seulement être décochée.".to_owned()
        } else {
            always.to_owned()
        };
        // What the organisation has counts more than what it is.
        let hint = if granted.is_some() { format!("{note} {help}") } else { format!("{help} {note}") };
        let hint = hint.trim().to_owned();
        let authorisation = granted.as_ref().and_then(|granted| granted.authorisation_id);
        // What is always asked for needs no reason.
        let asks_purpose = form.policy().asks_purposes && !locked;
        let purpose = Field::purpose_of(&id);
        view! {
            <div class="fr-fieldset__element">
                <Checkbox
                    id=format!("{}-{id}", field_id(&Field::Scopes))
                    label=move || shown_label.clone()
                    hint
                    disabled=locked || granted.is_some() && !checked.get_untracked()
                    checked
                    on_change
                />
                {asks_purpose
                    .then_some(move || {
                        checked.get().then(|| view! { <div class="dp-scope-purpose">{line(form, purpose.clone())}</div> })
                    })}
                {authorisation
                    .map(|id| {
                        view! {
                            <a class="fr-link fr-link--sm dp-scope-link" rel="external" href=AuthorisationSummary::path_of(id)>
                                {format!("Habilitation {}", AuthorisationSummary::number_of(id))}
                                <span class="fr-sr-only">{format!("\u{a0}: {label}")}</span>
                            </a>
                        }
                    })}
                {link
                    .map(|url| {
                        view! {
                            <a
                                class="fr-link fr-link--sm dp-scope-link"
                                href=url
                                target="_blank"
                                rel="noopener external"
                                title=format!("Contenu de la donnée {label} – nouvelle fenêtre")
                            >
                                "Contenu de cette donnée"
                            </a>
                        }
                    })}
            </div>
        }
        .into_any()
    }

    /// The dialog with the warning, once per page.
    pub fn warning(self) -> AnyView {
        let on_confirm = Callback::new(move |()| set(self.form, &self.asked.get_untracked().0, true));
        view! {
            <ConfirmDialog
                id="donnee-sensible"
                title="Cette donnée est-elle nécessaire\u{a0}?"
                open=self.is_asking
                confirm="Demander cette donnée"
                on_confirm
            >
                <p>{move || self.asked.get().1}</p>
            </ConfirmDialog>
        }
        .into_any()
    }
}

fn set(form: EnrollmentForm, id: &str, is_ticked: bool) {
    form.choose(&Field::Scopes, |draft| {
        if is_ticked {
            draft.scopes.insert(id.to_owned());
        } else {
            draft.scopes.remove(id);
        }
    });
}
