//! The account page: identity, organisations, second factor, roles, mails, browser sessions and API clients. What the embedded
//! identity provider changes has its state here, and a link to the page that changes it, which leads back.

mod ask_role;
mod connect;
mod identity;
mod mails;
mod profile;
mod roles;
mod second_factor;
mod sessions;
mod tools;

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use shared::user::User;

use self::mails::Mails;
use self::roles::Roles;
use self::second_factor::SecondFactorState;
use self::sessions::Sessions;
use self::tools::Tools;
use crate::browser;
use crate::components::alert::{Alert, Tone};
use crate::context::AppContext;
use crate::query::Query;
use crate::shell::places::jump;
use crate::shell::sign_in::signed_in;
use crate::shell::title::PageTitle;

#[component]
pub fn AccountPage() -> impl IntoView {
    signed_in(|user| {
        let session = AppContext::get().session;
        let is_acting = session.read(|session| session.impersonation.is_some()).unwrap_or_default();
        if is_acting {
            return view! {
                <PageTitle title="Mon compte" />
                <Alert tone=Tone::Info title="Vous agissez au nom d’une autre personne">
                    <p>"Ses sessions et ses outils ne sont qu’à elle. Redevenez vous-même pour voir les vôtres."</p>
                </Alert>
            }
            .into_any();
        }
        let is_embedded = session.read(|session| session.account_url.is_some()).unwrap_or_default();
        view! { <Account user is_embedded /> }.into_any()
    })
}

#[component]
fn Account(
    /// Whose it is.
    user: User,
    /// Whether the embedded identity provider signs them in: else identity, password and second factor are changed elsewhere.
    is_embedded: bool,
) -> impl IntoView {
    let location = use_location();
    let done = Query::parse(&location.search.get_untracked()).get("fait").and_then(done);
    if let Some(id) = location.hash.get_untracked().strip_prefix('#') {
        browser::focus_soon(id.to_owned());
    }
    view! {
        <PageTitle title="Mon compte" />
        {done
            .map(|said| {
                view! {
                    <Alert tone=Tone::Success live=true>
                        <p>{said}</p>
                    </Alert>
                }
            })}
        {contents(is_embedded)}
        {profile::information(&user, is_embedded)}
        {profile::organizations(&user, is_embedded)}
        {is_embedded.then(profile::password)}
        {is_embedded.then(|| view! { <SecondFactorState /> })}
        <Sessions />
        <Tools />
        <Roles user />
        <Mails />
        {is_embedded.then(profile::deletion)}
    }
}

/// What was done on the page that leads back here.
fn done(what: &str) -> Option<&'static str> {
    match what {
        "informations" => Some("Vos informations sont enregistrées."),
        "adresse" => Some("Votre adresse électronique est changée."),
        "mot-de-passe" => {
            Some("Votre mot de passe est changé. Vos autres sessions ont pris fin, et vos outils sont déconnectés.")
        }
        "second-facteur-desactive" => {
            Some("Le second facteur est désactivé. Vos autres sessions ont pris fin, et vos outils sont déconnectés.")
        }
        _ => None,
    }
}

/// Links to the parts of the page.
fn contents(is_embedded: bool) -> AnyView {
    let own = [(profile::PASSWORD, "Mot de passe"), (second_factor::TITLE, "Second facteur")];
    let links =
        [(profile::INFORMATION, "Mes informations personnelles"), (profile::ORGANIZATIONS, "Mes organisations")]
            .into_iter()
            .chain(own.into_iter().filter(|_| is_embedded))
            .chain([
                (sessions::TITLE, "Mes sessions"),
                (tools::TITLE, "Outils connectés à l’API"),
                (roles::TITLE, "Mes rôles"),
                (mails::TITLE, "Mes courriels"),
            ])
            .chain(is_embedded.then_some((profile::DELETION, "Supprimer mon compte")))
            .map(|(id, label)| {
                view! {
                    <li>
                        <a class="fr-summary__link" href=format!("#{id}") on:click=jump(id.to_owned())>
                            {label}
                        </a>
                    </li>
                }
            })
            .collect_view();
    view! {
        <nav class="fr-summary dp-no-print dp-summary" role="navigation" aria-labelledby="sommaire">
            <h2 class="fr-summary__title" id="sommaire">
                "Sommaire"
            </h2>
            <ol>{links}</ol>
        </nav>
    }
    .into_any()
}
