//! Text fields with their label, hint and error.

use std::collections::BTreeMap;

use leptos::prelude::*;

/// What somebody has said of fields, by the id of the field; who draws a form may put it in context. It stands with the
/// field's own messages.
#[derive(Clone, Copy)]
pub struct Remarks(pub StoredValue<BTreeMap<String, Vec<String>>>);

fn remarks_of(id: &str) -> Vec<String> {
    let all = use_context::<Remarks>();
    all.and_then(|all| all.0.with_value(|all| all.get(id).cloned())).unwrap_or_default()
}

/// The messages of a field. The box is always there, so that screen readers notice what appears in it.
#[component]
pub fn Messages(
    /// Id of the field.
    #[prop(into)]
    id: String,
    /// What is wrong, if anything.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// What to think of, if anything: it is no error.
    #[prop(into, optional)]
    remark: Signal<Option<String>>,
) -> impl IntoView {
    let message_id = format!("{id}-error");
    let said = remarks_of(&id)
        .into_iter()
        .map(|said| view! { <p class="fr-message dp-asked dp-text">{format!("À reprendre\u{a0}: {said}")}</p> })
        .collect_view();
    view! {
        <div class="fr-messages-group" id=messages_id(&id) aria-live="polite">
            {said}
            {move || {
                error
                    .get()
                    .map(|error| {
                        view! {
                            <p class="fr-message fr-message--error" id=message_id.clone()>
                                {error}
                            </p>
                        }
                    })
            }}
            {move || remark.get().map(|remark| view! { <p class="fr-message fr-message--info">{remark}</p> })}
        </div>
    }
}

/// Id of the messages of a field, for `aria-describedby`.
pub fn messages_id(id: &str) -> String {
    format!("{id}-messages")
}

/// A label with its hint; required fields get an asterisk.
#[component]
pub fn Label(
    /// Id of the field.
    #[prop(into)]
    id: String,
    #[prop(into)] label: String,
    #[prop(into, optional)] hint: String,
    /// Whether an answer is needed.
    #[prop(optional)]
    required: bool,
) -> impl IntoView {
    view! {
        <label class="fr-label" for=id>
            {label}
            {required.then(asterisk)}
            {(!hint.is_empty()).then(|| view! { <span class="fr-hint-text">{hint}</span> })}
        </label>
    }
}

/// The mark of a required field; screen readers hear `aria-required` or « obligatoire » instead.
pub fn asterisk() -> impl IntoView {
    view! { <span class="dp-required" aria-hidden="true">"\u{a0}*"</span> }
}

/// One line of text.
#[component]
pub fn TextInput(
    /// Id; unique in the page.
    #[prop(into)]
    id: String,
    #[prop(into)] label: String,
    #[prop(into, optional)] hint: String,
    /// Whether an answer is needed.
    #[prop(optional)]
    required: bool,
    #[prop(into)] value: Signal<String>,
    /// What is wrong, if anything.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
    /// What to think of, if anything: it is no error.
    #[prop(into, optional)]
    remark: Signal<Option<String>>,
    /// Called as one types.
    #[prop(into)]
    on_input: Callback<String>,
    /// Called when one leaves the field.
    #[prop(into, optional)]
    on_blur: Option<Callback<()>>,
    /// `text`, `email`, `tel`, `url`, `date`, `number`, `search`.
    #[prop(default = "text")]
    kind: &'static str,
    /// What the browser may fill it with.
    #[prop(optional)]
    autocomplete: Option<&'static str>,
    /// The keyboard that a phone shows.
    #[prop(default = "text")]
    inputmode: &'static str,
    /// Id of a list of suggestions.
    #[prop(into, optional)]
    list: Option<String>,
    /// Whether it can only be read.
    #[prop(optional)]
    readonly: bool,
) -> impl IntoView {
    let input = view! {
        <input
            class=move || if error.with(Option::is_some) { "fr-input fr-input--error" } else { "fr-input" }
            id=id.clone()
            name=id.clone()
            type=kind
            readonly=readonly
            autocomplete=autocomplete
            inputmode=inputmode
            list=list
            aria-required=required.then_some("true")
            aria-invalid=move || error.with(Option::is_some).then_some("true")
            aria-describedby=messages_id(&id)
            prop:value=move || value.get()
            on:input=move |event| on_input.run(event_target_value(&event))
            on:blur=move |_| if let Some(on_blur) = on_blur { on_blur.run(()) }
        />
    };
    input_group(&id, label, hint, required, error, remark, input.into_any())
}

/// Several lines of text.
#[component]
pub fn TextArea(
    /// Id; unique in the page.
    #[prop(into)]
    id: String,
    #[prop(into)] label: String,
    #[prop(into, optional)] hint: String,
    /// Whether an answer is needed.
    #[prop(optional)]
    required: bool,
    #[prop(into)] value: Signal<String>,
    /// What is wrong, if anything.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
    /// Called as one types.
    #[prop(into)]
    on_input: Callback<String>,
    /// What to think of, if anything: it is no error.
    #[prop(into, optional)]
    remark: Signal<Option<String>>,
    /// Called when one leaves the field.
    #[prop(into, optional)]
    on_blur: Option<Callback<()>>,
    /// Height, in lines.
    #[prop(default = 5)]
    rows: u32,
) -> impl IntoView {
    let input = view! {
        <textarea
            class=move || if error.with(Option::is_some) { "fr-input fr-input--error" } else { "fr-input" }
            id=id.clone()
            name=id.clone()
            rows=rows
            aria-required=required.then_some("true")
            aria-invalid=move || error.with(Option::is_some).then_some("true")
            aria-describedby=messages_id(&id)
            prop:value=move || value.get()
            on:input=move |event| on_input.run(event_target_value(&event))
            on:blur=move |_| if let Some(on_blur) = on_blur { on_blur.run(()) }
        ></textarea>
    };
    input_group(&id, label, hint, required, error, remark, input.into_any())
}

fn input_group(
    id: &str,
    label: String,
    hint: String,
    required: bool,
    error: Signal<Option<String>>,
    remark: Signal<Option<String>>,
    input: AnyView,
) -> AnyView {
    view! {
        <div class=move || {
            if error.with(Option::is_some) { "fr-input-group fr-input-group--error" } else { "fr-input-group" }
        }>
            <Label id=id.to_owned() label hint required />
            {input}
            <Messages id=id.to_owned() error remark />
        </div>
    }
    .into_any()
}
