//! The points of a request for changes, with the answers and changes of the applicant.

use leptos::prelude::*;
use shared::change_point::{ChangePoint, Target};
use shared::enrollment::Enrollment;
use shared::field::Field;
use shared::policy::Policy;
use shared::workflow::{Action, Status};

use super::changes;
use super::differences::difference;
use super::head::JumpLink;
use super::outline::anchor;
use crate::form::points::{progress, target_id};

/// Id of a person in the page.
pub fn person_anchor(kind: shared::team_member::TeamMemberType, place: usize) -> String {
    format!("personne-{kind}-{place}")
}

/// Where a point is in the page of a request.
pub fn place_of(target: &Target) -> String {
    match target.field {
        Field::TeamMember(kind, place, _) => person_anchor(kind, place),
        _ => anchor(&target.field),
    }
}

/// « Traité » or « À traiter ».
pub fn state_badge(is_settled: bool) -> AnyView {
    if is_settled {
        view! { <span class="fr-badge fr-badge--sm fr-badge--success">"Traité"</span> }.into_any()
    } else {
        view! { <span class="fr-badge fr-badge--sm fr-badge--new">"À traiter"</span> }.into_any()
    }
}

/// The list. Nothing where no point was made.
#[component]
pub fn PointsBox(
    enrollment: Enrollment,
    /// What its API asks for.
    policy: Policy,
) -> impl IntoView {
    let points = enrollment.points.clone();
    if points.is_empty() {
        return ().into_any();
    }
    let settled = points.iter().filter(|point| point.is_settled()).count();
    let told = progress(settled, points.len());
    let title = match enrollment.status {
        Status::ChangesRequested if enrollment.offer.is_none() => "Points à reprendre",
        _ => "Points demandés, et leurs suites",
    };
    let form = enrollment.allows(Action::Update).then(|| format!("/demandes/{}/modifier", enrollment.id));
    let lines = points
        .into_iter()
        .map(|point| {
            let target = point.target();
            let label = target.label(&policy);
            let link = match &form {
                Some(form) => view! { <a href=format!("{form}#{}", target_id(&target))>{label}</a> }.into_any(),
                None => view! { <JumpLink target=place_of(&target) label /> }.into_any(),
            };
            view! {
                <li>
                    <p class="fr-mb-1v">{link} " " {state_badge(point.is_settled())}</p>
                    <p class="dp-text dp-quote">{point.comment.clone()}</p>
                    {outcome(&policy, &point)}
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="dp-points" aria-labelledby="points">
            <h2 class="fr-h5 fr-mb-1w" id="points" tabindex="-1">
                {title}
            </h2>
            <p class="fr-text--bold">{told}</p>
            <ol>{lines}</ol>
        </section>
    }
    .into_any()
}

/// What became of a point.
pub fn outcome(policy: &Policy, point: &ChangePoint) -> AnyView {
    if !point.is_settled() {
        return view! { <p class="dp-missing">"Ni réponse, ni modification"</p> }.into_any();
    }
    let change = point.change.as_ref().map(|change| {
        view! {
            <div class="dp-answer">
                <p class="dp-version__name">"Ce qui a changé"</p>
                {difference(changes::difference(policy, change))}
            </div>
        }
    });
    view! {
        {answer(point)}
        {change}
    }
    .into_any()
}

/// What the applicant answers.
pub fn answer(point: &ChangePoint) -> AnyView {
    if point.answered_at.is_none() {
        return ().into_any();
    }
    let text = if point.answer.is_empty() { "C’est fait.".to_owned() } else { point.answer.clone() };
    view! {
        <p class="dp-text">
            <strong>"Réponse\u{a0}: "</strong>
            {text}
        </p>
    }
    .into_any()
}
