//! The form of a template of a decision's message: new, or written anew.

use leptos::prelude::*;
use shared::decision_message::{DECISIONS, DecisionTemplate, MAX_NAME, NewDecisionTemplate, Variable, filled};
use shared::workflow::Action;

use super::{LIST_ID, label};
use crate::api::decision_messages;
use crate::browser;
use crate::components::choice::{Checkbox, Choice, Select};
use crate::components::field::{TextArea, TextInput};
use crate::context::AppContext;
use crate::loader::Loader;
use crate::shell::submitting::{RefusalAlert, SubmitButton};
use crate::submission::Submission;

const DECISION_ID: &str = "modele-decision";
const NAME_ID: &str = "modele-nom";
const BODY_ID: &str = "modele-texte";
const TITLE_ID: &str = "modele-titre";

/// The template being written, and its sending.
#[derive(Clone, Copy)]
pub struct Writing {
    /// Those of the API.
    pub templates: Loader<Vec<DecisionTemplate>>,
    pub target_api: Memo<String>,
    /// What was just done, in words.
    pub done: RwSignal<String>,
    /// The number of the one that is written anew; none for a new one.
    id: RwSignal<Option<i64>>,
    input: RwSignal<NewDecisionTemplate>,
    submission: Submission,
}

fn blank() -> NewDecisionTemplate {
    NewDecisionTemplate { decision: Action::Validate, name: String::new(), body: String::new(), is_default: false }
}

impl Writing {
    /// Nothing is written yet.
    pub fn new(templates: Loader<Vec<DecisionTemplate>>, target_api: Memo<String>) -> Self {
        let input = RwSignal::new(blank());
        let check = move || {
            let wrong = input.get().checked().err().unwrap_or_default();
            wrong.into_iter().map(|(pointer, _, detail)| (pointer, detail)).collect()
        };
        let inputs = [("/decision", DECISION_ID), ("/name", NAME_ID), ("/body", BODY_ID)];
        let submission = Submission::new("modele", &inputs, check);
        let (id, done) = (RwSignal::new(None), RwSignal::new(String::new()));
        // A template belongs to one API: what is written for another would be a new one there.
        Effect::new(move |_| {
            target_api.track();
            id.set(None);
            done.set(String::new());
        });
        Self { templates, target_api, done, id, input, submission }
    }

    /// Takes a template up, to write it anew.
    pub fn edit(self, template: DecisionTemplate) {
        let DecisionTemplate { id, decision, name, body, is_default } = template;
        self.submission.clear();
        self.id.set(Some(id));
        self.input.set(NewDecisionTemplate { decision, name, body, is_default });
        browser::focus_soon(NAME_ID.to_owned());
    }

    /// A template is gone: what is written of it would be a new one.
    pub fn removed(self, id: i64) {
        if self.id.get_untracked() == Some(id) {
            self.id.set(None);
        }
    }

    fn send(self) {
        if !self.submission.is_ready() {
            return;
        }
        let input = self.input.get_untracked();
        let call = self.target_api.with_untracked(|api| decision_messages::save(api, self.id.get_untracked(), &input));
        let name = input.name.split_whitespace().collect::<Vec<_>>().join(" ");
        self.submission.send(call, move |all| {
            self.templates.set(all);
            self.done.set(format!("Le modèle «\u{a0}{name}\u{a0}» est enregistré."));
            self.id.set(None);
            self.input.set(blank());
            browser::focus_soon(LIST_ID.to_owned());
        });
    }

    fn cancel(self) {
        let edited = self.id.get_untracked();
        self.submission.clear();
        self.id.set(None);
        self.input.set(blank());
        if let Some(edited) = edited {
            browser::focus_soon(edit_button_id(edited));
        }
    }
}

/// Id of the button that takes a template up.
pub fn edit_button_id(id: i64) -> String {
    format!("modifier-modele-{id}")
}

#[component]
pub fn TemplateForm(writing: Writing) -> impl IntoView {
    let Writing { submission, id, .. } = writing;
    let is_new = move || id.with(Option::is_none);
    let title = move || if is_new() { "Créer un modèle" } else { "Modifier le modèle" };
    view! {
        <form
            class="dp-panel fr-mt-4w"
            novalidate=true
            aria-labelledby=TITLE_ID
            on:submit=move |event| {
                event.prevent_default();
                writing.send();
            }
        >
            <h2 class="fr-h5" id=TITLE_ID tabindex="-1">
                {title}
            </h2>
            <RefusalAlert submission title="Le modèle n’est pas enregistré" note="Ce que vous avez écrit est conservé." />
            <Inputs writing />
            <ul class="fr-btns-group fr-btns-group--inline-md fr-mt-3w">
                <li>
                    <SubmitButton
                        submission
                        label=Signal::derive(move || {
                            if is_new() { "Créer ce modèle" } else { "Enregistrer les modifications" }.to_owned()
                        })
                    />
                </li>
                {move || {
                    (!is_new())
                        .then(|| {
                            view! {
                                <li>
                                    <button
                                        type="button"
                                        class="fr-btn fr-btn--secondary"
                                        on:click=move |_| writing.cancel()
                                    >
                                        "Annuler"
                                    </button>
                                </li>
                            }
                        })
                }}
            </ul>
        </form>
    }
}

