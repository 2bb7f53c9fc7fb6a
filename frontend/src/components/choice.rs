//! Checkboxes, radio buttons and drop-down lists.

use leptos::prelude::*;

use super::field::{Label, Messages, asterisk, messages_id};

/// One thing to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is kept.
    pub value: String,
    /// What a person reads.
    pub label: String,
    /// Help; empty for none.
    pub hint: String,
}

impl Choice {
    /// A choice without help.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), hint: String::new() }
    }
}

/// A box to tick.
#[component]
pub fn Checkbox(
    /// Id; unique in the page.
    #[prop(into)]
    id: String,
    #[prop(into)] label: ViewFn,
    #[prop(into, optional)] hint: String,
    /// Whether it must be ticked.
    #[prop(optional)]
    required: bool,
    /// Whether it cannot be changed.
    #[prop(optional)]
    disabled: bool,
    /// Whether it is ticked.
    #[prop(into)]
    checked: Signal<bool>,
    /// What is wrong, if anything.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
    /// Called with the new state.
    #[prop(into)]
    on_change: Callback<bool>,
) -> impl IntoView {
    let input = NodeRef::<leptos::html::Input>::new();
    view! {
        <div class=move || {
            if error.with(Option::is_some) { "fr-checkbox-group fr-checkbox-group--error" } else { "fr-checkbox-group" }
        }>
            <input
                type="checkbox"
                id=id.clone()
                name=id.clone()
                node_ref=input
                disabled=disabled
                aria-required=required.then_some("true")
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=messages_id(&id)
                prop:checked=move || checked.get()
                on:change=move |event| {
                    on_change.run(event_target_checked(&event));
                    // The owner of the value decides: a refused tick must not stay on the screen.
                    if let Some(input) = input.get_untracked() {
                        input.set_checked(checked.get_untracked());
                    }
                }
            />
            <label class="fr-label" for=id.clone()>
                <span>{label.run()} {required.then(asterisk)}</span>
                {(!hint.is_empty()).then(|| view! { <span class="fr-hint-text">{hint}</span> })}
            </label>
            <Messages id=id error />
        </div>
    }
}

