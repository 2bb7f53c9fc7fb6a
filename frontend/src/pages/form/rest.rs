//! What the form shows after its beginning: the parts to be filled in, what went wrong, the end of the page, the bar at its
//! bottom. It comes in a part of its own, while the request and its policy are fetched.
//!
//! A part brings functions, so that the page waits for it once.

use leptos::prelude::*;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use shared::policy::Section;

use super::Older;
use super::closing::Closing;
use super::conflict::ConflictChoice;
use super::fix_list::{FixList, RequestedChanges};
use super::handover::Handover;
use super::renewed::RenewalNotice;
use super::review::review;
use super::save_bar::SaveBar;
use super::step_views::part;
use super::steps::{REVIEW_ID, REVIEW_TITLE, Steps};
use super::summary::Summary;
use crate::browser;
use crate::form::EnrollmentForm;
use crate::form::renewal::Renewal;
use crate::sections::section;
use crate::shell::seldom::Seldom;

/// What draws it.
#[derive(Clone, Copy)]
pub struct Rest {
    /// What the instructors have asked for.
    pub requested: fn(EnrollmentForm) -> AnyView,
    /// What has changed since the draft was last open.
    pub renewed: fn(EnrollmentForm, Older) -> AnyView,
    /// What is wrong, or was changed elsewhere.
    pub problems: fn(EnrollmentForm) -> AnyView,
    /// The parts to be filled in, but for so many at their beginning, and the check of the answers.
    pub parts: fn(EnrollmentForm, Steps, usize) -> AnyView,
    /// The end of the form.
    pub closing: fn(EnrollmentForm, Steps, Handover) -> AnyView,
    /// The bar at the bottom.
    pub save_bar: fn(EnrollmentForm, Steps, Handover) -> AnyView,
}

/// Brings it.
#[wasm_split(form_rest, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn rest() -> Result<Rest, SplitLoaderError> {
    Ok(Rest { requested, renewed, problems, parts, closing, save_bar })
}

fn requested(form: EnrollmentForm) -> AnyView {
    view! {
        <RequestedChanges id=form.id() />
        <FixList form />
    }
    .into_any()
}

fn renewed(form: EnrollmentForm, older: Older) -> AnyView {
    let policy = form.policy();
    let renewal = Renewal::of((&older.policy, &older.content), (&policy, &older.moved));
    view! { <RenewalNotice renewal /> }.into_any()
}

fn problems(form: EnrollmentForm) -> AnyView {
    view! {
        <Summary form />
        <ConflictChoice form />
    }
    .into_any()
}

fn parts(form: EnrollmentForm, steps: Steps, after: usize) -> AnyView {
    let policy = form.policy();
    let (commitments, others): (Vec<Section>, Vec<Section>) =
        policy.sections.iter().skip(after).copied().partition(|section| *section == Section::Cgu);
    let drawn = |sections: Vec<Section>| {
        sections.into_iter().map(|one| part(steps, one, move || section(form, one))).collect_view()
    };
    browser::fetch_ahead("form_review");
    let is_review = Signal::derive(move || steps.is_review());
    // Where parts are shown one by one, the stepper has the title.
    let title = move || {
        (is_review.get() && !steps.is_by_step()).then(|| {
            view! {
                <h2 class="fr-h3 dp-title" id=REVIEW_ID tabindex="-1">
                    {REVIEW_TITLE}
                </h2>
            }
        })
    };
    // One commits to what one has checked.
    view! {
        {drawn(others)}
        {title}
        <Seldom when=is_review load=Box::new(move || Box::pin(review(form, steps))) />
        {drawn(commitments)}
    }
    .into_any()
}

fn closing(form: EnrollmentForm, steps: Steps, handover: Handover) -> AnyView {
    view! { <Closing form steps handover /> }.into_any()
}

fn save_bar(form: EnrollmentForm, steps: Steps, handover: Handover) -> AnyView {
    view! { <SaveBar form steps handover /> }.into_any()
}
