//! One's own account, as DataPass knows it: the browsers where one is signed in, and the tools that act for one.

mod connect;
mod secret;
mod sessions;
mod tools;

use leptos::prelude::*;

use self::sessions::Sessions;
use self::tools::Tools;
use crate::app::AppContext;
use crate::components::alert::{Alert, Tone};
use crate::components::title::PageTitle;

/// The page.
#[component]
pub fn AccountPage() -> impl IntoView {
    AppContext::get().signed_in(|user| {
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
            <Sessions />
            <Tools />
        }
        .into_any()
    })
}
