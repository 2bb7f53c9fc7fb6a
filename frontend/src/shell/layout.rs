//! The layout of every page: skip links, header, flash message, footer.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::footer::Footer;
use super::header::Header;
use super::seldom::{Seldom, awaited_membership_notice, impersonation_banner, second_factor_notice, signed_out_dialog};
use crate::browser;
use crate::components::alert::{Alert, Tone};
use crate::context::{AppContext, Coming};

/// Surrounds a page.
#[component]
pub fn Layout(children: Children) -> impl IntoView {
    let context = AppContext::get();
    let is_impersonating =
        Memo::new(move |_| context.session.read(|session| session.impersonation.is_some()).unwrap_or_default());
    let lacks_second_factor =
        Memo::new(move |_| context.session.read(|session| session.lacks_second_factor).unwrap_or_default());
    let awaits_membership =
        Memo::new(move |_| context.user().is_some_and(|user| user.awaited_organizations().next().is_some()));
    let may_be_signed_out = Signal::derive(move || context.asks_to_sign_in().get() || context.doubts_session.get());
    // The menu of who reads may be higher than its place.
    let knows_reader = Memo::new(move |before| before == Some(&true) || !context.session.is_loading());
    // Nothing was done yet on the page that is shown.
    let path = use_location().pathname;
    let is_fresh = RwSignal::new(true);
    Effect::new(move |_| {
        path.track();
        is_fresh.set(true);
    });
    view! {
        <SkipLinks />
        <Header />
        <Seldom when=is_impersonating load=Box::new(|| Box::pin(impersonation_banner())) />
        <Seldom when=lacks_second_factor load=Box::new(|| Box::pin(second_factor_notice())) />
        <Seldom when=awaits_membership load=Box::new(|| Box::pin(awaited_membership_notice())) />
        <main
            id="contenu"
            tabindex="-1"
            role="main"
            class="fr-container fr-py-4w dp-main"
            class:dp-main--fresh=is_fresh
            class:dp-unseen=move || !knows_reader.get()
            on:keydown=move |_| is_fresh.set(false)
            on:pointerdown=move |_| is_fresh.set(false)
        >
            <div aria-live="polite">
                {move || {
                    context
                        .message()
                        .map(|message| {
                            view! {
                                <Alert tone=Tone::Success>
                                    <p>{message}</p>
                                    <button type="button" class="fr-btn--close fr-btn" on:click=move |_| context.dismiss()>
                                        "Masquer le message"
                                    </button>
                                </Alert>
                            }
                        })
                }}
            </div>
            <PageOnItsWay />
            {children()}
        </main>
        <Footer />
        <Seldom when=may_be_signed_out load=Box::new(|| Box::pin(signed_out_dialog())) />
    }
}

/// Says that the page that was asked for is on its way, or did not come. The page before it is still there, below.
#[component]
fn PageOnItsWay() -> impl IntoView {
    let context = AppContext::get();
    let missing = move || {
        view! {
            <div class="dp-coming">
                <Alert tone=Tone::Error title="La page demandée n’a pas pu être chargée" live=true>
                    <p>
                        "Vérifiez votre connexion à internet, puis réessayez."
                        {context.has_page.get_value().then_some(" Ce que vous avez écrit sur cette page est gardé.")}
                    </p>
                    <button type="button" class="fr-btn fr-btn--sm fr-mt-1w" on:click=move |_| context.ask_again()>
                        "Réessayer"
                    </button>
                </Alert>
            </div>
        }
    };
    move || {
        context.coming.with(|coming| match coming {
            Coming::Nothing => ().into_any(),
            Coming::Awaited => {
                view! { <p class="dp-coming dp-coming--awaited" role="status">"Chargement…"</p> }.into_any()
            }
            Coming::Missing(_) => missing().into_any(),
        })
    }
}

/// Links to jump over the header, first in the page.
#[component]
fn SkipLinks() -> impl IntoView {
    let link = |target: &'static str, label: &'static str| {
        view! {
            <li>
                <a
                    class="fr-link"
                    href=format!("#{target}")
                    on:click=move |event| {
                        event.prevent_default();
                        browser::focus(target);
                    }
                >
                    {label}
                </a>
            </li>
        }
    };
    view! {
        <div class="fr-skiplinks">
            <nav class="fr-container" role="navigation" aria-label="Accès rapide">
                <ul class="fr-skiplinks__list">
                    {link("contenu", "Contenu")} {link("navigation", "Menu")} {link("pied", "Pied de page")}
                </ul>
            </nav>
        </div>
    }
}
