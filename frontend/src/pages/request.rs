//! The page of a request, where it is read, discussed and decided.

pub mod accesses;
pub mod applicant_actions;
pub mod assignment;
pub mod changes;
pub mod collected;
pub mod composer;
pub mod conversation;
mod correction;
pub mod decision;
pub mod decision_done;
pub mod decision_messages;
pub mod decision_panel;
pub mod decision_wording;
pub mod differences;
pub mod granted;
pub mod head;
pub mod history;
pub mod messages;
pub mod offer_panel;
pub mod opinions;
pub mod outline;
pub mod point_form;
pub mod points_box;
pub mod reading;
pub mod rest;
pub mod review;
#[cfg(test)]
pub mod samples;
pub mod status;
pub mod strike;
pub mod timeline;
pub mod transfer;
pub mod transfer_wording;
pub mod word_diff;
pub mod wording;

use leptos::prelude::*;
use shared::enrollment::Enrollment;
use shared::event::Event;
use shared::message::Audience;
use shared::organization::{Establishment, Siret};
use shared::policy::Policy;
use shared::rights;
use shared::user::User;
use shared::workflow::Action;

use super::by_number;
use crate::api::{self, Answer, ApiError};
use crate::browser;
use crate::components::placeholder::Spinner;
use crate::loader::{Loader, Remote};
use crate::sections::establishment::EstablishmentDetails;
use crate::shell::loading::ErrorState;
use crate::shell::places::{Places, focus_on_hash};
use crate::shell::seldom::brought;
use crate::shell::title::PageTitle;
use crate::submission::Submission;
use conversation::{Conversation, side};
use decision::Decision;
use head::{ChangesBox, Head, StatusNotice};
use offer_panel::OfferReply;
use opinions::Opinions;
use outline::outline;
use points_box::PointsBox;
use reading::Reading;
use rest::{Rest, Shown};
use review::Review;
use status::{Reader, shows_changes};

/// A request, with what its API asked for when it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Dossier {
    pub enrollment: Enrollment,
    pub policy: Policy,
}

#[component]
pub fn RequestPage() -> impl IntoView {
    by_number(|id, user| view! { <Request id user /> }.into_any())
}

async fn load(id: i64) -> Result<Dossier, ApiError> {
    let enrollment = api::enrollment(id).await?;
    let policy = api::policy_revision(enrollment.target_api.clone(), enrollment.policy_revision.clone()).await?;
    Ok(Dossier { enrollment, policy })
}

/// What outlives the request on its page, which is drawn anew after each step: what is written and decided, and what is
/// called then.
#[derive(Clone, Copy)]
pub struct PageState {
    /// Number of the request.
    pub id: i64,
    /// Who reads.
    pub user: StoredValue<User>,
    /// The request and its policy.
    pub dossier: Loader<Dossier>,
    /// Its history.
    pub events: Loader<Vec<Event>>,
    /// What is written to one another about it.
    pub conversation: Conversation,
    /// The opinions on it.
    pub opinions: Opinions,
    /// What is being decided.
    pub decision: Decision,
    /// The applicant's step that is on its way.
    pub progress: Submission,
    /// The applicant's answer to a partial grant.
    pub reply: OfferReply,
    /// Its change of hands.
    pub assignment: Submission,
    /// What was done, in words.
    pub done: RwSignal<Option<&'static str>>,
}

impl PageState {
    fn new(id: i64, user: User) -> Self {
        let dossier = Loader::new(move || Answer::of(load(id)));
        let allows = move |action| {
            Memo::new(move |_| dossier.read(|dossier| dossier.enrollment.allows(action)).unwrap_or_default())
        };
        let user = StoredValue::new(user);
        let is_applicant = Memo::new(move |_| {
            let side = dossier.read(|dossier| user.with_value(|user| side(user, &dossier.enrollment)));
            side.flatten() == Some(Audience::Applicant)
        });
        Self {
            id,
            user,
            dossier,
            events: Loader::new(move || api::events(id)),
            conversation: Conversation::about(id, allows(Action::ReadMessages), is_applicant),
            opinions: Opinions::about(id, allows(Action::Annotate)),
            decision: Decision::on(id),
            progress: Submission::of_button(applicant_actions::TITLE_ID),
            reply: OfferReply::new(),
            assignment: Submission::of_button(assignment::TITLE_ID),
            done: RwSignal::new(None),
        }
    }

    /// Shows what an action has made of the request.
    fn show(self, enrollment: Enrollment) {
        if let Some(Dossier { policy, .. }) = self.dossier.get() {
            self.dossier.set(Dossier { enrollment, policy });
        }
    }

