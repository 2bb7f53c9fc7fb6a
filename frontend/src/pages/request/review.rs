//! The points that an instructor collects beside the answers, until a request for changes sends them.

use leptos::prelude::*;
use shared::change_point::{ChangePoint, NewPoint, Target};
use shared::policy::Policy;

use super::points_box::outcome;
use super::rest::Rest;
use crate::browser::DRAFT_PREFIX;
use crate::{browser, json};

/// What was collected for that request in this browser, and is kept there until it is sent.
pub fn collected(id: i64) -> RwSignal<Vec<NewPoint>> {
    let key = format!("{DRAFT_PREFIX}points.{id}");
    let kept = browser::stored(&key).and_then(|kept| serde_json::from_value(json::parse(&kept)?).ok());
    let points = RwSignal::new(kept.unwrap_or_default());
    Effect::new(move |_| {
        points.with(|points: &Vec<NewPoint>| match serde_json::to_value(points) {
            Ok(value) if !points.is_empty() => {
                browser::store(&key, &json::print(&value));
            }
            Ok(_) | Err(_) => browser::forget(&key),
        });
    });
    points
}

/// What a point is made about.
#[derive(Clone)]
pub struct Subject {
    /// Id of the answer.
    pub id: String,
    /// Id of the button, where the focus goes back to.
    pub button_id: String,
    /// What a point may be about, with its label.
    pub targets: Vec<(Target, String)>,
}

/// The review of a request.
#[derive(Clone, Copy)]
pub struct Review {
    pub collected: RwSignal<Vec<NewPoint>>,
    /// The answer beside which a point is being written.
    pub open: RwSignal<Option<String>>,
    rest: RwSignal<Option<Rest>>,
    can_ask: bool,
    policy: StoredValue<Policy>,
    round: StoredValue<Vec<ChangePoint>>,
}

impl Review {
    /// With the points of the last request for changes; `can_ask` where new ones may be made, in the form of `rest`.
    pub fn new(
        collected: RwSignal<Vec<NewPoint>>,
        rest: RwSignal<Option<Rest>>,
        can_ask: bool,
        policy: Policy,
        round: Vec<ChangePoint>,
    ) -> Self {
        let open = RwSignal::new(None);
        Self { collected, open, rest, can_ask, policy: StoredValue::new(policy), round: StoredValue::new(round) }
    }

    /// Whether points were made about one of these, sent or not.
    pub fn has_points(self, targets: &[(Target, String)]) -> bool {
        let is_about = |target: &Target| targets.iter().any(|(own, _)| own == target);
        self.round.with_value(|round| round.iter().any(|point| is_about(&point.target())))
            || self.collected.with_untracked(|points| points.iter().any(|point| is_about(&point.target())))
    }

    /// What is shown beside an answer: the points made about it, and the way to make one. `targets` are what a point may
    /// be about, with their labels; there is at least one.
    pub fn beside(self, id: &str, label: &str, targets: Vec<(Target, String)>) -> AnyView {
        let about: Vec<Target> = targets.iter().map(|(target, _)| target.clone()).collect();
        let round = self.round.with_value(|round| {
            let own = round.iter().filter(|point| about.contains(&point.target()));
            self.policy.with_value(|policy| own.map(|point| asked(policy, point)).collect_view())
        });
        let ask =
            self.can_ask.then(|| view! { <PointEditor review=self id=id.to_owned() label=label.to_owned() targets /> });
        view! {
            {round}
            {ask}
        }
        .into_any()
    }
}

/// A point that was made, with what became of it.
fn asked(policy: &Policy, point: &ChangePoint) -> AnyView {
    view! {
        <div class="dp-point">
            <p class="dp-version__name">"Point demandé"</p>
            <p class="dp-text">{point.comment.clone()}</p>
            {outcome(policy, point)}
        </div>
    }
    .into_any()
}

/// The points collected here, and the button or the form for one more.
#[component]
fn PointEditor(
    /// The review.
    review: Review,
    /// Id of the answer.
    id: String,
    /// What is asked there.
    label: String,
    /// What a point may be about.
    targets: Vec<(Target, String)>,
) -> impl IntoView {
    let button_id = format!("signaler-{id}");
    let about: Vec<Target> = targets.iter().map(|(target, _)| target.clone()).collect();
    let own = move || {
        let points = review.collected.get();
        let own = points.into_iter().filter(|point| about.contains(&point.target()));
        own.map(|point| view! { <p class="dp-text dp-point dp-point--new">{format!("À signaler\u{a0}: {}", point.comment)}</p> })
            .collect_view()
    };
    let is_open = {
        let id = id.clone();
        Memo::new(move |_| review.open.with(|open| open.as_ref() == Some(&id)))
    };
    let (id, targets) = (StoredValue::new(id), StoredValue::new(targets));
    let content = move || {
        let button_id = button_id.clone();
        if is_open.get() {
            let subject = Subject { id: id.get_value(), button_id, targets: targets.get_value() };
            let form = move || review.rest.get().map(|rest| (rest.point_form)(review, subject.clone()));
            return form.into_any();
        }
        let open = move |_| review.open.set(Some(id.get_value()));
        view! {
            <button
                type="button"
                id=button_id
                class="fr-btn fr-btn--tertiary fr-btn--sm fr-icon-edit-line fr-btn--icon-left dp-review__ask"
                on:click=open
            >
                "Signaler un point"
                <span class="fr-sr-only">{format!("\u{a0}: {label}")}</span>
            </button>
        }
        .into_any()
    };
    view! {
        <div class="dp-review dp-no-print">
            <div role="status">{own}</div>
            {content}
        </div>
    }
}
