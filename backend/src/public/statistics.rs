//! The page of statistics: of all APIs, of a provider, of one API. What each figure means is said in [`shared::stats`].

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, web};
use minijinja::{Value, context};
use shared::calendar::Month;
use shared::french::de;
use shared::queue::MIN_DECISIONS;
use shared::stats::{Activity, Delay, Figure, Share, Statistics, StatusFigure};

use super::{About, Visit, api_options, chart, provider_options, query_string};
use crate::connection::types::now;
use crate::error::{Error, Result};
use crate::page::moved;
use crate::policies::Catalogue;
use crate::statistics::{self, Asked};

/// The address of the page.
const PATH: &str = "/stats";

/// APIs that have a line of their own; the others are told together, as v1 did.
const APIS: usize = 10;

/// Of all APIs, or of those that are asked for.
#[get("/stats")]
pub async fn show(visit: Visit) -> Result<HttpResponse> {
    let asked = serde_urlencoded::from_str::<Asked>(visit.request.query_string());
    let is_read = asked.is_ok();
    let asked = asked.unwrap_or_default();
    // An API has an address of its own; what else is asked for stays.
    if let Some(api) = asked.target_api.as_ref().filter(|api| visit.state.policies.knows(api)) {
        let others = pairs(&Asked { target_api: None, ..asked.clone() });
        return Ok(moved(&format!("{PATH}/{api}{others}")));
    }
    let problem = (!is_read).then(|| "Cette adresse contient un filtre que cette page n’a pas.".to_owned());
    page(&visit, asked, problem).await
}

/// Of one API: `/stats/api_particulier`.
#[get("/stats/{target_api}")]
pub async fn of_api(visit: Visit, target_api: web::Path<String>) -> Result<HttpResponse> {
    let slug = target_api.replace('-', "_");
    if !visit.state.policies.knows(&slug) {
        return visit.not_found();
    }
    if slug != *target_api {
        return Ok(moved(&format!("{PATH}/{slug}")));
    }
    let query = serde_urlencoded::from_str::<Asked>(visit.request.query_string());
    let problem = query.is_err().then(|| "Cette adresse contient un filtre que cette page n’a pas.".to_owned());
    page(&visit, Asked { target_api: Some(slug), ..query.unwrap_or_default() }, problem).await
}

async fn page(visit: &Visit, asked: Asked, problem: Option<String>) -> Result<HttpResponse> {
    let policies = visit.state.policies.clone();
    let wanted = asked.clone();
    let read = visit.state.db.read(move |connection| statistics::read(connection, &policies, &wanted, now())).await;
    let (found, problem) = match read {
        _ if problem.is_some() => (None, problem),
        Ok(found) => (Some(found), None),
        Err(error @ (Error::BadRequest(_) | Error::Invalid(_))) => (None, Some(error.to_string())),
        Err(error) => return Err(error),
    };
    let catalogue = visit.state.policies.current();
    let of = asked.target_api.as_ref().map(|api| super::catalogue::label_of(&catalogue, api));
    let title = of.as_ref().map_or_else(|| "Statistiques".to_owned(), |label| format!("Statistiques {}", de(label)));
    let summary = "Combien de demandes d’habilitation sont déposées, validées, refusées, et en combien de temps\u{a0}: chiffres, \
                   définitions et données.";
    let canonical = format!("{PATH}{}", asked.target_api.as_ref().map(|api| format!("/{api}")).unwrap_or_default());
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let form = form(&catalogue, &asked, found.as_ref());
    let figures = found.as_ref().map(|found| figures(found, &pairs(&asked)));
    let about = About { status, ..About::page(title, summary, canonical) };
    visit.page(about, "public/statistics.html", context! { problem, form, figures, of })
}

/// The query string that asks for the same.
fn pairs(asked: &Asked) -> String {
    let Asked { target_api, provider, from, to } = asked;
    let members = [("target_api", target_api), ("provider", provider), ("from", from), ("to", to)];
    query_string(&members.map(|(name, value)| (name, value.as_deref().unwrap_or_default())))
}

fn form(catalogue: &Catalogue, asked: &Asked, found: Option<&Statistics>) -> Value {
    let month = |text: &Option<String>, shown: Option<Month>| {
        text.clone().filter(|text| !text.is_empty()).or_else(|| shown.map(|month| month.to_string()))
    };
    context! {
        apis => api_options(catalogue, asked.target_api.as_deref().unwrap_or_default()),
        providers => provider_options(catalogue, asked.provider.as_deref().unwrap_or_default()),
        from => month(&asked.from, found.map(|found| found.from)),
        to => month(&asked.to, found.map(|found| found.to)),
    }
}

