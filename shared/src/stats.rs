//! The public figures: what is counted, what is shown of it, and what each figure means.
//!
//! An *instruction* begins when a request, a renewal or an update of an authorisation is first handed over, and ends with the
//! decision. Its times are those in which it was the administration’s turn to act (see [`crate::queue`]).

mod figure;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::figure::Figure;
use crate::calendar::Month;
use crate::field::Field;
use crate::queue::MIN_DECISIONS;
use crate::wire_enum;
use crate::workflow::Status;

/// How many months are looked at before the present one, unless the caller says.
pub const MONTHS_BEFORE: u32 = 12;

/// The most months that are looked at.
pub const MAX_MONTHS: usize = 240;

wire_enum! {
    /// What a row of the counters counts. Its month is that in which it happened, in Paris, but for what stands somewhere now.
    pub enum Measure {
        /// Requests by present status, in the month in which they were started. See [`counted_as`].
        Status = "status",
        /// Instructions that began, by [`Submission`].
        Submissions = "submissions",
        /// First answers of instructions, by [`FirstAnswer`].
        FirstAnswers = "first_answers",
        /// The same by the time that they took, as a [`bucket`].
        FirstAnswerDays = "first_answer_days",
        /// First answers that asked for changes of a field, by the field.
        ReturnedFields = "returned_fields",
        /// Ends of instructions, by [`Decision`].
        Decisions = "decisions",
        /// The same by the time that they took, as a [`bucket`].
        DecisionDays = "decision_days",
        /// Those of instructions in which changes were asked for, by [`Decision`].
        DecisionsAfterChanges = "decisions_after_changes",
        /// Authorisations that were withdrawn.
        Revocations = "revocations",
        /// What waits for the administration now, by the day since which it would, had it waited without a break. Of no month.
        Backlog = "backlog",
    }
}

wire_enum! {
    /// What is handed over.
    pub enum Submission {
        /// A new request.
        New = "new",
        /// The renewal of one that was decided.
        Renewal = "renewal",
        /// The update of an authorisation that is in force.
        Update = "update",
    }
}

wire_enum! {
    /// What the administration first says of what was handed over.
    pub enum FirstAnswer {
        /// It is granted as it is.
        Validated = "validated",
        /// Less is offered.
        PartialGrantOffered = "partial_grant_offered",
        /// Changes are asked for.
        ChangesRequested = "changes_requested",
        /// It is turned down.
        Refused = "refused",
    }
}

wire_enum! {
    /// How an instruction ends.
    pub enum Decision {
        /// With an authorisation for all that was asked for.
        Validated = "validated",
        /// With one for less: the applicant has accepted what was offered.
        PartiallyValidated = "partially_validated",
        /// Without.
        Refused = "refused",
    }
}

/// As what a request counts: an update leaves the authorisation in force; a draft that was deleted counts as nothing.
pub const fn counted_as(status: Status, reopening: bool) -> Option<Status> {
    match status {
        Status::Deleted => None,
        _ if reopening => Some(Status::Validated),
        status => Some(status),
    }
}

/// The days that are told apart: each of the first month, then weeks, then months. More are [`LAST_DAY`] and one.
const WEEKLY_FROM: i64 = 31;
const MONTHLY_FROM: i64 = 94;
const LAST_DAY: i64 = 364;

/// The last day of the bucket of the histogram into which so many days that have begun fall.
pub const fn bucket(days: i64) -> i64 {
    if days <= 1 {
        1
    } else if days <= WEEKLY_FROM {
        days
    } else if days <= MONTHLY_FROM {
        WEEKLY_FROM + (days - WEEKLY_FROM + 6) / 7 * 7
    } else if days <= LAST_DAY {
        MONTHLY_FROM + (days - MONTHLY_FROM + 29) / 30 * 30
    } else {
        LAST_DAY + 1
    }
}

/// A part of a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Share {
    /// The part.
    pub count: i64,
    /// The whole.
    pub of: i64,
    /// The part in a hundred, to the nearest; `null` of nothing.
    pub percent: Option<i64>,
}

