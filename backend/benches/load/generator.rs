//! Makes a database as the product itself would have written it over four years.
//!
//! Rows go through the models that the single door uses, a thousand requests in a transaction. The door's own checks are
//! left out; instead, every draft that is submitted is validated here.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use chrono::{Duration, NaiveDateTime};
use datapass::connection::AnyConnection;
use datapass::connection::types::{Json, Name};
use datapass::db::Db;
use datapass::error::Error;
use datapass::ids::{EnrollmentId, UserId};
use datapass::models::authorisation::{self, NewAuthorisation};
use datapass::models::document::{self, NewDocument};
use datapass::models::enrollment::{self, EnrollmentChanges, NewEnrollment};
use datapass::models::event::{self, NewEvent};
use datapass::policies::Policies;
use datapass::statistics;
use datapass::transition::facts::Facts;
use shared::diff::{Version, diff};
use shared::document::Document;
use shared::draft::Draft;
use shared::enrollment::AuthorisationState;
use shared::policy::{Policy, Section};
use shared::validation::{Input, PreviousEnrollment, Stage, validate};
use shared::workflow::EventName;
use shared::workflow::{Action, Status};

use crate::applicants::Applicant;
use crate::copies;
use crate::draft;
use crate::population::{Made, Population, first_day};
use crate::random::Random;
use crate::words::COMMENTS;

/// How many requests of a thousand ask for which API.
const APIS: &[(&str, usize)] = &[
    ("api_particulier", 550),
    ("franceconnect", 250),
    ("api_impot_particulier_sandbox", 130),
    ("api_impot_particulier_production", 70),
];

/// How many requests of a hundred stand where.
const STATUSES: &[(Status, usize)] = &[
    (Status::Draft, 8),
    (Status::Submitted, 5),
    (Status::ChangesRequested, 3),
    (Status::Validated, 70),
    (Status::Refused, 8),
    (Status::Revoked, 2),
    (Status::Archived, 4),
];

/// Requests of a hundred that were sent back once before they came where they stand.
const SENT_BACK_PERCENT: usize = 15;

/// Submitted requests of a hundred that count as one of the démarches of their API, where it has any.
const PREDEFINED_PERCENT: usize = 60;

/// Requests of one transaction.
const BATCH: usize = 1_000;

/// Requests that are made one by one; beyond, these are copied.
const MADE: usize = 50_000;

/// Over how many minutes the requests are spread: four years.
const MINUTES: usize = 4 * 365 * 24 * 60;

/// Fills an empty database with `count` requests.
pub async fn fill(db: &Db, count: usize, seed: u64) -> Result<Population> {
    let embedded = Policies::open(None)?;
    embedded.remember(db).await?;
    let policies = BTreeMap::clone(&embedded.current());
    let mut random = Random::new(seed);
    let population = Population::settle(db, (count.min(MADE) / 5).max(40), &mut random).await?;
    let made = count.min(MADE);
    let mut writer = Writer { policies, random, population, granted: BTreeMap::new(), count: made };
    while writer.population.requests.len() < made {
        let batch = move |connection: &mut AnyConnection| {
            for _ in 0..BATCH.min(made - writer.population.requests.len()) {
                writer.request(connection).map_err(|error| Error::Internal(format!("{error:#}")))?;
            }
            Ok(writer)
        };
        // The error's own text is for users: it hides what happened.
        writer = db.write(batch).await.map_err(|error| anyhow::anyhow!("{error:?}"))?;
    }
    copies::make(db, &mut writer.population, count).await?;
    // The door, which keeps the counters, was gone round.
    statistics::recount(db).await.map_err(|error| anyhow::anyhow!("{error:?}"))?;
    Ok(writer.population)
}

struct Writer {
    policies: BTreeMap<String, Arc<Policy>>,
    random: Random,
    population: Population,
    /// Validated requests, by API: their places in `Population::requests`.
    granted: BTreeMap<&'static str, Vec<usize>>,
    count: usize,
}

/// One line of a request's story.
struct Step {
    action: Action,
    at: NaiveDateTime,
}

