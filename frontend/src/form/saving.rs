//! Saves the draft and its files, submits it, and recovers from what fails.

use gloo_timers::callback::Timeout;
use gloo_timers::future::TimeoutFuture;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::web_sys::{AbortSignal, File};
use shared::change_state::ChangeState;
use shared::document::{Document, DocumentType, ScanState};
use shared::draft::Draft;
use shared::enrollment::Enrollment;
use shared::field::Field;
use shared::problem::ErrorCode;
use shared::workflow::{Action, Status};

use super::autosave::{Command, Event, Phase};
use super::trial::NOTHING_IS_SENT;
use super::{Conflict, EnrollmentForm, Purpose, backup, merge, patch};
use crate::api::{self, ApiError};
use crate::browser;

/// How often a file looks whether the save before it is over, in milliseconds.
const POLL_MS: u32 = 60;

/// How long the antivirus is given at first, and between two questions at most, in milliseconds.
const FIRST_SCAN_MS: u32 = 1_000;
const LAST_SCAN_MS: u32 = 30_000;

fn is_scan_awaited(enrollment: &Enrollment) -> bool {
    enrollment.documents.iter().any(|document| document.scan == Some(ScanState::Pending))
}

/// How a submission ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubmitOutcome {
    /// The instructors have it.
    Done,
    /// There are errors, listed at the top.
    Incomplete,
    /// It did not go; the save bar says why.
    Failed,
}

impl EnrollmentForm {
    /// Feeds the state machine, and does what it says.
    pub(super) fn dispatch(self, event: Event) {
        let command = self.autosave.try_update(|autosave| autosave.on(event)).flatten();
        match command {
            Some(Command::Wait(milliseconds)) => {
                let timer = Timeout::new(milliseconds, move || self.dispatch(Event::Due));
                self.timer.try_set_value(Some(timer));
            }
            Some(Command::Send) => {
                self.timer.try_set_value(None);
                spawn_local(self.send());
            }
            None => {}
        }
    }

    /// Saves now what waits to be saved.
    pub fn flush(self) {
        self.dispatch(Event::Flush);
    }

    /// Goes on after the user has signed in again.
    pub fn signed_in_again(self) {
        self.dispatch(Event::SignedIn);
    }

    /// Follows the page: the network that comes back, the tab that goes away, the page that is left.
    pub(super) fn watch(self) {
        let online = window_event_listener(ev::online, move |_| self.flush());
        let hidden = window_event_listener_untyped("visibilitychange", move |_| {
            if document().hidden() {
                self.flush();
            }
        });
        let leaving = window_event_listener(ev::beforeunload, move |event| {
            if self.is_unsafe_to_leave() {
                event.prevent_default();
            }
        });
        let (id, base, draft, autosave) = (self.id(), self.base, self.draft, self.autosave);
        on_cleanup(move || {
            online.remove();
            hidden.remove();
            leaving.remove();
            // Another page of the application: what waited is sent on the way out; if that fails, the browser has it.
            if let (Some(Phase::Waiting | Phase::Lost), Some(base), Some(draft)) = (
                autosave.try_get_untracked().map(|autosave| autosave.phase()),
                base.try_get_untracked(),
                draft.try_get_untracked(),
            ) {
                let patch = patch::patch(&base.content, &draft);
                spawn_local(async move {
                    if let Ok(saved) = api::update_enrollment(id, base.version, patch).await {
                        backup::settle(&saved);
                    }
                });
            }
        });
    }

    async fn send(self) {
        let (Some(base), Some(draft)) = (self.base.try_get_untracked(), self.draft.try_get_untracked()) else { return };
        let sent = patch::to_send(&draft);
        let patch = patch::patch(&base.content, &sent);
        if patch.is_empty() {
            backup::settle(&base);
            self.dispatch(Event::Saved);
            return;
        }
        let answer = api::update_enrollment(base.id, base.version, patch).await;
        match answer {
            Ok(saved) => self.accept(saved, &sent),
            Err(error) => self.explain(error).await,
        }
    }

    /// Takes in what the server has made of what was sent.
    fn accept(self, saved: Enrollment, sent: &Draft) {
        backup::settle(&saved);
        let Some(mine) = self.draft.try_get_untracked() else { return };
        let merged = merge::rebase(sent, &mine, &saved.content);
        let is_all_saved = patch::patch(&saved.content, &merged).is_empty();
        self.base.set(saved);
        if merged != mine {
            self.draft.set(merged);
        }
        if !is_all_saved {
            self.keep();
        }
        self.saved_at.set(Some(browser::now()));
        self.refusal.set(None);
        self.restored_at.set(None);
        self.dispatch(Event::Saved);
    }

