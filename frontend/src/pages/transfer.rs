//! The page of a transfer, which a mail leads to: for the colleague, who does not read the request before it is theirs.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::transfer::{Transfer, TransferKind, TransferStep};
use shared::user::User;

use super::by_number;
use super::request::transfer::TransferState;
use crate::api::transfers;
use crate::components::alert::{Alert, Tone};
use crate::components::breadcrumb::Breadcrumb;
use crate::components::placeholder::Spinner;
use crate::context::AppContext;
use crate::loader::{Loader, Remote};
use crate::shell::loading::ErrorState;
use crate::shell::title::PageTitle;

/// The page `/demandes/:id/transfert`.
#[component]
pub fn TransferPage() -> impl IntoView {
    by_number(|id, user| view! { <TransferOf id user /> }.into_any())
}

#[component]
fn TransferOf(
    /// Number of the request.
    id: i64,
    /// Who reads.
    user: User,
) -> impl IntoView {
    let context = AppContext::get();
    let navigate = use_navigate();
    let loader = Loader::new(move || transfers::show(id));
    let title = format!("Transfert de la demande n°\u{a0}{id}");
    let trail = vec![("/".to_owned(), "Accueil".to_owned())];
    let on_moved = Callback::new(move |message: &'static str| {
        context.flash(message);
        // Who accepts what was asked no longer has the request.
        let is_given_away = loader.read(is_asked).unwrap_or_default();
        let path = if is_given_away { "/mes-demandes".to_owned() } else { format!("/demandes/{id}") };
        navigate(&path, NavigateOptions::default());
    });
    let is_verified = user.email_verified;
    view! {
        <Breadcrumb trail current=title.clone() />
        <PageTitle title=title />
        {move || match loader.remote() {
            Remote::Ready(transfer) => view! { <Content transfer loader on_moved /> }.into_any(),
            Remote::Loading => Spinner().into_any(),
            Remote::Failed(error) => {
                view! {
                    {(!is_verified).then(unverified)}
                    <ErrorState error retry=move |()| loader.reload() />
                }
                    .into_any()
            }
        }}
    }
}

fn is_asked(transfer: &Transfer) -> bool {
    transfer.waiting.as_ref().is_some_and(|waiting| waiting.kind == TransferKind::Ask)
}

/// Nothing is shown to who has an address that may not be theirs.
fn unverified() -> AnyView {
    view! {
        <Alert tone=Tone::Warning title="Votre adresse électronique n’est pas vérifiée">
            <p>"Vérifiez-la depuis votre compte, puis reconnectez-vous : un transfert ne se propose et ne se demande qu’avec une adresse vérifiée."</p>
        </Alert>
    }
    .into_any()
}

#[component]
fn Content(
    transfer: Transfer,
    /// What brought it.
    loader: Loader<Transfer>,
    /// Called once the request has changed hands.
    on_moved: Callback<&'static str>,
) -> impl IntoView {
    let id = transfer.enrollment_id;
    // Who it is offered to knows its title, and reads no more before it is theirs.
    let is_offered = !is_asked(&transfer) && transfer.allows(TransferStep::Refuse);
    let reads = transfer.intitule.is_some() && !is_offered;
    let intitule = transfer.intitule.clone().filter(|title| !title.is_empty());
    let state = match (&transfer.waiting, transfer.steps.is_empty()) {
        (None, true) => {
            "Une autre demande de transfert attend déjà une réponse. Vous pourrez en faire une si celle-ci est refusée."
        }
        (None, false) if !reads => {
            "Vous et le demandeur représentez la même organisation : s’il est parti ou absent, demandez que la demande vous revienne. Vous n’en lirez le contenu qu’une fois qu’elle sera à vous."
        }
        _ => "",
    };
    view! {
        {intitule.map(|title| view! { <p class="fr-text--lead">{format!("«\u{a0}{title}\u{a0}»")}</p> })}
        {transfer.needs_membership.then(missing_membership)}
        {(!state.is_empty()).then(|| view! { <p>{state}</p> })}
        <section aria-labelledby=super::request::transfer::TITLE_ID>
            <h2 class="fr-h5" id=super::request::transfer::TITLE_ID tabindex="-1">
                "Où en est le transfert"
            </h2>
            {transfer.waiting.is_none().then(|| view! { <p>"Aucun transfert ne vous attend."</p> })}
            <TransferState transfer loader is_third_party=false on_moved class="fr-btns-group fr-btns-group--inline-md" />
        </section>
        {reads
            .then(|| {
                view! {
                    <p>
                        <a class="fr-link" href=format!("/demandes/{id}")>
                            {format!("Aller à la demande n°\u{a0}{id}")}
                        </a>
                    </p>
                }
            })}
    }
}

/// Who it is offered to joins the organisation first.
fn missing_membership() -> AnyView {
    let join_url = AppContext::get().session.get().and_then(|session| session.join_url);
    view! {
        <Alert tone=Tone::Info title="Rejoignez d’abord l’organisation">
            <p>
                "Pour accepter, votre compte doit être rattaché à l’organisation de la demande, et ce rattachement vérifié. Le courriel que vous avez reçu la nomme."
            </p>
            {join_url
                .map(|url| {
                    view! {
                        <p>
                            <a class="fr-link" rel="external" href=url>
                                "Rejoindre une organisation"
                            </a>
                        </p>
                    }
                })}
        </Alert>
    }
    .into_any()
}