impl Writer {
    /// Writes one request, with all that happened to it.
    fn request(&mut self, connection: &mut AnyConnection) -> Result<()> {
        let (target_api, previous) = self.api();
        let policy = self.policies.get(target_api).with_context(|| format!("no policy {target_api}"))?.clone();
        let status = self.random.weighted(STATUSES, Status::Validated);
        let applicant = match &previous {
            Some((_, applicant)) => *applicant,
            None => self.random.skewed_below(self.population.applicants.len()),
        };
        let previous = previous.map(|(previous, _)| previous);
        let created_at = first_day() + minutes(self.population.requests.len() * MINUTES / self.count);
        let steps = self.steps(status, created_at);

        let (user_id, who) = self.population.applicants.get(applicant).context("no applicant")?;
        let versions = contents(&policy, previous.as_ref(), who, &steps, &mut self.random);
        let content = versions.last().context("no version")?.clone();
        let facts = Facts {
            draft: content,
            nom_raison_sociale: who.organization.label.clone(),
            previous_enrollment_id: previous.as_ref().map(|previous| EnrollmentId(previous.id)),
            previous,
            mailless_domains: Vec::new(),
        };
        let new = NewEnrollment {
            target_api: policy.target_api.clone(),
            demandeur_id: *user_id,
            demandeur_email: who.person.email.clone(),
            copied_from_id: None,
            created_at,
        };
        let columns = EnrollmentChanges {
            demarche: demarche(&policy, &steps, &mut self.random),
            ..columns(&policy, &facts, status, created_at, &steps)
        };
        let id = enrollment::insert(connection, &new, &columns)?;
        let documents = attach(connection, &policy, id, &steps)?;
        ensure_sound(&policy, &facts, &documents, &steps)?;
        let people = (*user_id, self.population.instructor);
        for event in events(id, people, created_at, &steps, &versions, &documents, &mut self.random) {
            event::insert(connection, event)?;
        }
        let version = Version { content: facts.draft.clone(), documents };
        grant(connection, (id, target_api, &policy.provider.id, people.1), columns, version, &steps)?;
        let place = self.population.requests.len();
        if status == Status::Validated {
            self.granted.entry(target_api).or_default().push(place);
        }
        let intitule = facts.draft.intitule;
        self.population.requests.push(Made { id, target_api, status, applicant, intitule });
        Ok(())
    }

    /// An API; where it is the second step of a chain, also a granted first step, and who filed that.
    fn api(&mut self) -> (&'static str, Option<(PreviousEnrollment, usize)>) {
        let wished = self.random.weighted(APIS, "api_particulier");
        let Some(first) = self.policies.get(wished).and_then(|policy| policy.previous.clone()) else {
            return (wished, None);
        };
        let first = APIS.iter().map(|(api, _)| *api).find(|api| *api == first).unwrap_or(wished);
        let granted = self.granted.get(first).map(Vec::as_slice).unwrap_or_default();
        if granted.is_empty() {
            return (first, None);
        }
        let place = *self.random.pick(granted);
        let before = self.population.requests.get(place).and_then(|request| {
            let (_, applicant) = self.population.applicants.get(request.applicant)?;
            let previous = PreviousEnrollment {
                id: request.id.0,
                target_api: first.to_owned(),
                siret: applicant.organization.siret.clone(),
                intitule: request.intitule.clone(),
                status: request.status,
                in_force: true,
            };
            Some((previous, request.applicant))
        });
        (wished, before)
    }

    /// How a request comes to that status, and when.
    fn steps(&mut self, status: Status, created_at: NaiveDateTime) -> Vec<Step> {
        use Action::{Archive, Delete, Refuse, RequestChanges, Revoke, Submit, Update, Validate};

        let mut actions = vec![Update];
        let is_submitted = !matches!(status, Status::Draft | Status::Archived);
        if is_submitted {
            actions.push(Submit);
            if status != Status::ChangesRequested && self.random.percent(SENT_BACK_PERCENT) {
                actions.extend([RequestChanges, Update, Submit]);
            }
        }
        actions.extend(match status {
            Status::Draft | Status::Submitted => &[][..],
            Status::ChangesRequested => &[RequestChanges],
            Status::Validated => &[Validate],
            Status::Refused => &[Refuse],
            Status::Revoked => &[Validate, Revoke],
            Status::Archived => &[Archive],
            Status::Deleted => &[Delete],
        });
        let mut at = created_at;
        let mut step = |action| {
            at += minutes(10 + self.random.below(7 * 24 * 60)) + Duration::microseconds(self.random.below(999) as i64);
            Step { action, at }
        };
        actions.into_iter().map(&mut step).collect()
    }
}

fn minutes(count: usize) -> Duration {
    Duration::minutes(i64::try_from(count).unwrap_or_default())
}

/// The content at the start, then after each update.
fn contents(
    policy: &Policy,
    previous: Option<&PreviousEnrollment>,
    applicant: &Applicant,
    steps: &[Step],
    random: &mut Random,
) -> Vec<Draft> {
    let mut content = draft::started(policy, applicant);
    if let Some(previous) = previous {
        content.previous_enrollment_id = Some(previous.id);
        if !policy.has_section(Section::Description) {
            content.intitule.clone_from(&previous.intitule);
        }
    }
    let mut versions = vec![content.clone()];
    for (index, _) in steps.iter().filter(|step| step.action == Action::Update).enumerate() {
        content = if index == 0 {
            draft::completed(policy, content, applicant, random)
        } else {
            draft::corrected(content, random)
        };
        versions.push(content.clone());
    }
    versions
}

