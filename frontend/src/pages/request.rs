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
pub mod points_box;
pub mod reading;
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
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use shared::enrollment::Enrollment;
use shared::event::Event;
use shared::organization::{Establishment, Siret};
use shared::policy::Policy;
use shared::rights;
use shared::user::User;
use shared::workflow::{Action, Status};

use super::by_number;
use crate::api::{self, Answer, ApiError};
use crate::browser;
use crate::components::choice::Checkbox;
use crate::components::placeholder::Spinner;
use crate::components::print::PrintButton;
use crate::context::AppContext;
use crate::loader::{Loader, Remote};
use crate::pages::instruction::last_list;
use crate::sections::establishment::EstablishmentDetails;
use crate::shell::loading::ErrorState;
use crate::shell::title::PageTitle;
use crate::submission::Submission;
use accesses::Retry;
use applicant_actions::ApplicantActions;
use assignment::{AssignmentPanel, other_instructor};
use conversation::{Conversation, side};
use correction::{CorrectContacts, CorrectionLink};
use decision::Decision;
use decision_done::DecisionDone;
use decision_panel::DecisionPanel;
use decision_wording::wording;
use granted::Granted;
use head::{ChangesBox, Head, JumpLink, StatusNotice};
use history::History;
use messages::{Messages, Notes, messages_link};
use offer_panel::{OfferPanel, OfferReply};
use opinions::{Opinions, OpinionsSection};
use outline::{Part, outline, section_anchor};
use points_box::PointsBox;
use reading::{Reading, Source};
use review::Review;
use status::{Reader, shows_changes};
use transfer::TransferPanel;

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

