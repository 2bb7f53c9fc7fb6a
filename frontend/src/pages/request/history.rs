//! The history of a request, latest first.

use leptos::prelude::*;
use shared::change_point::ChangePoint;
use shared::diff::Change;
use shared::event::Event;
use shared::policy::Policy;
use shared::version::VersionId;
use shared::workflow::EventName;

use super::changes;
use super::differences::difference;
use super::points_box::answer;
use super::timeline::{Line, changes_title, shortened};
use crate::components::date;
use crate::loader::Loader;
use crate::pages::compare::choice::href_from;

/// How many lines are shown before one asks for all.
const SHOWN: usize = 3;

/// The history.
#[component]
pub fn History(
    /// Number of the request.
    id: i64,
    /// The events.
    events: Loader<Vec<Event>>,
    /// What the API asks for, for the labels.
    policy: Policy,
) -> impl IntoView {
    let policy = StoredValue::new(policy);
    let list = events.view(move |events| {
        let lines = shortened(events);
        let first_submission = lines.iter().position(|line| line.event.name == EventName::Submit);
        let has_versions = first_submission.is_some_and(|place| lines.iter().skip(place + 1).any(Line::makes_version));
        let compare = |line: &Line| (has_versions && line.event.name == EventName::Submit).then(|| compare(id, line));
        let mut last: Vec<AnyView> = lines
            .into_iter()
            .rev()
            .map(|line| {
                let link = compare(&line);
                policy.with_value(|policy| history_line(policy, line, link))
            })
            .collect();
        let earlier = last.split_off(last.len().min(SHOWN));
        let earlier = (!earlier.is_empty()).then(|| {
            view! {
                <details class="dp-details">
                    <summary class="dp-no-print">"Événements précédents"</summary>
                    {ordered(earlier)}
                </details>
            }
        });
        view! {
            {ordered(last)}
            {earlier}
        }
        .into_any()
    });
    view! {
        <section class="dp-section" aria-labelledby="historique">
            <h2 class="fr-h4" id="historique" tabindex="-1">
                "Historique"
            </h2>
            {list}
        </section>
    }
}

fn ordered(lines: Vec<AnyView>) -> AnyView {
    view! {
        <ol class="dp-history" reversed=true>
            {lines}
        </ol>
    }
    .into_any()
}

/// A link from a submission to what differs from it.
fn compare(id: i64, line: &Line) -> AnyView {
    let day = date::date_time(line.event.created_at);
    view! {
        <p class="fr-mb-0 dp-no-print">
            <a class="fr-link fr-link--sm" href=href_from(id, VersionId::Submission(line.event.id))>
                "Comparer cette version"
                <span class="fr-sr-only">{format!(" – soumission du {day}")}</span>
            </a>
        </p>
    }
    .into_any()
}

fn history_line(policy: &Policy, line: Line, compare: Option<AnyView>) -> AnyView {
    let Line { event, count } = line;
    let saves = (count > 1).then(|| format!(" ({count} enregistrements)"));
    let has_comment = !event.comment.trim().is_empty();
    view! {
        <li>
            <p class="fr-mb-0">
                <strong>{event.author}</strong>
                " "
                {event.name.sentence()}
                {event.without_changes.then_some(", sans changement")}
                {saves}
                " "
                <time class="dp-detail" datetime=event.created_at.to_rfc3339()>
                    {date::date_time(event.created_at)}
                </time>
            </p>
            {has_comment
                .then(|| {
                    view! {
                        <blockquote class="dp-quote">
                            <p class="dp-text">{event.comment}</p>
                        </blockquote>
                    }
                })}
            {points_of(policy, &event.points)}
            {compare}
            {changes_of(policy, event.changes)}
        </li>
    }
    .into_any()
}

fn points_of(policy: &Policy, points: &[ChangePoint]) -> AnyView {
    if points.is_empty() {
        return ().into_any();
    }
    let title =
        if points.len() == 1 { "Voir le point".to_owned() } else { format!("Voir les {} points", points.len()) };
    let lines = points
        .iter()
        .map(|point| {
            view! {
                <div class="dp-answer">
                    <dt>{point.target().label(policy)}</dt>
                    <dd>
                        <p class="dp-text">{point.comment.clone()}</p>
                        {answer(point)}
                    </dd>
                </div>
            }
        })
        .collect_view();
    view! {
        <details class="dp-details">
            <summary>{title}</summary>
            <dl class="dp-answers">{lines}</dl>
        </details>
    }
    .into_any()
}

fn changes_of(policy: &Policy, list: Vec<Change>) -> AnyView {
    if list.is_empty() {
        return ().into_any();
    }
    let title = changes_title(list.len());
    let lines = list
        .iter()
        .map(|change| {
            view! {
                <div class="dp-answer">
                    <dt>{policy.label_of(&change.field)}</dt>
                    <dd>{difference(changes::difference(policy, change))}</dd>
                </div>
            }
        })
        .collect_view();
    view! {
        <details class="dp-details">
            <summary>{title}</summary>
            <dl class="dp-answers">{lines}</dl>
        </details>
    }
    .into_any()
}
