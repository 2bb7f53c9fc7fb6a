//! The state of a request being written: what was typed, what is wrong with it, what the server has. No view in it.
//!
//! The sections bind fields to [`EnrollmentForm`]; `form::saving` talks to the server.

pub mod autosave;
pub mod backup;
pub mod binding;
pub mod correction;
mod errors;
pub mod merge;
pub mod patch;
pub mod people;
pub mod points;
pub mod prefill;
pub mod renewal;
pub mod saving;
pub mod trial;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use shared::diff::Change;
use shared::draft::Draft;
use shared::enrollment::Enrollment;
use shared::field::Field;
use shared::organization::Establishment;
use shared::policy::{Policy, Section, revision};
use shared::user::User;
use shared::validation::{FieldError, GrantedScope, PreviousEnrollment, required_fields};

use self::autosave::{Autosave, Event, Phase};
use self::errors::{Known, errors_of};
use self::people::KnownPeople;
use self::points::Answer;
use crate::api;
use crate::loader::Loader;

/// An edit conflict, for the user to resolve.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// What the server has now.
    pub server: Enrollment,
    /// What this form was built on.
    pub ancestor: Draft,
    /// The fields that differ: `before` is the server's value, `after` the one typed here.
    pub fields: Vec<Change>,
}

/// Why the form is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// An applicant writes a request: it is saved as they type.
    Draft,
    /// An instructor corrects one: nothing is saved as one types.
    Correction,
    /// An administrator tries the form of a policy: nothing is ever sent.
    Trial,
}

/// A request being written. A handle: copies share one state.
#[derive(Clone, Copy)]
pub struct EnrollmentForm {
    policy: StoredValue<Arc<Policy>>,
    user: StoredValue<User>,
    purpose: Purpose,
    /// What is on the screen.
    draft: RwSignal<Draft>,
    /// What the server last had.
    base: RwSignal<Enrollment>,
    previous: RwSignal<Option<PreviousEnrollment>>,
    errors: Memo<Vec<FieldError>>,
    /// What the server has found wrong, until the field is changed.
    server_errors: RwSignal<Vec<FieldError>>,
    touched: RwSignal<BTreeSet<Field>>,
    attempted: RwSignal<bool>,
    required: StoredValue<BTreeSet<Field>>,
    autosave: RwSignal<Autosave>,
    timer: StoredValue<Option<Timeout>, LocalStorage>,
    saved_at: RwSignal<Option<DateTime<Utc>>>,
    /// Why the last save or submission did not work.
    refusal: RwSignal<Option<String>>,
    conflict: RwSignal<Option<Conflict>>,
    restored_at: RwSignal<Option<DateTime<Utc>>>,
    /// The browser could not keep what was typed.
    is_backup_broken: RwSignal<bool>,
    submitting: RwSignal<bool>,
    known_people: RwSignal<KnownPeople>,
    establishment: Loader<Option<Establishment>>,
    granted_scopes: Loader<Vec<GrantedScope>>,
    /// The answers to the points that the instructors made.
    answers: StoredValue<Vec<Answer>>,
}

impl EnrollmentForm {
    /// Opens a draft, with the backup that this browser has of it.
    pub fn open(policy: Arc<Policy>, enrollment: Enrollment, user: User, previous: Option<PreviousEnrollment>) -> Self {
        let form = Self::new(policy, enrollment, user, previous, Purpose::Draft);
        form.restore();
        form.watch();
        form.follow_scans();
        form
    }

