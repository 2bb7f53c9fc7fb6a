//! The reminder, on every page, that an administrator acts for somebody, with the way back.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::date;
use crate::api::administration;
use crate::app::AppContext;
use crate::browser;
use crate::form::backup;

/// The reminder; nothing where people act for themselves.
#[component]
pub fn ImpersonationBanner() -> impl IntoView {
    let context = AppContext::get();
    let trouble = RwSignal::new(None::<String>);
    let acting = Memo::new(move |_| {
        context
            .session
            .read(|session| Some((session.user.as_ref()?.full_name(), session.impersonation.as_ref()?.until)))
            .flatten()
    });
    // When the time is up, one is oneself again: the page must say so.
    Effect::new(move |_| {
        if let Some((_, until)) = acting.get() {
            let left = (until - browser::now()).to_std().unwrap_or_default();
            set_timeout(move || context.session.reload(), left + std::time::Duration::from_secs(1));
        }
    });
    let navigate = use_navigate();
    let on_back = Callback::new(move |()| {
        let navigate = navigate.clone();
        trouble.set(None);
        spawn_local(async move {
            match administration::be_oneself().await {
                Ok(session) => {
                    browser::forget_all(backup::PREFIX);
                    context.tell_next_page("Vous êtes de nouveau connecté avec votre propre compte.");
                    navigate("/personnes", NavigateOptions::default());
                    context.session.set(session);
                }
                Err(error) => trouble.set(Some(error.message())),
            }
        });
    });
    move || {
        acting.get().map(|(name, until)| {
            view! {
                <section class="dp-acting dp-no-print" aria-label="Prise d’identité">
                    <div class="fr-container">
                        <p class="fr-mb-0">
                            "Vous agissez au nom de " <strong>{name}</strong>
                            {format!(" jusqu’à {}.", date::clock_time(until))}
                        </p>
                        <button type="button" class="fr-btn fr-btn--secondary fr-btn--sm" on:click=move |_| on_back.run(())>
                            "Revenir à mon compte"
                        </button>
                        <p role="status" class="fr-mb-0">
                            {move || trouble.get()}
                        </p>
                    </div>
                </section>
            }
        })
    }
}
