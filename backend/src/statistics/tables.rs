//! The figures as tables of text, one for each table of the page (CSV, RFC 4180, with commas, in UTF-8).

use serde::Deserialize;
use shared::stats::{Activity, Delay, Figure, Share, Statistics, StatusFigure};
use utoipa::ToSchema;

use crate::error::{Error, Result};

/// A table of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// Month by month: requests by status, and what happened.
    Monthly,
    /// Requests by API.
    ByApi,
    /// Requests by status.
    ByStatus,
    /// How long answers and decisions took.
    Delays,
    /// The fields that were to be changed.
    Fields,
    /// What waits, by age.
    Backlog,
}

impl Table {
    /// How its file is called, without what follows the point.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Monthly => "mois",
            Self::ByApi => "api",
            Self::ByStatus => "statuts",
            Self::Delays => "delais",
            Self::Fields => "questions",
            Self::Backlog => "attente",
        }
    }
}

/// One table of the figures.
///
/// # Errors
/// None that memory does not give.
pub fn csv(statistics: &Statistics, table: Table) -> Result<Vec<u8>> {
    let (heads, rows) = match table {
        Table::Monthly => monthly(statistics),
        Table::ByApi => by_api(statistics),
        Table::ByStatus => by_status(&statistics.by_status),
        Table::Delays => delays(statistics),
        Table::Fields => fields(statistics),
        Table::Backlog => backlog(statistics),
    };
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in std::iter::once(heads).chain(rows) {
        writer.write_record(row).map_err(|error| Error::Internal(error.to_string()))?;
    }
    writer.into_inner().map_err(|error| Error::Internal(error.to_string()))
}

type Lines = (Vec<String>, Vec<Vec<String>>);

fn heads(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

fn monthly(statistics: &Statistics) -> Lines {
    let mut names = heads(&["Mois", "Demandes"]);
    names.extend(statistics.by_status.iter().map(|figure| figure.status.label().to_owned()));
    names.extend(heads(&[
        "Soumissions",
        "dont renouvellements",
        "dont mises à jour",
        "Premières réponses",
        "dont demandes de modifications",
        "Décisions",
        "dont accords",
        "dont accords partiels",
        "dont refus",
        "Révocations",
    ]));
    let row = |month: &shared::stats::MonthFigures| {
        let mut row = vec![month.month.to_string(), month.requests.to_string()];
        row.extend(month.by_status.iter().map(|figure| figure.count.to_string()));
        row.extend(activity(month.activity).map(|count| count.to_string()));
        row
    };
    (names, statistics.months.iter().map(row).collect())
}

const fn activity(activity: Activity) -> [i64; 10] {
    let Activity { submissions, renewals, updates, first_answers, changes_requested, .. } = activity;
    let Activity { decisions, grants, partial_grants, refusals, revocations, .. } = activity;
    [
        submissions,
        renewals,
        updates,
        first_answers,
        changes_requested,
        decisions,
        grants,
        partial_grants,
        refusals,
        revocations,
    ]
}

fn by_api(statistics: &Statistics) -> Lines {
    let names = ["Identifiant", "API", "Demandes", "Premières réponses", "Validées du premier coup", "Part (%)"];
    let row = |api: &shared::stats::ApiFigures| {
        let Share { count, of, .. } = api.first_time_right;
        vec![
            api.target_api.clone(),
            api.label.clone(),
            api.requests.to_string(),
            of.to_string(),
            count.to_string(),
            percent(api.first_time_right),
        ]
    };
    (heads(&names), statistics.by_api.iter().map(row).collect())
}

fn by_status(figures: &[StatusFigure]) -> Lines {
    let row = |figure: &StatusFigure| vec![figure.status.label().to_owned(), figure.count.to_string()];
    (heads(&["Statut", "Demandes"]), figures.iter().map(row).collect())
}

fn delays(statistics: &Statistics) -> Lines {
    let rows = [(Figure::FirstAnswer, statistics.first_answer), (Figure::Decision, statistics.decision)];
    let row = |(figure, delay): (Figure, Delay)| {
        vec![figure.label().to_owned(), number(delay.p50_days), number(delay.p80_days), delay.count.to_string()]
    };
    let names = ["Délai", "Une sur deux (jours)", "Huit sur dix (jours)", "Nombre"];
    (heads(&names), rows.map(row).to_vec())
}

fn fields(statistics: &Statistics) -> Lines {
    let row = |figure: &shared::stats::FieldFigure| {
        let key = figure.field.to_string();
        vec![key, figure.label.clone(), figure.returned.count.to_string(), percent(figure.returned)]
    };
    (heads(&["Champ", "Question", "À reprendre", "Part (%)"]), statistics.fields.iter().map(row).collect())
}

fn backlog(statistics: &Statistics) -> Lines {
    let row =
        |age: &shared::stats::AgeFigure| vec![age.from_days.to_string(), number(age.to_days), age.count.to_string()];
    (heads(&["De (jours)", "À (jours)", "Demandes"]), statistics.backlog.ages.iter().map(row).collect())
}

fn percent(share: Share) -> String {
    number(share.percent)
}

/// Nothing, where there is nothing to say.
fn number(value: Option<i64>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}
