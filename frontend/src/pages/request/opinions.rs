//! The opinions on a request, for the administration alone: asked, given, cancelled.

mod answering;
mod asking;
pub mod status;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::enrollment::Enrollment;
use shared::opinion::{Opinion, OpinionAnswer, Verdict};
use shared::rights::instructs;
use shared::user::User;
use shared::workflow::{Action, Status};

use self::answering::AnswerForm;
use self::asking::AskOpinionForm;
use self::status::{OpinionStatus, status};
use crate::api::Answer;
use crate::api::opinions as api;
use crate::browser;
use crate::components::date;
use crate::components::dialog::ConfirmDialog;
use crate::loader::Loader;

/// Id of the title; mails lead there.
pub const ID: &str = "avis";

/// Id of the button that opens the form.
const ASK_ID: &str = "demander-un-avis";

/// The opinions on a request. They outlive the request on the page, which is drawn anew after a decision.
#[derive(Clone, Copy, Debug)]
pub struct Opinions {
    id: i64,
    /// What was asked and answered, oldest first.
    pub list: Loader<Vec<Opinion>>,
    /// The form that asks is open.
    is_asking: RwSignal<bool>,
    /// What was just done.
    said: RwSignal<String>,
}

impl Opinions {
    /// On that request; nothing is asked of the server for those who may not read them.
    pub fn about(id: i64, may_read: Memo<bool>) -> Self {
        let list = Loader::new(move || if may_read.get() { api::list(id) } else { Answer::known(Vec::new()) });
        Self { id, list, is_asking: RwSignal::new(false), said: RwSignal::new(String::new()) }
    }

    /// What is still expected, in words, for who is about to decide.
    pub fn expected(self) -> Option<String> {
        self.list.read(|all| status::expected(all, date::today())).flatten()
    }

    /// Shows what is there now, and says what was done.
    fn done(self, all: Vec<Opinion>, said: &str) {
        self.list.set(all);
        self.said.set(said.to_owned());
    }

    fn cancel(self, opinion: i64) {
        spawn_local(async move {
            let answer = api::cancel(self.id, opinion).await;
            // The page is gone.
            if self.said.try_get_untracked().is_none() {
                return;
            }
            match answer {
                Ok(all) => self.done(all, "La demande d’avis est retirée."),
                Err(error) => {
                    self.list.reload();
                    self.said.set(format!("La demande d’avis n’a pas été retirée. {}", error.message()));
                }
            }
            browser::focus_soon(ID.to_owned());
        });
    }
}

/// The section; nothing for those who may not read it.
#[component]
pub fn OpinionsSection(
    /// What is asked and answered.
    opinions: Opinions,
    /// Who reads.
    user: User,
    enrollment: Enrollment,
) -> impl IntoView {
    if !enrollment.allows(Action::Annotate) {
        return ().into_any();
    }
    let may_cancel =
        instructs(&user, &enrollment.target_api, &enrollment.counts_as) && enrollment.status != Status::Archived;
    let cancelled = RwSignal::new(None::<i64>);
    let is_cancelling = RwSignal::new(false);
    let on_cancel = may_cancel.then(|| {
        Callback::new(move |opinion| {
            cancelled.set(Some(opinion));
            is_cancelling.set(true);
        })
    });
    let list = opinions.list.view(move |all| {
        if all.is_empty() {
            return view! { <p class="dp-missing">"Aucun avis demandé pour l’instant."</p> }.into_any();
        }
        let lines = all.into_iter().map(|opinion| item(opinions, opinion, on_cancel)).collect_view();
        view! {
            <p class="fr-text--sm">
                "Lus seulement par les personnes chargées de l’instruction de cette API et par ses rapporteurs. Le demandeur ne les voit jamais."
            </p>
            <ol class="dp-messages">{lines}</ol>
        }
        .into_any()
    });
    let ask = enrollment.allows(Action::AskOpinion).then(|| view! { <AskOpinion opinions /> });
    let on_confirm = Callback::new(move |()| {
        if let Some(opinion) = cancelled.get_untracked() {
            opinions.cancel(opinion);
        }
    });
    view! {
        <section class="dp-section dp-exchange dp-notes" aria-labelledby=ID>
            <h2 class="fr-h4 fr-icon-lock-line" id=ID tabindex="-1">
                " Avis"
            </h2>
            {list}
            <p class="dp-detail" role="status">
                {move || opinions.said.get()}
            </p>
            {ask}
            <ConfirmDialog
                id="retirer-un-avis"
                title=Signal::stored("Retirer cette demande d’avis\u{a0}?".to_owned())
                open=is_cancelling
                confirm="Retirer la demande"
                on_confirm
            >
                <p>"La question disparaît de cette page\u{a0}; plus personne ne pourra y répondre."</p>
            </ConfirmDialog>
        </section>
    }
    .into_any()
}

