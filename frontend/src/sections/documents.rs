//! The documents that a section asks for.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::web_sys::{AbortController, File};
use shared::document::{Document, DocumentType, ScanState, check};
use shared::field::Field;
use shared::policy::{DocumentRequest, Section};

use crate::api::documents::document_url;
use crate::browser;
use crate::components::date::{date_time, size};
use crate::components::dialog::ConfirmDialog;
use crate::components::upload::{ChosenFiles, FileInput, UploadProgress};
use crate::form::EnrollmentForm;
use crate::form::binding::field_id;

/// So many of a file's first bytes tell its format.
const HEAD: i32 = 16;

/// The files of one part of the form.
pub fn of(form: EnrollmentForm, section: Section) -> AnyView {
    let policy = form.policy();
    policy
        .documents
        .iter()
        .filter(|request| request.section == section)
        .map(|request| {
            let label = policy.label_of(&Field::Document(request.kind));
            if request.read_only { past_file(form, label, request) } else { file(form, label, request) }
        })
        .collect_view()
        .into_any()
}

/// The files of that type that the server has.
fn present(form: EnrollmentForm, kind: DocumentType) -> Memo<Vec<Document>> {
    let base = form.base();
    let of_kind = move |documents: &[Document]| -> Vec<Document> {
        documents.iter().filter(|document| document.kind == kind).cloned().collect()
    };
    Memo::new(move |_| base.with(|base| of_kind(&base.documents)))
}

/// Files that are no longer asked for, where there are any.
fn past_file(form: EnrollmentForm, label: String, request: &DocumentRequest) -> AnyView {
    let present = present(form, request.kind);
    let hint = request.hint.clone();
    let id = form.id();
    view! {
        {move || {
            let files = present.get();
            (!files.is_empty())
                .then(|| {
                    let files = files
                        .iter()
                        .map(|document| view! { <div class="dp-file__current">{description(id, document)}</div> })
                        .collect_view();
                    view! {
                        <div class="dp-file fr-mb-4w">
                            <p class="fr-mb-0">
                                {label.clone()} <span class="fr-hint-text">{hint.clone()}</span>
                            </p>
                            {files}
                        </div>
                    }
                })
        }}
    }
    .into_any()
}

/// A file on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sending {
    filename: String,
    was_cancelled: bool,
}

/// The files of one type: what is there, what is on its way, what went wrong.
#[derive(Clone, Copy)]
struct Slot {
    form: EnrollmentForm,
    request: StoredValue<DocumentRequest>,
    sending: RwSignal<Option<Sending>>,
    percent: RwSignal<u32>,
    /// Stops what is on its way.
    stop: StoredValue<Option<AbortController>, LocalStorage>,
    /// What has happened, for those who do not see it.
    news: RwSignal<String>,
    refusal: RwSignal<Option<String>>,
    present: Memo<Vec<Document>>,
}

impl Slot {
    fn new(form: EnrollmentForm, request: &DocumentRequest) -> Self {
        Self {
            form,
            request: StoredValue::new(request.clone()),
            sending: RwSignal::new(None),
            percent: RwSignal::new(0),
            stop: StoredValue::new_local(None),
            news: RwSignal::new(String::new()),
            refusal: RwSignal::new(None),
            present: present(form, request.kind),
        }
    }

    fn kind(self) -> DocumentType {
        self.request.with_value(|request| request.kind)
    }

    fn input_id(self) -> String {
        field_id(&Field::Document(self.kind()))
    }

    fn cancel_id(self) -> String {
        format!("{}-annuler", self.input_id())
    }

    /// Sends files, one after the other, as long as all is well.
    async fn send_all(self, files: Vec<File>) {
        if self.sending.with_untracked(Option::is_some) {
            self.refusal.set(Some("Attendez la fin de l’envoi en cours, ou annulez-le.".to_owned()));
            return;
        }
        let joined = self.present.with_untracked(Vec::len);
        let most = self.request.with_value(|request| request.max_files);
        if most > 1 && !self.request.with_value(|request| request.has_room(joined + files.len() - 1)) {
            let message = format!(
                "Joignez au plus {most} fichiers\u{a0}: retirez-en un avant d’en joindre un autre, ou choisissez-en moins."
            );
            self.refusal.set(Some(message));
            return;
        }
        for file in files {
            if !self.send(file).await {
                return;
            }
        }
    }

    /// Sends a file, if it can be one that is asked for. Whether it was joined.
    async fn send(self, file: File) -> bool {
        let Ok(stop) = AbortController::new() else { return false };
        let filename = file.name();
        self.refusal.set(None);
        self.percent.set(0);
        self.sending.set(Some(Sending { filename: filename.clone(), was_cancelled: false }));
        let signal = stop.signal();
        self.stop.set_value(Some(stop));
        let result = match self.checked(&file).await {
            Ok(()) => {
                self.news.try_set(format!("Envoi de «\u{a0}{filename}\u{a0}»"));
                let on_progress = move |percent| {
                    self.percent.try_set(percent);
                };
                let sent = self.form.put_document(self.kind(), file, signal, on_progress).await;
                sent.map_err(|why| format!("Le fichier n’a pas été joint. {why}"))
            }
            Err(problem) => Err(problem),
        };
        let Some(sending) = self.sending.try_get_untracked().flatten() else { return false };
        let is_joined = result.is_ok();
        let (news, refusal) = match result {
            Ok(()) => (format!("«\u{a0}{filename}\u{a0}» est joint à la demande."), None),
            Err(_) if sending.was_cancelled => ("L’envoi est annulé.".to_owned(), None),
            Err(problem) => (String::new(), Some(problem)),
        };
        self.news.set(news);
        self.refusal.set(refusal);
        // The button that may have the focus goes.
        if browser::has_focus(&self.cancel_id()) {
            browser::focus_soon(self.input_id());
        }
        self.sending.set(None);
        is_joined
    }

