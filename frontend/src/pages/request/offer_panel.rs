//! A partial grant that is offered: what stays, what is taken out and why; the applicant accepts or declines.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::api::{ChangeState, ErrorCode};
use shared::enrollment::Enrollment;
use shared::offer::Offer;
use shared::policy::Policy;
use shared::workflow::Action;

use super::outline::{ScopeLine, data_by_group};
use crate::api::{self, ApiError};
use crate::app::AppContext;
use crate::browser;
use crate::components::alert::{Alert, Tone};
use crate::components::date;
use crate::components::field::TextArea;

/// Id of the panel's title.
pub const TITLE_ID: &str = "accord-partiel";

/// Id of the words that go with a refusal.
const COMMENT_ID: &str = "accord-refus";

/// The answer to an offer. It outlives the request on the page, which is read again after a conflict.
#[derive(Clone, Copy, Debug)]
pub struct Reply {
    comment: RwSignal<String>,
    is_declining: RwSignal<bool>,
    is_sending: RwSignal<bool>,
    error: RwSignal<Option<ApiError>>,
}

impl Reply {
    /// Nothing is said yet.
    pub fn new() -> Self {
        Self {
            comment: RwSignal::new(String::new()),
            is_declining: RwSignal::new(false),
            is_sending: RwSignal::new(false),
            error: RwSignal::new(None),
        }
    }

    fn send(
        self,
        action: Action,
        enrollment: (i64, i64),
        on_done: Callback<(Action, Enrollment)>,
        on_conflict: Callback<()>,
    ) {
        if self.is_sending.get_untracked() {
            return;
        }
        let context = AppContext::get();
        let comment = match action {
            Action::DeclineOffer => self.comment.get_untracked().trim().to_owned(),
            _ => String::new(),
        };
        self.is_sending.set(true);
        self.error.set(None);
        spawn_local(async move {
            let (id, version) = enrollment;
            let answer = api::change_state(id, version, ChangeState::step(action, comment)).await;
            // The reader may have left the page meanwhile.
            if self.is_sending.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(enrollment) => {
                    self.comment.set(String::new());
                    self.is_declining.set(false);
                    context.dismiss();
                    on_done.run((action, enrollment));
                }
                Err(error) => {
                    let is_conflict = matches!(error.code(), Some(ErrorCode::StaleVersion | ErrorCode::WrongStatus));
                    self.error.set(Some(error));
                    if is_conflict {
                        on_conflict.run(());
                    }
                }
            }
        });
    }
}

/// The panel. Nothing where nothing is offered.
#[component]
pub fn OfferPanel(
    /// The answer.
    reply: Reply,
    /// The request.
    enrollment: Enrollment,
    /// What its API asks for.
    policy: Policy,
    /// Called once it is answered.
    on_done: Callback<(Action, Enrollment)>,
    /// Called when something else happened first: the request must be read again.
    on_conflict: Callback<()>,
) -> impl IntoView {
    let trouble = move || {
        reply.error.get().map(|error| {
            view! {
                <Alert tone=Tone::Error title="Votre réponse n’a pas été enregistrée">
                    <p>{error.message()}</p>
                </Alert>
            }
        })
    };
    let Some(offer) = enrollment.offer.clone() else {
        return view! { <div aria-live="assertive">{trouble}</div> }.into_any();
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
                {list("Ce qui serait accordé", kept, false)} {list("Ce qui est retiré", struck, true)}
            </div>
            <div aria-live="assertive">{trouble}</div>
            {may_answer.then(|| view! { <Answer reply numbers on_done on_conflict /> })}
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

fn list(title: &'static str, labels: Vec<String>, is_struck: bool) -> AnyView {
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
fn Answer(
    /// The answer.
    reply: Reply,
    /// Number and version of the request.
    numbers: (i64, i64),
    /// Called once it is answered.
    on_done: Callback<(Action, Enrollment)>,
    /// Called when something else happened first.
    on_conflict: Callback<()>,
) -> impl IntoView {
    let busy = move || reply.is_sending.get().then_some("true");
    let send = move |action| reply.send(action, numbers, on_done, on_conflict);
    let open = move |_| {
        reply.is_declining.set(true);
        browser::focus_soon(COMMENT_ID.to_owned());
    };
    let close = move |_| {
        reply.is_declining.set(false);
        browser::focus_soon("accord-decliner".to_owned());
    };
    let choice = move || {
        view! {
            <p>"Si vous acceptez, votre organisation est habilitée aussitôt, sans les données retirées."</p>
            <ul class="fr-btns-group fr-btns-group--inline-md">
                <li>
                    <button type="button" class="fr-btn" aria-disabled=busy on:click=move |_| send(Action::AcceptOffer)>
                        "Accepter l’accord partiel"
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
    let refusal = move || {
        view! {
            <TextArea
                id=COMMENT_ID
                label="Votre message (facultatif)"
                hint="Dites par exemple pourquoi ces données sont nécessaires. La demande revient à l’instruction."
                rows=4
                value=reply.comment
                on_input=move |text: String| reply.comment.set(text)
            />
            <ul class="fr-btns-group fr-btns-group--inline-md">
                <li>
                    <button type="button" class="fr-btn" aria-disabled=busy on:click=move |_| send(Action::DeclineOffer)>
                        "Décliner l’accord partiel"
                    </button>
                </li>
                <li>
                    <button type="button" class="fr-btn fr-btn--secondary" on:click=close>
                        "Annuler"
                    </button>
                </li>
            </ul>
        }
        .into_any()
    };
    view! {
        <div class="dp-no-print">
            {move || if reply.is_declining.get() { refusal() } else { choice() }}
        </div>
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
