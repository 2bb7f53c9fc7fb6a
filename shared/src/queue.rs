//! The instructors' queue: how long a request has waited, to whom it is assigned, absences, saved filters.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::wire_enum;
use crate::workflow::Status;

/// The fewest decisions that say something about those to come.
pub const MIN_DECISIONS: usize = 5;

/// How many days back decisions are looked at.
pub const WINDOW_DAYS: i64 = 365;

/// The most decisions that are looked at, the latest: each submission does so.
pub const MAX_DECISIONS: usize = 1_000;

/// The most requests that are assigned at once.
pub const MAX_ASSIGNED: usize = 100;

/// The most days ahead that one may be absent until.
pub const MAX_ABSENCE_DAYS: i64 = 366;

/// The most filters that somebody keeps.
pub const MAX_FILTERS: usize = 50;

/// The most characters of the name of a filter.
pub const MAX_FILTER_NAME: usize = 80;

/// The most characters of what a filter shows.
pub const MAX_FILTER_QUERY: usize = 2_000;

/// How long a request has waited for the administration. Only the time in which the administration must act counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// Seconds of the turns before the present one.
    pub waited: i64,
    /// While it waits: when it would have begun to, had it waited without a break.
    pub since: Option<DateTime<Utc>>,
}

impl Turn {
    /// The waiting time once the status has changed, and, where that was the answer, how many seconds it took. A partial grant that
    /// was `offered` is an answer too, given when it was offered, as soon as the applicant does not decline it.
    pub fn moved(self, before: Status, after: Status, offered: bool, now: DateTime<Utc>) -> (Self, Option<i64>) {
        let waited = self.since.map_or(self.waited, |since| (now - since).num_seconds().max(0));
        match (before.awaits_administration(), after.awaits_administration()) {
            (true, true) => (self, None),
            (false, true) => (Self { since: Some(now - TimeDelta::seconds(waited)), waited }, None),
            // What comes after an answer is counted anew, however it was reached.
            (awaited, false) if matches!(after, Status::Validated | Status::Refused) => {
                (Self::default(), (awaited || offered).then_some(waited))
            }
            (_, false) => (Self { waited, since: None }, None),
        }
    }
}

/// How long the administration takes to answer, from the decisions of the last year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WaitingTimes {
    /// Half of the requests waited no longer, in seconds; `null` where there are too few decisions to say.
    pub p50_seconds: Option<i64>,
    /// Eight requests in ten waited no longer.
    pub p80_seconds: Option<i64>,
    /// How many decisions that is from.
    pub decisions: usize,
    /// The first day that is looked at.
    pub since: NaiveDate,
}

impl WaitingTimes {
    /// From how many seconds each request waited, in any order.
    pub fn of(mut waited: Vec<i64>, since: NaiveDate) -> Self {
        waited.sort_unstable();
        let decisions = waited.len();
        let says = |percent| (decisions >= MIN_DECISIONS).then(|| percentile(&waited, percent)).flatten();
        Self { p50_seconds: says(50), p80_seconds: says(80), decisions, since }
    }
}

/// Days that have begun in that time: it is less than so many days.
pub fn days_begun(seconds: i64) -> i64 {
    seconds.max(0).div_euclid(86_400) + 1
}

/// The smallest value that `percent` in a hundred do not exceed (nearest rank); `None` where there is no value.
pub fn percentile(sorted: &[i64], percent: usize) -> Option<i64> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}

wire_enum! {
    /// A filter of the list by assignment.
    pub enum AssignedTo {
        /// The caller's.
        Me = "me",
        /// Nobody's.
        Nobody = "nobody",
    }
}

/// The instructor to whom a request is assigned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Assignee {
    /// User number.
    pub id: i64,
    /// First and last name.
    pub name: String,
}

/// An instructor of an API, as the others see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Colleague {
    /// User number.
    pub id: i64,
    /// First and last name.
    pub name: String,
    /// Absent until the end of that day; `null` for who is there.
    pub absent_until: Option<NaiveDate>,
}

/// Body of `PUT /api/enrollments/{id}/assignment`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// To whom, by user number; `null`: to nobody.
    pub user_id: Option<i64>,
    /// Who had it when the caller looked; `null` or absent: nobody. Where somebody else has it by now, nothing changes.
    #[serde(default)]
    pub from: Option<i64>,
}

/// Body of `POST /api/enrollments/assignments`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Assignments {
    /// Which requests. Those that another instructor takes care of stay theirs.
    pub ids: Vec<i64>,
    /// To whom, by user number; `null`: to nobody.
    pub user_id: Option<i64>,
}

/// Whether one of several requests was assigned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AssignmentOutcome {
    /// Number of the request.
    pub id: i64,
    /// Why nothing changed; `null` where it was done.
    pub error: Option<String>,
}

/// The absence of an instructor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Absence {
    /// Until the end of that day; `null`: they are there.
    pub until: Option<NaiveDate>,
}

impl Absence {
    /// Whether somebody is absent on that day.
    pub fn is_on(self, day: NaiveDate) -> bool {
        self.until.is_some_and(|until| until >= day)
    }
}

