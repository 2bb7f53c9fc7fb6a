//! What follows the answers of a request and stands beside them: authorisations, messages, notes, opinions, history, and the
//! panels where one acts. It comes in a part of its own, while the request itself is fetched and read.
//!
//! A part brings functions, so that the page, which is drawn anew after each step, waits for it once.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::{SplitLoaderError, wasm_split};
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::enrollment::Enrollment;
use shared::rights;
use shared::workflow::{Action, Status};

use super::accesses::Retry;
use super::applicant_actions::{self, ApplicantActions};
use super::assignment::{self, AssignmentPanel, other_instructor};
use super::conversation::side;
use super::correction::{self, CorrectContacts, CorrectionLink};
use super::decision_done::{self, DecisionDone};
use super::decision_panel::{self, DecisionPanel};
use super::decision_wording::wording;
use super::granted::{self, Granted};
use super::head::JumpLink;
use super::history::History;
use super::messages::{self, Messages, Notes, messages_link};
use super::offer_panel::OfferPanel;
use super::opinions::{self, OpinionsSection};
use super::outline::{Part, outline, section_anchor};
use super::point_form::point_form;
use super::review::{Review, Subject};
use super::status::Reader;
use super::transfer::TransferPanel;
use super::{Dossier, PageState};
use crate::browser;
use crate::components::choice::Checkbox;
use crate::components::print::PrintButton;
use crate::context::AppContext;
use crate::pages::instruction::last_list;

/// What draws it, for a request as the page shows it.
#[derive(Clone, Copy)]
pub struct Rest {
    /// What is called after each step.
    pub steps: Steps,
    /// The confirmation of a step, for the request of that number.
    pub done: fn(&'static str, i64) -> AnyView,
    /// The offer of a partial grant.
    pub offer: fn(PageState, Steps, Shown) -> AnyView,
    /// What follows the answers.
    pub exchange: fn(PageState, Steps, Shown) -> AnyView,
    /// What stands beside them.
    pub panels: fn(PageState, Steps, Shown) -> AnyView,
    /// The form of a point beside an answer.
    pub point_form: fn(Review, Subject) -> AnyView,
}

/// The request as the page shows it.
#[derive(Clone, Copy)]
pub struct Shown {
    /// The request and its policy.
    pub dossier: StoredValue<Dossier>,
    /// How many messages wait.
    pub unread: Signal<i64>,
    /// Whether what the administration writes for itself is printed too.
    pub prints_notes: RwSignal<bool>,
}

/// Brings it.
#[wasm_split(request_rest, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn rest(state: PageState) -> Result<Rest, SplitLoaderError> {
    Ok(Rest { steps: Steps::new(state), done, offer, exchange, panels, point_form })
}

/// What is called after each step. It outlives the request on the page, as an answer may come after that is drawn anew.
#[derive(Clone, Copy)]
pub struct Steps {
    /// A decision or a step is taken: the request is now so.
    on_done: Callback<(Action, Enrollment)>,
    /// Somebody else acted first.
    on_conflict: Callback<()>,
    /// The request changed hands.
    on_assigned: Callback<Enrollment>,
    /// Somebody else took it first.
    on_assignment_conflict: Callback<()>,
    /// It has another applicant.
    on_moved: Callback<&'static str>,
    /// The managers are asked again for its access.
    on_retried: Callback<()>,
}

impl Steps {
    fn new(state: PageState) -> Self {
        Self {
            on_done: on_done(state),
            on_conflict: Callback::new(move |()| {
                state.events.reload();
                spawn_local(async move {
                    if !state.read_again(decision_panel::TITLE_ID).await {
                        state.dossier.reload();
                    }
                });
            }),
            on_assigned: Callback::new(move |enrollment| state.show(enrollment)),
            on_assignment_conflict: Callback::new(move |()| reassigned(state)),
            on_moved: on_moved(state),
            on_retried: Callback::new(move |()| {
                tell(state, Some("Le gestionnaire est rappelé. Actualisez la page pour voir sa réponse."));
                reassigned(state);
            }),
        }
    }
}

/// Reads the request again; where that fails, it stays as it is.
fn reassigned(state: PageState) {
    spawn_local(async move {
        state.read_again(assignment::TITLE_ID).await;
    });
}

fn done(message: &'static str, id: i64) -> AnyView {
    view! { <DecisionDone message id /> }.into_any()
}

fn offer(state: PageState, steps: Steps, shown: Shown) -> AnyView {
    let Dossier { enrollment, policy } = shown.dossier.get_value();
    let Steps { on_done, on_conflict, .. } = steps;
    view! { <OfferPanel reply=state.reply enrollment policy on_done on_conflict /> }.into_any()
}

fn exchange(state: PageState, steps: Steps, shown: Shown) -> AnyView {
    let Shown { dossier, prints_notes, .. } = shown;
    let Dossier { enrollment, policy } = dossier.get_value();
    let PageState { conversation, opinions, events, .. } = state;
    let user = state.user.get_value();
    let (reader, side) = (Reader::of(&user, &enrollment), side(&user, &enrollment));
    let may_retry = rights::sees_assignment(&user, &enrollment.target_api, &enrollment.counts_as);
    let retry = may_retry.then_some(Retry { enrollment_id: enrollment.id, on_done: steps.on_retried });
    let messages = enrollment
        .allows(Action::ReadMessages)
        .then(|| view! { <Messages conversation side enrollment=enrollment.clone() policy=policy.clone() /> });
    view! {
        <Granted enrollment=enrollment.clone() reader retry />
        {messages}
        <div class:dp-no-print=move || !prints_notes.get()>
            <Notes conversation enrollment=enrollment.clone() />
            <OpinionsSection opinions user enrollment=enrollment.clone() />
        </div>
        <History id=enrollment.id events policy />
    }
    .into_any()
}

