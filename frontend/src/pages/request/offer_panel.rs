//! The offer of a partial grant, which the applicant accepts or declines.

use leptos::prelude::*;
use shared::change_state::ChangeState;
use shared::enrollment::Enrollment;
use shared::offer::Offer;
use shared::policy::Policy;
use shared::workflow::Action;

use super::outline::{ScopeLine, data_by_group};
use crate::api;
use crate::browser;
use crate::components::date;
use crate::components::dialog::ConfirmDialog;
use crate::components::field::TextArea;
use crate::context::AppContext;
use crate::shell::submitting::RefusalAlert;
use crate::submission::Submission;

/// Id of the panel's title.
pub const TITLE_ID: &str = "accord-partiel";

/// Id of the words that go with a refusal.
const COMMENT_ID: &str = "accord-refus";

/// The answer to an offer. It outlives the request on the page, which is read again after a conflict.
#[derive(Clone, Copy, Debug)]
pub struct OfferReply {
    comment: RwSignal<String>,
    is_declining: RwSignal<bool>,
    submission: Submission,
}

impl OfferReply {
    /// Nothing is said yet.
    pub fn new() -> Self {
        Self {
            comment: RwSignal::new(String::new()),
            is_declining: RwSignal::new(false),
            submission: Submission::new(TITLE_ID, &[("/comment", COMMENT_ID)], Vec::new),
        }
    }

    fn send(
        self,
        change: ChangeState,
        (id, version): (i64, i64),
        on_done: Callback<(Action, Enrollment)>,
        on_conflict: Callback<()>,
    ) {
        let context = AppContext::get();
        let action = change.action();
        self.submission.send_then(api::change_state(id, version, change), move |answer| match answer {
            Ok(enrollment) => {
                self.comment.set(String::new());
                self.is_declining.set(false);
                context.dismiss();
                on_done.run((action, enrollment));
            }
            Err(error) if error.is_conflict() => on_conflict.run(()),
            Err(_) => {}
        });
    }
}

/// The panel. Nothing where nothing is offered.
#[component]
pub fn OfferPanel(
    reply: OfferReply,
    enrollment: Enrollment,
    /// What its API asks for.
    policy: Policy,
    /// Called once it is answered.
    on_done: Callback<(Action, Enrollment)>,
    /// Called when something else happened first: the request must be read again.
    on_conflict: Callback<()>,
) -> impl IntoView {
    let refusal =
        move || view! { <RefusalAlert submission=reply.submission title="Votre réponse n’a pas été enregistrée" /> };
    let Some(offer) = enrollment.offer.clone() else {
        return refusal().into_any();
    };
    let (kept, struck) = parts(&policy, &enrollment, &offer);
    let may_answer = enrollment.allows(Action::AcceptOffer);
    let numbers = (enrollment.id, enrollment.version);
    let said = format!("{}, le {}", offer.author, date::date_time(offer.created_at));
    view! {
        <section class="dp-panel" aria-labelledby=TITLE_ID>
            <h2 class="fr-h5" id=TITLE_ID tabindex="-1">
                "Accord partiel proposé"
            </h2>
            <figure class="dp-quote">
                <blockquote>
                    <p class="dp-text">{offer.reason}</p>
                </blockquote>
                <figcaption>{said}</figcaption>
            </figure>
            <div class="dp-offer">
                {list("Ce qui serait accordé", kept.clone(), false)} {list("Ce qui est retiré", struck.clone(), true)}
            </div>
            {refusal()}
            {may_answer.then(|| view! { <OfferAnswer reply numbers kept struck on_done on_conflict /> })}
        </section>
    }
    .into_any()
}

/// The labels of what stays and of what is taken out, in the order of the form.
fn parts(policy: &Policy, enrollment: &Enrollment, offer: &Offer) -> (Vec<String>, Vec<String>) {
    let lines: Vec<ScopeLine> = data_by_group(policy, enrollment).into_iter().flat_map(|(_, lines)| lines).collect();
    let (struck, kept): (Vec<_>, Vec<_>) = lines.into_iter().partition(|line| offer.struck.contains(&line.id));
    let labels = |lines: Vec<ScopeLine>| lines.into_iter().map(|line| line.label).collect();
    (labels(kept), labels(struck))
}

fn list(title: impl Into<String>, labels: Vec<String>, is_struck: bool) -> AnyView {
    let title: String = title.into();
    let line = |label: String| {
        if is_struck { view! { <li><del>{label}</del></li> }.into_any() } else { view! { <li>{label}</li> }.into_any() }
    };
    view! {
        <div>
            <h3 class="fr-text--md fr-mb-1w">{title}</h3>
            <ul>{labels.into_iter().map(line).collect_view()}</ul>
        </div>
    }
    .into_any()
}