/// What a request counts as: lists know it by this column, whatever its content.
fn demarche(policy: &Policy, steps: &[Step], random: &mut Random) -> String {
    let is_submitted = steps.iter().any(|step| step.action == Action::Submit);
    if policy.demarches.is_empty() || !is_submitted || !random.percent(PREDEFINED_PERCENT) {
        return String::new();
    }
    random.pick(&policy.demarches).id.clone()
}

fn columns(
    policy: &Policy,
    facts: &Facts,
    status: Status,
    created_at: NaiveDateTime,
    steps: &[Step],
) -> EnrollmentChanges {
    let last = |action| steps.iter().rev().find(|step| step.action == action).map(|step| step.at);
    let submissions = steps.iter().filter(|step| step.action == Action::Submit).count();
    EnrollmentChanges {
        status: Name(status),
        version: 1 + i64::try_from(steps.len()).unwrap_or_default(),
        resubmitted: submissions > 1,
        submitted_at: last(Action::Submit),
        validated_at: last(Action::Validate),
        waiting_from: last(Action::Submit).filter(|_| status.awaits_administration()),
        ..facts.first_columns(policy, steps.last().map_or(created_at, |step| step.at))
    }
}

/// Joins the files that the policy asks for, as the first update did.
fn attach(connection: &mut AnyConnection, policy: &Policy, id: EnrollmentId, steps: &[Step]) -> Result<Vec<Document>> {
    let required = policy.documents.iter().filter(|document| document.required);
    for request in required.clone() {
        let at = steps.first().map(|step| step.at).unwrap_or_default();
        let new = NewDocument {
            kind: request.kind,
            filename: "decision-signee.pdf".to_owned(),
            size: 184_320,
            sha256: format!("{:064x}", id.0),
            scan: None,
        };
        document::replace(connection, id, &new, at)?;
    }
    Ok(if required.count() == 0 { Vec::new() } else { document::live(connection, id)? })
}

/// The authorisation, as the steps gave and ended it.
fn grant(
    connection: &mut AnyConnection,
    (enrollment_id, target_api, provider, created_by): (EnrollmentId, &str, &str, UserId),
    columns: EnrollmentChanges,
    version: Version,
    steps: &[Step],
) -> Result<()> {
    let Some(validation) = steps.iter().find(|step| step.action == Action::Validate) else { return Ok(()) };
    let new = NewAuthorisation {
        enrollment_id,
        target_api: target_api.to_owned(),
        provider: provider.to_owned(),
        policy_revision: columns.policy_revision,
        siret: columns.siret.unwrap_or_default(),
        nom_raison_sociale: columns.nom_raison_sociale,
        intitule: columns.intitule,
        responsable_traitement: columns.responsable_traitement,
        created_by,
        created_at: validation.at,
        version: Json(version),
    };
    authorisation::grant(connection, &new, None)?;
    if let Some(revocation) = steps.iter().find(|step| step.action == Action::Revoke) {
        authorisation::end(connection, enrollment_id, AuthorisationState::Revoked, revocation.at)?;
    }
    Ok(())
}

/// A draft that is submitted must be one that the product accepts.
fn ensure_sound(policy: &Policy, facts: &Facts, documents: &[Document], steps: &[Step]) -> Result<()> {
    if steps.iter().all(|step| step.action != Action::Submit) {
        return Ok(());
    }
    let input =
        Input { previous: facts.previous.as_ref(), ..Input::new(&facts.draft, documents, &facts.nom_raison_sociale) };
    let errors = validate(policy, input, Stage::Submit);
    ensure!(errors.is_empty(), "a made-up request would be refused: {errors:?}");
    Ok(())
}

/// The history. `people` are who filed and who decided.
fn events(
    id: EnrollmentId,
    (applicant, instructor): (UserId, UserId),
    created_at: NaiveDateTime,
    steps: &[Step],
    versions: &[Draft],
    documents: &[Document],
    random: &mut Random,
) -> Vec<NewEvent> {
    let created = NewEvent {
        enrollment_id: id,
        name: EventName::Create,
        comment: String::new(),
        changes: Vec::new(),
        snapshot: None,
        without_changes: false,
        user_id: Some(applicant),
        administrator_id: None,
        created_at,
    };
    let mut versions = versions.iter();
    let mut present = Version { content: versions.next().cloned().unwrap_or_default(), documents: Vec::new() };
    let mut events = vec![created.clone()];
    for step in steps {
        let Ok(name) = EventName::try_from(step.action) else { continue };
        let mut event = NewEvent { name, created_at: step.at, ..created.clone() };
        if step.action == Action::Update
            && let Some(content) = versions.next()
        {
            let after = Version { content: content.clone(), documents: documents.to_vec() };
            event.changes = diff(&present, &after);
            present = after;
        }
        if step.action == Action::Submit {
            event.snapshot = Some(present.clone());
        }
        if step.action.needs_comment() {
            (*random.pick(COMMENTS)).clone_into(&mut event.comment);
            event.user_id = Some(instructor);
        }
        events.push(event);
    }
    events
}
