//! Where the transfer of a request stands, and the steps that one may take: in a panel of its page, and on a page of their
//! own for who does not read it.

use leptos::prelude::*;
use shared::enrollment::Enrollment;
use shared::transfer::{NewTransfer, Transfer, TransferAnswer, TransferKind, TransferStep};
use shared::user::User;
use shared::workflow::Action;

use super::transfer_wording::{Reason, Wording, sentence, wording};
use crate::api::{Answer, transfers};
use crate::browser;
use crate::components::date::date;
use crate::components::field::{TextArea, TextInput};
use crate::loader::{Loader, Remote};
use crate::shell::submitting::FormDialog;
use crate::submission::Submission;

/// Id of the panel's title, which takes the focus once a step is taken.
pub const TITLE_ID: &str = "transfert";

/// The panel of the request's page, for those who take part in its transfers.
#[component]
pub fn TransferPanel(
    enrollment: Enrollment,
    /// Who reads.
    user: User,
    /// Called once the request has changed hands.
    on_moved: Callback<&'static str>,
) -> impl IntoView {
    if !enrollment.allows(Action::Transfer) && !enrollment.allows(Action::DecideTransfer) {
        return ().into_any();
    }
    let id = enrollment.id;
    let loader = Loader::new(move || transfers::show(id));
    let is_third_party = enrollment.demandeur_id != user.id;
    view! {
        {move || {
            let transfer = match loader.remote() {
                Remote::Ready(transfer) if transfer.waiting.is_some() || !transfer.steps.is_empty() => transfer,
                _ => return ().into_any(),
            };
            view! {
                <section class="dp-panel dp-no-print" aria-labelledby=TITLE_ID>
                    <h2 class="fr-h5" id=TITLE_ID tabindex="-1">
                        "Transfert"
                    </h2>
                    <TransferState transfer loader is_third_party on_moved class="fr-btns-group" />
                </section>
            }
            .into_any()
        }}
    }
    .into_any()
}

/// What waits, and the buttons.
#[component]
pub fn TransferState(
    transfer: Transfer,
    /// What brought it, to be replaced by what a step brings.
    loader: Loader<Transfer>,
    /// Whether the reader decides in the place of the applicant.
    is_third_party: bool,
    /// Called once the request has changed hands.
    on_moved: Callback<&'static str>,
    /// Class of the list of buttons.
    class: &'static str,
) -> impl IntoView {
    let id = transfer.enrollment_id;
    let waiting = transfer.waiting.as_ref().map(|waiting| {
        let reason = (!waiting.reason.is_empty()).then(|| {
            view! { <blockquote class="dp-text fr-mb-2w">{waiting.reason.clone()}</blockquote> }
        });
        view! {
            <p class="fr-mb-1w">{sentence(waiting, &date(waiting.created_at))}</p>
            {reason}
        }
    });
    let on_done = Callback::new(move |(step, transfer): (TransferStep, Transfer)| {
        let done = wording(step, is_third_party).done;
        if matches!(step, TransferStep::Accept | TransferStep::Move) {
            on_moved.run(done);
        } else {
            loader.set(transfer);
            browser::focus_soon(TITLE_ID.to_owned());
        }
    });
    let buttons = transfer
        .steps
        .iter()
        .map(|step| view! { <Step id step=*step wording=wording(*step, is_third_party) on_done /> })
        .collect_view();
    view! {
        {waiting}
        <ul class=class>{buttons}</ul>
    }
}

/// A button, and the dialog behind it.
#[component]
fn Step(
    /// Number of the request.
    id: i64,
    step: TransferStep,
    wording: Wording,
    /// Called once it is taken, with where the transfer stands.
    on_done: Callback<(TransferStep, Transfer)>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let (email, reason) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (email_id, reason_id) = (format!("{}-adresse", wording.id), format!("{}-raison", wording.id));
    let inputs = [("/email", email_id.as_str()), ("/reason", reason_id.as_str())];
    let submission = Submission::new(wording.id, &inputs, move || {
        let mut errors = Vec::new();
        if wording.asks_address && email.with(|email| email.trim().is_empty()) {
            errors.push(("/email", "Indiquez l’adresse électronique de cette personne.".to_owned()));
        }
        if wording.reason == Reason::Required && reason.with(|reason| reason.trim().is_empty()) {
            errors.push(("/reason", "Expliquez pourquoi.".to_owned()));
        }
        errors
    });
    let on_confirm = Callback::new(move |()| {
        if submission.is_ready() {
            let call = take(id, step, email.get_untracked(), reason.get_untracked());
            submission.send(call, move |transfer| {
                open.set(false);
                on_done.run((step, transfer));
            });
        }
    });
    let is_main = matches!(step, TransferStep::Accept | TransferStep::Ask);
    view! {
        <li>
            <button
                type="button"
                class=if is_main { "fr-btn" } else { "fr-btn fr-btn--secondary" }
                aria-haspopup="dialog"
                on:click=move |_| open.set(true)
            >
                {wording.button}
            </button>
            <FormDialog id=wording.id title=wording.title open submission confirm=wording.button refused=wording.refused on_confirm>
                <Inputs wording email reason submission email_id=email_id.clone() reason_id=reason_id.clone() />
            </FormDialog>
        </li>
    }
}

/// What the dialog says and asks.
#[component]
fn Inputs(
    wording: Wording,
    email: RwSignal<String>,
    reason: RwSignal<String>,
    submission: Submission,
    /// Id of the input of the address.
    email_id: String,
    /// Id of the input of the reason.
    reason_id: String,
) -> impl IntoView {
    let address = wording.asks_address.then(|| {
        view! {
            <TextInput
                id=email_id
                label="Adresse électronique"
                hint="Celle avec laquelle la personne se connecte, ou se connectera. Format attendu\u{a0}: nom@domaine.fr"
                kind="email"
                inputmode="email"
                required=true
                autocomplete="off"
                value=email
                error=submission.error_at("/email")
                on_input=Callback::new(move |text| email.set(text))
            />
        }
    });
    let why = (wording.reason != Reason::None).then(|| {
        let is_required = wording.reason == Reason::Required;
        view! {
            <TextArea
                id=reason_id
                label=if is_required { "Raison" } else { "Raison (facultatif)" }
                hint="Le demandeur et son collègue la lisent."
                required=is_required
                rows=3
                value=reason
                error=submission.error_at("/reason")
                on_input=Callback::new(move |text| reason.set(text))
            />
        }
    });
    view! {
        <p>{wording.explanation}</p>
        {address}
        {why}
    }
}

fn take(id: i64, step: TransferStep, email: String, reason: String) -> Answer<Transfer> {
    match step {
        TransferStep::Offer => transfers::begin(id, NewTransfer { kind: TransferKind::Offer, email, reason }),
        TransferStep::Ask => transfers::begin(id, NewTransfer { kind: TransferKind::Ask, email, reason }),
        TransferStep::Move => transfers::begin(id, NewTransfer { kind: TransferKind::Move, email, reason }),
        TransferStep::Accept => transfers::answer(id, TransferAnswer { accept: true, reason }),
        TransferStep::Refuse => transfers::answer(id, TransferAnswer { accept: false, reason }),
        TransferStep::Withdraw => transfers::withdraw(id),
    }
}