fn panels(state: PageState, steps: Steps, shown: Shown) -> AnyView {
    let Shown { dossier, unread, prints_notes } = shown;
    let Dossier { enrollment, policy } = dossier.get_value();
    let PageState { decision, progress, assignment, opinions, .. } = state;
    let user = state.user.get_value();
    let Steps { on_done, on_conflict, on_assigned, on_assignment_conflict, on_moved, .. } = steps;
    let expected = Signal::derive(move || opinions.expected());
    let awaits_opinions = Signal::derive(move || opinions.list.is_loading());
    let other = other_instructor(&enrollment, user.id);
    let parts = outline(&policy, &enrollment);
    let granted = granted::is_shown(&enrollment).then(|| (granted::ID.to_owned(), granted::TITLE));
    let sections =
        parts.iter().map(|part: &Part| (section_anchor(part.section), part.section.label())).chain(granted).collect();
    let reads_messages = enrollment.allows(Action::ReadMessages);
    let has_notes = enrollment.allows(Action::Annotate);
    view! {
        <ApplicantActions progress enrollment=enrollment.clone() on_done on_conflict />
        <TransferPanel enrollment=enrollment.clone() user=user.clone() on_moved />
        <DecisionPanel decision enrollment=enrollment.clone() policy=policy.clone() expected awaits_opinions other on_done on_conflict />
        <AssignmentPanel enrollment=enrollment.clone() user submission=assignment on_assigned on_conflict=on_assignment_conflict />
        <CorrectionLink enrollment=enrollment.clone() />
        <CorrectContacts enrollment policy on_done on_conflict />
        <TableOfContents sections unread reads_messages has_notes />
        {has_notes.then(|| view! { <PrintNotesCheckbox prints_notes /> })}
        <PrintButton />
    }
    .into_any()
}

fn on_done(state: PageState) -> Callback<(Action, Enrollment)> {
    let context = AppContext::get();
    let navigate = use_navigate();
    let (user_id, is_administrator) = state.user.with_value(|user| (user.id, user.is_administrator()));
    Callback::new(move |(action, enrollment): (Action, Enrollment)| {
        let reopening = state.dossier.read(|before| before.enrollment.reopening).unwrap_or_default();
        let message = wording(action, reopening)
            .map(|wording| wording.done)
            .or_else(|| applicant_actions::done(action, reopening))
            .or_else(|| (action == Action::CorrectContacts).then_some(correction::DONE));
        if enrollment.status == Status::Archived && !is_administrator {
            // The applicant sees it no more, and an instructor is done with it.
            context.flash(message.unwrap_or_default());
            let is_applicant = enrollment.demandeur_id == user_id;
            let path = if is_applicant { "/mes-demandes".to_owned() } else { last_list() };
            navigate(&path, NavigateOptions::default());
            return;
        }
        state.show(enrollment);
        state.events.reload();
        tell(state, message);
    })
}

/// Says what was done.
fn tell(state: PageState, message: Option<&'static str>) {
    state.done.set(message);
    browser::focus_soon(decision_done::ID.to_owned());
}

fn on_moved(state: PageState) -> Callback<&'static str> {
    let context = AppContext::get();
    let leave = use_navigate();
    let (user_id, is_administrator) = state.user.with_value(|user| (user.id, user.is_administrator()));
    Callback::new(move |message: &'static str| {
        let was_theirs = state.dossier.read(|dossier| dossier.enrollment.demandeur_id == user_id).unwrap_or_default();
        if was_theirs && !is_administrator {
            context.flash(message);
            leave("/mes-demandes", NavigateOptions::default());
            return;
        }
        tell(state, Some(message));
        reassigned(state);
        state.events.reload();
    })
}

/// Links to the parts of the page.
#[component]
fn TableOfContents(
    /// Id and title of each part.
    sections: Vec<(String, &'static str)>,
    /// How many messages wait.
    unread: Signal<i64>,
    /// The reader sees the messages.
    reads_messages: bool,
    /// The reader sees the notes and the opinions.
    has_notes: bool,
) -> impl IntoView {
    let class = "fr-summary__link";
    let link = |(target, label): (String, &'static str)| view! { <JumpLink target label class /> }.into_any();
    let links = sections
        .into_iter()
        .map(link)
        .chain(reads_messages.then(|| messages_link(unread, class)))
        .chain(has_notes.then(|| link((messages::NOTES_ID.to_owned(), "Notes internes"))))
        .chain(has_notes.then(|| link((opinions::ID.to_owned(), "Avis"))))
        .chain([link(("historique".to_owned(), "Historique"))])
        .map(|link| view! { <li>{link}</li> })
        .collect_view();
    view! {
        <nav class="fr-summary dp-no-print dp-summary" role="navigation" aria-labelledby="sommaire">
            <h2 class="fr-summary__title" id="sommaire">
                "Sommaire"
            </h2>
            <ol>{links}</ol>
        </nav>
    }
}

/// What the administration writes for itself is left out on paper, unless it is asked for.
#[component]
fn PrintNotesCheckbox(prints_notes: RwSignal<bool>) -> impl IntoView {
    view! {
        <div class="dp-no-print fr-mt-2w">
            <Checkbox
                id="imprimer-notes"
                label=|| "Imprimer aussi les notes internes et les avis"
                checked=prints_notes
                on_change=move |checked: bool| prints_notes.set(checked)
            />
        </div>
    }
}
