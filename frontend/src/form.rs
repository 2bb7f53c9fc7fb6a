//! The state of a request being written: what was typed, what is wrong with it, what the server has. No view in it.
//!
//! The sections bind fields to [`EnrollmentForm`]; `form::saving` talks to the server.

pub mod autosave;
pub mod backup;
pub mod binding;
pub mod merge;
pub mod patch;
pub mod people;
pub mod points;
pub mod prefill;
pub mod renewal;
pub mod saving;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use gloo_timers::callback::Timeout;
use leptos::prelude::*;
use shared::diff::Change;
use shared::document::{Document, DocumentType};
use shared::enrollment::{Draft, Enrollment};
use shared::field::Field;
use shared::organization::Establishment;
use shared::policy::{Policy, Section, revision};
use shared::user::User;
use shared::validation::{Candidate, FieldError, PreviousEnrollment, Problem, Stage, validate};

use self::autosave::{Autosave, Event, Phase};
use self::people::KnownPeople;
use self::points::Answer;
use crate::api;
use crate::loader::Loader;

/// Two versions of the same fields, and the user to choose.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// What the server has now.
    pub server: Enrollment,
    /// What this form was built on.
    pub ancestor: Draft,
    /// The fields that differ: `before` is the server's value, `after` the one typed here.
    pub fields: Vec<Change>,
}

/// A request being written. A handle: copies share one state.
#[derive(Clone, Copy)]
pub struct EnrollmentForm {
    policy: StoredValue<Arc<Policy>>,
    user: StoredValue<User>,
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
    /// The answers to the points that the instructors made.
    answers: StoredValue<Vec<Answer>>,
}

impl EnrollmentForm {
    /// Opens a request for writing, with what this browser had kept of it.
    pub fn open(policy: Arc<Policy>, enrollment: Enrollment, user: User, previous: Option<PreviousEnrollment>) -> Self {
        let required = required_fields(&policy);
        let draft = RwSignal::new(enrollment.content.clone());
        let base = RwSignal::new(enrollment);
        let previous = RwSignal::new(previous);
        let policy = StoredValue::new(policy);
        let user = StoredValue::new(user);
        let siret = Memo::new(move |_| draft.with(|draft| draft.siret.clone()));
        let establishment = Loader::new(move || api::establishment(siret.get()));
        let errors = Memo::new(move |_| {
            let establishment = establishment.get().flatten();
            draft.with(|draft| {
                base.with(|base| {
                    previous.with(|previous| {
                        let policy = policy.get_value();
                        user.with_value(|user| {
                            errors_of(&policy, draft, base, user, previous.as_ref(), establishment.as_ref())
                        })
                    })
                })
            })
        });
        let form = Self {
            policy,
            user,
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
            answers: StoredValue::new(Vec::new()),
        };
        form.restore();
        form.watch();
        form
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

    /// The errors to list at the top: all of them once a submission was attempted, and what the server found.
    pub fn summary(self) -> Vec<FieldError> {
        let mut errors = if self.attempted.get() { self.errors.get() } else { Vec::new() };
        let from_server = self.server_errors.get();
        errors.extend(from_server.into_iter().filter(|error| self.errors.with(|own| !own.contains(error))));
        errors
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

    /// Where saving stands.
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

    /// When what this browser had kept, and has put back, was typed.
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
        self.keep();
        self.dispatch(Event::Edited);
    }

    fn keep(self) {
        let is_kept = self.base.with_untracked(|base| self.draft.with_untracked(|draft| backup::keep(base, draft)));
        if self.is_backup_broken.get_untracked() == is_kept {
            self.is_backup_broken.set(!is_kept);
        }
    }

    /// Puts back what this browser had kept.
    fn restore(self) {
        let server = self.base.get_untracked();
        let Some(kept) = backup::kept(server.id) else { return };
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

    /// What was typed on top of what the server has, but for what the form no longer asks.
    fn rebased(self, ancestor: &Draft, mine: &Draft, theirs: &Draft) -> Draft {
        revision::fitted(&self.policy(), merge::rebase(ancestor, mine, theirs))
    }

    /// Gives up what this browser had put back.
    pub fn drop_restored(self) {
        self.restored_at.set(None);
        self.draft.set(self.base.with_untracked(|base| base.content.clone()));
        self.keep();
        self.dispatch(Event::Edited);
    }

    /// Settles a conflict: the fields that differ become the user's, or the server's.
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

/// Every error of a draft, as the server would find them.
fn errors_of(
    policy: &Policy,
    draft: &Draft,
    base: &Enrollment,
    user: &User,
    previous: Option<&PreviousEnrollment>,
    establishment: Option<&Establishment>,
) -> Vec<FieldError> {
    let candidate = Candidate {
        draft,
        documents: &base.documents,
        nom_raison_sociale: organization_name(draft, base, user),
        establishment: establishment.filter(|known| Some(&known.siret) == draft.siret.as_ref()),
        granted: None,
        previous: previous.filter(|previous| Some(previous.id) == draft.previous_enrollment_id),
    };
    validate(policy, candidate, Stage::Submit)
}

/// The name of the draft's organisation. Only the server can say that there is none.
fn organization_name<'a>(draft: &Draft, base: &'a Enrollment, user: &'a User) -> &'a str {
    if draft.siret == base.content.siret && draft.siret.is_some() {
        return &base.nom_raison_sociale;
    }
    user.organizations
        .iter()
        .find(|organization| Some(&organization.siret) == draft.siret.as_ref())
        .map(|organization| organization.label.as_str())
        .filter(|label| !label.is_empty())
        .unwrap_or("?")
}

/// The fields that an empty request lacks. What a file may stand in for is not among them.
fn required_fields(policy: &Policy) -> BTreeSet<Field> {
    let lacking = |documents: &[Document]| {
        let draft = Draft::default();
        let candidate = Candidate {
            draft: &draft,
            documents,
            nom_raison_sociale: "",
            establishment: None,
            granted: None,
            previous: None,
        };
        validate(policy, candidate, Stage::Submit).into_iter().filter(|error| error.problem == Problem::Required)
    };
    let every_file: Vec<Document> = policy.documents.iter().map(|request| some_file(request.kind)).collect();
    let mut required = BTreeSet::new();
    required.extend(lacking(&every_file).map(|error| error.field));
    required.extend(lacking(&[]).map(|error| error.field).filter(|field| matches!(field, Field::Document(_))));
    required
}

fn some_file(kind: DocumentType) -> Document {
    let (filename, sha256) = (String::new(), String::new());
    Document { id: 0, kind, filename, size: 0, sha256, created_at: DateTime::UNIX_EPOCH }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_address_that_a_file_may_replace_is_not_marked_as_required() {
        let policy: Policy = serde_json::from_value(json!({
            "label": "API Essai", "provider": {"id": "p", "label": "P"}, "description": "d",
            "sections": ["organisation", "description", "cadre_juridique"], "rules": ["project", "legal_basis"],
            "support_email": "a@b.fr",
            "documents": [
                {"type": "LegalBasis", "section": "cadre_juridique", "formats": ["pdf"]},
                {"type": "MaquetteProjet", "section": "description", "formats": ["pdf"], "required": true},
            ],
        }))
        .unwrap();
        let required: Vec<String> = required_fields(&policy).iter().map(ToString::to_string).collect();
        assert_eq!(
            required,
            ["siret", "intitule", "description", "fondement_juridique_title", "documents.MaquetteProjet"]
        );
    }
}
