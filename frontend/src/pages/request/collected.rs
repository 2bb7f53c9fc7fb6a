//! The collected points in the panel of a request for changes: reviewed, edited, removed.

use leptos::prelude::*;
use shared::change_point::NewPoint;
use shared::policy::Policy;

use super::point_form::flaw;
use crate::browser;
use crate::components::field::TextArea;

/// Id of the list's title, which takes the focus when a point is taken out.
const TITLE_ID: &str = "points-signales";

/// « 2 points signalés ».
pub fn counted(count: usize) -> String {
    if count == 1 { "1 point signalé".to_owned() } else { format!("{count} points signalés") }
}

#[component]
pub fn CollectedPoints(
    /// The points.
    points: RwSignal<Vec<NewPoint>>,
    /// What the API asks for, for the labels.
    policy: Policy,
) -> impl IntoView {
    let edited = RwSignal::new(None::<usize>);
    let policy = StoredValue::new(policy);
    let lines = move || {
        let points_now = points.get();
        if points_now.is_empty() {
            return view! {
                <p class="fr-hint-text">
                    "Vous pouvez signaler un point à côté de chaque réponse\u{a0}: le demandeur le trouvera à côté de son champ."
                </p>
            }
            .into_any();
        }
        let edited_now = edited.get();
        let lines = points_now.into_iter().enumerate().map(|(index, point)| {
            let label = policy.with_value(|policy| point.target().label(policy));
            if edited_now == Some(index) {
                view! { <EditPoint points edited index label comment=point.comment /> }.into_any()
            } else {
                line(points, edited, index, label, point.comment)
            }
        });
        view! { <ol class="dp-collected">{lines.collect_view()}</ol> }.into_any()
    };
    view! {
        <section aria-labelledby=TITLE_ID class="fr-mb-3w">
            <h4 class="fr-text--md fr-mb-1w" id=TITLE_ID tabindex="-1">
                {move || match points.with(Vec::len) {
                    0 => "Points signalés".to_owned(),
                    count => counted(count),
                }}
            </h4>
            {lines}
        </section>
    }
}

fn line(
    points: RwSignal<Vec<NewPoint>>,
    edited: RwSignal<Option<usize>>,
    index: usize,
    label: String,
    comment: String,
) -> AnyView {
    let edit = move |_| {
        edited.set(Some(index));
        browser::focus_soon(field(index));
    };
    let remove = move |_| {
        edited.set(None);
        points.update(|points| {
            points.remove(index);
        });
        browser::focus_soon(TITLE_ID.to_owned());
    };
    let of_label = format!("\u{a0}: {label}");
    view! {
        <li>
            <p class="fr-text--bold fr-mb-1v">{label}</p>
            <p class="dp-text fr-mb-1v">{comment}</p>
            <button type="button" class="fr-btn fr-btn--tertiary fr-btn--sm" id=format!("modifier-point-{index}") on:click=edit>
                "Modifier"
                <span class="fr-sr-only">{of_label.clone()}</span>
            </button>
            " "
            <button type="button" class="fr-btn fr-btn--tertiary fr-btn--sm" on:click=remove>
                "Retirer"
                <span class="fr-sr-only">{of_label}</span>
            </button>
        </li>
    }
    .into_any()
}

fn field(index: usize) -> String {
    format!("point-signale-{index}")
}

/// A point being worded anew.
#[component]
fn EditPoint(
    /// All points.
    points: RwSignal<Vec<NewPoint>>,
    /// Which is being worded.
    edited: RwSignal<Option<usize>>,
    index: usize,
    /// What it is about.
    label: String,
    /// Its words so far.
    comment: String,
) -> impl IntoView {
    let text = RwSignal::new(comment);
    let error = RwSignal::new(None::<String>);
    let close = move || {
        edited.set(None);
        browser::focus_soon(format!("modifier-point-{index}"));
    };
    let keep = move |_| {
        let wrong = text.with_untracked(|text| flaw(text));
        if wrong.is_some() {
            error.set(wrong);
            browser::focus(&field(index));
            return;
        }
        points.update(|points| {
            if let Some(point) = points.get_mut(index) {
                text.with_untracked(|text| text.trim().clone_into(&mut point.comment));
            }
        });
        close();
    };
    view! {
        <li>
            <TextArea
                id=field(index)
                label
                rows=3
                value=text
                error=error
                on_input=move |words: String| {
                    text.set(words);
                    error.set(None);
                }
            />
            <button type="button" class="fr-btn fr-btn--sm" on:click=keep>
                "Garder"
            </button>
            " "
            <button type="button" class="fr-btn fr-btn--secondary fr-btn--sm" on:click=move |_| close()>
                "Annuler"
            </button>
        </li>
    }
}