/// The two buttons, and the words that may go with a refusal.
#[component]
fn OfferAnswer(
    reply: OfferReply,
    /// Number and version of the request.
    numbers: (i64, i64),
    /// What one gets.
    kept: Vec<String>,
    /// What one does not get.
    struck: Vec<String>,
    /// Called once it is answered.
    on_done: Callback<(Action, Enrollment)>,
    /// Called when something else happened first.
    on_conflict: Callback<()>,
) -> impl IntoView {
    let asks = RwSignal::new(false);
    let busy = move || reply.submission.is_sending().then_some("true");
    let send = move |change| reply.send(change, numbers, on_done, on_conflict);
    let accept = Callback::new(move |()| send(ChangeState::AcceptOffer { comment: String::new() }));
    let decline = Callback::new(move |()| {
        let comment = reply.comment.get_untracked().trim().to_owned();
        send(ChangeState::DeclineOffer { comment });
    });
    let open = move |_| {
        reply.is_declining.set(true);
        browser::focus_soon(COMMENT_ID.to_owned());
    };
    let close = Callback::new(move |()| {
        reply.is_declining.set(false);
        browser::focus_soon("accord-decliner".to_owned());
    });
    let choice = move || {
        view! {
            <p>"Si vous acceptez, votre organisation est habilitée aussitôt, sans les données retirées."</p>
            <ul class="fr-btns-group fr-btns-group--inline-md">
                <li>
                    <button
                        type="button"
                        class="fr-btn"
                        aria-disabled=busy
                        aria-haspopup="dialog"
                        on:click=move |_| asks.set(true)
                    >
                        "Accepter l’accord partiel…"
                    </button>
                </li>
                <li>
                    <button type="button" class="fr-btn fr-btn--secondary" id="accord-decliner" on:click=open>
                        "Décliner…"
                    </button>
                </li>
            </ul>
        }
        .into_any()
    };
    let refusal = move || view! { <Refusal reply decline close /> }.into_any();
    view! {
        <div class="dp-no-print">
            {move || if reply.is_declining.get() { refusal() } else { choice() }}
        </div>
        <AcceptDialog open=asks kept struck on_confirm=accept />
    }
}

/// The words that may go with a refusal.
#[component]
fn Refusal(
    reply: OfferReply,
    /// Called to send it.
    decline: Callback<()>,
    /// Called to give it up.
    close: Callback<()>,
) -> impl IntoView {
    let busy = move || reply.submission.is_sending().then_some("true");
    view! {
        <TextArea
            id=COMMENT_ID
            label="Votre message (facultatif)"
            hint="Dites par exemple pourquoi ces données sont nécessaires. La demande revient à l’instruction."
            rows=4
            value=reply.comment
            error=reply.submission.error_at("/comment")
            on_input=move |text: String| reply.comment.set(text)
        />
        <ul class="fr-btns-group fr-btns-group--inline-md">
            <li>
                <button type="button" class="fr-btn" aria-disabled=busy on:click=move |_| decline.run(())>
                    "Décliner l’accord partiel"
                </button>
            </li>
            <li>
                <button type="button" class="fr-btn fr-btn--secondary" on:click=move |_| close.run(())>
                    "Annuler"
                </button>
            </li>
        </ul>
    }
}

/// Shows what one gets, and asks once more: what is accepted is granted.
#[component]
fn AcceptDialog(
    /// Whether it is asked.
    open: RwSignal<bool>,
    /// What one gets.
    kept: Vec<String>,
    /// What one does not get.
    struck: Vec<String>,
    /// Called when the answer is yes.
    on_confirm: Callback<()>,
) -> impl IntoView {
    let gets = format!("Ce que vous obtenez ({})", kept.len());
    let lacks = format!("Ce que vous n’obtenez pas ({})", struck.len());
    view! {
        <ConfirmDialog
            id="accord-accepter"
            title=Signal::stored("Accepter cet accord partiel\u{a0}?".to_owned())
            open
            confirm="Accepter l’accord partiel"
            on_confirm
        >
            <p>
                "L’habilitation est délivrée aussitôt pour les données accordées seulement, et vous ne pourrez plus revenir sur cette réponse."
            </p>
            {list(gets.clone(), kept.clone(), false)}
            {list(lacks.clone(), struck.clone(), true)}
        </ConfirmDialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::request::samples;

    #[test]
    fn what_stays_and_what_is_taken_out_are_named_in_order() {
        let offer = Offer {
            struck: ["income".to_owned()].into(),
            reason: "r".to_owned(),
            author: "A".to_owned(),
            created_at: "2026-01-02T03:04:05Z".parse().unwrap(),
        };
        let (kept, struck) = parts(&samples::policy(), &samples::enrollment(), &offer);
        assert_eq!(
            (kept, struck),
            (vec!["Date de naissance".to_owned(), "gone".to_owned()], vec!["Revenu".to_owned()])
        );
    }
}
