//! The public figures: read from the counters that are kept with each decision, written as tables, and counted anew.
//!
//! What is counted, and what each figure means, is said in `shared::stats`; the counters are written by the single door.

mod recount;
mod tables;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use shared::calendar::{Month, paris};
use shared::field::Field;
use shared::problem::ItemCode;
use shared::stats::{
    Activity, ApiFigures, Backlog, Decision, Delay, FieldFigure, Figure, FirstAnswer, MAX_MONTHS, MONTHS_BEFORE,
    Measure, MonthFigures, Share, Statistics, StatusFigure, Submission,
};
use shared::workflow::Status;
use utoipa::IntoParams;

pub use self::recount::{count_missing, recount};
pub use self::tables::{Table, csv};
use crate::connection::AnyConnection;
use crate::error::{Error, Result};
use crate::models::statistics::{self, Scope};
use crate::policies::{Catalogue, Policies};

/// Whose figures, and of when. What is empty is as good as left out: forms send it so.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// Only this API.
    #[param(example = "api_particulier")]
    pub target_api: Option<String>,
    /// Only the APIs of this provider, by its id in the policies.
    #[param(example = "dinum")]
    pub provider: Option<String>,
    /// The first month, `YYYY-MM` in Paris: a year before the last one, unless it is said.
    #[param(example = "2026-01")]
    pub from: Option<String>,
    /// The last month: the present one, unless it is said. At most 240 months are looked at.
    #[param(example = "2026-12")]
    pub to: Option<String>,
}

impl Asked {
    fn given(&self) -> Self {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let Self { target_api, provider, from, to } = self;
        Self { target_api: given(target_api), provider: given(provider), from: given(from), to: given(to) }
    }
}

/// The figures.
///
/// # Errors
/// 422: no such API or provider, no such month or period; the database's.
pub fn read(
    connection: &mut AnyConnection,
    policies: &Policies,
    asked: &Asked,
    now: DateTime<Utc>,
) -> Result<Statistics> {
    let catalogue = policies.current();
    let asked = asked.given();
    let apis = apis(policies, &catalogue, &asked)?;
    let (from, to) = period(&asked, Month::in_paris(now))?;
    let scope = Scope { apis, from, to };
    let counted = Counted::of(statistics::by_month(connection, &scope)?);
    let per_api = statistics::by_api(connection, &scope, &[Measure::Status, Measure::FirstAnswers])?;
    let waiting = statistics::backlog(connection, scope.apis.as_deref())?;
    let total = counted.total();
    let activity = activity(&total);
    let right = count(&total, Measure::FirstAnswers, FirstAnswer::Validated);
    Ok(Statistics {
        target_api: asked.target_api,
        provider: asked.provider,
        from,
        to,
        requests: sum(&total, Measure::Status),
        by_status: by_status(&total),
        by_api: by_api(&catalogue, per_api),
        months: from.up_to(to).map(|month| counted.month(month)).collect(),
        activity,
        first_answer: Delay::of(&histogram(&total, Measure::FirstAnswerDays)),
        decision: Delay::of(&histogram(&total, Measure::DecisionDays)),
        first_time_right: Share::new(right, activity.first_answers),
        go_back: Share::new(sum(&total, Measure::DecisionsAfterChanges), activity.decisions),
        fields: fields(&catalogue, scope.apis.as_deref(), &total),
        backlog: Backlog::on(paris(now).date(), &waiting),
        definitions: Figure::ALL.iter().map(|figure| (*figure, figure.definition().to_owned())).collect(),
    })
}

/// How many authorisations were granted for each API in a year.
///
/// # Errors
/// The database's.
pub fn granted(connection: &mut AnyConnection, now: DateTime<Utc>) -> Result<BTreeMap<String, i64>> {
    let to = Month::in_paris(now);
    let scope = Scope { apis: None, from: to.before(MONTHS_BEFORE), to };
    let mut granted = BTreeMap::new();
    for (api, _, decision, count) in statistics::by_api(connection, &scope, &[Measure::Decisions])? {
        if decision != Decision::Refused.as_str() {
            *granted.entry(api).or_default() += count;
        }
    }
    Ok(granted)
}

/// The APIs that are asked for; `None` for all, those that are gone included.
fn apis(policies: &Policies, catalogue: &Catalogue, asked: &Asked) -> Result<Option<Vec<String>>> {
    let unknown = |name: &str, detail: &str| Error::invalid_parameter(name, ItemCode::Unknown, detail);
    let provided = |id: &String| {
        let provided = catalogue.iter().filter(|(_, policy)| policy.provider.id == *id);
        provided.map(|(api, _)| api.clone()).collect::<Vec<_>>()
    };
    let provided = asked.provider.as_ref().map(provided);
    if provided.as_ref().is_some_and(Vec::is_empty) {
        return Err(unknown("provider", "Ce fournisseur n’existe pas\u{a0}: choisissez-en un du catalogue."));
    }
    let Some(api) = &asked.target_api else { return Ok(provided) };
    if !policies.knows(api) {
        return Err(unknown("target_api", "Cette API n’existe pas\u{a0}: choisissez-en une du catalogue."));
    }
    if provided.is_some_and(|provided| !provided.contains(api)) {
        let detail = "Cette API n’est pas de ce fournisseur.";
        return Err(Error::invalid_parameter("target_api", ItemCode::Incompatible, detail));
    }
    Ok(Some(vec![api.clone()]))
}

