//! The notice that joining an organisation waits for a decision.

use leptos::prelude::*;
use shared::navigation::awaited_membership;

use crate::context::AppContext;

/// The notice, for as long as there is an organisation to wait for.
#[component]
pub fn AwaitedMembershipNotice() -> impl IntoView {
    let context = AppContext::get();
    move || {
        context.user().as_ref().and_then(awaited_membership).map(|(title, text)| {
            view! {
                <section class="fr-notice fr-notice--info dp-no-print" aria-label="Rattachement en cours de vérification">
                    <div class="fr-container">
                        <div class="fr-notice__body">
                            <p>
                                <span class="fr-notice__title">{title} " "</span>
                                <span class="fr-notice__desc">{text}</span>
                            </p>
                        </div>
                    </div>
                </section>
            }
        })
    }
}
