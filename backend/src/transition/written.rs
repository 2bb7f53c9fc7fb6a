//! What a command writes, and its writing: the columns, what follows for the authorisation and the files, the event.

use chrono::{Duration, NaiveDateTime};
use shared::change_point::NewPoint;
use shared::diff::{self, Change, Version};
use shared::document::Document;
use shared::draft::Draft;
use shared::enrollment::AuthorisationState;
use shared::team_member::TeamMemberType;
use shared::workflow::{EventName, State};

use super::facts::Facts;
use super::{Loaded, Tx, points};
use crate::connection::AnyConnection;
use crate::connection::types::Json;
use crate::error::Result;
use crate::ids::{EnrollmentId, UserId};
use crate::models::authorisation::{self, NewAuthorisation};
use crate::models::enrollment::shown::{self, Beside};
use crate::models::enrollment::{self, EnrollmentChanges};
use crate::models::event::{self, NewEvent};
use crate::models::{change_point, document, establishment};

/// Updates of one person within this time are one line of the history: the form saves itself every second.
const UPDATE_WINDOW_MINUTES: i64 = 60;

/// What a command writes.
pub(super) struct Written {
    /// What the history calls it.
    pub event: EventName,
    /// What somebody wrote with it.
    pub comment: String,
    /// The points of a request for changes.
    pub points: Vec<NewPoint>,
    /// The content from now on, with what is known of it.
    pub facts: Facts,
    /// The files from now on.
    pub documents: Vec<Document>,
    /// The files are those of an earlier version.
    pub restores_documents: bool,
    /// The content as it would be, where it is only offered.
    pub offered: Option<Draft>,
    /// What follows from it.
    pub effect: Effect,
    /// The event whose mails go out.
    pub mail_event: EventName,
    /// What the mails quote.
    pub mail_text: String,
}

/// What follows from a command, beside content and state.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    None,
    /// A version is handed over.
    Submission(Submission),
    /// An authorisation is granted, in the name of that user.
    Grant {
        by: UserId,
    },
    /// The authorisation in force ends.
    Revocation,
    /// The public list names who is in charge now.
    CorrectedContacts,
    /// That user is the applicant.
    Transfer {
        to: UserId,
    },
}

/// How a version that is handed over stands to the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Submission {
    /// It is the one that was handed over before or, in an update, the one in force.
    pub without_changes: bool,
    /// Points of the request for changes about which nothing was done.
    pub unanswered_points: i64,
}

impl Submission {
    pub fn of(connection: &mut AnyConnection, loaded: &Loaded, version: &Version) -> Result<Self> {
        let Beside { reference, points, points_about, .. } = shown::find(connection, loaded.record.id)?.beside;
        let points = points::with_changes(points, points_about, version);
        let unanswered = points.iter().filter(|point| !point.is_settled()).count();
        Ok(Self {
            without_changes: reference.is_some_and(|reference| diff::diff(&reference, version).is_empty()),
            unanswered_points: i64::try_from(unanswered).unwrap_or(i64::MAX),
        })
    }
}

impl Written {
    /// That content and those files, with mails that quote the comment, and no more.
    pub fn new(event: EventName, facts: Facts, documents: Vec<Document>, comment: String) -> Self {
        Self {
            event,
            points: Vec::new(),
            facts,
            documents,
            restores_documents: false,
            offered: None,
            effect: Effect::None,
            mail_event: event,
            mail_text: comment.clone(),
            comment,
        }
    }

    /// What was written: what the antivirus says of the files is told with the files.
    fn version(&self) -> Version {
        let documents = self.documents.iter().map(|document| Document { scan: None, ..document.clone() });
        Version { content: self.facts.draft.clone(), documents: documents.collect() }
    }

    /// What the history says has changed; of an offer, what would.
    pub fn changes(&self, before: &Version) -> Vec<Change> {
        let mut after = self.version();
        if let Some(offered) = &self.offered {
            after.content.clone_from(offered);
        }
        diff::diff(before, &after)
    }