    /// Draws the consequences of a call that failed.
    async fn explain(self, error: ApiError) {
        match &error {
            error if error.is_passing() => {
                self.refusal.try_set(Some(error.message()));
                self.dispatch(Event::Lost);
            }
            error if error.code() == Some(ErrorCode::StaleVersion) => self.reconcile().await,
            error if error.code() == Some(ErrorCode::Unauthorized) => self.dispatch(Event::SignedOut),
            ApiError::Network => {}
            ApiError::Api(problem) => {
                let fields = self.draft.try_with_untracked(|draft| error.fields(draft)).unwrap_or_default();
                let is_located = !fields.is_empty() && fields.len() == problem.errors.len();
                self.refusal.try_set(Some(if is_located { problem.detail.clone() } else { error.message() }));
                self.server_errors.try_set(fields);
                self.dispatch(Event::Refused);
            }
        }
    }

    /// Somebody else was faster: takes their changes in, and asks where they touch the user's own.
    async fn reconcile(self) {
        let Some(base) = self.base.try_get_untracked() else { return };
        let server = match api::enrollment(base.id).await {
            Ok(server) => server,
            Err(error) if error.is_passing() => return self.dispatch(Event::Lost),
            Err(error) if error.code() == Some(ErrorCode::Unauthorized) => return self.dispatch(Event::SignedOut),
            Err(error) => {
                self.refusal.try_set(Some(error.message()));
                return self.dispatch(Event::Refused);
            }
        };
        if server.policy_revision != base.policy_revision {
            // Another tab has moved it to the form in force: this page shows that one once it is loaded again, with what
            // is kept here: nothing is lost by leaving it, so the browser need not ask.
            self.autosave.try_update(|autosave| *autosave = super::Autosave::default());
            return browser::reload();
        }
        let Some(mine) = self.draft.try_get_untracked() else { return };
        let fields = merge::clashes(&base.content, &mine, &server.content);
        self.conflict.set(Some(Conflict { server, ancestor: base.content, fields: fields.clone() }));
        self.dispatch(Event::Clashed);
        if fields.is_empty() {
            self.resolve(true);
        }
    }

    /// Joins a file, in the place of the one of that type where there may be one. `on_progress` is told how much has gone, in percent.
    ///
    /// # Errors
    /// What to tell the user.
    pub async fn put_document(
        self,
        kind: DocumentType,
        file: File,
        stop: AbortSignal,
        on_progress: impl Fn(u32) + 'static,
    ) -> Result<(), String> {
        self.with_turn(move |id| api::documents::put(id, kind, file, stop, on_progress), kind).await
    }

    /// Removes a file.
    ///
    /// # Errors
    /// What to tell the user.
    pub async fn delete_document(self, document: Document) -> Result<(), String> {
        let kind = document.kind;
        self.with_turn(move |id| async move { api::documents::delete(id, &document).await }, kind).await
    }

    /// Asks for what the antivirus says of the files, as long as it has said nothing of one: each time a while later.
    pub(super) fn follow_scans(self) {
        let is_waiting = Memo::new(move |_| self.base.with(is_scan_awaited));
        Effect::new(move |_| {
            if is_waiting.get() {
                spawn_local(self.ask_for_scans());
            }
        });
    }

    async fn ask_for_scans(self) {
        let mut milliseconds = FIRST_SCAN_MS;
        // Until the last file is looked at, or the page is left.
        while self.base.try_with_untracked(is_scan_awaited) == Some(true) {
            TimeoutFuture::new(milliseconds).await;
            milliseconds = (milliseconds * 2).min(LAST_SCAN_MS);
            if let Some(id) = self.base.try_with_untracked(|base| base.id)
                && let Ok(server) = api::enrollment(id).await
            {
                // Nothing else of it: what others have changed is found, and settled, by the next save.
                self.base.try_update(|base| {
                    for document in &mut base.documents {
                        let known = server.documents.iter().find(|other| other.id == document.id);
                        document.scan = known.map_or(document.scan, |known| known.scan);
                    }
                });
            }
        }
    }