    /// Reads the request again; then the focus goes to that element. Whether it came.
    async fn read_again(self, focused: &'static str) -> bool {
        let Ok(fresh) = load(self.id).await else { return false };
        self.dossier.set(fresh);
        browser::focus_soon(focused.to_owned());
        true
    }
}

#[component]
fn Request(
    /// Its number.
    id: i64,
    /// Who reads.
    user: User,
) -> impl IntoView {
    let state = PageState::new(id, user);
    let rest = brought(move || Box::pin(rest::rest(state)));
    let PageState { dossier, conversation, opinions, done, .. } = state;
    let is_there = move || dossier.read(|_| ()).is_some() && rest.with(Option::is_some);
    focus_on_hash(messages::ID, Memo::new(move |_| is_there() && !conversation.messages.is_loading()));
    focus_on_hash(opinions::ID, Memo::new(move |_| is_there() && !opinions.list.is_loading()));
    Places::provide(is_there);
    view! {
        {move || done.get().zip(rest.get()).map(|(message, rest)| (rest.done)(message, id))}
        {move || match dossier.remote() {
            Remote::Ready(dossier) => view! { <RequestContent dossier state rest /> }.into_any(),
            // No title yet: the one that comes with the request takes the focus, once.
            Remote::Loading => Spinner().into_any(),
            Remote::Failed(error) => {
                view! {
                    <PageTitle title=format!("Demande n°\u{a0}{id}") />
                    <ErrorState error retry=move |()| dossier.reload() />
                }
                    .into_any()
            }
        }}
    }
}

/// What the Sirene register says of its organisation today.
fn registered(siret: Siret, policy: &Policy) -> AnyView {
    let naf = policy.naf.clone();
    let remark = Callback::new(move |known: Establishment| {
        naf.as_ref().filter(|naf| !naf.accepts(Some(&known))).map(|naf| naf.message.clone())
    });
    let loader = Loader::new(move || api::establishment(Some(siret.clone())));
    view! { <EstablishmentDetails loader remark /> }.into_any()
}

/// Everything about a request, once it is there. What follows its answers comes in a part of its own.
#[component]
fn RequestContent(
    /// The request and its policy.
    dossier: Dossier,
    /// What outlives it on the page.
    state: PageState,
    /// What draws what follows its answers, once it is there.
    rest: RwSignal<Option<Rest>>,
) -> impl IntoView {
    let Dossier { mut enrollment, policy } = dossier;
    if !shows_changes(enrollment.status) {
        enrollment.changes.clear();
    }
    let conversation = state.conversation;
    let (reader, side, sees_membership) = state.user.with_value(|user| {
        let sees_membership = rights::sees_assignment(user, &enrollment.target_api, &enrollment.counts_as);
        (Reader::of(user, &enrollment), side(user, &enrollment), sees_membership)
    });
    let parts = outline(&policy, &enrollment);
    let unread_before = enrollment.unread;
    let unread = Signal::derive(move || conversation.unread(side).unwrap_or(unread_before));
    let history = Signal::derive(move || state.events.get().unwrap_or_default());
    let request = enrollment.id;
    let siret = enrollment.content.siret.clone();
    let can_ask = enrollment.allows(Action::RequestChanges);
    let review = Review::new(state.decision.points, rest, can_ask, policy.clone(), enrollment.points.clone());
    // Once changes are asked for, the way to make a point stays beside every answer.
    let asks = move || state.decision.action.get() == Some(Action::RequestChanges);
    let has_offer = enrollment.offer.is_some();
    let shown = Shown {
        dossier: StoredValue::new(Dossier { enrollment: enrollment.clone(), policy: policy.clone() }),
        unread,
        prints_notes: RwSignal::new(false),
    };
    view! {
        <Head enrollment=enrollment.clone() policy=policy.clone() reader sees_membership />
        {siret.map(|siret| registered(siret, &policy))}
        <StatusNotice enrollment=enrollment.clone() policy=policy.clone() events=history reader unread />
        {move || match rest.get() {
            Some(rest) => (rest.offer)(state, rest.steps, shown),
            None => has_offer.then(Spinner).into_any(),
        }}
        <PointsBox enrollment=enrollment.clone() policy=policy.clone() />
        <ChangesBox enrollment policy events=history />
        <div class="dp-request" class:dp-request--asking=asks>
            <div class="dp-request__content">
                <Reading request parts review />
                {move || rest.get().map_or_else(|| Spinner().into_any(), |rest| (rest.exchange)(state, rest.steps, shown))}
            </div>
            <div class="dp-request__aside">
                {move || rest.get().map(|rest| (rest.panels)(state, rest.steps, shown))}
            </div>
        </div>
    }
}
