//! Exports the list to a file, with progress.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::web_sys::AbortController;

use super::state::ListState;
use crate::api::{self, ApiError, ListQuery};
use crate::browser;
use crate::components::alert::{Alert, Tone};

/// What a row takes in a file, in bytes, so that a length that nobody knows beforehand can be told roughly.
const CSV_ROW: f64 = 2_000.0;
const XLSX_ROW: f64 = 700.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Csv,
    Xlsx,
}

impl Format {
    const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// How much of so many rows those bytes are, in percent; never all of it before the end.
    fn percent(self, bytes: f64, rows: u64) -> u32 {
        let row = if self == Self::Csv { CSV_ROW } else { XLSX_ROW };
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let whole = (rows as f64 * row).max(1.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 99")]
        let percent = (bytes / whole * 100.0).clamp(0.0, 99.0) as u32;
        percent
    }
}

/// How far an export has come.
#[derive(Clone, Debug, PartialEq)]
enum Stage {
    Idle,
    Running(u32),
    Done(u64),
    Failed(ApiError),
}

/// An export on its way.
#[derive(Clone, Copy)]
struct Export {
    stage: RwSignal<Stage>,
    controller: StoredValue<Option<AbortController>, LocalStorage>,
}

impl Export {
    fn start(self, format: Format, query: &ListQuery) {
        if matches!(self.stage.get_untracked(), Stage::Running(_)) {
            return;
        }
        let Ok(stop) = AbortController::new() else { return };
        let signal = stop.signal();
        self.controller.set_value(Some(stop));
        self.stage.set(Stage::Running(0));
        browser::focus_soon("export-arret".to_owned());
        let url = format!("/api/enrollments/export.{}{}", format.extension(), query.to_query());
        spawn_local(async move {
            let on_progress = move |bytes, rows| {
                self.stage.try_set(Stage::Running(format.percent(bytes, rows)));
            };
            let outcome = match api::download::get(&url, &signal, on_progress).await {
                Ok(downloaded) => {
                    browser::save(&downloaded.file, &downloaded.name);
                    Stage::Done(downloaded.rows)
                }
                Err(_) if signal.aborted() => Stage::Idle,
                Err(error) => Stage::Failed(error),
            };
            self.stage.try_set(outcome);
            browser::focus_soon("export-csv".to_owned());
        });
    }

    fn stop(self) {
        self.controller.with_value(|stop| stop.as_ref().map(AbortController::abort));
    }
}

/// The buttons, then the progress.
#[component]
pub fn ExportPanel(
    /// The list that is shown.
    state: Memo<ListState>,
    /// What the list is asked for.
    #[prop(into)]
    query: Callback<ListState, ListQuery>,
) -> impl IntoView {
    let export = Export { stage: RwSignal::new(Stage::Idle), controller: StoredValue::new_local(None) };
    let start = move |format: Format| {
        let query = ListQuery { cursor: String::new(), limit: None, ..query.run(state.get_untracked()) };
        export.start(format, &query);
    };
    let button = move |format: Format, label: &'static str| {
        let id = format!("export-{}", format.extension());
        view! {
            <li>
                <button type="button" id=id class="fr-btn fr-btn--tertiary fr-btn--sm" on:click=move |_| start(format)>
                    {label}
                </button>
            </li>
        }
    };
    let buttons = move || {
        view! {
            <ul class="fr-btns-group fr-btns-group--inline fr-btns-group--sm">
                {button(Format::Csv, "Exporter la liste en CSV")}
                {button(Format::Xlsx, "Exporter la liste pour un tableur (XLSX)")}
            </ul>
        }
    };
    let is_running = Memo::new(move |_| matches!(export.stage.get(), Stage::Running(_)));
    view! {
        <div class="dp-no-print fr-mt-3w">
            {move || if is_running.get() { progress(export) } else { buttons().into_any() }}
            <div role="status">{move || outcome(export.stage.get())}</div>
        </div>
    }
}

fn progress(export: Export) -> AnyView {
    let percent = move || match export.stage.get() {
        Stage::Running(percent) => percent,
        Stage::Idle | Stage::Done(_) | Stage::Failed(_) => 100,
    };
    view! {
        <div class="dp-transfer">
            <label for="export-progres">
                {move || match percent() {
                    0 => "Préparation du fichier…".to_owned(),
                    percent => format!("Réception du fichier\u{a0}: {percent}\u{a0}% environ"),
                }}
            </label>
            <progress id="export-progres" max="100" value=percent></progress>
            <button
                type="button"
                id="export-arret"
                class="fr-btn fr-btn--tertiary fr-btn--sm"
                on:click=move |_| export.stop()
            >
                "Annuler l’export"
            </button>
        </div>
    }
    .into_any()
}

fn outcome(stage: Stage) -> AnyView {
    match stage {
        Stage::Done(rows) => {
            let rows = if rows == 1 { "1 demande".to_owned() } else { format!("{rows} demandes") };
            view! { <p>{format!("Le fichier est téléchargé\u{a0}: {rows}.")}</p> }.into_any()
        }
        Stage::Failed(error) => view! {
            <Alert tone=Tone::Error title="La liste n’a pas pu être exportée">
                <p>{error.message()}</p>
            </Alert>
        }
        .into_any(),
        Stage::Idle | Stage::Running(_) => ().into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_is_never_told_as_done_before_its_end() {
        assert_eq!(Format::Csv.percent(0.0, 100), 0);
        assert_eq!(Format::Csv.percent(100_000.0, 100), 50);
        assert_eq!(Format::Xlsx.percent(1e9, 100), 99);
        assert_eq!(Format::Xlsx.percent(10.0, 0), 99);
    }
}
