//! What the instructors have asked for: their message, and the points, each of which links to its field and takes a short
//! answer.

use leptos::prelude::*;
use shared::change_point::ChangePoint;
use shared::workflow::EventName;

use super::summary;
use crate::api;
use crate::components::alert::{Alert, Tone};
use crate::components::choice::Checkbox;
use crate::components::date::date_time;
use crate::components::field::TextArea;
use crate::form::EnrollmentForm;
use crate::form::points::{Answer, Saving, progress};
use crate::loader::Loader;
use crate::pages::request::points_box::state_badge;

/// What the instructors have asked for.
#[component]
pub fn RequestedChanges(id: i64) -> impl IntoView {
    let events = Loader::new(move || api::events(id));
    move || {
        let comment = events.read(|events| {
            let asked = events.iter().rev().find(|event| event.name == EventName::RequestChanges)?;
            Some((asked.comment.clone(), date_time(asked.created_at)))
        });
        let (comment, when) = comment.flatten().unwrap_or_default();
        view! {
            <Alert tone=Tone::Warning title="Des modifications sont demandées">
                {(!when.is_empty())
                    .then(|| view! { <p class="fr-text--sm fr-mb-1w">{format!("Message de l’instruction, le {when}\u{a0}:")}</p> })}
                {(!comment.is_empty()).then(|| view! { <figure class="dp-quote"><blockquote class="dp-text">{comment}</blockquote></figure> })}
                <p>"Modifiez votre demande, puis soumettez-la de nouveau."</p>
            </Alert>
        }
    }
}

/// The list. Nothing where no point was made.
#[component]
pub fn FixList(form: EnrollmentForm) -> impl IntoView {
    let points = form.points();
    if points.is_empty() {
        return ().into_any();
    }
    let settled = form.settled_points();
    let count = points.len();
    let told = move || settled.with(|settled| progress(settled.values().filter(|is| **is).count(), count));
    let lines = points.into_iter().map(|point| line(form, point, settled)).collect_view();
    view! {
        <section class="dp-points" aria-labelledby="points-a-reprendre">
            <h2 class="fr-h5 fr-mb-1w" id="points-a-reprendre" tabindex="-1">
                "Points à reprendre"
            </h2>
            <p class="fr-text--bold" role="status">
                {told}
            </p>
            <p class="fr-text--sm">
                "Un point est traité quand vous avez modifié le champ, ou répondu. Vos réponses sont enregistrées au fur et à mesure."
            </p>
            <ol>{lines}</ol>
        </section>
    }
    .into_any()
}

fn line(form: EnrollmentForm, point: ChangePoint, settled: Memo<std::collections::BTreeMap<i64, bool>>) -> AnyView {
    let (id, target) = (point.id, point.target());
    let label = target.label(&form.policy());
    let answer = form.answer_to(&point);
    let is_settled = Memo::new(move |_| settled.with(|settled| settled.get(&id) == Some(&true)));
    let done_label = label.clone();
    view! {
        <li>
            <p class="fr-mb-1v">
                {summary::link(form, target, label.clone())} " "
                {move || state_badge(is_settled.get())}
            </p>
            <p class="dp-text dp-quote">{point.comment}</p>
            <div class="dp-no-print">
                <TextArea
                    id=format!("reponse-{id}")
                    label=format!("Votre réponse sur «\u{a0}{label}\u{a0}» (facultatif)")
                    rows=2
                    value=answer.text
                    on_input=move |text: String| form.write_answer(answer, text)
                    on_blur=Callback::new(move |()| form.save_answer(answer))
                />
                <Checkbox
                    id=format!("fait-{id}")
                    label=move || {
                        view! {
                            "C’est fait"
                            <span class="fr-sr-only">{format!("\u{a0}: {done_label}")}</span>
                        }
                    }
                    checked=answer.is_done
                    on_change=move |is_done| form.tick_answer(answer, is_done)
                />
                {saving(form, answer)}
            </div>
        </li>
    }
    .into_any()
}

/// The box is always there, so that screen readers notice what appears in it.
fn saving(form: EnrollmentForm, answer: Answer) -> AnyView {
    let class = move || match answer.saving.get() {
        Saving::Saved => "dp-state dp-state--done",
        Saving::Failed(_) => "dp-state dp-state--error",
        Saving::Untouched | Saving::Waiting => "dp-state",
    };
    let told = move || match answer.saving.get() {
        Saving::Untouched => String::new(),
        Saving::Waiting => "Enregistrement…".to_owned(),
        Saving::Saved => "Réponse enregistrée".to_owned(),
        Saving::Failed(why) => format!("Réponse non enregistrée\u{a0}: {why}"),
    };
    view! {
        <p class=class role="status">
            {told}
        </p>
        {move || {
            matches!(answer.saving.get(), Saving::Failed(_))
                .then(|| {
                    view! {
                        <button
                            type="button"
                            class="fr-btn fr-btn--secondary fr-btn--sm"
                            on:click=move |_| form.save_answer(answer)
                        >
                            "Réessayer"
                        </button>
                    }
                })
        }}
    }
    .into_any()
}