    fn new(
        policy: Arc<Policy>,
        enrollment: Enrollment,
        user: User,
        previous: Option<PreviousEnrollment>,
        purpose: Purpose,
    ) -> Self {
        let required = required_fields(&policy);
        // What the server adds at the next save; older requests may lack it.
        let draft = RwSignal::new(policy.with_locked_scopes(enrollment.content.clone()));
        let base = RwSignal::new(enrollment);
        let previous = RwSignal::new(previous);
        let policy = StoredValue::new(policy);
        let user = StoredValue::new(user);
        let siret = Memo::new(move |_| draft.with(|draft| draft.siret.clone()));
        let establishment = Loader::new(move || api::establishment(siret.get()));
        let granted_scopes = Loader::new(move || {
            let policy = policy.get_value();
            api::grants::granted_scopes(siret.get(), policy.each_scope_once.then(|| policy.target_api.clone()))
        });
        let errors = Memo::new(move |_| {
            let known = Known {
                establishment: establishment.get().flatten(),
                granted_scopes: granted_scopes.get().unwrap_or_default(),
                previous: previous.get(),
            };
            let policy = policy.get_value();
            draft.with(|draft| base.with(|base| user.with_value(|user| errors_of(&policy, draft, base, user, &known))))
        });
        Self {
            policy,
            user,
            purpose,
            draft,
            base,
            previous,
            errors,
            server_errors: RwSignal::new(Vec::new()),
            touched: RwSignal::new(BTreeSet::new()),
            attempted: RwSignal::new(false),
            required: StoredValue::new(required),
            autosave: RwSignal::new(Autosave::default()),
            timer: StoredValue::new_local(None),
            saved_at: RwSignal::new(None),
            refusal: RwSignal::new(None),
            conflict: RwSignal::new(None),
            restored_at: RwSignal::new(None),
            is_backup_broken: RwSignal::new(false),
            submitting: RwSignal::new(false),
            known_people: RwSignal::new(KnownPeople::default()),
            establishment,
            granted_scopes,
            answers: StoredValue::new(Vec::new()),
        }
    }

    /// What the API asks for.
    pub fn policy(self) -> Arc<Policy> {
        self.policy.get_value()
    }

    /// Who is writing.
    pub fn user(self) -> User {
        self.user.get_value()
    }

    /// What the Sirene register says of the organisation.
    pub fn establishment(self) -> Loader<Option<Establishment>> {
        self.establishment
    }

    /// What another request of the same organisation was granted of that scope, where the policy grants each once.
    pub fn granted_scope(self, id: &str) -> Option<GrantedScope> {
        let own = self.id();
        let found = |granted: &&GrantedScope| granted.scope == id && granted.enrollment_id != own;
        self.granted_scopes.read(|scopes| scopes.iter().find(found).cloned()).flatten()
    }

    /// Whether an instructor corrects it: the files stay as they are, and nobody is filled in.
    pub fn is_correction(self) -> bool {
        self.purpose == Purpose::Correction
    }

    /// Shows every error; whether there is none.
    pub fn attempt(self) -> bool {
        self.attempted.set(true);
        self.is_complete()
    }

    /// Number of the request.
    pub fn id(self) -> i64 {
        self.base.with_untracked(|base| base.id)
    }

    /// What the server last had.
    pub fn base(self) -> RwSignal<Enrollment> {
        self.base
    }

    /// What is on the screen.
    pub fn draft(self) -> Signal<Draft> {
        self.draft.into()
    }

    /// The request that this one follows.
    pub fn previous(self) -> RwSignal<Option<PreviousEnrollment>> {
        self.previous
    }

    /// The errors to list at the top: once a submission was attempted, those of the fields that `are_shown`; and what the
    /// server found.
    pub fn summary(self, are_shown: impl Fn(&Field) -> bool) -> Vec<FieldError> {
        let mut errors = if self.attempted.get() { self.errors.get() } else { Vec::new() };
        errors.retain(|error| are_shown(&error.field));
        let from_server = self.server_errors.get();
        errors.extend(from_server.into_iter().filter(|error| self.errors.with(|own| !own.contains(error))));
        errors
    }

    /// What is missing or wrong, whether it may be said or not: of the answers, and of what one commits to.
    pub fn missing(self) -> (Vec<FieldError>, Vec<FieldError>) {
        let policy = self.policy();
        let is_answer = |error: &FieldError| policy.section_of(&error.field) != Some(Section::Cgu);
        self.errors.with(|errors| errors.iter().cloned().partition(is_answer))
    }

    /// Whether a submission was attempted.
    pub fn is_attempted(self) -> bool {
        self.attempted.get()
    }

    /// Whether nothing that the form can see keeps the request from being submitted.
    pub fn is_complete(self) -> bool {
        self.errors.with_untracked(Vec::is_empty)
    }

