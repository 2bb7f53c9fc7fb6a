//! A request, to be read: by its applicant, by the people it names, and by those who decide, who do so here too.

pub mod assignment;
pub mod changes;
pub mod collected;
pub mod conversation;
mod correction;
pub mod decision;
pub mod differences;
pub mod granted;
pub mod head;
pub mod history;
pub mod life;
pub mod messages;
pub mod next;
pub mod offer_panel;
pub mod opinions;
pub mod outline;
pub mod panel;
pub mod points_box;
pub mod reading;
pub mod review;
#[cfg(test)]
pub mod samples;
pub mod status;
pub mod strike;
pub mod timeline;
pub mod wording;
pub mod words;

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
use crate::api::{self, ApiError};
use crate::app::AppContext;
use crate::browser;
use crate::components::establishment::EstablishmentDetails;
use crate::components::print::PrintButton;
use crate::components::remote::{ErrorState, Spinner};
use crate::components::title::PageTitle;
use crate::loader::{Loader, Remote};
use crate::pages::instruction::last_list;
use assignment::{AssignmentPanel, other_instructor};
use conversation::{Conversation, side};
use correction::Correction;
use decision::{Decision, wording};
use granted::Granted;
use head::{ChangesBox, Head, JumpLink, StatusNotice};
use history::History;
use life::{Progress, StepsPanel};
use messages::{Messages, Notes, messages_link};
use next::Done;
use offer_panel::{OfferPanel, Reply};
use opinions::{Opinions, OpinionsSection};
use outline::{Part, outline, section_anchor};
use panel::DecisionPanel;
use points_box::PointsBox;
use reading::{Reading, Source};
use review::Review;
use status::{Reader, shows_changes};

/// A request, with what its API asked for when it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Dossier {
    /// The request.
    pub enrollment: Enrollment,
    /// The policy.
    pub policy: Policy,
}

/// The page.
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
    let dossier = Loader::new(move || load(id));
    let events = Loader::new(move || api::events(id));
    let decision = Decision::on(id);
    let conversation = Conversation::about(id);
    let may_read_opinions =
        Memo::new(move |_| dossier.read(|dossier| dossier.enrollment.allows(Action::Annotate)).unwrap_or_default());
    let opinions = Opinions::about(id, may_read_opinions);
    let is_there = move || dossier.read(|_| ()).is_some();
    arrive_at(messages::ID, Memo::new(move |_| is_there() && !conversation.messages.is_loading()));
    arrive_at(opinions::ID, Memo::new(move |_| is_there() && !opinions.list.is_loading()));
    let progress = Progress::new();
    let reply = Reply::new();
    let done = RwSignal::new(None::<&'static str>);
    let navigate = use_navigate();
    let (user_id, is_administrator) = (user.id, user.is_administrator());

    let on_done = Callback::new(move |(action, enrollment): (Action, Enrollment)| {
        let reopening = dossier.read(|before| before.enrollment.reopening).unwrap_or_default();
        let message = wording(action, reopening)
            .map(|wording| wording.done)
            .or_else(|| life::done(action, reopening))
            .or_else(|| (action == Action::CorrectContacts).then_some(correction::DONE));
        if enrollment.status == Status::Archived && !is_administrator {
            // Nobody but an administrator sees it from now on.
            context.tell_next_page(message.unwrap_or_default());
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
        browser::focus_soon(next::ID.to_owned());
    });
    let on_conflict = Callback::new(move |()| {
        events.reload();
        spawn_local(async move {
            match load(id).await {
                Ok(fresh) => {
                    dossier.set(fresh);
                    browser::focus_soon(panel::TITLE_ID.to_owned());
                }
                Err(_) => dossier.reload(),
            }
        });
    });

    let lost = RwSignal::new(None::<String>);
    let on_assigned = Callback::new(move |enrollment: Enrollment| {
        if let Some(Dossier { policy, .. }) = dossier.get() {
            dossier.set(Dossier { enrollment, policy });
        }
    });
    let on_lost = Callback::new(move |()| {
        spawn_local(async move {
            if let Ok(fresh) = load(id).await {
                dossier.set(fresh);
                browser::focus_soon(assignment::TITLE_ID.to_owned());
            }
        });
    });

    view! {
        {move || done.get().map(|message| view! { <Done message id /> })}
        {move || match dossier.remote() {
            Remote::Ready(dossier) => {
                let user = user.clone();
                view! {
                    <Dossiers dossier events conversation opinions user decision progress reply on_done on_conflict lost on_assigned on_lost />
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
fn arrive_at(id: &'static str, is_there: Memo<bool>) {
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
fn Dossiers(
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
    progress: Progress,
    /// The applicant's answer to a partial grant.
    reply: Reply,
    /// Called once a decision or a step is taken.
    on_done: Callback<(Action, Enrollment)>,
    /// Called when somebody else acted first.
    on_conflict: Callback<()>,
    /// Why it did not change hands.
    lost: RwSignal<Option<String>>,
    /// Called once the request changed hands, with the request.
    on_assigned: Callback<Enrollment>,
    /// Called when somebody else took it first.
    on_lost: Callback<()>,
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
    let expected = Signal::derive(move || opinions.expected());
    let other = other_instructor(&enrollment, user.id);
    let sees_membership = rights::sees_assignment(&user, &enrollment.target_api);
    view! {
        <Head enrollment=enrollment.clone() policy=policy.clone() reader sees_membership />
        {siret.map(|siret| registered(siret, &policy))}
        <p class="dp-no-print">{messages_link(unread, "fr-link fr-icon-chat-3-line fr-link--icon-left")}</p>
        <StatusNotice enrollment=enrollment.clone() policy=policy.clone() events=history reader />
        <OfferPanel reply enrollment=enrollment.clone() policy=policy.clone() on_done on_conflict />
        <PointsBox enrollment=enrollment.clone() policy=policy.clone() />
        <ChangesBox enrollment=enrollment.clone() policy=policy.clone() events=history />
        <div class="dp-request">
            <div class="dp-request__content">
                <Reading source parts review />
                <Granted enrollment=enrollment.clone() reader />
                <Messages conversation side enrollment=enrollment.clone() policy=policy.clone() />
                <Notes conversation enrollment=enrollment.clone() />
                <OpinionsSection opinions user=user.clone() enrollment=enrollment.clone() />
                <History id=enrollment.id events policy=policy.clone() />
            </div>
            <div class="dp-request__aside">
                <StepsPanel progress enrollment=enrollment.clone() on_done on_conflict />
                <AssignmentPanel enrollment=enrollment.clone() user error=lost on_assigned on_conflict=on_lost />
                <Correction enrollment=enrollment.clone() policy=policy.clone() on_done on_conflict />
                <DecisionPanel decision enrollment policy expected other on_done on_conflict />
                <Summary sections unread has_notes />
            </div>
        </div>
    }
}

/// Links to the parts of the page.
#[component]
fn Summary(
    /// Id and title of each part.
    sections: Vec<(String, &'static str)>,
    /// How many messages wait.
    unread: Signal<i64>,
    /// The reader sees the notes and the opinions.
    has_notes: bool,
) -> impl IntoView {
    let class = "fr-summary__link";
    let link = |(target, label): (String, &'static str)| view! { <JumpLink target label class /> }.into_any();
    let links = sections
        .into_iter()
        .map(link)
        .chain([messages_link(unread, class)])
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
        <PrintButton />
    }
}
