//! What the counters of the public figures are told of a change, in the change's own transaction, late in it. What they mean
//! is said in `shared::stats`; that they are right is checked by `crate::statistics`, which counts from the history alone.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use shared::calendar::{Month, paris};
use shared::change_point::NewPoint;
use shared::queue::days_begun;
use shared::stats::{Decision, FirstAnswer, Measure, Submission, bucket, counted_as};
use shared::workflow::{EventName, Status};

use crate::connection::AnyConnection;
use crate::connection::types::utc;
use crate::error::Result;
use crate::models::enrollment::{EnrollmentChanges, EnrollmentRecord};
use crate::models::event;
use crate::models::statistics::{self, Counters};

/// What the instruction of a request consists of.
const INSTRUCTION: [EventName; 6] = [
    EventName::Submit,
    EventName::RequestChanges,
    EventName::OfferPartialGrant,
    EventName::AcceptOffer,
    EventName::Validate,
    EventName::Refuse,
];

/// Counts a draft that is started.
///
/// # Errors
/// The database's.
pub(super) fn count_start(connection: &mut AnyConnection, target_api: &str, now: NaiveDateTime) -> Result<()> {
    let mut counters = Counters::default();
    let month = Some(Month::in_paris(utc(now)));
    counters.add(month, Measure::Status, Status::Draft, target_api, 1);
    Ok(statistics::add(connection, &counters)?)
}

/// Counts what an event has changed, once it is recorded. What counts for nothing takes no statement.
///
/// # Errors
/// The database's.
pub(super) fn count(
    connection: &mut AnyConnection,
    record: &EnrollmentRecord,
    columns: &EnrollmentChanges,
    event: EventName,
    points: &[NewPoint],
    now: NaiveDateTime,
) -> Result<()> {
    let since_begun =
        if INSTRUCTION.contains(&event) { event::since_begun(connection, record.id)? } else { Vec::new() };
    let waited = match record.waiting_from {
        Some(since) => (now - since).num_seconds(),
        None => record.waited,
    };
    let change = Change {
        target_api: &record.target_api,
        created_at: record.created_at,
        is_renewal: record.copied_from_id.is_some(),
        before: Stand { status: record.status.0, reopening: record.reopening, waiting_from: record.waiting_from },
        after: Stand { status: columns.status.0, reopening: columns.reopening, waiting_from: columns.waiting_from },
        event,
        since_begun: &since_begun,
        days: bucket(days_begun(waited)),
        points,
        now,
    };
    let counters = change.counted();
    if counters.is_empty() {
        return Ok(());
    }
    Ok(statistics::add(connection, &counters)?)
}

/// Where a request stands, as far as it is counted.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stand {
    status: Status,
    reopening: bool,
    waiting_from: Option<NaiveDateTime>,
}

/// A change of a request, as far as it is counted.
struct Change<'a> {
    target_api: &'a str,
    created_at: NaiveDateTime,
    is_renewal: bool,
    before: Stand,
    after: Stand,
    event: EventName,
    /// What has happened since the request, or its last update, was begun: the event last. Asked for in an instruction only.
    since_begun: &'a [EventName],
    /// How many days the administration has taken so far, as a bucket.
    days: i64,
    points: &'a [NewPoint],
    now: NaiveDateTime,
}

