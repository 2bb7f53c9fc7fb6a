//! The header: name of the service, account links, main menu.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use shared::navigation::{Link, TAGLINE, is_current, menu};
use shared::user::User;

use super::organization_switch::OrganizationSwitch;
use crate::api::sign_in_url;
use crate::browser;
use crate::components::leaving;
use crate::context::{AppContext, sign_out};

/// The header. On a phone, its menu opens under a button.
#[component]
pub fn Header() -> impl IntoView {
    let is_open = RwSignal::new(false);
    let path = use_location().pathname;
    Effect::new(move |_| {
        path.track();
        is_open.set(false);
    });
    view! {
        <header
            class="fr-header"
            role="banner"
            on:keydown=move |event| {
                if event.key() == "Escape" && is_open.get_untracked() {
                    is_open.set(false);
                    browser::focus("menu-bouton");
                }
            }
        >
            <div class="fr-header__body">
                <div class="fr-container">
                    <div class="fr-header__body-row">
                        <Brand is_open />
                        <div class="fr-header__tools">
                            <div class="fr-header__tools-links">
                                <AccountLinks organizations="mes-organisations" />
                            </div>
                        </div>
                    </div>
                </div>
            </div>
            <div
                id="menu"
                class=move || if is_open.get() { "fr-header__menu dp-menu dp-menu--open" } else { "fr-header__menu dp-menu" }
            >
                <div class="fr-container">
                    <div class="fr-header__menu-links">
                        <AccountLinks organizations="menu-organisations" />
                    </div>
                    <MainMenu />
                </div>
            </div>
        </header>
    }
}

/// The name of the service and, on a phone, the button that opens the menu.
#[component]
fn Brand(
    /// Whether the menu is open.
    is_open: RwSignal<bool>,
) -> impl IntoView {
    let context = AppContext::get();
    let demo_badge = move || {
        context.session.get().is_some_and(|session| session.demo).then(|| {
            view! { <span class="fr-badge fr-badge--sm fr-badge--green-menthe">"démonstration"</span> }
        })
    };
    view! {
        <div class="fr-header__brand">
            <div class="fr-header__brand-top">
                <div class="fr-header__service">
                    <a href="/" title="Accueil – DataPass">
                        <p class="fr-header__service-title">"DataPass" {demo_badge}</p>
                    </a>
                    <p class="fr-header__service-tagline">{TAGLINE}</p>
                </div>
                <div class="fr-header__navbar">
                    <button
                        type="button"
                        id="menu-bouton"
                        class="fr-btn--menu fr-btn"
                        aria-expanded=move || is_open.get().to_string()
                        aria-controls="menu"
                        title="Menu"
                        on:click=move |_| is_open.update(|is_open| *is_open = !*is_open)
                    >
                        "Menu"
                    </button>
                </div>
            </div>
        </div>
    }
}

/// The main menu.
#[component]
fn MainMenu() -> impl IntoView {
    let context = AppContext::get();
    let path = use_location().pathname;
    let items = move || {
        let item = |link: Link| {
            let is_current = move || path.with(|path| is_current(path, link.href));
            view! {
                <li class="fr-nav__item">
                    <a
                        class="fr-nav__link"
                        rel=leaving(link.href)
                        href=link.href
                        aria-current=move || is_current().then_some("page")
                    >
                        {link.label}
                    </a>
                </li>
            }
        };
        // Before it is known who reads, its place alone: nothing is drawn that would move.
        context.session.get().map(|session| menu(Some(&session)).into_iter().map(item).collect_view())
    };
    view! {
        <nav class="fr-nav" id="navigation" tabindex="-1" role="navigation" aria-label="Menu principal">
            <ul class="fr-nav__list">{items}</ul>
        </nav>
    }
}

/// The account and the sign-out button; the sign-in button for a visitor.
#[component]
fn AccountLinks(
    /// Id of the list of organisations.
    organizations: &'static str,
) -> impl IntoView {
    let context = AppContext::get();
    let path = use_location().pathname;
    move || {
        let Some(session) = context.session.get() else { return ().into_any() };
        match context.user() {
            Some(user) => account(user, session.join_url, organizations),
            None => {
                path.track();
                view! {
                    <ul class="fr-btns-group">
                        <li>
                            <a
                                class="fr-btn fr-icon-account-circle-line"
                                rel="external"
                                href=sign_in_url(&browser::current_path())
                            >
                                "Se connecter"
                            </a>
                        </li>
                    </ul>
                }
                .into_any()
            }
        }
    }
}

fn account(user: User, join_url: Option<String>, organizations: &'static str) -> AnyView {
    let name = user.full_name();
    view! {
        <ul class="fr-btns-group">
            <li>
                <OrganizationSwitch id=organizations user join_url />
            </li>
            <li>
                <a class="fr-btn fr-icon-account-circle-line" href="/mon-compte" title="Mon compte">
                    {name}
                </a>
            </li>
            <li>
                <button type="button" class="fr-btn fr-icon-logout-box-r-line" on:click=|_| sign_out()>
                    "Se déconnecter"
                </button>
            </li>
        </ul>
    }
    .into_any()
}