/// The first and the last month that are asked for.
fn period(asked: &Asked, present: Month) -> Result<(Month, Month)> {
    let month = |name: &str, text: &Option<String>| -> Result<Option<Month>> {
        let detail = "Indiquez une année et un mois, par exemple 2026-03.";
        let read = |text: &String| text.parse().map_err(|_| Error::invalid_parameter(name, ItemCode::Format, detail));
        text.as_ref().map(read).transpose()
    };
    let to = month("to", &asked.to)?.unwrap_or(present);
    let from = month("from", &asked.from)?.unwrap_or_else(|| to.before(MONTHS_BEFORE));
    if from > to {
        let detail = "La période commence après sa fin\u{a0}: indiquez un mois antérieur.";
        return Err(Error::invalid_parameter("from", ItemCode::Incompatible, detail));
    }
    if from.up_to(to).nth(MAX_MONTHS).is_some() {
        let detail = format!("Choisissez une période de {MAX_MONTHS} mois au plus.");
        return Err(Error::invalid_parameter("from", ItemCode::OutOfRange, detail));
    }
    Ok((from, to))
}

/// What each measure counts, for each of its labels.
type Labels = BTreeMap<(Measure, String), i64>;

/// The counters of each month.
#[derive(Default)]
struct Counted(BTreeMap<Month, Labels>);

impl Counted {
    fn of(rows: Vec<(Month, Measure, String, i64)>) -> Self {
        let mut counted = Self::default();
        for (month, measure, label, value) in rows {
            *counted.0.entry(month).or_default().entry((measure, label)).or_default() += value;
        }
        counted
    }

    fn total(&self) -> Labels {
        let mut total = Labels::new();
        for (key, value) in self.0.values().flatten() {
            *total.entry(key.clone()).or_default() += value;
        }
        total
    }

    fn month(&self, month: Month) -> MonthFigures {
        let nothing = Labels::new();
        let labels = self.0.get(&month).unwrap_or(&nothing);
        let requests = sum(labels, Measure::Status);
        MonthFigures { month, requests, by_status: by_status(labels), activity: activity(labels) }
    }
}

fn count(labels: &Labels, measure: Measure, label: impl ToString) -> i64 {
    labels.get(&(measure, label.to_string())).copied().unwrap_or_default()
}

fn of(labels: &Labels, measure: Measure) -> impl Iterator<Item = (&str, i64)> {
    let first = (measure, String::new());
    let labels = labels.range(first..).take_while(move |((other, _), _)| *other == measure);
    labels.map(|((_, label), value)| (label.as_str(), *value))
}

fn sum(labels: &Labels, measure: Measure) -> i64 {
    of(labels, measure).map(|(_, value)| value).sum()
}

fn by_status(labels: &Labels) -> Vec<StatusFigure> {
    let counted = Status::ALL.iter().filter(|status| **status != Status::Deleted);
    counted.map(|status| StatusFigure { status: *status, count: count(labels, Measure::Status, status) }).collect()
}

fn activity(labels: &Labels) -> Activity {
    let partial_grants = count(labels, Measure::Decisions, Decision::PartiallyValidated);
    Activity {
        submissions: sum(labels, Measure::Submissions),
        renewals: count(labels, Measure::Submissions, Submission::Renewal),
        updates: count(labels, Measure::Submissions, Submission::Update),
        first_answers: sum(labels, Measure::FirstAnswers),
        changes_requested: count(labels, Measure::FirstAnswers, FirstAnswer::ChangesRequested),
        decisions: sum(labels, Measure::Decisions),
        grants: count(labels, Measure::Decisions, Decision::Validated) + partial_grants,
        partial_grants,
        refusals: count(labels, Measure::Decisions, Decision::Refused),
        revocations: sum(labels, Measure::Revocations),
    }
}

fn histogram(labels: &Labels, measure: Measure) -> BTreeMap<i64, i64> {
    of(labels, measure).filter_map(|(days, value)| Some((days.parse().ok()?, value))).collect()
}

fn by_api(catalogue: &Catalogue, rows: Vec<(String, Measure, String, i64)>) -> Vec<ApiFigures> {
    let mut apis: BTreeMap<String, Labels> = BTreeMap::new();
    for (api, measure, label, value) in rows {
        apis.entry(api).or_default().insert((measure, label), value);
    }
    let figures = |(api, labels): (String, Labels)| ApiFigures {
        label: catalogue.get(&api).map_or_else(|| api.clone(), |policy| policy.label.clone()),
        requests: sum(&labels, Measure::Status),
        first_time_right: Share::new(
            count(&labels, Measure::FirstAnswers, FirstAnswer::Validated),
            sum(&labels, Measure::FirstAnswers),
        ),
        target_api: api,
    };
    let mut figures: Vec<ApiFigures> = apis.into_iter().map(figures).collect();
    // What asks for as much stays in the order of the slugs.
    figures.sort_by_key(|figures| std::cmp::Reverse(figures.requests));
    figures
}

/// A field is named as the first of the APIs names it whose form shows it.
fn fields(catalogue: &Catalogue, apis: Option<&[String]>, labels: &Labels) -> Vec<FieldFigure> {
    let first_answers = sum(labels, Measure::FirstAnswers);
    let is_asked = |api: &String| apis.is_none_or(|apis| apis.contains(api));
    let named = |field: &Field| {
        let mut policies = catalogue.iter().filter(|(api, _)| is_asked(api)).map(|(_, policy)| policy);
        let shows = policies.find(|policy| policy.section_of(field).is_some());
        shows.map_or_else(|| field.label(), |policy| policy.label_of(field))
    };
    let figure = |(key, count): (&str, i64)| {
        let field = key.parse().ok()?;
        Some(FieldFigure { label: named(&field), returned: Share::new(count, first_answers), field })
    };
    let mut fields: Vec<FieldFigure> = of(labels, Measure::ReturnedFields).filter_map(figure).collect();
    fields.sort_by_key(|figure| std::cmp::Reverse(figure.returned.count));
    fields
}