/// Boxes to tick: any number of answers out of a few.
#[component]
pub fn CheckboxGroup(
    /// Id of the group; unique in the page. Those of the boxes begin with it.
    #[prop(into)]
    id: String,
    /// The question.
    #[prop(into)]
    legend: String,
    #[prop(into, optional)] hint: String,
    choices: Vec<Choice>,
    /// Those that are ticked.
    #[prop(into)]
    chosen: Signal<Vec<String>>,
    /// What is wrong, if anything.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
    /// Called with a choice and whether it is ticked now.
    on_change: Callback<(String, bool)>,
) -> impl IntoView {
    let legend_id = format!("{id}-legend");
    let boxes = choices
        .into_iter()
        .map(|Choice { value, label, hint }| {
            let (box_id, own) = (format!("{id}-{}", value.replace(':', "-")), value.clone());
            let checked = Signal::derive(move || chosen.with(|chosen| chosen.contains(&own)));
            let on_change = Callback::new(move |is_ticked| on_change.run((value.clone(), is_ticked)));
            view! {
                <div class="fr-fieldset__element">
                    <Checkbox id=box_id label=move || label.clone() hint checked on_change />
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
                {legend}
                {(!hint.is_empty()).then(|| view! { <span class="fr-hint-text">{hint}</span> })}
            </legend>
            {boxes}
            <Messages id=id.clone() error />
        </fieldset>
    }
}

/// Radio buttons: one answer out of a few.
#[component]
pub fn RadioGroup(
    /// Id of the group; unique in the page. Those of the buttons begin with it.
    #[prop(into)]
    id: String,
    /// The question.
    #[prop(into)]
    legend: String,
    #[prop(into, optional)] hint: String,
    /// Whether an answer is needed.
    #[prop(optional)]
    required: bool,
    choices: Vec<Choice>,
    /// The one that is chosen; empty for none.
    #[prop(into)]
    value: Signal<String>,
    /// What is wrong, if anything.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
    /// Called with the new choice.
    #[prop(into)]
    on_change: Callback<String>,
) -> impl IntoView {
    let legend_id = format!("{id}-legend");
    let labelled_by = format!("{legend_id} {}", messages_id(&id));
    let buttons = choices
        .into_iter()
        .enumerate()
        .map(|(index, choice)| radio(&id, index, choice, value, on_change))
        .collect_view();
    view! {
        <fieldset
            class=move || if error.with(Option::is_some) { "fr-fieldset fr-fieldset--error" } else { "fr-fieldset" }
            id=id.clone()
            role="radiogroup"
            aria-labelledby=labelled_by
            aria-required=required.then_some("true")
            aria-invalid=move || error.with(Option::is_some).then_some("true")
        >
            <legend class="fr-fieldset__legend fr-fieldset__legend--regular" id=legend_id>
                {legend}
                {required.then(asterisk)}
                {(!hint.is_empty()).then(|| view! { <span class="fr-hint-text">{hint}</span> })}
            </legend>
            {buttons}
            <Messages id=id.clone() error />
        </fieldset>
    }
}

/// One button of the radio group `name`, at that place in it.
pub(super) fn radio(
    name: &str,
    index: usize,
    choice: Choice,
    value: Signal<String>,
    on_change: Callback<String>,
) -> impl IntoView + use<> {
    let id = format!("{name}-{index}");
    let own = choice.value.clone();
    let chosen = choice.value;
    view! {
        <div class="fr-fieldset__element">
            <div class="fr-radio-group">
                <input
                    type="radio"
                    id=id.clone()
                    name=name.to_owned()
                    value=chosen.clone()
                    prop:checked=move || value.with(|value| *value == own)
                    on:change=move |_| on_change.run(chosen.clone())
                />
                <label class="fr-label" for=id>
                    {choice.label}
                    {(!choice.hint.is_empty()).then(|| view! { <span class="fr-hint-text">{choice.hint}</span> })}
                </label>
            </div>
        </div>
    }
}

/// A drop-down list. Its first line is « Sélectionnez une réponse » with an empty value, unless it is complete without.
#[component]
pub fn Select(
    /// Id; unique in the page.
    #[prop(into)]
    id: String,
    #[prop(into)] label: String,
    #[prop(into, optional)] hint: String,
    /// Whether an answer is needed.
    #[prop(optional)]
    required: bool,
    /// The first line, for no answer.
    #[prop(into, default = "Sélectionnez une réponse".to_owned())]
    empty: String,
    /// There always is an answer: no first line.
    #[prop(optional)]
    complete: bool,
    #[prop(into)] choices: Signal<Vec<Choice>>,
    /// The one that is chosen; empty for none.
    #[prop(into)]
    value: Signal<String>,
    /// What is wrong, if anything.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
    /// Called with the new choice.
    #[prop(into)]
    on_change: Callback<String>,
) -> impl IntoView {
    let list = NodeRef::<leptos::html::Select>::new();
    // The options come after the list is made: the value is set again whenever either changes.
    Effect::new(move |_| {
        choices.track();
        let value = value.get();
        if let Some(list) = list.get() {
            list.set_value(&value);
        }
    });
    let option = move |choice: Choice| {
        let selected = value.with_untracked(|value| *value == choice.value);
        view! {
            <option value=choice.value selected=selected>
                {choice.label}
            </option>
        }
    };
    let options = move || choices.get().into_iter().map(option).collect_view();
    view! {
        <div class=move || {
            if error.with(Option::is_some) { "fr-select-group fr-select-group--error" } else { "fr-select-group" }
        }>
            <Label id=id.clone() label hint required />
            <select
                class=move || if error.with(Option::is_some) { "fr-select fr-select--error" } else { "fr-select" }
                id=id.clone()
                name=id.clone()
                node_ref=list
                aria-required=required.then_some("true")
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=messages_id(&id)
                on:change=move |event| {
                    on_change.run(event_target_value(&event));
                    if let Some(list) = list.get_untracked() {
                        list.set_value(&value.get_untracked());
                    }
                }
            >
                {(!complete).then(|| view! { <option value="">{empty}</option> })}
                {options}
            </select>
            <Messages id=id error />
        </div>
    }
}
