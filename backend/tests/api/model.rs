//! The whole life of a request against a small model of it: random steps by random people, and after each one the server
//! must stand where the model does.

use serde_json::{Value, json};

use crate::statistics::wrong_counters;
use crate::support::{Client, TestApp};

const API: &str = "api_particulier";
const LIVES: u64 = 90;
const STEPS: usize = 30;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Who {
    Applicant,
    Instructor,
    Administrator,
    Reporter,
    Stranger,
}

const EVERYBODY: [Who; 5] = [Who::Applicant, Who::Instructor, Who::Administrator, Who::Reporter, Who::Stranger];

const STEPS_OF_LIFE: [&str; 13] = [
    "update",
    "submit",
    "withdraw",
    "request_changes",
    "validate",
    "refuse",
    "revoke",
    "archive",
    "reopen",
    "cancel_reopening",
    "offer_partial_grant",
    "accept_offer",
    "decline_offer",
];

/// What the server must answer.
#[derive(Debug, PartialEq)]
enum Answer {
    Done,
    Hidden,
    Refused,
}

/// A request as its users understand it.
#[derive(Clone, Debug)]
struct Model {
    status: &'static str,
    reopening: bool,
    resubmitted: bool,
    offered: bool,
    /// Oldest first.
    authorisations: Vec<&'static str>,
    /// Lines of the history but for what was written.
    lines: usize,
    revocable_by_instructor: bool,
}

impl Model {
    fn take(&mut self, who: Who, step: &str) -> Answer {
        if who == Who::Stranger {
            return Answer::Hidden;
        }
        if self.status == "archived" {
            return Answer::Refused;
        }
        let may = match step {
            "update" | "submit" | "withdraw" | "reopen" | "cancel_reopening" | "accept_offer" | "decline_offer" => {
                who == Who::Applicant
            }
            "request_changes" | "validate" | "refuse" | "offer_partial_grant" => who == Who::Instructor,
            "revoke" => who == Who::Administrator || who == Who::Instructor && self.revocable_by_instructor,
            "archive" => match who {
                Who::Applicant => matches!(self.status, "draft" | "changes_requested"),
                other => matches!(other, Who::Instructor | Who::Administrator),
            },
            other => panic!("{other}"),
        };
        if !may {
            return Answer::Refused;
        }
        let with_applicant = matches!(self.status, "draft" | "changes_requested");
        match (self.status, step) {
            (_, "update") if with_applicant && !self.offered => return Answer::Done,
            (_, "submit") if with_applicant && !self.offered => {
                self.resubmitted = self.status == "changes_requested";
                self.status = "submitted";
            }
            ("submitted", "withdraw") => self.status = if self.resubmitted { "changes_requested" } else { "draft" },
            ("submitted", "request_changes") => (self.status, self.resubmitted) = ("changes_requested", false),
            ("submitted", "offer_partial_grant") => (self.status, self.offered) = ("changes_requested", true),
            ("submitted", "validate") => self.grant(),
            ("submitted", "refuse") if self.reopening => (self.status, self.reopening) = ("validated", false),
            ("submitted", "refuse") => self.status = "refused",
            ("changes_requested", "accept_offer") if self.offered => self.grant(),
            ("changes_requested", "decline_offer") if self.offered => {
                (self.status, self.offered) = ("submitted", false)
            }
            ("validated", "reopen") => (self.status, self.reopening, self.resubmitted) = ("draft", true, false),
            (_, "cancel_reopening") if with_applicant && self.reopening => {
                (self.status, self.reopening, self.offered) = ("validated", false, false);
            }
            (status, "revoke") if status == "validated" || self.reopening => {
                *self.authorisations.last_mut().unwrap() = "revoked";
                (self.status, self.reopening, self.offered) = ("revoked", false, false);
            }
            (status, "archive") if status != "validated" && !self.reopening => {
                (self.status, self.offered) = ("archived", false);
            }
            _ => return Answer::Refused,
        }
        self.lines += 1;
        Answer::Done
    }

    fn grant(&mut self) {
        if let Some(last) = self.authorisations.last_mut() {
            *last = "superseded";
        }
        self.authorisations.push("active");
        (self.status, self.reopening, self.offered) = ("validated", false, false);
    }
}

async fn try_step(client: &Client, id: i64, step: &str, round: usize) -> u16 {
    let path = format!("/api/enrollments/{id}");
    let answer = match step {
        "update" => client.patch(&path, &json!({"intitule": format!("Projet {id}, version {round}")})).await,
        "offer_partial_grant" => {
            let struck = json!({"event": step, "comment": "Trop de données.", "struck": ["cnaf_adresse"]});
            client.patch(&format!("{path}/change_state"), &struck).await
        }
        _ => client.step(id, step, "Voici pourquoi.").await,
    };
    answer.status.as_u16()
}