/// The button that opens the form, and the form.
#[component]
fn AskOpinion(
    /// Where the question goes.
    opinions: Opinions,
) -> impl IntoView {
    let open = move |_| {
        opinions.said.set(String::new());
        opinions.is_asking.set(true);
    };
    move || {
        if opinions.is_asking.get() {
            return view! { <AskOpinionForm opinions /> }.into_any();
        }
        view! {
            <button type="button" class="fr-btn fr-btn--secondary fr-btn--sm dp-no-print" id=ASK_ID on:click=open>
                "Demander un avis"
            </button>
        }
        .into_any()
    }
}

fn item(opinions: Opinions, opinion: Opinion, on_cancel: Option<Callback<i64>>) -> AnyView {
    let number = opinion.id;
    let status = status(&opinion, date::today());
    let cancel = on_cancel.filter(|_| opinion.answer.is_none()).map(|on_cancel| {
        view! {
            <button
                type="button"
                class="fr-btn fr-btn--sm fr-btn--tertiary dp-no-print"
                on:click=move |_| on_cancel.run(number)
            >
                "Retirer"
                <span class="fr-sr-only">{format!(" la demande d’avis à {}", opinion.recipient_label)}</span>
            </button>
        }
    });
    let form = opinion.is_expected_of_me.then(|| view! { <AnswerForm opinions number /> });
    view! {
        <li class="dp-message" id=format!("avis-{number}")>
            <p class="dp-message__head">
                <strong class="dp-break">{opinion.recipient_label.clone()}</strong>
                {badge(status)}
            </p>
            <p class="dp-text">{opinion.question}</p>
            <p class="dp-detail">
                {format!(
                    "Demandé par {} le {}, pour le {}",
                    opinion.author,
                    date::date_time(opinion.created_at),
                    date::day(opinion.due_on),
                )}
            </p>
            {opinion.answer.map(answer)}
            {form}
            {cancel}
        </li>
    }
    .into_any()
}

fn badge(status: OpinionStatus) -> AnyView {
    let class = match status {
        OpinionStatus::Expected => "fr-badge fr-badge--sm fr-badge--info fr-badge--no-icon",
        OpinionStatus::Late => "fr-badge fr-badge--sm fr-badge--warning",
        OpinionStatus::Given => "fr-badge fr-badge--sm fr-badge--no-icon",
    };
    view! { <span class=class>{status.label()}</span> }.into_any()
}

fn answer(answer: OpinionAnswer) -> AnyView {
    let class = match answer.verdict {
        Verdict::Favourable => "fr-badge fr-badge--success",
        Verdict::WithReservations => "fr-badge fr-badge--warning",
        Verdict::Unfavourable => "fr-badge fr-badge--error",
    };
    let text = (!answer.text.is_empty()).then(|| {
        view! {
            <blockquote>
                <p class="dp-text">{answer.text}</p>
            </blockquote>
        }
    });
    view! {
        <figure class="dp-quote">
            <p>
                <span class=class>{answer.verdict.label()}</span>
            </p>
            {text}
            <figcaption>{format!("{}, le {}", answer.author, date::date_time(answer.created_at))}</figcaption>
        </figure>
    }
    .into_any()
}
