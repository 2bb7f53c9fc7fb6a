//! The account page: roles, mails, browser sessions and API clients.

mod ask_role;
mod connect;
mod identity;
mod mails;
mod roles;
mod sessions;
mod tools;

use leptos::prelude::*;

use self::mails::Mails;
use self::roles::Roles;
use self::sessions::Sessions;
use self::tools::Tools;
use crate::components::alert::{Alert, Tone};
use crate::context::AppContext;
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
        let account_url = session.read(|session| session.account_url.clone()).flatten();
        view! {
            <PageTitle title="Mon compte" />
            <p class="fr-text--lead dp-break">{format!("{} – {}", user.full_name(), user.email)}</p>
            {account_url
                .map(|url| {
                    view! {
                        <p>
                            <a class="fr-link" rel="external" href=url>
                                "Modifier mes informations, mon mot de passe ou mes organisations"
                            </a>
                        </p>
                    }
                })}
            <Roles user />
            <Mails />
            <Sessions />
            <Tools />
        }
        .into_any()
    })
}
