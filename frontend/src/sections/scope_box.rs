//! The box of one piece of data. Some want a word of warning to be read before they are ticked.

use leptos::prelude::*;
use shared::field::Field;
use shared::policy::Scope;

use crate::components::choice::Checkbox;
use crate::components::modal::Confirm;
use crate::form::EnrollmentForm;
use crate::form::binding::field_id;

/// The boxes of a form; they share one window for the warnings.
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
        if !scope.deprecated {
            return self.offered(scope);
        }
        let form = self.form;
        let own = scope.id.clone();
        // It stays once it is unticked: the focus is on it.
        let was_ticked = Memo::new(move |before: Option<&bool>| {
            form.draft().with(|draft| draft.scopes.contains(&own)) || before == Some(&true)
        });
        (move || was_ticked.get().then(|| self.offered(scope.clone()))).into_any()
    }

    fn offered(self, scope: Scope) -> AnyView {
        let form = self.form;
        let warning = form.policy().warning_of(&scope).map(str::to_owned);
        let Scope { id, label, locked, deprecated, link, .. } = scope;
        let own = id.clone();
        let checked = form.reading(move |draft| locked || draft.scopes.contains(&own));
        let on_change = {
            let id = id.clone();
            Callback::new(move |is_ticked| match &warning {
                _ if is_ticked && deprecated => {}
                Some(warning) if is_ticked => {
                    self.asked.set((id.clone(), warning.clone()));
                    self.is_asking.set(true);
                }
                Some(_) | None => set(form, &id, is_ticked),
            })
        };
        let shown_label = label.clone();
        let hint = if locked {
            "Toujours transmise\u{a0}: cette donnée ne peut pas être retirée."
        } else if deprecated {
            "N’est plus proposée\u{a0}: cette donnée peut seulement être décochée."
        } else {
            ""
        };
        view! {
            <div class="fr-fieldset__element">
                <Checkbox
                    id=format!("{}-{id}", field_id(&Field::Scopes))
                    label=move || shown_label.clone()
                    hint
                    disabled=locked
                    checked
                    on_change
                />
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

    /// The window that warns. To be put once in the page.
    pub fn warning(self) -> AnyView {
        let on_confirm = Callback::new(move |()| set(self.form, &self.asked.get_untracked().0, true));
        view! {
            <Confirm
                id="donnee-sensible"
                title="Cette donnée est-elle nécessaire\u{a0}?"
                open=self.is_asking
                confirm="Demander cette donnée"
                on_confirm
            >
                <p>{move || self.asked.get().1}</p>
            </Confirm>
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