    /// Makes a call about a file when no save is under way: both change the version of the request.
    async fn with_turn<F: Future<Output = Result<Enrollment, ApiError>>>(
        self,
        call: impl FnOnce(i64) -> F,
        kind: DocumentType,
    ) -> Result<(), String> {
        if self.purpose == Purpose::Trial {
            return Err(NOTHING_IS_SENT.to_owned());
        }
        while self.autosave.try_get_untracked().is_some_and(|autosave| autosave.phase() == Phase::Saving) {
            TimeoutFuture::new(POLL_MS).await;
        }
        let Some(base) = self.base.try_get_untracked() else { return Ok(()) };
        if !self.autosave.get_untracked().can_start_file() {
            return Err("Résolvez d’abord le problème d’enregistrement signalé en bas de la page.".to_owned());
        }
        self.dispatch(Event::FileStarted);
        match call(base.id).await {
            Ok(saved) => {
                self.touch(&Field::Document(kind));
                // Nothing of the draft was sent: all that is typed still counts as the user's own.
                self.accept(saved, &base.content);
                Ok(())
            }
            Err(error) => {
                if error.code() == Some(ErrorCode::Unauthorized) {
                    self.dispatch(Event::SignedOut);
                } else {
                    self.dispatch(Event::FileFailed);
                }
                Err(error.message())
            }
        }
    }

    /// Saves, then hands the request to the instructors.
    pub async fn submit(self) -> SubmitOutcome {
        self.attempted.set(true);
        if self.errors.with_untracked(|errors| !errors.is_empty()) {
            return SubmitOutcome::Incomplete;
        }
        self.submitting.set(true);
        self.refusal.set(None);
        let submission = self.save_and_submit().await;
        self.submitting.try_set(false);
        submission
    }

    async fn save_and_submit(self) -> SubmitOutcome {
        self.flush();
        self.flush_answers();
        loop {
            match self.autosave.try_get_untracked().map(|autosave| autosave.phase()) {
                Some(Phase::Clean) if self.are_answers_waiting() => {}
                Some(Phase::Clean) if self.are_answers_lost() => {
                    let why =
                        "une réponse à un point n’a pas pu être enregistrée\u{a0}: réessayez dans la liste des points.";
                    self.refusal.try_set(Some(format!("Demande non soumise\u{a0}: {why}")));
                    return SubmitOutcome::Failed;
                }
                Some(Phase::Clean) => break,
                Some(Phase::Waiting) => self.flush(),
                Some(Phase::Saving) => {}
                Some(Phase::Refused) if !self.server_errors.with_untracked(Vec::is_empty) => {
                    return SubmitOutcome::Incomplete;
                }
                Some(Phase::Lost | Phase::Conflict | Phase::SignedOut | Phase::Refused) | None => {
                    return SubmitOutcome::Failed;
                }
            }
            TimeoutFuture::new(POLL_MS).await;
        }
        match self.act(Action::Submit).await {
            Ok(()) => SubmitOutcome::Done,
            Err(error) => {
                let fields = self.draft.try_with_untracked(|draft| error.fields(draft)).unwrap_or_default();
                if !fields.is_empty() && self.is_outdated().await {
                    // What is wrong is wrong in the form in force, which the page shows once it is loaded again.
                    browser::reload();
                    return SubmitOutcome::Failed;
                }
                if !fields.is_empty() {
                    self.server_errors.try_set(fields);
                    return SubmitOutcome::Incomplete;
                }
                self.refusal.try_set(Some(error.message()));
                if error.code() == Some(ErrorCode::Unauthorized) {
                    self.dispatch(Event::SignedOut);
                } else if error.code() == Some(ErrorCode::StaleVersion) {
                    self.reconcile().await;
                }
                SubmitOutcome::Failed
            }
        }
    }

    /// Whether a draft is written in a form that is no longer the one in force.
    async fn is_outdated(self) -> bool {
        let Some(base) = self.base.try_get_untracked() else { return false };
        let present = api::policy(base.target_api).await;
        base.status == Status::Draft && present.is_ok_and(|present| present.revision != base.policy_revision)
    }

    /// Gives up what is being written: the draft is put away, or the update cancelled.
    ///
    /// # Errors
    /// What to tell the user.
    pub async fn give_up(self, action: Action) -> Result<(), String> {
        self.timer.set_value(None);
        self.act(action).await.map_err(|error| error.message())
    }

    async fn act(self, event: Action) -> Result<(), ApiError> {
        let Some((id, version)) = self.base.try_with_untracked(|base| (base.id, base.version)) else { return Ok(()) };
        let Some(change) = ChangeState::step(event, String::new()) else { return Ok(()) };
        let changed = api::change_state(id, version, change).await?;
        backup::forget(id);
        // The form is closed: nothing of it may be sent any more.
        self.autosave.try_update(|autosave| *autosave = super::Autosave::default());
        self.timer.try_set_value(None);
        self.base.try_set(changed);
        Ok(())
    }
}
