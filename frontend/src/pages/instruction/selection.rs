//! Bulk actions on selected requests.

use std::collections::BTreeSet;

use leptos::prelude::*;
use shared::api::EnrollmentRow;
use shared::queue::{AssignmentOutcome, Assignments};
use shared::user::{Role, User};

use crate::api::{self, Answer, ApiError};
use crate::components::alert::{Alert, Tone};
use crate::components::dialog::ConfirmDialog;
use crate::components::field::TextArea;
use crate::pages::request::assignment::HandOverButton;
use crate::submission::Submission;

/// The requests that are chosen.
#[derive(Clone, Copy, Debug)]
pub struct Selection(RwSignal<BTreeSet<i64>>);

impl Selection {
    /// None yet.
    pub fn new() -> Self {
        Self(RwSignal::new(BTreeSet::new()))
    }

    /// Chooses none.
    pub fn clear(self) {
        if self.0.with_untracked(|chosen| !chosen.is_empty()) {
            self.0.update(BTreeSet::clear);
        }
    }

    /// The box of one request.
    pub fn one(self, id: i64) -> AnyView {
        let checked = Signal::derive(move || self.0.with(|chosen| chosen.contains(&id)));
        let on_change = Callback::new(move |is_chosen| {
            self.0.update(|chosen| {
                if is_chosen {
                    chosen.insert(id);
                } else {
                    chosen.remove(&id);
                }
            });
        });
        tick(
            format!("choisir-{id}"),
            format!("Sélectionner la demande n°\u{a0}{id}"),
            "dp-box-only",
            checked,
            on_change,
        )
    }

    /// The box of all the requests of a page.
    pub fn whole_page(self, ids: Vec<i64>, id: &str, class: &'static str) -> AnyView {
        let of_page: BTreeSet<i64> = ids.into_iter().collect();
        let all = of_page.clone();
        let checked = Signal::derive(move || self.0.with(|chosen| *chosen == all));
        let on_change = Callback::new(move |is_chosen| {
            self.0.set(if is_chosen { of_page.clone() } else { BTreeSet::new() });
        });
        tick(id.to_owned(), "Tout sélectionner sur cette page".to_owned(), class, checked, on_change)
    }
}

/// A box whose label is for screen readers where there is no room for it.
fn tick(id: String, label: String, class: &'static str, checked: Signal<bool>, on_change: Callback<bool>) -> AnyView {
    view! {
        <div class=format!("fr-checkbox-group fr-checkbox-group--sm {class}")>
            <input
                type="checkbox"
                id=id.clone()
                prop:checked=move || checked.get()
                on:change=move |event| on_change.run(event_target_checked(&event))
            />
            <label class="fr-label" for=id>
                {label}
            </label>
        </div>
    }
    .into_any()
}

/// What has been done with several requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Report {
    done: usize,
    failed: Vec<(i64, String)>,
    failure: Option<String>,
}

impl Report {
    fn of(outcomes: Result<Vec<AssignmentOutcome>, ApiError>) -> Self {
        match outcomes {
            Err(error) => Self { failure: Some(error.message()), ..Self::default() },
            Ok(outcomes) => {
                let done = outcomes.iter().filter(|outcome| outcome.error.is_none()).count();
                let failed = outcomes.into_iter().filter_map(|outcome| Some((outcome.id, outcome.error?))).collect();
                Self { done, failed, failure: None }
            }
        }
    }

    fn title(&self, verb: &str) -> String {
        match (self.done, &self.failure) {
            (_, Some(_)) => "L’action n’a pas abouti".to_owned(),
            (0, None) => format!("Aucune demande {verb}e"),
            (1, None) => format!("1 demande {verb}e"),
            (done, None) => format!("{done} demandes {verb}es"),
        }
    }
}

/// How many requests are chosen.
fn counted(chosen: &BTreeSet<i64>) -> String {
    match chosen.len() {
        0 => String::new(),
        1 => "1 demande sélectionnée".to_owned(),
        count => format!("{count} demandes sélectionnées"),
    }
}

