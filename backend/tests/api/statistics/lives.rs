//! Random lives over some years, through the single door and the clock: what is counted on the way is what is counted anew.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use datapass::connection::AnyConnection;
use datapass::connection::types::now;
use datapass::error::{Error, Result};
use datapass::ids::EnrollmentId;
use datapass::models::{statistics, user};
use datapass::transition::{self, Command, Context, Tx, clock, transfer};
use diesel::connection::{Connection as _, InstrumentationEvent};
use serde_json::{Value, json};
use shared::api::ContentCorrection;
use shared::change_point::NewPoint;
use shared::change_state::ChangeState;
use shared::field::Field;
use shared::stats::Measure;
use shared::transfer::{NewTransfer, TransferKind};
use shared::user::User;
use shared::workflow::Action;

use super::wrong_counters;
use crate::support::{CLAMART, TestApp, complete};

const LIVES: u64 = 60;
const STEPS: usize = 90;

/// What may happen; what is there twice happens more often.
const STEPS_OF_LIFE: &[&str] = &[
    "update",
    "submit",
    "submit",
    "submit",
    "withdraw",
    "request_changes",
    "request_changes",
    "validate",
    "validate",
    "refuse",
    "revoke",
    "archive",
    "reopen",
    "reopen",
    "cancel_reopening",
    "offer",
    "offer",
    "accept_offer",
    "decline_offer",
    "delete",
    "restore",
    "restore",
    "copy",
    "correct",
    "move",
    "clock",
];

/// Those who act: an applicant, their colleague, an instructor, an administrator.
const PEOPLE: [&str; 4] = ["premiere", "seconde", "instructrice", "administratrice"];

struct World {
    app: TestApp,
    random: fastrand::Rng,
    now: DateTime<Utc>,
    people: Vec<User>,
    /// The requests of this life: the first one, and its renewals.
    requests: Vec<EnrollmentId>,
}

impl World {
    async fn begin() -> Self {
        let app = TestApp::start();
        let instructs: &[&str] = &["api_particulier:instructor", "franceconnect:instructor"];
        let mut people = Vec::new();
        for (name, roles) in PEOPLE.into_iter().zip([&[], &[], instructs, &["administrator"]]) {
            app.actor_of(name, roles, &[CLAMART]).await;
            let email = format!("{name}@exemple.fr");
            people.push(app.state.db.read(move |c| Ok(user::find_by_email(c, &email)?)).await.unwrap());
        }
        Self {
            app,
            random: fastrand::Rng::with_seed(7),
            now: now() - TimeDelta::days(900),
            people,
            requests: Vec::new(),
        }
    }

    /// In one transaction at that time. What is not allowed or not possible just now is not done.
    async fn attempt<T: Send + 'static>(
        &self,
        who: usize,
        act: impl FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    ) -> Option<T> {
        let (context, user) = (Context { now: self.now, ..self.app.state.context() }, self.people[who].clone());
        let done = self.app.state.db.write(move |connection| act(&mut Tx::new(connection, &context, &user))).await;
        match done {
            Ok(done) => Some(done),
            Err(error @ (Error::Database(_) | Error::Pool(_) | Error::Internal(_))) => panic!("{error:?}"),
            Err(_) => None,
        }
    }

    async fn start(&mut self, api: &'static str) {
        let Value::Object(mut members) = complete(api) else { panic!("no members") };
        if api == "api_particulier" {
            members.insert("scopes".to_owned(), json!(["cnaf_adresse", "cnaf_quotient_familial"]));
        }
        let begun = self.attempt(0, move |tx| transition::create(tx, api, &members)).await.unwrap();
        self.requests = vec![EnrollmentId(begun.id)];
    }

    /// Mostly some days pass, sometimes a season.
    fn wait(&mut self) {
        let days = if self.random.u8(..12) == 0 { 210 } else { 9 };
        self.now += TimeDelta::milliseconds(self.random.i64(0..days * 86_400_000));
    }

    async fn step(&mut self) {
        let step = STEPS_OF_LIFE[self.random.usize(..STEPS_OF_LIFE.len())];
        let id = self.requests[self.random.usize(..self.requests.len())];
        let applicant = self.random.usize(..2);
        match step {
            "clock" => self.clock().await,
            "copy" => {
                let copy = self.attempt(applicant, move |tx| transition::copy(tx, id)).await;
                self.requests.extend(copy.map(|copy| EnrollmentId(copy.id)));
            }
            "move" => {
                let email = format!("{}@exemple.fr", PEOPLE[applicant]);
                let new = NewTransfer { kind: TransferKind::Move, email, reason: "Départ.".to_owned() };
                self.attempt(3, move |tx| transfer::begin(tx, id, &new)).await;
            }
            "update" | "correct" => {
                let title = format!("Projet, version {}", self.random.u32(..));
                let Value::Object(members) = json!({"intitule": title}) else { panic!("no members") };
                let reason = "Un mot manquait.".to_owned();
                let (who, command) = match step {
                    "update" => (applicant, Command::Update(members)),
                    _ => (2, Command::Correct(ContentCorrection { reason, members })),
                };
                self.attempt(who, move |tx| transition::apply(tx, id, None, command)).await;
            }
            _ => self.take(id, step, applicant).await,
        }
    }

    /// A step of the workflow.
    async fn take(&mut self, id: EnrollmentId, step: &str, applicant: usize) {
        let comment = "Voici pourquoi.".to_owned();
        // What ends a life does so seldom.
        if matches!(step, "archive" | "delete" | "revoke") && self.random.u8(..4) > 0 {
            return;
        }
        let (who, change) = match step {
            "offer" => {
                let struck = BTreeSet::from(["cnaf_adresse".to_owned()]);
                (2, ChangeState::OfferPartialGrant { comment, struck })
            }
            "request_changes" => (2, ChangeState::RequestChanges { comment, points: self.points() }),
            "validate" | "refuse" => (2, step_of(step, comment)),
            "revoke" => (3, step_of(step, comment)),
            _ => (applicant, step_of(step, String::new())),
        };
        self.attempt(who, move |tx| transition::apply(tx, id, None, Command::Step(change))).await;
    }

    fn points(&mut self) -> Vec<NewPoint> {
        let fields = [Field::Intitule, Field::Description, Field::Scopes, Field::DataRecipients];
        let count = self.random.usize(..4);
        let mut point = |_| {
            let field = fields[self.random.usize(..fields.len())].clone();
            NewPoint { field, scope: None, comment: "À préciser.".to_owned() }
        };
        (0..count).map(&mut point).collect()
    }

    /// Everything that time alone does.
    async fn clock(&self) {
        let context = Context { now: self.now, ..self.app.state.context() };
        let passes = move |connection: &mut AnyConnection| {
            for due in clock::due(connection, &context)? {
                clock::apply(connection, &context, due.id)?;
            }
            clock::purge(connection, &context)
        };
        self.app.state.db.write(passes).await.unwrap();
    }
}

