//! The files that a part of the form asks for.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::document::{Document, MAX_SIZE};
use shared::field::Field;
use shared::policy::{DocumentRequest, Section};

use crate::api::document_url;
use crate::browser;
use crate::components::date::{date_time, size};
use crate::components::upload::{ChosenFile, FileInput};
use crate::form::EnrollmentForm;
use crate::form::binding::field_id;

/// The files of one part of the form.
pub fn of(form: EnrollmentForm, section: Section) -> AnyView {
    let policy = form.policy();
    policy
        .documents
        .iter()
        .filter(|request| request.section == section)
        .map(|request| file(form, request))
        .collect_view()
        .into_any()
}

fn file(form: EnrollmentForm, request: &DocumentRequest) -> AnyView {
    let field = Field::Document(request.kind);
    let id = field_id(&field);
    let kind = request.kind;
    let is_busy = RwSignal::new(false);
    let progress = RwSignal::new(String::new());
    let refusal = RwSignal::new(None::<String>);
    let from_form = form.error(&field);
    let error = Signal::derive(move || refusal.get().or_else(|| from_form.get()));
    let present =
        move || form.base().with(|base| base.documents.iter().find(|document| document.kind == kind).cloned());
    let formats = request.formats.clone();
    let on_file = Callback::new(move |ChosenFile(file): ChosenFile| {
        let name = file.name();
        if let Err(problem) = check(&name, file.size(), &formats) {
            refusal.set(Some(problem));
            return;
        }
        refusal.set(None);
        is_busy.set(true);
        progress.set(format!("Envoi de «\u{a0}{name}\u{a0}» en cours…"));
        spawn_local(async move {
            let result = form.put_document(kind, file).await;
            is_busy.try_set(false);
            progress.try_set(if result.is_ok() {
                format!("«\u{a0}{name}\u{a0}» est joint à la demande.")
            } else {
                String::new()
            });
            refusal.try_set(result.err().map(|why| format!("Le fichier n’a pas été joint. {why}")));
        });
    });
    let input_id = id.clone();
    let remove = Callback::new(move |()| {
        is_busy.set(true);
        let input_id = input_id.clone();
        spawn_local(async move {
            let result = form.delete_document(kind).await;
            is_busy.try_set(false);
            progress.try_set(if result.is_ok() {
                "Le fichier est retiré de la demande.".to_owned()
            } else {
                String::new()
            });
            refusal.try_set(result.err());
            // The button that had the focus is gone.
            browser::focus_soon(input_id);
        });
    });
    let hint = format!(
        "{} Formats acceptés\u{a0}: {}. Taille maximale\u{a0}: 10\u{a0}Mo.",
        request.hint,
        request.formats.join(", ").to_ascii_uppercase()
    );
    let accept = request.formats.iter().map(|format| format!(".{format}")).collect::<Vec<_>>().join(",");
    view! {
        <div class="dp-file fr-mb-4w">
            <FileInput
                id
                label=kind.label()
                hint=hint.trim().to_owned()
                required=request.required
                accept
                is_busy
                error
                on_file
            />
            <p class="fr-text--sm fr-mb-0" role="status">
                {move || progress.get()}
            </p>
            {move || present().map(|document| current(form.id(), document, is_busy, remove))}
        </div>
    }
    .into_any()
}

/// The file that is there, with what can be done with it.
fn current(id: i64, document: Document, is_busy: RwSignal<bool>, remove: Callback<()>) -> AnyView {
    let details = format!("{}, reçu le {}", size(document.size), date_time(document.created_at));
    view! {
        <div class="dp-file__current">
            <p class="fr-mb-0">
                <a class="fr-link" rel="external" download="" href=document_url(id, document.kind)>
                    {document.filename.clone()}
                </a>
                <span class="fr-hint-text">
                    {details} ". Choisir un autre fichier le remplace."
                </span>
            </p>
            <button
                type="button"
                class="fr-btn fr-btn--tertiary fr-btn--sm fr-icon-delete-line fr-btn--icon-left"
                disabled=move || is_busy.get()
                on:click=move |_| remove.run(())
            >
                "Retirer"
                <span class="fr-sr-only">{format!(" le fichier {}", document.filename)}</span>
            </button>
        </div>
    }
    .into_any()
}

/// Whether a file may be sent: its format and its size.
fn check(name: &str, size: f64, formats: &[String]) -> Result<(), String> {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    if !formats.contains(&ending) {
        return Err(format!(
            "Ce format de fichier n’est pas accepté\u{a0}: joignez un fichier {}.",
            formats.join(" ou ").to_ascii_uppercase()
        ));
    }
    #[expect(clippy::cast_precision_loss, reason = "ten million is exact")]
    let limit = MAX_SIZE as f64;
    if size > limit {
        return Err("Ce fichier dépasse la taille maximale de 10\u{a0}Mo.".to_owned());
    }
    if size <= 0.0 {
        return Err("Ce fichier est vide.".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn format_and_size_are_checked_before_the_file_travels() {
        let formats = ["pdf".to_owned(), "png".to_owned()];
        assert!(check("Décret.PDF", 1_000.0, &formats).is_ok());
        assert!(check("décret.docx", 1_000.0, &formats).is_err());
        assert!(check("pdf", 1_000.0, &formats).is_err());
        assert!(check("a.pdf", 10_485_761.0, &formats).is_err());
        assert!(check("a.pdf", 0.0, &formats).is_err());
    }
}
