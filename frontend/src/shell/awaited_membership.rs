//! The notice that joining an organisation waits for a decision.

use leptos::prelude::*;

use crate::components::siret::name_of;
use crate::context::AppContext;

/// The notice, for as long as there is an organisation to wait for.
#[component]
pub fn AwaitedMembershipNotice() -> impl IntoView {
    let context = AppContext::get();
    let names = move || {
        let user = context.user()?;
        let names: Vec<String> = user.awaited_organizations().map(name_of).collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    move || {
        names().map(|names| {
            view! {
                <section class="fr-notice fr-notice--info dp-no-print" aria-label="Rattachement en cours de vérification">
                    <div class="fr-container">
                        <div class="fr-notice__body">
                            <p>
                                <span class="fr-notice__title">
                                    {format!("Votre rattachement à {names} est en cours de vérification, sous deux jours ouvrés. ")}
                                </span>
                                <span class="fr-notice__desc">
                                    "Vous pouvez préparer une demande dès maintenant\u{a0}: vous la soumettrez une fois le rattachement confirmé."
                                </span>
                            </p>
                        </div>
                    </div>
                </section>
            }
        })
    }
}