    /// How many errors one part of the form has, shown or not.
    pub fn errors_in(self, section: Section) -> usize {
        let policy = self.policy();
        self.errors
            .with(|errors| errors.iter().filter(|error| policy.section_of(&error.field) == Some(section)).count())
    }

    /// The phase of saving.
    pub fn phase(self) -> Phase {
        self.autosave.get().phase()
    }

    /// When the server last took something.
    pub fn saved_at(self) -> Option<DateTime<Utc>> {
        self.saved_at.get()
    }

    /// Why the last save or submission did not work.
    pub fn refusal(self) -> RwSignal<Option<String>> {
        self.refusal
    }

    /// The versions that the user must choose between.
    pub fn conflict(self) -> RwSignal<Option<Conflict>> {
        self.conflict
    }

    /// When the restored backup was made.
    pub fn restored_at(self) -> RwSignal<Option<DateTime<Utc>>> {
        self.restored_at
    }

    /// Whether a submission is under way.
    pub fn is_submitting(self) -> bool {
        self.submitting.get()
    }

    /// Whether leaving the page now would lose or delay something.
    fn is_unsafe_to_leave(self) -> bool {
        match self.autosave.get_untracked().phase() {
            Phase::Clean => false,
            Phase::SignedOut => self.is_backup_broken.get_untracked(),
            Phase::Waiting | Phase::Saving | Phase::Lost | Phase::Conflict | Phase::Refused => true,
        }
    }

    /// Changes the draft, on behalf of the user, and sees to it that it is saved.
    pub fn change(self, change: impl FnOnce(&mut Draft)) {
        self.draft.update(change);
        if self.purpose != Purpose::Draft {
            return;
        }
        self.keep();
        self.dispatch(Event::Edited);
    }

    fn keep(self) {
        let is_kept = self.base.with_untracked(|base| self.draft.with_untracked(|draft| backup::keep(base, draft)));
        if self.is_backup_broken.get_untracked() == is_kept {
            self.is_backup_broken.set(!is_kept);
        }
    }

    /// Restores the backup of this browser.
    fn restore(self) {
        let server = self.base.get_untracked();
        let Some(mut kept) = backup::kept(server.id) else { return };
        if kept.policy_revision != server.policy_revision {
            // A consent that never left this browser was given to what the form said then.
            for consent in revision::consents(&self.policy()) {
                merge::copy_field(&kept.base, &mut kept.draft, &consent);
            }
        }
        let merged = self.rebased(&kept.base, &kept.draft, &server.content);
        if patch::patch(&server.content, &merged).is_empty() {
            backup::forget(server.id);
            return;
        }
        self.draft.set(merged);
        let clashes = merge::clashes(&kept.base, &kept.draft, &server.content);
        if clashes.is_empty() {
            self.restored_at.set(Some(kept.kept_at));
            self.keep();
            self.dispatch(Event::Edited);
        } else {
            self.conflict.set(Some(Conflict { server, ancestor: kept.base, fields: clashes }));
            self.dispatch(Event::Clashed);
        }
    }

    /// The changes of the user, rebased on what the server has; without what the policy no longer asks for.
    fn rebased(self, ancestor: &Draft, mine: &Draft, theirs: &Draft) -> Draft {
        revision::fitted(&self.policy(), merge::rebase(ancestor, mine, theirs))
    }

    /// Drops the restored backup.
    pub fn drop_restored(self) {
        self.restored_at.set(None);
        self.draft.set(self.base.with_untracked(|base| base.content.clone()));
        self.keep();
        self.dispatch(Event::Edited);
    }

    /// Resolves a conflict: the fields that differ become the user's, or the server's.
    pub fn resolve(self, keep_mine: bool) {
        let Some(conflict) = self.conflict.get_untracked() else { return };
        let mine = self.draft.get_untracked();
        let mut merged = self.rebased(&conflict.ancestor, &mine, &conflict.server.content);
        if !keep_mine {
            for change in &conflict.fields {
                merge::copy_field(&conflict.server.content, &mut merged, &change.field);
            }
        }
        self.base.set(conflict.server);
        self.draft.set(merged);
        self.conflict.set(None);
        self.keep();
        self.dispatch(Event::Resolved);
    }
}
