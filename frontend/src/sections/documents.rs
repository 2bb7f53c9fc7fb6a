//! The files that a part of the form asks for.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::web_sys::{AbortController, File};
use shared::document::{Document, DocumentType, check};
use shared::field::Field;
use shared::policy::{DocumentRequest, Section};

use crate::api::document_url;
use crate::browser;
use crate::components::date::{date_time, size};
use crate::components::modal::Confirm;
use crate::components::upload::{ChosenFile, FileInput, Transfer};
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

/// The file of that type that the server has.
fn present(form: EnrollmentForm, kind: DocumentType) -> Memo<Option<Document>> {
    let base = form.base();
    Memo::new(move |_| base.with(|base| base.documents.iter().find(|document| document.kind == kind).cloned()))
}

/// A file that is no longer asked for, where there is one.
fn past_file(form: EnrollmentForm, label: String, request: &DocumentRequest) -> AnyView {
    let present = present(form, request.kind);
    let hint = request.hint.clone();
    let id = form.id();
    view! {
        {move || {
            present
                .get()
                .map(|document| {
                    view! {
                        <div class="dp-file fr-mb-4w">
                            <p class="fr-mb-0">
                                {label.clone()} <span class="fr-hint-text">{hint.clone()}</span>
                            </p>
                            <div class="dp-file__current">{description(id, &document)}</div>
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

/// One file of the form: what is there, what is on its way, what went wrong.
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

    /// Sends a file, if it can be one that is asked for.
    async fn send(self, file: File) {
        if self.sending.with_untracked(Option::is_some) {
            self.refusal.set(Some("Attendez la fin de l’envoi en cours, ou annulez-le.".to_owned()));
            return;
        }
        let Ok(stop) = AbortController::new() else { return };
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
        let Some(sending) = self.sending.try_get_untracked().flatten() else { return };
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

    async fn remove(self) {
        let result = self.form.delete_document(self.kind()).await;
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
    let present = present(form, request.kind);
    let on_file = Callback::new(move |ChosenFile(file): ChosenFile| spawn_local(slot.send(file)));
    let hint = format!(
        "{} Formats acceptés\u{a0}: {}. Taille maximale\u{a0}: 10\u{a0}Mo.",
        request.hint,
        request.formats.join(", ").to_ascii_uppercase()
    );
    let accept = request.formats.iter().map(|format| format!(".{format}")).collect::<Vec<_>>().join(",");
    let is_removing = RwSignal::new(false);
    let question = Signal::derive(move || {
        let filename = present.get().map(|document| document.filename).unwrap_or_default();
        format!("Retirer «\u{a0}{filename}\u{a0}»\u{a0}?")
    });
    let sent_name = Memo::new(move |_| slot.sending.get().map(|sending| sending.filename));
    view! {
        <div class="dp-file fr-mb-4w">
            <FileInput id=id.clone() label hint=hint.trim().to_owned() required=request.required accept error on_file />
            {move || {
                sent_name
                    .get()
                    .map(|filename| {
                        view! {
                            <Transfer
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
            {move || present.get().map(|document| current(form.id(), &document, is_removing))}
            <Confirm
                id=format!("{id}-retirer")
                title=question
                open=is_removing
                confirm="Retirer le fichier"
                on_confirm=move |()| spawn_local(slot.remove())
            >
                <p>"Le fichier ne fera plus partie de la demande. Pour le remplacer, il suffit d’en choisir un autre."</p>
            </Confirm>
        </div>
    }
    .into_any()
}

/// The file that is there, with what can be done with it.
fn current(id: i64, document: &Document, is_removing: RwSignal<bool>) -> AnyView {
    view! {
        <div class="dp-file__current">
            {description(id, document)}
            <button
                type="button"
                class="fr-btn fr-btn--tertiary fr-btn--sm fr-icon-delete-line fr-btn--icon-left"
                on:click=move |_| is_removing.set(true)
            >
                "Retirer"
                <span class="fr-sr-only">{format!(" le fichier {}", document.filename)}</span>
            </button>
        </div>
    }
    .into_any()
}

fn description(id: i64, document: &Document) -> AnyView {
    let details = format!("{}, reçu le {}", size(document.size), date_time(document.created_at));
    view! {
        <p class="fr-mb-0">
            <a class="fr-link" rel="external" download="" href=document_url(id, document.kind)>
                {document.filename.clone()}
            </a>
            <span class="fr-hint-text">{details}</span>
        </p>
    }
    .into_any()
}