    async fn checked(self, file: &File) -> Result<(), String> {
        let head = browser::first_bytes(file, HEAD).await.ok_or_else(|| {
            "Ce fichier ne peut pas être lu\u{a0}: vérifiez qu’il est toujours à sa place et qu’il s’ouvre.".to_owned()
        })?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of bytes")]
        let size = file.size() as usize;
        self.request.with_value(|request| check(&file.name(), size, &head, &request.formats)).map(|_| ())
    }

    fn cancel(self) {
        self.sending.update(|sending| {
            if let Some(sending) = sending {
                sending.was_cancelled = true;
            }
        });
        self.stop.with_value(|stop| {
            if let Some(stop) = stop {
                stop.abort();
            }
        });
    }

    async fn remove(self, document: Document) {
        let result = self.form.delete_document(document).await;
        if result.is_ok() {
            // The button that had the focus is gone.
            browser::focus_soon(self.input_id());
        }
        let news = if result.is_ok() { "Le fichier est retiré de la demande." } else { "" };
        self.news.try_set(news.to_owned());
        self.refusal.try_set(result.err().map(|why| format!("Le fichier n’a pas été retiré. {why}")));
    }
}

fn file(form: EnrollmentForm, label: String, request: &DocumentRequest) -> AnyView {
    let slot = Slot::new(form, request);
    let id = slot.input_id();
    let from_form = form.error(&Field::Document(request.kind));
    let error = Signal::derive(move || slot.refusal.get().or_else(|| from_form.get()));
    let on_files = Callback::new(move |ChosenFiles(files): ChosenFiles| spawn_local(slot.send_all(files)));
    let accept = request.formats.iter().map(|format| format!(".{format}")).collect::<Vec<_>>().join(",");
    let is_removing = RwSignal::new(false);
    let removed = RwSignal::new(None::<Document>);
    let question = Signal::derive(move || {
        let filename = removed.get().map(|document| document.filename).unwrap_or_default();
        format!("Retirer «\u{a0}{filename}\u{a0}»\u{a0}?")
    });
    let on_confirm = Callback::new(move |()| {
        if let Some(document) = removed.get_untracked() {
            spawn_local(slot.remove(document));
        }
    });
    let on_remove = Callback::new(move |document| {
        removed.set(Some(document));
        is_removing.set(true);
    });
    let sent_name = Memo::new(move |_| slot.sending.get().map(|sending| sending.filename));
    let multiple = request.max_files > 1;
    view! {
        <div class="dp-file fr-mb-4w">
            <FileInput id=id.clone() label hint=request.help() required=request.required multiple accept error on_files />
            {move || {
                sent_name
                    .get()
                    .map(|filename| {
                        view! {
                            <UploadProgress
                                id=slot.cancel_id()
                                filename
                                percent=slot.percent.into()
                                on_cancel=move |()| slot.cancel()
                            />
                        }
                    })
            }}
            <p class="fr-text--sm fr-mb-0" class=("fr-sr-only", move || sent_name.with(Option::is_some)) role="status">
                {move || slot.news.get()}
            </p>
            {move || current(form.id(), slot.present.get(), on_remove)}
            <ConfirmDialog
                id=format!("{id}-retirer")
                title=question
                open=is_removing
                confirm="Retirer le fichier"
                on_confirm
            >
                <p>
                    {if multiple {
                        "Le fichier ne fera plus partie de la demande."
                    } else {
                        "Le fichier ne fera plus partie de la demande. Pour le remplacer, il suffit d’en choisir un autre."
                    }}
                </p>
            </ConfirmDialog>
        </div>
    }
    .into_any()
}

/// The files that are there, with what can be done with each: a list where they are several.
fn current(id: i64, documents: Vec<Document>, on_remove: Callback<Document>) -> AnyView {
    let are_several = documents.len() > 1;
    let lines = documents.into_iter().map(|document| {
        let description = description(id, &document);
        let name = format!(" le fichier {}", document.filename);
        view! {
            <div class="dp-file__current" role=are_several.then_some("listitem")>
                {description}
                <button
                    type="button"
                    class="fr-btn fr-btn--tertiary fr-btn--sm fr-icon-delete-line fr-btn--icon-left"
                    on:click=move |_| on_remove.run(document.clone())
                >
                    "Retirer"
                    <span class="fr-sr-only">{name}</span>
                </button>
            </div>
        }
    });
    let lines = lines.collect_view();
    view! {
        <div role=are_several.then_some("list") aria-label=are_several.then_some("Fichiers joints")>
            {lines}
        </div>
    }
    .into_any()
}

fn description(id: i64, document: &Document) -> AnyView {
    let details = format!("{}, reçu le {}", size(document.size), date_time(document.created_at));
    let filename = document.filename.clone();
    let name = match document.obstacle() {
        Some(_) => view! { <span class="dp-break">{filename}</span> }.into_any(),
        None => view! {
            <a class="fr-link" rel="external" download="" href=document_url(id, document)>
                {filename}
            </a>
        }
        .into_any(),
    };
    view! {
        <div>
            <p class="fr-mb-0">{name} <span class="fr-hint-text">{details}</span></p>
            {obstacle(document)}
        </div>
    }
    .into_any()
}

/// Why a file cannot be opened, where it cannot.
fn obstacle(document: &Document) -> Option<AnyView> {
    let class = match document.scan {
        Some(ScanState::Infected) => "fr-message fr-message--error",
        Some(ScanState::Pending | ScanState::Clean) | None => "fr-message fr-message--info",
    };
    document.obstacle().map(|text| view! { <p class=class>{text}</p> }.into_any())
}