impl Share {
    /// So many of so many.
    pub fn new(count: i64, of: i64) -> Self {
        Self { count, of, percent: (of > 0).then(|| (200 * count + of) / (2 * of)) }
    }
}

/// How long something took, in days that have begun. Above 31 days these are rounded up, to a week and above 94 to a month;
/// 365 stands for more than 364.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Delay {
    /// Half of it took no longer; `null` where there is too little to say.
    pub p50_days: Option<i64>,
    /// Eight in ten took no longer.
    pub p80_days: Option<i64>,
    /// How many that is from.
    pub count: i64,
}

impl Delay {
    /// Of a histogram: how many there are in each [`bucket`].
    pub fn of(histogram: &BTreeMap<i64, i64>) -> Self {
        let count = histogram.values().sum();
        let says = usize::try_from(count).is_ok_and(|count| count >= MIN_DECISIONS);
        // The nearest rank, as in `queue::percentile`.
        let percentile = |percent: i64| {
            let rank = (count * percent + 99) / 100;
            let mut so_far = 0;
            histogram.iter().find_map(|(days, here)| {
                so_far += here;
                (so_far >= rank).then_some(*days)
            })
        };
        Self { p50_days: percentile(50).filter(|_| says), p80_days: percentile(80).filter(|_| says), count }
    }
}

/// What the page of statistics shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Statistics {
    /// Of that API alone; `null`: of all.
    pub target_api: Option<String>,
    /// Of the APIs of that provider, by its id in the policies; `null`: of all.
    pub provider: Option<String>,
    /// The first month of the period.
    pub from: Month,
    /// Its last month.
    pub to: Month,
    /// Requests that were started in the period.
    pub requests: i64,
    /// The same by present status, in the order of the workflow, zeros included.
    pub by_status: Vec<StatusFigure>,
    /// By API, the most asked for first; those with neither a request nor an answer are left out.
    pub by_api: Vec<ApiFigures>,
    /// Every month of the period, oldest first.
    pub months: Vec<MonthFigures>,
    /// What happened in the period.
    pub activity: Activity,
    /// The administration’s own time up to its first answer.
    pub first_answer: Delay,
    /// The same up to the decision.
    pub decision: Delay,
    /// First answers that grant, among all.
    pub first_time_right: Share,
    /// Decisions after a request for changes, among all.
    pub go_back: Share,
    /// The fields that first answers asked to change, the most frequent first.
    pub fields: Vec<FieldFigure>,
    /// What waits for the administration now, whatever the period.
    pub backlog: Backlog,
    /// What each figure means, in French.
    #[schema(value_type = std::collections::HashMap<String, String>)]
    pub definitions: BTreeMap<Figure, String>,
}

/// Requests of one status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatusFigure {
    /// The status.
    pub status: Status,
    /// How many.
    pub count: i64,
}

/// One API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApiFigures {
    /// Its slug.
    pub target_api: String,
    /// Its name.
    pub label: String,
    /// Requests that were started in the period.
    pub requests: i64,
    /// First answers that grant, among all.
    pub first_time_right: Share,
}

/// One month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MonthFigures {
    /// Which.
    pub month: Month,
    /// Requests that were started in it.
    pub requests: i64,
    /// The same by present status.
    pub by_status: Vec<StatusFigure>,
    /// What happened in it.
    pub activity: Activity,
}

/// What happened in some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Activity {
    /// What was handed over for the first time.
    pub submissions: i64,
    /// Renewals among it.
    pub renewals: i64,
    /// Updates among it.
    pub updates: i64,
    /// First answers.
    pub first_answers: i64,
    /// Those that ask for changes.
    pub changes_requested: i64,
    /// Decisions.
    pub decisions: i64,
    /// Those that grant.
    pub grants: i64,
    /// Those that grant a part.
    pub partial_grants: i64,
    /// Those that refuse.
    pub refusals: i64,
    /// Authorisations that were withdrawn.
    pub revocations: i64,
}

/// A field that first answers asked to change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldFigure {
    /// Its key.
    pub field: Field,
    /// Its label.
    pub label: String,
    /// Those first answers, among all.
    pub returned: Share,
}