fn step_of(name: &str, comment: String) -> ChangeState {
    let action: Action = name.parse().unwrap();
    ChangeState::step(action, comment).unwrap()
}

#[tokio::test]
async fn what_is_counted_on_the_way_is_what_is_counted_anew() {
    let mut world = World::begin().await;
    for life in 0..LIVES {
        world.now = now() - TimeDelta::days(1_300);
        world.start(if life % 3 == 0 { "franceconnect" } else { "api_particulier" }).await;
        for _ in 0..STEPS {
            world.wait();
            world.step().await;
        }
        if life % 10 == 9 {
            assert_eq!(wrong_counters(&world.app).await, [] as [&str; 0], "after {life} lives");
        }
    }
    let counted = world.app.state.db.read(|c| Ok(statistics::all(c)?)).await.unwrap();
    assert!(counted.rows().all(|(_, value)| value > 0), "nothing is counted below one, and no zero stays");
    let reached: BTreeSet<(&str, &str)> = counted
        .rows()
        .filter(|(key, _)| !key.measure.ends_with("_days") && key.measure != "backlog")
        .map(|(key, _)| (key.measure.as_str(), key.label.as_str()))
        .collect();
    for measure in Measure::ALL {
        assert!(counted.rows().any(|(key, _)| key.measure == measure.as_str()), "{measure} was never counted");
    }
    // 7 statuses, 3 submissions, 4 first answers, 3 decisions, 3 after changes, 4 fields, revocations.
    assert_eq!(reached.len(), 25, "{reached:#?}");
}

#[tokio::test]
async fn an_autosave_counts_nothing_and_a_step_counts_in_one_statement() {
    let mut world = World::begin().await;
    // Of today: the server's own clock would archive an old draft.
    world.now = now();
    world.start("api_particulier").await;
    let id = world.requests[0];
    let Value::Object(members) = json!({"intitule": "Cantine et crèche"}) else { panic!("no members") };
    let submit = ChangeState::Submit { comment: String::new() };
    let points = [Field::Intitule, Field::Scopes].map(|field| NewPoint { field, scope: None, comment: "?".to_owned() });
    let ask = ChangeState::RequestChanges { comment: String::new(), points: points.to_vec() };
    for (who, command, statements) in
        [(0, Command::Update(members), 0), (0, Command::Step(submit), 1), (2, Command::Step(ask), 1)]
    {
        let told = format!("{command:?}");
        let count = Arc::new(AtomicUsize::new(0));
        let seen = Arc::clone(&count);
        let done = world.attempt(who, move |tx| {
            tx.connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
                if let InstrumentationEvent::StartQuery { query, .. } = event
                    && query.to_string().contains("INTO statistics")
                {
                    seen.fetch_add(1, Ordering::Relaxed);
                }
            });
            let done = transition::apply(tx, id, None, command);
            tx.connection.set_instrumentation(None::<fn(InstrumentationEvent<'_>)>);
            done
        });
        assert!(done.await.is_some(), "{told}");
        assert_eq!(count.load(Ordering::Relaxed), statements, "{told}");
    }
}