/// The bar under which the chosen requests are acted on. It says what became of each.
#[component]
pub fn BulkBar(
    /// The requests that are chosen.
    selection: Selection,
    /// The requests of the page.
    rows: Signal<Vec<EnrollmentRow>>,
    /// Who acts.
    user: User,
    /// Called once something was done.
    on_done: Callback<()>,
) -> impl IntoView {
    let Selection(chosen) = selection;
    let report = RwSignal::new(None::<(&'static str, Report)>);
    let submission = Submission::of_button(BAR_ID);
    let asks_archive = RwSignal::new(false);
    let finish = move |verb: &'static str, outcomes| {
        report.set(Some((verb, Report::of(outcomes))));
        selection.clear();
        on_done.run(());
    };
    let assign = Callback::new(move |(verb, user_id): (&'static str, Option<i64>)| {
        let ids = chosen.with_untracked(|chosen| chosen.iter().copied().collect());
        let call = api::queue::assign_all(Assignments { ids, user_id });
        submission.send_then(call, move |answer| finish(verb, answer));
    });
    let on_archive = Callback::new(move |reason: String| {
        submission.send_then(Answer::of(archive_all(chosen.get_untracked(), reason)), move |answer| {
            finish("archivé", answer)
        });
    });
    let is_empty = Memo::new(move |_| chosen.with(BTreeSet::is_empty));
    let buttons = move || {
        let user = user.clone();
        (!is_empty.get()).then(|| view! { <BulkButtons selection rows user submission assign asks_archive /> })
    };
    let state = move || if submission.is_sending() { "Action en cours…".to_owned() } else { chosen.with(counted) };
    view! {
        <div class="dp-bulk dp-no-print" id=BAR_ID tabindex="-1">
            <p role="status" class="fr-text--bold fr-mb-1w">
                {state}
            </p>
            {buttons}
            <div aria-live="polite">{move || report.get().map(|(verb, report)| outcome(verb, report))}</div>
        </div>
        <ArchiveDialog chosen open=asks_archive on_archive />
    }
}

async fn archive_all(ids: BTreeSet<i64>, reason: String) -> Result<Vec<AssignmentOutcome>, ApiError> {
    let mut outcomes = Vec::new();
    for id in ids {
        let error = api::queue::archive(id, reason.clone()).await.err();
        outcomes.push(AssignmentOutcome { id, error: error.map(|error| error.message()) });
    }
    Ok(outcomes)
}

#[component]
fn BulkButtons(
    selection: Selection,
    rows: Signal<Vec<EnrollmentRow>>,
    user: User,
    submission: Submission,
    /// Called with what is said of it and the instructor who takes care of the requests from now on.
    assign: Callback<(&'static str, Option<i64>)>,
    asks_archive: RwSignal<bool>,
) -> impl IntoView {
    let Selection(chosen) = selection;
    // Only the requests of one API can be handed over together.
    let only_api = Memo::new(move |_| {
        let apis: BTreeSet<String> = rows.with(|rows| {
            let of_chosen = rows.iter().filter(|row| chosen.with(|chosen| chosen.contains(&row.id)));
            of_chosen.map(|row| row.target_api.clone()).collect()
        });
        if apis.len() == 1 { apis.into_iter().next() } else { None }
    });
    let me = user.id;
    let is_instructor = user.roles.iter().any(|role| matches!(role, Role::Instructor { .. }));
    let hand_over = move || {
        only_api.get().filter(|api| user.is_instructor(api)).map(|target_api| {
            let on_choose = Callback::new(move |id| assign.run(("attribué", Some(id))));
            view! {
                <li>
                    <HandOverButton target_api except=me on_choose />
                </li>
            }
        })
    };
    let button = |label: &'static str, act: Callback<()>| {
        view! {
            <li>
                <button
                    type="button"
                    class="fr-btn fr-btn--secondary fr-btn--sm"
                    aria-disabled=move || submission.is_sending().then_some("true")
                    on:click=move |_| act.run(())
                >
                    {label}
                </button>
            </li>
        }
    };
    let take = Callback::new(move |()| assign.run(("attribué", Some(me))));
    let give_back = Callback::new(move |()| assign.run(("rendu", None)));
    view! {
        <ul class="fr-btns-group fr-btns-group--inline fr-btns-group--sm dp-bulk__buttons">
            {is_instructor.then(|| button("Je m’en occupe", take))} {is_instructor.then_some(hand_over)}
            {is_instructor.then(|| button("Rendre", give_back))}
            {button("Archiver…", Callback::new(move |()| asks_archive.set(true)))}
            {button("Tout désélectionner", Callback::new(move |()| selection.clear()))}
        </ul>
    }
}

#[component]
fn ArchiveDialog(
    chosen: RwSignal<BTreeSet<i64>>,
    open: RwSignal<bool>,
    /// Called with the comment.
    on_archive: Callback<String>,
) -> impl IntoView {
    let reason = RwSignal::new(String::new());
    let on_confirm = Callback::new(move |()| on_archive.run(std::mem::take(&mut *reason.write())));
    view! {
        <ConfirmDialog
            id="archiver-plusieurs"
            title="Archiver les demandes sélectionnées\u{a0}?"
            open
            confirm="Archiver"
            on_confirm
        >
            <p>{move || format!("{}. Elles sortiront des listes et ne pourront plus être traitées.", chosen.with(counted))}</p>
            <TextArea
                id="archiver-raison"
                label="Commentaire (facultatif)"
                hint="Il est conservé dans l’historique de chaque demande, que le demandeur lit."
                rows=3
                value=reason
                on_input=move |text: String| reason.set(text)
            />
        </ConfirmDialog>
    }
}

/// Id of the bar.
const BAR_ID: &str = "selection";

fn outcome(verb: &str, report: Report) -> AnyView {
    let is_whole = report.failed.is_empty() && report.failure.is_none();
    let lines = report
        .failed
        .iter()
        .map(|(id, why)| view! { <li>{format!("Demande n°\u{a0}{id}\u{a0}: {why}")}</li> })
        .collect_view();
    view! {
        <Alert tone=if is_whole { Tone::Success } else { Tone::Warning } title=report.title(verb)>
            {report.failure.map(|failure| view! { <p>{failure}</p> })}
            {(!report.failed.is_empty()).then(|| view! { <ul>{lines}</ul> })}
        </Alert>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_counts_what_was_done_and_says_why_the_rest_was_not() {
        let outcomes = vec![
            AssignmentOutcome { id: 1, error: None },
            AssignmentOutcome { id: 2, error: Some("Non.".to_owned()) },
            AssignmentOutcome { id: 3, error: None },
        ];
        let report = Report::of(Ok(outcomes));
        assert_eq!(report.title("archivé"), "2 demandes archivées");
        assert_eq!(report.failed, [(2, "Non.".to_owned())]);
        assert_eq!(Report::default().title("rendu"), "Aucune demande rendue");
        assert_eq!(Report::of(Err(ApiError::Network)).title("rendu"), "L’action n’a pas abouti");
    }
}
