//! Counting anew, from the requests and their history alone: when the counters do not exist yet, when somebody doubts them,
//! and in the test that holds them to it.

use std::collections::BTreeSet;

use chrono::{NaiveDateTime, TimeDelta};
use shared::calendar::{Month, paris};
use shared::queue::days_begun;
use shared::stats::{Decision, FirstAnswer, Measure, Submission, bucket, counted_as};
use shared::workflow::EventName;

use crate::connection::types::utc;
use crate::db::Db;
use crate::error::Result;
use crate::ids::EnrollmentId;
use crate::models::statistics::{self, Counters, Happened, Life};

/// Requests that are read at once.
const PAGE: i64 = 500;

/// Counts everything anew; what was to be added to the counters, which are right now. Meanwhile decisions wait. It takes the
/// memory of a page of requests, and of the counters.
///
/// # Errors
/// The database's.
pub async fn recount(db: &Db) -> Result<Counters> {
    db.write_without_timeout(|connection| {
        statistics::lock(connection)?;
        let (mut counters, mut last) = (Counters::default(), EnrollmentId(0));
        loop {
            let lives = statistics::lives(connection, last, PAGE)?;
            let Some(end) = lives.last() else { break };
            last = end.id;
            lives.iter().for_each(|life| count(life, &mut counters));
        }
        let missing = counters.minus(&statistics::all(connection)?);
        statistics::add(connection, &missing)?;
        Ok(missing)
    })
    .await
}

/// The same where nothing was counted yet, though there are requests.
///
/// # Errors
/// The database's.
pub async fn count_missing(db: &Db) -> Result<()> {
    if db.read(|connection| Ok(statistics::are_missing(connection)?)).await? {
        recount(db).await?;
    }
    Ok(())
}

/// Adds one request to the counters.
fn count(life: &Life, counters: &mut Counters) {
    let api = &life.target_api;
    if let Some(status) = counted_as(life.status, life.reopening) {
        counters.add(Some(Month::in_paris(utc(life.created_at))), Measure::Status, status, api, 1);
    }
    if let Some(since) = life.waiting_from {
        counters.add(None, Measure::Backlog, paris(utc(since)).date(), api, 1);
    }
    let kind = if life.is_renewal { Submission::Renewal } else { Submission::New };
    let mut instruction = Instruction::new(api, kind);
    for event in &life.events {
        if event.name == EventName::Reopen {
            instruction = Instruction::new(api, Submission::Update);
        }
        instruction.follow(event, counters);
    }
}

/// What is known of an instruction on the way through it.
struct Instruction<'a> {
    target_api: &'a str,
    kind: Submission,
    is_submitted: bool,
    is_answered: bool,
    is_sent_back: bool,
    /// Since when it is the administration's turn.
    turn: Option<NaiveDateTime>,
    /// Seconds of the turns before.
    waited: i64,
}

impl<'a> Instruction<'a> {
    const fn new(target_api: &'a str, kind: Submission) -> Self {
        let (is_submitted, is_answered, is_sent_back) = (false, false, false);
        Self { target_api, kind, is_submitted, is_answered, is_sent_back, turn: None, waited: 0 }
    }

    fn follow(&mut self, event: &Happened, counters: &mut Counters) {
        match event.name {
            EventName::Submit => self.hand_over(event, counters),
            EventName::DeclineOffer => self.turn = Some(event.at),
            EventName::Withdraw | EventName::Archive => self.end_turn(event),
            EventName::Revoke => self.add(counters, event, Measure::Revocations, ""),
            EventName::RequestChanges => {
                self.is_sent_back = true;
                self.answer(event, counters, FirstAnswer::ChangesRequested);
            }
            EventName::OfferPartialGrant => self.answer(event, counters, FirstAnswer::PartialGrantOffered),
            EventName::AcceptOffer => self.decide(event, counters, Decision::PartiallyValidated),
            EventName::Validate => {
                self.answer(event, counters, FirstAnswer::Validated);
                self.decide(event, counters, Decision::Validated);
            }
            EventName::Refuse => {
                self.answer(event, counters, FirstAnswer::Refused);
                self.decide(event, counters, Decision::Refused);
            }
            _ => {}
        }
    }

    fn hand_over(&mut self, event: &Happened, counters: &mut Counters) {
        self.turn = Some(event.at);
        if !self.is_submitted {
            self.is_submitted = true;
            self.add(counters, event, Measure::Submissions, self.kind);
        }
    }

    fn end_turn(&mut self, event: &Happened) {
        if let Some(begun) = self.turn.take() {
            self.waited = (event.at - begun + TimeDelta::seconds(self.waited)).num_seconds().max(0);
        }
    }

    fn answer(&mut self, event: &Happened, counters: &mut Counters, answer: FirstAnswer) {
        self.end_turn(event);
        if self.is_answered {
            return;
        }
        self.is_answered = true;
        self.add(counters, event, Measure::FirstAnswers, answer);
        self.add(counters, event, Measure::FirstAnswerDays, self.days());
        for field in event.fields.iter().collect::<BTreeSet<_>>() {
            self.add(counters, event, Measure::ReturnedFields, field);
        }
    }

    fn decide(&self, event: &Happened, counters: &mut Counters, decision: Decision) {
        self.add(counters, event, Measure::Decisions, decision);
        self.add(counters, event, Measure::DecisionDays, self.days());
        if self.is_sent_back {
            self.add(counters, event, Measure::DecisionsAfterChanges, decision);
        }
    }

    fn days(&self) -> String {
        format!("{:03}", bucket(days_begun(self.waited)))
    }

    fn add(&self, counters: &mut Counters, event: &Happened, measure: Measure, label: impl std::fmt::Display) {
        counters.add(Some(Month::in_paris(utc(event.at))), measure, label, self.target_api, 1);
    }
}