#[component]
fn Request(
    /// Its number.
    id: i64,
    /// Who reads.
    user: User,
) -> impl IntoView {
    let context = AppContext::get();
    let dossier = Loader::new(move || Answer::of(load(id)));
    let events = Loader::new(move || api::events(id));
    let decision = Decision::on(id);
    let allows =
        move |action| Memo::new(move |_| dossier.read(|dossier| dossier.enrollment.allows(action)).unwrap_or_default());
    let conversation = Conversation::about(id, allows(Action::ReadMessages));
    let opinions = Opinions::about(id, allows(Action::Annotate));
    let is_there = move || dossier.read(|_| ()).is_some();
    focus_on_hash(messages::ID, Memo::new(move |_| is_there() && !conversation.messages.is_loading()));
    focus_on_hash(opinions::ID, Memo::new(move |_| is_there() && !opinions.list.is_loading()));
    let progress = Submission::of_button(applicant_actions::TITLE_ID);
    let reply = OfferReply::new();
    let done = RwSignal::new(None::<&'static str>);
    let navigate = use_navigate();
    let (user_id, is_administrator) = (user.id, user.is_administrator());

    let on_done = Callback::new(move |(action, enrollment): (Action, Enrollment)| {
        let reopening = dossier.read(|before| before.enrollment.reopening).unwrap_or_default();
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
        if let Some(Dossier { policy, .. }) = dossier.get() {
            dossier.set(Dossier { enrollment, policy });
        }
        events.reload();
        done.set(message);
        browser::focus_soon(decision_done::ID.to_owned());
    });
    let on_conflict = Callback::new(move |()| {
        events.reload();
        spawn_local(async move {
            match load(id).await {
                Ok(fresh) => {
                    dossier.set(fresh);
                    browser::focus_soon(decision_panel::TITLE_ID.to_owned());
                }
                Err(_) => dossier.reload(),
            }
        });
    });

    let assignment = Submission::of_button(assignment::TITLE_ID);
    let on_assigned = Callback::new(move |enrollment: Enrollment| {
        if let Some(Dossier { policy, .. }) = dossier.get() {
            dossier.set(Dossier { enrollment, policy });
        }
    });
    let on_assignment_conflict = Callback::new(move |()| {
        spawn_local(async move {
            if let Ok(fresh) = load(id).await {
                dossier.set(fresh);
                browser::focus_soon(assignment::TITLE_ID.to_owned());
            }
        });
    });

    let leave = use_navigate();
    let on_moved = Callback::new(move |message: &'static str| {
        let was_theirs = dossier.read(|dossier| dossier.enrollment.demandeur_id == user_id).unwrap_or_default();
        if was_theirs && !is_administrator {
            context.flash(message);
            leave("/mes-demandes", NavigateOptions::default());
            return;
        }
        done.set(Some(message));
        browser::focus_soon(decision_done::ID.to_owned());
        on_assignment_conflict.run(());
        events.reload();
    });

    let on_retried = Callback::new(move |()| {
        done.set(Some("Le gestionnaire est rappelé. Actualisez la page pour voir sa réponse."));
        browser::focus_soon(decision_done::ID.to_owned());
        on_assignment_conflict.run(());
    });

    view! {
        {move || done.get().map(|message| view! { <DecisionDone message id /> })}
        {move || match dossier.remote() {
            Remote::Ready(dossier) => {
                let user = user.clone();
                view! {
                    <RequestContent dossier events conversation opinions user decision progress reply on_done on_conflict assignment on_assigned on_assignment_conflict on_moved on_retried />
                }
                    .into_any()
            }
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

/// Mails lead to the messages and the opinions: whoever comes by such a link finds them, once they are there.
fn focus_on_hash(id: &'static str, is_there: Memo<bool>) {
    let hash = use_location().hash;
    Effect::new(move |_| {
        if is_there.get() && hash.with(|hash| hash.trim_start_matches('#') == id) {
            browser::focus_soon(id.to_owned());
        }
    });
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

/// Everything about a request, once it is there.
#[component]
fn RequestContent(
    /// The request and its policy.
    dossier: Dossier,
    /// Its history.
    events: Loader<Vec<Event>>,
    /// What is written to one another about it.
    conversation: Conversation,
    /// The opinions on it.
    opinions: Opinions,
    /// Who reads.
    user: User,
    /// What is being decided.
    decision: Decision,
    /// The applicant's step that is on its way.
    progress: Submission,
    /// The applicant's answer to a partial grant.
    reply: OfferReply,
    /// Called once a decision or a step is taken.
    on_done: Callback<(Action, Enrollment)>,
    /// Called when somebody else acted first.
    on_conflict: Callback<()>,
    /// Its change of hands.
    assignment: Submission,
    /// Called once the request changed hands, with the request.
    on_assigned: Callback<Enrollment>,
    /// Called when somebody else took it first.
    on_assignment_conflict: Callback<()>,
    /// Called once it has another applicant.
    on_moved: Callback<&'static str>,
    /// Called once the managers are asked again for its access.
    on_retried: Callback<()>,
) -> impl IntoView {
    let Dossier { mut enrollment, policy } = dossier;
    if !shows_changes(enrollment.status) {
        enrollment.changes.clear();
    }
    let reader = Reader::of(&user, &enrollment);
    let parts = outline(&policy, &enrollment);
    let granted = granted::is_shown(&enrollment).then(|| (granted::ID.to_owned(), granted::TITLE));
    let sections =
        parts.iter().map(|part: &Part| (section_anchor(part.section), part.section.label())).chain(granted).collect();
    let side = side(&user, &enrollment);
    let unread_before = enrollment.unread;
    let unread = Signal::derive(move || conversation.unread(side).unwrap_or(unread_before));
    let history = Signal::derive(move || events.get().unwrap_or_default());
    let source = Source { enrollment: enrollment.id, authorisation: None };
    let siret = enrollment.content.siret.clone();
    let can_ask = enrollment.allows(Action::RequestChanges);
    let review = Review::new(decision.points, can_ask, policy.clone(), enrollment.points.clone());
    let has_notes = enrollment.allows(Action::Annotate);
    let prints_notes = RwSignal::new(false);
    let reads_messages = enrollment.allows(Action::ReadMessages);
    let expected = Signal::derive(move || opinions.expected());
    let other = other_instructor(&enrollment, user.id);
    let sees_membership = rights::sees_assignment(&user, &enrollment.target_api, &enrollment.counts_as);
    let retry = sees_membership.then_some(Retry { enrollment_id: enrollment.id, on_done: on_retried });
    view! {
        <Head enrollment=enrollment.clone() policy=policy.clone() reader sees_membership />
        {siret.map(|siret| registered(siret, &policy))}
        {reads_messages
            .then(|| {
                view! { <p class="dp-no-print">{messages_link(unread, "fr-link fr-icon-chat-3-line fr-link--icon-left")}</p> }
            })}
        <StatusNotice enrollment=enrollment.clone() policy=policy.clone() events=history reader />
        <OfferPanel reply enrollment=enrollment.clone() policy=policy.clone() on_done on_conflict />
        <PointsBox enrollment=enrollment.clone() policy=policy.clone() />
        <ChangesBox enrollment=enrollment.clone() policy=policy.clone() events=history />
        <div class="dp-request">
            <div class="dp-request__content">
                <Reading source parts review />
                <Granted enrollment=enrollment.clone() reader retry />
                {reads_messages
                    .then(|| view! { <Messages conversation side enrollment=enrollment.clone() policy=policy.clone() /> })}
                <div class:dp-no-print=move || !prints_notes.get()>
                    <Notes conversation enrollment=enrollment.clone() />
                    <OpinionsSection opinions user=user.clone() enrollment=enrollment.clone() />
                </div>
                <History id=enrollment.id events policy=policy.clone() />
            </div>
            <div class="dp-request__aside">
                <ApplicantActions progress enrollment=enrollment.clone() on_done on_conflict />
                <TransferPanel enrollment=enrollment.clone() user=user.clone() on_moved />
                <AssignmentPanel enrollment=enrollment.clone() user submission=assignment on_assigned on_conflict=on_assignment_conflict />
                <CorrectionLink enrollment=enrollment.clone() />
                <CorrectContacts enrollment=enrollment.clone() policy=policy.clone() on_done on_conflict />
                <DecisionPanel decision enrollment policy expected other on_done on_conflict />
                <TableOfContents sections unread reads_messages has_notes />
                {has_notes.then(|| view! { <PrintNotesCheckbox prints_notes /> })}
                <PrintButton />
            </div>
        </div>
    }
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