/// Everything that the page shows of the figures; `query` asks for the same tables as files.
fn figures(found: &Statistics, query: &str) -> Value {
    let file = |table: &str| {
        let joint = if query.is_empty() { "?" } else { "&" };
        format!("/api/stats.csv{query}{joint}table={table}")
    };
    context! {
        period => format!("{} à {}", de(&found.from.label()), found.to.label()),
        tiles => tiles(found),
        months => context! {
            chart => chart::stacked(&found.months),
            heads => found.by_status.iter().map(|figure| figure.status.label()).collect::<Value>(),
            rows => found.months.iter().map(|month| context! {
                month => month.month.label(), requests => number(month.requests),
                by_status => month.by_status.iter().map(|figure| number(figure.count)).collect::<Value>(),
                activity => activity(&month.activity),
            }).collect::<Value>(),
            definition => Figure::Months.definition(), file => file("monthly"),
        },
        apis => context! {
            rows => apis(found), definition => Figure::ByApi.definition(), file => file("by_api"),
            right => Figure::FirstTimeRight.definition(),
        },
        statuses => context! {
            rows => statuses(&found.by_status), definition => Figure::ByStatus.definition(), file => file("by_status"),
        },
        delays => context! {
            rows => [delay(Figure::FirstAnswer, &found.first_answer), delay(Figure::Decision, &found.decision)],
            file => file("delays"),
        },
        fields => context! {
            rows => found.fields.iter().map(|field| context! {
                label => &field.label, count => number(field.returned.count), percent => field.returned.percent,
            }).collect::<Value>(),
            definition => Figure::Fields.definition(), file => file("fields"),
        },
        backlog => context! {
            count => number(found.backlog.count),
            oldest => found.backlog.oldest.map(|day| day.format("%d/%m/%Y").to_string()),
            rows => found.backlog.ages.iter().map(|age| context! {
                label => match age.to_days {
                    Some(to) if age.from_days == 0 => format!("{to} jours au plus"),
                    Some(to) => format!("De {} à {to} jours", age.from_days),
                    None => format!("Plus de {} jours", age.from_days - 1),
                },
                count => number(age.count), percent => Share::new(age.count, found.backlog.count).percent,
            }).collect::<Value>(),
            definition => Figure::Backlog.definition(), file => file("backlog"),
        },
    }
}

/// The main figures, each with what it means.
fn tiles(found: &Statistics) -> Value {
    let share = |share: &Share| share.percent.map_or_else(|| "–".to_owned(), |percent| format!("{percent}\u{a0}%"));
    let days = |delay: &Delay| delay.p80_days.map_or_else(|| "–".to_owned(), days);
    [
        (Figure::Requests, number(found.requests), String::new()),
        (Figure::Submissions, number(found.activity.submissions), renewals(&found.activity)),
        (Figure::Grants, number(found.activity.grants), String::new()),
        (Figure::PartialGrants, number(found.activity.partial_grants), String::new()),
        (Figure::Refusals, number(found.activity.refusals), String::new()),
        (Figure::Revocations, number(found.activity.revocations), String::new()),
        (Figure::Decision, days(&found.decision), "pour huit décisions sur dix".to_owned()),
        (Figure::FirstTimeRight, share(&found.first_time_right), of(&found.first_time_right, "premières réponses")),
        (Figure::GoBack, share(&found.go_back), of(&found.go_back, "décisions")),
    ]
    .into_iter()
    .map(|(figure, value, detail)| context! { label => figure.label(), value, detail, definition => figure.definition() })
    .collect()
}

fn renewals(activity: &Activity) -> String {
    let (renewals, updates) = (number(activity.renewals), number(activity.updates));
    format!("renouvellements\u{a0}: {renewals}, mises à jour\u{a0}: {updates}")
}

fn of(share: &Share, what: &str) -> String {
    format!("{} sur {} {what}", number(share.count), number(share.of))
}

fn activity(activity: &Activity) -> Value {
    context! {
        submissions => number(activity.submissions), grants => number(activity.grants),
        refusals => number(activity.refusals), revocations => number(activity.revocations),
    }
}

/// The first APIs, then the others together; each with its share of all requests.
fn apis(found: &Statistics) -> Value {
    let (first, others) = found.by_api.split_at(found.by_api.len().min(APIS));
    let row = |label: &str, href: Option<String>, requests: i64, right: Share| {
        context! {
            label, href, count => number(requests), percent => Share::new(requests, found.requests).percent,
            right => right.percent,
        }
    };
    let own = first
        .iter()
        .map(|api| row(&api.label, Some(format!("{PATH}/{}", api.target_api)), api.requests, api.first_time_right));
    let rest = (!others.is_empty()).then(|| {
        let right = others
            .iter()
            .fold((0, 0), |(count, of), api| (count + api.first_time_right.count, of + api.first_time_right.of));
        let requests = others.iter().map(|api| api.requests).sum();
        row("Autres", None, requests, Share::new(right.0, right.1))
    });
    own.chain(rest).collect()
}

fn statuses(figures: &[StatusFigure]) -> Value {
    let all = figures.iter().map(|figure| figure.count).sum();
    let row = |figure: &StatusFigure| {
        context! {
            label => figure.status.label(), count => number(figure.count),
            percent => Share::new(figure.count, all).percent,
        }
    };
    figures.iter().map(row).collect()
}

fn delay(figure: Figure, delay: &Delay) -> Value {
    let few = || format!("Moins de {MIN_DECISIONS} cas\u{a0}: trop peu pour le dire");
    context! {
        label => figure.label(), definition => figure.definition(), count => number(delay.count),
        p50 => delay.p50_days.map_or_else(few, days), p80 => delay.p80_days.map_or_else(few, days),
    }
}

/// So many days that have begun; what the histogram holds above a year is not told apart.
fn days(days: i64) -> String {
    match days {
        1 => "1 jour".to_owned(),
        365.. => "plus d’un an".to_owned(),
        days => format!("{days} jours"),
    }
}

/// A number as it is written in France: « 12 345 ».
pub(super) fn number(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut written = String::from(if number < 0 { "\u{2212}" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            written.push('\u{202f}');
        }
        written.push(digit);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_three() {
        let written = [0, 12, 123, 1_234, 1_234_567, -1_000].map(number);
        assert_eq!(written, ["0", "12", "123", "1\u{202f}234", "1\u{202f}234\u{202f}567", "\u{2212}1\u{202f}000"]);
    }

    #[test]
    fn an_address_asks_for_what_was_asked() {
        let asked = Asked { provider: Some("dgfip".to_owned()), from: Some(String::new()), ..Asked::default() };
        assert_eq!((pairs(&asked), pairs(&Asked::default())), ("?provider=dgfip".to_owned(), String::new()));
    }
}