    /// The columns of the enrollment, in its new state.
    pub fn columns(&self, loaded: &Loaded, state: State, now: NaiveDateTime) -> EnrollmentChanges {
        let mut columns = self.facts.next_columns(&loaded.policy, &loaded.record, state, now);
        match self.effect {
            Effect::Submission(submission) => {
                columns.submitted_at = Some(now);
                columns.unanswered_points = submission.unanswered_points;
                columns.demarche = self.demarche(loaded).to_owned();
            }
            Effect::Grant { .. } => columns.validated_at = Some(now),
            Effect::None | Effect::Revocation | Effect::CorrectedContacts | Effect::Transfer { .. } => {}
        }
        columns
    }

    /// The démarche that the enrollment counts as from now on.
    pub fn demarche<'a>(&'a self, loaded: &'a Loaded) -> &'a str {
        match self.effect {
            Effect::Submission(_) => loaded.policy.counts_as(&self.facts.draft),
            Effect::None
            | Effect::Grant { .. }
            | Effect::Revocation
            | Effect::CorrectedContacts
            | Effect::Transfer { .. } => &loaded.record.demarche,
        }
    }

    /// Writes what follows from it for the files and the authorisation.
    pub fn take_effect(&self, tx: &mut Tx<'_>, loaded: &Loaded, columns: &EnrollmentChanges) -> Result<()> {
        let (id, now) = (loaded.record.id, tx.now());
        if self.restores_documents {
            document::restore(tx.connection, id, &self.documents, now)?;
        }
        match self.effect {
            Effect::None | Effect::Submission(_) => {}
            Effect::CorrectedContacts => {
                authorisation::rename_controller(tx.connection, id, &columns.responsable_traitement, now)?;
            }
            Effect::Transfer { to } => {
                let applicant = self.facts.draft.team_member(TeamMemberType::Demandeur);
                let email = applicant.map_or("", |member| &member.email);
                enrollment::set_applicant(tx.connection, id, (to, email))?;
            }
            Effect::Revocation => authorisation::end(tx.connection, id, AuthorisationState::Revoked, now)?,
            Effect::Grant { by } => {
                let siret = columns.siret.as_deref().and_then(|siret| siret.parse().ok());
                let register = match &siret {
                    Some(siret) => establishment::find(tx.connection, siret)?.and_then(|kept| kept.content),
                    None => None,
                };
                let new = NewAuthorisation {
                    enrollment_id: id,
                    target_api: loaded.record.target_api.clone(),
                    provider: loaded.policy.provider.id.clone(),
                    policy_revision: columns.policy_revision.clone(),
                    siret: columns.siret.clone().unwrap_or_default(),
                    nom_raison_sociale: columns.nom_raison_sociale.clone(),
                    intitule: columns.intitule.clone(),
                    responsable_traitement: columns.responsable_traitement.clone(),
                    created_by: by,
                    created_at: now,
                    version: Json(self.version()),
                };
                authorisation::grant(tx.connection, &new, register.as_ref())?;
            }
        }
        Ok(())
    }

    /// Writes the event. Updates that follow one another closely are one event.
    pub fn record(&self, tx: &mut Tx<'_>, id: EnrollmentId, changes: Vec<Change>) -> Result<()> {
        if self.event == EventName::Update
            && let Some(last) = event::last(tx.connection, id)?
            && last.name.0 == EventName::Update
            && (last.user_id, last.administrator_id) == (Some(tx.user_id()), tx.administrator_id)
            && tx.now() - last.created_at < Duration::minutes(UPDATE_WINDOW_MINUTES)
        {
            event::rewrite(tx.connection, last.id, diff::merge(&last.changes.0, &changes))?;
            return Ok(());
        }
        let submission = match self.effect {
            Effect::Submission(submission) => Some(submission),
            _ => None,
        };
        let new = NewEvent {
            comment: self.comment.clone(),
            changes,
            snapshot: submission.map(|_| self.version()),
            without_changes: submission.is_some_and(|submission| submission.without_changes),
            ..tx.event(id, self.event)
        };
        let event = event::insert(tx.connection, new)?;
        Ok(change_point::insert(tx.connection, id, event, &self.points)?)
    }
}