/// What waits for the administration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Backlog {
    /// How many.
    pub count: i64,
    /// By age, the youngest first.
    pub ages: Vec<AgeFigure>,
    /// The day since which the oldest waits; `null` where nothing does.
    pub oldest: Option<NaiveDate>,
}

/// What has waited for some time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgeFigure {
    /// At least so many days.
    pub from_days: i64,
    /// At most so many; `null` for any number.
    pub to_days: Option<i64>,
    /// How many.
    pub count: i64,
}

impl Backlog {
    /// On that day, of how many wait since each day.
    pub fn on(today: NaiveDate, since: &BTreeMap<NaiveDate, i64>) -> Self {
        let ages = [(0, Some(7)), (8, Some(15)), (16, Some(30)), (31, None)].map(|(from_days, to_days)| {
            let is_in = |day: &NaiveDate| {
                let age = (today - *day).num_days().max(0);
                from_days <= age && to_days.is_none_or(|to| age <= to)
            };
            let count = since.iter().filter(|(day, _)| is_in(day)).map(|(_, count)| count).sum();
            AgeFigure { from_days, to_days, count }
        });
        Self { count: since.values().sum(), ages: ages.to_vec(), oldest: since.keys().next().copied() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_days_has_one_bucket_that_reaches_it() {
        let mut ends: Vec<i64> = (0..2_000).map(bucket).collect();
        assert!(ends.windows(2).all(|pair| pair[0] <= pair[1]));
        assert!((1..=LAST_DAY).all(|days| bucket(days) >= days && bucket(bucket(days)) == bucket(days)));
        assert!((1..=31).all(|days| bucket(days) == days));
        ends.dedup();
        assert_eq!(
            &ends[28..],
            [29, 30, 31, 38, 45, 52, 59, 66, 73, 80, 87, 94, 124, 154, 184, 214, 244, 274, 304, 334, 364, 365]
        );
    }

    #[test]
    fn percentiles_are_those_of_the_values() {
        let waits: Vec<i64> = [1, 1, 2, 3, 5, 8, 13, 21, 40, 400].to_vec();
        let mut histogram = BTreeMap::new();
        for days in &waits {
            *histogram.entry(bucket(*days)).or_default() += 1;
        }
        for percent in [50, 80] {
            let exact = crate::queue::percentile(&waits, percent).map(bucket);
            let delay = Delay::of(&histogram);
            assert_eq!(if percent == 50 { delay.p50_days } else { delay.p80_days }, exact);
        }
        assert_eq!(Delay::of(&BTreeMap::from([(3, 4)])), Delay { p50_days: None, p80_days: None, count: 4 });
        assert_eq!(Delay::of(&BTreeMap::from([(3, 4), (365, 1)])).p80_days, Some(3));
        assert_eq!(Delay::of(&BTreeMap::new()), Delay::default());
    }

    #[test]
    fn a_share_is_rounded_to_the_nearest() {
        let percent = |count, of| Share::new(count, of).percent;
        assert_eq!(
            [percent(1, 3), percent(2, 3), percent(1, 200), percent(3, 3)],
            [Some(33), Some(67), Some(1), Some(100)]
        );
        assert_eq!(percent(0, 0), None);
    }

    #[test]
    fn the_backlog_ages_by_the_day() {
        let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).unwrap();
        let since = BTreeMap::from([(day(1), 1), (day(16), 2), (day(24), 4), (day(31), 8)]);
        let counts = |today| Backlog::on(today, &since).ages.iter().map(|age| age.count).collect::<Vec<_>>();
        assert_eq!(counts(day(31)), [12, 2, 1, 0]);
        assert_eq!(counts(day(31) + chrono::Days::new(1)), [8, 4, 2, 1]);
        assert_eq!(Backlog::on(day(31), &since).oldest, Some(day(1)));
        assert_eq!(Backlog::on(day(31), &BTreeMap::new()).count, 0);
    }

    #[test]
    fn every_figure_is_defined_in_a_sentence() {
        for figure in Figure::ALL {
            let (label, definition) = (figure.label(), figure.definition());
            assert!(!label.is_empty() && definition.ends_with('.') && !definition.contains('\''), "{figure}");
        }
    }
}