/// What the server says of the request: status, update, offer, authorisations, lines of the history.
async fn stands(administrator: &Client, id: i64) -> (String, bool, bool, Vec<String>, usize) {
    let enrollment = administrator.get(&format!("/api/enrollments/{id}")).await.ok();
    let events = administrator.get(&format!("/api/enrollments/{id}/events")).await.ok();
    let states = enrollment["authorisations"].as_array().unwrap().iter().rev();
    (
        enrollment["status"].as_str().unwrap().to_owned(),
        enrollment["reopening"].as_bool().unwrap(),
        !enrollment["offer"].is_null(),
        states.map(|authorisation| authorisation["state"].as_str().unwrap().to_owned()).collect(),
        events.as_array().unwrap().iter().filter(|event| event["name"] != "update").count(),
    )
}

#[actix_web::test]
async fn random_lives_of_requests_go_as_their_model_does() {
    let app = TestApp::start();
    let people = everybody(&app).await;
    let person = |who: Who| &people[EVERYBODY.iter().position(|other| *other == who).unwrap()];
    let policy = person(Who::Applicant).get(&format!("/api/policies/{API}")).await.ok();
    let mut reached = std::collections::BTreeSet::new();
    for seed in 0..LIVES {
        let mut random = fastrand::Rng::with_seed(seed);
        let id = person(Who::Applicant).complete(API).await;
        let scopes = json!({"scopes": ["cnaf_adresse", "cnaf_quotient_familial"]});
        person(Who::Applicant).patch(&format!("/api/enrollments/{id}"), &scopes).await.ok();
        let mut model = Model {
            status: "draft",
            reopening: false,
            resubmitted: false,
            offered: false,
            authorisations: Vec::new(),
            lines: 1,
            revocable_by_instructor: policy["revocable_by_instructor"] == Value::Bool(true),
        };
        let mut told = Vec::new();
        for round in 0..STEPS {
            let (who, step) = random_step(&mut random, &model);
            told.push(format!("{who:?} {step}"));
            // Nothing is left to be accepted twice: what was struck is put back before it is struck again.
            let before = model.clone();
            let expected = model.take(who, step);
            let lacks = step == "offer_partial_grant"
                && expected == Answer::Done
                && !has_both(person(Who::Administrator), id).await;
            if lacks {
                model = before;
                continue;
            }
            let answer = try_step(person(who), id, step, round).await;
            let found = match answer {
                200..300 => Answer::Done,
                404 => Answer::Hidden,
                403 | 409 => Answer::Refused,
                other => panic!("seed {seed}: {told:#?} answered {other}"),
            };
            assert_eq!(found, expected, "seed {seed}: {told:#?}");
            let Model { status, reopening, offered, authorisations, lines, .. } = &model;
            let (status, authorisations) =
                ((*status).to_owned(), authorisations.iter().map(ToString::to_string).collect());
            let expected = (status, *reopening, *offered, authorisations, *lines);
            assert_eq!(stands(person(Who::Administrator), id).await, expected, "seed {seed}: {told:#?}");
            reached.insert((expected.0, expected.1, expected.2));
        }
    }
    // All states but those that no life can have were lived through.
    assert!(reached.len() >= 11, "{reached:?}");
    assert_eq!(wrong_counters(&app).await, [] as [&str; 0], "the figures are those of a recount");
}

/// Everybody of [`EVERYBODY`], signed in, in its order.
async fn everybody(app: &TestApp) -> Vec<Client> {
    let mut people = Vec::new();
    for who in EVERYBODY {
        let roles: &[&str] = match who {
            Who::Applicant => &[],
            Who::Instructor => &["api_particulier:instructor"],
            Who::Administrator => &["administrator"],
            Who::Reporter => &["api_particulier:cnaf:reporter"],
            Who::Stranger => &["franceconnect:instructor"],
        };
        people.push(app.actor(&format!("{who:?}").to_lowercase(), roles).await);
    }
    people
}

/// Half of the time somebody who may do something does it; else anybody tries anything.
fn random_step(random: &mut fastrand::Rng, model: &Model) -> (Who, &'static str) {
    let likely = random.bool();
    loop {
        let who = EVERYBODY[random.usize(..EVERYBODY.len())];
        let step = STEPS_OF_LIFE[random.usize(..STEPS_OF_LIFE.len())];
        let ends = matches!(step, "archive" | "revoke") && random.u8(..5) > 0;
        let stuck = matches!(model.status, "archived" | "revoked");
        if !ends && (!likely || stuck || model.clone().take(who, step) == Answer::Done) {
            return (who, step);
        }
    }
}

async fn has_both(administrator: &Client, id: i64) -> bool {
    let enrollment = administrator.get(&format!("/api/enrollments/{id}")).await.ok();
    enrollment["scopes"].as_array().unwrap().len() == 2
}