/// What a template is made of, with the message as it would be.
#[component]
fn Inputs(writing: Writing) -> impl IntoView {
    let Writing { input, submission, .. } = writing;
    let decisions: Vec<Choice> =
        DECISIONS.iter().map(|decision| Choice::new(decision.as_str(), label(*decision))).collect();
    let on_decision = Callback::new(move |chosen: String| {
        if let Ok(decision) = chosen.parse() {
            input.update(|input| input.decision = decision);
        }
    });
    view! {
        <Select
            id=DECISION_ID
            label="Décision"
            complete=true
            required=true
            choices=Signal::stored(decisions)
            value=Signal::derive(move || input.with(|input| input.decision.to_string()))
            error=submission.error_at("/decision")
            on_change=on_decision
        />
        <TextInput
            id=NAME_ID
            label="Nom du modèle"
            hint=format!("{MAX_NAME} caractères au plus. Exemple\u{a0}: Base légale insuffisante")
            autocomplete="off"
            required=true
            value=Signal::derive(move || input.with(|input| input.name.clone()))
            error=submission.error_at("/name")
            on_input=Callback::new(move |text: String| input.update(|input| input.name = text))
        />
        <TextArea
            id=BODY_ID
            label="Message"
            hint="Les variables sont remplacées par les valeurs de la demande. Qui décide relit le message et le complète."
            required=true
            rows=8
            value=Signal::derive(move || input.with(|input| input.body.clone()))
            error=submission.error_at("/body")
            on_input=Callback::new(move |text: String| input.update(|input| input.body = text))
        />
        {variables(input)}
        <Preview writing />
        <Checkbox
            id="modele-defaut"
            label=|| "Pré-remplir le message avec ce modèle"
            hint="Un seul modèle par décision\u{a0}: celui-ci prend la place d’un autre."
            checked=Signal::derive(move || input.with(|input| input.is_default))
            on_change=Callback::new(move |checked| input.update(|input| input.is_default = checked))
        />
    }
}

/// Buttons that write a variable at the cursor.
fn variables(input: RwSignal<NewDecisionTemplate>) -> AnyView {
    let buttons = Variable::ALL
        .iter()
        .map(|variable| {
            let write = move |_| {
                if let Some(body) = browser::write_at_cursor(BODY_ID, &variable.written()) {
                    input.update(|input| input.body = body);
                }
            };
            view! {
                <li>
                    <button type="button" class="fr-tag fr-tag--sm" on:click=write>
                        <span class="fr-sr-only">"Insérer\u{a0}"</span>
                        {variable.written()}
                    </button>
                </li>
            }
        })
        .collect_view();
    view! {
        <div role="group" aria-labelledby="modele-variables">
            <p class="fr-text--sm fr-mb-1v" id="modele-variables">
                "Insérer une variable"
            </p>
            <ul class="fr-tags-group">{buttons}</ul>
        </div>
    }
    .into_any()
}

/// The message as it would be for a request.
#[component]
fn Preview(writing: Writing) -> impl IntoView {
    let context = AppContext::get();
    let text = move || {
        let api = context.label_of(&writing.target_api.get());
        let value = |variable| match variable {
            Variable::Number => "1234",
            Variable::Title => "Tarification de la cantine",
            Variable::Organization => "Commune de Clamart",
            Variable::Api => api.as_str(),
        };
        writing.input.with(|input| filled(&input.body, value)).map_err(|flaw| flaw.to_string())
    };
    let content = move || match text() {
        Ok(text) if text.trim().is_empty() => {
            view! { <p class="fr-hint-text">"L’aperçu apparaîtra ici quand vous aurez écrit le message."</p> }
                .into_any()
        }
        Ok(text) => view! { <p class="dp-text dp-break fr-mb-0">{text}</p> }.into_any(),
        Err(flaw) => view! { <p class="fr-hint-text">{flaw}</p> }.into_any(),
    };
    view! {
        <section aria-labelledby="modele-apercu" class="dp-preview fr-mb-3w">
            <h3 class="fr-text--md fr-mb-1w" id="modele-apercu">
                "Aperçu, avec des valeurs d’exemple"
            </h3>
            {content}
        </section>
    }
}
