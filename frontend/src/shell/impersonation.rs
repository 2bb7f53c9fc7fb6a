//! The banner that says that an administrator impersonates somebody, with a button to stop.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

use super::submitting::RefusalBox;
use crate::api::{ApiError, administration};
use crate::browser;
use crate::components::date;
use crate::context::AppContext;
use crate::submission::Submission;

/// The banner; nothing where nobody is impersonated.
#[component]
pub fn ImpersonationBanner() -> impl IntoView {
    let context = AppContext::get();
    let submission = Submission::of_button("prise-identite");
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
        submission.send(administration::stop_impersonating(), move |session| {
            browser::forget_drafts();
            context.flash("Vous êtes de nouveau connecté avec votre propre compte.");
            navigate("/personnes", NavigateOptions::default());
            context.session.set(session);
        });
    });
    let refusal = |error: ApiError| view! { <p class="fr-mb-0">{error.message()}</p> }.into_any();
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
                        <RefusalBox submission show=refusal />
                    </div>
                </section>
            }
        })
    }
}