impl Change<'_> {
    /// What it adds to the counters.
    fn counted(&self) -> Counters {
        let mut counters = Counters::default();
        for (stand, more) in [(self.before, -1), (self.after, 1)] {
            if let Some(status) = counted_as(stand.status, stand.reopening) {
                let month = Month::in_paris(utc(self.created_at));
                counters.add(Some(month), Measure::Status, status, self.target_api, more);
            }
            if let Some(since) = stand.waiting_from {
                counters.add(None, Measure::Backlog, paris(utc(since)).date(), self.target_api, more);
            }
        }
        match self.event {
            EventName::Submit if self.times(&[EventName::Submit]) == 1 => {
                self.happened(&mut counters, Measure::Submissions, self.submission());
            }
            EventName::Revoke => self.happened(&mut counters, Measure::Revocations, ""),
            _ => {}
        }
        self.answered(&mut counters);
        self.decided(&mut counters);
        counters
    }

    const fn submission(&self) -> Submission {
        if self.before.reopening {
            Submission::Update
        } else if self.is_renewal {
            Submission::Renewal
        } else {
            Submission::New
        }
    }

    fn answered(&self, counters: &mut Counters) {
        let answer = match self.event {
            EventName::Validate => FirstAnswer::Validated,
            EventName::OfferPartialGrant => FirstAnswer::PartialGrantOffered,
            EventName::RequestChanges => FirstAnswer::ChangesRequested,
            EventName::Refuse => FirstAnswer::Refused,
            _ => return,
        };
        let answers = [EventName::Validate, EventName::OfferPartialGrant, EventName::RequestChanges, EventName::Refuse];
        if self.times(&answers) != 1 {
            return;
        }
        self.happened(counters, Measure::FirstAnswers, answer);
        self.happened(counters, Measure::FirstAnswerDays, format!("{:03}", self.days));
        let fields: BTreeSet<_> = self.points.iter().map(|point| &point.field).collect();
        for field in fields {
            self.happened(counters, Measure::ReturnedFields, field);
        }
    }

    fn decided(&self, counters: &mut Counters) {
        let decision = match self.event {
            EventName::Validate => Decision::Validated,
            EventName::AcceptOffer => Decision::PartiallyValidated,
            EventName::Refuse => Decision::Refused,
            _ => return,
        };
        self.happened(counters, Measure::Decisions, decision);
        self.happened(counters, Measure::DecisionDays, format!("{:03}", self.days));
        if self.times(&[EventName::RequestChanges]) > 0 {
            self.happened(counters, Measure::DecisionsAfterChanges, decision);
        }
    }

    /// How often one of these has happened in this instruction, the event included.
    fn times(&self, events: &[EventName]) -> usize {
        self.since_begun.iter().filter(|event| events.contains(event)).count()
    }

    fn happened(&self, counters: &mut Counters, measure: Measure, label: impl std::fmt::Display) {
        counters.add(Some(Month::in_paris(utc(self.now))), measure, label, self.target_api, 1);
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use shared::field::Field;

    use super::*;
    use EventName::{AcceptOffer, Archive, Create, Delete, OfferPartialGrant, Refuse, Reopen, RequestChanges};
    use EventName::{Restore, Revoke, Submit, Update, Validate, Withdraw};

    fn at(month: u32, day: u32) -> NaiveDateTime {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap().and_hms_opt(12, 0, 0).unwrap()
    }

    fn stand(status: Status) -> Stand {
        let waiting_from = status.awaits_administration().then(|| at(3, 20));
        Stand { status, reopening: false, waiting_from }
    }

    /// What that change, on 2 April, adds for a request of January: month, measure, label and how much, by line.
    fn counted(change: Change<'_>) -> Vec<String> {
        let counters = change.counted();
        counters.rows().map(|(key, more)| format!("{} {} {} {more:+}", key.month, key.measure, key.label)).collect()
    }

    fn change<'a>(before: Status, after: Status, since_begun: &'a [EventName]) -> Change<'a> {
        Change {
            target_api: "a",
            created_at: at(1, 10),
            is_renewal: false,
            before: stand(before),
            after: stand(after),
            event: *since_begun.last().unwrap(),
            since_begun,
            days: 13,
            points: &[],
            now: at(4, 2),
        }
    }

    #[test]
    fn writing_counts_for_nothing() {
        for status in Status::ALL {
            assert_eq!(counted(change(*status, *status, &[Create, Update])), [] as [&str; 0]);
        }
    }

    #[test]
    fn a_submission_begins_an_instruction_once() {
        let first = counted(change(Status::Draft, Status::Submitted, &[Create, Submit]));
        let moved = [" backlog 2026-03-20 +1", "2026-01 status draft -1", "2026-01 status submitted +1"];
        assert_eq!(first[..3], moved);
        assert_eq!(first[3..], ["2026-04 submissions new +1"]);
        let again = counted(change(Status::Draft, Status::Submitted, &[Create, Submit, Withdraw, Submit]));
        assert_eq!(again, moved);
        let renewal = Change { is_renewal: true, ..change(Status::Draft, Status::Submitted, &[Create, Submit]) };
        assert!(counted(renewal).contains(&"2026-04 submissions renewal +1".to_owned()));
    }

    #[test]
    fn an_update_leaves_what_is_in_force_where_it_is() {
        let reopened = |status| Stand { reopening: true, ..stand(status) };
        let begun = change(Status::Validated, Status::Draft, &[Create, Submit, Validate, Reopen]);
        assert_eq!(counted(Change { after: reopened(Status::Draft), ..begun }), [] as [&str; 0]);
        let handed_over = Change {
            before: reopened(Status::Draft),
            after: reopened(Status::Submitted),
            ..change(Status::Draft, Status::Submitted, &[Submit])
        };
        assert_eq!(counted(handed_over), [" backlog 2026-03-20 +1", "2026-04 submissions update +1"]);
    }

    #[test]
    fn the_first_answer_counts_with_its_fields_each_once() {
        let point = |field| NewPoint { field, scope: None, comment: "Précisez.".to_owned() };
        let points = [point(Field::Scopes), point(Field::Intitule), point(Field::Scopes)];
        let asked = |since_begun| Change {
            points: &points,
            ..change(Status::Submitted, Status::ChangesRequested, since_begun)
        };
        let first = counted(asked(&[Create, Submit, RequestChanges]));
        assert_eq!(
            first[..3],
            [" backlog 2026-03-20 -1", "2026-01 status changes_requested +1", "2026-01 status submitted -1"]
        );
        assert_eq!(
            first[3..],
            [
                "2026-04 first_answer_days 013 +1",
                "2026-04 first_answers changes_requested +1",
                "2026-04 returned_fields intitule +1",
                "2026-04 returned_fields scopes +1",
            ]
        );
        let second = counted(asked(&[Create, Submit, RequestChanges, Submit, RequestChanges]));
        assert_eq!(second, first[..3]);
    }

    #[test]
    fn a_decision_says_whether_changes_were_asked_for() {
        let end = |after, since_begun| counted(change(Status::Submitted, after, since_begun))[3..].to_vec();
        assert_eq!(
            end(Status::Validated, &[Create, Submit, Validate]),
            [
                "2026-04 decision_days 013 +1",
                "2026-04 decisions validated +1",
                "2026-04 first_answer_days 013 +1",
                "2026-04 first_answers validated +1",
            ]
        );
        assert_eq!(
            end(Status::Refused, &[Create, Submit, RequestChanges, Submit, Refuse]),
            [
                "2026-04 decision_days 013 +1",
                "2026-04 decisions refused +1",
                "2026-04 decisions_after_changes refused +1",
            ]
        );
    }

    #[test]
    fn an_offer_is_the_answer_and_its_acceptance_the_decision() {
        let offered = counted(change(Status::Submitted, Status::ChangesRequested, &[Submit, OfferPartialGrant]));
        assert!(offered.contains(&"2026-04 first_answers partial_grant_offered +1".to_owned()));
        let accepted =
            counted(change(Status::ChangesRequested, Status::Validated, &[Submit, OfferPartialGrant, AcceptOffer]));
        assert_eq!(accepted[2..], ["2026-04 decision_days 013 +1", "2026-04 decisions partially_validated +1"]);
    }

    #[test]
    fn what_ends_without_a_decision_counts_where_it_stands() {
        assert_eq!(
            counted(change(Status::Submitted, Status::Archived, &[Archive])),
            [" backlog 2026-03-20 -1", "2026-01 status archived +1", "2026-01 status submitted -1"]
        );
        assert_eq!(
            counted(change(Status::Validated, Status::Revoked, &[Revoke])),
            ["2026-01 status revoked +1", "2026-01 status validated -1", "2026-04 revocations  +1"]
        );
        assert_eq!(counted(change(Status::Draft, Status::Deleted, &[Delete])), ["2026-01 status draft -1"]);
        assert_eq!(counted(change(Status::Deleted, Status::Draft, &[Restore])), ["2026-01 status draft +1"]);
    }
}
