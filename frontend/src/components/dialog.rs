//! A modal dialog, on the browser's own `<dialog>`: it keeps the focus, Escape closes it, and the focus goes back to
//! where it was.

use leptos::html;
use leptos::prelude::*;

/// A modal dialog. Its content is made anew each time it opens.
#[component]
pub fn Dialog(
    /// Id; unique in the page.
    #[prop(into)]
    id: String,
    #[prop(into)] title: Signal<String>,
    /// Whether it is open. Escape and « Fermer » set it to false.
    open: RwSignal<bool>,
    /// The buttons under the content; the first is the main one.
    #[prop(into, optional)]
    actions: Option<ViewFn>,
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        let is_open = open.get();
        let Some(dialog) = dialog.get() else { return };
        if is_open && !dialog.open() {
            let _ = dialog.show_modal();
        } else if !is_open && dialog.open() {
            dialog.close();
        }
    });
    let title_id = format!("{id}-title");
    let labelled_by = title_id.clone();
    let children = StoredValue::new(children);
    let actions = StoredValue::new(actions);
    view! {
        <dialog
            id=id
            class=move || if open.get() { "fr-modal fr-modal--opened" } else { "fr-modal" }
            node_ref=dialog
            aria-labelledby=labelled_by
            on:close=move |_| open.set(false)
        >
            <div class="fr-container fr-container--fluid fr-container-md">
                <div class="fr-grid-row fr-grid-row--center">
                    <div class="fr-col-12 fr-col-md-8">
                        <div class="fr-modal__body">
                            <div class="fr-modal__header">
                                <button type="button" class="fr-btn--close fr-btn" on:click=move |_| open.set(false)>
                                    "Fermer"
                                </button>
                            </div>
                            <div class="fr-modal__content">
                                <h2 class="fr-modal__title" id=title_id>
                                    {move || title.get()}
                                </h2>
                                {move || open.get().then(|| children.with_value(|children| children()))}
                            </div>
                            {move || {
                                open.get()
                                    .then(|| actions.with_value(|actions| actions.as_ref().map(ViewFn::run)))
                                    .flatten()
                                    .map(|actions| {
                                        view! {
                                            <div class="fr-modal__footer">
                                                <div class="fr-btns-group fr-btns-group--right fr-btns-group--inline-reverse fr-btns-group--inline-lg">
                                                    {actions}
                                                </div>
                                            </div>
                                        }
                                    })
                            }}
                        </div>
                    </div>
                </div>
            </div>
        </dialog>
    }
}

/// A small button that opens a dialog about one item of a list.
#[component]
pub fn DialogButton(
    /// What it does.
    label: &'static str,
    /// To which thing, for those who hear the buttons one after another.
    about: String,
    /// Called to open the dialog.
    #[prop(into)]
    on_ask: Callback<()>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="fr-btn fr-btn--tertiary fr-btn--sm"
            aria-haspopup="dialog"
            on:click=move |_| on_ask.run(())
        >
            {label}
            <span class="fr-sr-only">{about}</span>
        </button>
    }
}

/// A question with two answers before something that cannot be undone.
#[component]
pub fn ConfirmDialog(
    /// Id; unique in the page.
    #[prop(into)]
    id: String,
    /// The question.
    #[prop(into)]
    title: Signal<String>,
    /// Whether it is asked.
    open: RwSignal<bool>,
    /// What the main button says.
    #[prop(into)]
    confirm: String,
    /// Called when the answer is yes, once the dialog is closed.
    #[prop(into)]
    on_confirm: Callback<()>,
    /// What will happen.
    children: ChildrenFn,
) -> impl IntoView {
    let actions = ViewFn::from(move || {
        let confirm = confirm.clone();
        view! {
            <button
                type="button"
                class="fr-btn"
                on:click=move |_| {
                    open.set(false);
                    on_confirm.run(());
                }
            >
                {confirm}
            </button>
            <button type="button" class="fr-btn fr-btn--secondary" on:click=move |_| open.set(false)>
                "Annuler"
            </button>
        }
    });
    view! {
        <Dialog id title open actions>
            {children()}
        </Dialog>
    }
}
