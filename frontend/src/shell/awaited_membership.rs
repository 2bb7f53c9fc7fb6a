//! The notice that joining an organisation waits for a decision, and which organisation a request waits for.

use leptos::prelude::*;
use shared::navigation::awaited_membership;

use crate::components::siret::name_of;
use crate::context::AppContext;
use crate::form::EnrollmentForm;

/// The name of the organisation of a request, while its applicant waits to speak for it.
pub fn awaited_by(form: EnrollmentForm) -> Memo<Option<String>> {
    let context = AppContext::get();
    let siret = form.reading(|draft| draft.siret.clone());
    Memo::new(move |_| {
        let (user, siret) = (context.user()?, siret.get()?);
        user.awaited_organizations().find(|one| one.siret == siret).map(name_of)
    })
}

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