/// How many requests each view of an instructor's home holds, each counted up to 1 000: 1 001 stands for any number beyond.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QueueCounts {
    /// They wait for the administration.
    pub submitted: i64,
    /// They wait, and are assigned to nobody.
    pub unassigned: i64,
    /// They wait, and are assigned to the caller.
    pub waiting_for_me: i64,
    /// They wait, after changes that were asked for.
    pub resubmitted: i64,
    /// They are assigned to the caller, whatever their status.
    pub mine: i64,
    /// They wait for their applicant.
    pub changes_requested: i64,
    /// They have messages that no instructor has read; each counts once, however many these are.
    pub unread: i64,
    /// All, without those that were put away; with those that are archived for who sees every request.
    pub all: i64,
}

/// A saved filter to write.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSavedFilter {
    /// The name that they gave it.
    pub name: String,
    /// What it shows: the part of the list's address after `?`.
    pub query: String,
    /// The list opens with it.
    #[serde(default)]
    pub is_default: bool,
}

/// A filter of the list that somebody has saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SavedFilter {
    /// Its number.
    pub id: i64,
    /// The name that they gave it.
    pub name: String,
    /// What it shows: the part of the list's address after `?`.
    pub query: String,
    /// The list opens with it.
    pub is_default: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hours)
    }

    #[test]
    fn only_the_time_of_the_administration_counts() {
        let turn = Turn::default();
        let (turn, _) = turn.moved(Status::Draft, Status::Submitted, false, at(10));
        assert_eq!(turn.since, Some(at(10)));
        let (turn, answered) = turn.moved(Status::Submitted, Status::ChangesRequested, false, at(13));
        assert_eq!((turn, answered), (Turn { waited: 3 * 3600, since: None }, None));
        let (turn, _) = turn.moved(Status::ChangesRequested, Status::ChangesRequested, false, at(50));
        let (turn, _) = turn.moved(Status::ChangesRequested, Status::Submitted, false, at(100));
        assert_eq!(turn.since, Some(at(97)), "as if it had waited without a break");
        let (turn, answered) = turn.moved(Status::Submitted, Status::Validated, false, at(102));
        assert_eq!((turn, answered), (Turn::default(), Some(5 * 3600)));
        let (turn, answered) = turn.moved(Status::Validated, Status::Draft, false, at(200));
        assert_eq!((turn, answered), (Turn::default(), None), "an update is counted anew");
    }

    #[test]
    fn an_offer_is_an_answer_once_it_is_accepted() {
        let offered = Turn { waited: 0, since: Some(at(0)) };
        let (turn, answered) = offered.moved(Status::Submitted, Status::ChangesRequested, false, at(3));
        assert_eq!(answered, None);
        let (_, accepted) = turn.moved(Status::ChangesRequested, Status::Validated, true, at(50));
        assert_eq!(accepted, Some(3 * 3600), "the applicant’s own time is not the administration’s");
        let (turn, declined) = turn.moved(Status::ChangesRequested, Status::Submitted, true, at(50));
        assert_eq!((turn.since, declined), (Some(at(47)), None));
    }

    #[test]
    fn what_is_no_answer_is_no_decision() {
        let waiting = Turn { waited: 0, since: Some(at(0)) };
        for after in Status::ALL.iter().copied().filter(|status| *status != Status::Submitted) {
            let (turn, answered) = waiting.moved(Status::Submitted, after, false, at(2));
            assert_eq!(answered.is_some(), matches!(after, Status::Validated | Status::Refused), "{after}");
            assert_eq!(turn.since, None, "{after}");
        }
        let (turn, _) = waiting.moved(Status::Submitted, Status::Draft, false, at(-1));
        assert_eq!(turn.waited, 0, "a clock that was set back takes nothing away");
    }

    #[test]
    fn a_percentile_is_a_value_that_occurs() {
        assert_eq!(percentile(&[], 50), None);
        assert_eq!(percentile(&[7], 50), Some(7));
        assert_eq!(percentile(&[1, 2, 3, 4, 5], 50), Some(3));
        assert_eq!(percentile(&[1, 2, 3, 4, 5], 80), Some(4));
        assert_eq!(percentile(&[1, 2, 3, 4, 5, 6], 50), Some(3));
        assert_eq!(percentile(&[1, 2, 3, 4, 5, 6], 80), Some(5));
        assert_eq!(percentile(&[1, 2], 0), Some(1));
        assert_eq!(percentile(&[1, 2], 100), Some(2));
    }

    #[test]
    fn days_are_counted_as_soon_as_they_begin() {
        for (seconds, days) in [(-1, 1), (0, 1), (86_399, 1), (86_400, 2), (10 * 86_400 - 1, 10)] {
            assert_eq!(days_begun(seconds), days);
        }
    }

    #[test]
    fn few_decisions_say_nothing() {
        let since = NaiveDate::default();
        let times = WaitingTimes::of(vec![4, 3, 2, 1], since);
        assert_eq!((times.p50_seconds, times.p80_seconds, times.decisions), (None, None, 4));
        let times = WaitingTimes::of(vec![5, 4, 3, 2, 1], since);
        assert_eq!((times.p50_seconds, times.p80_seconds, times.decisions), (Some(3), Some(4), 5));
    }

    #[test]
    fn an_absence_holds_to_the_end_of_its_last_day() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
        let absence = Absence { until: Some(day(12)) };
        assert!(absence.is_on(day(11)) && absence.is_on(day(12)) && !absence.is_on(day(13)));
        assert!(!Absence::default().is_on(day(12)));
    }
}
