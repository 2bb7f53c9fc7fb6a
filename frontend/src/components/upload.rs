//! A file input with a drop zone, and the progress of an upload.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::{DragEvent, Event, File, FileList, HtmlInputElement, Node};

use super::field::{Label, Messages, messages_id};

/// A field to choose files, one unless `multiple`, in a frame where they can be dropped.
#[component]
pub fn FileInput(
    /// Id; unique in the page.
    #[prop(into)]
    id: String,
    #[prop(into)] label: String,
    /// What the file should contain, its formats and its limit.
    #[prop(into, optional)]
    hint: String,
    /// Whether a file is needed.
    #[prop(optional)]
    required: bool,
    /// Whether several may be chosen at once.
    #[prop(optional)]
    multiple: bool,
    /// File name endings with their dot, separated by commas.
    #[prop(into)]
    accept: String,
    /// What is wrong, if anything.
    #[prop(into, optional)]
    error: Signal<Option<String>>,
    /// Called with the files; there is at least one.
    #[prop(into)]
    on_files: Callback<ChosenFiles>,
) -> impl IntoView {
    let is_over = RwSignal::new(false);
    let are_several = RwSignal::new(false);
    let several = "Déposez un seul fichier à la fois.";
    let error = Signal::derive(move || if are_several.get() { Some(several.to_owned()) } else { error.get() });
    let take = move |files: Option<FileList>| {
        let Some(files) = files else { return };
        are_several.set(files.length() > 1 && !multiple);
        let chosen: Vec<File> = (0..files.length()).filter_map(|index| files.get(index)).collect();
        if !chosen.is_empty() && !are_several.get_untracked() {
            on_files.run(ChosenFiles(chosen));
        }
    };
    let choose = move |event: Event| {
        let Some(input) = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok()) else { return };
        take(input.files());
        // Emptied, so that the same file can be chosen again after a correction.
        input.set_value("");
    };
    view! {
        <div
            class="dp-drop fr-upload-group"
            class=("dp-drop--over", is_over)
            class=("fr-upload-group--error", move || error.with(Option::is_some))
            on:dragover=move |event| if accepts_files(&event) { is_over.set(true) }
            on:dragleave=move |event| if has_left(&event) { is_over.set(false) }
            on:drop=move |event| {
                is_over.set(false);
                if accepts_files(&event) {
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
                multiple=multiple
                aria-required=required.then_some("true")
                aria-invalid=move || error.with(Option::is_some).then_some("true")
                aria-describedby=messages_id(&id)
                on:change=choose
            />
            <p class="dp-drop__hint fr-hint-text">
                {move || drop_hint(is_over.get(), multiple)}
            </p>
            <Messages id=id.clone() error />
        </div>
    }
}

const fn drop_hint(is_over: bool, multiple: bool) -> &'static str {
    match (is_over, multiple) {
        (true, false) => "Lâchez le fichier pour le joindre.",
        (true, true) => "Lâchez les fichiers pour les joindre.",
        (false, false) => "Ou déposez le fichier dans ce cadre.",
        (false, true) => "Ou déposez les fichiers dans ce cadre.",
    }
}

/// The files that were chosen.
#[derive(Clone, Debug)]
pub struct ChosenFiles(pub Vec<File>);

/// Whether what is dragged is a file, not some text of the page. The browser would open it in the place of the page.
fn accepts_files(event: &DragEvent) -> bool {
    let is_file = event.data_transfer().is_some_and(|transfer| transfer.types().includes(&"Files".into(), 0));
    if is_file {
        event.prevent_default();
    }
    is_file
}

/// Whether what is dragged has left the frame, not only moved over something in it.
fn has_left(event: &DragEvent) -> bool {
    let node = |target: Option<leptos::web_sys::EventTarget>| target.and_then(|target| target.dyn_into::<Node>().ok());
    let (frame, entered) = (node(event.current_target()), node(event.related_target()));
    !frame.is_some_and(|frame| frame.contains(entered.as_ref()))
}

/// How much of a file has gone, and the way to stop it.
#[component]
pub fn UploadProgress(
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
