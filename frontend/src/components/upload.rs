//! A file to choose or to drop, and its way to the server.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{DragEvent, File, FileList, HtmlInputElement, Node};

use super::field::{Label, Messages, messages_id};

/// A field to choose one file, in a frame where it can be dropped.
#[component]
pub fn FileInput(
    /// Id; unique in the page.
    #[prop(into)]
    id: String,
    /// Label.
    #[prop(into)]
    label: String,
    /// What the file should contain, its formats and its limit.
    #[prop(into, optional)]
    hint: String,
    /// Whether a file is needed.
    #[prop(optional)]
    required: bool,
    /// File name endings with their dot, separated by commas.
    #[prop(into)]
    accept: String,
    /// What is wrong, if anything.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
    /// Called with the file.
    #[prop(into)]
    on_file: Callback<ChosenFile>,
) -> impl IntoView {
    let is_over = RwSignal::new(false);
    let are_several = RwSignal::new(false);
    let several = "Déposez un seul fichier à la fois.";
    let error = Signal::derive(move || if are_several.get() { Some(several.to_owned()) } else { error.get() });
    let take = move |files: Option<FileList>| {
        let Some(files) = files else { return };
        are_several.set(files.length() > 1);
        if let (Some(file), false) = (files.get(0), are_several.get_untracked()) {
            on_file.run(ChosenFile(file));
        }
    };
    view! {
        <div
            class="dp-drop fr-upload-group"
            class=("dp-drop--over", is_over)
            class=("fr-upload-group--error", move || error.with(Option::is_some))
            on:dragover=move |event| {
                if carries_files(&event) {
                    event.prevent_default();
                    is_over.set(true);
                }
            }
            on:dragleave=move |event| {
                if has_left(&event) {
                    is_over.set(false);
                }
            }
            on:drop=move |event| {
                is_over.set(false);
                if carries_files(&event) {
                    // The browser would open the file in the place of the page.
                    event.prevent_default();
                    take(event.data_transfer().and_then(|transfer| transfer.files()));
                }
            }
        >
            <Label id=id.clone() label hint required />
            <input
                type="file"
                class="fr-upload"
                id=id.clone()
                name=id.clone()
                accept=accept
                aria-required=required.then_some("true")
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=messages_id(&id)
                on:change=move |event| {
                    let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else {
                        return;
                    };
                    take(input.files());
                    // Emptied, so that the same file can be chosen again after a correction.
                    input.set_value("");
                }
            />
            <p class="dp-drop__hint fr-hint-text">
                {move || if is_over.get() { "Lâchez le fichier pour le joindre." } else { "Ou déposez le fichier dans ce cadre." }}
            </p>
            <Messages id=id.clone() error />
        </div>
    }
}

/// The file that was chosen.
#[derive(Clone, Debug)]
pub struct ChosenFile(pub File);

/// Whether what is dragged is a file, not some text of the page.
fn carries_files(event: &DragEvent) -> bool {
    event.data_transfer().is_some_and(|transfer| transfer.types().includes(&"Files".into(), 0))
}

/// Whether what is dragged has left the frame, not only moved over something in it.
fn has_left(event: &DragEvent) -> bool {
    let node = |target: Option<leptos::web_sys::EventTarget>| target.and_then(|target| target.dyn_into::<Node>().ok());
    let (frame, entered) = (node(event.current_target()), node(event.related_target()));
    !frame.is_some_and(|frame| frame.contains(entered.as_ref()))
}

/// How much of a file has gone, and the way to stop it.
#[component]
pub fn Transfer(
    /// Id of the button that stops it.
    #[prop(into)]
    id: String,
    /// Name of the file.
    #[prop(into)]
    filename: String,
    /// How much has gone.
    percent: Signal<u32>,
    /// Called to stop it.
    #[prop(into)]
    on_cancel: Callback<()>,
) -> impl IntoView {
    let progress_id = format!("{id}-progress");
    view! {
        <div class="dp-transfer">
            <label for=progress_id.clone()>
                {move || match percent.get() {
                    100 => format!("Vérification de «\u{a0}{filename}\u{a0}»…"),
                    percent => format!("Envoi de «\u{a0}{filename}\u{a0}»\u{a0}: {percent}\u{a0}%"),
                }}
            </label>
            <progress id=progress_id max="100" value=move || percent.get()></progress>
            <button type="button" class="fr-btn fr-btn--tertiary fr-btn--sm" id=id on:click=move |_| on_cancel.run(())>
                "Annuler l’envoi"
            </button>
        </div>
    }
}
